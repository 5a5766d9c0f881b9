"""Saving the form while it is typed; a Draft in Billing follows it as long as the form adds up."""

from sqlmodel import Session

from trova_app.domain.permissions import Principal
from trova_app.domain.refusals import FieldFaults
from trova_app.services import working_copy
from trova_app.services.billing.draft import checked, write_draft
from trova_app.services.forms import Form
from trova_app.services.ports import Desk
from trova_app.services.working_copy import Case, WorkingCopy, find_case


def save_form(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: int,
    version: int,
    form: Form,
    done_keys: tuple[str, ...] = (),
) -> WorkingCopy:
    """`done_keys`: of acts that the form has in it. Raises `ChangedElsewhere` when `version` is not the newest; then
    the other's is kept."""
    saved = working_copy.save(
        db, desk, who, appointment_id=appointment_id, version=version, form=form, done_keys=done_keys
    )
    if saved.has_draft:
        _bring_draft_along(db, desk, who, find_case(db, who, appointment_id), form)
    return saved.copy


def _bring_draft_along(db: Session, desk: Desk, who: Principal, case: Case, form: Form) -> None:
    """While a field is faulty the Draft keeps the last figures that added up."""
    try:
        made = checked(form, case.rules, desk.today(case.practice.time_zone))
    except FieldFaults:
        return
    write_draft(db, desk, case, made, who.member_id)
