"""Finding a client, a session that waits or a document by a few letters, from any page."""

from dataclasses import dataclass

from sqlmodel import Session

from trova_app.domain.appointments import Tab
from trova_app.domain.permissions import Permission, Principal
from trova_app.services import appointments, billing_lists, clients
from trova_app.services.arguments import search_words
from trova_app.services.ports import Desk

MOST = 5  # of each kind: more is what the lists are for


@dataclass(frozen=True, slots=True)
class Found:
    """`id` is the appointment's, the client's or the invoice's, as the tuple of `Finds` it stands in says."""

    id: int
    title: str
    under: str


@dataclass(frozen=True, slots=True)
class Finds:
    sessions: tuple[Found, ...] = ()
    """Open ones, the latest first."""
    clients: tuple[Found, ...] = ()
    documents: tuple[Found, ...] = ()


def find(db: Session, desk: Desk, who: Principal, *, search: object = "") -> Finds:
    """What all the words are found in, as far as this person may see it; nothing for no words."""
    who.must(Permission.SEE_APPOINTMENTS)
    if not search_words(search):
        return Finds()
    return Finds(_sessions(db, desk, who, search), _clients(db, desk, who, search), _documents(db, desk, who, search))


def _sessions(db: Session, desk: Desk, who: Principal, search: object) -> tuple[Found, ...]:
    page = appointments.page_of(db, desk, who, tab=Tab.OPEN.value, search=search, limit=MOST)
    return tuple(
        Found(row.id, row.client_name, f"{row.service_name}, {row.day_words}, {row.time}") for row in page.rows
    )


def _clients(db: Session, desk: Desk, who: Principal, search: object) -> tuple[Found, ...]:
    page = clients.list_clients(db, desk, who, search=search, limit=MOST)
    return tuple(Found(row.id, row.name, row.email or row.payer) for row in page.rows)


def _documents(db: Session, desk: Desk, who: Principal, search: object) -> tuple[Found, ...]:
    if not who.may(Permission.SEE_BILLING):
        return ()
    page = billing_lists.invoices(db, desk, who, search=search, limit=MOST)
    return tuple(
        Found(row.id, row.number or "Draft", f"{row.client_name}, {row.total}, {row.label}") for row in page.rows
    )
