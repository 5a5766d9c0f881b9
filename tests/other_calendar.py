"""Another program's server with one calendar, on this machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def event(uid: str, summary: str, starts: datetime, minutes: int = 60, *more: str) -> str:
    """Lines of one event; the time is as the clocks of the practice show it."""
    lines = ["BEGIN:VEVENT", f"UID:{uid}", f"SUMMARY:{summary}", f"DTSTART:{starts:%Y%m%dT%H%M%S}",
             f"DURATION:PT{minutes}M", *more, "END:VEVENT"]  # fmt: skip
    return "\r\n".join(lines)


def a_calendar(*events: str) -> str:
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""])


class OtherCalendar:
    """`text` is what it has; `down`: it answers 503 and nothing else; `asked`: how often it was."""

    def __init__(self) -> None:
        self.text, self.down, self.asked = a_calendar(), False, 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                etag = f'"{hash(outer.text)}"'
                is_known = self.headers.get("If-None-Match") == etag
                self.send_response(503 if outer.down else 304 if is_known else 200)
                self.send_header("ETag", etag)
                self.end_headers()
                if not (outer.down or is_known):
                    self.wfile.write(outer.text.encode())

            def log_message(self, *_args: object) -> None: ...

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/secret.ics"


@contextmanager
def served_calendar() -> Iterator[OtherCalendar]:
    one = OtherCalendar()
    thread = threading.Thread(target=one.http.serve_forever, daemon=True)
    thread.start()
    try:
        yield one
    finally:
        one.http.shutdown()
        one.http.server_close()
        thread.join()
