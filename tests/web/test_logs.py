"""The log says what happened and where, never what anybody wrote."""

import json
import logging

import httpx
import pytest
import structlog

from tests.served import ServedApp
from trova_app import logs


def formatted(name: str, message: str, problem: BaseException | None = None) -> dict:
    formatter = logs.WordlessFormatter(structlog.processors.JSONRenderer())
    info = (type(problem), problem, problem.__traceback__) if problem else None
    return json.loads(formatter.format(logging.LogRecord(name, logging.ERROR, "x.py", 7, message, (), info, "act")))


@pytest.mark.parametrize(
    "name", ["reflex.app", "reflex_base.event", "asyncio", "socketio.server", "uvloop", "somebody"]
)
def test_of_other_peoples_records_only_the_place_is_kept(name: str) -> None:
    assert formatted(name, "payload: Thandi Mokoena F41.1")["event"] == f"{name} act:7"


def test_of_an_exception_and_its_cause_only_kind_and_place_are_kept() -> None:
    try:
        try:
            raise KeyError("Thandi")
        except KeyError as cause:
            raise ValueError("Mokoena") from cause
    except ValueError as problem:
        said = formatted("trova_app.web", "it failed", problem)
    assert said["event"] == "it failed"
    assert "ValueError at" in said["exception_at"] and "KeyError at" in said["exception_at"]
    assert "Thandi" not in str(said) and "Mokoena" not in str(said)


def test_a_request_leaves_one_line_without_query_or_secret(served: ServedApp) -> None:
    httpx.get(f"{served.url}/pay/abcdefghijklmnopqrstuvwxyz0123456789?email=CANARY-query")
    httpx.get(f"{served.url}/one%0A2026-01-01T00:00:00Z%20[info]%20signed%20in%20member=CANARY-line")
    said = served.said()
    assert "abcdefghijklmnopqrstuvwxyz" not in said and "CANARY-query" not in said
    assert not [line for line in said.splitlines() if line.startswith("2026-01-01")]
    assert "path=/pay/..." in said
