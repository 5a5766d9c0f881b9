// A sign-in that ends while something typed here is not saved: the page covers itself and keeps what it has, in its memory,
// until the same person signs in (docs/decisions/0020). With nothing unsaved it leaves for the sign-in page.
import { useContext, useLayoutEffect, useSyncExternalStore } from "react";
import { StateStoreContext } from "$/utils/context-registry";

const PAUSE = 700;  // ms without a key, and the page is covered: who is in the middle of a word ends it
const AGAIN = 1500;  // ms until a line is made again that was not made with the new sign-in,
const TRIES = 6;  // so often
const NOWHERE = "line";  // the problem where nobody answers; the others are those of web/sign_in.py

let now = { held: "", isCovered: false, problem: "", isBusy: false };  // held: "out", "other" (is signed in), "" (nothing is)
let whose = 0;  // the member who types here
let here = {}, cursor = null, quiet = 0, again = 0, isComing = false, hears = false;
let unsaved = { is: () => false, drop: () => {} };
const readers = new Set();
const set = (change) => { now = { ...now, ...change }; readers.forEach((draw) => draw()); };

export const keeps = (is, drop) => { unsaved = { is, drop }; };
export const member = () => whose;
export const isHeld = () => now.held !== "";

// Reflex ends its line as a page goes and makes another as one comes back: then with the cookie there is by now.
const reconnect = (tries = 1) => {
  clearTimeout(again);
  if (!isHeld()) return;
  if (tries > TRIES) return set({ isBusy: false, problem: NOWHERE });
  isComing = true;
  dispatchEvent(new PageTransitionEvent("pagehide"));
  document.dispatchEvent(new Event("visibilitychange"));
  isComing = false;
  if (now.isBusy) again = setTimeout(reconnect, AGAIN, tries + 1);
};

const cover = () => {
  if (!isHeld() || now.isCovered) return;
  const box = document.activeElement;
  cursor = { box, at: box?.name && [box.selectionStart, box.selectionEnd] };
  set({ isCovered: true });
};
const onKey = () => { clearTimeout(quiet); quiet = setTimeout(cover, PAUSE); };
const hold = (why) => {
  clearTimeout(again);
  here = isHeld() ? here : { state: history.state, href: location.href };
  set({ held: why, isBusy: false });
  if (why === "other") cover();
  else onKey();
};
const release = () => {
  clearTimeout(again);
  if (isHeld()) set({ held: "", isCovered: false, problem: "", isBusy: false });
};
// Who types while the page is about to leave keeps it here.
const leave = ({ signIn }) => {
  location.replace(`${signIn}?next=${encodeURIComponent(location.pathname + location.search)}`);
  addEventListener("keydown", () => setTimeout(() => {
    if (isHeld() || !unsaved.is()) return;
    stop();
    hold("out");
  }), true);
};

const listen = () => {
  if (hears) return;
  hears = true;
  ["keydown", "input"].forEach((name) => addEventListener(name, () => isHeld() && !now.isCovered && onKey(), true));
  // Somebody may have signed in elsewhere in this browser.
  const look = () => { if (now.isCovered && !now.isBusy && !isComing && document.visibilityState === "visible") reconnect(); };
  addEventListener("focus", look);
  document.addEventListener("visibilitychange", look);
  addEventListener("popstate", (e) => {  // before the router hears of it
    if (!isHeld()) return;
    e.stopImmediatePropagation();
    history.pushState(here.state, "", here.href);
  }, true);
};

// The sign-in as the server tells it: `state` of Reflex's store says whether it has `ended` and which `member` it is of.
// Heard before React looks: what is held must not be said again, nor forgotten.
export const useSignIn = (state, ended, of, places) => {
  const store = useContext(StateStoreContext);
  useLayoutEffect(() => {
    listen();
    const take = () => {
      const { [ended]: isOver, [of]: who } = store.getSnapshot(state);
      if (isOver) {
        if (isHeld() || places.open.some((page) => location.pathname.startsWith(page))) return;
        if (unsaved.is()) hold("out");
        else leave(places);
      } else if (who && whose && who !== whose && unsaved.is()) hold("other");
      else if (who) {
        whose = who;
        release();
      }
    };
    take();
    return store.subscribe(state, take);
  }, [store, state, ended, of]);
};
export const useHeld = () => useSyncExternalStore(
  (draw) => { readers.add(draw); return () => readers.delete(draw); }, () => now, () => now);

// -- the question in front of the page

export const show = (dialog) => {
  if (dialog) return void (dialog.open || dialog.showModal());
  const { box, at } = cursor ?? {};
  setTimeout(() => {
    const there = box?.isConnected ? box : box?.name && document.querySelector(`[name="${CSS.escape(box.name)}"]`);
    there?.focus?.();
    if (typeof at?.[0] === "number") there?.setSelectionRange?.(...at);
  });
};
export const stay = (e) => e.preventDefault();
export const openAgain = (e) => isHeld() && e.target.showModal();  // a second Escape cannot be prevented

export const signIn = async (e) => {
  e.preventDefault();
  if (now.isBusy) return;
  const form = e.currentTarget, body = new URLSearchParams(new FormData(form));
  set({ isBusy: true, problem: "" });
  const problem = await fetch(form.action, { method: "POST", body }).then(
    ({ ok, url }) => ok ? new URL(url).searchParams.get("problem") ?? "" : NOWHERE, () => NOWHERE);
  if (!problem) {
    form.reset();
    form.elements.email.focus();
    return reconnect();
  }
  form.elements.password.value = "";
  form.elements.password.focus();
  set({ isBusy: false, problem });
};
export const leaveWithoutIt = () => {
  if (!confirm("What you typed here and is not saved will be gone. Leave without it?")) return;
  const { held } = now;
  unsaved.drop();
  set({ held: "" });
  if (held === "other") location.reload();
  else location.replace(document.forms["signed-out"].dataset.leave + encodeURIComponent(location.pathname + location.search));
};
