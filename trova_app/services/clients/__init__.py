"""Clients: the list, one client's profile, and what is filled in about them."""

from trova_app.services.clients.alike import (
    Alike,
    LooksAlike,
    Pair,
    likely_pairs,
    one_of_two,
    tell_apart,
    who_is_alike,
)
from trova_app.services.clients.consents import ConsentText
from trova_app.services.clients.custom_fields import CustomText, FieldText, add_field, change_field, fields_of
from trova_app.services.clients.diagnoses import (
    CODE,
    MOST_DIAGNOSES,
    add_diagnosis,
    coded,
    move_diagnosis,
    remove_diagnosis,
)
from trova_app.services.clients.entries import EntryText
from trova_app.services.clients.fill_in import LONGEST_NAME, add, fill_in, scheme_named, scheme_names
from trova_app.services.clients.find import ClientProfile, find, found_anew, keyed
from trova_app.services.clients.listing import ClientPage, ClientRow, list_clients
from trova_app.services.clients.merge import MergeText, merge, merges_of, undo_merge
from trova_app.services.clients.persons import whose_now
from trova_app.services.clients.put_away import archive, bring_back
from trova_app.services.clients.reach import Reach

__all__ = [
    "CODE",
    "LONGEST_NAME",
    "MOST_DIAGNOSES",
    "Alike",
    "ClientPage",
    "ClientProfile",
    "ClientRow",
    "ConsentText",
    "CustomText",
    "EntryText",
    "FieldText",
    "LooksAlike",
    "Pair",
    "Reach",
    "add",
    "add_diagnosis",
    "add_field",
    "archive",
    "bring_back",
    "coded",
    "change_field",
    "fields_of",
    "fill_in",
    "find",
    "found_anew",
    "keyed",
    "likely_pairs",
    "list_clients",
    "MergeText",
    "merge",
    "merges_of",
    "undo_merge",
    "move_diagnosis",
    "remove_diagnosis",
    "one_of_two",
    "scheme_named",
    "scheme_names",
    "tell_apart",
    "who_is_alike",
    "whose_now",
]
