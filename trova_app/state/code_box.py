"""The search for ICD-10 codes on a page (a combobox). Mixed into its state, which says what is found and taken."""

import asyncio
from typing import Any

import reflex as rx

from trova_app.domain.diagnoses import Diagnosis, is_well_formed, tidy_code
from trova_app.services.completion import described_code
from trova_app.state.drawn import Code
from trova_app.state.marks import handler
from trova_app.wiring import new_desk


class CodeBox(rx.State, mixin=True):
    """`active`: the marked choice, -1 for none. `code_face` goes up when the box is to begin anew; `code_goes_on`: with
    the cursor in it."""

    found: list[Code] = []
    active: int = -1
    code_face: int = 0
    code_goes_on: bool = False

    async def _codes_for(self, words: str) -> list[Code]:
        raise NotImplementedError

    async def _add_code(self, code: object) -> Any:
        raise NotImplementedError

    @handler
    async def find_codes(self, words: str):
        """While a code or words are typed."""
        self.found = await self._codes_for(words)
        self.active = 0 if self.found else -1

    @handler
    async def code_key(self, key: str):
        if key == "Escape":
            self._shut_codes()
        elif key in ("ArrowDown", "ArrowUp") and self.found:
            self.active = (self.active + (1 if key == "ArrowDown" else -1)) % len(self.found)
        elif key == "Enter" and 0 <= self.active < len(self.found):
            return await self._choose_code(self.found[self.active].code)
        return None

    @handler
    async def add_code(self, code: str):
        return await self._choose_code(code)

    async def _choose_code(self, code: object) -> Any:
        self.code_goes_on = True
        return await self._add_code(code)

    async def _in_full(self, words: str) -> str:
        """The code these words are, where the book has it and no other that begins so; else ""."""
        code = tidy_code(words)
        if not is_well_formed(code):
            return ""
        known = [one.code for one in await self._codes_for(words) if one.code.startswith(code)]
        return code if known == [code] and (await asyncio.to_thread(described, code)).description else ""

    def _shut_codes(self) -> None:
        self.found, self.active = [], -1


def described(code: object) -> Diagnosis:
    return described_code(new_desk(), code)
