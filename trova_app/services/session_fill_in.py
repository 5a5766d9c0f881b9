"""What is filled in about a client on a session's page: kept in the profile, or for this session alone.

For this session alone means in its working copy, as if it had been typed into the completion form with that form's tick
"Keep in the profile" taken away: the form shows it, its document prints it, and the profile stays as it is.
"""

from dataclasses import replace

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, Refusal
from trova_app.models import CompletionDraft
from trova_app.services import billing, clients
from trova_app.services.arguments import Fields
from trova_app.services.clients.fill_in import READERS
from trova_app.services.completion import described_code
from trova_app.services.forms import Form
from trova_app.services.ports import Desk
from trova_app.services.session_client import TEXTS
from trova_app.services.working_copy import Case, WorkingCopy, find_case, must_be_completable, working_copy

Texts = dict[str, str]


def fill_in(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: object,
    version: object,
    form_version: object,
    keep: object,
    **given: object,
) -> None:
    """Changes the given fields. `keep`: in the profile, as `clients.fill_in` takes them, its `version` the newest; else
    for this session, which has those of `TEXTS`, `form_version` the newest of its working copy, 0 while there is none.
    Raises `FieldFaults`, `ChangedElsewhere`, or `Refusal` where the session has no form (any more)."""
    case, is_kept = _case(db, who, appointment_id), _is_kept(keep)
    if is_kept:
        clients.fill_in(db, desk, who, client_id=case.client.id, version=version, **given)
        case = _case(db, who, appointment_id)  # whose scheme may be another one now
    texts = {TEXTS[name]: text for name, text in _read(given, is_kept).items()}
    if is_kept and "scheme" in texts:
        texts["scheme"] = case.scheme.name if case.scheme else ""  # as the profile writes it
    copy = _copy(db, desk, who, case, is_kept)
    if copy is None:
        return
    if not is_kept and form_version != copy.version:
        raise ChangedElsewhere("Somebody saved this session's form in the meantime. Please look again.")
    _save(db, desk, who, case, copy, copy.form.with_texts(texts.items()), is_kept)


def _read(given: dict[str, object], is_kept: bool) -> Texts:
    """The fields a form has, each read as the profile reads it."""
    form, texts = Fields(), {}
    for name, text in given.items():
        if name in TEXTS:
            texts[name] = READERS[name](form, name, text)
        elif not is_kept:
            form.fault(name, "Only the profile has this. Tick Keep in the profile to change it.")
    form.done()
    return texts


def add_diagnosis(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, code: object, keep: object
) -> None:
    """To the profile and to the session's form where there is one, or to the form alone. Raises `Refusal`s."""
    who.must(Permission.SEE_DIAGNOSES)
    case, is_kept = _case(db, who, appointment_id), _is_kept(keep)
    found = described_code(desk, code)
    if is_kept:
        clients.add_diagnosis(db, desk, who, client_id=case.client.id, code=found.code)
    copy = _copy(db, desk, who, case, is_kept)
    if copy is not None:
        try:
            form = copy.form.with_diagnosis(found.code, found.description)
        except Refusal as refusal:
            raise FieldFaults([("diagnosis", refusal.sentence)]) from refusal
        _save(db, desk, who, case, copy, form, is_kept)


def remove_diagnosis(
    db: Session, desk: Desk, who: Principal, *, appointment_id: object, code: object, keep: object
) -> None:
    """From the profile and from the session's form, or from the form alone. Documents already made keep it."""
    who.must(Permission.SEE_DIAGNOSES)
    case, is_kept = _case(db, who, appointment_id), _is_kept(keep)
    if is_kept:
        clients.remove_diagnosis(db, desk, who, client_id=case.client.id, code=code)
    copy = _copy(db, desk, who, case, is_kept)
    if copy is not None:
        _save(db, desk, who, case, copy, copy.form.without_diagnosis(str(code)), is_kept)


def _case(db: Session, who: Principal, appointment_id: object) -> Case:
    return find_case(db, who, appointment_id, lock=True)


def _is_kept(given: object) -> bool:
    form = Fields()
    is_kept = form.truth("keep", given)
    form.done()
    return is_kept


def _copy(db: Session, desk: Desk, who: Principal, case: Case, is_kept: bool) -> WorkingCopy | None:
    """The session's working copy, begun now where something is for this session alone. What is kept in the profile goes
    along into a form that is there already, whoever may fill it in."""
    if not is_kept:
        who.must(Permission.COMPLETE)
        must_be_completable(case.appointment, case.invoice, desk.now())
    elif not _has_open_form(db, desk, who, case):
        return None
    return working_copy(db, desk, case)


def _has_open_form(db: Session, desk: Desk, who: Principal, case: Case) -> bool:
    if not who.may(Permission.COMPLETE) or db.get(CompletionDraft, case.appointment.id) is None:
        return False
    try:
        must_be_completable(case.appointment, case.invoice, desk.now())
    except Refusal:
        return False
    return True


def _save(db: Session, desk: Desk, who: Principal, case: Case, copy: WorkingCopy, form: Form, is_kept: bool) -> None:
    if form == copy.form:
        return
    if not is_kept:
        form = replace(form, texts=replace(form.texts, keep=""))
    billing.save_form(db, desk, who, appointment_id=case.appointment.id or 0, version=copy.version, form=form)
    desk.tell(who.practice_id)
