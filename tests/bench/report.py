"""Figures as JSON lines while they come, and one table at the end. Every line says when, of what and where."""

import json
import os
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from trova_app.settings import ROOT


def percentile(values: Sequence[float], percent: int) -> float:
    """The value at that rank, no value in between: with 60 values p95 is the 57th."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def middle(values: Sequence[float], step: float = 0.0) -> float:
    """p50. With the `step` in which the clock goes, a browser's 0.1 ms: where in its step the middle is, by how many
    values lie below and in it; a ratio of two short times would jump by a tenth otherwise."""
    if not step:
        return percentile(values, 50)
    return statistics.median_grouped([round(value / step) for value in values]) * step


def commit() -> str:
    """Of the working tree; "+" where it has changes that are not committed."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = "+" if git("status", "--porcelain", "--untracked-files=no", "trova_app", "rxconfig.py") else ""
    return git("rev-parse", "--short", "HEAD") + changed


def load() -> float:
    """Processes that wanted a core, the mean of the last minute."""
    return round(os.getloadavg()[0], 1)


@dataclass
class Report:
    """`say` prints one figure; `table` all of them."""

    commit: str = field(default_factory=commit)
    cores: int = os.cpu_count() or 1
    lines: list[dict[str, object]] = field(default_factory=list)

    def say(self, what: str, value: float | str, unit: str, **more: object) -> None:
        given = {"what": what, "value": round(value, 2) if isinstance(value, float) else value, "unit": unit, **more}
        moment = datetime.now(UTC).isoformat(timespec="seconds")
        line = {**given, "at": moment, "commit": self.commit, "cores": self.cores, "load": load()}
        self.lines.append(line)
        print(json.dumps(line), flush=True)

    def spread(self, what: str, values: Sequence[float], unit: str = "ms", step: float = 0.0, **more: object) -> float:
        """p50, p95 and how many; p50 is the figure."""
        p50 = middle(values, step)
        self.say(what, p50, unit, p95=round(percentile(values, 95), 2), n=len(values), **more)
        return p50

    def table(self) -> str:
        heads = ("what", "value", "p95", "unit", "n", "compared", "date", "commit", "cores", "load")
        rows = [[str(line.get(head, line["at"] if head == "date" else "")) for head in heads] for line in self.lines]
        widths = [max(len(row[i]) for row in [list(heads), *rows]) for i in range(len(heads))]
        drawn = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in [list(heads), *rows]]
        rule = ["-" * width for width in widths]
        return "\n".join(f"| {' | '.join(row)} |" for row in [drawn[0], rule, *drawn[1:]])
