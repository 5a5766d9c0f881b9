// Keys, paste and the handle in the grid of line items, here in the page with no round trip. React owns every node: this
// only moves the cursor, types into boxes that React leaves alone, and calls the handlers it is given.
import { act, tellBy } from "./acts.js";
import { choicesIn, isFor, listKey, listOf, onDrawn } from "./choices.js";
import { boxNamed, isPlain, recount, sendBy } from "./figures.js";
import * as ahead from "./typed_ahead.js";

const MOST_LINES = 200;
let hears = false, entered = "", last = null, dragged = null, dropAt = -1, pointer = "", wanted = "";
const hear = new Set();
const form = () => document.forms.lines;
const rows = () => [...(form()?.querySelectorAll("tr.line") ?? [])];
const rowOf = (box) => box?.closest?.("form[name=lines] tr.line");
const boxIn = (row, column) => row?.querySelector(`[name^='${column}.']`);
const idOf = (row) => boxIn(row, "qty").name.slice(4);
const within = (row) => [...row.querySelectorAll("input, select, button")];
const isText = (box) => box?.matches?.("input:not([type=radio], [type=checkbox])");

const enter = (box) => { box?.focus(); box?.select?.(); };
const setText = (box, text) => Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(box, text);
const put = (box, text) => {
  setText(box, text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
};

// One at a time, the next when it is here, so that they stand in their order.
const askFirst = () => { if (ahead.any()) act("add", ahead.first()); };
// What stands around the lines that are on their way; a row by its place from the last.
const around = {
  act,
  row: (n) => rows().at(-n),
  enter: (row, column) => enter(boxIn(row, column)),
  adder: () => form().querySelector("[data-act=add]"),
  hasRoom: (count) => rows().length + count < MOST_LINES,
};
// Enter and the arrows: the same column of another row; Enter on the last row adds one.
const step = (box, by, adds) => {
  const all = rows(), row = rowOf(box), at = all.indexOf(row), column = box.name.split(".")[0];
  if (all[at + by]) return enter(boxIn(all[at + by], column));
  const isNew = !ahead.any();
  if (by < 0 || (isNew && !(adds && all.length < MOST_LINES))) return;
  ahead.begin(box, row, around);
  if (isNew) askFirst();
};
const travels = (e) => {  // a box that was typed into undoes its own typing first, as everywhere
  const key = e.key.toLowerCase(), redoes = key === "y" || (key === "z" && e.shiftKey);
  if ((key !== "z" && key !== "y") || (isText(e.target) && e.target.value !== entered)) return false;
  if (redoes && document.querySelector("[data-act=redo]")?.ariaDisabled === "true") return false;
  act(redoes ? "redo" : "undo");
  return true;
};
const done = (e) => {
  const box = e.target, row = rowOf(box), ctrl = e.ctrlKey || e.metaKey, arrow = /^Arrow(Up|Down)$/.test(e.key);
  const by = e.key === "ArrowUp" || (e.key === "Enter" && e.shiftKey) ? -1 : 1;
  if (ahead.takes(e)) return true;
  if (ctrl && !e.altKey && (form()?.contains(box) || box === document.body) && travels(e)) return true;
  if (!row) return false;
  if (ctrl && !e.altKey && !e.shiftKey && e.key.toLowerCase() === "d") return act("duplicate", idOf(row)), true;
  if (e.altKey && arrow) return act("move", idOf(row), by), true;
  if (ctrl || e.altKey || !box.name) return false;
  if (listKey(box, e.key)) return true;
  if (e.key === "Enter" || (arrow && !e.shiftKey && isText(box) && box.type !== "date")) {
    return step(box, by, e.key === "Enter"), true;
  }
  if (e.key === "Escape" && isText(box) && box.value !== entered) return put(box, entered), box.select(), true;
  return false;
};

const onKey = (e) => {
  if (e.key === "Escape" && dragged) return drop(null);
  if (form() && !e.isComposing && !e.defaultPrevented && done(e)) e.preventDefault();
};
// A character typed into a plain box is no matter of React's, nor of the page's shortcuts.
const onTyping = (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || (e.key?.length > 1 && e.key !== "Backspace" && e.key !== "Delete") || !isPlain(e.target)) return;
  e.stopPropagation();
  if (e.type === "keydown" && ahead.takes(e)) e.preventDefault();
};
const onFocus = (e) => {
  const row = rowOf(e.target);
  // for the stepper; as a style (`:has`) it made the browser look through every row at every key
  form()?.closest(".completion")?.setAttribute("data-at", e.target.closest("section.step")?.dataset.step ?? "");
  ahead.onFocus(e.target);
  entered = e.target.value ?? "";
  last = form()?.contains(e.target) ? { box: e.target, row: rows().indexOf(row), at: row ? within(row).indexOf(e.target) : -1 } : null;
};
const onPaste = (e) => {
  const text = e.clipboardData?.getData("text/plain") ?? "";
  if (ahead.isAt(e.target)) return e.preventDefault(), ahead.paste(text);
  if (!rowOf(e.target) || !e.target.name || !/[\t\r\n]/.test(text.replace(/\r?\n$/, ""))) return;
  e.preventDefault();
  act("paste", e.target.name, new Blob([JSON.stringify(text)]).size > 55000 ? "" : text);  // a larger one is refused
};

// The handle: a row follows the pointer as a line between rows.
const drop = (at) => { if (at === null) dragged = null; dropAt = at ?? -1; hear.forEach((f) => f()); };
const onDown = (e) => {
  const grip = e.target.closest?.(".line-grip"), row = rowOf(grip);
  pointer = e.pointerType;
  if (ahead.isAt(e.target)) ahead.letGo();
  if (!e.target.closest?.("input, select, button, a, label, [tabindex]")) last = null;
  if (!row || e.button) return;
  e.preventDefault();
  grip.setPointerCapture(e.pointerId);
  dragged = { id: idOf(row), from: rows().indexOf(row), place: -1 };
};
const onMove = (e) => {
  if (!dragged) return;
  const boxes = rows().map((row) => row.getBoundingClientRect());
  const place = boxes.filter((box) => e.clientY > box.top + box.height / 2).length;
  dragged.place = place > dragged.from ? place - 1 : place;
  if (e.clientY < 90 || e.clientY > innerHeight - 140) scrollBy(0, e.clientY < 90 ? -16 : 16);
  const edge = place < boxes.length ? boxes[place].top : boxes.at(-1).bottom;
  drop(edge - form().querySelector(".lines-frame").getBoundingClientRect().top);
};
const onUp = () => {
  if (dragged && dragged.place >= 0 && dragged.place !== dragged.from) act("put", dragged.id, dragged.place);
  if (dragged) drop(null);
};

// The cursor goes into the new line, and so does what is typed before it is here. For a finger it is only shown: the cursor
// would bring up the keyboard of the screen.
const add = (button) => {
  const all = rows(), isByFinger = pointer === "touch", id = ahead.newId();
  if (isByFinger) wanted = id;
  if (isByFinger || ahead.any() || all.length >= MOST_LINES) return act("add", id);
  ahead.begin(button, all.at(-1), around);
  askFirst();
};
// A button or a choice that does something to lines or diagnoses: what in `data-act`, to what in `data-to`, how far in
// `data-by`, with which texts in `data-with`.
const onClick = (e) => {
  const button = e.target.closest?.("form[name=lines] [data-act]"), data = button?.dataset ?? {};
  if (e.detail === 0) pointer = "";  // by key
  if (data.act === "add") return add(button);
  if (!data.act) return;
  const search = data.act === "add_code" && button.closest(".code-search").querySelector("input");
  const texts = JSON.parse(data.with ?? "[]");
  if (data.act === "fill") return choose(rowOf(button), texts);
  if (search) put(search, "");
  act(data.act, ...(data.to ? [data.to] : []), ...(data.by ? [Number(data.by)] : []));
};
// A rate for a line, with what its boxes said; it is shown before the server draws it.
const FILLED = ["code", "text", "price"];
const choose = (row, texts) => {
  const boxes = FILLED.map((column) => boxIn(row, column));
  if (!act("fill", idOf(row), ...texts, ...boxes.map((box) => box.value))) return;
  boxes.forEach((box, n) => setText(box, texts[n]));
  recount();
};
// A code typed in full fills a line that has neither words nor a price, where one rate only has it.
let full = null;  // the box that was left with one, until the list for it is here
const takeFull = (box, list) => {
  const row = rowOf(box), texts = choicesIn(list).map((one) => [one, JSON.parse(one.dataset.with)]);
  const found = texts.filter(([, [code]]) => code === box.value.trim());
  const isOne = new Set(found.map(([, [, ...rest]]) => rest.join("\n"))).size === 1;
  if (isOne && "full" in found[0][0].dataset && !boxIn(row, "text").value && !boxIn(row, "price").value) choose(row, found[0][1]);
};
const onLeft = (e) => {
  const box = e.target, list = box.name?.startsWith("code.") && rowOf(box) ? listOf(box) : null;
  if (!list || box.value === entered) return;
  if (isFor(box, list)) takeFull(box, list);
  else full = box;
};
onDrawn((box, list) => { if (box === full) { full = null; takeFull(box, list); } });

export const subscribe = (f) => (hear.add(f), () => hear.delete(f));
export const dropLine = () => dropAt;
export const gridKeys = (given) => {
  sendBy(given.edit);
  tellBy(given.do);
  if (hears) return;
  hears = true;
  ["keydown", "keypress", "textInput", "keyup"].forEach((name) => addEventListener(name, onTyping, true));
  const heard = { keydown: onKey, click: onClick, focusin: onFocus, focusout: onLeft, paste: onPaste, pointerdown: onDown, pointermove: onMove,
    pointerup: onUp, pointercancel: () => dragged && drop(null) };
  Object.entries(heard).forEach(([name, f]) => document.addEventListener(name, f));
};
// Into a box of a line that has come; a list of codes opens only where the cursor is.
const fill = (row, column, text, here) => {
  const box = boxIn(row, column);
  if (!box || box.value === text) return;
  put(box, text);
  if (column === "code" && box !== here) box.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
};
export const come = () => {
  const row = ahead.any() && rows().find((one) => idOf(one) === ahead.first());
  if (!row || !ahead.isReady(row)) return false;
  entered = ahead.come(row, (column, text, here) => fill(row, column, text, here)) ?? entered;
  return come() || askFirst() || true;
};
// After lines came, went or moved: the cursor goes on where it was, or where the row now is.
export const settle = () => {
  const all = rows(), here = document.activeElement, shown = all.find((row) => idOf(row) === wanted);
  if (shown) {
    wanted = "";
    shown.style.contentVisibility = "visible";  // out of sight it has not its height yet
    shown.scrollIntoView({ block: "nearest" });
  }
  if (come()) return;
  if (last && here === document.body && last.row >= 0 && !all.length) form()?.querySelector("[data-act=add]")?.focus();
  else if (last && here === document.body && last.box.isConnected) last.box.focus();
  else if (last && here === document.body && last.row >= 0 && all.length) {
    const box = within(all[Math.min(last.row, all.length - 1)])[last.at], was = last.box;
    ahead.follow(was, box);
    box?.focus();
    if (!isText(box) || box.type === "date") return;
    const from = was.value === box.value ? was.selectionStart : box.value.length;
    box.setSelectionRange(from, from);
  }
};
export const openField = (name) => {
  const also = { diagnosis: "[aria-label='Add diagnosis']", lines: "[data-act=add]" }[name];
  const found = also ? form()?.querySelector(also) : boxNamed(form(), name);
  const box = found instanceof RadioNodeList ? found[0] : found;
  box?.scrollIntoView({ block: "center" });
  box?.focus({ preventScroll: true });
};
