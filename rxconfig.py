"""Reflex's settings, and the two things that are done to the pages as they are built."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import reflex as rx

from trova_app.pure_js import translate
from trova_app.routes import own_origins
from trova_app.settings import ROOT, settings
from trova_app.theme import TAILWIND, Theme

SCRIPTS = (
    "signed_out.js",
    "figures.js",
    "typed_ahead.js",
    "acts.js",
    "choices.js",
    "grid_keys.js",
    "unsaved.js",
    "steps.js",
    "question.js",
    "file_box.js",
    "calendar.js",
)
"""The only JavaScript we wrote."""

ANYWHERE = "http://page.invalid"


class PureJs(rx.plugins.Plugin):
    """Hands the browser the same arithmetic the server runs: `domain/lines.py`, translated at each build."""

    def get_static_assets(self, **_context: Any) -> Sequence[tuple[Path, str | bytes]]:
        source = (ROOT / "trova_app/domain/lines.py").read_text()
        scripts = [(Path("utils") / name, (ROOT / "trova_app/components" / name).read_text()) for name in SCRIPTS]
        return [
            (Path("utils/lines.js"), translate(source)),
            *scripts,
        ]


class OwnServer(rx.plugins.Plugin):
    """Pages speak to the server they came from, so one build serves any port, name and scheme."""

    def post_build(self, **context: Any) -> None:
        event = re.compile(r"""(["'`])ws://page\.invalid/_event\1""")
        found = 0
        for script in Path(context["static_dir"]).rglob("*.js"):
            text, changed = event.subn(
                '(globalThis.location?.origin??"http://x").replace(/^http/,"ws")+"/_event"', script.read_text()
            )
            if changed:
                script.write_text(text)
            found += changed
        if not found:
            raise RuntimeError("The pages name their server in another way than this Reflex version did.")


config = rx.Config(
    app_name="trova_app",
    api_url=ANYWHERE,
    deploy_url=settings().origin,
    cors_allowed_origins=sorted(own_origins(settings().origin)),
    plugins=[rx.plugins.TailwindV4Plugin(TAILWIND), Theme(), PureJs(), OwnServer()],
    disable_plugins=[rx.plugins.SitemapPlugin],
    state_manager_mode=rx.constants.StateManagerMode.MEMORY,
    redis_token_expiration=13 * 3600,  # seconds; also in memory (strangers: state/strangers.py)
    trusted_proxy_hops=settings().trusted_proxy_hops,
    frontend_compression_formats=["brotli", "gzip"],  # made once, at the build; the first one the browser takes
    default_color_mode="system",
    telemetry_enabled=False,
    show_built_with_reflex=False,
)
