"""Clients: the list, one client's profile, and what is filled in about them."""

from trova_app.services.clients.diagnoses import (
    CODE,
    MOST_DIAGNOSES,
    add_code,
    add_diagnosis,
    remove_diagnosis,
)
from trova_app.services.clients.fill_in import LONGEST_NAME, add, fill_in, scheme_named
from trova_app.services.clients.find import ClientProfile, find, search_text_of
from trova_app.services.clients.listing import ClientPage, ClientRow, list_clients

__all__ = [
    "CODE",
    "LONGEST_NAME",
    "MOST_DIAGNOSES",
    "ClientPage",
    "ClientProfile",
    "ClientRow",
    "add",
    "add_code",
    "add_diagnosis",
    "fill_in",
    "find",
    "list_clients",
    "remove_diagnosis",
    "scheme_named",
    "search_text_of",
]
