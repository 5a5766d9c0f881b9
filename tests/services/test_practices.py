"""The practice's settings, tax rates, beginnings and team; on both databases."""

import struct
import zlib
from datetime import date
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.lines import Style, quantity_cell, value
from trova_app.domain.money import style_of
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Member, Practice, TaxRate
from trova_app.services import practices
from trova_app.services.at_work import at_work
from trova_app.services.countries import COUNTRIES
from trova_app.services.logos import LARGEST, mime_of
from trova_app.services.practice_style import percent_text, quantity_text
from trova_app.services.practices import TaxRateChoice


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def a_png(width: int = 2, height: int = 2, filler: int = 0) -> bytes:
    rows = zlib.compress(b"".join(b"\x00" + b"\x00" * 3 * min(width, 4) for _ in range(min(height, 4))))
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"tEXt", b"x" * filler) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def a_jpeg(width: int = 2, height: int = 2) -> bytes:
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8\xff\xe0" + struct.pack(">H", 4) + b"JF" + frame + b"\xff\xda\x00\x02\x00\xff\xd9"


def saved(database, who, version=1, **given):
    return database.do(practices.save_settings, who, version=version, **given)


def faults_of(database, who, **given) -> dict[str, str]:
    with pytest.raises(FieldFaults) as refused:
        saved(database, who, **given)
    return dict(refused.value.faults)


def test_every_setting_is_kept_and_shown_again(database, who):
    given = {
        "name": "Jacaranda & Söhne 🌿", "country": "DE", "currency": "EUR", "time_zone": "Europe/Berlin",
        "address": "Am Markt 1\n10115 Berlin", "phone": "030 555", "email": "hello@example.test",
        "practice_number": "0860000", "council_number": "PS 1", "charges_tax": True, "tax_number": "DE 123",
        "prices_include_tax": False, "bank_name": "Bank", "bank_account_name": "Jacaranda",
        "bank_account_number": "1", "bank_branch_code": "2", "number_prefix": "JAC-26", "sender_name": "Jacaranda",
        "support": "https://help.example.test/trova?for=jacaranda",
        "default_payment_type": "insurance", "payment_terms_days": 30, "idle_minutes": 15,
    }  # fmt: skip
    saved(database, who, **given, logo=a_png())
    shown = database.do(practices.settings_of, who)
    assert {name: getattr(shown, name) for name in given} == given
    assert shown.logo.startswith("data:image/png;base64,iVBOR")
    assert shown.version == 2


def test_one_setting_changes_without_the_others(database, who, db):
    saved(database, who, phone="011 555")
    shown = database.do(practices.settings_of, who)
    assert (shown.phone, shown.name, shown.number_prefix, shown.logo) == ("011 555", "Khanya Practice", "KHA", "")


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", ""), ("name", "x" * 10_000), ("name", "a\nb"), ("name", None),
        ("country", "XX"), ("country", "za"), ("country", 5),
        ("currency", "BTC"), ("currency", None), ("currency", ["ZAR"]),
        ("time_zone", "Mars/Olympus"), ("time_zone", "../../etc/passwd"), ("time_zone", ""),
        ("address", "x" * 501), ("email", "hello@"), ("email", "a@b.test\r\nBcc: x@y.test"),
        ("charges_tax", "yes"), ("prices_include_tax", 1),
        ("number_prefix", ""), ("number_prefix", "A B"), ("number_prefix", "ÄBC"), ("number_prefix", "A" * 13),
        ("number_prefix", "INV/1"), ("sender_name", "Trova\nBcc: x"), ("support", "ask anna"),
        ("support", "http://help.example.test"), ("support", "javascript://help.example.test/%0aalert(1)"),
        ("support", "https://"), ("support", "https://a:b@help.example.test"), ("support", "https://[x"),
        ("support", "https://help.example.test/" + "x" * 300), ("support", "a@b.test, c@d.test"), ("support", 5),
        ("default_payment_type", "cash"), ("payment_terms_days", -1), ("payment_terms_days", 181),
        ("payment_terms_days", "ten"), ("payment_terms_days", True), ("payment_terms_days", 1.5),
        ("idle_minutes", 14), ("idle_minutes", 721), ("idle_minutes", "²"), ("idle_minutes", 10**30),
        ("logo", "text"), ("logo", 5),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_said_beside_its_field_and_nothing_changes(database, who, field, given):
    faults = faults_of(database, who, phone="011 555", **{field: given})
    assert list(faults) == [field]
    assert faults[field].endswith(".") or faults[field][-1].isdigit()
    assert database.do(practices.settings_of, who).version == 1


def test_all_faults_are_said_together(database, who):
    assert set(faults_of(database, who, name="", currency="X", idle_minutes=1)) == {"name", "currency", "idle_minutes"}


def test_a_prefix_is_kept_in_capitals(database, who):
    assert saved(database, who, number_prefix="jac-1").number_prefix == "JAC-1"


def test_only_a_registered_practice_may_charge_tax(database, who):
    assert set(faults_of(database, who, charges_tax=True)) == {"tax_number"}
    assert saved(database, who, charges_tax=True, tax_number="4012345678").charges_tax
    assert set(faults_of(database, who, version=2, tax_number="")) == {"tax_number"}


def test_no_tax_is_charged_where_no_rate_is_in_force(database, who, practice):
    with database.act() as (db, _desk):
        for rate in db.exec(select(TaxRate)):
            rate.valid_to = date(2025, 12, 31)
    assert set(faults_of(database, who, charges_tax=True, tax_number="4012345678")) == {"charges_tax"}


def test_a_field_that_is_no_setting_is_refused(database, who):
    for field in ("mode", "id", "version_", "logo_mime", "created_at"):
        with pytest.raises(Refusal, match="not one of"):
            saved(database, who, **{field: "live"})


def test_of_two_people_saving_the_second_is_told(database, who):
    saved(database, who, phone="1")
    with pytest.raises(ChangedElsewhere):
        saved(database, who, phone="2")
    assert database.do(practices.settings_of, who).phone == "1"


@pytest.mark.parametrize("role", Role)
def test_only_those_the_permission_table_grants_it_see_or_change_settings(database, practice, role):
    with database.act() as (db, _desk):
        who = a.principal(a.a_member(db, practice, role))
    for service, kw in ((practices.settings_of, {}), (practices.save_settings, {"version": 1, "phone": "1"})):
        if may(role, Permission.SETTINGS):
            database.do(service, who, **kw)
        else:
            with pytest.raises(NotAllowed):
                database.do(service, who, **kw)


def test_saving_changes_only_ones_own_practice(database, who, db):
    with database.act() as (work, _desk):
        other = a.a_practice(work, name="Elsewhere").id
    saved(database, who, name="Here")
    assert db.get(Practice, other).name == "Elsewhere"


# -- logo


@pytest.mark.parametrize(
    ("data", "mime"), [(a_png(), "image/png"), (a_jpeg(), "image/jpeg"), (a_png(3000, 3000), "image/png")]
)
def test_a_small_picture_is_taken_whatever_it_is_called(data, mime):
    assert mime_of(data) == mime


@pytest.mark.parametrize(
    "data",
    [
        b"", None, "text", b"GIF89a" + b"\x00" * 50, b"<svg onload='alert(1)'/>",
        b"\x89PNG\r\n\x1a\n", a_png()[:-4], a_png()[:30], a_png().replace(b"IHDR", b"IHDX"),
        a_png()[:40] + b"\x00" + a_png()[41:], a_png(0, 5), a_png(3001, 1), a_png(filler=LARGEST),
        b"\xff\xd8\xff\xd9", a_jpeg()[:-1], b"\xff\xd8" + b"\xff" * 100 + b"\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x01" + b"\xff\xd9", a_jpeg(60000, 60000),
    ],
)  # fmt: skip
def test_what_is_no_small_whole_picture_is_refused_beside_the_field(data):
    with pytest.raises(Refusal) as refused:
        mime_of(data)
    assert refused.value.field == "logo"


def test_a_logo_can_be_taken_away_again(database, who, db):
    assert saved(database, who, logo=a_jpeg()).logo.startswith("data:image/jpeg;")
    assert saved(database, who, version=2, logo=b"").logo == ""
    assert db.exec(select(Practice.logo, Practice.logo_mime)).one() == (None, "")


# -- tax rates


def test_the_rate_of_a_day_is_the_one_in_force_then(database, practice):
    with database.act() as (db, _desk):
        old = db.exec(select(TaxRate).where(TaxRate.rate == 15000)).one()
        old.valid_to = date(2026, 3, 31)
        db.add(
            TaxRate(practice_id=practice.id, name="VAT 16%", rate=16000, is_standard=True, valid_from=date(2026, 4, 1))
        )
        db.flush()
        rates = {day: practices.tax_rates_on(db, practice.id, day) for day in (date(2026, 3, 31), date(2026, 4, 1))}
        assert practices.tax_rates_on(db, practice.id, date(2018, 3, 31)) == []
        assert practices.tax_rates_on(db, practice.id + 1, date(2026, 4, 1)) == []
    assert rates[date(2026, 3, 31)] == [TaxRateChoice(15000, "VAT 15%", True), TaxRateChoice(0, "No VAT", False)]
    assert rates[date(2026, 4, 1)] == [TaxRateChoice(16000, "VAT 16%", True), TaxRateChoice(0, "No VAT", False)]


# -- beginnings


@pytest.mark.parametrize("country", COUNTRIES)
def test_a_practice_begins_with_its_countrys_money_time_and_tax(database, country, db):
    with database.act() as (work, desk):
        key = practices.new_practice(work, desk, "Jacaranda", country)
        today = desk.today(COUNTRIES[country].time_zone)
        rates = practices.tax_rates_on(work, key, today)
    begun = db.get(Practice, key)
    assert (begun.country, begun.currency, begun.charges_tax, begun.mode) == (
        country, COUNTRIES[country].currency, False, "test",
    )  # fmt: skip
    assert ZoneInfo(begun.time_zone)
    assert style_of(begun.currency, country).show(100)
    assert sum(rate.is_standard for rate in rates) == (1 if COUNTRIES[country].rate else 0)
    assert 0 in [rate.rate for rate in rates]


def test_rates_are_written_as_people_write_them():
    assert [percent_text(rate, ".") for rate in (15000, 8100, 0, 12345)] == ["15%", "8.1%", "0%", "12.345%"]
    assert percent_text(25500, style_of("EUR", "FI").point) == "25,5%"


@pytest.mark.parametrize("point", [",", "."])
def test_a_quantity_is_put_into_a_box_so_that_it_is_not_asked_about(point: str) -> None:
    style = Style(places=2, symbol="R", group=" ", point=point)
    for n in (1, 10, 125, 333, 1000, 1125, 1250, 1300, 12_345, 999_999, 1_000_000, 1_000_001):
        assert quantity_cell(quantity_text(n, point), style) == value(n)


@pytest.mark.parametrize(
    ("name", "country"), [("", "ZA"), (None, "ZA"), ("x" * 10_000, "ZA"), ("J", "XX"), ("J", ""), ("J", None)]
)
def test_a_practice_needs_a_name_and_a_known_country(database, name, country, db):
    with pytest.raises(FieldFaults), database.act() as (work, desk):
        practices.new_practice(work, desk, name, country)
    assert db.exec(select(Practice)).all() == []


def add(database, practice_id, email="Anna@Example.TEST", name="Anna", role="clinician") -> int:
    with database.act() as (db, desk):
        return practices.add_member(db, desk, practice_id, email, name, role, "argon2-hash")


@pytest.mark.parametrize("role", Role)
def test_a_new_member_has_the_role_and_only_those_who_treat_stand_on_documents(database, practice, role, db):
    member = db.get(Member, add(database, practice.id, role=role.value))
    assert (member.email, member.name, member.role, member.password_hash) == (
        "anna@example.test", "Anna", role.value, "argon2-hash",
    )  # fmt: skip
    assert member.is_practitioner == (role in (Role.OWNER, Role.CLINICIAN))


def test_an_address_signs_in_to_one_practice_only(database, practice):
    add(database, practice.id)
    with database.act() as (db, _desk):
        other = a.a_practice(db, name="Elsewhere").id
    with pytest.raises(FieldFaults) as refused:
        add(database, other, email="ANNA@example.test")
    assert refused.value.faults[0][0] == "email"


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("email", ""),
        ("email", "anna"),
        ("email", None),
        ("name", ""),
        ("name", "x" * 10_000),
        ("role", "admin"),
        ("role", None),
    ],
)
def test_a_member_needs_an_address_a_name_and_a_role(database, practice, field, given, db):
    with pytest.raises(FieldFaults) as refused:
        add(database, practice.id, **{field: given})
    assert [name for name, _ in refused.value.faults] == [field]
    assert db.exec(select(Member)).all() == []


@pytest.mark.parametrize("practice_id", [999_999, None, "1", 0])
def test_a_member_needs_a_practice_that_exists(database, practice_id):
    with pytest.raises(NotFound):
        add(database, practice_id)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Help@Jacaranda.test ", "help@jacaranda.test"),
        ("https://help.example.test/a%20b?c=d#e", "https://help.example.test/a%20b?c=d#e"),
        ("", ""),
    ],
)
def test_everybody_is_told_where_to_ask_for_help(database, who, typed, kept):
    saved(database, who, support=typed)
    with database.act() as (db, _desk):
        reader = a.principal(a.a_member(db, db.get_one(Practice, who.practice_id), Role.READ_ONLY))
    assert database.do(at_work, reader).support == kept
