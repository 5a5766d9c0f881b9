// Which step of the form a small screen shows. It is the page's own, so it changes with no round trip and with no connection;
// the server only asks for a step when it opens a field there. React owns every node, and none of what is written here.
import { useLayoutEffect } from "react";

let at = 1, asked = 0, hears = false;
const form = () => document.forms.lines;
const sectionOf = (step) => form().querySelector(`section[data-step="${step}"]`);

const show = () => {
  const page = form()?.closest(".completion");
  if (!page) return;
  form().dataset.step = at;
  for (const link of page.querySelectorAll(".stepper a")) {
    link.setAttribute("aria-current", link.dataset.go === String(at) ? "step" : "false");
  }
  page.querySelector("[data-go=back]").disabled = at === 1;
};

// A keyboard goes on from the head of the step. Where the step stands alone, the steps above it stay in sight.
const onClick = (e) => {
  const to = e.target.closest?.("[data-go]")?.dataset.go;
  if (!to || !form()) return;
  e.preventDefault();
  at = to === "back" ? Math.max(1, at - 1) : to === "on" ? Math.min(3, at + 1) : Number(to);
  show();
  const section = sectionOf(at);
  section.focus({ preventScroll: true });
  if (matchMedia("(min-width: 1024px)").matches) section.scrollIntoView();
  else form().closest(".completion").querySelector(".stepper").scrollIntoView({ block: "nearest" });
};

// `asks` grows whenever the server wants `step` shown. Another form begins with its first step.
export const useStep = (form, asks, step) => {
  useLayoutEffect(() => {
    at = 1;
    if (!hears) document.addEventListener("click", onClick);
    hears = true;
  }, [form]);
  useLayoutEffect(() => {
    if (asks > 0 && asks !== asked) at = step;
    asked = asks;
    show();
  }, [form, asks]);
};
