"""Appointments: what is stored, and which tab that is at a given moment."""

from datetime import datetime
from enum import StrEnum


class AppointmentState(StrEnum):
    """What is stored. "Upcoming" and "Open" are not stored: they follow from the clock."""

    SCHEDULED = "scheduled"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"


class Tab(StrEnum):
    UPCOMING = "upcoming"
    OPEN = "open"
    COMPLETED = "completed"
    MISSED = "missed"
    CANCELLED = "cancelled"


def tab_of(state: AppointmentState, ends_at: datetime, now: datetime) -> Tab:
    """A scheduled session is Open from the moment its end has passed, until then Upcoming."""
    if state is AppointmentState.SCHEDULED:
        return Tab.OPEN if ends_at <= now else Tab.UPCOMING
    return Tab(state.value)
