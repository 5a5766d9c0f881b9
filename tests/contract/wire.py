"""What travels to Stripe, decoded from its bracket form and held to Stripe's OpenAPI document, and what travels back.

Stripe's document closes only the outermost object; here every object with named properties is closed, so that a
misspelt field deep inside is found.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

DOCUMENT = Path(__file__).with_name("openapi-2026-05-27.dahlia.trimmed.json")
Schema = dict[str, Any]
NEWER_THAN_THE_DOCUMENT = ("[api_version]",)
"""The client pins a version of the API that came out after the document did."""


@cache
def document() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_text())


def decoded(form: str) -> dict[str, Any]:
    """`a[0][b]=1&a[0][c]=2&d[]=3` as {"a": [{"b": "1", "c": "2"}], "d": ["3"]}; all leaves are text."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(form, keep_blank_values=True):
        steps = re.findall(r"[^\[\]]+", name)
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        if name.endswith("[]"):
            node = node.setdefault(steps[-1], {})
            steps.append(str(len(node)))
        node[steps[-1]] = value
    return _with_lists(tree)


def _with_lists(node: Any) -> Any:
    if not isinstance(node, dict):
        return node
    held = {name: _with_lists(value) for name, value in node.items()}
    if held and all(name.isdigit() for name in held):
        return [held[name] for name in sorted(held, key=int)]
    return held


def operation(method: str, path: str) -> tuple[Schema, dict[str, str]] | None:
    """The operation of a path such as /v1/payment_links/plink_1/line_items, with the path's own values."""
    for template, operations in document()["paths"].items():
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", template)
        found = re.fullmatch(pattern, path)
        if found and method.lower() in operations:
            return operations[method.lower()], found.groupdict()
    return None


def request_schema(asked: Schema, method: str) -> Schema:
    """What may be sent: the form's schema, or the query's parameters as one."""
    if method == "POST":
        return asked["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
    named = [p for p in asked.get("parameters", []) if p["in"] == "query"]
    return {
        "type": "object",
        "properties": {p["name"]: p["schema"] for p in named},
        "required": [p["name"] for p in named if p.get("required")],
    }


def response_schema(method: str, path: str) -> Schema:
    found = operation(method, path)
    assert found
    return found[0]["responses"]["200"]["content"]["application/json"]["schema"]


def must_be_an_event(event: dict[str, Any]) -> None:
    """Raises AssertionError unless it, and the object it is about, are as Stripe's document describes them."""
    about = event["data"]["object"]
    faults = schema_faults(named("event"), event, "event", is_sent=False)
    faults += schema_faults(named(about["object"]), about, about["object"], is_sent=False)
    known = operation("POST", "/v1/webhook_endpoints")
    assert known
    kinds = request_schema(known[0], "POST")["properties"]["enabled_events"]["items"]["enum"]
    faults += [] if event["type"] in kinds else [f"{event['type']} is no event"]
    assert faults == []


def request_faults(method: str, path: str, params: dict[str, Any]) -> list[str]:
    """Everything Stripe would not take, each with the place it stands; [] for a good request."""
    found = operation(method, path)
    if found is None:
        return [f"{method} {path} is not in the document"]
    faults = schema_faults(request_schema(found[0], method), params, "", is_sent=True)
    return faults + [fault for rule in PROSE_RULES.get((method, path), ()) for fault in rule(params)]


def schema_faults(schema: Schema, value: Any, place: str, *, is_sent: bool) -> list[str]:
    """`is_sent`: leaves are text, and unknown names are faults; answers may carry more than is described."""
    if "$ref" in schema:
        return schema_faults(named(schema["$ref"]), value, place, is_sent=is_sent)
    if "x-pruned" in schema or value is None and schema.get("nullable"):
        return []
    if "anyOf" in schema:
        tries = [schema_faults(one, value, place, is_sent=is_sent) for one in schema["anyOf"]]
        return min(tries, key=len)
    if "enum" in schema and value not in schema["enum"] and place not in NEWER_THAN_THE_DOCUMENT:
        return [f"{place}: {value!r} is none of its values"]
    kind = schema.get("type")
    if kind == "object":
        return _object_faults(schema, value, place, is_sent=is_sent)
    if kind == "array":
        return _array_faults(schema, value, place, is_sent=is_sent)
    return _leaf_faults(schema, value, place, is_sent=is_sent)


def named(reference: str) -> Schema:
    return document()["components"]["schemas"][reference.rpartition("/")[2]]


def _object_faults(schema: Schema, value: Any, place: str, *, is_sent: bool) -> list[str]:
    if not isinstance(value, dict):
        return [f"{place}: not an object"]
    properties = schema.get("properties", {})
    faults = [f"{place}[{name}] is missing" for name in schema.get("required", []) if name not in value]
    for name, held in value.items():
        inner = properties.get(name) or _open_schema(schema, properties)
        if inner is None:
            faults += [f"{place}[{name}] is unknown"] if is_sent else []
        else:
            faults += schema_faults(inner, held, f"{place}[{name}]", is_sent=is_sent)
    return faults


def _open_schema(schema: Schema, properties: Schema) -> Schema | None:
    """A map such as metadata says what its values are; everything else is closed."""
    more = schema.get("additionalProperties")
    return more if isinstance(more, dict) and not properties else None


def _array_faults(schema: Schema, value: Any, place: str, *, is_sent: bool) -> list[str]:
    if not isinstance(value, list):
        return [f"{place}: not a list"]
    return [
        fault
        for n, held in enumerate(value)
        for fault in schema_faults(schema["items"], held, f"{place}[{n}]", is_sent=is_sent)
    ]


def _leaf_faults(schema: Schema, value: Any, place: str, *, is_sent: bool) -> list[str]:
    kind = schema.get("type")
    if is_sent and isinstance(value, str):
        is_right = {
            "integer": lambda: re.fullmatch(r"-?\d+", value),
            "number": lambda: re.fullmatch(r"-?\d+(\.\d+)?", value),
            "boolean": lambda: value in ("true", "false"),
        }.get(str(kind), lambda: True)()
    else:
        wanted = {"integer": int, "number": (int, float), "boolean": bool, "string": str}.get(str(kind), object)
        is_right = isinstance(value, wanted) and (kind == "boolean" or not isinstance(value, bool))
    if not is_right:
        return [f"{place}: {value!r} is no {kind}"]
    if len(str(value)) > schema.get("maxLength", len(str(value))):
        return [f"{place}: longer than {schema['maxLength']}"]
    if schema.get("format") == "currency" and not re.fullmatch(r"[a-z]{3}", str(value)):
        return [f"{place}: {value!r} is no currency in lower case"]
    return []


def _lines(params: dict[str, Any]) -> list[str]:
    """docs.stripe.com/api/payment-link/create: at most 20 lines, each with exactly one of price and price_data; amounts
    are never negative."""
    lines = params.get("line_items", [])
    faults = ["more than 20 lines"] if len(lines) > 20 else []
    for line in lines:
        if ("price" in line) == ("price_data" in line):
            faults.append("exactly one of price and price_data")
        if str(line.get("price_data", {}).get("unit_amount", "0")).startswith("-"):
            faults.append("a negative amount")
    return faults


def _metadata(params: dict[str, Any]) -> list[str]:
    """docs.stripe.com/api/metadata: at most 50 keys of 40 characters with values of 500."""
    held = params.get("metadata", {})
    too_long = [name for name, value in held.items() if len(name) > 40 or len(value) > 500]
    return [f"metadata[{name}] is too long" for name in too_long] + (["too much metadata"] if len(held) > 50 else [])


PROSE_RULES = {("POST", "/v1/payment_links"): (_lines, _metadata)}


def example(schema: Schema, **given: Any) -> Any:
    """The smallest answer the document allows, with `given` laid over it."""
    if "$ref" in schema:
        return example(named(schema["$ref"]), **given)
    if schema.get("nullable") and not given:
        return None
    if "anyOf" in schema:
        return example(schema["anyOf"][0], **given)
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        required = {name: example(schema["properties"][name]) for name in schema.get("required", [])}
        return required | given
    if schema.get("format") == "currency":
        return "zar"
    return {"array": [], "boolean": False, "integer": 1, "number": 1}.get(str(schema.get("type")), "x")
