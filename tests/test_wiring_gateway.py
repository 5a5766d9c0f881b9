"""Which gateway the installation's settings give to practices without an account of their own."""

import pytest
from pydantic import SecretStr

from trova_app import wiring
from trova_app.settings import Settings


@pytest.mark.parametrize(
    ("mode", "key", "provider", "words"),
    [
        ("demo", "", "simulated", ""),
        ("test", "", "simulated", ""),
        ("live", "", "", "No payment gateway is connected"),
        ("demo", "rk_test_1", "stripe", ""),
        ("test", "sk_test_1", "stripe", ""),
        ("live", "rk_live_1", "stripe", ""),
        ("live", "rk_test_1", "", "is a test key"),
        ("demo", "rk_live_1", "", "is a live key"),
        ("test", "sk_live_1", "", "is a live key"),
    ],
)
def test_real_money_moves_in_live_mode_only_and_only_real_money_does(monkeypatch, mode, key, provider, words):
    chosen = Settings(_env_file=None, mode=mode, stripe_api_key=SecretStr(key), secret_key=SecretStr("x" * 40))
    monkeypatch.setattr(wiring, "settings", lambda: chosen)
    desk = wiring.new_desk()
    assert desk.gateway == provider
    assert words in desk.gateway_problem and bool(words) == bool(desk.gateway_problem)
