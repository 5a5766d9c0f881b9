"""A page with something typed and not saved is not left without a word."""

from typing import Any

import reflex as rx

ASK = """(of) => [...document.querySelectorAll(of + '[data-kept] :is(input, textarea, select)')].some((box) =>
  box.options ? [...box.options].some((one) => one.selected !== one.defaultSelected)
  : box.type === 'checkbox' || box.type === 'radio' ? box.checked !== box.defaultChecked
  : box.value !== box.defaultValue)"""


class AskBeforeLeaving(rx.Fragment):
    """Within the app the browser's own question; beyond it the browser's own words. Only what is marked `data-kept`
    is looked at. Another address of the same page leaves its form where it opens another part, and on the way back;
    "Cancel" is an answer already. Draws nothing."""

    def add_imports(self) -> dict[str, Any]:
        return {"react": ["useEffect"], "react-router": ["useBlocker"]}

    def add_hooks(self) -> list[rx.Var[Any]]:
        words = "What you typed here is not saved yet. Leave anyway?"
        return [
            rx.Var(f"const isTyped = {ASK}"),
            rx.Var("const partIn = ({ search }) => new URLSearchParams(search).get('edit')"),
            rx.Var(
                "const leaving = useBlocker(({ currentLocation: here, nextLocation: there, historyAction: way }) =>"
                " here.pathname !== there.pathname ? isTyped('')"
                " : partIn(here) !== partIn(there) && (way === 'POP' || partIn(there)) && isTyped('form'))"
            ),
            rx.Var(
                "useEffect(() => { if (leaving.state === 'blocked')"
                f" window.confirm('{words}') ? leaving.proceed() : leaving.reset() }}, [leaving.state])"
            ),
            rx.Var(
                "useEffect(() => { const hold = (e) => { if (isTyped('')) e.preventDefault() };"
                " window.addEventListener('beforeunload', hold);"
                " return () => window.removeEventListener('beforeunload', hold) }, [])"
            ),
        ]
