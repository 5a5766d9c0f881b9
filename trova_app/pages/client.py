"""One client: how to reach them, who pays, what they agreed to, and what there was."""

from typing import Any

import reflex as rx

from trova_app import routes
from trova_app.components.browser import Whenever
from trova_app.components.diagnoses import TakesOut, code_search
from trova_app.components.frame import framed
from trova_app.components.leaving import AskBeforeLeaving
from trova_app.components.links import back, to
from trova_app.components.page_parts import fact, facts, head, problem_page, section, timeline, waiting_rows
from trova_app.components.part_form import PartForm, id_here
from trova_app.pages import client_forms as forms
from trova_app.pages.client_forms import box, part, warned
from trova_app.pages.client_past import appointments, invoices
from trova_app.pages.client_record import alike, merge_question, record
from trova_app.state.client import ClientPage as S
from trova_app.state.live import Live

A = S.shown
DOT = " \u00b7 "
PAYMENT_TYPES = (
    ("", "As last time"),
    ("online", "Online Payment"),
    ("other", "Other Payment"),
    ("insurance", "Insurance Payment"),
)


def client() -> rx.Component:
    way_back = back(routes.CLIENTS, "Clients")
    return framed(
        "Clients",
        rx.el.div(
            Whenever.create(changes=Live.version.to_string(), then=S.refresh),
            AskBeforeLeaving.create(),
            PartForm.create(
                saves=S.saves,
                saved=S.saved,
                version=A.version,
                takes=S.takes,
                theirs=S.theirs,
                on_typed_on=S.typed_on,
            ),
            rx.cond(
                A & (id_here == A.id),  # or a key would be heard as the other client's
                _profile(),
                rx.cond(S.problem != "", problem_page(S.problem, way_back), waiting_rows()),
            ),
            on_unmount=S.leave,
        ),
    )


def _profile() -> rx.Component:
    return rx.fragment(
        back(routes.CLIENTS, "Clients"),
        head(f"{A.first_name} {A.last_name}", under=_under()),
        alike(),
        rx.el.div(
            rx.el.div(_contact(), _guardian(), _scheme(), _diagnoses(), _billing(), _consents(), _custom()),
            rx.el.aside(appointments(), invoices(), record(), _history()),
            class_name="split client-page",
        ),
        merge_question(),
    )


def _under() -> rx.Component:
    merged = rx.el.p("Became part of ", to(f"{routes.CLIENTS}/{A.merged_into}", A.merged_name), ".", class_name="mt-1")
    owes = rx.cond(
        A.balance != "",
        rx.el.span("Unpaid: ", rx.el.strong(A.balance, class_name="figures"), class_name="owes"),
        "Nothing unpaid.",
    )
    return rx.fragment(
        rx.el.p(rx.cond(A.born != "", A.born + DOT, ""), owes, class_name="muted mt-1"),
        rx.cond(A.status == "archived", rx.el.p(rx.el.span("Archived", class_name="badge"), class_name="mt-1")),
        rx.cond(A.status == "merged", merged),
    )


# -- the profile's parts


def _contact() -> rx.Component:
    shown = facts(
        _reached("Mail address", A.mails, "mail", rx.cond(A.mails.length() > 1, "Invoices", "")),
        _reached("Phone", A.phones, "phone", ""),
        fact("Address", A.address),
        fact("Date of birth", A.born, warned("birth_date")),
        fact("ID number", A.id_number, warned("id_number")),
    )
    return part(
        "contact",
        "Contact",
        shown,
        box("First name", "first_name", auto_focus=True),
        box("Last name", "last_name"),
        forms.reaches("mail", "mail address", invoices=True, type="email"),
        forms.reaches("phone", "phone", type="tel"),
        forms.paragraph("Address", "address"),
        box("Date of birth", "birth_date", type="date"),
        box("ID or passport number", "id_number"),
        label="contact",
    )


def _reached(name: str, listed: Any, kind: str, first: Any) -> rx.Component:
    def line(one: Any, n: Any) -> rx.Component:
        return rx.el.span(
            one.value,
            rx.cond(one.whose != "", rx.el.span(" (", one.whose, ")", class_name="muted")),
            rx.cond((n == 0) & (first != ""), rx.el.span(first, class_name="mark ml-2")),
            rx.el.span(
                A.warnings.get(f"{kind}_" + (n + 1).to(str), ""), class_name="block small look-again empty:hidden"
            ),
            class_name="block",
        )

    some = rx.el.dd(rx.foreach(listed, line))
    none = rx.el.dd(rx.el.span("\u2013", class_name="muted"))
    return rx.el.div(rx.el.dt(name), rx.cond(listed.length() > 0, some, none))


def _guardian() -> rx.Component:
    name = rx.cond(A.guardian_relation != "", f"{A.guardian_name} ({A.guardian_relation})", A.guardian_name)
    pays = rx.cond(
        A.guardian_pays, rx.el.p("Documents name them as the one the account is for.", class_name="small mt-2")
    )
    shown = rx.fragment(facts(fact("Name", name), fact("Address", A.guardian_address)), pays)
    none = rx.el.p("None. The client answers for themselves.", class_name="muted")
    return part(
        "guardian",
        "Guardian or payer",
        rx.fragment(rx.cond(A.guardian_name != "", shown, none), warned("guardian_name")),
        box("Name", "guardian_name", auto_focus=True),
        box("Relation", "guardian_relation", hint="Mother, guardian, employer"),
        forms.paragraph("Address", "guardian_address"),
        forms.tick("The account is for them: documents name them", "guardian_pays"),
        label="guardian or payer",
        hint="Their mail address and phone stand under Contact, where one is chosen for the invoices.",
    )


def _scheme() -> rx.Component:
    scheme = facts(
        fact("Scheme", A.scheme),
        fact("Plan", A.scheme_option),
        fact("Member number", A.member_number),
        fact("Dependant code", A.dependant_code),
        fact("Main member", A.main_member),
    )
    private = rx.el.p("Private. No medical aid is noted.", class_name="muted")
    return part(
        "scheme",
        "Medical aid",
        rx.cond(A.scheme != "", scheme, private),
        box("Scheme", "scheme", auto_focus=True, list="schemes", hint="Empty where the client pays."),
        box("Plan", "scheme_option"),
        box("Member number", "member_number"),
        box("Dependant code", "dependant_code", input_mode="numeric"),
        box("Main member", "main_member", hint="Surname and initials, if somebody else."),
        rx.el.datalist(rx.foreach(S.schemes, lambda name: rx.el.option(value=name)), id="schemes"),
        label="medical aid",
    )


def _diagnoses() -> rx.Component:
    listed = rx.el.ol(rx.foreach(A.diagnoses, _diagnosis), class_name="plain-list dx-list mb-3")
    none = rx.el.p("None noted.", class_name="muted mb-3")
    box = rx.el.div(
        code_search(S, S.diagnosis_fault, lambda code: {"on_click": S.add_code(code)}, key="codes" + A.id.to_string()),
        TakesOut.create(changes=S.code_face, words=S.code_words),
        class_name="max-w-md",
        custom_attrs={"data-kept": "yes"},
    )
    warnings = rx.foreach(A.diagnosis_warnings, lambda words: rx.el.p(words, class_name="hint mb-2"))
    return rx.cond(
        A.may_see_diagnoses,
        section(
            "Diagnosis",
            rx.cond(A.diagnoses.length() > 0, listed, none),
            warnings,
            rx.cond(A.may_edit, box),
            id="diagnosis",
        ),
    )


def _diagnosis(one: Any, n: Any) -> rx.Component:
    last = A.diagnoses.length() - 1
    acts = rx.el.span(
        _dx_button("chevron-up", "Move " + one[0] + " up", S.move_code(one[0], -1), n == 0),
        _dx_button("chevron-down", "Move " + one[0] + " down", S.move_code(one[0], 1), n == last),
        _dx_button("x", "Remove diagnosis " + one[0], S.remove_code(one[0]), None),
        class_name="flex",
    )
    return rx.el.li(
        rx.el.span(rx.el.strong(one[0], class_name="figures"), " ", one[1], class_name="wrap flex-1"),
        rx.cond(A.may_edit, acts),
        class_name="spread",
        key=one[0],
    )


def _dx_button(icon: str, words: Any, act: Any, is_idle: Any) -> rx.Component:
    """An idle one stays where it is, so that the cursor does not get lost at the top."""
    idle = {} if is_idle is None else {"aria-disabled": rx.cond(is_idle, "true", "false")}
    return rx.el.button(
        rx.icon(icon, size=16, aria_hidden="true"),
        type="button",
        class_name="icon-btn",
        on_click=act,
        custom_attrs={"aria-label": words} | idle,
    )


def _billing() -> rx.Component:
    words = rx.match(A.default_payment_type, *((value, words) for value, words in PAYMENT_TYPES), "As last time")
    return part(
        "billing",
        "Billing",
        facts(fact("Payment type", words)),
        forms.choice("Payment type", "default_payment_type", PAYMENT_TYPES, "What a completion form begins with."),
        label="billing",
    )


def _consents() -> rx.Component:
    shown = rx.el.ul(rx.foreach(A.consents, _consent), class_name="plain-list")
    return part("consents", "Consent", shown, *forms.consents(), label="consent")


def _consent(one: Any) -> rx.Component:
    taken_back = rx.cond(one.on != "", f"taken back {one.on}", "not noted")
    state = rx.cond(
        one.is_given,
        rx.el.span("since ", one.on, class_name="mark"),
        rx.el.span(taken_back, class_name=rx.cond(one.on != "", "mark mark-danger", "muted small")),
    )
    return rx.el.li(rx.el.span(one.words, class_name="wrap"), state, class_name="spread")


def _custom() -> rx.Component:
    shown = facts(
        rx.foreach(
            A.custom,
            lambda one: fact(
                one.name, one.value, rx.cond(one.shows_on_invoice, rx.el.span("Invoice", class_name="mark ml-2"))
            ),
        )
    )
    return rx.cond(A.custom.length() > 0, part("custom", "More", shown, forms.custom(), label="more fields"))


def _history() -> rx.Component:
    return rx.cond(A.history.length() > 0, section("What happened", timeline(A.history)))
