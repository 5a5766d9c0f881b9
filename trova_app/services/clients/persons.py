"""Which records are one person: a client and all that were merged into it."""

from sqlmodel import Session, col, select

from trova_app.models import Client, ClientMerge, ClientStatus


def same_person(db: Session, client: Client) -> list[int]:
    """The client's id and those of all that became part of it."""
    known = [int(client.id or 0)]
    asked = known
    while asked:
        query = select(ClientMerge.merged_id).where(
            ClientMerge.practice_id == client.practice_id,
            col(ClientMerge.kept_id).in_(asked),
            col(ClientMerge.undone_at).is_(None),
        )
        asked = [key for key in db.exec(query) if key not in known]
        known += asked
    return known


def merge_into(db: Session, client: Client) -> ClientMerge | None:
    """The merge this client went away in."""
    if client.status != ClientStatus.MERGED:
        return None
    query = select(ClientMerge).where(
        ClientMerge.practice_id == client.practice_id,
        ClientMerge.merged_id == client.id,
        col(ClientMerge.undone_at).is_(None),
    )
    return db.exec(query).first()


def whose_now(db: Session, client: Client) -> int:
    """The id of the client this one has become part of, its own where it is no part of another."""
    while merge := merge_into(db, client):
        client = db.get_one(Client, merge.kept_id)
    return int(client.id or 0)
