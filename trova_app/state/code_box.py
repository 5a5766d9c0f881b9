"""The search for ICD-10 codes on a page. Mixed into its state, which says what is found and taken; which choice is
marked or passed over is the page's matter (`choices.js`)."""

import asyncio

import reflex as rx

from trova_app.domain.diagnoses import Diagnosis, is_well_formed, tidy_code
from trova_app.services.completion import described_code
from trova_app.state.drawn import Code
from trova_app.state.marks import handler
from trova_app.wiring import new_desk


class CodeBox(rx.State, mixin=True):
    """`found`: for the words `found_for`. `code_face` goes up when the box is to begin anew."""

    found: list[Code] = []
    found_for: str = ""
    code_face: int = 0

    async def _codes_for(self, words: str) -> list[Code]:
        raise NotImplementedError

    @handler
    async def find_codes(self, words: str):
        """While a code or words are typed."""
        self.found, self.found_for = await self._codes_for(words), words

    async def _in_full(self, words: str) -> str:
        """The code these words are, where the book has it and no other that begins so; else ""."""
        code = tidy_code(words)
        if not is_well_formed(code):
            return ""
        known = [one.code for one in await self._codes_for(words) if one.code.startswith(code)]
        return code if known == [code] and (await asyncio.to_thread(described, code)).description else ""

    def _shut_codes(self) -> None:
        self.found, self.found_for = [], ""


def described(code: object) -> Diagnosis:
    return described_code(new_desk(), code)
