"""Finishing a session, exactly as the three payment types say."""

import pytest
from sqlmodel import select

from tests import builders as a
from trova_app.domain.permissions import Role
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import (
    Appointment,
    Client,
    ClientDiagnosis,
    CompletionDraft,
    Document,
    Invoice,
    InvoiceLine,
    OutboxRow,
    Payment,
    PaymentRequest,
    Practice,
)
from trova_app.services import billing, working_copy


def the_invoice(db) -> Invoice:
    return db.exec(select(Invoice)).one()


def kinds_in_outbox(db) -> list[str]:
    return sorted(row.kind for row in db.exec(select(OutboxRow)))


def test_save_and_review_makes_a_draft_and_sends_nothing(session, db):
    done = session.finish("save_draft", payment_type="online")
    invoice = the_invoice(db)
    assert (invoice.status, invoice.number, invoice.total_minor) == ("draft", None, 125000)
    assert done.invoice_id == invoice.id
    assert kinds_in_outbox(db) == []
    assert db.get(Appointment, session.id).state == "completed"


def test_request_payment_issues_the_invoice_and_asks_for_a_link(session, db):
    session.finish("request_payment", payment_type="online")
    invoice = the_invoice(db)
    assert (invoice.status, invoice.number_text) == ("issued", "KHA-0001")
    request = db.exec(select(PaymentRequest)).one()
    assert (request.amount_minor, request.currency, request.state) == (125000, "ZAR", "creating")
    assert kinds_in_outbox(db) == ["open_link"]  # the letter waits for the link
    assert db.get(CompletionDraft, session.id) is None


def test_send_mails_the_invoice_and_asks_for_no_link(session, db):
    session.finish("send_invoice", payment_type="other")
    assert kinds_in_outbox(db) == ["letter"]
    assert db.exec(select(PaymentRequest)).all() == []
    assert db.exec(select(Document)).one().kind == "invoice"


def test_send_receipt_records_the_whole_amount_and_mails_a_receipt(session, db):
    session.finish("send_receipt", payment_type="other", method="bank_transfer", reference="TM 17")
    payment = db.exec(select(Payment)).one()
    assert (payment.amount_minor, payment.method, payment.reference) == (125000, "bank_transfer", "TM 17")
    letter = db.exec(select(OutboxRow)).one()
    assert '"receipt"' in letter.payload
    assert {d.kind for d in db.exec(select(Document))} == {"invoice", "receipt"}


def test_send_receipt_with_less_than_the_total_is_partly_paid(session, db):
    session.finish("send_receipt", payment_type="other", cash="500")
    assert db.exec(select(Payment)).one().amount_minor == 50000
    receipt = db.exec(select(Document).where(Document.kind == "receipt")).one()
    assert '"due":75000' in receipt.content


def test_an_insurer_invoice_carries_no_payment_link(session, db):
    session.finish("bill_insurer", payment_type="insurance")
    invoice = the_invoice(db)
    document = db.exec(select(Document)).one()
    assert (invoice.status, document.kind) == ("issued", "insurer_invoice")
    assert "/pay/" not in document.content
    assert "KM 123456" in document.content and "F41.1" in document.content and "0861234" in document.content
    assert kinds_in_outbox(db) == ["render_document"]
    assert db.exec(select(PaymentRequest)).all() == []


@pytest.mark.parametrize(
    ("payment_type", "act"),
    [
        ("insurance", "request_payment"),
        ("insurance", "send_receipt"),
        ("other", "request_payment"),
        ("online", "send_invoice"),
        ("online", "bill_insurer"),
        ("online", "drop_table"),
    ],
)
def test_a_button_of_another_payment_type_is_refused(session, db, payment_type, act):
    with pytest.raises(Refusal, match="does not belong"):
        session.finish(act, payment_type=payment_type)
    assert db.exec(select(Invoice)).all() == []


def test_the_total_that_was_seen_is_the_total_that_is_finalized(session, db):
    with pytest.raises(Refusal, match="Nothing was done"):
        session.finish("send_invoice", payment_type="other", seen="R 1,00")
    assert db.exec(select(Invoice)).all() == []
    assert db.get(Appointment, session.id).state == "scheduled"


def test_discounts_and_quantity_come_to_the_printed_parts(session, db):
    session.finish("send_invoice", payment_type="other", qty_1="2", off_1="10%", invoice_off="100", cash="150,00")
    invoice = the_invoice(db)
    assert (invoice.subtotal_minor, invoice.discount_minor, invoice.total_minor) == (225000, 10000, 215000)
    line = db.exec(select(InvoiceLine)).one()
    assert (line.gross_minor, line.discount_minor, line.net_minor, line.share_minor) == (250000, 25000, 225000, 10000)
    assert db.exec(select(Payment)).one().amount_minor == 15000


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"price_1": "abc"}, "price.1"),
        ({"tax_1": "15"}, "tax.1"),
        ({"price_1": "NaN"}, "price.1"),
        ({"price_1": "1e9"}, "price.1"),
        ({"price_1": "\u0661\u0662"}, "price.1"),
        ({"price_1": "9" * 40}, "price.1"),
        ({"qty_1": "-1"}, "qty.1"),
        ({"qty_1": "0"}, "qty.1"),
        ({"off_1": "1251"}, "off.1"),
        ({"off_1": "101%"}, "off.1"),
        ({"invoice_off": "2000"}, "invoice_off"),
        ({"cash": "1250,01"}, "cash"),
        ({"text_1": ""}, "text.1"),
        ({"text_1": "x" * 10_000}, "text.1"),
        ({"date_1": "2026-03-19"}, "date.1"),
        ({"date_1": "yesterday"}, "date.1"),
        ({"date_1": "2026-02-30"}, "date.1"),
        ({"dx_1": "anxiety!"}, "dx.1"),
        ({"client_email": "nobody"}, "client_email"),
        ({"client_email": ""}, "client_email"),
        ({"payment_type": "barter"}, "payment_type"),
        ({"cash": "10", "received_on": "2027-01-01"}, "received_on"),
        ({"cash": "10", "method": "gold"}, "method"),
        ({"reference": "x" * 300}, "reference"),
        ({"diagnosis": "anxiety"}, "diagnosis"),
    ],
)
def test_bad_input_names_its_field_and_changes_nothing(session, db, typed, field):
    with pytest.raises(Refusal) as refused:
        session.finish("send_invoice", **{"payment_type": "other", **typed}, seen=None)
    named = (
        [name for name, _ in refused.value.faults] if isinstance(refused.value, FieldFaults) else [refused.value.field]
    )
    assert field in named
    assert db.exec(select(Invoice)).all() == []
    assert db.get(Appointment, session.id).state == "scheduled"


def test_emoji_and_markup_are_kept_as_they_are(session, db):
    text = "Sitting \U0001f600 <b>60</b> =SUM(A1) 'quoted'"
    session.finish("save_draft", payment_type="other", text_1=text)
    assert db.exec(select(InvoiceLine)).one().description == text


def test_a_session_that_has_not_taken_place_cannot_be_billed(session, db, database):
    with database.act() as (writing, _):
        row = writing.get(Appointment, session.id)
        row.starts_at, row.ends_at = row.starts_at.replace(year=2027), row.ends_at.replace(year=2027)
        writing.add(row)
    with pytest.raises(Refusal, match="not taken place"):
        session.finish("save_draft", payment_type="other")


@pytest.mark.parametrize("state", ["missed", "cancelled"])
def test_a_missed_or_cancelled_session_cannot_be_billed(session, database, state):
    with database.act() as (writing, _):
        row = writing.get(Appointment, session.id)
        row.state = state
        writing.add(row)
    with pytest.raises(Refusal, match=state):
        session.finish("save_draft", payment_type="other")


def test_a_finished_session_is_not_finished_twice(session, db):
    session.finish("send_invoice", payment_type="other")
    with pytest.raises(ChangedElsewhere, match="KHA-0001"):
        session.finish("send_receipt", payment_type="other")
    assert len(db.exec(select(Invoice)).all()) == 1


def test_a_draft_is_finished_from_its_page_with_the_same_form(session, db):
    session.finish("save_draft", payment_type="other", price_1="900")
    session.finish("send_invoice")
    invoice = the_invoice(db)
    assert (invoice.status, invoice.total_minor, invoice.number_text) == ("issued", 90000, "KHA-0001")


def test_a_draft_reopened_is_the_working_copy_again(session, db, database):
    session.finish("save_draft", payment_type="other", price_1="900")
    database.do(billing.reopen, session.who, appointment_id=session.id)
    assert db.exec(select(Invoice)).all() == []
    assert db.get(Appointment, session.id).state == "scheduled"
    assert session.form()[0].lines[0].price == "900"


def test_an_issued_document_is_not_reopened(session, database):
    session.finish("send_invoice", payment_type="other")
    with pytest.raises(Refusal, match="cannot be taken back"):
        database.do(billing.reopen, session.who, appointment_id=session.id)


def test_two_savers_the_later_one_is_told_and_nothing_is_overwritten(session, database):
    form, version = session.form()
    save = {"appointment_id": session.id, "version": version}
    database.do(working_copy.save, session.who, form=form.with_text("price.1", "900"), **save)
    with pytest.raises(ChangedElsewhere, match="Dr Anisha Naidoo"):
        database.do(working_copy.save, session.who, form=form.with_text("price.1", "700"), **save)
    assert session.form()[0].lines[0].price == "900"


@pytest.mark.parametrize(
    ("chosen", "last", "usual", "proposed"),
    [("insurance", "other", "online", "insurance"), ("", "other", "online", "other"), ("", "", "online", "online")],
)
def test_the_payment_type_proposed_is_the_clients_else_the_last_else_the_practices(
    session, database, chosen, last, usual, proposed
):
    if last:
        session.finish("send_invoice", payment_type=last)
    with database.act() as (writing, _):
        client, practice = writing.get(Client, session.client.id), writing.get(Practice, session.practice.id)
        client.default_payment_type, practice.default_payment_type = chosen, usual
        writing.add_all([client, practice])
        service = a.a_service(writing, session.practice, name="Follow-up")
        session.appointment = a.an_appointment(writing, client, service, session.member)
    assert session.form()[0].texts.payment_type == proposed


def test_what_the_client_lacked_is_kept_in_the_profile_where_ticked(session, db, database):
    session.finish(
        "bill_insurer",
        payment_type="insurance",
        scheme="Ubuntu Health",
        member_number="U 9",
        client_email="t@example.org",
    )
    with database.act(writes=False) as (reading, _):
        case = working_copy.find_case(reading, session.who, session.id)
        kept = (case.scheme.name, case.client.member_number, case.client.email)
    assert kept == ("Ubuntu Health", "U 9", "t@example.org")


def test_without_the_tick_the_profile_stays_as_it_was(session, db, database):
    session.finish("bill_insurer", payment_type="insurance", member_number="U 9", keep="")
    with database.act(writes=False) as (reading, _):
        assert working_copy.find_case(reading, session.who, session.id).client.member_number == "KM 123456"
    assert "U 9" in db.exec(select(Document)).one().content


def test_a_line_names_its_own_codes_or_takes_them_all(session, db):
    session.finish("bill_insurer", payment_type="insurance", dx_1="f33.1, F41.1")
    assert db.exec(select(InvoiceLine)).one().icd_codes == "F33.1 F41.1"
    assert len(db.exec(select(ClientDiagnosis)).all()) == 1


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.READ_ONLY])
def test_a_role_that_may_not_complete_is_refused(session, db, role):
    with pytest.raises(NotAllowed):
        session.finish("save_draft", payment_type="other", who=session.as_role(role))
    assert db.exec(select(Invoice)).all() == []


def test_another_practices_session_is_not_there(session, database):
    with database.act() as (db, _):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Other", number_prefix="OTH")))
    for wrong in (session.id, 10**9):
        with pytest.raises(NotFound), database.act() as (db, _):
            working_copy.find_case(db, stranger, wrong)


def test_paid_in_full_in_cash_needs_no_link(session, db):
    session.finish("request_payment", payment_type="online", cash="1250")
    assert db.exec(select(PaymentRequest)).all() == []
    assert kinds_in_outbox(db) == ["letter"]


def test_without_a_gateway_online_payment_says_why(session, database):
    desk = database.desk()
    desk.gateway, desk.gateway_problem = "", "No payment gateway is connected."
    with pytest.raises(Refusal, match="No payment gateway"):
        session.finish("request_payment", payment_type="online", desk=desk)


def test_a_crash_before_the_commit_leaves_nothing_behind(session, db, database):
    for point in ("finish: checked", "finish: completed", "finish: issued", "finish: link wanted"):
        desk = database.desk()

        def crash(here: str, at: str = point) -> None:
            if here == at:
                raise RuntimeError(here)

        desk.point = crash
        with pytest.raises(RuntimeError, match=point):
            session.finish("request_payment", payment_type="online", desk=desk)
        assert db.exec(select(Invoice)).all() == []
        assert db.exec(select(OutboxRow)).all() == []
        db.rollback()
    session.finish("request_payment", payment_type="online")
    db.rollback()
    assert the_invoice(db).number == 1


def test_the_preview_is_the_document_and_writes_nothing(session, db, database):
    content = database.do(billing.preview, session.who, appointment_id=session.id)
    assert (content.total, content.number, content.client.name) == (125000, None, "Thandi Mokoena")
    assert db.exec(select(Invoice)).all() == []


def test_a_draft_follows_the_form_and_keeps_its_figures_while_a_field_is_faulty(session, db, database):
    session.finish("save_draft", payment_type="other")
    form, version = session.form()
    save = {"appointment_id": session.id}
    database.do(billing.save_form, session.who, form=form.with_text("price.1", "900"), version=version, **save)
    assert the_invoice(db).total_minor == 90000
    database.do(billing.save_form, session.who, form=form.with_text("price.1", "abc"), version=version + 1, **save)
    db.expire_all()
    assert the_invoice(db).total_minor == 90000
    assert session.form()[0].lines[0].price == "abc"


def test_a_form_saved_before_completing_makes_no_invoice(session, db, database):
    form, version = session.form()
    database.do(billing.save_form, session.who, form=form, version=version, appointment_id=session.id)
    assert db.exec(select(Invoice)).all() == []


def test_a_field_nobody_typed_in_follows_the_profile_and_writes_nothing_back(session, db, database):
    form, version = session.form()
    database.do(billing.save_form, session.who, appointment_id=session.id, version=version, form=form)
    with database.act() as (writing, _):
        client = writing.get(Client, session.client.id)
        client.email = "right@example.org"
        writing.add(client)
        for diagnosis in writing.exec(select(ClientDiagnosis)):
            writing.delete(diagnosis)
    assert session.form()[0].texts.client_email == "right@example.org"
    assert session.form()[0].diagnoses == ()
    session.finish("send_invoice", payment_type="other")
    assert db.get(Client, session.client.id).email == "right@example.org"
    assert db.exec(select(ClientDiagnosis)).all() == []
    assert "right@example.org" in db.exec(select(OutboxRow)).one().payload


def test_what_was_typed_on_the_form_stays_whatever_the_profile_says_later(session, db, database):
    form, version = session.form()
    typed = form.with_text("client_email", "typed@example.org")
    database.do(billing.save_form, session.who, appointment_id=session.id, version=version, form=typed)
    with database.act() as (writing, _):
        client = writing.get(Client, session.client.id)
        client.email = "other@example.org"
        writing.add(client)
    assert session.form()[0].texts.client_email == "typed@example.org"


def test_a_receipt_is_dated_as_typed_also_for_the_whole_amount(session, db):
    session.finish("send_receipt", payment_type="other", received_on="2026-01-05")
    assert db.exec(select(Payment)).one().received_on.isoformat() == "2026-01-05"


def test_a_receipt_for_a_day_that_is_none_is_refused(session, db):
    with pytest.raises(FieldFaults) as refused:
        session.finish("send_receipt", payment_type="other", received_on="2026-02-31")
    assert [name for name, _ in refused.value.faults] == ["received_on"]


def test_cash_on_an_online_invoice_came_today(session, db):
    session.finish("request_payment", payment_type="online", cash="100", received_on="2025-01-05")
    assert db.exec(select(Payment)).one().received_on.isoformat() == "2026-03-18"


def test_a_member_number_without_a_scheme_still_stands_on_the_claim(session, db):
    session.finish("bill_insurer", payment_type="insurance", scheme="", keep="")
    assert "KM 123456" in db.exec(select(Document)).one().content


def test_a_practice_that_charges_no_tax_any_more_has_none_on_a_saved_form(session, db, database):
    form, version = session.form()
    taxed = form.with_text("tax.1", "15")
    database.do(billing.save_form, session.who, appointment_id=session.id, version=version, form=taxed)
    session.finish("send_invoice", payment_type="other")
    assert the_invoice(db).tax_minor == 0


def test_the_acts_of_everybody_at_a_form_are_remembered_with_it_each_once(database, session) -> None:
    latest = [str(n) for n in range(working_copy.MOST_KEYS - 1)]
    form, version = session.form()
    for n, keys in enumerate([("first",), ("second", "first"), tuple(latest)]):
        saved = database.do(
            billing.save_form, session.who, appointment_id=session.id, version=version + n, form=form, done_keys=keys
        )
    with database.act(writes=False) as (db, desk):
        kept = working_copy.working_copy(db, desk, working_copy.find_case(db, session.who, session.id)).done_keys
    assert kept == saved.done_keys == ("second", *latest)
