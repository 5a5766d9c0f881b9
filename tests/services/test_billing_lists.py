"""The Billing section: lists, counts, and one document with everything around it; on both databases."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from tests import builders as a
from tests.conftest import NOON
from trova_app.domain.invoices import Label
from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import NotAllowed, NotFound, Refusal
from trova_app.models import Client, Dispute, Invoice, InvoiceLine, Mail, OutboxRow, Payment, PaymentRequest, Refund
from trova_app.services import billing, billing_lists

TODAY = date(2026, 3, 18)


def an_invoice(
    db,
    session,
    *,
    paid=(),
    refunds=(),
    disputes=(),
    credits=(),
    status="issued",
    kind="other",
    total=125000,
    number=None,
    **given,
) -> Invoice:
    """Straight into the tables: every label is wanted, whatever way leads there."""
    known = len(db.exec(select(Invoice.id)).all()) + 1
    invoice = Invoice(
        practice_id=session.practice.id, client_id=session.client.id, payment_type=kind, currency="ZAR", mode="test",
        service_name="Psychotherapy 60 min", service_date=TODAY, prices_include_tax=True, total_minor=total,
        pay_token=f"token-{known}", created_at=NOON, created_by=session.member.id, **given,
    )  # fmt: skip
    db.add(invoice)
    db.flush()
    line = {"practice_id": session.practice.id, "service_date": TODAY, "quantity": 1000, "unit_price": total * 100}
    db.add(InvoiceLine(invoice_id=invoice.id, position=1, net_minor=total, **line))
    db.flush()
    if status != "draft":
        invoice.status, invoice.number, invoice.number_text = "issued", known, f"KHA-{known:04d}"
        db.flush()
    if status == "void":
        invoice.status = "void"
    payments = []
    for position, (amount, state) in enumerate([*paid, *credits]):
        payments.append(Payment(
            practice_id=session.practice.id, invoice_id=invoice.id, provider_payment_id=f"p{known}-{position}",
            amount_minor=amount, currency="ZAR", method="cash", state=state, received_on=TODAY, created_at=NOON,
            is_credit=position >= len(paid),
        ))  # fmt: skip
    db.add_all(payments)
    db.flush()
    went = {"practice_id": session.practice.id, "currency": "ZAR", "created_at": NOON, "changed_at": NOON}
    for position, (which, amount, state) in enumerate(refunds):
        name = f"r{known}-{position}"
        back = {"refund_uuid": name, "provider": "manual", "provider_refund_id": name, "amount_minor": amount}
        db.add(Refund(payment_id=payments[which].id, invoice_id=invoice.id, state=state, **back, **went))
    for position, (which, amount, state) in enumerate(disputes):
        name = {"provider": "manual", "provider_dispute_id": f"d{known}-{position}"}
        db.add(Dispute(payment_id=payments[which].id, amount_minor=amount, state=state, **name, **went))
    db.flush()
    return invoice


OK = "succeeded"
YESTERDAY, TOMORROW = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
EVERY_WAY = [
    (Label.DRAFT, {"status": "draft"}),
    (Label.DRAFT, {"status": "draft", "kind": "insurance"}),
    (Label.VOID, {"status": "void"}),
    (Label.VOID, {"status": "void", "paid": [(125000, "succeeded")]}),
    (Label.SENT, {}),
    (Label.SENT, {"due_date": TODAY}),
    (Label.SENT, {"due_date": TOMORROW, "kind": "online"}),
    (Label.SENT, {"paid": [(100, "pending"), (125000, "failed")]}),
    (Label.SENT, {"kind": "insurance", "submitted_on": TODAY}),
    (Label.SENT, {"kind": "insurance", "submitted_on": TODAY, "due_date": YESTERDAY}),
    (Label.OVERDUE, {"due_date": YESTERDAY}),
    (Label.READY_TO_CLAIM, {"kind": "insurance"}),
    (Label.READY_TO_CLAIM, {"kind": "insurance", "due_date": YESTERDAY}),
    (Label.PARTLY_PAID, {"paid": [(100, "succeeded")], "due_date": YESTERDAY}),
    (Label.PARTLY_PAID, {"paid": [(100, "succeeded"), (200, "succeeded")], "kind": "insurance"}),
    (Label.PAID, {"paid": [(125000, "succeeded")]}),
    (Label.PAID, {"paid": [(100000, "succeeded"), (25000, "succeeded")], "due_date": YESTERDAY}),
    (Label.PAID, {"paid": [(130000, "succeeded")]}),
    (Label.PAID, {"total": 0}),
    (Label.PAID, {"paid": [(125000, "succeeded")], "refunds": [(0, 125000, "failed"), (0, 9000, "pending")]}),
    (Label.PAID, {"paid": [(125000, "succeeded")], "disputes": [(0, 125000, "open"), (0, 125000, "won")]}),
    (Label.PAID, {"paid": [(125000, "succeeded")], "credits": [(125000, "succeeded")], "refunds": [(1, 125000, OK)]}),
    (Label.PARTLY_REFUNDED, {"paid": [(125000, "succeeded")], "refunds": [(0, 25000, OK)]}),
    (Label.PARTLY_REFUNDED, {"paid": [(100000, OK), (25000, OK)], "refunds": [(1, 25000, OK)], "due_date": YESTERDAY}),
    (Label.REFUNDED, {"paid": [(125000, "succeeded")], "refunds": [(0, 25000, OK), (0, 100000, OK)]}),
    (Label.REFUNDED, {"paid": [(125000, OK)], "refunds": [(0, 125000, OK)], "due_date": YESTERDAY}),
    (
        Label.REFUNDED,
        {"paid": [(100000, OK), (25000, OK)], "refunds": [(0, 100000, OK), (1, 25000, OK)], "kind": "insurance"},
    ),
    (Label.OVERDUE, {"paid": [(100, "succeeded")], "refunds": [(0, 100, OK)], "due_date": YESTERDAY}),
    (Label.SENT, {"paid": [(100, OK), (50, OK)], "refunds": [(0, 100, OK), (1, 50, OK)]}),
    (Label.PARTLY_PAID, {"paid": [(100, OK), (50, OK)], "refunds": [(0, 100, OK)]}),
    (Label.SENT, {"paid": [(125000, "succeeded")], "disputes": [(0, 125000, "lost")]}),
    (Label.OVERDUE, {"paid": [(125000, OK)], "disputes": [(0, 125000, "lost")], "due_date": YESTERDAY}),
    (
        Label.OVERDUE,
        {"paid": [(90, OK)], "refunds": [(0, 40, OK)], "disputes": [(0, 50, "lost")], "due_date": YESTERDAY},
    ),
    (Label.SENT, {"credits": [(125000, OK)]}),
    (Label.SENT, {"credits": [(125000, OK)], "refunds": [(0, 125000, OK)]}),
    (Label.VOID, {"status": "void", "paid": [(125000, OK)], "refunds": [(0, 125000, OK)]}),
]
PAYMENTS = sum(len(given.get("paid", [])) + len(given.get("credits", [])) for _, given in EVERY_WAY)


@pytest.fixture
def filled(database, session) -> dict[int, Label]:
    """One invoice for every way to every label: id -> label."""
    with database.act() as (db, _desk):
        return {an_invoice(db, session, **given).id: label for label, given in EVERY_WAY}


def test_each_row_carries_its_label_and_each_label_lists_its_rows(database, session, filled):
    shown = {row.id: row.label for row in database.do(billing_lists.invoices, session.who, limit=200).rows}
    assert shown == {key: label.value for key, label in filled.items()}
    for label in Label:
        rows = database.do(billing_lists.invoices, session.who, status=label.value).rows
        assert {row.id for row in rows} == {key for key, kept in filled.items() if kept is label}


def test_counts_agree_with_the_lists(database, session, filled):
    counts = database.do(billing_lists.counts, session.who)
    assert counts.labels == {label: list(filled.values()).count(label) for label in Label}
    assert (counts.invoices, counts.payments) == (len(filled), PAYMENTS)


def test_an_empty_practice_has_every_label_at_nothing(database, session):
    counts = database.do(billing_lists.counts, session.who)
    assert (set(counts.labels.values()), counts.invoices, counts.payments) == ({0}, 0, 0)


def test_a_row_has_the_columns_of_the_table_and_paid_is_the_sum_of_what_arrived(database, session):
    with database.act() as (db, _desk):
        an_invoice(
            db, session, paid=[(25000, "succeeded"), (50000, "succeeded"), (9900, "pending")], issue_date=YESTERDAY
        )
    (row,) = database.do(billing_lists.invoices, session.who).rows
    assert (row.number, row.client_name, row.service_name, row.date) == (
        "KHA-0001", "Thandi Mokoena", "Psychotherapy 60 min", "17 Mar 2026",
    )  # fmt: skip
    assert (row.total, row.paid, row.refunded) == ("R\u00a01\u00a0250,00", "R\u00a0750,00", "")
    assert row.label == "Partly paid"


def test_an_invoice_keeps_its_own_currency_when_the_practice_changes_to_another(database, session):
    with database.act() as (db, _desk):
        an_invoice(db, session)
        practice = db.merge(session.practice)
        practice.currency = "JPY"
    (row,) = database.do(billing_lists.invoices, session.who).rows
    assert row.total == "R\u00a01\u00a0250,00"


@pytest.mark.parametrize("status", ["Refused", "paid", None, 3, "x" * 10_000, "\x00"])
def test_an_unknown_status_is_refused(database, session, status):
    with pytest.raises(Refusal, match="no such status"):
        database.do(billing_lists.invoices, session.who, status=status)


def test_paging_shows_every_invoice_once_the_newest_first(database, session, filled):
    for service, expected in (
        (billing_lists.invoices, sorted(filled, reverse=True)),
        (billing_lists.payments, None),
    ):
        seen, after = [], ""
        while True:
            page = database.do(service, session.who, after=after, limit=4)
            seen += [row.id for row in page.rows]
            after = page.next_after
            if not after:
                break
        assert seen == (expected or sorted(seen, reverse=True))
        assert len(set(seen)) == len(seen) == (len(EVERY_WAY) if expected else PAYMENTS)


@pytest.mark.parametrize(
    ("search", "found"),
    [("thandi", 1), ("KHA-0001", 1), ("kha mokoena psycho", 1), ("nobody", 0), ("%", 0), ("🌿", 0), ("x" * 10_000, 0)],
)
def test_searching_looks_at_number_client_and_service(database, session, search, found):
    with database.act() as (db, _desk):
        an_invoice(db, session)
    assert len(database.do(billing_lists.invoices, session.who, search=search).rows) == found


def test_payments_are_listed_with_their_invoice_and_how_they_came(database, session, db):
    session.finish("send_receipt", payment_type="other", method="bank_transfer", reference="TM 17")
    (row,) = database.do(billing_lists.payments, session.who, search="tm kha-").rows
    assert (row.client_name, row.invoice_number, row.method, row.amount, row.state, row.reference) == (
        "Thandi Mokoena", "KHA-0001", "Bank transfer", "R\u00a01\u00a0250,00", "Received", "TM 17",
    )  # fmt: skip
    assert database.do(billing_lists.payments, session.who, search="somebody").rows == ()


# -- one document


def view(database, session, who=None):
    with database.act(writes=False) as (db, desk):
        key = db.exec(select(Invoice.id)).one()
        return billing_lists.invoice_view(db, desk, who or session.who, invoice_id=key)


def test_a_draft_says_so_and_can_be_finished_or_reopened(database, session):
    session.finish("save_draft", payment_type="online", invoice_off="10%")
    shown = view(database, session)
    assert (shown.label, shown.number, shown.issue_date, shown.acts) == ("Draft", "", "", ("finish", "reopen"))
    assert (shown.subtotal, shown.discount, shown.total) == (
        "R\u00a01\u00a0250,00", "-R\u00a0125,00", "R\u00a01\u00a0125,00",
    )  # fmt: skip
    assert (shown.pay_url, shown.documents, shown.link) == ("", (), None)


def test_an_online_invoice_shows_its_link_and_where_the_client_pays(database, session, db):
    session.finish("request_payment", payment_type="online")
    shown = view(database, session)
    assert (shown.label, shown.number, shown.due, shown.is_paid) == ("Sent", "KHA-0001", "R\u00a01\u00a0250,00", False)
    assert (shown.issue_date, shown.due_date) == ("18 Mar 2026", "1 Apr 2026")
    assert (shown.link.state, shown.link.words, shown.link.amount) == (
        "creating", "Being made", "R\u00a01\u00a0250,00",
    )  # fmt: skip
    token = db.exec(select(Invoice.pay_token)).one()
    assert shown.pay_url == f"http://localhost:3000/pay/{token}"
    assert shown.acts == ("mark_paid", "mail_again", "correct", "void")
    assert shown.mails == ()  # the letter waits for the link
    (line,) = shown.lines
    assert (line.code, line.quantity, line.unit_price, line.total, line.icd) == (
        "86205", "1", "R\u00a01\u00a0250,00", "R\u00a01\u00a0250,00", "F41.1",
    )  # fmt: skip


def test_a_link_that_could_not_be_made_says_why(database, session):
    session.finish("request_payment", payment_type="online")
    with database.act() as (db, _desk):
        request = db.exec(select(PaymentRequest)).one()
        request.state, request.last_error = "failed", "The gateway refused the amount."
    assert view(database, session).link.problem == "The gateway refused the amount."


def test_a_receipt_shows_what_was_paid_and_the_letter_on_its_way(database, session):
    session.finish("send_receipt", payment_type="other", method="cash")
    shown = view(database, session)
    assert (shown.label, shown.paid, shown.due, shown.is_paid) == ("Paid", "R\u00a01\u00a0250,00", "R\u00a00,00", True)
    assert [(p.method, p.amount, p.state) for p in shown.payments] == [("Cash", "R\u00a01\u00a0250,00", "Received")]
    assert [(d.kind, d.words, d.number) for d in shown.documents] == [
        ("invoice", "Invoice", "KHA-0001"),
        ("receipt", "Receipt", "KHA-R0001"),
    ]
    assert [m.state for m in shown.mails] == ["Waiting"]
    assert shown.acts == ("mail_again", "correct", "void")
    assert {entry.who for entry in shown.timeline} == {"Dr Anisha Naidoo"}
    assert any("issued" in entry.what for entry in shown.timeline)


def test_a_letter_is_shown_once_from_waiting_to_refused(database, session):
    session.finish("send_invoice", payment_type="other")
    with database.act() as (db, _desk):
        job = db.exec(select(OutboxRow)).one()
        db.add(
            Mail(
                practice_id=job.practice_id, invoice_id=job.invoice_id, key=job.key, message_id="m@x", kind="invoice",
                recipient="thandi@example.test", subject="Invoice",
                state="refused", error="No such mailbox.", created_at=NOON,
            )
        )  # fmt: skip
    (mail,) = view(database, session).mails
    assert (mail.words, mail.recipient, mail.state, mail.problem, mail.when) == (
        "Invoice", "thandi@example.test", "Refused", "No such mailbox.", "18 Mar 2026, 12:00",
    )  # fmt: skip


def test_an_insurers_invoice_shows_the_claims_day_and_never_a_way_to_pay_online(database, session):
    session.finish("bill_insurer", payment_type="insurance")
    shown = view(database, session)
    assert (shown.label, shown.submit_by, shown.claim_email) == (
        "Ready to claim", "31 Jul 2026", "claims@khanya.example",
    )  # fmt: skip
    assert (shown.pay_url, shown.link) == ("", None)
    assert shown.acts == ("mail_to_insurer", "mark_paid", "mark_submitted", "mail_again", "correct", "void")
    database.do(billing.mark_submitted, session.who, invoice_id=shown.id, on="2026-03-18")
    again = view(database, session)
    assert (again.label, again.submitted_on) == ("Sent", "18 Mar 2026")
    assert "mark_submitted" not in again.acts


def test_a_claim_goes_to_the_scheme_of_its_invoice_after_the_client_has_changed_schemes(database, session):
    session.finish("bill_insurer", payment_type="insurance")
    with database.act() as (db, _desk):
        other = a.a_scheme(db, session.practice, "Protea Health", claim_email="claims@protea.example")
        db.get_one(Client, session.client.id).scheme_id = other.id
    assert view(database, session).claim_email == "claims@khanya.example"


def test_each_document_is_mailed_again_to_whom_it_is_for(database, session):
    done = session.finish("bill_insurer", payment_type="insurance")
    by_hand = {"amount": "", "method": "medical_aid", "received_on": "2026-03-18", "mail_receipt": True}
    database.do(billing.mark_paid, session.who, invoice_id=done.invoice_id, recipient="new@example.test", **by_hand)
    shown = view(database, session)
    assert [(one.kind, one.recipient) for one in shown.documents] == [
        ("insurer_invoice", "claims@khanya.example"),
        ("receipt", "new@example.test"),
    ]
    assert shown.letter_email == "new@example.test"


def test_a_payment_is_recorded_only_over_the_amount_that_was_seen(database, session, db):
    done = session.finish("send_invoice", payment_type="other")
    by_hand = {"method": "cash", "received_on": "2026-03-18", "invoice_id": done.invoice_id}
    seen = view(database, session).due
    database.do(billing.mark_paid, session.who, amount="500", seen=seen, **by_hand)
    for given in (seen, "", 5, ["R"]):
        with pytest.raises(Refusal, match="R\u00a0750,00 is due by now. Nothing was recorded"):
            database.do(billing.mark_paid, session.who, amount="500", seen=given, **by_hand)
    assert len(db.exec(select(Payment)).all()) == 1


@pytest.mark.parametrize("role", Role)
def test_codes_and_the_documents_that_print_them_are_only_for_those_who_may_see_diagnoses(database, session, role):
    session.finish("bill_insurer", payment_type="insurance")
    shown = view(database, session, session.as_role(role))
    sees = may(role, Permission.SEE_DIAGNOSES)
    assert ("F41" in repr(shown)) == sees
    assert bool(shown.documents) == bool(shown.diagnoses) == sees
    assert ("mark_paid" in shown.acts) == may(role, Permission.RECORD_PAYMENT)
    assert ("mail_to_insurer" in shown.acts) == may(role, Permission.BILL)


def test_another_practices_invoice_is_refused_as_an_absent_one(database, session):
    done = session.finish("send_invoice", payment_type="other")
    with database.act() as (db, _desk):
        stranger = a.principal(a.a_member(db, a.a_practice(db, name="Elsewhere")))
    assert database.do(billing_lists.invoices, stranger).rows == ()
    assert database.do(billing_lists.payments, stranger).rows == ()
    assert database.do(billing_lists.counts, stranger).invoices == 0
    sentences = set()
    for invoice_id in (done.invoice_id, 999_999, -5, 2**70, "x", None, True, 1.5):
        with pytest.raises(NotFound) as refused:
            database.do(billing_lists.invoice_view, stranger, invoice_id=invoice_id)
        sentences.add(refused.value.sentence)
    assert len(sentences) == 1


@pytest.mark.parametrize("role", Role)
def test_each_role_sees_billing_as_the_permission_table_grants(database, session, role):
    who = session.as_role(role)
    for service in (billing_lists.invoices, billing_lists.payments, billing_lists.counts):
        if may(role, Permission.SEE_BILLING):
            database.do(service, who)
        else:
            with pytest.raises(NotAllowed):
                database.do(service, who)
