// What is done to lines and diagnoses as a whole, by a key or a button. Each has a key of its own: the page says it again
// after a break until the database has it, and it is done once (docs/decisions/0019).
import { boxesOf, counted, edits } from "./figures.js";
import { isHeld } from "./signed_out.js";
import { byChance } from "./typed_ahead.js";

export const ROOM = 60000;  // bytes said again at once; what does not fit waits for the next time
const MOST = 100;  // acts that wait to be saved, as a key held down makes them; services/form_acts.py takes as many at once
let open = [], pressed = "", tell = () => {};
let done = [];  // the edits of late that were acts
const FILLS = new Set(["paste", "last_time", "scheme_prices"]);
// [name, text] of every cell, as an act that fills many of them found it: said later it covers nobody's text.
const shown = () => boxesOf(document.forms.lines).filter((box) => box.name.includes(".")).map((box) => [box.name, box.value]);

export const tellBy = (f) => { tell = f; };
export const act = (name, ...args) => {
  if (open.length >= MOST && name !== "add") return false;
  const one = { name, args, key: byChance(10), had: FILLS.has(name) ? shown() : [], rev: counted() };
  open.push(one);
  done = [...done.slice(-MOST), one.rev];
  tell(name, args, one.key, one.rev);
  return true;
};
// Those that nobody has taken back: an Undo behind which nothing was typed is about the act before it.
const standing = (all, isTyped) => {
  const left = [], back = [];
  all.forEach((one) => {
    const last = left.at(-1);
    if (one.name === "undo" && last && !isTyped(last.rev, one.rev)) back.push(left.pop());
    else if (one.name === "redo" && back.length) left.push(back.pop());
    else if (one.name !== "undo" && one.name !== "redo") left.push(one);
  });
  return left;
};
// Whether an act was among the edits after `rev`, up to `to`.
export const hasActed = (rev, to) => done.some((one) => one > rev && one <= to);
export const isOpenAt = (rev) => open.some((one) => one.rev <= rev);
// The database has the acts of this form up to `rev`; those with the keys `idle` changed nothing.
export const savedActs = (rev, idle) => { open = open.filter((one) => one.rev > rev && !idle.includes(one.key)); };

// What was done after the edit `rev`, in words for the person who did it. `but`: the line whose adding is not told.
const WORDS = {
  add: "a new line", duplicate: "a line duplicated", remove: "a line removed", move: "a line moved", put: "a line moved",
  paste: "a block pasted", fill: "a chosen code", last_time: "the lines of last time", scheme_prices: "the scheme's prices",
  add_code: "a diagnosis", remove_code: "a diagnosis removed",
};
export const wordsSince = (rev, isTyped, but) => standing(open, isTyped)
  .filter((one) => one.rev > rev && (!but || one.args[0] !== but)).map(({ name }) => WORDS[name]);

const fitting = (room = ROOM) => open.filter(({ name, args, had }, n) =>
  n < MOST && (room -= new Blob([JSON.stringify([name, args, had])]).size + 20) >= 0);
const told = (all) => all.map(({ name, args, key, rev, had }) => [name, args, key, rev, had]);
export const toldAgain = () => isHeld() ? [] : told(fitting());
// `room`: in bytes; a page that goes posts texts beside them, and nobody is left to take anything back.
export const toldLast = (room, isTyped) => told(standing(fitting(room), isTyped));
export const toldUpTo = () => fitting().length === open.length ? edits() : open[fitting().length].rev - 1;

// The press of a closing button that nothing was heard of yet.
export const press = () => (pressed = byChance(10));
export const unheard = () => pressed;
export const heardPress = (key) => { if (key === pressed) pressed = ""; };
export const forgetActs = () => { [open, pressed, done] = [[], "", []]; };
