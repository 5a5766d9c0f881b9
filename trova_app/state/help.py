"""The Help page: which topics fit what somebody looks for, and where the practice's people ask. Nothing in it is
private, so that also whoever cannot sign in reads it."""

import reflex as rx

from trova_app.help_topics import TOPICS, Topic
from trova_app.services.arguments import folded, search_words
from trova_app.state.frame import Frame
from trova_app.state.marks import handler


def topics_with(words: object) -> list[str]:
    """The keys of the topics in which every word stands, in the page's order; all of them for no words."""
    wanted = search_words(words)
    return [topic.key for topic in TOPICS if all(word in _text_of(topic) for word in wanted)]


def _text_of(topic: Topic) -> str:
    return folded(" ".join([topic.title, topic.words, *topic.steps])).replace("[", "").replace("]", "")


class Help(rx.State):
    hidden: list[str] = []
    """Topics that do not fit what is looked for."""
    is_found: bool = True

    @handler(public=True)
    async def load(self) -> None:
        self.hidden, self.is_found = [], True
        await (await self.get_state(Frame))._look_again()

    @handler(public=True)
    def look_for(self, words: str) -> None:
        fitting = topics_with(words)
        self.hidden = [topic.key for topic in TOPICS if topic.key not in fitting]
        self.is_found = bool(fitting)
