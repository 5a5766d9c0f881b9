"""What SQLite knows of how full its tables are, so that it chooses the right index: renewed now and then, within
a limit, as SQLite advises (https://sqlite.org/lang_analyze.html). PostgreSQL looks after itself."""

from datetime import timedelta

from sqlmodel import Session

from trova_app.models import SweepTurn
from trova_app.services.ports import Desk
from trova_app.services.sweep_turns import turn_of

TURN = "statistics"
DAY = timedelta(days=1)
LOOKED_AT = 400  # rows of an index: enough to choose by, and a few milliseconds for the whole database


def is_due(db: Session, desk: Desk) -> bool:
    """Once a day; needs no write lock."""
    if db.get_bind().dialect.name != "sqlite":
        return False
    turn = db.get(SweepTurn, TURN)
    return turn is None or turn.taken_at is None or desk.now() - turn.taken_at >= DAY


def renew(db: Session, desk: Desk) -> None:
    if db.get_bind().dialect.name != "sqlite":
        return
    turn_of(db, TURN).taken_at = desk.now()
    db.flush()
    db.connection().exec_driver_sql(f"PRAGMA analysis_limit={LOOKED_AT}")
    db.connection().exec_driver_sql("ANALYZE")  # `PRAGMA optimize` leaves out what this connection never asked about
