"""Finds a Chromium: `TROVA_CHROMIUM`, then Playwright's own, then one on the PATH."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright


def chromium_path(playwright: Playwright) -> str:
    own = playwright.chromium.executable_path
    found = (os.environ.get("TROVA_CHROMIUM"), own if Path(own).exists() else None)
    path = next(filter(None, (*found, shutil.which("chromium"), shutil.which("google-chrome"))), None)
    if path is None:
        raise RuntimeError("No Chromium here: run `.venv/bin/playwright install chromium`, or set TROVA_CHROMIUM.")
    return path


@contextmanager
def a_browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(playwright))
        yield browser
        browser.close()
