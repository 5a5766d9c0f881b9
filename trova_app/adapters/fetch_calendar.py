"""Another server's calendar, read over HTTPS: never from inside our own network, never more or longer than it may be.

The name is resolved once and every address it has must be a public one; the connection then goes to that very address,
so that a name which means something else a moment later leads nowhere. Redirects are followed by the same rules.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpcore

from trova_app.domain.calendars import CalendarTrouble, Fetched

LARGEST = 5_000_000  # bytes
SECONDS = 20.0  # for everything together
STEP_SECONDS = 8.0  # for connecting, and for each piece
MOST_REDIRECTS = 4
MOST_ADDRESSES = 3  # of one name that are tried
REDIRECTS = frozenset({301, 302, 303, 307, 308})

AWAY = "The other calendar does not answer at the moment. We will try again."
GONE = "There is no calendar under this address any more. Copy its address again from the other program."
FORBIDDEN = "The other calendar does not let us in. Copy its secret address again from the other program."
PRIVATE = "This address does not lead to a public server."
OPEN = "This address is not encrypted. Paste one that begins with https://."
TOO_LARGE = "The other calendar is larger than 5 MB. Share one with fewer years."
TOO_SLOW = "The other calendar takes too long to arrive. We will try again."
ROUND = "The address of the other calendar leads round in circles."


@dataclass
class _PublicOnly(httpcore.NetworkBackend):
    """Connects to the address that was looked at."""

    allows_private: bool
    until: float
    inner: Any = None

    def __post_init__(self) -> None:
        self.inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> Any:
        addresses = _addresses_of(host, port, allows_private=self.allows_private)
        for address in addresses[:-1]:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return self.inner.connect_tcp(address, port, _left(self.until), local_address, socket_options)
        return self.inner.connect_tcp(addresses[-1], port, _left(self.until), local_address, socket_options)

    def connect_unix_socket(self, *_args: Any, **_kw: Any) -> Any:
        raise CalendarTrouble(PRIVATE, is_permanent=True)

    def sleep(self, seconds: float) -> None:
        self.inner.sleep(seconds)


def _addresses_of(host: str, port: int, *, allows_private: bool) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as absent:
        raise CalendarTrouble(AWAY) from absent
    addresses = [str(entry[4][0]) for entry in found]
    if not allows_private and not all(_is_public(address) for address in addresses):
        raise CalendarTrouble(PRIVATE, is_permanent=True)
    return addresses[:MOST_ADDRESSES]


def _is_public(address: str) -> bool:
    """Global, and no way round to an address that is not: mapped, tunnelled or translated."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None and not inner.is_global:
            return False
    return found.is_global and not found.is_multicast


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise CalendarTrouble(TOO_SLOW)
    return min(left, STEP_SECONDS)


def fetch(address: str, etag: str = "", modified: str = "", *, allows_private: bool = False) -> Fetched:
    """The calendar's text; None in it where nothing has changed since `etag` or `modified`. Raises `CalendarTrouble`.
    `allows_private`: for tests, plain HTTP and this machine too."""
    until = time.monotonic() + SECONDS
    backend = _PublicOnly(allows_private, until)
    with httpcore.ConnectionPool(network_backend=backend, ssl_context=ssl.create_default_context()) as pool:
        for _ in range(MOST_REDIRECTS + 1):
            _must_be_web(address, allows_private=allows_private)
            answer = _asked(pool, address, etag, modified, until)
            if isinstance(answer, Fetched):
                return answer
            address = urljoin(address, answer)
    raise CalendarTrouble(ROUND, is_permanent=True)


def _must_be_web(address: str, *, allows_private: bool) -> None:
    parts = urlsplit(address)
    if parts.scheme == "http" and not allows_private:
        raise CalendarTrouble(OPEN, is_permanent=True)
    if parts.scheme not in ("https", "http" if allows_private else "https") or not parts.hostname or parts.username:
        raise CalendarTrouble(PRIVATE, is_permanent=True)


def _asked(pool: Any, address: str, etag: str, modified: str, until: float) -> Fetched | str:
    """The calendar, or where to ask instead."""
    headers = {
        "User-Agent": "Trova calendar",
        "Accept": "text/calendar, text/plain;q=0.5",
        "Accept-Encoding": "identity",
    }
    headers |= {"If-None-Match": etag} if etag else {}
    headers |= {"If-Modified-Since": modified} if modified else {}
    step = _left(until)
    limits = {"timeout": {"connect": step, "read": step, "write": step, "pool": step}}
    try:
        with pool.stream("GET", address, headers=headers, extensions=limits) as answer:
            return _read(answer, until)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as trouble:
        raise CalendarTrouble(AWAY) from trouble
    except (ValueError, httpcore.UnsupportedProtocol) as trouble:
        raise CalendarTrouble(PRIVATE, is_permanent=True) from trouble


def _read(answer: Any, until: float) -> Fetched | str:
    said = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
    if answer.status in REDIRECTS and said.get("location"):
        return said["location"]
    if answer.status == 304:
        return Fetched(None, "", "")
    if answer.status in (404, 410):
        raise CalendarTrouble(GONE, is_permanent=True)
    if answer.status in (401, 403):
        raise CalendarTrouble(FORBIDDEN, is_permanent=True)
    if answer.status != 200:
        raise CalendarTrouble(AWAY)
    body = bytearray()
    for piece in answer.iter_stream():
        _left(until)
        body += piece
        if len(body) > LARGEST:
            raise CalendarTrouble(TOO_LARGE, is_permanent=True)
    return Fetched(body.decode("utf-8", "replace"), said.get("etag", "")[:200], said.get("last-modified", "")[:100])
