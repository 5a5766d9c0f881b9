// What the form adds up to, here in the page and with the very key; `lines.js` is domain/lines.py. Each key reads every
// box that counts, works out again only the lines that say something new, and writes the figures before React and Reflex
// look at the key (docs/decisions/0010). React makes the element of a figure and never gives it children.
import { useCallback, useLayoutEffect, useRef, useSyncExternalStore } from "react";
import { line_text, read_rows, row_in, style_in, sum_texts } from "./lines.js";
import { isTyped, onTyped } from "./typed_ahead.js";

const CELLS = ["qty.", "price.", "off.", "tax."];
const STYLE = ["places", "symbol", "group", "point"];
const OTHERS = ["inclusive", "earlier", "invoice_off", "cash"];
const ROOM = 11;  // characters that fit the width a sum has; a longer one makes its own
const LATE = 1500;  // ms that the server's figure may stay away before it is shown beside ours

let drawn = null;  // { form, size, boxes, texts, rows, style }: the boxes that count, and what they said last
let now = new Map();  // key -> text, such as "total", "line.1", "fault.price.1"
let made = 0, remember = () => {}, send = null;
const figures = new Map(), readers = new Map();  // key -> who writes it at once; key -> what React draws of it
const changed = new Set(), untold = new Set();
const theirs = new Map();  // key -> the server's text of it
const lines = new Set();  // those of them that are a line's
const apart = new Set();  // keys of figures that the server has had otherwise for longer than a moment
const waiting = new Map();  // ref of a figure that waits for the server's -> { key, since }, the longest first
let watch = 0;
const SUMS = ["subtotal", "discount", "tax", "total", "paid", "due"];  // in the order the server tells them

export const get = (key) => now.get(key) ?? "";
export const edits = () => made;
export const onEdit = (f) => { remember = f; };
export const sendBy = (f) => { send = f; };
// What was done by no key counts as an edit too.
export const counted = () => {
  made += 1;
  untold.add("edits");
  tell();
  return made;
};

const put = (key, text) => {
  if (get(key) === text) return;
  now.set(key, text);
  changed.add(key);
};

// The boxes of a line belong to a form of that line's own (docs/decisions/0016), so they are looked for where they stand.
export const boxesOf = (form) => Array.from(form?.querySelectorAll("input, select, textarea") ?? []);
export const boxNamed = (form, name) => form?.elements[name] ?? form?.querySelector(`[name="${CSS.escape(name)}"]`);

// Boxes that nobody but this page hears: React would look through all that stands around them, at each of a key's events.
const PLAIN = /^(?:(?:qty|price|off|text)\..+|invoice_off|cash)$/;
let home = null, asked = null, isInside = false;  // the form; the box that was asked about last, and the answer
const formOf = (box) => {
  if (box !== asked) {
    if (!home?.isConnected) home = document.forms.lines ?? null;
    asked = box;
    isInside = home !== null && home.contains(box);
  }
  return isInside ? home : null;
};
export const isPlain = (box) => PLAIN.test(box.name) && formOf(box) !== null;

const begin = (form) => {
  const counts = ({ name }) => STYLE.includes(name) || OTHERS.includes(name) || CELLS.some((cell) => name.startsWith(cell));
  const named = new Map(boxesOf(form).filter(counts).map((box) => [box.name, box]));  // the last of a name counts
  const lineOf = (name) => CELLS.some((cell) => name.startsWith(cell)) ? name.slice(name.indexOf(".") + 1) : null;
  const boxes = [...named].map(([name, box]) => ({ name, box, line: lineOf(name), text: null }));
  const rows = new Map(boxes.filter((one) => one.name.startsWith("qty.")).map((one) => [one.line, null]));
  const [inputs, selects] = ["input", "select"].map((name) => form.getElementsByTagName(name));
  drawn = { form, inputs, selects, size: inputs.length + selects.length, boxes, texts: new Map(), rows, style: null };
  [...now.keys(), ...readers.keys()].forEach((key) => changed.add(key));
  now = new Map();
};
const isDrawn = (form) => drawn?.form === form && drawn.size === drawn.inputs.length + drawn.selects.length && drawn.boxes.every((one) => one.box.isConnected);

const count = (form) => {
  if (!isDrawn(form)) begin(form);
  const { boxes, texts, rows } = drawn, heard = new Set();
  let isNew = drawn.style === null, isStyle = isNew;
  for (const one of boxes) {
    const text = one.box.value;
    if (text === one.text) continue;
    one.text = text;
    texts.set(one.name, text);
    isNew = true;
    isStyle ||= STYLE.includes(one.name);
    if (rows.has(one.line)) heard.add(one.line);
  }
  if (!isNew) return;
  if (isStyle) drawn.style = style_in(texts);
  for (const id of isStyle ? rows.keys() : heard) {
    const row = row_in(texts, id, drawn.style), hadFaults = rows.get(id)?.faults.length;
    rows.set(id, row);
    put("line." + id, line_text(row, drawn.style));
    if (!hadFaults && !row.faults.length) continue;
    const faults = new Map(row.faults);
    CELLS.forEach((cell) => put("fault." + cell + id, faults.get(cell + id) ?? ""));
  }
  const read = read_rows([...rows.values()], texts, drawn.style), faults = new Map(read.faults);
  sum_texts(read).forEach(([key, text]) => put(key, text));
  OTHERS.forEach((name) => put("fault." + name, faults.get(name) ?? ""));
};
const write = () => {
  for (const key of changed) {
    figures.get(key)?.forEach((show) => show());
    if (readers.has(key)) untold.add(key);
  }
  changed.clear();
};
const tell = () => {
  const keys = [...untold];
  untold.clear();
  keys.forEach((key) => readers.get(key)?.forEach((draw) => draw()));
};

// After boxes came, went or were filled by anything but a key: the server drew them with its totals of that moment.
export const recount = () => {
  drawn = null;
  lines.forEach((key) => theirs.delete(key));
  lines.clear();
  if (document.forms.lines) count(document.forms.lines);
  write();
  untold.add("edits");
  tell();
};

const onInput = (e) => {
  const form = formOf(e.target);
  if (!form) return;
  count(form);
  figures.get("total")?.forEach((show) => show());
};
// The key is sent before the other figures are written: both in its task, so they are painted at once with the total.
const onEdited = (e) => {
  const box = e.target;
  if (!formOf(box)) return;
  made += 1;
  untold.add("edits");
  remember(box);
  const isOurs = send !== null && isPlain(box);
  if (isOurs) {
    e.stopPropagation();
    send(box.name, box.value, made);
  }
  write();
  if (isOurs) tell();
};
// What is read as one form has the boxes of its lines in it.
const onFormData = (e) => {
  if (e.target !== document.forms.lines) return;
  boxesOf(e.target).forEach((box) => { if (box.name && box.form !== e.target) e.formData.append(box.name, box.value); });
};
if (typeof window !== "undefined") {
  window.addEventListener("input", onInput, true);  // before React, which listens at the document
  window.addEventListener("input", onEdited, true);  // the total stands by now
  window.addEventListener("input", tell);  // after it: the key is on its way to the server
  window.addEventListener("formdata", onFormData);
}

onTyped(() => { untold.add("edits"); tell(); });

const listen = (to, key, f) => {
  const all = to.get(key) ?? to.set(key, new Set()).get(key);
  all.add(f);
  return () => { if (all.delete(f) && !all.size) to.delete(key); };
};
const useRead = (key, read, first) => useSyncExternalStore(useCallback((f) => listen(readers, key, f), [key]), () => read(key), () => first);
export const useText = (key) => useRead(key, get, "");
// Apart from the text, which is another one with each key: this one draws when it turns.
export const useUnread = (key) => useRead(key, (one) => drawn !== null && get(one) === "", false);
export const useTheirs = (key, first) =>
  useSyncExternalStore(useCallback((f) => listen(readers, "theirs." + key, f), [key]), () => theirs.get(key) ?? first, () => first);
export const useApart = (key) =>
  useSyncExternalStore(useCallback((f) => listen(readers, "apart." + key, f), [key]), () => apart.has(key), () => false);
export const hearEdits = (f) => listen(readers, "edits", f);
// Whether an edit was made here that the database has not: it has those up to `rev`, and no line that is on its way.
export const useBehind = (rev) => useSyncExternalStore(hearEdits, () => made > rev || isTyped(), () => false);

// The server's figures are written as they come, before React looks at the answer: `state` of Reflex's store has the six
// sums under `sums`, and under `line` the total of the line a key was typed in, as [line, text].
export const useAnswers = (store, state, sums, line) => useLayoutEffect(() => {
  let last = null;
  const hear = (key, text) => {
    if (theirs.get(key) === text) return;
    theirs.set(key, text);
    figures.get(key)?.forEach((show) => show());
    readers.get("theirs." + key)?.forEach((draw) => draw());
  };
  const take = () => {
    const answer = store.getSnapshot(state), told = answer[line];
    SUMS.forEach((key, n) => hear(key, answer[sums][n] ?? ""));
    if (told !== last && told.length) { lines.add("line." + told[0]); hear("line." + told[0], told[1]); }
    last = told;
  };
  take();
  return store.subscribe(state, take);
}, [store, state, sums, line]);

const setLate = (ref, key, isLate) => {
  ref.current.toggleAttribute("data-late", isLate);
  if (isLate) apart.add(key);
  else apart.delete(key);
  readers.get("apart." + key)?.forEach((draw) => draw());
};
// One timer for all of them: to begin one for each figure and end it with the answer is work for each key.
const findLate = () => {
  const edge = performance.now() - LATE;
  for (const [ref, { key, since }] of waiting) {
    if (since > edge) break;
    waiting.delete(ref);
    setLate(ref, key, true);
  }
  const [next] = waiting.values();
  watch = next ? setTimeout(findLate, next.since - edge) : 0;
};

// `first`: the server's text as long as no answer tells another, null where it tells none.
export const useFigure = (key, first = null) => {
  const ref = useRef(null);
  useLayoutEffect(() => {
    const box = ref.current, node = new Text();
    let look = null, state = null;
    const set = (name, had, text) => { if (had !== text) box.setAttribute(name, text); return text; };
    const show = () => {
      const text = get(key);
      if (node.parentNode !== box) box.replaceChildren(node);  // what translates a page puts elements of its own there
      if (node.data !== text) node.data = text;
      look = set("data-look", look, text === "" ? "none" : text.length > ROOM ? "long" : "");
      if (first === null) return;
      const was = state;
      state = set("data-state", was, text === "" ? "faulty" : text === (theirs.get(key) ?? first) ? "confirmed" : "pending");
      if (state === was) return;
      if (apart.has(key)) setLate(ref, key, false);
      waiting.delete(ref);
      if (state !== "pending") return;
      waiting.set(ref, { key, since: performance.now() });
      watch ||= setTimeout(findLate, LATE);
    };
    show();
    return listen(figures, key, show);
  }, [key, first]);
  useLayoutEffect(() => () => { waiting.delete(ref); apart.delete(key); }, [key]);
  return ref;
};
