"""What changes with each key, apart from everything else: an answer redraws the sums and leaves the rows alone."""

import reflex as rx


class Figures(rx.State):
    """`confirmed`: the server's six sums as texts. `saved_rev`: the page counts its edits; the database has all of them
    up to this one."""

    confirmed: list[str] = []
    saved: str = ""
    saved_rev: int = 0
    preview_version: int = 0
