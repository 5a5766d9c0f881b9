"""Appointments of a list that are here already: what becomes of them, and what is said of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from trova_app.domain.appointments import AppointmentState
from trova_app.domain.imports import AppointmentRow, Attendance
from trova_app.models import Appointment
from trova_app.services.import_reports import Notes, Outcome
from trova_app.services.import_writes import Writes
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for

STATES = {
    Attendance.SCHEDULED: AppointmentState.SCHEDULED,
    Attendance.ARRIVED: AppointmentState.SCHEDULED,
    Attendance.MISSED: AppointmentState.MISSED,
    Attendance.CANCELLED: AppointmentState.CANCELLED,
}
MINUTE = timedelta(minutes=1)


def mark_of(starts_at: datetime, ends_at: datetime, state: str) -> str:
    """What a list says of a session's time and state. Kept with it: a session that differs was changed here since."""
    return f"{starts_at.astimezone(UTC).isoformat()} {ends_at.astimezone(UTC).isoformat()} {state}"


def brought_up(
    desk: Desk, writes: Writes, known: Appointment, row: AppointmentRow, texts: dict[str, str], notes: Notes
) -> Outcome:
    """A session that still waits here follows the list in time and state, unless somebody changed it here or another
    calendar leads it; a finished one stays as it is. Each such change, made or not, is a note."""
    asked: dict[str, Any] = {"starts_at": row.starts_at, "ends_at": row.ends_at, "state": STATES[row.status]}
    asked = {name: value for name, value in asked.items() if value != getattr(known, name)}
    if known.state != AppointmentState.SCHEDULED:
        if asked.keys() & {"starts_at", "ends_at"} or (asked and known.state != AppointmentState.COMPLETED):
            notes.add("starts_at", f"This session is already {known.state} here. It was kept as it is.")
        return Outcome.UNCHANGED
    mark = mark_of(row.starts_at, row.ends_at, STATES[row.status])
    gaps = {name for name in ("place", "note", "external_id") if texts[name] and not getattr(known, name)}
    changed: dict[str, Any] = {name: texts[name] for name in gaps}
    if asked:
        style = style_for(writes.db, desk, known.practice_id)
        ours = _kept_because(known)
        notes.add("starts_at", f"{ours} It stays on {_when(style, known)}." if ours else _words(style, known, asked))
        changed |= {} if ours else asked | {"external_mark": mark, "listed_at": row.starts_at}
    else:
        known.listed_at = row.starts_at
        if known.subscription_id is None:
            known.external_mark = mark  # both agree: the list may lead from here
    if not changed:
        return Outcome.UNCHANGED
    writes.change(known, changed)
    known.version += 1
    return Outcome.UPDATED


def _kept_because(known: Appointment) -> str:
    """Why a list no longer leads this session, "" where it does. What no list has spoken of leads itself once it was
    changed."""
    if known.subscription_id is not None:
        return "This session follows another calendar."
    mark = mark_of(known.starts_at, known.ends_at, known.state)
    was_changed = known.external_mark != mark if known.external_mark else known.version > 1
    return "This session was changed here." if was_changed else ""


def _when(style: PracticeStyle, known: Appointment) -> str:
    return f"{style.moment_words(known.starts_at)} to {style.time(known.ends_at)}"


def _words(style: PracticeStyle, known: Appointment, asked: dict[str, Any]) -> str:
    """ "Moves from 20 Mar 2026, 09:00 to 25 Mar 2026, 14:00. Lasts 50 minutes instead of 60. Becomes cancelled." """
    starts_at, ends_at = asked.get("starts_at", known.starts_at), asked.get("ends_at", known.ends_at)
    minutes, before = (ends_at - starts_at) // MINUTE, (known.ends_at - known.starts_at) // MINUTE
    said = []
    if starts_at != known.starts_at:
        said.append(f"Moves from {style.moment_words(known.starts_at)} to {style.moment_words(starts_at)}.")
    if minutes != before:
        said.append(f"Lasts {minutes} minutes instead of {before}.")
    if "state" in asked:
        said.append(f"Becomes {asked['state']}.")
    return " ".join(said)
