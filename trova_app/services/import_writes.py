"""How an import's records come into the database, each noted as it was before; on a trial none of them does."""

from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, SQLModel

from trova_app.models import Client, ClientDiagnosis


@dataclass(slots=True)
class Writes:
    """`made`: new records in their order. `changed`: for each record by its table and id, the columns as they stood
    before the first change; under `CODES` the diagnoses that were added. A trial works on copies, numbers what is new
    downward from -1 and keeps no account."""

    db: Session
    is_trial: bool = False
    made: list[Any] = field(default_factory=list)
    changed: dict[tuple[str, int], tuple[Any, dict[str, Any]]] = field(default_factory=dict)
    _new: set[int] = field(default_factory=set)
    _tried: int = 0

    def add(self, record: Any) -> None:
        if self.is_trial:
            self._tried += 1
            record.id = -self._tried
            return
        self.made.append(record)
        self._new.add(id(record))
        self.db.add(record)

    def numbered(self, record: Any) -> int:
        """Its id, also where it was just added."""
        if record.id is None:
            self.db.flush()
        return int(record.id)

    def change(self, record: Any, values: dict[str, Any]) -> None:
        for name, value in values.items():
            if self._is_known(record):
                self._before(record).setdefault(name, getattr(record, name))
            setattr(record, name, value)

    def add_code(self, client: Client, row: ClientDiagnosis) -> None:
        """A diagnosis goes again with a client who was made, and by itself with one who was there."""
        if self.is_trial:
            return
        self.db.add(row)
        if self._is_known(client):
            self._before(client).setdefault(CODES, []).append(row.code)

    def copies(self, records: Any) -> list[Any]:
        """Records as read: on a trial, changes to them stay here."""
        found = list(records)
        if self.is_trial:
            for record in found:
                self.db.expunge(record)
        return found

    def _is_known(self, record: Any) -> bool:
        return not self.is_trial and id(record) not in self._new

    def _before(self, record: SQLModel) -> dict[str, Any]:
        key = (str(record.__tablename__), self.numbered(record))
        return self.changed.setdefault(key, (record, {}))[1]


CODES = "+codes"
