"""`trova doctor`: whether everything this installation stands on is in order, and what to do where it is not."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, and one for the sum of it.")]


def doctor(as_json: AsJson = False) -> None:
    """Look at everything this installation stands on; exit code 1 where something has to be put right."""
    from trova_app.commands.examination import examined
    from trova_app.settings import settings

    found = examined(settings())
    for one in found:
        typer.echo(json.dumps(asdict(one)) if as_json else f"{one.state:<7}{one.what}: {one.sentence}")
    failed = sum(one.state == "failed" for one in found)
    typer.echo(json.dumps({"failed": failed}) if as_json else _sum(failed))
    if failed:
        raise typer.Exit(1)


def _sum(failed: int) -> str:
    return "Everything needed is in order." if failed == 0 else f"To put right: {failed}."
