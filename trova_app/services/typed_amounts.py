"""An amount of money as a person typed it, in their practice's way of writing."""

from trova_app.domain.lines import Style as Writing
from trova_app.domain.lines import amount_cell
from trova_app.domain.refusals import FieldFaults
from trova_app.services.practice_style import PracticeStyle


def typed_amount(typed: object, most: int, style: PracticeStyle, what: str, field: str = "amount") -> int:
    """Minor units from 1 to `most`; "" stands for `most`. `what` ends the sentence: "Enter an amount up to R 5,00
    (what is still due).". Raises `FieldFaults` at `field`."""
    if not isinstance(typed, str):
        raise FieldFaults([(field, "Enter an amount.")])
    if not typed.strip():
        return most
    money = style.money
    writing = Writing(places=money.places, symbol=money.symbol, group=money.group, point=money.point)
    cell = amount_cell(typed, writing.places, writing)
    if cell.fault:
        raise FieldFaults([(field, cell.fault)])
    if not 0 < cell.value <= most:
        raise FieldFaults([(field, f"Enter an amount up to {style.amount(most)} ({what}).")])
    return cell.value
