"""What stands beside a gateway's key that could not be connected."""

import pytest

from trova_app.adapters import paystack_calls, stripe_links
from trova_app.domain.gateways import GatewayTrouble
from trova_app.state.gateway import key_trouble


@pytest.mark.parametrize(
    ("provider", "sentence"), [("stripe", stripe_links.NO_ANSWER), ("paystack", paystack_calls.NO_ANSWER)]
)
def test_a_key_that_nobody_answered_about_is_to_be_tried_again_by_the_person(provider, sentence):
    said = key_trouble(provider, GatewayTrouble(sentence, is_permanent=False))
    assert "We will try again" not in said and said.endswith("Nothing was changed. Try again.")


def test_a_key_that_was_refused_is_to_be_copied_again():
    assert "did not accept this key" in key_trouble("stripe", GatewayTrouble("no", is_permanent=True))
