// Lines begun with Enter that are not here yet. What the person does in them is done upon this picture of them, cell by
// cell, and put into each line as it comes; `grid_keys.js` asks for the lines and moves the cursor. Nothing is drawn here.
const FIRST = { qty: "1" };  // what a new line says
const START = "text";  // the column in which a line is begun with the button
const CARET = /^(?:Arrow(?:Left|Right)|Home|End|Page(?:Up|Down)|Backspace|Delete)$/;

let lines = [];  // the next to come first: { id, cells: Map of column -> { text, had: what it has said } }
let stops = [];  // what Tab goes through in a line: { column, kind }; kind "text", "date", or "" for what is not typed into
let at = null;  // where the keys go: { line, stop, was, anchor, head, edge }; null where the cursor itself is
let box = null;  // in which the cursor stands meanwhile
let leave = () => {}, tell = () => {}, held = null, isMoving = false;

export const stopsOf = (row) => [...row?.querySelectorAll("input, select, button") ?? []]
  .filter((e) => !e.disabled && e.tabIndex >= 0 && e.getClientRects().length);
const kindOf = (e) => e.type === "date" ? "date" : e.matches("input") ? "text" : "";
// Of the page's own making, so that asked for twice, or sent by a page that goes, it is one line, and nobody else's.
export const byChance = (length) =>
  Array.from(crypto.getRandomValues(new Uint8Array(length)), (n) => (n % 36).toString(36)).join("");
export const newId = () => "p" + byChance(12);
const newLine = () => ({ id: newId(), cells: new Map() });
const textIn = (line, column) => lines[line].cells.get(column)?.text ?? FIRST[column] ?? "";
const textHere = () => stops[at.stop].kind === "text" ? textIn(at.line, stops[at.stop].column) : "";

// `edge`: at which end of a date the cursor came in; how many boxes it has inside is the browser's matter.
const goTo = (line, stop, edge = "first") => {
  at = { line, stop, edge };
  at.was = textHere();
  Object.assign(at, { anchor: 0, head: at.was.length });
};
const say = (text) => {
  const { column } = stops[at.stop], { cells } = lines[at.line];
  if (text === textHere()) return;
  cells.set(column, { text, had: (cells.get(column)?.had ?? new Set([textHere()])).add(text) });
  tell();
};
const write = (text) => {
  if (stops[at.stop].kind !== "text") return;
  const from = Math.min(at.anchor, at.head), old = textHere();
  say(old.slice(0, from) + text + old.slice(Math.max(at.anchor, at.head)));
  at.anchor = at.head = from + text.length;
};
const edit = (key, selects) => {
  const from = Math.min(at.anchor, at.head), to = Math.max(at.anchor, at.head), end = textHere().length;
  const wide = (n) => textHere().codePointAt(n) > 0xffff ? 2 : 1;  // no half of a character is taken away
  const back = Math.max(0, at.head - (wide(at.head - 2) === 2 ? 2 : 1)), on = Math.min(end, at.head + wide(at.head)), isOne = from === to || selects;
  if (key === "Backspace" || key === "Delete") {
    if (from === to) at.head = key === "Backspace" ? back : on;
    return write("");
  }
  at.head = { ArrowLeft: isOne ? back : from, ArrowRight: isOne ? on : to, Home: 0, End: end }[key] ?? at.head;
  if (!selects) at.anchor = at.head;
};
const down = (by, adds) => {
  const to = at.line + by, { stop } = at;
  if (!stops[stop].column) return;
  if (to < 0) return leaveTo("above", stops[stop].column);
  if (!lines[to] && !(adds && leave("room", lines.length))) return;
  if (!lines[to]) lines.push(newLine());
  goTo(to, stop);
};
const across = (by) => {
  const [near, far] = by > 0 ? ["first", "last"] : ["last", "first"];
  if (stops[at.stop].kind === "date" && at.edge !== far) return void (at.edge = "");
  if (stops[at.stop + by]) return goTo(at.line, at.stop + by, near);
  if (lines[at.line + by]) return goTo(at.line + by, by > 0 ? 0 : stops.length - 1, near);
  leaveTo(by > 0 ? "after" : "before");
};
const leaveTo = (where, column) => { at = null; leave(where, column); };

// Whether the key was meant for a line that is not here. What it would do there is done, or, where that cannot be told,
// nothing is: it never falls into the line in which the cursor stands.
export const takes = (e) => {
  if (at === null || e.target !== box || e.isComposing) return false;
  const { key } = e, isSign = e.getModifierState?.("AltGraph");
  const ctrl = !isSign && (e.ctrlKey || e.metaKey), alt = !isSign && e.altKey;
  if (key.length === 1 && !ctrl && !alt) {
    at.edge = "";
    return write(key), true;
  }
  if (key.length === 1) {
    if (!alt && /a/i.test(key)) Object.assign(at, { anchor: 0, head: textHere().length });
    return !alt && /[adxyz]/i.test(key);
  }
  const isUpOrDown = key === "ArrowUp" || key === "ArrowDown";
  if (alt) return isUpOrDown;
  if (key === "Enter" || key === "Tab") {
    if (!ctrl && key === "Tab") across(e.shiftKey ? -1 : 1);
    else if (!ctrl) down(e.shiftKey ? -1 : 1, !e.shiftKey);
    return !ctrl;
  }
  const { kind } = stops[at.stop];
  if (key === "Escape" && kind === "text") say(at.was), Object.assign(at, { anchor: 0, head: at.was.length });
  else if (isUpOrDown && kind === "text" && !ctrl && !e.shiftKey) down(key === "ArrowUp" ? -1 : 1, false);
  else if (CARET.test(key) && !ctrl) edit(key, e.shiftKey);
  if (at && kind === "date") at.edge = "";
  return key === "Escape" || isUpOrDown || CARET.test(key);
};

// What comes by no key: dead keys, dictation, the words a phone offers.
const onText = (e) => {
  if (!isAt(e.target) || e.isComposing || e.inputType === "insertFromDrop") return;
  e.preventDefault();
  if (e.inputType.startsWith("insert")) write(e.data ?? "");
  else if (e.inputType === "deleteContentBackward") edit("Backspace");
};
const onCompose = (e) => {  // cannot be kept from the box: it is taken out of it again
  if (!isAt(e.target)) return;
  if (e.type === "compositionstart") return void (held = box.value);
  write(e.data ?? "");
  Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set.call(e.target, held);
  e.target.dispatchEvent(new Event("input", { bubbles: true }));
};
// Also in what a closing button sends: the server then does not take the form for finished without these lines.
const onFormData = (e) => {
  if (e.target !== document.forms.lines) return;
  lines.forEach(({ id, cells }, n) => {
    e.formData.append("qty." + id, textIn(n, "qty"));
    cells.forEach(({ text }, column) => column !== "qty" && e.formData.append(`${column}.${id}`, text));
  });
};
const HEARD = { beforeinput: onText, compositionstart: onCompose, compositionend: onCompose, formdata: onFormData };
const listen = (now) => Object.entries(HEARD).forEach(([name, f]) =>
  now ? addEventListener(name, f, true) : removeEventListener(name, f, true));

export const isAt = (one) => at !== null && one === box;
export const any = () => lines.length > 0;
export const first = () => lines[0]?.id;
export const paste = (text) => { if (!/[\t\r\n]/.test(text.trimEnd())) write(text.replace(/[\r\n]+$/, "")); };
// Somebody begins the next line in this box of the last one (`row`; none where there is no line), or with the button for
// it, or goes on in one that is on its way.
export const begin = (from, row, leaving) => {
  if (!lines.length) {
    stops = stopsOf(row).map((e) => ({ column: e.name?.split(".")[0] ?? "", kind: kindOf(e) }));
    if (!row) stops = [{ column: START, kind: "text" }];
    lines = [newLine()];
    listen(true);
  }
  [box, leave] = [from, leaving];
  const here = stopsOf(row).indexOf(from);
  goTo(0, here < 0 ? stops.findIndex(({ column }) => column === START) : here);
};
export const letGo = () => { at = null; };
export const onFocus = (one) => { if (!isMoving && one !== box) at = null; };
export const follow = (was, now) => { if (isAt(was)) box = now; };  // the box was drawn anew
// The first of them is here. `fill(column, text)` for each cell; the box the cursor is in by now, and, where it is in this
// very line, the text the box began with.
export const come = (row, fill) => {
  const { column } = stops[at?.stop] ?? {};
  const here = at && (column ? row.querySelector(`[name^='${column}.']`) : stopsOf(row)[at.stop]);
  isMoving = true;
  here?.focus();  // ends what is being composed, which is of the line yet
  isMoving = false;
  const { cells } = lines.shift(), cursor = at;
  cells.forEach(({ text }, column) => fill(column, text, here));
  [at, box] = cursor?.line && here ? [{ ...cursor, line: cursor.line - 1 }, here] : [null, null];
  if (!lines.length) listen(false);
  tell();
  if (!here) return null;
  if (cursor.line || stops[cursor.stop].kind !== "text") here.select?.();
  else here.setSelectionRange(Math.min(cursor.anchor, cursor.head), Math.max(cursor.anchor, cursor.head));
  return cursor.line ? here.value : cursor.was;
};
export const forget = () => {
  if (lines.length) listen(false);
  [lines, at, box] = [[], null, null];
};
// A page that is hidden has posted them, and may go on. The line then goes on from what was posted: written over one that
// does not have it yet, it would pass for another person's edit of the same.
export const posted = (is) => lines.forEach((line) => {
  line.posted = is ? new Map([...line.cells].map(([column, { text }]) => [column, text])) : null;
});
export const isReady = (row) => ![...(lines[0].posted ?? [])]
  .some(([column, text]) => row.querySelector(`[name^='${column}.']`)?.value !== text);
export const isTyped = () => lines.some(({ cells }) => cells.size);
// What each of them says by now.
export const linesAhead = () => lines.map((_, n) => [...lines[n].cells.keys()].map((column) => textIn(n, column)).filter(Boolean).join(", "));
export const onTyped = (f) => { tell = f; };
// For a page that goes: the lines in order, and [name, text, the texts it has had] of each cell.
export const typedAhead = () => {
  const told = lines.slice(0, lines.findLastIndex(({ cells }) => cells.size) + 1);
  return {
    lines: told.map(({ id }) => id),
    cells: told.flatMap(({ id, cells }) => [...cells].map(([column, { text, had }]) => [`${column}.${id}`, text, [...had]])),
  };
};
