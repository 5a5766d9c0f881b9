// The calendar under hand: sessions are dragged, lengthened and carried with the arrow keys, free times are found and
// booked, and a line says where the day has got to. React owns every node; it gives the place marker, the ghost and the
// line no text and no style of their own, and only those are written here.

const STEP = 15, SLOT = 30, HOLD = 350, EDGE = 10;  // minutes; minutes; ms until a finger lifts a session; px
let acts = {}, hears = false, had = false, moved = 0, here = null, carried = null, drag = null, waits = false, read = { at: 0, day: "", minute: 0 };

const board = () => document.querySelector(".cal-board");
const part = (name) => board()?.querySelector(`.cal-${name}`);
const columns = () => [...(board()?.querySelectorAll(".cal-day") ?? [])].filter((one) => one.checkVisibility());
const sessionsIn = (column) => [...column.querySelectorAll(".cal-block")].filter((one) => one.checkVisibility())
  .sort((one, other) => number(one, "--at") - number(other, "--at"));  // what is stacked comes with what it is stacked on
const number = (block, name) => Number(block.style.getPropertyValue(name));
const from = () => Number(board().dataset.from) * 60;
const until = () => from() + board().querySelectorAll(".cal-hours li").length * 60;
const clock = (minute) => [minute / 60, minute % 60].map((n) => String(Math.floor(n)).padStart(2, "0")).join(":");
const within = (minute, length) => Math.min(Math.max(minute, 0), 1440 - Math.min(length, STEP));
const starts = (column, minute) => `${column.dataset.key.split(".")[0]}T${clock(minute)}`;
const whose = (column) => Number(column.dataset.key.split(".")[1]);
const mayBook = () => board()?.dataset.book === "true";

// The marker and the ghost lie in the board's grid, in the column they speak of.
const lay = (node, column, minute, length, words) => {
  node.style.gridColumn = getComputedStyle(column).gridColumnStart;
  node.style.setProperty("--at", minute);
  node.style.setProperty("--len", length);
  node.firstElementChild.textContent = words;
  node.dataset.shown = "true";
};
const hide = (node) => node && delete node.dataset.shown;
const say = (words) => { const box = part("say"); if (box) box.textContent = words; };
const wordsFor = (column, minute, length) => `${column.getAttribute("aria-label")}, ${clock(minute)}–${clock(minute + length)}`;

// -- finding one's way: a session where there is one, else the marker on a free half hour

const covering = (column, minute) => sessionsIn(column).find((one) => {
  const at = number(one, "--at");
  return at < minute + SLOT && at + Math.max(number(one, "--len"), STEP) > minute;
});
const goTo = (column, minute, wanted) => {
  const inside = Math.min(Math.max(minute, from()), until() - SLOT), found = wanted ?? covering(column, inside);
  here = { key: column.dataset.key, minute: found ? Math.max(number(found, "--at"), inside) : inside };
  const marker = part("marker");
  lay(marker, column, inside, SLOT, `${mayBook() ? "New appointment, " : "Free, "}${column.getAttribute("aria-label")}, ${clock(inside)}`);
  (found ? found.querySelector("a") : marker).focus({ preventScroll: true });
  (found ?? marker).scrollIntoView({ block: "nearest", inline: "nearest" });
};
const place = () => {
  const all = columns(), column = all.find((one) => one.dataset.key === here?.key) ?? all.find((one) => one.dataset.today === "true") ?? all[0];
  return { all, column, minute: here?.minute ?? Math.max(from(), 9 * 60) };
};
const upOrDown = (by) => {
  const { column, minute } = place(), own = document.activeElement.closest(".cal-block"), all = sessionsIn(column);
  if (!own) return goTo(column, Math.floor(minute / SLOT) * SLOT + by * SLOT);
  const at = number(own, "--at"), next = all[all.indexOf(own) + by];
  const end = at + Math.max(number(own, "--len"), STEP);
  const near = next && (by > 0 ? number(next, "--at") < Math.ceil(end / SLOT) * SLOT : number(next, "--at") + number(next, "--len") > at - SLOT);
  return near ? goTo(column, number(next, "--at"), next) : goTo(column, by > 0 ? Math.ceil(end / SLOT) * SLOT : Math.floor((at - 1) / SLOT) * SLOT);
};
const sideways = (by) => {
  const { all, column, minute } = place(), next = all[all.indexOf(column) + by];
  if (next) return goTo(next, Math.floor(minute / SLOT) * SLOT);
  const strip = [...document.querySelectorAll(".cal-strip-day")], at = strip.findIndex((one) => one.ariaCurrent === "date");
  (strip.length && strip[0].checkVisibility() && strip[at + by] ? strip[at + by] : turn(by > 0 ? "after" : "before")).click();
  here = null;
};
const turn = (name) => document.querySelector(`.cal-turning [data-act=${name}]`);

// -- carrying a session with Alt and the arrows; letting go of Alt lays it down

const lift = (block) => {
  const column = block.closest(".cal-day");
  return { id: Number(block.dataset.id), version: Number(block.dataset.version), key: column.dataset.key, at: number(block, "--at"), len: number(block, "--len"),
    was: [column.dataset.key, number(block, "--at"), number(block, "--len")].join(), block };
};
const columnOf = (one) => columns().find((column) => column.dataset.key === one.key) ?? columns()[0];
const draw = (one) => {
  lay(part("ghost"), columnOf(one), one.at, one.len, `${clock(one.at)}–${clock(one.at + one.len)}`);
  one.block.dataset.lifted = "true";
};
const put = (one) => {
  delete one.block.dataset.lifted;
  if (one.was === [one.key, one.at, one.len].join()) return hide(part("ghost"));
  waits = true;
  one.block.dataset.lifted = "true";
  setTimeout(() => waits && laid(), 10000);  // the line was cut
  moved = one.id;
  acts.move(one.id, one.version, one.key, one.at, one.len);
};
const drop = (one) => { delete one.block.dataset.lifted; hide(part("ghost")); };
const carry = (e, block) => {
  if (waits || block.dataset.fixed === "true") return;
  carried ??= lift(block);
  const by = /Down|Right/.test(e.key) ? 1 : -1, all = columns();
  if (/Left|Right/.test(e.key)) carried.key = (all[all.indexOf(columnOf(carried)) + by] ?? columnOf(carried)).dataset.key;
  else if (e.shiftKey) carried.len = Math.max(STEP, carried.len + by * STEP);
  else carried.at = within(carried.at + by * STEP, carried.len);
  draw(carried);
  say(wordsFor(columnOf(carried), carried.at, carried.len));
};

const onKey = (e) => {
  if (!board() || e.isComposing || e.defaultPrevented || [...document.querySelectorAll("[role=dialog]")].some((one) => one.checkVisibility())) return;
  const inside = board().contains(e.target), block = e.target.closest?.(".cal-block"), arrow = /^Arrow/.test(e.key);
  if (e.key === "Escape" && (carried || drag?.block)) { drop(carried ?? drag); carried = drag = null; return; }
  if (e.altKey && arrow && block) { e.preventDefault(); return carry(e, block); }
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest?.("input, select, textarea")) {
    if ((e.ctrlKey || e.metaKey) && e.key === "z" && !e.target.closest?.("input, select, textarea")) { e.preventDefault(); acts.undo(); }
    return;
  }
  const does = {
    n: () => { if (mayBook()) { const { column, minute } = place(); inside ? acts.book(starts(column, minute), whose(column)) : acts.book("", 0); } },
    t: () => turn("today")?.click(),
    ...(inside && { PageUp: () => turn("before").click(), PageDown: () => turn("after").click(),
      ArrowUp: () => upOrDown(-1), ArrowDown: () => upOrDown(1), ArrowLeft: () => sideways(-1), ArrowRight: () => sideways(1),
      Home: () => goTo(columns()[0], place().minute), End: () => goTo(columns().at(-1), place().minute) }),
  }[e.key.length === 1 ? e.key.toLowerCase() : e.key];
  if (does) { e.preventDefault(); does(); }
};
const onKeyUp = (e) => { if (e.key === "Alt" && carried) { const one = carried; carried = null; put(one); } };
const onFocus = (e) => {
  const block = e.target.closest?.(".cal-block");
  had = Boolean(e.target.closest?.(".cal-board"));
  if (block) here = { key: block.closest(".cal-day").dataset.key, minute: number(block, "--at") };
  else if (e.target === part("marker") && (!e.target.dataset.shown || covering(place().column, place().minute))) { const { column, minute } = place(); goTo(column, minute); }
};

// -- by pointer: a mouse at once, a finger after it has rested, so that a page still scrolls

const minuteAt = (column, y) => from() + (y - column.querySelector(".cal-sessions").getBoundingClientRect().top) / hourHeight() * 60;
const hourHeight = () => board().querySelector(".cal-hours li").getBoundingClientRect().height;
const onDown = (e) => {
  const block = e.target.closest?.(".cal-block");
  had &&= Boolean(block);
  if (!block || e.button || waits || block.dataset.fixed === "true") return;
  const box = block.getBoundingClientRect(), touch = e.pointerType !== "mouse";
  const grown = box.height > 3 * EDGE && box.bottom - e.clientY < (touch ? 2 : 1) * EDGE;
  drag = { ...lift(block), x: e.clientX, y: e.clientY, grown, touch, moves: false, pointer: e.pointerId };
  drag.grip = minuteAt(block.closest(".cal-day"), e.clientY) - drag.at;
  drag.long = drag.len;
  if (touch) drag.timer = setTimeout(() => { if (drag) { drag.moves = true; draw(drag); navigator.vibrate?.(10); } }, HOLD);
};
const onMove = (e) => {
  if (!drag || e.pointerId !== drag.pointer) return;
  const far = Math.hypot(e.clientX - drag.x, e.clientY - drag.y);
  if (!drag.moves && drag.touch) { if (far > EDGE) { clearTimeout(drag.timer); drag = null; } return; }
  if (!drag.moves && far < 5) return;
  drag.moves = true;
  const column = drag.grown ? columnOf(drag) : columns().find((one) => { const box = one.getBoundingClientRect(); return e.clientX >= box.left && e.clientX < box.right; }) ?? columnOf(drag);
  const minute = minuteAt(column, e.clientY), snapped = (n) => Math.round(n / STEP) * STEP;
  if (drag.grown) drag.len = Math.max(STEP, snapped(minute - drag.at - drag.grip + drag.long));
  else { drag.key = column.dataset.key; drag.at = within(snapped(minute - drag.grip), drag.len); }
  if (e.clientY < 80 || e.clientY > innerHeight - 80) scrollBy(0, e.clientY < 80 ? -12 : 12);
  draw(drag);
};
const onUp = (e) => {
  if (!drag || e.pointerId !== drag.pointer) return;
  const one = drag;
  clearTimeout(one.timer);
  drag = null;
  if (!one.moves) return;
  window.addEventListener("click", hold, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", hold, { capture: true }), 60);
  put(one);
};
const hold = (e) => { e.preventDefault(); e.stopPropagation(); };  // the click that ends a drag opens nothing
const onCancel = () => { if (drag) { clearTimeout(drag.timer); if (drag.moves) drop(drag); drag = null; } };
const onClick = (e) => {
  if (e.target.closest?.(".cal-marker")) { const { column, minute } = place(); return mayBook() && acts.book(starts(column, minute), whose(column)); }
  const free = e.target.classList?.contains("cal-sessions") && mayBook();
  if (!free) return;
  const column = e.target.closest(".cal-day"), minute = Math.floor(minuteAt(column, e.clientY) / SLOT) * SLOT;
  here = { key: column.dataset.key, minute };
  acts.book(starts(column, minute), whose(column));
};

// -- where the day has got to: the server's clock, and what has passed since

const tick = () => {
  if (!board()) return;
  const line = part("now"), minute = read.minute + (performance.now() - read.at) / 60000;
  const column = columns().find((one) => one.dataset.key.startsWith(read.day));
  if (!line || !column || minute < from() || minute > until()) return hide(line);
  lay(line, column, minute, 0, "");
  if (board().dataset.view === "day" && columns().length > 1) line.style.gridColumn = "2 / -1";
};

export const calendarKeys = (given, now) => {
  acts = given;
  const [day, minute] = now.split(" ");
  if (read.day !== day || read.minute !== Number(minute)) read = { at: performance.now(), day, minute: Number(minute) };
  tick();
  if (hears) return;
  hears = true;
  const heard = { keydown: onKey, keyup: onKeyUp, focusin: onFocus, click: onClick, pointerdown: onDown, pointermove: onMove,
    pointerup: onUp, pointercancel: onCancel };
  Object.entries(heard).forEach(([name, f]) => document.addEventListener(name, f));
  document.addEventListener("touchmove", (e) => { if (drag?.moves) e.preventDefault(); }, { passive: false });
  document.addEventListener("contextmenu", (e) => { if (drag?.touch) e.preventDefault(); });
  document.addEventListener("dragstart", (e) => { if (e.target.closest?.(".cal-block")) e.preventDefault(); });
  window.addEventListener("blur", () => { if (carried) { drop(carried); carried = null; } });
  setInterval(tick, 20000);
};
// The answer to a move is drawn: the session lies where the server has it, and the cursor goes on with it.
export const laid = () => {
  waits = false;
  hide(part("ghost"));
  board()?.querySelectorAll("[data-lifted]").forEach((one) => delete one.dataset.lifted);
};
// Before another day is painted: the board stands where its first sessions are, beside the hours.
export const opened = () => {
  const frame = board()?.parentElement, all = columns(), busy = all.find((one) => one.querySelector(".cal-block"));
  if (!frame) return;
  frame.scrollLeft = 0;
  const at = (one) => one.getBoundingClientRect();
  if (busy && at(busy).right > at(frame).right) frame.scrollLeft = at(busy).left - at(part("hours")).right;
};
// After other rows were drawn: a cursor whose session went stays where it was.
export const settle = () => {
  tick();
  if (!had || document.activeElement !== document.body || !columns().length) return;
  const own = columns().flatMap(sessionsIn).find((one) => Number(one.dataset.id) === moved), { column, minute } = place();
  moved = 0;
  own ? goTo(own.closest(".cal-day"), number(own, "--at"), own) : goTo(column, minute);
};
