"""Help: the steps of each task in short, with pictures, and where to ask when that is not enough."""

import re
from typing import Any

import reflex as rx

from trova_app.components.frame import framed
from trova_app.components.links import out
from trova_app.components.page_parts import head, search_box
from trova_app.help_topics import TOPICS, Topic
from trova_app.state.frame import Frame
from trova_app.state.help import Help as S

MARKED = re.compile(r"\[(?P<label>[^\]]+)\]|`(?P<typed>[^`]+)`")
# A link to a topic from another page arrives before the page is drawn.
TO_TOPIC = """useEffect(() => {
  const go = () => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
  go();
  addEventListener("hashchange", go);
  return () => removeEventListener("hashchange", go);
}, [])"""


class ToTopic(rx.Fragment):
    """In the browser: shows the topic the address names. Draws nothing."""

    def add_imports(self) -> dict[str, str]:
        return {"react": "useEffect"}

    def add_hooks(self) -> list[rx.Var[Any]]:
        return [rx.Var(TO_TOPIC)]


def help_page() -> rx.Component:
    return framed(
        "Help",
        rx.el.link(rel="stylesheet", href="/help/help.css", custom_attrs={"precedence": "default"}),
        ToTopic.create(),
        head(
            "Help",
            search_box(rx.Var.create(""), S.look_for.debounce(150), "A word, such as receipt"),
            under=rx.el.p("The steps of each task, in the words of the buttons.", class_name="muted mt-1"),
        ),
        _support(),
        rx.el.p(
            rx.cond(S.is_found, "", "Nothing here has all of these words. Try one of them."),
            role="status",
            class_name="empty empty:hidden",
        ),
        rx.el.div(_contents(), rx.el.div(*map(_topic, TOPICS), class_name="min-w-0"), class_name="help"),
        for_all=True,
    )


def _support() -> rx.Component:
    ask = rx.el.p(
        "Stuck? ", out(Frame.support, "Ask for support"), " at your practice's own address.", class_name="callout mb-5"
    )
    return rx.cond(Frame.support != "", ask)


def _is_hidden(topic: Topic) -> rx.Var[bool]:
    return S.hidden.contains(topic.key)


def _contents() -> rx.Component:
    listed = (
        rx.el.li(out(f"#{topic.key}", topic.title, class_name="help-way"), hidden=_is_hidden(topic)) for topic in TOPICS
    )
    return rx.el.nav(
        rx.el.ul(*listed, class_name="plain-list gap-0!"),
        class_name="help-contents",
        custom_attrs={"aria-label": "Topics"},
    )


def _topic(topic: Topic) -> rx.Component:
    return rx.el.section(
        rx.el.h2(topic.title, id=f"{topic.key}-title"),
        rx.el.p(topic.words, class_name="muted mt-1"),
        rx.el.ol(*(rx.el.li(*_marked(step)) for step in topic.steps), class_name="help-steps"),
        _picture(topic),
        id=topic.key,
        hidden=_is_hidden(topic),
        class_name="help-topic",
        custom_attrs={"aria-labelledby": f"{topic.key}-title"},
    )


def _picture(topic: Topic) -> rx.Component:
    if not topic.picture:
        return rx.fragment()
    room = {"width": "1024", "height": "640"}  # as attributes: as props they would become an inline style
    return rx.el.img(src=topic.picture, alt=topic.alt, loading="lazy", class_name="help-picture", custom_attrs=room)


def _marked(text: str) -> list[Any]:
    """The text's plain parts, and what reads so on a page or is typed."""
    parts, at = [], 0
    for found in MARKED.finditer(text):
        parts.append(text[at : found.start()])
        label, typed = found["label"], found["typed"]
        parts.append(rx.el.strong(label) if label else rx.el.code(typed))
        at = found.end()
    return [*parts, text[at:]]
