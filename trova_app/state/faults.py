"""A refusal as sentences for a form: each beside its field, the rest beside the buttons under ""."""

from trova_app.domain.refusals import FieldFaults, Refusal


def faults_of(refusal: Refusal) -> dict[str, str]:
    """The first sentence for each field."""
    if not isinstance(refusal, FieldFaults):
        return {refusal.field: refusal.sentence}
    faults: dict[str, str] = {}
    for field, sentence in refusal.faults:
        faults.setdefault(field, sentence)
    return faults
