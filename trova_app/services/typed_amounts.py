"""Amounts as a person types them, in their practice's way of writing: read, and written into a field."""

from trova_app.domain.lines import Style as Writing
from trova_app.domain.lines import amount_cell, money
from trova_app.domain.refusals import FieldFaults
from trova_app.services.practice_style import PracticeStyle


def typed_amount(typed: object, most: int, style: PracticeStyle, what: str, field: str = "amount") -> int:
    """Minor units from 1 to `most`; "" stands for `most`. `what` ends the sentence: "Enter an amount up to R 5,00
    (what is still due).". Raises `FieldFaults` at `field`."""
    if not isinstance(typed, str):
        raise FieldFaults([(field, "Enter an amount.")])
    if not typed.strip():
        return most
    own = style.money
    writing = Writing(places=own.places, symbol=own.symbol, group=own.group, point=own.point)
    cell = amount_cell(typed, writing.places, writing)
    if cell.fault:
        raise FieldFaults([(field, cell.fault)])
    if not 0 < cell.value <= most:
        raise FieldFaults([(field, f"Enter an amount up to {style.amount(most)} ({what}).")])
    return cell.value


def price_text(unit_price: int, places: int, group: str, point: str) -> str:
    """A unit price (ten-thousandths) as somebody here would type it, with all the decimals it has."""
    if unit_price % 10 ** (4 - places) == 0:
        return money(unit_price // 10 ** (4 - places), places, "", group, point)
    return money(unit_price, 4, "", group, point)
