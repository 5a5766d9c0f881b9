"""`trova ...`. Commands import what they need when they run, so that `--help` is quick."""

import os
from typing import Annotated

import typer

from trova_app.commands.check import check
from trova_app.commands.doctor import doctor
from trova_app.commands.imports import app as imports
from trova_app.commands.practice import app as practice
from trova_app.commands.user import app as user

app = typer.Typer(help="From a finished session to a sent, payable or claimable document.", no_args_is_help=True)

Port = Annotated[int | None, typer.Option(help="Where to serve; else TROVA_PORT, else 3000.", min=1, max=65_535)]
Host = Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for every one.")]


def say(sentence: str) -> None:
    print(sentence, flush=True)


def prepare_database() -> None:
    """Newest tables and the code book. Leaves no connection open: the server is forked afterwards."""
    from trova_app.adapters import icd_codes
    from trova_app.migrate import migrate
    from trova_app.settings import settings
    from trova_app.wiring import engine

    say("Preparing the database...")
    migrate(engine())
    if not icd_codes.is_built(settings().data_dir / icd_codes.FILE_NAME):
        say("Preparing the diagnosis codes (a few seconds, the first time)...")
        icd_codes.open_codes(settings().data_dir).close()
    engine().dispose()


def prepare_pages() -> None:
    from trova_app import front_end

    if front_end.is_built():
        return
    say("Building the pages (about 20 s the first time)...")
    try:
        front_end.build_if_changed()
    except front_end.BuildFailed as failure:
        say(f"The pages could not be built.\n{failure}")
        raise typer.Exit(1) from None


def run_server(host: str) -> None:
    """Serves pages and events on one port until stopped."""
    from reflex.utils import exec as reflex_server
    from reflex_base import constants
    from reflex_base.environment import environment

    from trova_app.settings import settings

    environment.REFLEX_ENV_MODE.set(constants.Env.PROD)
    environment.REFLEX_COMPILE_CONTEXT.set(constants.CompileContext.RUN)
    environment.REFLEX_SKIP_COMPILE.set(True)
    reflex_server.run_backend_prod(host, settings().port, constants.LogLevel.WARNING, True)


def refuse_open_air() -> None:
    """A practice's real data travels by https, or does not leave this machine."""
    from urllib.parse import urlsplit

    from trova_app.settings import settings

    chosen = settings()
    is_local = urlsplit(chosen.origin).hostname in ("localhost", "127.0.0.1")
    if chosen.mode == "live" and not chosen.is_https and not is_local:
        say(f"TROVA_BASE_URL is {chosen.origin}: in live mode it has to begin with https://. Nothing was started.")
        raise typer.Exit(1)


def run(host: str, port: int | None, *, with_demo: bool = False) -> None:
    if port:
        os.environ["TROVA_PORT"] = str(port)
    from trova_app import front_end

    refuse_open_air()
    front_end.prepare_environment()
    prepare_database()
    if with_demo:
        seed_demo()
    prepare_pages()
    run_server(host)


@app.command()
def serve(port: Port = None, host: Host = "127.0.0.1") -> None:
    """Bring the database up to date, build the pages if something changed, and serve on one port."""
    run(host, port)


@app.command()
def demo(port: Port = None, host: Host = "127.0.0.1") -> None:
    """Serve with the demo practice, made where it is missing."""
    os.environ["TROVA_MODE"] = "demo"
    run(host, port, with_demo=True)


def seed_demo() -> None:
    from importlib.util import find_spec

    from trova_app.wiring import engine

    if not find_spec("trova_app.demo"):
        return
    from trova_app.demo import RealPractice, seed

    say("Preparing the demo practice...")
    try:
        seed()
    except RealPractice as problem:
        say(f"{problem} Start it with: trova serve. Or give the demo a folder of its own: TROVA_DATA_DIR=./demo-data")
        raise typer.Exit(1) from None
    engine().dispose()


@app.command()
def migrate() -> None:
    """Bring the database to the newest tables."""
    from trova_app.migrate import NewerDatabase
    from trova_app.migrate import migrate as bring_up
    from trova_app.wiring import engine

    try:
        say("The database was brought up to date." if bring_up(engine()) else "The database is up to date.")
    except NewerDatabase as problem:
        say(str(problem))
        raise typer.Exit(1) from None


@app.command()
def worker() -> None:
    """Do what waits in the outbox, in a process of its own."""
    from trova_app.worker import main as drain

    drain()


app.command()(check)
app.command()(doctor)
app.add_typer(practice, name="practice")
app.add_typer(user, name="user")
app.add_typer(imports, name="import")


def main() -> None:
    app()


if __name__ == "__main__":
    main()
