"""The parts of a client's profile that are filled in together: their fields, and the boxes each field consists of."""

from collections.abc import Mapping
from typing import Any

from trova_app.domain.consents import CONSENT_WORDS, Consent
from trova_app.services.clients import ClientProfile, Reach
from trova_app.state.edits import Field

SLOTS = range(1, 6)
TICKED = "on"
PARTS = ("contact", "guardian", "scheme", "billing", "consents", "custom")
TICKS = frozenset({"guardian_pays", *(f"consent_{kind.value}" for kind in Consent)})


def _one(words: str, box: str) -> Field:
    return Field(words, (box,))


def _several(words: str, kind: str, *more: str) -> Field:
    """Every slot in one: a list of addresses makes sense as a whole only."""
    return Field(words, (*(box for n in SLOTS for box in (f"{kind}_{n}", f"{kind}_{n}_whose")), *more))


FIELDS: dict[str, tuple[Field, ...]] = {
    "contact": (
        _one("First name", "first_name"),
        _one("Last name", "last_name"),
        _one("Date of birth", "birth_date"),
        _one("ID number", "id_number"),
        _several("Mail addresses", "mail", "invoices_to"),
        _several("Phones", "phone"),
        _one("Address", "address"),
    ),
    "guardian": (
        _one("Guardian", "guardian_name"),
        _one("Relation", "guardian_relation"),
        _one("Address", "guardian_address"),
        _one("The account is for them", "guardian_pays"),
    ),
    "scheme": (
        _one("Scheme", "scheme"),
        _one("Option", "scheme_option"),
        _one("Member number", "member_number"),
        _one("Dependant code", "dependant_code"),
        _one("Main member", "main_member"),
    ),
    "billing": (_one("Payment type", "default_payment_type"),),
    "consents": tuple(
        Field(words, (f"consent_{kind.value}", f"consent_{kind.value}_on")) for kind, words in CONSENT_WORDS.items()
    ),
}


def fields_of(shown: ClientProfile, part: str) -> tuple[Field, ...]:
    if part == "custom":
        return tuple(_one(one.name, f"custom_{one.id}") for one in shown.custom)
    return FIELDS[part]


def texts_of(shown: ClientProfile, part: str) -> dict[str, str]:
    """What the boxes of a part begin with."""
    kept: dict[str, str] = {"invoices_to": "1"}
    kept |= _slots("mail", shown.mails) | _slots("phone", shown.phones)
    kept |= {f"custom_{one.id}": one.value for one in shown.custom}
    for one in shown.consents:
        kept |= {f"consent_{one.kind}": TICKED if one.is_given else "", f"consent_{one.kind}_on": one.day}
    kept["guardian_pays"] = TICKED if shown.guardian_pays else ""
    boxes = [box for field in fields_of(shown, part) for box in field.boxes]
    return {box: kept[box] if box in kept else str(getattr(shown, box)) for box in boxes}


def _slots(kind: str, reaches: tuple[Reach, ...]) -> dict[str, str]:
    filled = dict(enumerate(reaches, start=1))
    texts: dict[str, str] = {}
    for n in SLOTS:
        one = filled.get(n, Reach(""))
        texts |= {f"{kind}_{n}": one.value, f"{kind}_{n}_whose": one.whose}
    return texts


def typed_in(shown: ClientProfile, part: str, form: Mapping[str, Any]) -> dict[str, str]:
    """The boxes as they were sent; a tick arrives as true, or not at all."""
    boxes = [box for field in fields_of(shown, part) for box in field.boxes]
    return {box: _text(box, form.get(box, "")) for box in boxes}


def _text(box: str, given: object) -> str:
    if box in TICKS:
        return TICKED if given in (True, TICKED, "true") else ""
    return given if isinstance(given, str) else ""


def given_by(part: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The boxes' texts as the service takes them."""
    if part == "consents":
        ticks = {kind.value: texts[f"consent_{kind.value}"] == TICKED for kind in Consent}
        return {"consents": {kind: (is_given, texts[f"consent_{kind}_on"]) for kind, is_given in ticks.items()}}
    if part == "custom":
        return {"custom": {int(box.removeprefix("custom_")): text for box, text in texts.items()}}
    given: dict[str, Any] = dict(texts)
    if part == "guardian":
        given["guardian_pays"] = texts["guardian_pays"] == TICKED
    if part == "contact":
        given = {name: text for name, text in texts.items() if not name.startswith(("mail_", "phone_"))}
        given |= {"mails": _pairs("mail", texts), "phones": _pairs("phone", texts)}
        chosen = texts["invoices_to"]
        given["invoices_to"] = int(chosen) - 1 if chosen in map(str, SLOTS) else 0
    return given


def _pairs(kind: str, texts: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(texts[f"{kind}_{n}"], texts[f"{kind}_{n}_whose"]) for n in SLOTS]
