// What was typed here and is not in the database yet: put back where a box was drawn anew while its keys were under way,
// said again after a break, asked about before somebody leaves, posted as the page goes. React owns every node: this only
// puts the text of a box, which React leaves alone.
import { useEffect, useSyncExternalStore } from "react";
import { ROOM, forgetActs, hasActed, heardPress, isOpenAt, savedActs, toldLast, toldUpTo, wordsSince } from "./acts.js";
import { boxNamed, boxesOf, edits, hearEdits, onEdit } from "./figures.js";
import { come } from "./grid_keys.js";
import { isHeld, keeps, member } from "./signed_out.js";
import { first, forget, isTyped, linesAhead, posted, typedAhead } from "./typed_ahead.js";

const KEEP = "/forms/unsaved";  // web/unsaved.py
const MOST = 3;  // of what waits for the connection, shown
const SHOWN_AFTER = 850;  // ms; in the style sheet, too
const DRAWN_BY = 3000;  // ms; what was posted is drawn here by then, or somebody else has changed it
const typed = new Map();  // name -> { rev, text, mine, words }: a box's last edit, the texts it has had here, its words
let at = 0, saved = 0, drawn = 0, isRefused = false, hears = false;

const form = () => document.forms.lines;
const boxes = () => boxesOf(form()).filter((e) => e.name && e.type !== "hidden");
const textOf = (e) => e.type === "checkbox" ? (e.checked ? "on" : "") : e.value;
const drawnOf = (e) => e.tagName === "SELECT" ? null  // React does not tell
  : e.type === "checkbox" ? (e.defaultChecked ? "on" : "")
  : e.type === "radio" ? boxes().find((one) => one.name === e.name && one.defaultChecked)?.value ?? "" : e.defaultValue;
const isOpen = (name) => (typed.get(name)?.rev ?? 0) > saved;
const open = () => [...typed].filter(([name]) => isOpen(name));
const put = (box, text) => {
  if (box instanceof RadioNodeList) box.value = text;
  else if (box.type === "checkbox") box.checked = text === "on";
  else Object.getOwnPropertyDescriptor(Object.getPrototypeOf(box), "value").set.call(box, text);
};

// Asked every few seconds: whether an edit was unsaved the last time too, and not only since the last key.
let askedAt = 0;
export const isStuck = () => {
  const before = askedAt;
  askedAt = edits();
  if (isHeld()) return false;
  return isRefused || isTyped() || isOpenAt(before) || open().some(([, edit]) => edit.rev <= before);
};
export const isUnsaved = () => isRefused || isTyped() || isOpenAt(edits()) || open().length > 0;
const drop = () => {
  typed.clear();
  forget();
  forgetActs();
};
keeps(isUnsaved, () => { drop(); isRefused = false; });

// With each edit. A box whose last edit is saved begins anew, from what it was drawn with.
onEdit((box) => {
  if (!box.name) return;
  const was = typed.get(box.name), goesOn = isOpen(box.name);
  const begun = box.tagName === "SELECT" ? [...box.options].map((one) => one.value) : [was?.text, drawnOf(box)];
  const mine = goesOn ? was.mine : new Set(begun.filter((text) => typeof text === "string"));
  const words = was ? was.words : box.ariaLabel ?? "";
  const from = goesOn ? was.from : box.tagName === "SELECT" ? null : [...mine][0] ?? null;
  typed.set(box.name, { rev: edits(), text: textOf(box), mine: mine.add(textOf(box)), from, words });
});

const isTypedIn = (from, to) => [...typed.values()].some(({ rev }) => rev > from && rev < to);
// What was done here and cannot be seen yet: lines that are on their way, with what was typed into them, and acts.
let onTheWay = [];
const waiting = () => {
  const all = [...wordsSince(Math.max(drawn, saved), isTypedIn, first()), ...linesAhead().map((text) => text ? `a new line: ${text}` : "a new line")];
  const now = all.length > MOST ? [`${all.length - MOST + 1} more`, ...all.slice(1 - MOST)] : all;
  if (now.join("\n") !== onTheWay.join("\n")) onTheWay = now;
  return onTheWay;
};
// It stands in the bar, which grows with it, and not over the box in hand.
const clear = () => {
  const box = document.activeElement, bar = form()?.querySelector(".closing");
  if (!bar || !form().contains(box) || bar.contains(box) || getComputedStyle(bar).position !== "sticky") return;
  const over = box.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
  if (over > 0) scrollBy(0, over + 8);
};
export const useWaiting = (_rev) => {
  const now = useSyncExternalStore(hearEdits, () => waiting(), waiting);
  useEffect(() => {
    const shown = setTimeout(clear, SHOWN_AFTER);
    return () => clearTimeout(shown);
  }, [now.length]);
  return now;
};

// What was typed into a form that has gone from the page unsaved: somebody else has finished it.
let lost = { of: 0, cells: [] };
export const lostOf = (appointment) => {
  if (appointment === at && at && !isHeld() && !form()) answered(0, 0, false, "");  // it went while the page was covered
  return lost.of === appointment ? lost.cells : [];
};
export const forgetLost = () => { lost = { of: 0, cells: [] }; return true; };

// With each answer: the database has the edits of this form up to `rev`.
export const answered = (appointment, rev, refused, press, idle = "") => {
  if (isHeld()) return;
  if (appointment !== at) {
    const cells = open().map(([name, edit]) => [name, edit.text, edit.words]), { cells: ahead } = typedAhead();
    lost = { of: at, cells: appointment ? [] : [...cells, ...ahead.map(([name, text]) => [name, text, ""])] };
    drop();
    saved = drawn = 0;
  }
  at = appointment;
  saved = Math.max(saved, rev);
  isRefused = refused;
  savedActs(saved, idle);
  heardPress(press);
};

// After the form was drawn with the edits up to `rev`: a later one is put back; what was drawn since stands. What an act
// of this page has put into a box that was typed into behind it is nobody else's text.
export const putBack = (rev) => {
  if (isHeld()) return;
  const isMine = hasActed(drawn, rev);
  drawn = Math.max(drawn, rev);
  for (const [name, edit] of typed) {
    const box = boxNamed(form(), name);
    if (!box || (box instanceof RadioNodeList ? box.value : textOf(box)) === edit.text) continue;
    if (edit.rev > Math.max(saved, rev)) {
      if (isMine && typeof drawnOf(box) === "string") edit.mine.add(drawnOf(box));
      put(box, edit.text);
    } else typed.delete(name);
  }
};

// [name, text, the text it came from, its edit] of each box that shows something else than was drawn, and of each that has
// gone with something unsaved in it. The same text twice: nobody typed here. null: the drawn text is one of ours;
// otherwise somebody else has changed it as well. What was typed after an act that is not told of yet waits with it.
export const shownHere = () => {
  if (isHeld()) return [];
  const here = boxes().filter((e) => e.type !== "radio" || e.checked).flatMap((e) => {
    const text = textOf(e), drawn = drawnOf(e), edit = typed.get(e.name);
    if (text === drawn) return [];
    if (!isOpen(e.name)) return [[e.name, text, text, 0]];
    return [[e.name, text, drawn === null || edit.mine.has(drawn) ? null : edit.from, edit.rev]];
  });
  const gone = open().filter(([name]) => !boxNamed(form(), name)).map(([name, { text, from, rev }]) => [name, text, from, rev]);
  const upTo = toldUpTo();
  return [...here, ...gone].filter(([, , , rev]) => rev <= upTo);
};

const goOn = () => { posted(false); come(); };
// The page goes, or a phone turns to something else: nobody can be asked any more.
const post = (goes) => {
  if (isHeld()) return;
  const here = open().map(([name, { text, mine, rev }]) => [name, text, [...mine], rev]), ahead = typedAhead();
  const known = (texts) => texts.filter((_, n, all) => n < 2 || n > all.length - 30);  // a page that goes may post little
  const cells = [...here, ...ahead.cells].map(([name, text, mine, ...rev]) => [name, text, known(mine), ...rev]);
  const order = boxes().filter(({ name }) => name.startsWith("qty.")).map(({ name }) => name.slice(4));
  const told = { form: at, by: member(), goes, lines: ahead.lines, order: [...order, ...ahead.lines], cells };
  const acts = toldLast(ROOM - new Blob([JSON.stringify(told)]).size, isTypedIn);
  if (!cells.length && !acts.length) return;
  const body = JSON.stringify({ ...told, acts });
  posted(true);
  fetch(KEEP, { method: "POST", keepalive: true, headers: { "Content-Type": "application/json" }, body })
    .then(({ ok }) => setTimeout(goOn, ok ? DRAWN_BY : 0), goOn);
};
const hold = (e) => {
  if (!isUnsaved()) return;
  e.preventDefault();
  setTimeout(() => document.dispatchEvent(new Event("visibilitychange")), 300);  // Reflex has cut the line: for who stays
};

export const watch = () => {
  if (hears) return;
  hears = true;
  window.addEventListener("beforeunload", hold);
  window.addEventListener("pagehide", () => post(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && post(false));
};

// In the app itself: the save is waited for; who has waited long enough is asked.
export const holdBack = (blocker, save) => {
  if (blocker.state !== "blocked") return undefined;
  if (!isUnsaved()) return void blocker.proceed();
  save();
  const leave = () => window.confirm("Not everything you typed here is saved yet. Leave this form anyway?");
  const waiting = setTimeout(() => (leave() ? blocker.proceed() : blocker.reset()), 2500);
  return () => clearTimeout(waiting);
};
