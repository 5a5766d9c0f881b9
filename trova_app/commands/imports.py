"""`trova import clients|appointments`."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from trova_app.domain.imports import ParsedFile
    from trova_app.services.imports import ImportReport

app = typer.Typer(help="Clients and appointments out of other systems' exports.", no_args_is_help=True)

File = Annotated[Path, typer.Argument(help="The export.", exists=True, dir_okay=False, readable=True)]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen and keep nothing.")]
CreateMissing = Annotated[
    bool, typer.Option("--create-missing", help="Add clients and services that appointments name and nobody knows.")
]
PracticeId = Annotated[int | None, typer.Option("--practice", help="Which practice, where there are several.")]
MemberEmail = Annotated[str, typer.Option("--member", help="In whose name; else the practice's first owner.")]
DayFirst = Annotated[bool | None, typer.Option("--day-first/--month-first", help="How 03/04/2026 is to be read.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Appointments from this day on.")]
LastDay = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Appointments before this day.")]

NEAR = timedelta(days=366)  # how far back and ahead appointments are read unless told


@app.callback()
def imports() -> None:
    """Clients and appointments out of other systems' exports."""


@app.command()
def clients(
    file: File,
    dry_run: DryRun = False,
    create_missing: CreateMissing = False,
    practice: PracticeId = None,
    member: MemberEmail = "",
    day_first: DayFirst = None,
) -> None:
    """Import a list of clients (CSV or Excel): all of them or none. Safe to run twice."""
    from trova_app.adapters.import_files import read_clients
    from trova_app.services.imports import import_clients

    def read(data: bytes, zone: str) -> "ParsedFile[Any]":
        return read_clients(data, file.name, zone, day_first)

    _run(file, practice, member, read, import_clients, dry_run=dry_run)


@app.command()
def appointments(
    file: File,
    dry_run: DryRun = False,
    create_missing: CreateMissing = False,
    practice: PracticeId = None,
    member: MemberEmail = "",
    day_first: DayFirst = None,
    since: Day = None,
    until: LastDay = None,
) -> None:
    """Import appointments (CSV, Excel or iCalendar): all of them or none. Safe to run twice."""
    from trova_app.adapters.import_files import read_appointments
    from trova_app.services.imports import import_appointments

    def read(data: bytes, zone: str) -> "ParsedFile[Any]":
        start, end = _moment(since, -NEAR, zone), _moment(until, NEAR, zone)
        return read_appointments(data, file.name, zone, start, end, day_first)

    _run(file, practice, member, read, import_appointments, dry_run=dry_run, create_missing=create_missing)


def _moment(day: datetime | None, away: timedelta, zone: str) -> datetime:
    """The first moment of the day on the practice's wall."""
    from trova_app.wiring import clock

    chosen: date = day.date() if day else (clock().now() + away).date()
    return datetime.combine(chosen, time(), ZoneInfo(zone))


def _run(
    file: Path,
    practice: int | None,
    member: str,
    read: Callable[[bytes, str], "ParsedFile[Any]"],
    keep: Callable[..., "ImportReport"],
    **how: bool,
) -> None:
    from trova_app.commands.ground import at_work, the_person, the_practice

    with at_work() as (db, _desk):
        who = the_person(db, practice, member)
        zone = the_practice(db, who.practice_id).time_zone
    parsed = read(file.read_bytes(), zone)
    if any(getattr(row, "diagnoses", ()) for row in parsed.rows):
        _prepare_codes()
    with at_work() as (db, desk):
        report = keep(db, desk, who, parsed=parsed, **how)
    _say(report)
    if report.is_refused:
        raise typer.Exit(1)


def _prepare_codes() -> None:
    from trova_app.adapters.icd_codes import open_codes
    from trova_app.settings import settings

    open_codes(settings().data_dir).close()


def _say(report: "ImportReport") -> None:
    from trova_app.services.imports import Outcome

    refused = [line for line in report.lines if line.outcome is Outcome.REFUSED]
    for line in refused:
        typer.echo(f"{_where(line.row)}: {line.sentence}", err=True)
    for line in report.notes:
        typer.echo(f"{_where(line.row)}: {line.sentence}")
    typer.echo(", ".join(f"{report.number(outcome)} {outcome.value}" for outcome in Outcome) + ".")
    if refused:
        typer.echo("Nothing was kept. Correct these rows and import the file again.", err=True)
    elif report.is_dry_run:
        typer.echo("This was a dry run: nothing was kept.")


def _where(row: int) -> str:
    return f"Row {row}" if row else "The file"
