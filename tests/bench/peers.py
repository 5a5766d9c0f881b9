"""The floors our pages are measured against, with the same boxes in each row and no framework at all.

`/local?rows=N`: a hand-written page that adds up by itself in whole numbers, as fast as a browser can.
`/socket?rows=N`: the least a page needs whose server adds up: one short websocket frame each way for a key.
`/told`: a page that shows what is posted to the same address, pushed by the least of servers.
"""

import html
import json
from dataclasses import replace

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from trova_app.domain.lines import Line, money, number, total_up

PLACES = 2
CELLS = (
    ("date", "2026-03-18"),
    ("code", "86205"),
    ("text", "Psychotherapy 60 min"),
    ("dx", ""),
    ("qty", "1"),
    ("price", "1 250,00"),
    ("off", ""),
)
STYLE = """
body { font: 15px sans-serif; margin: 2rem } table { width: 100%; border-collapse: collapse; table-layout: fixed }
input { width: 100%; box-sizing: border-box; padding: .4rem; font: inherit } td { padding: 2px }
"""
SHOW = """
const total = document.querySelector('[data-testid="total"]');
const form = document.forms.lines;
"""
LOCAL = """
const read = (text, places) => {
  const found = /^([0-9 ]+)(?:[.,]([0-9]*))?$/.exec(text.trim());
  if (!found || (found[2] ?? "").length > places) return null;
  return BigInt(found[1].replaceAll(" ", "") + (found[2] ?? "").padEnd(places, "0"));
};
const half = (n, d) => (2n * n + d) / (2n * d);
const off = (text, gross) => {
  if (text === "") return 0n;
  const n = text.endsWith("%") ? half(gross * read(text.slice(0, -1), 2), 10000n) : read(text, 2);
  return n > gross ? gross : n;
};
const money = (n) => {
  const digits = String(n).padStart(3, "0");
  return "R " + digits.slice(0, -2).replace(/\\B(?=(\\d{3})+$)/g, " ") + "," + digits.slice(-2);
};
const rows = [...form.querySelectorAll("tr")].map((row) => ({
  qty: row.querySelector('[name^="qty"]'), price: row.querySelector('[name^="price"]'),
  off: row.querySelector('[name^="off"]'), total: row.querySelector("output"),
}));
form.addEventListener("input", () => {
  let sum = 0n;
  for (const row of rows) {
    const gross = half(read(row.qty.value, 3) * read(row.price.value, 4), 100000n);
    const net = gross - off(row.off.value, gross);
    const text = money(net);
    if (row.total.textContent !== text) row.total.textContent = text;
    sum += net;
  }
  total.textContent = money(sum);
});
"""
SOCKET = """
const socket = new WebSocket(`ws://${location.host}/rows?rows=${new URLSearchParams(location.search).get("rows")}`);
socket.onmessage = (message) => { total.textContent = message.data; };
form.addEventListener("input", (e) => socket.send(JSON.stringify([e.target.name, e.target.value])));
"""


def _page(request: Request, script: str) -> HTMLResponse:
    count = int(request.query_params["rows"])
    rows = "".join(
        "<tr>"
        + "".join(f'<td><input name="{name}.{i}" value="{html.escape(text)}"></td>' for name, text in CELLS)
        + "<td><output></output></td></tr>"
        for i in range(1, count + 1)
    )
    body = f'<form name="lines"><table>{rows}</table></form><b><output data-testid="total"></output></b>'
    return HTMLResponse(
        f"<!doctype html><meta charset=utf-8><style>{STYLE}</style>{body}<script>{SHOW}{script}</script>"
    )


async def local(request: Request) -> HTMLResponse:
    return _page(request, LOCAL)


async def by_socket(request: Request) -> HTMLResponse:
    return _page(request, SOCKET)


async def rows(socket: WebSocket) -> None:
    """Keeps the rows as numbers, reads the one cell that came, adds up all, answers with the total."""
    await socket.accept()
    lines = [Line(1000, 12_500_000, 0, 0, 0)] * int(socket.query_params["rows"])
    try:
        while True:
            name, text = json.loads(await socket.receive_text())
            cell, _, row = name.partition(".")
            i = int(row) - 1
            if cell == "price":
                lines[i] = replace(lines[i], unit_price=number(text, 4, ",") or 0)
            total = total_up(lines, 0, 0, True, PLACES).total
            await socket.send_text(money(total, PLACES, "R", " ", ","))
    except WebSocketDisconnect:
        return


LISTEN = """
const out = document.querySelector("output");
const socket = new WebSocket(`ws://${location.host}/listen`);
socket.onopen = () => { out.dataset.isListening = ""; };
socket.onmessage = (message) => { out.textContent = message.data; };
"""
LISTENERS: set[WebSocket] = set()


async def told(request: Request) -> Response:
    """What is posted here is pushed to every page that listens."""
    if request.method == "GET":
        return HTMLResponse(f"<!doctype html><meta charset=utf-8><output></output><script>{LISTEN}</script>")
    words = (await request.body()).decode()
    for socket in list(LISTENERS):
        await socket.send_text(words)
    return Response()


async def listen(socket: WebSocket) -> None:
    await socket.accept()
    LISTENERS.add(socket)
    try:
        await socket.receive_text()
    except WebSocketDisconnect:
        LISTENERS.discard(socket)


app = Starlette(
    routes=[
        Route("/local", local),
        Route("/socket", by_socket),
        WebSocketRoute("/rows", rows),
        Route("/told", told, methods=["GET", "POST"]),
        WebSocketRoute("/listen", listen),
    ],
)
