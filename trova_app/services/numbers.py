"""Gap-free numbers per practice and series."""

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from trova_app.domain.invoices import Series
from trova_app.models import NumberSeries


def take_number(db: Session, practice_id: int, series: Series) -> int:
    """The series' next number. The row stays locked until the act ends: a rolled-back act gives its number back, and
    of two acts at once the second waits for the first."""
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    db.execute(
        insert(NumberSeries)
        .values(practice_id=practice_id, series=series.value, next_number=1)
        .on_conflict_do_nothing()
    )
    taken = db.execute(
        sa.update(NumberSeries)
        .where(col(NumberSeries.practice_id) == practice_id, col(NumberSeries.series) == series.value)
        .values(next_number=col(NumberSeries.next_number) + 1)
        .returning(col(NumberSeries.next_number))
    ).scalar_one()
    return int(taken) - 1
