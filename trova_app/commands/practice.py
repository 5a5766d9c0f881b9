"""`trova practice new`."""

from typing import Annotated

import typer

app = typer.Typer(help="Practices of this installation.", no_args_is_help=True)


@app.callback()
def practices() -> None:
    """Practices of this installation."""


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="As it stands on documents.")],
    country: Annotated[str, typer.Option(help="Two letters, such as ZA: gives currency, time zone and tax rates.")],
) -> None:
    """Make a practice."""
    from trova_app.commands.ground import at_work
    from trova_app.services.practices import new_practice

    with at_work() as (db, desk):
        key = new_practice(db, desk, name, country.upper())
    typer.echo(f"Practice {key} was made. Add its owner with: trova user add EMAIL --role owner --practice {key}")
