"""What was typed into a form that somebody else finished meanwhile: shown until it is dismissed. Mixed into
`Completion`, which has the form itself."""

from typing import TYPE_CHECKING, Any

import reflex as rx

from trova_app.services import completion
from trova_app.services.forms import Form
from trova_app.state.drawn import Typed
from trova_app.state.marks import handler
from trova_app.state.unsaved import MOST


class Lost(rx.State, mixin=True):
    refused_of: int = 0  # the appointment whose form cannot be shown
    lost: list[Typed] = []
    lost_of: int = 0

    if TYPE_CHECKING:  # what `Completion` has
        _form: Form | None
        _id: int
        _is_dirty: bool
        conflict: list[Any]
        refusal: str

    def _is_gone(self, sentence: str, mine: Form | None, base: Form | None) -> None:
        """The form cannot be shown any more; `mine`: as it was typed here, upon `base`."""
        self.refusal, self.refused_of, self._is_dirty = sentence, self._id, False
        self._form, self.conflict = None, []
        if mine is not None and base is not None:
            self._lose(self._id, completion.unsaved_texts(mine, base))

    def _lose(self, appointment_id: int, cells: list[tuple[str, str, str]]) -> None:
        known = {one.name: one for one in self.lost} if self.lost_of == appointment_id else {}
        known |= {name: Typed(name, words, completion.choice_words(name, text)) for name, words, text in cells}
        self.lost, self.lost_of = list(known.values()), appointment_id

    @handler(quiet=True)
    def tell_lost(self, appointment_id: int, cells: list[list[str]]) -> None:
        """The page's own memory of it: [name, text, the box's words]."""
        listed = cells[:MOST] if isinstance(cells, list) else []
        told = [tuple(c) for c in listed if isinstance(c, list) and len(c) == 3 and all(isinstance(t, str) for t in c)]
        if type(appointment_id) is int and told:
            self._lose(appointment_id, [(n, words or completion.field_words(n), text) for n, text, words in told])

    @handler
    def dismiss(self, _is_forgotten: bool) -> None:
        """The page has forgotten it by then, too."""
        self.lost, self.lost_of = [], 0
