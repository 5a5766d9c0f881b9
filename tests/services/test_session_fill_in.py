"""What is filled in on a session's page: kept in the profile, or for this session only; on both databases."""

import pytest
from sqlmodel import select

from trova_app.domain.permissions import Permission, Role, may
from trova_app.domain.refusals import ChangedElsewhere, FieldFaults, NotAllowed, NotFound, Refusal
from trova_app.models import Client, ClientDiagnosis, CompletionDraft, Document, Invoice, InvoiceDiagnosis
from trova_app.services import appointments, billing, clients, session_fill_in, standing
from trova_app.state.faults import faults_of

HERE = {"email": "mother@example.test", "scheme": "Protea Health", "member_number": "PH 1", "dependant_code": "02"}


def details(session, who=None):
    return session.database.do(appointments.details, who or session.who, appointment_id=session.id)


def fill_in(session, who=None, *, keep=False, **given):
    shown = details(session)
    versions = {"version": shown.client.version, "form_version": shown.form_version}
    session.database.do(
        session_fill_in.fill_in, who or session.who, appointment_id=session.id, keep=keep, **(versions | given)
    )


def diagnose(session, act, code, *, who=None, keep=False):
    session.database.do(act, who or session.who, appointment_id=session.id, code=code, keep=keep)


def profile(session):
    with session.database.act(writes=False) as (db, _desk):
        client = db.get_one(Client, session.client.id)
        query = select(ClientDiagnosis.code).where(ClientDiagnosis.client_id == client.id)
        query = query.order_by(ClientDiagnosis.position)
        return client.email, client.scheme_id, client.member_number, client.dependant_code, list(db.exec(query))


def test_what_is_for_this_session_only_stands_in_its_form_and_leaves_the_profile_as_it_was(session):
    before = profile(session)
    fill_in(session, **HERE)
    diagnose(session, session_fill_in.add_diagnosis, "F32.0")
    form, _version = session.form()
    assert (form.texts.client_email, form.texts.scheme) == ("mother@example.test", "Protea Health")
    assert (form.texts.member_number, form.texts.dependant_code, form.texts.keep) == ("PH 1", "02", "")
    assert [code for code, _ in form.diagnoses] == ["F41.1", "F32.0"]
    assert profile(session) == before
    shown = details(session)
    assert (shown.client.email, shown.payer.name, shown.payer.member_number) == (
        "mother@example.test", "Protea Health", "PH 1",
    )  # fmt: skip
    assert {name for name, mark in shown.marks.items() if mark == "this session only"} == set(HERE)
    assert [(d.code, d.mark) for d in shown.diagnoses] == [("F41.1", ""), ("F32.0", "this session only")]
    assert not shown.keeps


def test_the_document_prints_what_was_for_this_session_only_and_the_profile_stays(session):
    before = profile(session)
    fill_in(session, **HERE)
    diagnose(session, session_fill_in.add_diagnosis, "F32.0")
    done = session.finish("bill_insurer", payment_type="insurance")
    with session.database.act(writes=False) as (db, _desk):
        printed = db.exec(select(Document.content).where(Document.invoice_id == done.invoice_id)).one()
        codes = db.exec(select(InvoiceDiagnosis.code).where(InvoiceDiagnosis.invoice_id == done.invoice_id)).all()
    assert "Protea Health" in printed
    assert "PH 1" in printed
    assert list(codes) == ["F41.1", "F32.0"]
    assert profile(session) == before


def test_what_is_kept_in_the_profile_follows_into_a_form_that_is_there_already(session):
    fill_in(session, **HERE)
    fill_in(session, keep=True, email="thandi.new@example.test", dependant_code="03")
    diagnose(session, session_fill_in.add_diagnosis, "F32.0", keep=True)
    form, _version = session.form()
    assert (form.texts.client_email, form.texts.dependant_code) == ("thandi.new@example.test", "03")
    assert form.texts.scheme == "Protea Health"
    assert [code for code, _ in form.diagnoses] == ["F41.1", "F32.0"]
    email, _scheme, member_number, dependant_code, codes = profile(session)
    assert (email, member_number, dependant_code) == ("thandi.new@example.test", "KM 123456", "03")
    assert codes == ["F41.1", "F32.0"]
    diagnose(session, session_fill_in.remove_diagnosis, "F41.1", keep=True)
    assert profile(session)[4] == ["F32.0"]
    assert [code for code, _ in session.form()[0].diagnoses] == ["F32.0"]


def typed(session, name, text):
    form, version = session.form()
    with session.database.act() as (db, desk):
        form = form.with_text(name, text)
        billing.save_form(db, desk, session.who, appointment_id=session.id, version=version, form=form)


def test_a_scheme_kept_in_the_profile_follows_the_profile_from_then_on(session):
    typed(session, "cash", "100")
    for kept in ("Protea Health", "protea health"):
        fill_in(session, keep=True, scheme=kept)
        assert (details(session).payer.name, details(session).marks["scheme"]) == ("Protea Health", "")
    version = details(session).client.version
    session.database.do(clients.fill_in, session.who, client_id=session.client.id, version=version, scheme="Umvuzo")
    assert (details(session).payer.name, details(session).marks["scheme"]) == ("Umvuzo", "")


def test_kept_in_the_profile_alone_begins_no_form(session):
    fill_in(session, keep=True, phone="082 555 0101", member_number="KM 9")
    diagnose(session, session_fill_in.add_diagnosis, "F32.0", keep=True)
    assert details(session).form_version == 0
    assert not any(details(session).marks.values())


def test_a_diagnosis_can_be_left_out_for_one_session_and_stays_in_the_profile(session):
    diagnose(session, session_fill_in.remove_diagnosis, "F41.1")
    assert [(d.code, d.mark) for d in details(session).diagnoses] == [("F41.1", "not in its form")]
    assert [part.field for part in details(session).missing] == ["diagnosis_codes"]
    assert session.form()[0].diagnoses == ()
    assert profile(session)[4] == ["F41.1"]


def test_what_is_filled_in_for_one_session_is_not_missed_any_more(session):
    with session.database.act() as (db, _desk):
        client = db.get_one(Client, session.client.id)
        client.email, client.member_number, client.version = "", "", client.version + 1
    assert [part.field for part in details(session).missing] == ["email", "member_number"]
    fill_in(session, email="thandi@example.test")
    assert [part.field for part in details(session).missing] == ["member_number"]
    fill_in(session, member_number="KM 1")
    assert details(session).missing == ()
    fill_in(session, scheme="")
    assert details(session).payer.is_private


def test_what_somebody_typed_into_the_form_to_be_kept_is_told_apart(session):
    typed(session, "member_number", "KM 77")
    assert details(session).marks["member_number"] == "typed in its form"
    assert details(session).keeps


def test_nothing_new_for_this_session_takes_no_tick_away(session):
    fill_in(session, email="thandi@example.test")
    assert details(session).form_version == 0
    assert details(session).keeps


def test_a_draft_in_billing_follows_and_an_issued_document_does_not(session):
    session.finish("save_draft", payment_type="other")
    assert details(session).may_fill_in_here
    diagnose(session, session_fill_in.add_diagnosis, "F32.0")
    with session.database.act(writes=False) as (db, _desk):
        assert list(db.exec(select(InvoiceDiagnosis.code))) == ["F41.1", "F32.0"]
    session.finish("send_invoice", payment_type="other")
    assert not details(session).may_fill_in_here
    with pytest.raises(Refusal, match="already billed"):
        fill_in(session, email="late@example.test")
    fill_in(session, keep=True, email="later@example.test")
    assert profile(session)[0] == "later@example.test"
    with session.database.act(writes=False) as (db, _desk):
        assert db.exec(select(Invoice.status)).one() == "issued"
        assert db.exec(select(CompletionDraft)).all() == []


def test_after_a_document_was_withdrawn_nothing_differs_from_the_profile_that_did_not(session):
    done = session.finish("bill_insurer", payment_type="insurance")
    session.database.do(billing.void_invoice, session.who, invoice_id=done.invoice_id, reason="Wrong day")
    shown = details(session)
    assert shown.form_version > 0
    assert not any(shown.marks.values())
    assert shown.keeps


def test_of_two_people_the_later_one_is_told_and_nothing_is_overwritten(session):
    with pytest.raises(ChangedElsewhere):
        fill_in(session, email="first@example.test", form_version=3)
    fill_in(session, email="first@example.test")
    with pytest.raises(ChangedElsewhere):
        fill_in(session, email="second@example.test", form_version=0)
    with pytest.raises(ChangedElsewhere):
        fill_in(session, keep=True, email="second@example.test", version=99)
    assert session.form()[0].texts.client_email == "first@example.test"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": 7}, "email"),
        ({"member_number": "9" * 41}, "member_number"),
        ({"scheme": "S\u0000"}, "scheme"),
        ({"phone": "082"}, "phone"),
        ({"custom": {}}, "custom"),
        ({"email": "a@example.test", "keep": "yes"}, "keep"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_its_field_and_begins_no_form(session, given, field):
    with pytest.raises(FieldFaults) as refused:
        fill_in(session, **given)
    assert [name for name, _sentence in refused.value.faults] == [field]
    assert details(session).form_version == 0


@pytest.mark.parametrize("code", ["", "anxiety", "F41.1; DROP", 7, None, ["F41.1"], "F" * 5000])
@pytest.mark.parametrize("keep", [True, False])
def test_what_is_no_code_is_refused(session, code, keep):
    with pytest.raises(Refusal) as refused:
        diagnose(session, session_fill_in.add_diagnosis, code, keep=keep)
    assert "ICD-10" in faults_of(refused.value)["diagnosis"]
    diagnose(session, session_fill_in.remove_diagnosis, code, keep=False)
    assert profile(session)[4] == ["F41.1"]


@pytest.mark.parametrize("role", Role)
def test_only_who_may_complete_fills_in_for_one_session_and_only_who_may_change_clients_for_good(session, role):
    who = session.as_role(role)
    assert details(session, who).may_fill_in_here == may(role, Permission.COMPLETE)
    tries = [
        (may(role, Permission.COMPLETE), False, {"email": "here@example.test"}),
        (may(role, Permission.EDIT_CLIENTS), True, {"email": "there@example.test"}),
    ]
    for is_allowed, keep, given in tries:
        if is_allowed:
            fill_in(session, who, keep=keep, **given)
        else:
            with pytest.raises(NotAllowed):
                fill_in(session, who, keep=keep, **given)
    if not may(role, Permission.SEE_DIAGNOSES):
        for keep in (True, False):
            with pytest.raises(NotAllowed):
                diagnose(session, session_fill_in.add_diagnosis, "F32.0", who=who, keep=keep)
        assert "F41" not in repr(details(session, who))


def test_who_may_only_change_the_profile_is_shown_the_profile_and_saves_nothing_of_one_session_into_it(session):
    fill_in(session, **HERE)
    diagnose(session, session_fill_in.add_diagnosis, "F32.0")
    shown = details(session, session.as_role(Role.RECEPTION))
    assert (shown.client.email, shown.payer.name, shown.keeps) == ("thandi@example.test", "Khanya Medical", True)
    assert not any(shown.marks.values())
    assert details(session).payer.name == "Protea Health"


def test_a_session_that_is_not_billed_shows_what_is_kept_in_the_profile(session):
    fill_in(session, email="here@example.test")
    session.database.do(standing.mark_missed, session.who, appointment_id=session.id)
    fill_in(session, keep=True, email="thandi.new@example.test")
    assert details(session).client.email == "thandi.new@example.test"
    session.database.do(standing.put_on_again, session.who, appointment_id=session.id)
    assert details(session).client.email == "here@example.test"


def test_another_practice_finds_nothing(session):
    stranger = type(session.who)(session.who.member_id, session.who.practice_id + 1, Role.OWNER, "Stranger")
    for keep in (True, False):
        with pytest.raises(NotFound):
            fill_in(session, stranger, keep=keep, email="a@example.test")
        with pytest.raises(NotFound):
            diagnose(session, session_fill_in.add_diagnosis, "F32.0", who=stranger, keep=keep)
