"""The parts of a client's profile that are filled in together: their fields, and the boxes each field consists of."""

from collections.abc import Mapping
from typing import Any

from trova_app.services.clients import ClientProfile
from trova_app.state.edits import Field

PARTS: dict[str, tuple[Field, ...]] = {
    "contact": (
        Field("First name", ("first_name",)),
        Field("Last name", ("last_name",)),
        Field("Date of birth", ("birth_date",)),
        Field("Mail address", ("email",)),
        Field("Phone", ("phone",)),
        Field("Address", ("address",)),
    ),
    "scheme": (
        Field("Scheme", ("scheme",)),
        Field("Option", ("scheme_option",)),
        Field("Member number", ("member_number",)),
        Field("Dependant code", ("dependant_code",)),
        Field("Main member", ("main_member",)),
    ),
}


def texts_of(shown: ClientProfile, part: str) -> dict[str, str]:
    """What the boxes of a part begin with."""
    return {box: str(getattr(shown, box)) for one in PARTS[part] for box in one.boxes}


def given_by(part: str, texts: Mapping[str, str]) -> dict[str, Any]:
    """The boxes' texts as the service takes them."""
    return dict(texts)
