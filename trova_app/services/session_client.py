"""What a session's page says of its client: as the profile says it, unless the session's form says otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlmodel import Session, col, select

from trova_app.domain.permissions import Permission, Principal
from trova_app.models import Appointment, Client, ClientDiagnosis, CompletionDraft, Scheme
from trova_app.services.arguments import folded
from trova_app.services.forms import Form
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short
from trova_app.services.working_copy import find_case, working_copy

TEXTS = {"email": "client_email"} | {
    name: name for name in ("scheme", "scheme_option", "member_number", "dependant_code", "main_member")
}
"""The fields a form has as well as the profile: the profile's name for each, and the form's."""
OF_FORM = "typed in its form"
ONLY_HERE = "this session only"
LEFT_OUT = "not in its form"


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """The client as the page shows them. `version` guards changes to the client; `birth_date` is ISO text, `born` the
    same in words."""

    id: int
    version: int
    name: str
    email: str
    phone: str
    birth_date: str
    born: str
    address: str


@dataclass(frozen=True, slots=True)
class PayerDetails:
    """Who pays. `name` is the scheme's, or "private"; `main_member` is "" where it is the client."""

    name: str
    is_private: bool
    scheme_option: str
    member_number: str
    dependant_code: str
    main_member: str
    claim_email: str


@dataclass(frozen=True, slots=True)
class DiagnosisText:
    """`mark`: where the session's form and the profile differ in it."""

    code: str
    description: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class SessionClient:
    """`marks`: by field, "" unless the form has it otherwise than the profile: for this session only, or kept in the
    profile once it is finished. `form_version`: of the session's working copy, 0 without one; `keeps`: how the tick
    "Keep in the profile" stands, taken away once something is for this session only. `billed`: the codes its document
    would carry, in order."""

    contact: ContactDetails
    payer: PayerDetails
    diagnoses: tuple[DiagnosisText, ...]
    billed: tuple[str, ...]
    marks: Mapping[str, str]
    form_version: int
    keeps: bool


def client_of(
    db: Session,
    desk: Desk,
    who: Principal,
    appointment: Appointment,
    client: Client,
    scheme: Scheme | None,
    *,
    has_form: bool,
) -> SessionClient:
    """`has_form`: the session's form may be filled in now, by this person. Else the profile stands alone: what they
    change is the profile, and nothing that is for this session only must come into it unseen."""
    known = _known(db, client)
    kept = db.get(CompletionDraft, appointment.id) if has_form else None
    plain = SessionClient(
        contact=_contact(client),
        payer=_payer(client, scheme),
        diagnoses=tuple(DiagnosisText(code, words) for code, words in known),
        billed=tuple(code for code, _ in known),
        marks=dict.fromkeys(TEXTS, ""),
        form_version=0,
        keeps=True,
    )
    found = plain if kept is None else _with_form(db, desk, who, plain, kept, client, scheme, known)
    if not who.may(Permission.SEE_DIAGNOSES):
        return replace(found, diagnoses=(), billed=())
    return found


def _with_form(
    db: Session,
    desk: Desk,
    who: Principal,
    plain: SessionClient,
    kept: CompletionDraft,
    client: Client,
    scheme: Scheme | None,
    known: list[tuple[str, str]],
) -> SessionClient:
    form = working_copy(db, desk, find_case(db, who, kept.appointment_id)).form
    mark = OF_FORM if form.texts.keep == "on" else ONLY_HERE
    marks = {name: mark if _differs(form, client, scheme, name) else "" for name in TEXTS}
    diagnoses = _diagnoses_of(form, known, mark)
    is_apart = any(marks.values()) or any(one.mark for one in diagnoses)
    return SessionClient(
        contact=replace(plain.contact, email=form.texts.client_email),
        payer=_payer_of(db, form, scheme, plain.payer, client.practice_id),
        diagnoses=diagnoses,
        billed=tuple(code for code, _ in form.diagnoses),
        marks=marks,
        form_version=kept.version,
        keeps=form.texts.keep == "on" or not is_apart,
    )


def _differs(form: Form, client: Client, scheme: Scheme | None, name: str) -> bool:
    profile = (scheme.name if scheme else "") if name == "scheme" else getattr(client, name)
    return bool(getattr(form.texts, TEXTS[name]).strip() != profile)


def _contact(client: Client) -> ContactDetails:
    return ContactDetails(
        id=int(client.id or 0),
        version=client.version,
        name=f"{client.first_name} {client.last_name}".strip(),
        email=client.email,
        phone=client.phone,
        birth_date=client.birth_date.isoformat() if client.birth_date else "",
        born=short(client.birth_date) if client.birth_date else "",
        address=client.address,
    )


def _payer(client: Client, scheme: Scheme | None) -> PayerDetails:
    return PayerDetails(
        name=scheme.name if scheme else "private",
        is_private=scheme is None,
        scheme_option=client.scheme_option,
        member_number=client.member_number,
        dependant_code=client.dependant_code,
        main_member=client.main_member,
        claim_email=scheme.claim_email if scheme else "",
    )


def _payer_of(db: Session, form: Form, scheme: Scheme | None, payer: PayerDetails, practice_id: int) -> PayerDetails:
    texts, name = form.texts, form.texts.scheme.strip()
    if scheme is None or folded(scheme.name) != folded(name):
        there = db.exec(select(Scheme).where(Scheme.practice_id == practice_id)) if name else ()
        scheme = next((one for one in there if folded(one.name) == folded(name)), None)
    return replace(
        payer,
        name=name or "private",
        is_private=not name,
        scheme_option=texts.scheme_option,
        member_number=texts.member_number,
        dependant_code=texts.dependant_code,
        main_member=texts.main_member,
        claim_email=scheme.claim_email if scheme else "",
    )


def _known(db: Session, client: Client) -> list[tuple[str, str]]:
    query = select(ClientDiagnosis).where(ClientDiagnosis.client_id == client.id)
    ordered = db.exec(query.order_by(col(ClientDiagnosis.position), col(ClientDiagnosis.id)))
    return [(row.code, row.description) for row in ordered]


def _diagnoses_of(form: Form, known: list[tuple[str, str]], mark: str) -> tuple[DiagnosisText, ...]:
    """The form's, in its order, then those of the profile it does not have."""
    have, here = {code for code, _ in known}, {code for code, _ in form.diagnoses}
    billed = [DiagnosisText(code, words, "" if code in have else mark) for code, words in form.diagnoses]
    return (*billed, *(DiagnosisText(code, words, LEFT_OUT) for code, words in known if code not in here))
