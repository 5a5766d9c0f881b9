"""What a client agreed to, and since when. Nothing is overwritten: taking back is noted beside what was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from trova_app.domain.consents import CONSENT_WORDS, Consent
from trova_app.domain.permissions import Principal
from trova_app.models import Client, ClientConsent
from trova_app.services.arguments import Fields
from trova_app.services.clients.persons import same_person
from trova_app.services.ports import Desk
from trova_app.services.practice_style import short

Given = Mapping[Consent, tuple[bool, date]]


@dataclass(frozen=True, slots=True)
class ConsentText:
    """`on`: the day it was given, or taken back ("18 Mar 2026"), "" where nothing was ever noted; `day` the same as ISO
    text."""

    kind: str
    words: str
    is_given: bool
    on: str = ""
    day: str = ""


def consents_of(db: Session, client: Client) -> tuple[ConsentText, ...]:
    """Every kind, as it stands."""
    latest = _latest(db, client)
    return tuple(_text(kind, latest.get(kind)) for kind in Consent)


def _latest(db: Session, client: Client) -> dict[str, ClientConsent]:
    query = select(ClientConsent).where(col(ClientConsent.client_id).in_(same_person(db, client)))
    ordered = db.exec(query.order_by(col(ClientConsent.noted_at), col(ClientConsent.id)))
    return {row.kind: row for row in ordered}


def _text(kind: Consent, row: ClientConsent | None) -> ConsentText:
    if row is None:
        return ConsentText(kind, CONSENT_WORDS[kind], is_given=False)
    return ConsentText(kind, CONSENT_WORDS[kind], row.is_given, short(row.given_on), row.given_on.isoformat())


def read_consents(form: Fields, given: object, today: date) -> Given:
    """(is it given, which day) by kind; no day is today. Faults stand at "consent_treatment_on" and so on."""
    read: dict[Consent, tuple[bool, date]] = {}
    for kind, pair in given.items() if isinstance(given, Mapping) else ():
        if kind not in set(Consent) or not isinstance(pair, tuple) or len(pair) != 2:
            form.fault("consents", "Choose one of the consents of the list.")
            continue
        is_given = form.truth(f"consent_{kind}", pair[0])
        read[Consent(kind)] = is_given, form.day(f"consent_{kind}_on", pair[1], latest=today) or today
    return read


def keep_consents(db: Session, desk: Desk, who: Principal, client: Client, given: Given, today: date) -> list[str]:
    """Notes what is another than before; a sentence for each. Ticked or unticked with the earlier day left standing is
    of today."""
    latest, said = _latest(db, client), []
    for kind, (is_given, typed) in given.items():
        was = latest.get(kind)
        is_left = was is not None and was.is_given != is_given and was.given_on == typed
        day = today if is_left else typed
        is_same = was is not None and (was.is_given, was.given_on) == (is_given, day)
        if is_same or (was is None or not was.is_given) and not is_given:
            continue
        db.add(
            ClientConsent(
                practice_id=client.practice_id,
                client_id=int(client.id or 0),
                kind=kind,
                is_given=is_given,
                given_on=day,
                noted_by=who.member_id,
                noted_at=desk.now(),
            )
        )
        act = "given" if is_given else "taken back"
        said.append(f"Consent {act} on {short(day)}: {CONSENT_WORDS[kind]}.")
    db.flush()
    return said
