// A list of choices under a box (a WAI-ARIA combobox), marked and taken here in the page, with no round trip. The server
// draws the choices for the words in `data-for`; in a list with `data-first` the first of them is marked to begin with.
// React owns every node: what is expanded and marked is written by this alone, and a list shows while its box is expanded.
export const listOf = (box) => {
  const list = box?.matches?.("[role=combobox]") && document.getElementById(box.getAttribute("aria-controls"));
  return list?.dataset?.for === undefined ? null : list;  // others mark their lists themselves
};
const boxOf = (list) => list && document.querySelector(`[role=combobox][aria-controls="${list.id}"]`);
export const choicesIn = (list) => [...list.querySelectorAll("[role=option]")];
const isOpen = (box) => box.getAttribute("aria-expanded") === "true";
export const isFor = (box, list) => list.dataset.for === box.value;
const markedIn = (list) => choicesIn(list).findIndex((one) => one.getAttribute("aria-selected") === "true");
let hears = false, open = null, early = null;  // early: keys that came before the choices they are for
let hear = () => {};
export const onDrawn = (f) => { hear = f; };

const mark = (box, list, n) => {
  const all = choicesIn(list);
  all.forEach((one, at) => one.setAttribute("aria-selected", String(at === n)));
  if (all[n]) box.setAttribute("aria-activedescendant", all[n].id);
  else box.removeAttribute("aria-activedescendant");
  all[n]?.scrollIntoView({ block: "nearest" });
};
const show = (box, list, is) => {
  box.setAttribute("aria-expanded", String(is));
  if (is) open = list;
  else if (open === list) open = null;
  if (!is) mark(box, list, -1);
};
const step = (box, list, by) => {
  const count = choicesIn(list).length, at = markedIn(list);
  mark(box, list, at < 0 ? (by > 0 ? 0 : count - 1) : (at + by + count) % count);
};

// A key in a box that has a list. True where it was the list's.
export const listKey = (box, key) => {
  const list = listOf(box), by = { ArrowDown: 1, ArrowUp: -1 }[key], isSearch = list?.hasAttribute("data-first");
  if (!list || !(by || key === "Enter" || key === "Escape") || !(isSearch || isOpen(box))) return false;
  if (key === "Escape") {
    const was = isOpen(box);
    early = null;
    show(box, list, false);
    return was;
  }
  if (!isFor(box, list)) {
    if (by) early = { box, words: box.value, steps: [...(early?.steps ?? []), by], takes: false };
    else if (early || isSearch) early = { steps: [], ...early, box, words: box.value, takes: true };
    return Boolean(by || early);
  }
  const taken = choicesIn(list)[markedIn(list)];
  if (by && isOpen(box)) step(box, list, by);
  else if (!by && isOpen(box)) taken?.click();
  return Boolean(by || taken || isSearch);
};

// Above the box where the closing buttons would cover it below.
const bringIntoSight = (box, list) => {
  list.removeAttribute("data-up");
  [list, box].forEach((one) => one.scrollIntoView({ block: "nearest" }));
  const end = document.querySelector(".closing")?.getBoundingClientRect().top ?? innerHeight, at = list.getBoundingClientRect();
  list.toggleAttribute("data-up", at.bottom > end && box.getBoundingClientRect().top > at.height + 8);
};

// The server has drawn the choices of this list.
export const drawn = (id) => {
  const list = document.getElementById(id), box = boxOf(list);
  if (!box) return;
  const isThere = choicesIn(list).length > 0, keys = early?.box === box && early.words === box.value && isFor(box, list) ? early : null;
  show(box, list, isThere && document.activeElement === box);
  if (isOpen(box)) bringIntoSight(box, list);
  if (isOpen(box) && list.hasAttribute("data-first")) mark(box, list, 0);
  if (isFor(box, list)) hear(box, list);
  if (!keys) return;
  early = null;
  if (!isOpen(box)) return;
  keys.steps.forEach((by) => step(box, list, by));
  if (keys.takes) choicesIn(list)[markedIn(list)]?.click();
};

const onInput = (e) => {
  const list = listOf(e.target);
  if (!list) return;
  early = null;
  mark(e.target, list, -1);
};
// A tablet whose keyboard is put away takes the cursor out of the box, and the list is still to be chosen from.
const onLeave = (e) => {
  const list = listOf(e.target);
  if (!list) return;
  early = null;
  if (e.relatedTarget || !matchMedia("(pointer: coarse)").matches) show(e.target, list, false);
};
const onDown = (e) => {
  if (open && !open.contains(e.target) && e.target !== boxOf(open) && boxOf(open)) show(boxOf(open), open, false);
};
const onClick = (e) => {
  const list = e.target.closest?.("[role=option]")?.closest("[role=listbox][data-for]");
  if (list && boxOf(list)) show(boxOf(list), list, false);
};
// Of boxes that are no cells; `grid_keys.js` asks for those.
const onKey = (e) => {
  if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey || !listOf(e.target)?.hasAttribute("data-first")) return;
  if (listKey(e.target, e.key)) e.preventDefault();
};

export const watch = () => {
  if (hears) return;
  hears = true;
  document.addEventListener("input", onInput, true);
  document.addEventListener("focusout", onLeave);
  document.addEventListener("pointerdown", onDown);
  document.addEventListener("click", onClick);
  document.addEventListener("keydown", onKey, true);
};
