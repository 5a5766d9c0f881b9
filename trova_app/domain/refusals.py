"""The ways an act is refused. Each carries one calm sentence that says what to do."""


class Refusal(Exception):
    """The act was not done. `field` names the form field the sentence stands beside, "" for the whole form."""

    def __init__(self, sentence: str, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class NotAllowed(Refusal):
    """The person's role does not grant it."""


class NotFound(Refusal):
    """There is no such row in this person's practice; the same answer as for another practice's row."""

    def __init__(self, what: str = "page") -> None:
        super().__init__(f"There is no such {what} here. It may have been moved or finished by somebody else.")


class SignedOut(Refusal):
    """The sign-in has ended or never was."""

    def __init__(self) -> None:
        super().__init__("Please sign in.")


class ChangedElsewhere(Refusal):
    """Somebody saved a newer version in the meantime. Nothing was overwritten."""


class FieldFaults(Refusal):
    """Several fields cannot be taken as typed: (field name, sentence) pairs, in page order."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__("Please look at the marked fields.")
        self.faults = faults
