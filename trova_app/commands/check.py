"""`trova check`: every invariant over the whole database."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from trova_app.commands.ground import failed

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a breach, and one for the sum of it.")]


def check(as_json: AsJson = False) -> None:
    """Recompute every billing invariant over the whole database; exit code 1 on any breach."""
    from trova_app.migrate import is_current
    from trova_app.services.check import check as check_books
    from trova_app.wiring import clock, unit_of_work

    with unit_of_work(writes=False) as (db, _desk):
        if not is_current(db.get_bind().engine):
            raise failed("The tables are not those of this version, so nothing was looked at. Run first: trova migrate")
        found = check_books(db, clock().now())
    for breach in found:
        typer.echo(json.dumps(asdict(breach)) if as_json else _line(breach))
    typer.echo(json.dumps({"breaches": len(found)}) if as_json else _sum(len(found)))
    if found:
        raise typer.Exit(1)


def _line(breach: object) -> str:
    said = asdict(breach)  # type: ignore[call-overload]
    return f"{said['invariant']}: {said['table']} {said['row_id']}: {said['sentence']}"


def _sum(count: int) -> str:
    return "The books are sound." if count == 0 else f"{count} breach{'' if count == 1 else 'es'} found."
