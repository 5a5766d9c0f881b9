"""What changes with each key, apart from everything else: an answer redraws the sums and leaves the rows alone."""

import reflex as rx
from reflex.state import _override_base_method


class Figures(rx.State):
    """`confirmed`: the server's six sums as texts. `line`: of the line that a key was typed in, its id and its total.
    `saved_rev`: the page counts its edits; the database has all of them up to this one. `asked`: another value asks the
    page to say again what it shows."""

    @classmethod
    @_override_base_method
    def get_name(cls) -> str:
        """Short, for it stands in every frame of a key, both ways: "figures", and "completion" for the form."""
        return cls.__name__.lower()

    confirmed: list[str] = []
    line: list[str] = []
    saved: str = ""
    saved_rev: int = 0
    preview_version: int = 0
    asked: str = ""
