"""What the first lines of a start refuse."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from trova_app.settings import ROOT


def trova(data: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "trova_app.cli", *words],
        cwd=ROOT,
        env={**os.environ, "TROVA_DATA_DIR": str(data), "TROVA_DATABASE_URL": "", **env},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("address", ["http://practice.example", "http://10.0.0.5:3000"])
def test_a_live_practice_is_not_served_without_https(tmp_path: Path, address: str) -> None:
    done = trova(tmp_path, "serve", TROVA_MODE="live", TROVA_BASE_URL=address)
    assert done.returncode == 1 and "https://" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_database_is_brought_up_to_date_once(tmp_path: Path) -> None:
    assert "was brought up to date" in trova(tmp_path, "migrate").stdout
    again = trova(tmp_path, "migrate")
    assert again.returncode == 0 and "is up to date" in again.stdout


def test_wrong_usage_is_told_apart_from_failure(tmp_path: Path) -> None:
    assert trova(tmp_path, "serve", "--port", "no-number").returncode == 2
    assert trova(tmp_path, "no-such-command").returncode == 2
