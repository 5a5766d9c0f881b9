"""A life in a process of its own, which ends without a word at one of its points: nothing is closed or flushed."""

import multiprocessing
import os
from datetime import datetime
from functools import cache
from multiprocessing.context import ForkServerContext
from pathlib import Path

import requests
import sqlalchemy as sa
import stripe

from tests.faults.life import Life, Standing
from tests.faults.points import Points
from tests.faults.stories import STORIES, Start

ENDED = 9

# What every child would have to do anew, done once where they come from.
sa.orm.configure_mappers()
requests.Session().close()
stripe.StripeClient("rk_test_1").v1.payment_links  # noqa: B018 - imported at first need


@cache
def _context() -> ForkServerContext:
    """Children of a small server that has imported everything once, and has no threads and no connections."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.process"])
    return context


def ended_at(at: int, url: str, stripe_url: str, book: Path, moment: datetime, story: str, start: Start) -> int | None:
    """Lives the story up to the point; how its process ended, 1 where it never came there."""
    child = _context().Process(target=_live, args=(at, url, stripe_url, book, moment, story, start))
    child.start()
    child.join()
    return child.exitcode


def _live(at: int, url: str, stripe_url: str, book: Path, moment: datetime, story: str, start: Start) -> None:
    points = Points(at, lambda: os._exit(ENDED))
    STORIES[story].run(Life(url, stripe_url, book, Standing(moment), points), start)
    raise SystemExit(f"Ended by itself, after {points.reached}")
