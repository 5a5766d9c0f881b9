"""The browser adds up what the server adds up: the text that is built, and the chunk that is served."""

import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.domain.random_forms import HOSTILE, STYLES, Fields, forms, invoices
from tests.test_pure_js import plain
from trova_app.domain import lines
from trova_app.front_end import web_folder
from trova_app.pure_js import translate
from trova_app.settings import ROOT

Edits = list[tuple[int, str]]  # the number of a box in its form, and its new text
ELSEWHERE = "http://localhost:9"  # answered by the test itself, so without the app's content policy
NUMBERS = """async (calls) => {
  const side = await import("/lines.js");
  const whole = (k, v) => v && typeof v === "object" && "whole" in v ? BigInt(v.whole) : v;
  const out = (k, v) => typeof v === "bigint" ? { whole: String(v) } : v;
  return JSON.stringify(JSON.parse(calls, whole).map(args => side.total_up(...args)), out);
}"""
# The chunk names its exports as it likes: `get` is the one that answers; it counts by itself with each input event.
# Of each form everything asked for is answered as it is drawn and after each edit (the number of a box, its new text).
FORMS = """async ([chunk, asked]) => {
  const made = Object.values(await import(chunk)).filter(one => typeof one === "function");
  const isGet = (one) => {
    try { return one.length === 1 && String(one).includes("??") && one("no.such.key") === ""; }
    catch { return false; }  // a hook of React's
  };
  const get = made.find(isGet);
  const form = document.createElement("form");
  form.name = "lines";
  document.body.append(form);
  const field = ([name, value]) => Object.assign(document.createElement("input"), { type: "hidden", name, value });
  const type = (box, text) => {
    box.value = text;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return asked.map(([fields, keys, edits]) => {
    form.replaceChildren(...fields.map(field));
    return [[0, fields[0][1]], ...edits].map(([n, text]) => {
      type(form.elements[n], text);
      return keys.map(get);
    });
  });
}"""


def built_text() -> str:
    return (web_folder() / "utils" / "lines.js").read_text()


def built_chunk() -> str:
    """The address of the script that carries the arithmetic, as browsers get it."""
    scripts = (web_folder() / "build" / "client" / "assets").glob("*.js")
    found = [script.name for script in scripts if "Enter a quantity above 0" in script.read_text()]
    assert len(found) == 1, found
    return f"/assets/{found[0]}"


def keys_of(fields: Fields) -> list[str]:
    """Everything the page may ask for: the sums, each line's total, each field's fault."""
    sums = ["subtotal", "discount", "tax", "total", "paid", "due"]
    totals = ["line." + name[4:] for name, _ in fields if name.startswith("qty.")]
    return sums + totals + [f"fault.{name}" for name, _ in fields]


def hostile_forms() -> list[Fields]:
    places, symbol, group, point = STYLES[0]
    style = [("places", places), ("symbol", symbol), ("group", group), ("point", point)]
    names = ("qty.7", "price.7", "off.7", "tax.7", "cash", "invoice_off")
    return [[*style, ("qty.7", "1"), ("price.7", "50"), (name, text)] for text in HOSTILE for name in names]


def test_the_built_arithmetic_is_the_translation_of_the_servers(served) -> None:
    source = (ROOT / "trova_app" / "domain" / "lines.py").read_text()
    assert built_text() == translate(source)


def invoices_agree(page: Page, seed: int, n: int) -> None:
    page.route(f"{ELSEWHERE}/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    script: dict[str, Any] = {"body": built_text(), "content_type": "text/javascript"}
    page.route(f"{ELSEWHERE}/lines.js", lambda route: route.fulfill(**script))
    page.goto(f"{ELSEWHERE}/")
    asked = list(invoices(seed=seed, n=n))
    answers = json.loads(page.evaluate(NUMBERS, json.dumps([plain(invoice) for invoice in asked])))
    expected = [plain(lines.total_up(*invoice)) for invoice in asked]
    assert [pair for pair in zip(expected, answers, strict=True) if pair[0] != pair[1]][:2] == []
    assert len({answer["total"]["whole"] for answer in answers}) > n / 3


def forms_agree(page: Page, given: list[tuple[Fields, Edits]]) -> None:
    page.goto("/sign-in")
    asked = [(fields, keys_of(fields), edits) for fields, edits in given]
    answers = page.evaluate(FORMS, [built_chunk(), asked])
    wrong, known = [], 0
    for (fields, keys, edits), answer in zip(asked, answers, strict=True):
        for seen, now in zip(answer, stages(fields, edits), strict=True):
            shown = dict(lines.shown(now))
            expected = [shown.get(key, "") for key in keys]
            known += expected[3] != ""
            if expected != seen:
                wrong.append((now, expected, seen))
    assert wrong[:2] == []
    assert known > sum(len(edits) + 1 for _, edits in given) / 5


def stages(fields: Fields, edits: Edits) -> Iterator[Fields]:
    """The form as drawn, then after each edit."""
    now = [*fields]
    yield now
    for n, text in edits:
        now = [*now[:n], (now[n][0], text), *now[n + 1 :]]
        yield now


def typing(seed: int, n: int) -> Iterator[tuple[Fields, Edits]]:
    """n forms, five boxes of each filled anew: mostly with what another form has in such a box."""
    dice = random.Random(seed)
    others = [field for fields in forms(seed=seed + 1, n=50) for field in fields]
    for fields in forms(seed=seed, n=n):
        boxes = [dice.randrange(len(fields)) for _ in range(5)]
        kinds = [fields[box][0].partition(".")[0] for box in boxes]
        alike = [[text for name, text in others if name.partition(".")[0] == kind] for kind in kinds]
        yield fields, [(box, dice.choice([*texts, ""])) for box, texts in zip(boxes, alike, strict=True)]


@pytest.mark.usefixtures("served")
def test_two_thousand_invoices_come_to_the_same_in_the_browser(stranger: Page) -> None:
    invoices_agree(stranger, seed=41, n=2_000)


def test_two_thousand_forms_read_the_same_in_the_served_page(stranger: Page) -> None:
    forms_agree(stranger, [(fields, []) for fields in [*forms(seed=42, n=2_000), *hostile_forms()]])


def test_two_thousand_forms_read_the_same_after_every_edit(stranger: Page) -> None:
    forms_agree(stranger, list(typing(seed=43, n=2_000)))


@pytest.mark.soak
@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("seed", range(1_000, 1_010))
def test_a_hundred_thousand_invoices_come_to_the_same_in_the_browser(stranger: Page, seed: int) -> None:
    invoices_agree(stranger, seed, n=10_000)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(2_000, 2_010))
def test_a_hundred_thousand_forms_read_the_same_in_the_served_page(stranger: Page, seed: int) -> None:
    forms_agree(stranger, list(typing(seed, n=10_000)))
