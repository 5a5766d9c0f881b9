"""The checks of `trova doctor`: each by itself, each with what to do where something is not in order."""

import asyncio
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import sqlalchemy as sa
from sqlmodel import Session, col, func, select

from trova_app.models import GatewayAccount, OutboxRow, Practice
from trova_app.settings import Settings

if TYPE_CHECKING:
    from trova_app.services.gateway_health import HealthLine

State = Literal["ok", "note", "failed"]
KEY_BYTES = 32
MANY_LETTERS = 10
LITTLE_SPACE, SCARCE_SPACE = 200, 1024  # MB
OUTBOX_WAITS = timedelta(minutes=15)
SWEEP_WAITS = timedelta(hours=1)
CLOCK_MAY_DIFFER = timedelta(minutes=5)  # gateways sign their events with the time


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    state: State
    sentence: str


def examined(chosen: Settings) -> list[Finding]:
    """Every check, each by itself: what breaks one is that one's finding."""
    found = [one for check in ALONE for one in _kept(check, chosen)]
    database = list(_kept(database_answers, chosen))
    if all(one.state == "ok" for one in database):
        database += [one for check in WITH_DATABASE for one in _kept(_in_database(check), chosen)]
    return found + database


def _kept(check: Callable[[Settings], Iterator[Finding]], chosen: Settings) -> list[Finding]:
    try:
        return list(check(chosen))
    except Exception as failure:  # its words may quote a password
        name = check.__name__.replace("_", " ")
        return [Finding(name, "failed", f"This could not be looked at ({type(failure).__name__}).")]


def _in_database(check: Callable[[Session, Settings], Iterator[Finding]]) -> Callable[[Settings], Iterator[Finding]]:
    def asked(chosen: Settings) -> Iterator[Finding]:
        from trova_app.wiring import unit_of_work

        with unit_of_work(writes=False) as (db, _desk):
            yield from check(db, chosen)

    asked.__name__ = check.__name__
    return asked


# -- without the database


def data_folder(chosen: Settings) -> Iterator[Finding]:
    folder = chosen.data_dir
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            yield Finding("data folder", "ok", f"{folder} can be written.")
    except OSError:
        yield Finding("data folder", "failed", f"{folder} cannot be written. Give it to the user Trova runs as.")


def disk(chosen: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(chosen.data_dir).free // 2**20
    state: State = "failed" if free < LITTLE_SPACE else "note" if free < SCARCE_SPACE else "ok"
    advice = "" if state == "ok" else " Make room, or the database can take nothing in."
    yield Finding("disk", state, f"{free:,} MB are free in the data folder.{advice}")


def installation_key(chosen: Settings) -> Iterator[Finding]:
    """Sign-ins, webhook names and stored gateway keys depend on it."""
    given = chosen.secret_key.get_secret_value()
    if given:
        yield _given_key(given, chosen.mode)
        return
    file = chosen.data_dir / "secret.key"
    if not file.exists():
        yield Finding("secret key", "ok", "It is made and kept in the data folder at the first start.")
        return
    yield from _key_file(file)


def _given_key(given: str, mode: str) -> Finding:
    if len(given.encode()) >= KEY_BYTES and len(set(given)) >= MANY_LETTERS:
        return Finding("secret key", "ok", "TROVA_SECRET_KEY is long enough.")
    advice = (
        "Make one: python3 -c 'import secrets; print(secrets.token_hex(32))'. Stored gateway keys and sign-ins end."
    )
    state: State = "failed" if mode == "live" else "note"
    return Finding("secret key", state, f"TROVA_SECRET_KEY is easily guessed. {advice}")


def _key_file(file: Path) -> Iterator[Finding]:
    shared = file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    if shared:
        yield Finding("secret key", "failed", f"Others on this machine can read {file}. Run: chmod 600 {file}")
    elif len(file.read_bytes()) < KEY_BYTES:
        yield Finding("secret key", "failed", f"{file} is cut short. Put it back from a backup.")
    else:
        yield Finding("secret key", "ok", f"Kept in {file}, for nobody else to read.")


def address(chosen: Settings) -> Iterator[Finding]:
    from trova_app.services.gateway_webhooks import can_receive

    if chosen.mode == "live" and not chosen.is_https:
        yield Finding("address", "failed", f"{chosen.origin} is not https. Set TROVA_BASE_URL to the https address.")
        return
    yield Finding("address", "ok", f"People reach it at {chosen.origin}.")
    if can_receive(chosen.origin):
        yield Finding("webhooks", "ok", "A gateway can report to this address.")
    else:
        words = "A gateway cannot reach this address; payments are looked up every few minutes. That is enough."
        yield Finding("webhooks", "ok", words)


def mail_server(chosen: Settings) -> Iterator[Finding]:
    from trova_app.adapters.smtp_mail import SmtpMail
    from trova_app.domain.mail import MailRefused

    url = chosen.smtp_url.get_secret_value()
    if not url:
        state: State = "note" if chosen.mode == "live" else "ok"
        yield Finding("mail", state, "No mail server is set (TROVA_SMTP_URL): letters are kept under Outbox.")
        return
    try:
        asyncio.run(SmtpMail(url).shake_hands())
        yield Finding("mail", "ok", "The mail server answers and takes our sign-in.")
    except ValueError as problem:
        yield Finding("mail", "failed", f"TROVA_SMTP_URL cannot be read. {problem}.")
    except MailRefused as refusal:
        yield Finding("mail", "failed", f"{refusal.reason}. Look at TROVA_SMTP_URL.")


def fonts(_chosen: Settings) -> Iterator[Finding]:
    import typst

    from trova_app.adapters.pdf import TYPST_FOLDER

    families = typst.Fonts(include_system_fonts=False, font_paths=[TYPST_FOLDER / "fonts"]).families()
    if "Inter" in families:
        yield Finding("fonts", "ok", "Documents can be printed.")
    else:
        yield Finding("fonts", "failed", "The documents' font (Inter) is missing. Install Trova again.")


ALONE = (data_folder, disk, installation_key, address, mail_server, fonts)


# -- with the database


def database_answers(_chosen: Settings) -> Iterator[Finding]:
    from trova_app.migrate import is_current
    from trova_app.wiring import engine

    try:
        is_new = is_current(engine())
    except sa.exc.SQLAlchemyError:
        words = "It cannot be reached. Look at TROVA_DATABASE_URL, and whether its server runs."
        yield Finding("database", "failed", words)
        return
    if is_new:
        yield Finding("database", "ok", f"{engine().dialect.name}, with the newest tables.")
    else:
        yield Finding("database", "failed", "Its tables are not this version's. Run: trova migrate")


def mail_sender(db: Session, chosen: Settings) -> Iterator[Finding]:
    if not chosen.smtp_url.get_secret_value() or chosen.mail_from:
        return
    without = db.exec(select(Practice.name).where(Practice.email == "").order_by(col(Practice.id))).all()
    if without:
        words = f"{', '.join(without)} has no mail address to send from. Set TROVA_MAIL_FROM, or it under Settings."
        yield Finding("mail sender", "failed", words)
    else:
        yield Finding("mail sender", "ok", "Letters come from each practice's own address.")


def clock_and_zones(db: Session, _chosen: Settings) -> Iterator[Finding]:
    from trova_app.wiring import clock

    newest = db.exec(select(func.max(OutboxRow.created_at))).one()
    if newest and newest > clock().now() + CLOCK_MAY_DIFFER:
        yield Finding("clock", "failed", "This machine's clock is behind what was written before. Set it by NTP.")
    else:
        yield Finding("clock", "ok", f"It is {clock().now():%Y-%m-%d %H:%M} UTC.")
    for zone in db.exec(select(Practice.time_zone).distinct()):
        if not _is_zone(zone):
            yield Finding("time zone", "failed", f"{zone} is not known here. Choose another one under Settings.")


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def outbox(db: Session, _chosen: Settings) -> Iterator[Finding]:
    from trova_app.wiring import clock

    waiting = col(OutboxRow.done_at).is_(None), col(OutboxRow.dead_at).is_(None)
    oldest = db.exec(select(func.min(OutboxRow.due_at)).where(*waiting)).one()
    if oldest and clock().now() - oldest > OUTBOX_WAITS:
        words = f"Something has been due since {oldest:%Y-%m-%d %H:%M} UTC. Start the server, or: trova worker"
        yield Finding("outbox", "failed", words)
    else:
        yield Finding("outbox", "ok", "Nothing is overdue.")
    stopped = db.exec(select(func.count()).where(col(OutboxRow.dead_at).is_not(None))).one()
    if stopped:
        yield Finding("outbox", "note", f"{stopped} stopped for good. See why under Outbox, and press Retry.")


def gateways(db: Session, chosen: Settings) -> Iterator[Finding]:
    yield from _installation_gateway(db, chosen)
    yield from _lost_links(db)
    connected = select(GatewayAccount).where(col(GatewayAccount.disconnected_at).is_(None))
    for account in db.exec(connected.order_by(col(GatewayAccount.id))):
        yield from _account(db, account, chosen)


def _installation_gateway(db: Session, chosen: Settings) -> Iterator[Finding]:
    """Whether its key works, and what Settings, Payments says of it."""
    from trova_app.services.gateway_health import lines_of_installation
    from trova_app.services.sweep import status_of_installation
    from trova_app.wiring import clock

    key = chosen.stripe_api_key.get_secret_value()
    if not key:
        words = "No gateway for practices without an account of their own (Settings, Payments)."
        simulated = "Practices without an account of their own use the simulated gateway."
        yield Finding("gateway", "ok", words if chosen.mode == "live" else simulated)
    elif ("_live_" in key) != (chosen.mode == "live"):
        words = f"STRIPE_API_KEY is of another kind than the mode ({chosen.mode}). Put in a fitting one."
        yield Finding("gateway", "failed", words)
    else:
        yield _tried("gateway", "stripe", key, chosen)
        if last := status_of_installation(db, "stripe").last_sweep_at:
            yield from _looked_up("gateway", last)
        hears = chosen.stripe_webhook_secret.get_secret_value() != ""
        yield from _said("gateway", lines_of_installation(db, clock().now(), chosen.origin, hears))


def _lost_links(db: Session) -> Iterator[Finding]:
    from trova_app.services import lost_links

    if count := lost_links.how_many(db):
        words = f"Open payment links made with another key, which nobody here can close: {count}."
        advice = "Put the former STRIPE_API_KEY back, or see Billing, To decide."
        yield Finding("gateway", "failed", f"{words} {advice}")


def _account(db: Session, account: GatewayAccount, chosen: Settings) -> Iterator[Finding]:
    """Whether its key works, and what Settings, Payments says of it."""
    from trova_app.domain.refusals import Refusal
    from trova_app.services.gateway_accounts import PROVIDERS, connection
    from trova_app.services.gateway_health import lines_of_account
    from trova_app.wiring import clock, vault

    what = f"{PROVIDERS.get(account.provider, account.provider)} of practice {account.practice_id}"
    try:
        key = connection(vault(), account).key
    except Refusal as refusal:
        yield Finding(what, "failed", refusal.sentence)
        return
    yield _tried(what, account.provider, key, chosen)
    yield from _looked_up(what, account.last_sweep_at or account.connected_at)
    yield from _said(what, lines_of_account(db, clock().now(), chosen.origin, account))


def _looked_up(what: str, last: datetime) -> Iterator[Finding]:
    from trova_app.wiring import clock

    if clock().now() - last > SWEEP_WAITS:
        words = f"Payments were last looked up at {last:%Y-%m-%d %H:%M} UTC. Is a worker running?"
        yield Finding(what, "failed", words)


def _said(what: str, lines: Iterable["HealthLine"]) -> Iterator[Finding]:
    for line in lines:
        yield Finding(what, "note" if line.is_problem else "ok", f"{line.what}: {line.words}")


def _tried(what: str, provider: str, key: str, chosen: Settings) -> Finding:
    """One harmless call with the key."""
    from trova_app.domain.gateways import GatewayTrouble
    from trova_app.own_gateways import tried_key

    mode = "live" if "_live_" in key else "test"
    try:
        tried_key(chosen, provider, key)
    except GatewayTrouble as trouble:
        return Finding(what, "failed", trouble.sentence)
    return Finding(what, "ok", f"The {mode} key works.")


WITH_DATABASE = (mail_sender, clock_and_zones, outbox, gateways)
