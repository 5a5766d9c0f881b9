"""Columns as they stood before an import changed them, as text and back."""

import json
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col

from trova_app.models import Client, ClientDiagnosis
from trova_app.services.import_writes import CODES

MOMENTS = ("starts_at", "ends_at", "listed_at")
DAYS = ("birth_date",)


def was_text(before: dict[str, Any], earlier: str = "") -> str:
    """`earlier`: what was written of the same record before; it stands, codes that were added come together."""
    plain = {name: value.isoformat() if isinstance(value, date) else value for name, value in before.items()}
    if earlier:
        read = json.loads(earlier)
        codes = [*read.get(CODES, []), *plain.get(CODES, [])]
        plain |= read
        plain |= {CODES: codes} if codes else {}
    return json.dumps(plain)


def put_back(db: Session, record: Any, text: str) -> None:
    """The record has the columns of `text` again, and the diagnoses that were added go."""
    for name, value in json.loads(text).items():
        if name == CODES:
            _take_codes(db, record, value)
        elif isinstance(value, str) and name in MOMENTS:
            setattr(record, name, datetime.fromisoformat(value))
        elif isinstance(value, str) and name in DAYS:
            setattr(record, name, date.fromisoformat(value))
        else:
            setattr(record, name, value)


def _take_codes(db: Session, client: Client, codes: list[str]) -> None:
    db.execute(
        sa.delete(ClientDiagnosis).where(
            col(ClientDiagnosis.client_id) == client.id, col(ClientDiagnosis.code).in_(codes)
        )
    )
