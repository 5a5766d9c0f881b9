"""Documents of an invented practice, the least needed for a test; change fields with `dataclasses.replace`."""

from dataclasses import replace

from trova_app.domain.documents import (
    BankDetail,
    ClientDetails,
    DocumentContent,
    DocumentDiagnosis,
    DocumentLine,
    DocumentPayment,
    PracticeDetails,
    PractitionerDetails,
    SchemeDetails,
    TaxRow,
)

PAY_URL = "https://naidoo.example/pay/4f0cbb7e6c1a4b0d9c1e8f"
PRACTICE = PracticeDetails(
    name="Naidoo Psychology",
    address=("Suite 4, The Oaks", "12 Lower Main Road", "Cape Town 7925"),
    phone="+27 21 555 0142",
    email="rooms@naidoo.example",
    practice_number="0861234",
    bank_details=(BankDetail("Bank", "Fynbos Bank"), BankDetail("Account no.", "620 4411 8827")),
)
PRACTITIONER = PractitionerDetails("Dr Anjali Naidoo", "Clinical psychologist", "PS 0099123", "0861242")
CLIENT = ClientDetails("Thandi Lerato Mokoena", "1989-04-02", ("8 Kloof Street", "Gardens"), "thandi@example.org")
SCHEME = SchemeDetails("Khanya Medical", "Comprehensive", "Mokoena T L", "KM 884 201 77", "01")
LINE = DocumentLine("2025-11-21", "86205", "Psychotherapy 60 min", "1", "1 250,00", 125000)
ANXIETY = DocumentDiagnosis("F41.1", "Generalized anxiety disorder")


def an_invoice(**changes: object) -> DocumentContent:
    invoice = DocumentContent(
        kind="invoice",
        title="Invoice",
        number="INV-0042",
        issue_date="2025-11-21",
        due_date="2025-12-05",
        mode="live",
        currency="ZAR",
        practice=PRACTICE,
        practitioner=PRACTITIONER,
        client=CLIENT,
        lines=(LINE,),
        subtotal=125000,
        total=125000,
        due=125000,
        pay_url=PAY_URL,
    )
    return replace(invoice, **changes)  # type: ignore[arg-type]


def an_insurer_invoice(**changes: object) -> DocumentContent:
    second = replace(LINE, service_date="2025-11-14", code="86211", description="Intake", icd=("F41.1", "F32.0"))
    invoice = an_invoice(
        kind="insurer_invoice",
        pay_url=None,
        due_date=None,
        submit_by="2026-03-31",
        scheme=SCHEME,
        lines=(second, replace(LINE, icd=("F41.1",))),
        diagnoses=(ANXIETY, DocumentDiagnosis("F32.0", "Mild depressive episode")),
        subtotal=250000,
        total=250000,
        due=250000,
    )
    return replace(invoice, **changes)  # type: ignore[arg-type]


def a_receipt(**changes: object) -> DocumentContent:
    payments = (DocumentPayment("2025-11-21", "Cash", 30000), DocumentPayment("2025-11-22", "Card", 20000, "Slip 4471"))
    receipt = an_invoice(kind="receipt", title="Receipt", number="R-0017", payments=payments, paid=50000, due=75000)
    return replace(receipt, **changes)  # type: ignore[arg-type]


def a_tax_invoice(**changes: object) -> DocumentContent:
    invoice = an_invoice(
        title="Tax invoice",
        is_tax_invoice=True,
        practice=replace(PRACTICE, tax_number="4120188821"),
        lines=(replace(LINE, tax_rate="15%", discount=12500, total=112500),),
        subtotal=112500,
        taxes=(TaxRow("15%", 97826, 14674),),
        prices_include_tax=True,
        total=112500,
        due=112500,
    )
    return replace(invoice, **changes)  # type: ignore[arg-type]
