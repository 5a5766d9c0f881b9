"""What we ask, held to the types the official client publishes: they catch what never reaches the wire (an unknown name
with an empty list is not sent at all)."""

import types
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

from stripe import RequestOptions
from typing_extensions import is_typeddict


def typed_faults(hint: Any, value: Any, place: str = "") -> list[str]:
    """Everything that does not fit the type hint, each with the place it stands."""
    origin = get_origin(hint)
    if origin in (NotRequired, Required):
        return typed_faults(get_args(hint)[0], value, place)
    if origin in (Union, types.UnionType):
        return min((typed_faults(one, value, place) for one in get_args(hint)), key=len)
    if origin is Literal:
        return [] if value in get_args(hint) else [f"{place}: {value!r}"]
    if origin is list:
        return _each(get_args(hint)[0], enumerate(value), place) if isinstance(value, list) else [f"{place}: no list"]
    if origin is dict:
        return _each(get_args(hint)[1], value.items(), place) if isinstance(value, dict) else [f"{place}: no object"]
    if is_typeddict(hint):
        return _fields(hint, value, place)
    is_right = hint is Any or isinstance(value, hint) and (hint is bool or type(value) is not bool)
    return [] if is_right else [f"{place}: {value!r}"]


def _each(hint: Any, held: Any, place: str) -> list[str]:
    return [fault for name, value in held for fault in typed_faults(hint, value, f"{place}[{name}]")]


class _Words:
    """Stands for the client's map of free names, such as metadata."""

    def __class_getitem__(cls, held: Any) -> Any:
        return dict[str, held]


def fields_of(hint: Any) -> dict[str, Any]:
    """The named fields of one of the client's types, without the options of a call (they are no parameters)."""
    hints = get_type_hints(hint, localns={"StripeContext": Any, "UntypedStripeObject": _Words, "Mapping": Mapping})
    return {name: held for name, held in hints.items() if name not in RequestOptions.__annotations__}


def _fields(hint: Any, value: Any, place: str) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place}: no object"]
    hints = fields_of(hint)
    faults = [f"{place}[{name}] is missing" for name in hint.__required_keys__ if name not in value]
    faults += [f"{place}[{name}] is unknown" for name in value if name not in hints]
    known = ((name, held) for name, held in value.items() if name in hints)
    return faults + [fault for name, held in known for fault in typed_faults(hints[name], held, f"{place}[{name}]")]
