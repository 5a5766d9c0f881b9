"""Who sits at this screen, and for which practice."""

from dataclasses import dataclass

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal, Role
from trova_app.models import Practice
from trova_app.services.ports import Desk

ROLE_WORDS = {
    Role.OWNER: "Owner",
    Role.CLINICIAN: "Clinician",
    Role.BILLER: "Billing",
    Role.RECEPTION: "Reception",
    Role.READ_ONLY: "Reading only",
}


@dataclass(frozen=True, slots=True)
class AtWork:
    person: str
    role: str
    practice: str
    may_import: bool
    support: str
    """Where they ask for help: a mail address, an https address, or ""."""


def at_work(db: Session, _desk: Desk, who: Principal) -> AtWork:
    """Everybody may know who they are."""
    practice = db.get_one(Practice, who.practice_id)
    return AtWork(who.name, ROLE_WORDS[who.role], practice.name, who.may(Permission.IMPORT), practice.support)
