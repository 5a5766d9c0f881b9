"""`trova doctor`: each thing an installation stands on, in order and out of order; every line says what to do."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest
import typer
from pydantic import SecretStr
from sqlmodel import select
from typer.testing import CliRunner

from tests import builders as a
from tests.adapters.test_smtp_mail import Postbox, serving
from tests.contract.paystack_stand_in import KEY as PAYSTACK_KEY
from tests.contract.paystack_stand_in import served as paystack_served
from tests.paying import asked_to_pay
from trova_app import migrate, wiring
from trova_app import settings as chosen_settings
from trova_app.adapters.secrets import Vault
from trova_app.commands import examination
from trova_app.commands.doctor import doctor
from trova_app.models import GatewayAccount, Member, OutboxRow, PaymentRequest, Practice, SweepTurn
from trova_app.services import gateway_accounts, gateway_health, lost_links, webhook_endpoints
from trova_app.settings import Settings

STRONG = "b7c1e09f5a2d4e6f8091a2b3c4d5e6f7"


def installation(tmp_path: Path, **given) -> Settings:
    plain = {"mode": "test", "data_dir": tmp_path, "secret_key": SecretStr(STRONG), "stripe_api_key": SecretStr("")}
    return Settings(_env_file=None, **plain | given)


def found(check, chosen: Settings) -> dict[str, str]:
    """{what: "state sentence"}"""
    return {one.what: f"{one.state} {one.sentence}" for one in check(chosen)}


@pytest.fixture
def trova(database, monkeypatch, tmp_path):
    """Runs `trova doctor` on the test's database: (exit code, lines)."""
    app = typer.Typer()
    app.command()(doctor)
    monkeypatch.setattr(wiring, "engine", lambda: database.engine)
    monkeypatch.setattr(wiring, "clock", lambda: database.clock)
    monkeypatch.setattr(wiring, "vault", lambda: Vault(b"tests-only"))

    def run(*words: str, **given) -> tuple[int, list[str]]:
        chosen = installation(tmp_path, **given)
        monkeypatch.setattr(chosen_settings, "settings", lambda: chosen)
        said = CliRunner().invoke(app, list(words))
        assert said.exception is None or isinstance(said.exception, SystemExit), said.exception
        return said.exit_code, said.stdout.splitlines()

    return run


@pytest.fixture
def practice(database) -> Practice:
    with database.act() as (db, _desk):
        return a.a_practice(db)


def test_an_installation_in_order_ends_with_code_0(trova, practice):
    code, lines = trova()
    assert (code, lines[-1]) == (0, "Everything needed is in order.")
    assert not [line for line in lines if line.startswith("failed")]


def test_one_line_of_json_for_each_finding_and_one_for_the_sum(trova, practice):
    code, lines = trova("--json", mode="live")
    *rows, total = map(json.loads, lines)
    failed = [row["what"] for row in rows if row["state"] == "failed"]
    assert (code, total) == (1, {"failed": len(failed)})
    assert failed == ["address"]
    assert all(set(row) == {"what", "state", "sentence"} and row["sentence"].endswith((".", "?")) for row in rows)


def test_a_database_that_cannot_be_reached_is_one_finding_and_hides_nothing_else(trova, monkeypatch, tmp_path):
    engine = wiring.make_engine(f"sqlite:///{tmp_path}/no/such/folder/trova.sqlite3")
    monkeypatch.setattr(wiring, "engine", lambda: engine)
    code, lines = trova()
    assert code == 1
    assert [line for line in lines if "database" in line and "TROVA_DATABASE_URL" in line]
    assert [line for line in lines if line.startswith("ok") and "disk" in line]


def test_a_database_of_another_version_says_to_migrate(trova, practice, monkeypatch):
    monkeypatch.setattr(migrate, "is_current", lambda _engine: False)
    code, lines = trova()
    assert code == 1
    assert "failed database: Its tables are not this version's. Run: trova migrate" in lines


# -- the key, the folder, the address


@pytest.mark.parametrize(
    ("key", "mode", "state"),
    [(STRONG, "live", "ok"), ("abc", "live", "failed"), ("abc", "test", "note"), ("a" * 64, "live", "failed")],
)
def test_an_easily_guessed_key_is_noticed(tmp_path, key, mode, state):
    said = found(examination.installation_key, installation(tmp_path, secret_key=SecretStr(key), mode=mode))[
        "secret key"
    ]
    assert said.startswith(state)
    assert key not in said or state == "ok"


@pytest.mark.parametrize(
    ("rights", "content", "words"),
    [(0o600, STRONG, "ok"), (0o644, STRONG, "chmod 600"), (0o640, STRONG, "chmod 600"), (0o600, "short", "cut short")],
)
def test_a_kept_key_is_for_nobody_else_to_read(tmp_path, rights, content, words):
    file = tmp_path / "secret.key"
    file.write_text(content)
    file.chmod(rights)
    assert words in found(examination.installation_key, installation(tmp_path, secret_key=SecretStr("")))["secret key"]


def test_a_look_at_a_fresh_installation_makes_no_key(tmp_path):
    assert found(examination.installation_key, installation(tmp_path, secret_key=SecretStr("")))[
        "secret key"
    ].startswith("ok")
    assert not (tmp_path / "secret.key").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="this user may write everywhere")
def test_a_folder_that_cannot_be_written_is_noticed(tmp_path):
    tmp_path.chmod(0o500)
    assert found(examination.data_folder, installation(tmp_path))["data folder"].startswith("failed")
    tmp_path.chmod(0o700)


def test_a_data_folder_that_is_a_file_is_noticed(tmp_path):
    (tmp_path / "data").write_text("")
    chosen = installation(tmp_path, data_dir=tmp_path / "data")
    assert found(examination.data_folder, chosen)["data folder"].startswith("failed")


def test_little_room_is_noticed_before_there_is_none(tmp_path, monkeypatch):
    for free, state in ((100, "failed"), (500, "note"), (5000, "ok")):
        usage = type("Usage", (), {"free": free * 2**20})
        monkeypatch.setattr(examination.shutil, "disk_usage", lambda _folder, usage=usage: usage)
        assert found(examination.disk, installation(tmp_path))["disk"].startswith(state)


@pytest.mark.parametrize(
    ("url", "mode", "words"),
    [
        ("https://practice.example", "live", "A gateway can report"),
        ("https://192.168.1.5", "live", "That is enough"),
        ("", "test", "That is enough"),
        ("http://practice.example", "live", "is not https"),
    ],
)
def test_the_address_says_whether_webhooks_can_arrive(tmp_path, url, mode, words):
    assert words in " ".join(found(examination.address, installation(tmp_path, base_url=url, mode=mode)).values())


# -- mail


@pytest.fixture
def mail_url():
    """A mail server that needs nobody to sign in."""
    with serving(Postbox()) as address:
        yield f"smtp://{address}?tls=none"


def test_the_mail_server_is_greeted_and_nothing_is_sent(tmp_path, mail_url):
    assert found(examination.mail_server, installation(tmp_path, smtp_url=SecretStr(mail_url)))["mail"].startswith("ok")


@pytest.mark.parametrize("url", ["smtp://someone:hunter2@127.0.0.1:9?tls=none", "mailto:hunter2"])
def test_a_mail_server_that_is_not_there_is_told_without_its_password(tmp_path, url):
    said = found(examination.mail_server, installation(tmp_path, smtp_url=SecretStr(url)))["mail"]
    assert said.startswith("failed") and "TROVA_SMTP_URL" in said
    assert "hunter2" not in said


def test_a_mail_server_that_wants_tls_where_it_has_none_is_told(tmp_path, mail_url):
    chosen = installation(tmp_path, smtp_url=SecretStr(mail_url.replace("none", "starttls")))
    assert found(examination.mail_server, chosen)["mail"].startswith("failed")


def test_somebody_has_to_be_the_sender(trova, database, mail_url):
    with database.act() as (db, _desk):
        a.a_practice(db, name="Khanya Practice", email="")
    code, lines = trova(smtp_url=SecretStr(mail_url))
    assert code == 1
    assert [line for line in lines if "Khanya Practice has no mail address to send from" in line]
    assert trova(smtp_url=SecretStr(mail_url), mail_from="billing@khanya.example")[0] == 0


# -- clock, outbox, gateways


def a_job(db, **given) -> OutboxRow:
    practice = db.exec(select(Practice)).one()
    plain = {"practice_id": practice.id, "kind": "letter", "key": "letter/1", "payload": "{}"}
    row = OutboxRow(**plain | given)
    db.add(row)
    return row


def test_a_clock_behind_what_was_written_is_noticed(trova, practice, database):
    with database.act() as (db, desk):
        a_job(db, due_at=desk.now(), created_at=desk.now(), done_at=desk.now())
    assert trova()[0] == 0
    database.clock.advance(minutes=-6)
    code, lines = trova()
    assert code == 1 and [line for line in lines if line.startswith("failed clock")]


def test_a_time_zone_that_no_longer_exists_is_noticed(trova, practice, database):
    with database.act() as (db, _desk):
        db.get_one(Practice, practice.id).time_zone = "Atlantis/Capital"
    code, lines = trova()
    assert code == 1 and [line for line in lines if "Atlantis/Capital" in line]


def test_work_that_nobody_does_is_noticed(trova, practice, database):
    with database.act() as (db, desk):
        a_job(db, due_at=desk.now(), created_at=desk.now())
    assert trova()[0] == 0
    database.clock.advance(minutes=16)
    code, lines = trova()
    assert code == 1 and [line for line in lines if line.startswith("failed outbox") and "trova worker" in line]


def test_work_that_stopped_is_told_and_is_no_failure_of_the_installation(trova, practice, database):
    with database.act() as (db, desk):
        a_job(db, due_at=desk.now(), created_at=desk.now(), dead_at=desk.now())
    code, lines = trova()
    assert code == 0 and [line for line in lines if line.startswith("note") and "1 stopped" in line]


@pytest.mark.parametrize(("key", "mode"), [("sk_live_1", "test"), ("rk_test_1", "live")])
def test_a_key_of_another_kind_than_the_mode_is_noticed(trova, practice, key, mode):
    code, lines = trova(stripe_api_key=SecretStr(key), mode=mode, base_url="https://practice.example")
    assert code == 1
    assert [line for line in lines if line.startswith("failed gateway") and "STRIPE_API_KEY" in line]
    assert key not in "\n".join(lines)


def test_links_made_with_another_key_are_told_until_the_former_one_is_back(trova, database):
    asked_to_pay(database, gateway="stripe")
    with database.act() as (db, desk):
        request = db.exec(select(PaymentRequest)).one()
        request.state, request.provider_ref, request.url = "active", "plink_1", "https://pay.stripe.test/plink_1"
        uuid = request.request_uuid
        lost_links.lost(db, desk, uuid)
    code, lines = trova()
    (said,) = [line for line in lines if line.startswith("failed gateway")]
    assert code == 1 and said.endswith("1. Put the former STRIPE_API_KEY back, or see Billing, To decide.")
    with database.act() as (db, desk):
        lost_links.found(db, desk, uuid)
    assert [line for line in trova()[1] if line.startswith("failed gateway")] == []


@pytest.fixture
def connected(database, practice) -> GatewayAccount:
    desk = database.desk()
    desk.vault = Vault(b"tests-only")
    with database.act(desk) as (db, desk):
        owner = a.principal(a.a_member(db, practice))
        gateway_accounts.connect(db, desk, owner, provider="paystack", key=PAYSTACK_KEY)
        return db.exec(select(GatewayAccount)).one()


def test_a_connected_accounts_key_is_tried_harmlessly(trova, connected):
    with paystack_served() as paystack:
        code, lines = trova(paystack_api_base=paystack.url)
        assert (code, [call.method for call in paystack.calls]) == (0, ["GET"])
    assert [line for line in lines if line.startswith("ok") and "The test key works" in line]


def test_a_key_that_was_taken_back_at_the_gateway_is_noticed(trova, connected):
    with paystack_served() as paystack:
        paystack.switches[:] = [401]
        code, lines = trova(paystack_api_base=paystack.url)
    assert code == 1 and [line for line in lines if line.startswith("failed") and "did not accept the key" in line]


def test_a_key_that_does_not_open_says_what_to_put_back(trova, connected, monkeypatch):
    monkeypatch.setattr(wiring, "vault", lambda: Vault(b"another"))
    code, lines = trova()
    assert code == 1 and [line for line in lines if "TROVA_SECRET_KEY" in line]


def test_payments_nobody_looked_up_for_long_are_noticed(trova, connected, database):
    database.clock.advance(minutes=61)
    with paystack_served() as paystack:
        code, lines = trova(paystack_api_base=paystack.url)
        assert code == 1 and [line for line in lines if "Is a worker running?" in line]
        with database.act() as (db, desk):
            account = db.get_one(GatewayAccount, connected.id)
            account.last_sweep_at = desk.now() - timedelta(minutes=9)
            account.last_sweep_error = "Paystack did not answer."
        code, lines = trova(paystack_api_base=paystack.url)
    assert code == 0 and [line for line in lines if line.startswith("note") and "did not answer" in line]


def test_it_says_of_a_connected_account_what_the_settings_say(trova, connected, database):
    with database.act() as (db, desk):
        account = db.get_one(GatewayAccount, connected.id)
        account.last_event_at, account.last_sweep_at = desk.now() - timedelta(minutes=4), desk.now()
        who = a.principal(db.exec(select(Member)).one())
        shown = [f"{line.what}: {line.words}" for line in gateway_health.health(db, desk, who).lines]
    with paystack_served() as paystack:
        _code, lines = trova(paystack_api_base=paystack.url)
    assert len(shown) == 4 and "Last notice: 4 min ago" in shown
    said = [line for line in lines if "Paystack of practice" in line]
    assert [words for words in shown if not any(line.endswith(words) for line in said)] == []


def test_it_says_of_the_installations_own_key_what_the_settings_say(trova, practice, database):
    with database.act() as (db, desk):
        webhook_endpoints.make_endpoint(db, "stripe", "c" * 32, "").heard_at = desk.now() - timedelta(minutes=4)
        db.add(SweepTurn(key="stripe", last_sweep_at=desk.now() - timedelta(minutes=2)))
        a_job(db, kind="open_link", due_at=desk.now(), created_at=desk.now(), dead_at=desk.now())
    given = {"stripe_api_key": SecretStr("rk_test_12345678"), "stripe_webhook_secret": SecretStr("whsec_1")}
    given |= {"stripe_api_base": "http://127.0.0.1:9", "base_url": "https://practice.example"}
    said = [line.split(": ", 1)[1] for line in trova(**given)[1] if " gateway: " in line]
    assert "Last notice: 4 min ago" in said and "Looking up payments: Last successful check 2 min ago" in said
    assert f"Webhook address: https://practice.example/hooks/stripe/{'c' * 32}" in said
    desk = database.desk()
    desk.gateway, desk.origin, desk.believes_webhooks = "stripe", "https://practice.example", True
    with database.act(desk) as (db, desk):
        who = a.principal(a.a_member(db, practice))
        shown = [f"{line.what}: {line.words}" for line in gateway_health.health(db, desk, who).lines]
    assert [words for words in shown if words not in said] == [] and len(shown) == 6
    database.clock.advance(minutes=61)
    assert [line for line in trova(**given)[1] if line.startswith("failed") and "Is a worker running?" in line]
