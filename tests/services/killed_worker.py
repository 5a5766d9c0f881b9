"""A worker in a process of its own that is killed (SIGKILL) at a given point. Run by test_worker.py.

Arguments: database url, Stripe's address, the point. Ends by itself with 0 when the point is never reached.
"""

import os
import signal
import sys

from tests.conftest import FixedClock
from tests.paying import an_outside
from trova_app.adapters.stripe_links import StripeLinks
from trova_app.services.ports import Desk
from trova_app.wiring import make_engine, unit_of_work
from trova_app.worker import Worker


def main() -> None:
    url, stripe_url, point = sys.argv[1:]
    engine = make_engine(url)

    def kill_at(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def act(writes: bool = True):
        desk = Desk(clock=FixedClock(), mode="test", origin="http://localhost:3000", point=kill_at)
        return unit_of_work(desk, writes=writes, on=engine)

    Worker(an_outside(gateways={"stripe": StripeLinks("sk_test_1", stripe_url)}), act).run_once()


if __name__ == "__main__":
    main()
