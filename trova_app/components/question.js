// The question about two texts stands at the top of the form. It comes while somebody types: the box in hand stays where it
// is in the window. Where the question is out of sight, a word that leads to it is shown, never over that box.
import { useLayoutEffect } from "react";

const GAP = 8;
const page = () => document.forms.lines?.closest(".completion");
const inHand = () => (document.forms.lines?.contains(document.activeElement) ? document.activeElement : null);
const topInHand = () => inHand()?.getBoundingClientRect().top;

const place = () => {
  const word = page()?.querySelector(".which-stays"), box = inHand()?.getBoundingClientRect();
  if (!word) return;
  word.style.removeProperty("--down");
  const at = word.getBoundingClientRect();
  const isOver = box && at.height && box.top < at.bottom && at.top < box.bottom && box.left < at.right && at.left < box.right;
  if (isOver) word.style.setProperty("--down", `${box.bottom + GAP - at.top}px`);
};

// In sight is more of it than its edge, between the bars at the top and at the bottom.
const watchSight = () => {
  const asks = page()?.querySelector(".asks"), bar = page()?.querySelector(".closing");
  if (!asks) return;
  const over = matchMedia("(min-width: 1024px)").matches ? 104 : 64;
  const under = Math.max(0, Math.round(innerHeight - bar.getBoundingClientRect().top));
  const told = ([{ isIntersecting }]) => { page()?.toggleAttribute("data-away", !isIntersecting); place(); };
  const sight = new IntersectionObserver(told, { rootMargin: `-${over}px 0px -${under}px 0px` });
  const later = () => requestAnimationFrame(place);
  sight.observe(asks);
  document.addEventListener("focusin", later);
  return () => {
    sight.disconnect();
    document.removeEventListener("focusin", later);
    page()?.removeAttribute("data-away");
  };
};

export const useQuestion = (isOpen) => {
  const before = topInHand();
  useLayoutEffect(() => {
    const now = topInHand();
    if (before !== undefined && now !== undefined) scrollBy(0, now - before);
    if (isOpen) return watchSight();
  }, [isOpen]);
};
export const toQuestion = () => {
  const asks = page().querySelector(".asks");
  asks.scrollIntoView();
  asks.focus({ preventScroll: true });
};
