// Lines begun with Enter that are not here yet. What the person does in them is done upon this picture of them, cell by
// cell, and put into each line as it comes; `grid_keys.js` asks for the lines and moves the cursor. Nothing is drawn here.
const FIRST = { qty: "1" };  // what a new line says
const START = "text";  // the column in which a line is begun with the button
const CARET = /^(?:Arrow(?:Left|Right)|Home|End|Page(?:Up|Down)|Backspace|Delete)$/;

let lines = [];  // the next to come first: { id, cells: Map of column -> { text, had: what it has said } }
let up = 0;  // above how many of the lines that are here the first of them was moved
let past = [], future = [], typing = "";  // what they said before each thing done in them, or undone; the cell last typed in
let stops = [];  // what Tab goes through in a line: { column, kind }; kind "text", "date", or "" for what is not typed into
let at = null;  // where the keys go: { line, stop, was, anchor, head, edge }; null where the cursor itself is
let box = null;  // in which the cursor stands meanwhile
let page = {}, tell = () => {}, held = null, isMoving = false;

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
const put = (line, column, text) => {
  const { cells } = lines[line], old = textIn(line, column);
  if (text !== old) cells.set(column, { text, had: (cells.get(column)?.had ?? new Set([old])).add(text) });
};
const say = (text) => {
  const { column } = stops[at.stop];
  if (text === textHere()) return;
  remember(`${column}.${lines[at.line].id}`);
  put(at.line, column, text);
  tell();
};

// Lines keep their names in the order in which they are asked for: what is done to one as a whole changes what they say.
const said = () => lines.map(({ cells }) => new Map([...cells].map(([column, { text }]) => [column, text])));
const show = (all) => {
  lines = all.map((_, n) => lines[n] ?? newLine());
  all.forEach((texts, n) => new Set([...lines[n].cells.keys(), ...texts.keys()])
    .forEach((column) => put(n, column, texts.get(column) ?? FIRST[column] ?? "")));
  tell();
};
const moment = (isMoved) => ({ texts: said(), at: { ...at }, up, isMoved });
const keyOf = ({ texts, up }) =>
  JSON.stringify([up, texts.map((one) => [...one].filter(([column, text]) => text !== (FIRST[column] ?? "")).sort())]);
const NOTHING = JSON.stringify([0, [[]]]);
const remember = (cell, isMoved = false) => {
  if (cell && cell === typing) return;
  past.push(moment(isMoved));
  [future, typing] = [[], cell];
};
const rearrange = (f) => {
  const all = said();
  remember("", true);
  f(all);
  show(all);
};
const duplicate = () => { if (page.hasRoom(lines.length)) rearrange((all) => all.splice(at.line, 0, all[at.line])); };
const move = (by) => {
  const to = at.line + by;
  if (at.line === 0 && (up || by < 0)) {
    if ((by > 0 || page.row(up + 1)) && page.act("move", lines[0].id, by)) remember("", true), up -= by;
  } else if (lines[to] && (to || !up)) {
    rearrange((all) => all.splice(to, 0, ...all.splice(at.line, 1)));
    at.line = to;
  }
};
// False where nothing was done in these lines any more, or was undone in them.
const travel = (name, from, to) => {
  const now = moment(), then = from.pop();
  typing = "";
  if (!then) return false;
  if (keyOf(then) === keyOf(now)) return travel(name, from, to);
  to.push({ ...now, isMoved: then.isMoved });
  if (then.up !== up) page.act(name);
  [at, up] = [{ ...then.at }, then.up];
  show(then.texts);
  return true;
};
const undo = () => {
  if (travel("undo", past, future) || keyOf(moment()) !== NOTHING || !page.act("undo")) return;
  forget();  // the line itself, which was asked for
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
// Which of the lines that are here, from the last, is the next to this one; 0: it is on its way, too.
const besides = (by) => at.line === 0 && (up || by < 0) ? up + (by < 0) : at.line === 1 && by < 0 && up ? 1 : 0;
const leaveTo = (row, enter) => {
  if (!row) return;
  at = null;
  enter(row);
};
const down = (by, adds) => {
  const to = at.line + by, { stop } = at, { column } = stops[stop], n = besides(by);
  if (!column) return;
  if (n) return leaveTo(page.row(n), (row) => page.enter(row, column));
  if (!lines[to] && !(adds && page.hasRoom(lines.length))) return;
  if (!lines[to]) {
    remember("");
    lines.push(newLine());
  }
  goTo(to, stop);
};
const across = (by) => {
  const [near, far] = by > 0 ? ["first", "last"] : ["last", "first"];
  if (stops[at.stop].kind === "date" && at.edge !== far) return void (at.edge = "");
  if (stops[at.stop + by]) return goTo(at.line, at.stop + by, near);
  const n = besides(by);
  if (n) return leaveTo(page.row(n), (row) => stopsOf(row).at(by > 0 ? 0 : -1)?.focus());
  if (lines[at.line + by]) return goTo(at.line + by, by > 0 ? 0 : stops.length - 1, near);
  leaveTo(page.adder(), (button) => button.focus());
};

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
    const name = alt ? "" : key.toLowerCase(), redoes = name === "y" || (name === "z" && e.shiftKey);
    if (name === "a") Object.assign(at, { anchor: 0, head: textHere().length });
    else if (name === "d" && !e.shiftKey) duplicate();
    else if (redoes) travel("redo", future, past);
    else if (name === "z") undo();
    return "adxyz".includes(name || " ");
  }
  const isUpOrDown = key === "ArrowUp" || key === "ArrowDown";
  if (alt && isUpOrDown) move(key === "ArrowUp" ? -1 : 1);
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
export const begin = (from, row, around) => {
  if (!lines.length) {
    stops = stopsOf(row).map((e) => ({ column: e.name?.split(".")[0] ?? "", kind: kindOf(e) }));
    if (!row) stops = [{ column: START, kind: "text" }];
    lines = [newLine()];
    listen(true);
  }
  [box, page] = [from, around];
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
  past = past.slice(past.findLastIndex(({ isMoved }) => isMoved) + 1).filter(({ texts }) => texts.length > 1)
    .map((one) => ({ ...one, texts: one.texts.slice(1), at: { ...one.at, line: Math.max(0, one.at.line - 1) } }));
  [future, up] = [[], 0];
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
  [lines, at, box, past, future, up, typing] = [[], null, null, [], [], 0, ""];
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
