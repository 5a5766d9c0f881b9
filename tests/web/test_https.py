"""On a real address the cookie cannot be taken over by a neighbour and the browser is told to stay on https."""

import pytest
from starlette.responses import Response

from trova_app.routes import own_origins
from trova_app.settings import Settings
from trova_app.web import cookies
from trova_app.web.headers import content_policy, script_hashes, standing_headers

ORIGIN = "https://practice.example"


@pytest.fixture
def on_https(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cookies, "settings", lambda: Settings(base_url=ORIGIN))


@pytest.mark.usefixtures("on_https")
def test_the_cookie_belongs_to_this_host_alone() -> None:
    response = Response()
    cookies.set_cookie(response, "a-secret")
    kept = response.headers["set-cookie"]
    assert kept.startswith("__Host-trova=a-secret;")
    assert all(word in kept for word in ("HttpOnly", "Secure", "SameSite=strict", "Path=/")) and "Domain" not in kept
    assert cookies.secret_in("__Host-trova=a-secret") == "a-secret"
    assert cookies.secret_in("trova=planted-by-a-subdomain") == ""


@pytest.mark.parametrize("header", ["", "trova", "=;=", "trova=\x00", ";" * 3000, 'trova="unclosed'])
def test_a_strange_cookie_header_is_nobody_or_a_plain_value(header: str) -> None:
    assert isinstance(cookies.secret_in(header), str)


def test_https_is_remembered_and_sockets_stay_encrypted() -> None:
    assert b"strict-transport-security" in dict(standing_headers(ORIGIN, []))
    assert b"strict-transport-security" not in dict(standing_headers("http://localhost:3000", []))
    assert "wss://practice.example" in content_policy(ORIGIN, []) and " ws://" not in content_policy(ORIGIN, [])


def test_every_inline_script_of_every_page_is_named_in_the_policy(tmp_path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "index.html").write_text('<script>one()</script><script src="/a.js"></script>')
    (tmp_path / "deep/index.html").write_text('<script type="module">two()\n</script><script>one()</script>')
    assert len(script_hashes(tmp_path)) == 2


def test_only_this_machine_has_two_names() -> None:
    assert own_origins("http://localhost:3000") == {"http://localhost:3000", "http://127.0.0.1:3000"}
    assert own_origins(ORIGIN) == {ORIGIN}
