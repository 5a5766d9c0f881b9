"""What was filled in about the client on the form, kept in the profile where the person ticked it."""

from sqlmodel import Session, col, func, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import FieldFaults
from trova_app.models import Client, ClientDiagnosis, ContactKind, Scheme
from trova_app.services.billing.addresses import must_be_address
from trova_app.services.clients import found_anew
from trova_app.services.clients.reach import put_first
from trova_app.services.forms import CLIENT_TEXTS, Form
from trova_app.services.ports import Desk
from trova_app.services.working_copy import Case

KEPT = ("scheme_option", "member_number", "dependant_code", "main_member")


def keep_in_profile(db: Session, desk: Desk, who: Principal, case: Case, form: Form) -> None:
    """Only what was typed on this form: a field still as the profile filled it writes nothing back, and an empty one
    never empties the profile."""
    if form.texts.keep != "on" or not who.may(Permission.EDIT_CLIENTS):
        return
    client = case.client
    typed = {n: getattr(form.texts, n).strip() for n in CLIENT_TEXTS if getattr(form.texts, n) != _was(form, n)}
    given = {name: typed[name] for name in KEPT if name in typed}
    if typed.get("client_email"):
        given["email"] = must_be_address(typed["client_email"])
    changed: dict[str, object] = {n: text for n, text in given.items() if text and text != getattr(client, n)}
    scheme_id = _scheme_id(db, client, typed.get("scheme", ""))
    if scheme_id is not None and scheme_id != client.scheme_id:
        changed["scheme_id"] = scheme_id
    for name, kept in changed.items():
        put_first(db, client, ContactKind.MAIL, str(kept)) if name == "email" else setattr(client, name, kept)
    if changed:
        client.version += 1
        db.add(found_anew(db, client))
    _keep_diagnoses(db, client, form)


def _was(form: Form, name: str) -> str | None:
    return dict(form.profile).get(name)


def _scheme_id(db: Session, client: Client, name: str) -> int | None:
    if not name:
        return None
    if len(name) > 200:
        raise FieldFaults([("scheme", "Shorten this to 200 characters.")])
    known = db.exec(
        select(Scheme).where(Scheme.practice_id == client.practice_id, func.lower(Scheme.name) == name.lower())
    ).first()
    if known is None:
        known = Scheme(practice_id=client.practice_id, name=name)
        db.add(known)
        db.flush()
    return known.id


def _keep_diagnoses(db: Session, client: Client, form: Form) -> None:
    """New codes are added behind the known ones; a code left out of one form stays in the profile."""
    known = list(
        db.exec(
            select(ClientDiagnosis)
            .where(ClientDiagnosis.client_id == client.id, ClientDiagnosis.practice_id == client.practice_id)
            .order_by(col(ClientDiagnosis.position))
        )
    )
    have = {d.code for d in known} | set((_was(form, "diagnoses") or "").split())
    position = max((d.position for d in known), default=0)
    for code, words in form.diagnoses:
        if code not in have:
            position += 1
            assert client.id is not None
            db.add(
                ClientDiagnosis(
                    practice_id=client.practice_id, client_id=client.id, position=position, code=code, description=words
                )
            )
