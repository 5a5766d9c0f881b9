"""Pages of a few words that need no script: what stands between a payer and the invoice's own page."""

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

STYLE_PATH = "/plain.css"
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "same-origin", "X-Content-Type-Options": "nosniff"}
CSS = """
@font-face { font-family: "Inter"; src: url("/fonts/inter-latin-wght-normal.woff2") format("woff2");
  font-weight: 100 900; font-display: swap }
:root { color-scheme: light dark; --ink: #172122; --ground: #fbfcfc; --sheet: #ffffff; --quiet: #556264;
  --accent: #0b5d5a; --on-accent: #ffffff; --line: #e1e7e7; --warn: #7a4b00; --warn-soft: #fdf3dc }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eded; --ground: #0d1314; --sheet: #141c1d; --quiet: #a3b2b3; --accent: #6cd0c7;
    --on-accent: #062423; --line: #283435; --warn: #f2c572; --warn-soft: #33270f }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 Inter, system-ui, sans-serif }
.banner { padding: 4px 16px; text-align: center; font-size: 13px; color: var(--warn);
  border-bottom: 1px solid var(--line);
  background: repeating-linear-gradient(135deg, var(--warn-soft) 0 14px, transparent 14px 28px), var(--sheet) }
main { max-width: 440px; margin: 48px auto; padding: 32px; background: var(--sheet);
  border: 1px solid var(--line); border-radius: 12px }
h1 { margin: 0 0 4px; font-size: 20px }
p { margin: 0 0 16px }
main > :last-child { margin-bottom: 0 }
.quiet { color: var(--quiet) }
.amount { margin: 16px 0; font-size: 32px; font-weight: 600; font-variant-numeric: tabular-nums }
button, .back { display: block; width: 100%; min-height: 44px; margin: 0 0 12px; padding: 10px 16px; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; color: var(--accent); background: transparent;
  border: 1px solid var(--accent); border-radius: 8px; cursor: pointer }
button.first { color: var(--on-accent); background: var(--accent) }
button:focus-visible, .back:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
@media (max-width: 480px) { main { margin: 0; border: 0; border-radius: 0; min-height: 100vh } }
"""


def document(title: str, main: str, banner: str = "") -> Response:
    """`main`: HTML; `title` and `banner`: words."""
    above = f'<aside class="banner" aria-label="About this page">{escape(banner)}</aside>' if banner else ""
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">'
        f'<title>{escape(title)}</title><link rel="stylesheet" href="{STYLE_PATH}"></head><body>'
        f"{above}<main>{main}</main></body></html>",
        headers=PRIVATE,
    )


async def style(_request: Request) -> Response:
    return Response(CSS, media_type="text/css", headers={"Cache-Control": "max-age=3600"})


ROUTES = [Route(STYLE_PATH, style, methods=["GET"])]
