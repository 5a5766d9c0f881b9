"""`trova user add`."""

import secrets
import sys
from typing import Annotated

import typer

app = typer.Typer(help="People who sign in.", no_args_is_help=True)

WORDS = 5  # of four characters each: about 100 bits
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@app.callback()
def users() -> None:
    """People who sign in."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The address to sign in with.")],
    role: Annotated[str, typer.Option(help="owner, clinician, biller, reception or read_only.")],
    name: Annotated[str, typer.Option(help="As it stands on documents; else taken from the address.")] = "",
    practice: Annotated[int | None, typer.Option(help="Which practice, where there are several.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read it from standard input.")] = False,
    generate_password: Annotated[bool, typer.Option("--generate-password", help="Make one and print it.")] = False,
) -> None:
    """Add somebody to a practice. Asks for a password of at least 12 characters."""
    from trova_app.commands.ground import at_work, failed, the_practice
    from trova_app.services.practices import add_member
    from trova_app.web.passwords import hash_password, problem_with

    if password_stdin and generate_password:
        raise typer.BadParameter("Choose one of --password-stdin and --generate-password.")
    with at_work() as (db, _desk):
        practice_id = the_practice(db, practice).id
    password = _password(password_stdin, generate_password)
    if problem := problem_with(password):
        raise failed(problem)
    with at_work() as (db, desk):
        add_member(db, desk, practice_id, email, name or _name_in(email), role, hash_password(password))
    typer.echo(f"Added to practice {practice_id} as {role}.")
    if generate_password:
        typer.echo(f"The password, shown only now: {password}")


def _password(from_stdin: bool, generated: bool) -> str:
    if generated:
        return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(WORDS))
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))


def _name_in(email: str) -> str:
    """anna.van_wyk@... -> "Anna Van Wyk"; can be changed afterwards."""
    return email.partition("@")[0].replace(".", " ").replace("_", " ").title()
