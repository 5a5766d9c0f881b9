"""The search for ICD-10 codes while they are typed."""

from sqlmodel import Session, col, select

from trova_app.domain.diagnoses import Diagnosis, is_well_formed, tidy_code
from trova_app.domain.permissions import Permission, Principal
from trova_app.models import ClientDiagnosis
from trova_app.services.ports import Desk


def codes_for(db: Session, desk: Desk, who: Principal, *, words: object) -> list[Diagnosis]:
    """ICD-10 codes for what was typed: a code or words, the practice's own recent ones first. A well-formed code that
    the book does not know is offered as typed."""
    who.must(Permission.SEE_DIAGNOSES)
    text = words.strip()[:100] if isinstance(words, str) else ""
    if len(text) < 2 or desk.codes is None:
        return []
    recent = tuple(
        db.exec(
            select(ClientDiagnosis.code)
            .where(ClientDiagnosis.practice_id == who.practice_id)
            .order_by(col(ClientDiagnosis.id).desc())
            .limit(50)
        )
    )
    found = [Diagnosis(code.code, code.description) for code in desk.codes.search(text, limit=8, recent=recent)]
    return found or _as_typed(text)


def _as_typed(text: str) -> list[Diagnosis]:
    code = tidy_code(text)
    return [Diagnosis(code, "Not in the code list: add it as typed")] if is_well_formed(code) else []
