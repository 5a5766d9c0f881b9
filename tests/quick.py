"""Marks the tests that need a running server, so that `make check` can leave them out: `pytest -p tests.quick`."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "served" in getattr(item, "fixturenames", ()) or hasattr(getattr(item, "module", None), "ServedApp"):
            item.add_marker(pytest.mark.served)
