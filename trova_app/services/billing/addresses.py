"""Mail addresses as typed."""

from functools import lru_cache

from email_validator import EmailNotValidError, validate_email

from trova_app.domain.refusals import FieldFaults


def must_be_address(typed: object, field: str = "client_email") -> str:
    """The address, tidied. Raises `FieldFaults` with what to do; whether it can be reached only sending shows."""
    text = typed.strip() if isinstance(typed, str) else ""
    if not text:
        raise FieldFaults([(field, "Enter a mail address to send it to.")])
    found = _tidied(text)
    if not found:
        raise FieldFaults([(field, "Enter one complete mail address, such as name@example.com.")])
    return found


@lru_cache(maxsize=1_000)
def _tidied(text: str) -> str:
    """An empty text for none. Asked after every pause in somebody's typing, of the same address."""
    try:
        return validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        return ""
