"""Clients nobody works with any more are put away: out of the lists, kept whole, and brought back at any time."""

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal
from trova_app.models import ClientStatus
from trova_app.services.clients.entries import note
from trova_app.services.clients.fill_in import changed
from trova_app.services.clients.find import ClientProfile, find_client, must_stand_alone
from trova_app.services.ports import Desk


def archive(db: Session, desk: Desk, who: Principal, *, client_id: object) -> ClientProfile:
    return _put(db, desk, who, client_id, ClientStatus.ARCHIVED, "Archived.")


def bring_back(db: Session, desk: Desk, who: Principal, *, client_id: object) -> ClientProfile:
    return _put(db, desk, who, client_id, ClientStatus.ACTIVE, "Brought back from the archive.")


def _put(db: Session, desk: Desk, who: Principal, client_id: object, status: ClientStatus, said: str) -> ClientProfile:
    """Done already is as good as done now."""
    who.must(Permission.EDIT_CLIENTS)
    client = find_client(db, who, client_id, lock=True)
    must_stand_alone(client)
    if client.status != status:
        client.status = status
        note(db, desk, who, client, said)
    return changed(db, desk, who, client)
