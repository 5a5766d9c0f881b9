"""Adding and changing services; and what a change of price does to sessions that are booked: it is said, and chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from trova_app.domain import lines as cells
from trova_app.domain.appointments import AppointmentState
from trova_app.domain.lines import Cell, Style
from trova_app.domain.permissions import Permission, Principal
from trova_app.domain.refusals import ChangedElsewhere, Refusal
from trova_app.models import Appointment, CareService, Practice, ServiceLine
from trova_app.services.arguments import Fields, a_version, folded
from trova_app.services.catalogue import BookedCounts, booked_counts, find_service, lines_of_edition
from trova_app.services.default_lines import comes_to, for_length
from trova_app.services.ports import Desk
from trova_app.services.practice_style import PracticeStyle, style_for
from trova_app.services.tax_rates import tax_rates_on

LONGEST_NAME = 120
LONGEST_CODE = 20
LONGEST_TEXT = 300
MOST_LINES = 40
LONGEST_SESSION = 24 * 60
TONES = 8


class Booked(StrEnum):
    """What becomes of sessions that are booked when the price changes."""

    KEEP = "keep"
    CHANGE = "change"


class AskAboutBooked(Refusal):
    """The lines change and sessions are booked: nothing was saved until somebody has chosen."""

    def __init__(self, counts: BookedCounts, was: str, will_be: str) -> None:
        self.counts, self.was, self.will_be = counts, was, will_be
        many = counts.present + counts.earlier
        booked = "1 booked session has" if many == 1 else f"{many} booked sessions have"
        super().__init__(f"{booked} the old price.")


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as read; units as in `ServiceLine`."""

    code: str
    description: str
    quantity: int
    unit_price: int
    tax_rate: int | None
    from_minutes: int | None

    @classmethod
    def of(cls, line: ServiceLine) -> "NewLine":
        return cls(line.code, line.description, line.quantity, line.unit_price, line.tax_rate, line.from_minutes)


def save_service(
    db: Session,
    desk: Desk,
    who: Principal,
    *,
    service_id: object = None,
    version: object = None,
    booked: object = "",
    name: object,
    minutes: object,
    tone: object = "",
    is_virtual: object = False,
    is_paid_in_advance: object = False,
    lines: object,
) -> int:
    """Adds a service, or changes the one with this id; its id. `lines`: mappings with id, since, code, text, qty, price
    and tax as typed. `booked`: what becomes of booked sessions where the lines change.

    Raises `FieldFaults` (fields of lines as "price.ID"), `ChangedElsewhere`, or `AskAboutBooked`."""
    who.must(Permission.CATALOGUE)
    service = _held(db, who, service_id, version)
    style, form = style_for(db, desk, who.practice_id), Fields()
    service.name = _a_name(db, who, form, name, service.id)
    service.duration_minutes = form.whole("minutes", minutes, 1, LONGEST_SESSION)
    service.tone = None if tone == "" else form.whole("tone", tone, 0, TONES - 1)
    service.is_virtual = form.truth("is_virtual", is_virtual)
    service.is_paid_in_advance = form.truth("is_paid_in_advance", is_paid_in_advance)
    wanted = _read_lines(db, who, form, lines, style)
    _done(db, form)
    if service.id is None:
        _write(db, service, wanted, style)
    else:
        _change_lines(db, service, wanted, booked, style)
    service.version += 1
    return _kept(db, desk, who, service)


def _held(db: Session, who: Principal, service_id: object, version: object) -> CareService:
    if service_id is None:
        return CareService(practice_id=who.practice_id, name="", version=0)
    service = find_service(db, who, service_id, lock=True)
    if service.version != a_version(version):
        raise ChangedElsewhere("Somebody changed this service in the meantime. Nothing was overwritten.")
    return service


def _done(db: Session, form: Fields) -> None:
    """Nothing of what was read so far may be written along with something else."""
    if form.faults:
        db.expire_all()
    form.done()


def _kept(db: Session, desk: Desk, who: Principal, service: CareService) -> int:
    db.add(service)
    db.flush()
    desk.tell(who.practice_id)
    return int(service.id or 0)


def _a_name(db: Session, who: Principal, form: Fields, given: object, own: int | None) -> str:
    name = " ".join(form.line("name", given, most=LONGEST_NAME, needed="Enter the service's name.").split())
    query = select(CareService.id, CareService.name).where(CareService.practice_id == who.practice_id)
    with db.no_autoflush:
        taken = any(folded(known) == folded(name) and key != own for key, known in db.exec(query))
    if name and taken:
        form.fault("name", "There is a service of this name already; it may be archived.")
    return name


# -- lines


def _read_lines(db: Session, who: Principal, form: Fields, given: object, style: PracticeStyle) -> list[NewLine]:
    rows = given if isinstance(given, Sequence) and not isinstance(given, str) else []
    if not 1 <= len(rows) <= MOST_LINES or not all(isinstance(row, Mapping) for row in rows):
        form.fault("lines", f"A service has 1 to {MOST_LINES} lines.")
        return []
    practice = db.get_one(Practice, who.practice_id)
    with db.no_autoflush:
        rates = {rate.rate for rate in tax_rates_on(db, practice, style.today)} | {0} if practice.charges_tax else set()
    return [_read_line(form, row, style, rates) for row in rows]


def _read_line(form: Fields, row: Mapping[str, Any], style: PracticeStyle, rates: set[int]) -> NewLine:
    key = str(row.get("id", ""))[:20]
    money = style.money
    writing = Style(places=money.places, symbol=money.symbol, group=money.group, point=money.point)

    def number(name: str, read: Cell) -> int:
        if read.fault:
            form.fault(f"{name}.{key}", read.fault)
        return read.value

    since, tax = row.get("since", ""), row.get("tax", "")
    quantity = number("qty", cells.quantity_cell(_text(row, "qty"), writing))
    price = number("price", cells.price_cell(_text(row, "price"), writing))
    rate = None if tax == "" or not rates else number("tax", cells.tax_cell(_text(row, "tax"), writing))
    if rate is not None and rate not in rates:
        form.fault(f"tax.{key}", "Choose a tax rate that is in force.")
    if cells.gross_of(cells.Line(quantity, price, 0, 0, 0), money.places) > cells.LARGEST_LINE:
        form.fault(f"price.{key}", "Enter a smaller quantity or price.")
    return NewLine(
        code=" ".join(form.line(f"code.{key}", row.get("code", ""), most=LONGEST_CODE).split()),
        description=form.line(f"text.{key}", row.get("text", ""), most=LONGEST_TEXT),
        quantity=quantity,
        unit_price=price,
        tax_rate=rate,
        from_minutes=None if since == "" else form.whole(f"since.{key}", since, 0, LONGEST_SESSION),
    )


def _text(row: Mapping[str, Any], name: str) -> str:
    given = row.get(name, "")
    return given if isinstance(given, str) else ""


def _write(db: Session, service: CareService, wanted: Sequence[NewLine], style: PracticeStyle) -> None:
    """The lines of the service's present edition, and what they come to."""
    db.add(service)
    db.flush()
    rows = [
        ServiceLine(
            practice_id=service.practice_id,
            service_id=int(service.id or 0),
            position=position,
            code=line.code,
            description=line.description,
            quantity=line.quantity,
            unit_price=line.unit_price,
            tax_rate=line.tax_rate,
            from_minutes=line.from_minutes,
            edition=service.edition,
        )
        for position, line in enumerate(wanted, start=1)
    ]
    db.add_all(rows)
    service.price_minor = comes_to(for_length(rows, service.duration_minutes), style.money.places)


# -- what a change does to sessions that are booked


def _change_lines(
    db: Session, service: CareService, wanted: list[NewLine], booked: object, style: PracticeStyle
) -> None:
    with db.no_autoflush:
        present = lines_of_edition(db, service, service.edition)
        counts = booked_counts(db, service)
    if [NewLine.of(line) for line in present] == wanted:
        service.price_minor = comes_to(for_length(present, service.duration_minutes), style.money.places)
        return
    if counts.present + counts.earlier and booked not in tuple(Booked):
        raise _question(db, service, wanted, counts, style)
    before, service.edition = service.edition, service.edition + 1
    _write(db, service, wanted, style)
    if booked == Booked.CHANGE:
        _take_present_price(db, service)
    else:  # chosen so, or nothing is booked: then those that were called off stay as they are
        _keep_price(db, service, before)
    _forget_editions(db, service)


def _question(
    db: Session, service: CareService, wanted: Sequence[NewLine], counts: BookedCounts, style: PracticeStyle
) -> AskAboutBooked:
    was = style.amount(service.price_minor)
    rows = [ServiceLine(practice_id=0, service_id=0, position=0, **_columns(line)) for line in wanted]
    will_be = style.amount(comes_to(for_length(rows, service.duration_minutes), style.money.places))
    db.expire_all()
    return AskAboutBooked(counts, was, will_be)


def _columns(line: NewLine) -> dict[str, Any]:
    return {
        "quantity": line.quantity,
        "unit_price": line.unit_price,
        "from_minutes": line.from_minutes,
    }


def _of(service: CareService) -> list[Any]:
    return [col(Appointment.practice_id) == service.practice_id, col(Appointment.service_id) == service.id]


def _scheduled(service: CareService) -> list[Any]:
    return [*_of(service), col(Appointment.state) == AppointmentState.SCHEDULED.value]


def _keep_price(db: Session, service: CareService, edition: int) -> None:
    """Those that follow the present price stay at what it was; those that keep an earlier one go on keeping it. So do
    missed and cancelled ones, which may be put on again."""
    followed = (*_of(service), col(Appointment.service_edition).is_(None))
    db.execute(
        sa.update(Appointment)
        .where(*followed, col(Appointment.state) != AppointmentState.COMPLETED.value)
        .values(service_edition=edition)
    )


def _take_present_price(db: Session, service: CareService) -> int:
    """How many booked ones did. Missed and cancelled ones do too: they may be put on again."""
    kept = col(Appointment.service_edition).is_not(None)
    booked = db.execute(sa.select(sa.func.count()).where(*_scheduled(service), kept)).scalar_one()
    db.execute(
        sa.update(Appointment)
        .where(*_of(service), kept, col(Appointment.state) != AppointmentState.COMPLETED.value)
        .values(service_edition=None)
    )
    return int(booked)


def _forget_editions(db: Session, service: CareService) -> None:
    """Lines of editions that no session keeps any more."""
    db.flush()
    kept = sa.select(col(Appointment.service_edition)).where(
        col(Appointment.service_id) == service.id, col(Appointment.service_edition).is_not(None)
    )
    db.execute(
        sa.delete(ServiceLine).where(
            col(ServiceLine.service_id) == service.id,
            col(ServiceLine.edition) != service.edition,
            col(ServiceLine.edition).not_in(kept),
        )
    )


def use_present_price(db: Session, desk: Desk, who: Principal, *, service_id: object, version: object) -> str:
    """Booked sessions that keep an earlier price take the present one; forms somebody has begun stay as they are."""
    who.must(Permission.CATALOGUE)
    service = _held(db, who, service_id, version)
    number = _take_present_price(db, service)
    _forget_editions(db, service)
    service.version += 1
    _kept(db, desk, who, service)
    return f"{number} booked session{' has' if number == 1 else 's have'} the present price now."


def archive_service(
    db: Session, desk: Desk, who: Principal, *, service_id: object, version: object, archived: object
) -> int:
    """An archived service is offered no more; sessions booked for it stay as they are."""
    who.must(Permission.CATALOGUE)
    if not isinstance(archived, bool):
        raise Refusal("Choose whether the service is archived.")
    service = _held(db, who, service_id, version)
    service.is_active = not archived
    service.version += 1
    return _kept(db, desk, who, service)
