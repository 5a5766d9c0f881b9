"""Another server's calendar is read, and nothing inside our own network ever is."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from trova_app.adapters import fetch_calendar
from trova_app.adapters.fetch_calendar import fetch
from trova_app.domain.calendars import CalendarTrouble

CALENDAR = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


class Server:
    """Answers as each test says: `says[path] = (status, headers, body)`."""

    def __init__(self) -> None:
        self.says: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[dict[str, str]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append({name.lower(): value for name, value in self.headers.items()})
                status, headers, body = outer.says[self.path]
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass  # the client has heard enough

            def log_message(self, *_args: object) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"


@pytest.fixture
def server() -> Iterator[Server]:
    one = Server()
    thread = threading.Thread(target=one.http.serve_forever, daemon=True)
    thread.start()
    yield one
    one.http.shutdown()
    one.http.server_close()
    thread.join()


def refused(address: str, **given: object) -> CalendarTrouble:
    with pytest.raises(CalendarTrouble) as trouble:
        fetch(address, **given)
    return trouble.value


def test_a_calendar_is_read_and_asked_about_by_what_the_server_said_last(server):
    server.says["/a.ics"] = (200, {"ETag": '"7"', "Last-Modified": "Wed, 18 Mar 2026 10:00:00 GMT"}, CALENDAR.encode())
    found = fetch(f"{server.url}/a.ics", allows_private=True)
    assert (found.text, found.etag) == (CALENDAR, '"7"')
    server.says["/a.ics"] = (304, {}, b"")
    again = fetch(f"{server.url}/a.ics", found.etag, found.modified, allows_private=True)
    assert again.text is None
    assert server.asked[-1]["if-none-match"] == '"7"' and "if-modified-since" in server.asked[-1]


def test_redirects_are_followed_so_far_and_no_further(server):
    server.says["/old"] = (301, {"Location": "/new"}, b"")
    server.says["/new"] = (200, {}, CALENDAR.encode())
    server.says["/round"] = (302, {"Location": "/round"}, b"")
    assert fetch(f"{server.url}/old", allows_private=True).text == CALENDAR
    assert refused(f"{server.url}/round", allows_private=True).is_permanent
    assert len(server.asked) == 2 + fetch_calendar.MOST_REDIRECTS + 1


@pytest.mark.parametrize(("status", "is_permanent"), [(404, True), (410, True), (401, True), (403, True), (500, False),
                                                      (429, False), (204, False)])  # fmt: skip
def test_what_is_no_calendar_is_trouble_said_in_a_sentence(server, status, is_permanent):
    server.says["/a"] = (status, {}, b"")
    trouble = refused(f"{server.url}/a", allows_private=True)
    assert trouble.is_permanent is is_permanent and trouble.sentence.endswith(".")


def test_too_much_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(fetch_calendar, "LARGEST", 1000)
    server.says["/a"] = (200, {}, b"x" * 5000)
    assert refused(f"{server.url}/a", allows_private=True).sentence == fetch_calendar.TOO_LARGE


def test_too_long_is_cut_off(server, monkeypatch):
    monkeypatch.setattr(fetch_calendar, "SECONDS", 0.0)
    server.says["/a"] = (200, {}, CALENDAR.encode())
    assert refused(f"{server.url}/a", allows_private=True).sentence == fetch_calendar.TOO_SLOW


PRIVATE = ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "::1",
           "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "224.0.0.1",
           "::"]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_a_name_that_leads_inside_is_never_connected_to(monkeypatch, address):
    _means(monkeypatch, ["93.184.216.34", address])
    monkeypatch.setattr(fetch_calendar.httpcore.SyncBackend, "connect_tcp", _never)
    assert refused("https://calendar.example/x.ics").sentence == fetch_calendar.PRIVATE


def test_the_connection_goes_to_the_address_that_was_looked_at(monkeypatch):
    _means(monkeypatch, ["93.184.216.34"])
    went: list[str] = []

    def note(_self: object, host: str, *_args: object, **_kw: object) -> None:
        went.append(host)
        raise OSError("nobody answers in a test")

    monkeypatch.setattr(fetch_calendar.httpcore.SyncBackend, "connect_tcp", note)
    assert refused("https://calendar.example/x.ics").sentence == fetch_calendar.AWAY
    assert went == ["93.184.216.34"]


def test_of_several_addresses_the_next_one_is_tried(monkeypatch):
    _means(monkeypatch, ["2606:2800:220:1::1", "93.184.216.34"])
    went: list[str] = []

    def note(_self: object, host: str, *_args: object, **_kw: object) -> None:
        went.append(host)
        raise fetch_calendar.httpcore.ConnectError("nobody answers in a test")

    monkeypatch.setattr(fetch_calendar.httpcore.SyncBackend, "connect_tcp", note)
    assert refused("https://calendar.example/x.ics").sentence == fetch_calendar.AWAY
    assert went == ["2606:2800:220:1::1", "93.184.216.34"]


def _means(monkeypatch: pytest.MonkeyPatch, addresses: list[str]) -> None:
    entries = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(fetch_calendar.socket, "getaddrinfo", lambda *_a, **_kw: entries)


def _never(*_args: object, **_kw: object) -> None:
    raise AssertionError("connected")


@pytest.mark.parametrize("address", ["http://calendar.example/x.ics", "file:///etc/passwd", "https://", "gopher://x/",
                                     "https://a@calendar.example/x.ics", "http://127.0.0.1:1/x"])  # fmt: skip
def test_only_https_to_a_name_is_asked(address):
    assert refused(address).is_permanent


def test_a_public_server_that_leads_inside_is_not_followed(server, monkeypatch):
    """The first address passes because tests allow it; the second is judged by the same rule."""
    server.says["/a"] = (302, {"Location": "file:///etc/passwd"}, b"")
    assert refused(f"{server.url}/a", allows_private=True).sentence == fetch_calendar.PRIVATE
