"""Finds a Chromium or installs one (`python -m tests.e2e.browser`), and says how the tests start it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PLACES = (
    "/usr/bin/chromium",
    "/usr/bin/google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
# A later switch of this name takes the place of an earlier one, so Playwright's own (1.65) come first. Without ours a
# new window loads two pages for an address box that nobody sees here, and a page starts a process for a next one.
OFF_AS_PLAYWRIGHT_HAS_IT = (
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
OFF_FOR_SPEED = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "WebUIOmniboxFullPopup", "SpareRendererForSitePerProcess")
ARGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(OFF_AS_PLAYWRIGHT_HAS_IT + OFF_FOR_SPEED)}",
]
RULES = ("MAP practice.example 127.0.0.1", "MAP * ~NOTFOUND", "EXCLUDE localhost", "EXCLUDE 127.0.0.1", "EXCLUDE ::1")
RULES_INSTEAD = ("MAP * ~NOTFOUND", "EXCLUDE 127.0.0.1")  # localhost itself is mapped
LOOPBACK = {"localhost", "127.0.0.1", "[::1]", "::1"}
DOWNLOAD_LIMIT = 300  # seconds; a machine that may not download should not keep us for an hour


class NoBrowser(RuntimeError):
    """There is no Chromium here and none could be installed."""


def playwrights_own() -> str:
    """Where Playwright keeps the Chromium it downloads, whether it is there or not."""
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find(own: str | None = None) -> str | None:
    """`TROVA_CHROMIUM`, then Playwright's own, then one on PATH, then one where systems put it."""
    if given := os.environ.get("TROVA_CHROMIUM"):
        if not Path(given).exists():
            raise NoBrowser(f"TROVA_CHROMIUM says {given}, and there is nothing.")
        return given
    own = own or playwrights_own()
    on_path = (shutil.which(name) for name in NAMES)
    there = (place for place in (own, *on_path, *PLACES) if place and Path(place).exists())
    return next(there, None)


def launch_options(own: str | None = None, instead: dict[int, int] | None = None) -> dict[str, Any]:
    """For `chromium.launch(**...)`. `instead`: connections to a port of localhost go to another one, the page's address
    stays as it is. Raises `NoBrowser`."""
    path = find(own)
    if path is None:
        raise NoBrowser("No Chromium here: `make browser` installs one, or set TROVA_CHROMIUM.")
    maps = [f"MAP localhost:{port} 127.0.0.1:{other}" for port, other in (instead or {}).items()]
    rules = ", ".join([*maps, *(RULES if not instead else RULES_INSTEAD)])
    return {"executable_path": path, "args": [*ARGS, f"--host-resolver-rules={rules}"]}


def _run(*command: str) -> bool:
    print("  " + " ".join(command), flush=True)
    try:
        return subprocess.run(command, stdin=subprocess.DEVNULL, timeout=DOWNLOAD_LIMIT, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired) as problem:
        print(f"  {problem}", flush=True)
        return False


def _as_root() -> list[str]:
    return [] if os.geteuid() == 0 else ["sudo", "-n"]


def _by_playwright() -> bool:
    with_system_parts = ["--with-deps"] if sys.platform == "linux" else []
    return _run(sys.executable, "-m", "playwright", "install", *with_system_parts, "chromium")


def _by_debian() -> bool:
    apt = shutil.which("apt-get")
    if not apt:
        return False
    return _run(*_as_root(), apt, "update") and _run(*_as_root(), apt, "install", "-y", "chromium")


def ensure() -> str:
    """The Chromium that is here, else one that was installed now. Raises `NoBrowser`."""
    if found := find():
        return found
    print("No Chromium here; installing one for the tests...", flush=True)
    for install in (_by_playwright, _by_debian):
        if install() and (found := find()):
            return found
    raise NoBrowser("Chromium could not be installed. Install it by hand, or set TROVA_CHROMIUM to one you have.")


def starts(path: str) -> bool:
    try:
        with sync_playwright() as playwright:
            playwright.chromium.launch(executable_path=path, args=ARGS).close()
    except Error as problem:
        print(problem.message, file=sys.stderr)
        return False
    return True


def main() -> int:
    try:
        path = ensure()
    except NoBrowser as problem:
        print(problem, file=sys.stderr)
        return 1
    if not starts(path):
        print(f"{path} does not start; set TROVA_CHROMIUM to one that does.", file=sys.stderr)
        return 1
    print(f"Browser for the tests: {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
