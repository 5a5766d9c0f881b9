"""Where a fault can fall: on both sides of every commit, every call to the gateway and every mail, and wherever the
product names a point of its own. In the order of a run, so that the n-th point is the same in each run."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class Fault(Exception):
    """What a program meets and lives on with: a full disk, a lost connection, a mistake of ours."""


@dataclass
class Points:
    """Counts the points of one run; `do` is called at the one numbered `at`. `open_acts`: transactions under way."""

    at: int = -1
    do: Callable[[], None] = lambda: None
    reached: list[str] = field(default_factory=list)
    inside: list[bool] = field(default_factory=list)
    open_acts: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def reach(self, name: str) -> None:
        with self.lock:
            self.reached.append(name)
            self.inside.append(self.open_acts > 0)
            is_here = len(self.reached) - 1 == self.at
        if is_here:
            self.do()
