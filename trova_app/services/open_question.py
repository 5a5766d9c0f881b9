"""What somebody typed that waits for an answer, as somebody else wrote in the same field: kept with the form, apart
from what is saved of it, so that the question is asked again at the next opening. When the working copy goes, what is
in it is kept for its writer (`kept_texts`)."""

import json

from sqlmodel import Session

from trova_app.domain.permissions import Permission, Principal
from trova_app.models import CompletionDraft
from trova_app.services.forms import Form
from trova_app.services.ports import Desk
from trova_app.services.working_copy import find_appointment, with_keys

Question = tuple[Form, Form]
"""The form as agreed upon, and as this person has typed it."""


def keep_question(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    appointment_id: int,
    question: Question | None,
    done_keys: tuple[str, ...] = (),
) -> tuple[str, ...]:
    """This person's open question about this form; None: it is answered. `done_keys`: of acts that are in what this
    person has typed (`WorkingCopy`); those of them that the saved form has in it already are returned. Nothing is kept
    of a form that is finished."""
    who.must(Permission.COMPLETE)
    appointment = find_appointment(db, who, appointment_id, lock=True)
    kept = db.get(CompletionDraft, appointment.id)
    if kept is None:
        return ()
    questions = {member: one for member, one in all_questions(kept.aside).items() if member != who.member_id}
    if question is not None:
        questions[who.member_id] = question
    texts = {str(member): [form.to_json() for form in both] for member, both in questions.items()}
    kept.aside = json.dumps(texts) if texts else ""
    there = kept.done_keys.split()
    kept.done_keys = " ".join(with_keys(kept.done_keys, done_keys))
    db.add(kept)
    return tuple(key for key in done_keys if key in there)


def open_question(db: Session, who: Principal, appointment_id: int | None) -> Question | None:
    """What this person has not answered about this form, None where nothing is open."""
    kept = db.get(CompletionDraft, appointment_id)
    return all_questions(kept.aside).get(who.member_id) if kept is not None else None


def all_questions(aside: str) -> dict[int, Question]:
    """By member. Raises ValueError, KeyError or TypeError for what cannot be read."""
    kept = json.loads(aside) if aside else {}
    return {int(member): (Form.from_json(agreed), Form.from_json(mine)) for member, (agreed, mine) in kept.items()}
