"""How Trova looks: colours as tokens for light and dark, and the plugin that hands them to the pages.

The classes themselves stand in `assets/trova.css`; components name them, nothing else carries looks.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reflex as rx

LIGHT = {
    "page": "#fbfcfc",
    "surface": "#ffffff",
    "sunken": "#f2f5f5",
    "ink": "#172122",
    "muted": "#556264",
    "line": "#e1e7e7",
    "line-strong": "#8a9798",
    "accent": "#0b5d5a",
    "accent-hover": "#084a48",
    "on-accent": "#ffffff",
    "accent-soft": "#e5f1f0",
    "danger": "#a8231c",
    "danger-soft": "#fdeceb",
    "warn": "#7a4b00",
    "warn-soft": "#fdf3dc",
    "shadow": "0 8px 28px rgb(10 30 30 / 0.14)",
}
DARK = {
    "page": "#0d1314",
    "surface": "#141c1d",
    "sunken": "#1b2526",
    "ink": "#e6eded",
    "muted": "#a3b2b3",
    "line": "#283435",
    "line-strong": "#6f8082",
    "accent": "#6cd0c7",
    "accent-hover": "#8ee0d8",
    "on-accent": "#062423",
    "accent-soft": "#15312f",
    "danger": "#ff9d94",
    "danger-soft": "#3a1a18",
    "warn": "#f2c572",
    "warn-soft": "#33270f",
    "shadow": "0 8px 28px rgb(0 0 0 / 0.5)",
}
STATUS_LIGHT = {
    "draft": ("#4d5a5c", "#eceff0"),
    "sent": ("#1a4f95", "#e5eefb"),
    "partly-paid": ("#7a4b00", "#fdf3dc"),
    "paid": ("#1b5e2c", "#e3f3e6"),
    "overdue": ("#a8231c", "#fdeceb"),
    "ready-to-claim": ("#5b3795", "#f0eafb"),
    "void": ("#556264", "#f2f5f5"),
}
STATUS_DARK = {
    "draft": ("#b9c5c6", "#273233"),
    "sent": ("#a5c8ff", "#16283f"),
    "partly-paid": ("#f2c572", "#33270f"),
    "paid": ("#93dba3", "#142e1b"),
    "overdue": ("#ff9d94", "#3a1a18"),
    "ready-to-claim": ("#d0b8ff", "#2a1f42"),
    "void": ("#a3b2b3", "#1b2526"),
}

# (edge, ground) of a service in the calendar, in turn; the words on it are always the ink
TONES_LIGHT = (
    ("#0b7570", "#dff0ee"),
    ("#2f6bc0", "#e3edfb"),
    ("#7a4fc0", "#eee7fb"),
    ("#b0720b", "#fbefd6"),
    ("#2f8045", "#e1f2e5"),
    ("#b8467f", "#fae6f0"),
    ("#5c6c74", "#e8edf0"),
    ("#b5532a", "#fae8df"),
)
TONES_DARK = (
    ("#6cd0c7", "#123230"),
    ("#8db8f5", "#172b45"),
    ("#bf9ff5", "#2a2044"),
    ("#e6b457", "#362a10"),
    ("#86cf98", "#15301d"),
    ("#eb93c1", "#3b1b2d"),
    ("#a5b5bd", "#222d31"),
    ("#f0a07c", "#3a2014"),
)

TAILWIND: dict[str, Any] = {
    "darkMode": "class",
    "theme": {"extend": {"colors": {name: f"var(--{name})" for name in LIGHT if name != "shadow"}}},
}


def style_sheet() -> str:
    """The tokens as custom properties; `.dark` on the page's root chooses. Paper is always light."""
    light, dark = _block(LIGHT, STATUS_LIGHT, TONES_LIGHT), _block(DARK, STATUS_DARK, TONES_DARK)
    return f":root {{{light}}}\n@media not print {{ .dark {{{dark}}} }}\n"


def _block(colours: dict[str, str], statuses: dict[str, tuple[str, str]], tones: Sequence[tuple[str, str]]) -> str:
    pairs = list(colours.items())
    pairs += [(f"status-{name}", text) for name, (text, _) in statuses.items()]
    pairs += [(f"status-{name}-soft", soft) for name, (_, soft) in statuses.items()]
    pairs += [(f"tone-{n}", edge) for n, (edge, _) in enumerate(tones)]
    pairs += [(f"tone-{n}-soft", soft) for n, (_, soft) in enumerate(tones)]
    return " ".join(f"--{name}: {value};" for name, value in pairs)


class Theme(rx.plugins.Plugin):
    """Writes the tokens beside Reflex's own style sheets."""

    def get_stylesheet_paths(self, **_context: Any) -> Sequence[str]:
        return ["./tokens.css"]

    def get_static_assets(self, **_context: Any) -> Sequence[tuple[Path, str | bytes]]:
        return [(Path("styles/tokens.css"), style_sheet())]
