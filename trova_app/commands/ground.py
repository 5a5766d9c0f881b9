"""What every sub-command stands on: an up-to-date database, a practice and a person, and plain words on failure."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from sqlmodel import Session, col, select

from trova_app.domain.permissions import Principal, Role
from trova_app.domain.refusals import FieldFaults, Refusal
from trova_app.models import Member, Practice
from trova_app.services.ports import Desk


class WrongUsage(Exception):
    """The command was not told enough; exit code 2."""


def failed(sentence: str, code: int = 1) -> typer.Exit:
    """Says the sentence on stderr; raise what comes back."""
    typer.echo(sentence, err=True)
    return typer.Exit(code)


@contextmanager
def at_work() -> Iterator[tuple[Session, Desk]]:
    """One transaction on a database with the newest tables. A refusal is said in its own words: exit code 1."""
    from trova_app import neighbours, wiring
    from trova_app.migrate import NewerDatabase, migrate

    assert neighbours, "open pages of running servers hear of what is done here"
    try:
        migrate(wiring.engine())
        with wiring.unit_of_work() as (db, desk):
            yield db, desk
    except WrongUsage as problem:
        raise failed(str(problem), 2) from None
    except FieldFaults as refused:
        raise failed("\n".join(sentence for _, sentence in refused.faults)) from None
    except (Refusal, NewerDatabase) as refused:
        raise failed(str(refused)) from None


def the_practice(db: Session, practice_id: int | None) -> Practice:
    """The one named, else the only one there is."""
    if practice_id is not None:
        named = db.get(Practice, practice_id)
        if named is None:
            raise Refusal(f"There is no practice {practice_id}.")
        return named
    known = db.exec(select(Practice).order_by(col(Practice.id)).limit(2)).all()
    if not known:
        raise Refusal("There is no practice yet. Make one with: trova practice new NAME --country ZA")
    if len(known) > 1:
        raise WrongUsage("There are several practices. Choose one with --practice ID.")
    return known[0]


def the_person(db: Session, practice_id: int | None, email: str) -> Principal:
    """In whose name the act is done: the member with this address, else the practice's first owner."""
    query = select(Member).where(col(Member.disabled_at).is_(None)).order_by(col(Member.id))
    if email:
        found = db.exec(query.where(Member.email == email.strip().lower())).first()
        if found is None or practice_id not in (None, found.practice_id):
            raise Refusal("Nobody signs in here with that address.")
    else:
        practice = the_practice(db, practice_id)
        found = db.exec(query.where(Member.practice_id == practice.id, Member.role == Role.OWNER)).first()
        if found is None:
            raise Refusal("This practice has no owner yet. Add one with: trova user add EMAIL --role owner")
    return Principal(int(found.id or 0), found.practice_id, Role(found.role), found.name)
