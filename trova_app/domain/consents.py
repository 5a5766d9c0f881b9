"""What a client may agree to. The wording is the practice's own on paper; here stands which, and since when."""

from enum import StrEnum


class Consent(StrEnum):
    TREATMENT = "treatment"
    PRIVACY = "privacy"
    SCHEME = "scheme"
    MESSAGES = "messages"


CONSENT_WORDS = {
    Consent.TREATMENT: "Treatment, and the practice's terms",
    Consent.PRIVACY: "Keeping personal and health information",
    Consent.SCHEME: "Telling the medical aid the diagnosis",
    Consent.MESSAGES: "Letters and reminders by mail or phone",
}
