"""Everything a page can call is on a list somebody has read. A new handler fails here until its line is added."""

from pathlib import Path

from trova_app.state.guard import FRAMEWORK
from trova_app.trova_app import app

LIST = Path(__file__).parent / "allowed_handlers.txt"


def registered() -> dict[str, str]:
    """Every event the server knows, with how the guard treats it."""
    known = app._registration_context.event_handlers
    return {
        name: "framework" if name in FRAMEWORK else getattr(entry.handler.fn, "trova_fence", "refused")
        for name, entry in known.items()
        if "tests___" not in name
    }


def test_every_handler_a_page_can_reach_was_reviewed() -> None:
    reachable = {f"{mark} {name}" for name, mark in registered().items() if mark != "refused"}
    reviewed = {line for line in LIST.read_text().splitlines() if line and not line.startswith("#")}
    assert reachable - reviewed == set(), "add these lines after reading the handlers"
    assert reviewed - reachable == set(), "these are gone; remove their lines"


def test_the_frameworks_names_are_still_its_names() -> None:
    assert set(registered()) >= FRAMEWORK


def test_inherited_setters_and_unmarked_methods_are_refused() -> None:
    setters = {name: mark for name, mark in registered().items() if name.endswith(".setvar")}
    assert setters and set(setters.values()) == {"refused"}
