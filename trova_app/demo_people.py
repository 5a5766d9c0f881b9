"""The demo practice's people, schemes and services. All invented; their mail addresses lead nowhere."""

from dataclasses import dataclass
from typing import Any

ANXIETY = ("F41.1", "Generalized anxiety disorder")
PANIC = ("F41.0", "Panic disorder [episodic paroxysmal anxiety]")
MODERATE_DEPRESSION = ("F32.1", "Moderate depressive episode")
RECURRENT_DEPRESSION = ("F33.0", "Recurrent depressive disorder, current episode mild")
ADJUSTMENT = ("F43.2", "Adjustment disorders")
STRESS = ("F43.1", "Post-traumatic stress disorder")
ATTENTION = ("F90.0", "Disturbance of activity and attention")
SLEEP = ("F51.0", "Nonorganic insomnia")

PRACTICE: dict[str, Any] = {
    "name": "Jacaranda Psychology",
    "mode": "demo",
    "country": "ZA",
    "currency": "ZAR",
    "time_zone": "Africa/Johannesburg",
    "address": "Unit 4, Protea Court\n12 Jan Smuts Avenue\nRosebank\nJohannesburg\n2196",
    "phone": "011 555 0142",
    "email": "hello@jacaranda.demo.trova.test",
    "practice_number": "0860000",
    "bank_name": "Demo Bank",
    "bank_account_name": "Jacaranda Psychology",
    "bank_account_number": "0000 000 000",
    "bank_branch_code": "000000",
    "number_prefix": "DEMO",
    "sender_name": "Jacaranda Psychology",
    "support": "help@jacaranda.demo.trova.test",
}

OWNER: dict[str, Any] = {
    "email": "clinician@demo.trova.test",
    "name": "Dr Anisha Naidoo",
    "role": "owner",
    "qualification": "Clinical psychologist, PhD (Clinical Psychology)",
    "council_number": "PS 0000000",
    "practice_number": "0860001",
    "is_practitioner": True,
}
RECEPTION: dict[str, Any] = {"email": "reception@demo.trova.test", "name": "Mpho Radebe", "role": "reception"}

SCHEMES = {
    "Khanya Medical": "claims@khanya.demo.trova.test",
    "Protea Health Fund": "accounts@protea.demo.trova.test",
    "Umoya Medical Scheme": "claims@umoya.demo.trova.test",
    "Baobab Cover": "",
}


PRICE_LISTS = {
    "Umoya Medical Scheme": (
        ("86203", "Psychotherapy 21 to 30 min", 6_604_000),
        ("86205", "Psychotherapy 51 to 60 min", 11_482_500),
        ("86206", "Psychotherapy 61 to 75 min", 14_350_000),
        ("86207", "First consultation 81 to 90 min", 15_126_000),
        ("86220", "Assessment, per hour", 11_482_500),
        ("86222", "Written report, per hour", 9_640_000),
    ),
}
"""What a scheme pays: (code, description, unit price in ten-thousandths)."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A service: (code, description, quantity in thousandths, unit price in ten-thousandths) for each line."""

    minutes: int
    lines: tuple[tuple[str, str, int, int], ...]
    tone: int = 0
    is_virtual: bool = False


SERVICES = {
    "Psychotherapy 60 min": Offer(60, (("86205", "Psychotherapy 60 min", 1000, 12_500_000),)),
    "Psychotherapy 30 min": Offer(30, (("86203", "Psychotherapy 30 min", 1000, 7_200_000),), 1, True),
    "Intake 90 min": Offer(
        90,
        (
            ("86207", "First consultation 90 min", 1000, 16_500_000),
            ("86290", "Intake questionnaires, scored", 1000, 1_500_000),
        ),
        2,
    ),
    "Couples therapy 75 min": Offer(75, (("86206", "Couples therapy 75 min", 1000, 16_000_000),), 3),
    "Psychological assessment": Offer(
        180,
        (
            ("86220", "Assessment, per hour", 3000, 12_500_000),
            ("86221", "Test material", 1000, 4_805_000),
            ("86222", "Written report, per hour", 1500, 12_500_000),
        ),
        4,
    ),
    "Group session": Offer(90, (("86210", "Group session 90 min", 1000, 4_500_000),), 5),
}


@dataclass(frozen=True, slots=True)
class Person:
    """A client. `scheme` "" pays privately; `mail` "" has no address."""

    first_name: str
    last_name: str
    mail: str
    scheme: str = ""
    option: str = ""
    member_number: str = ""
    dependant_code: str = ""
    main_member: str = ""
    diagnoses: tuple[tuple[str, str], ...] = ()
    birth_date: str = ""
    phone: str = ""
    address: str = ""


CLIENTS = {
    "thandi": Person(
        "Thandi", "Mokoena", "thandi.mokoena", "Khanya Medical", "Classic", "KM 4401928", "00", "",
        (ANXIETY,), "1988-06-14", "082 555 0101", "7 Fig Tree Lane\nParkhurst\n2193",
    ),
    "pieter": Person("Pieter", "van Wyk", "pieter.vanwyk", birth_date="1975-02-03", phone="083 555 0102"),
    "nomvula": Person(
        "Nomvula", "Dlamini-Khumalo", "nomvula.dk", "Protea Health Fund", "Comprehensive", "77120345", "01",
        "Khumalo S", (MODERATE_DEPRESSION, ANXIETY), "1992-11-30", "084 555 0103",
    ),
    "zoe": Person("Zoë", "Müller", "zoe.muller", birth_date="1999-08-21"),
    "bartholomew": Person(
        "Bartholomew Alexander", "Montgomery-Featherstonehaugh", "bartholomew.montgomery-featherstonehaugh",
        birth_date="1961-01-09",
        address="The Old Observatory, East Wing\n114 Upper Mountain View Terrace\nSt Patrick's Hill\n2198",
    ),
    "maria": Person(
        "Maria Magdalena Aparecida", "dos Santos Cavalcante de Albuquerque", "maria.albuquerque",
        "Umoya Medical Scheme", "Executive Plus with Hospital and Chronic Benefit", "UMS-2209-118-4", "00", "",
        (PANIC, SLEEP), "1970-12-25",
    ),
    "sipho": Person("Sipho", "Nkosi", "", birth_date="1983-04-17", phone="079 555 0107"),
    "aisha": Person(
        "Aisha", "Patel", "aisha.patel", "Umoya Medical Scheme", "Essential", "UMS-3310-042-9", "02", "Patel R",
        (ADJUSTMENT,), "2004-09-05",
    ),
    "jan": Person("Jan-Hendrik", "Oosthuizen", "jh.oosthuizen", birth_date="1958-07-28"),
    "lerato": Person(
        "Lerato", "Mahlangu", "lerato.mahlangu", "Khanya Medical", "Saver", "KM 5590117", "00", "",
        (RECURRENT_DEPRESSION,), "1995-03-12",
    ),
    "kagiso": Person(
        "Kagiso", "Molefe", "kagiso.molefe", "Baobab Cover", "Standard", "", "", "", (STRESS,), "1986-10-01",
    ),
    "fatima": Person("Fatima", "Abrahams", "fatima.abrahams", birth_date="1990-05-19", phone="082 555 0112"),
    "naledi": Person(
        "Naledi", "Sithole", "family.sithole", "Protea Health Fund", "Family", "77300981", "03", "Sithole P",
        (ATTENTION,), "2015-02-11",
    ),
    "tom": Person("Tom", "O'Brien", "tom.obrien", birth_date="1979-09-23"),
    "keshav": Person(
        "Keshav", "Govender", "keshav.govender", "Khanya Medical", "Classic", "KM 4417765", "01", "Govender L",
        (SLEEP, ANXIETY), "1967-06-06",
    ),
}  # fmt: skip
