"""What looks wrong in a profile. Practice differs from any rule, so all of it warns and nothing is refused."""

from datetime import date

import phonenumbers
from stdnum.exceptions import ValidationError
from stdnum.za import idnr

from trova_app.models import Client
from trova_app.services.clients.reach import Reach
from trova_app.services.practice_style import short

FULL_AGE = {"ZA": 18}
SOUTH_AFRICAN = "ZA"


def warnings_of(client: Client, phones: tuple[Reach, ...], country: str, today: date) -> dict[str, str]:
    """A sentence by the box to look at again: "id_number", "birth_date", "guardian_name", "phone_1"."""
    found = _of_id_number(client, country) | _of_age(client, country, today)
    for number, phone in enumerate(phones, start=1):
        if not can_be_called(phone.value, country):
            found[f"phone_{number}"] = "This does not look like a phone number. Check the digits."
    return found


def can_be_called(text: str, country: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, country))
    except phonenumbers.NumberParseException:
        return False


def _of_id_number(client: Client, country: str) -> dict[str, str]:
    """South African identity numbers have 13 digits with the date of birth in front and a check digit at the end;
    everything else may be a passport's."""
    number = client.id_number.replace(" ", "")
    if country != SOUTH_AFRICAN or not (number.isascii() and number.isdigit()) or len(number) != 13:
        return {}
    try:
        born = idnr.get_birth_date(idnr.validate(number))
    except ValidationError:
        return {"id_number": "This is not a South African ID number: a digit must be wrong. Fine for a passport."}
    if client.birth_date and f"{client.birth_date:%y%m%d}" != number[:6]:
        return {"birth_date": f"The ID number says {short(born)}."}
    return {}


def _of_age(client: Client, country: str, today: date) -> dict[str, str]:
    born = client.birth_date
    if born is None or client.guardian_name or country not in FULL_AGE:
        return {}
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return {"guardian_name": f"Under {FULL_AGE[country]}, and no guardian is noted."} if age < FULL_AGE[country] else {}
