"""What every answer says to the browser about what it may do with it."""

import base64
import hashlib
import re
from pathlib import Path

INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


def script_hashes(pages: Path) -> list[str]:
    """The hashes of all inline scripts in the built pages, as a policy names them."""
    scripts = {found for page in pages.rglob("*.html") for found in INLINE_SCRIPT.findall(page.read_text())}
    digests = (hashlib.sha256(script.encode()).digest() for script in scripts)
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_policy(origin: str, hashes: list[str]) -> str:
    """One policy for every answer, 304 included: a browser takes over the headers of a 304 for the page it kept."""
    socket = origin.replace("http", "ws", 1)
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self'", *hashes)),
            "style-src 'self'",
            f"connect-src 'self' {socket}",
            "img-src 'self' data:",
            "font-src 'self'",
            "manifest-src 'self'",
            "form-action 'self'",
            "frame-src 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


PARTS = (b"text/javascript", b"application/javascript", b"text/css", b"font/")
"""Kinds of content a page is made of. They are no documents of their own: what a policy says of them stands in the
page's, and saying it with each of some twenty files would cost a first visit more than a few of them weigh."""
OF_PARTS = (b"x-content-type-options", b"cross-origin-resource-policy", b"strict-transport-security")


def standing_headers(origin: str, hashes: list[str]) -> list[tuple[bytes, bytes]]:
    headers = {
        "content-security-policy": content_policy(origin, hashes),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    }
    if origin.startswith("https://"):
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return [(name.encode(), value.encode()) for name, value in headers.items()]
