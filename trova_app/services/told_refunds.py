"""Refunds that a gateway told of before a person writes one down: the webhook of a former account still tells, while
what goes back there is recorded by hand. Only the person can say whether it is the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from trova_app.domain.refusals import Refusal
from trova_app.models import Refund, RefundState
from trova_app.services import timeline
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, short
from trova_app.services.written_refunds import settle_unknown

AROUND = timedelta(days=7)
ANOTHER = "another"
ONE = "The gateway already told of a refund of {told}. Say whether it is the one that you are writing down."
SEVERAL = (
    "The gateway already told of refunds of this payment: {told}. Say whether one of them is the one that you are"
    " writing down."
)
SAME = "{written} written down as given back is the refund of {told} that the gateway had told of"


@dataclass(frozen=True, slots=True)
class Answer:
    """`key`: the id of the refund it is the same as, or `ANOTHER` with the ids it is none of: "another:7+9"."""

    key: str
    words: str


class AlreadyTold(Refusal):
    """The refund may stand here already. Nothing is recorded until the person says by one of `answers` what it is; the
    likeliest stands first."""

    def __init__(self, sentence: str, answers: tuple[Answer, ...]) -> None:
        super().__init__(sentence, "told")
        self.answers = answers


def same_as(db: Session, style: PracticeStyle, written: Refund, answer: object) -> Refund | None:
    """The refund told of that `written` is by the person's answer, None where it is another one. Raises `AlreadyTold`
    where the answer does not say so of all that it may be. The payment is locked; `style` in its currency."""
    found = _may_be(db, style, written)
    if not found:
        return None
    ids = {str(row.id): row for row in found}
    said, _, none_of = answer.partition(":") if isinstance(answer, str) else ("", "", "")
    if said == ANOTHER and ids.keys() <= set(none_of.split("+")):
        return None
    if said not in ids:
        raise _question(style, found, written)
    return ids[said]


def _may_be(db: Session, style: PracticeStyle, written: Refund) -> list[Refund]:
    """Over the same amount, or made around the same day; the same amount first, then the nearest day."""
    query = select(Refund).where(
        Refund.payment_id == written.payment_id,
        col(Refund.is_counted),
        col(Refund.state).in_((RefundState.PENDING, RefundState.SUCCEEDED)),
        Refund.provider_refund_id != "",
        Refund.provider_refund_id != Refund.refund_uuid,
    )
    day = written.given_on or style.today

    def far(row: Refund) -> tuple[bool, timedelta, int]:
        return row.amount_minor != written.amount_minor, abs(style.day(row.created_at) - day), row.id or 0

    fits = [row for row in db.exec(query) if not far(row)[0] or far(row)[1] <= AROUND]
    return sorted(fits, key=far)


def _question(style: PracticeStyle, found: Sequence[Refund], written: Refund) -> AlreadyTold:
    told = [f"{style.amount(row.amount_minor)} on {short(style.day(row.created_at))}" for row in found]
    same = [Answer(str(row.id), f"It is the same refund: {words}") for row, words in zip(found, told, strict=True)]
    none_of = "+".join(one.key for one in same)
    more = f"It is another one: {style.amount(written.amount_minor)} more went back"
    sentence = (ONE if len(found) == 1 else SEVERAL).format(told=", ".join(told))
    return AlreadyTold(sentence, (*same, Answer(f"{ANOTHER}:{none_of}", more)))


def join(db: Session, desk: Desk, style: PracticeStyle, told: Refund, written: Refund, who: str) -> None:
    """Nothing is added to what stands; the day, reference and note that the person knows go with it. Like an entry it
    answers for a refund that was asked for in vain."""
    what = SAME.format(written=style.amount(written.amount_minor), told=style.amount(told.amount_minor))
    given_on = written.given_on if told.state == RefundState.SUCCEEDED else told.given_on
    reference, note = _both("; ", told.reference, written.reference), _both("\n", told.note, written.note)
    is_known = (given_on, reference, note) == (told.given_on, told.reference, told.note)
    if is_known and timeline.says(db, told.invoice_id, what):  # pressed twice
        return
    told.given_on, told.reference, told.note, told.changed_at = given_on, reference, note, desk.now()
    db.add(told)
    if told.requested_by is None and not told.answered:
        settle_unknown(db, desk, told)
    timeline.note(db, desk, practice_id=told.practice_id, who=who, what=what, invoice_id=told.invoice_id)
    desk.tell(told.practice_id)


def _both(between: str, had: str, more: str) -> str:
    """The second after the first, where it does not stand there already."""
    return had if f"{between}{had}".endswith(f"{between}{more}") else between.join(filter(None, (had, more)))
