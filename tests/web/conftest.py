"""One server for all tests of a run that only ask it things. Other folders may import `served` from here."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tests.contract import paystack_stand_in, stand_in
from tests.contract.every_request import must_name_nobody
from tests.contract.paystack_stand_in import PaystackStandIn
from tests.contract.stand_in import StandIn
from tests.served import ServedApp


@pytest.fixture(scope="session")
def paystack() -> Iterator[PaystackStandIn]:
    """What the server takes for Paystack."""
    with paystack_stand_in.served() as stand_in:
        stand_in.clock = lambda: datetime.now(UTC)
        yield stand_in


@pytest.fixture(scope="session")
def stripes() -> Iterator[StandIn]:
    """What the server takes for Stripe."""
    with stand_in.served() as running:
        yield running


@pytest.fixture(scope="session")
def served(
    tmp_path_factory: pytest.TempPathFactory, paystack: PaystackStandIn, stripes: StandIn
) -> Iterator[ServedApp]:
    """The real server, with `tests/web/inside.py` inside it."""
    data = tmp_path_factory.mktemp("served")
    bases = {"TROVA_PAYSTACK_API_BASE": paystack.url, "TROVA_STRIPE_API_BASE": stripes.url}
    app = ServedApp(data, inside="tests.web.inside", **bases)
    app.start()
    yield app
    app.stop()
    must_name_nobody(app.engine, [*paystack.noted, *stripes.noted])
