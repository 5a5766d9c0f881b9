"""What stands round every page, where it cannot be found out who is here."""

import asyncio
from types import SimpleNamespace

import pytest

from trova_app.domain.refusals import SignedOut
from trova_app.state.frame import Frame


class Page(SimpleNamespace):
    _look_again = Frame._look_again

    async def _read(self):
        if self.failure:
            raise self.failure


def test_a_page_for_all_keeps_a_way_in_where_the_database_fails_and_the_failure_is_heard_of():
    page = Page(is_nobody=False, failure=OSError("the database is away"))
    with pytest.raises(OSError, match="away"):
        asyncio.run(page._look_again())
    assert page.is_nobody


def test_a_way_in_stands_there_for_a_stranger_and_not_for_somebody():
    stranger, somebody = Page(is_nobody=False, failure=SignedOut()), Page(is_nobody=False, failure=None)
    asyncio.run(stranger._look_again())
    asyncio.run(somebody._look_again())
    assert stranger.is_nobody and not somebody.is_nobody
