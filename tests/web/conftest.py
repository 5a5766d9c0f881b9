"""One server for all tests of a run that only ask it things. Other folders may import `served` from here."""

from collections.abc import Iterator

import pytest

from tests.served import ServedApp


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedApp]:
    """The real server, with `tests/web/inside.py` inside it."""
    app = ServedApp(tmp_path_factory.mktemp("served"), inside="tests.web.inside")
    app.start()
    yield app
    app.stop()
