"""What changes with each key, and with each save, apart from everything else: React has nothing to draw of an answer to
a key (`figures.js` writes it), and of a save only the word beside the heading."""

import reflex as rx
from reflex.state import _override_base_method


class Figures(rx.State):
    """`confirmed`: the server's six sums as texts. `line`: id and total of the line a key was typed in."""

    @classmethod
    @_override_base_method
    def get_name(cls) -> str:
        """Short, for it stands in every frame of a key, both ways: "figures", and "completion" for the form."""
        return cls.__name__.lower()

    confirmed: list[str] = []
    line: list[str] = []


class Saving(Figures):
    """`saved_rev`: the page counts its edits; the database has all of them up to this one. `asked`: another value asks
    the page to say again what it shows."""

    saved: str = ""
    saved_rev: int = 0
    preview_version: int = 0
    asked: str = ""
