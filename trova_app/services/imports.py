"""Imports from other systems: a file's clients or appointments, all of them or none, as often as you like."""

from trova_app.services.appointment_imports import import_appointments
from trova_app.services.client_imports import import_clients
from trova_app.services.import_reports import ImportLine, ImportReport, Outcome

__all__ = ["ImportLine", "ImportReport", "Outcome", "import_appointments", "import_clients"]
