"""Who may do what. One table, read by services; screens may hide a button, but only services decide."""

from dataclasses import dataclass
from enum import StrEnum

from trova_app.domain.refusals import NotAllowed


class Role(StrEnum):
    OWNER = "owner"
    CLINICIAN = "clinician"
    BILLER = "biller"
    RECEPTION = "reception"
    READ_ONLY = "read_only"


class Permission(StrEnum):
    SEE_APPOINTMENTS = "see appointments"
    BOOK = "book and move appointments"
    SEE_DIAGNOSES = "see diagnoses"
    COMPLETE = "complete sessions"
    EDIT_CLIENTS = "change clients"
    MERGE_CLIENTS = "merge clients"
    TAKE_OUT = "take a client's records out"
    SEE_BILLING = "see billing"
    BILL = "issue invoices"
    RECORD_PAYMENT = "record payments"
    SEE_OUTBOX = "see the outbox"
    CATALOGUE = "change services and price lists"
    SETTINGS = "change the practice's settings"
    TEAM = "change the team"
    IMPORT = "import files"


_EVERY = frozenset(Permission)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: _EVERY,
    Role.CLINICIAN: _EVERY - {Permission.SETTINGS, Permission.TEAM},
    Role.BILLER: _EVERY - {Permission.CATALOGUE, Permission.SETTINGS, Permission.TAKE_OUT, Permission.TEAM},
    Role.RECEPTION: frozenset(
        {
            Permission.SEE_APPOINTMENTS,
            Permission.BOOK,
            Permission.EDIT_CLIENTS,
            Permission.SEE_BILLING,
            Permission.RECORD_PAYMENT,
            Permission.SEE_OUTBOX,
        }
    ),
    Role.READ_ONLY: frozenset({Permission.SEE_APPOINTMENTS, Permission.SEE_BILLING}),
}


def may(role: Role, permission: Permission) -> bool:
    return permission in GRANTS[role]


@dataclass(frozen=True, slots=True)
class Principal:
    """The person an act is done by, as read from the sign-in in the act's own transaction."""

    member_id: int
    practice_id: int
    role: Role
    name: str

    def may(self, permission: Permission) -> bool:
        return may(self.role, permission)

    def must(self, permission: Permission) -> None:
        """Raises `NotAllowed` with a sentence for the person."""
        if not self.may(permission):
            raise NotAllowed(f"Your role may not {permission.value}. Ask the practice's owner.")
