"""Looks every gateway account through in turn: `services/sweep.py` says whose turn it is and what came of it, this
module asks outside, with no transaction open. On the way files that nobody imported are forgotten, and series of
sessions that nobody goes on with are."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog
from sqlmodel import Session

from trova_app.domain.gateways import Fact, Gateway, GatewayTrouble, Incoming, LinkRef
from trova_app.jobs.means import UNEXPECTED, UnitOfWork
from trova_app.models import GatewayAccount
from trova_app.outside import Outside
from trova_app.services import (
    bookmarks,
    fees,
    file_imports,
    gateway_disconnect,
    late_outcomes,
    links,
    lost_links,
    payments,
    provider_events,
    series_upkeep,
    statistics,
    sweep,
    sweep_turns,
    waiting_files,
)
from trova_app.services.bookmarks import Bookmark
from trova_app.services.ports import Desk
from trova_app.services.sweep_turns import Account, Turn, TurnLost

MOST_PAGES = 50
MOST_REFUSED = 10  # links in one look: then it is not the link
ONE_LINK = "A payment link could not be looked at. {}"

log = structlog.get_logger()


@dataclass(frozen=True)
class Sweeper:
    """`act` opens a unit of work. Safe to run many at once, in many processes."""

    outside: Outside
    act: UnitOfWork

    def sweep(self, *, at_once: bool = False) -> int:
        """Looks through every account whose turn it is (`at_once`: every one, everything); how many. Never raises."""
        try:
            self._forget_files()
            self._go_on_with_series()
            self._know_the_tables()
            with self.act(writes=False) as (db, _desk):
                known = [self._marked(one) for one in sweep.accounts(db, tuple(self.outside.gateways))]
            looked = sum(self._account(account, at_once=at_once) for account in known)
            for account in known:
                self._fees_of(account)
            return looked
        except Exception as failure:
            log.error("sweep not begun", error=type(failure).__name__)
            return 0

    def _marked(self, account: Account) -> Account:
        gateway = self.outside.gateways.get(account.provider) if account.account_id is None else None
        return replace(account, key_mark=gateway.key_mark) if gateway else account

    def _forget_files(self) -> None:
        """Files that were chosen to be imported and have waited for too long."""
        with self.act(writes=False) as (db, desk):
            is_due = waiting_files.has_old(db, desk) or file_imports.has_old(db, desk)
        if is_due:
            with self.act() as (db, desk):
                waiting_files.forget_old(db, desk)
                file_imports.forget_old(db, desk)

    def _go_on_with_series(self) -> None:
        """Series whose monthly job stopped or was lost."""
        with self.act(writes=False) as (db, desk):
            is_due = series_upkeep.is_due(db, desk)
        if is_due:
            with self.act() as (db, desk):
                series_upkeep.revive(db, desk)

    def _know_the_tables(self) -> None:
        with self.act(writes=False) as (db, desk):
            is_due = statistics.is_due(db, desk)
        if is_due:
            with self.act() as (db, desk):
                statistics.renew(db, desk)

    def _account(self, account: Account, *, at_once: bool) -> int:
        with self.act(writes=False) as (db, desk):
            if not at_once and not sweep_turns.is_due(db, desk, account):
                return 0
        with self.act() as (db, desk):
            turn = sweep_turns.take_turn(db, desk, account, at_once=at_once)
            if turn is None:
                return 0
            sweep.revive(db, desk, account)
        try:
            self._looked_or_failed(turn)
        except TurnLost:
            log.warning("sweep taken over", account=account.key)
        return 1

    def _looked_or_failed(self, turn: Turn) -> None:
        try:
            self._looked(turn)
        except TurnLost:
            raise
        except GatewayTrouble as trouble:
            self._failed(turn, trouble.sentence, is_permanent=trouble.is_permanent)
        except Exception as failure:
            log.error("sweep failed", account=turn.account.key, error=type(failure).__name__)
            self._failed(turn, UNEXPECTED)

    def _fees_of(self, account: Account) -> None:
        """Once a night. Fees are for the books only: where they cannot be read, all else goes on."""
        with self.act(writes=False) as (db, desk):
            if not fees.is_due(db, desk, account):
                return
        with self.act() as (db, desk):
            mark = fees.take_turn(db, desk, account)
        if mark is None:
            return
        try:
            self._fees_from(account, mark)
        except GatewayTrouble as trouble:
            log.warning("fees not read", account=account.key, is_permanent=trouble.is_permanent)
            if trouble.is_permanent:
                with self.act() as (db, desk):
                    fees.start_over(db, account)
        except Exception as failure:
            log.error("fees not read", account=account.key, error=type(failure).__name__)

    def _fees_from(self, account: Account, mark: Bookmark) -> None:
        """Where there are more than one turn can read, the next one in an hour goes on."""
        with self.act(writes=False) as (db, desk):
            gateway: Any = self._gateway(db, desk, account)
        for _ in range(MOST_PAGES if gateway.capabilities.list_fees else 0):
            page = gateway.list_fees(mark.since, mark.page)
            mark = mark.after(page.cursor)
            with self.act() as (db, desk):
                fees.take_in(db, desk, account, page.fees)
                fees.read_to(db, account, mark)
            if mark.page is None:
                break
        if mark.page is not None:
            return
        with self.act() as (db, desk):
            fees.finished(db, desk, account)

    def _failed(self, turn: Turn, sentence: str, *, is_permanent: bool = False) -> None:
        with self.act() as (db, desk):
            sweep.failed(db, desk, turn, sentence, is_permanent=is_permanent)

    def _looked(self, turn: Turn) -> None:
        with self.act(writes=False) as (db, desk):
            refs = sweep.open_links(db, desk, turn)
        try:
            with self.act() as (db, desk):
                gateway = self._gateway(db, desk, turn.account)
                instance = self.outside.endpoint(db, turn.account.provider).public_id
        except GatewayTrouble as trouble:
            for ref in refs:
                self._passed_over(turn, ref, trouble)
            raise
        problem = self._links(turn, gateway, refs) or self._late(turn, gateway)
        newest = self._events(turn, gateway, instance) if gateway.capabilities.list_payments else None
        with self.act() as (db, desk):
            desk.point("sweep: looked, not noted")
            gateway_disconnect.forget_keys(db, desk)
            sweep.finished(db, desk, turn, newest, problem)

    def _links(self, turn: Turn, gateway: Gateway, refs: list[LinkRef]) -> str:
        """Each link by itself. One that the gateway refuses to tell about keeps no other from being looked at: the
        first one's reason, "" where there is none. Raises `GatewayTrouble` where nobody answers."""
        problem, refused = "", 0
        for ref in refs:
            try:
                facts = gateway.read(ref)
            except GatewayTrouble as trouble:
                if not trouble.is_permanent:
                    raise
                problem = problem or ONE_LINK.format(trouble.sentence)
                refused += not trouble.is_lost
                if refused == MOST_REFUSED:
                    break
                self._passed_over(turn, ref, trouble)
                continue
            with self.act() as (db, desk):
                sweep_turns.hold(db, desk, turn)
                links.checked(db, desk, ref.request_uuid, facts)
        return problem

    def _late(self, turn: Turn, gateway: Gateway) -> str:
        """What may still come of what is over here, asked by name where the gateway tells it no other way. One that it
        refuses to tell about is passed over until the next round: the first one's reason, "" where there is none."""
        can, problem, refused = gateway.capabilities, "", 0
        if can.cancel_link and can.list_changes:
            return ""
        with self.act() as (db, desk):
            found = [] if can.cancel_link else late_outcomes.pages(db, desk, turn)
            found += [] if can.list_changes else late_outcomes.changes(db, desk, turn)
        for late in found:
            facts: list[Fact] = []
            try:
                facts = gateway.read(late.link) if late.link else gateway.read_payment(late.provider_payment_id)
            except GatewayTrouble as trouble:
                if not trouble.is_permanent:
                    raise
                problem = problem or ONE_LINK.format(trouble.sentence)
                refused += 1
                if refused == MOST_REFUSED:
                    break
            with self.act() as (db, desk):
                sweep_turns.hold(db, desk, turn)
                for fact in facts:
                    payments.ingest(db, desk, fact)
                late_outcomes.asked(db, late)
        return problem

    def _passed_over(self, turn: Turn, ref: LinkRef, trouble: GatewayTrouble) -> None:
        with self.act() as (db, desk):
            sweep_turns.hold(db, desk, turn)
            if trouble.is_lost:
                lost_links.lost(db, desk, ref.request_uuid)

    def _gateway(self, db: Session, desk: Desk, account: Account) -> Gateway:
        if account.account_id is None:
            return self.outside.gateway(account.provider)
        return self.outside.gateway_through(desk, db.get_one(GatewayAccount, account.account_id))

    def _events(self, turn: Turn, gateway: Gateway, instance: str) -> datetime | None:
        """Everything that happened since, oldest page last; the newest moment seen. None where there is more than one
        turn can read: the next one goes on."""
        mark = turn.mark
        for _ in range(MOST_PAGES):
            page = gateway.list_facts(mark.since, mark.page)
            mark = mark.after(page.cursor, page.newest)
            with self.act() as (db, desk):
                sweep_turns.hold(db, desk, turn)
                for incoming in page.items:
                    self._receive(db, desk, turn.account, gateway, incoming, instance)
                bookmarks.lay(db, turn.account.key, mark)
            if mark.page is None:
                return mark.newest
        return None

    def _receive(
        self, db: Session, desk: Desk, account: Account, gateway: Gateway, incoming: Incoming, instance: str
    ) -> None:
        provider_events.receive(
            db,
            desk,
            provider=account.provider,
            instance=instance,
            event=incoming.event,
            facts=incoming.facts,
            through=account.practice_id,
            points_at=gateway.must_be_read(incoming.event.body),
        )
