"""What we ask, held to the types the official client publishes for each of its calls.

As our own functions give it: that catches what never reaches the wire (an unknown name with an empty list is not sent
at all). And as it arrives at the stand-in, whoever sent it, where every leaf is text (`sent_faults`).
"""

import inspect
import re
import types
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints

import stripe
import stripe.checkout
import stripe.params
import stripe.params.checkout
from stripe import RequestOptions
from typing_extensions import is_typeddict

SERVICES: tuple[type, ...] = (
    stripe.AccountService,
    stripe.BalanceTransactionService,
    stripe.DisputeService,
    stripe.EventService,
    stripe.PaymentIntentService,
    stripe.PaymentLinkLineItemService,
    stripe.PaymentLinkService,
    stripe.RefundService,
    stripe.WebhookEndpointService,
    stripe.checkout.SessionService,
)
"""The parts of the client that Trova speaks through."""


def sent_faults(method: str, path: str, params: dict[str, Any]) -> list[str]:
    """Everything in a decoded request that the client's type for this call does not have."""
    hint = next((kept for verb, way, kept in _calls() if verb == method and way.fullmatch(path)), None)
    if hint is None:
        return [f"{method} {path} is none of the client's calls"]
    return typed_faults(hint, as_typed(hint, params))


@cache
def _calls() -> list[tuple[str, re.Pattern[str], Any]]:
    """(method, pattern of the path, type of the parameters) of each call, as the client itself makes it."""
    return [call for service in SERVICES for call in _calls_of(service)]


def _calls_of(service: type) -> Iterator[tuple[str, re.Pattern[str], Any]]:
    homes = (stripe.params.checkout, stripe.params) if "checkout" in service.__module__ else (stripe.params,)
    for name, call in inspect.getmembers(service, inspect.isfunction):
        asks = re.search(r'"(get|post|delete)",\s+"(/v1/[^"]+)"', inspect.getsource(call))
        if asks is None or name.endswith("_async"):
            continue
        (known,) = re.findall(r"\w+Params", str(call.__annotations__["params"]))
        hint = next(getattr(home, known) for home in homes if hasattr(home, known))
        yield asks[1].upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", asks[2])), hint


def as_typed(hint: Any, value: Any) -> Any:
    """Text from the wire as the number or truth it stands for, where the type wants one and it reads as one."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (NotRequired, Required):
        return as_typed(inner[0], value)
    if origin in (Union, types.UnionType):
        return min((as_typed(one, value) for one in inner), key=lambda read: len(typed_faults(hint, read)))
    if origin is list and isinstance(value, list):
        return [as_typed(inner[0], one) for one in value]
    if is_typeddict(hint) and isinstance(value, dict):
        hints = fields_of(hint)
        return {name: as_typed(hints.get(name, str), held) for name, held in value.items()}
    if hint is int and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    return value == "true" if hint is bool and value in ("true", "false") else value


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


@cache
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
