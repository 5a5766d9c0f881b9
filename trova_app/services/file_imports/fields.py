"""What a column of a list may be read as, in the words of the page."""

from trova_app.domain.imports import ImportKind

FIELDS: dict[str, dict[str, str]] = {
    ImportKind.CLIENTS: {
        "first_name": "First name",
        "last_name": "Last name",
        "full_name": "Whole name",
        "email": "Mail address",
        "phone": "Phone",
        "birth_date": "Date of birth",
        "scheme": "Medical scheme",
        "scheme_option": "Scheme option",
        "member_number": "Member number",
        "dependant_code": "Dependant code",
        "main_member": "Main member",
        "diagnoses": "Diagnoses (ICD-10)",
        "address": "Address",
        "status": "Status",
        "archived": "Archived",
        "external_id": "The other system's id",
    },
    ImportKind.APPOINTMENTS: {
        "start": "Start",
        "day": "Date",
        "end": "End",
        "minutes": "Length in minutes",
        "client_name": "Client",
        "first_name": "Client's first name",
        "last_name": "Client's last name",
        "client_email": "Client's mail address",
        "client_external_id": "Client's id in the other system",
        "service_name": "Service",
        "practitioner_name": "Practitioner",
        "place": "Place",
        "status": "Status",
        "cancelled": "Cancelled",
        "missed": "Missed",
        "arrived": "Arrived",
        "external_id": "The other system's id",
        "note": "Note",
    },
}
"""By kind, each field of the reader; "" is a column that is left out."""
