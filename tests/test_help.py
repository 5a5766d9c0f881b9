"""The help speaks of what is there: its words are the pages' own, its commands are real, its pictures exist."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from trova_app import cli, routes
from trova_app.domain.appointments import Tab
from trova_app.domain.invoices import Label
from trova_app.help_topics import TOPICS, Topic
from trova_app.pages import help as help_page
from trova_app.pages.help import MARKED
from trova_app.settings import ROOT
from trova_app.state.billing import TABS
from trova_app.state.help import topics_with

BY_KEY = {topic.key: topic for topic in TOPICS}
DRAWN = sorted([*(ROOT / "trova_app/pages").glob("*.py"), *(ROOT / "trova_app/components").glob("*.py")])
PICTURES = ROOT / "assets" / "help"


def words_on_pages() -> set[str]:
    """Every text in the sources of pages and components, but for the Help page, and the names of tabs and statuses."""
    found = (
        {tab.value.capitalize() for tab in Tab} | {tab.capitalize() for tab in TABS} | {label.value for label in Label}
    )
    for path in DRAWN:
        if path.name != Path(help_page.__file__).name:
            found |= set(_texts(path.read_text()))
    return found


def _texts(source: str) -> Iterator[str]:
    """The strings of a source that are no docstrings."""
    tree = ast.parse(source)
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in said:
            yield node.value


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.key)
def test_every_button_and_field_the_help_names_reads_so_on_a_page(topic: Topic) -> None:
    named = {found["label"] for step in topic.steps for found in MARKED.finditer(step) if found["label"]}
    assert named - words_on_pages() == set()


def test_a_word_that_no_page_says_is_noticed() -> None:
    assert "Mark Session Complete" in words_on_pages()
    assert "Save Changes" not in words_on_pages()
    assert list(_texts('"""Send Fax"""\nbutton("Send Receipt")')) == ["Send Receipt"]


def test_every_command_the_help_gives_exists_with_its_options() -> None:
    group = typer.main.get_command(cli.app)
    given = [
        found["typed"] for topic in TOPICS for step in topic.steps for found in MARKED.finditer(step) if found["typed"]
    ]
    assert given
    for typed in given:
        name, *words = shlex.split(typed)
        if name.startswith("--"):
            continue  # an option by itself: it stands in a whole command before
        command = group
        while words and hasattr(command, "commands"):
            assert words[0] in command.commands, typed
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words if word.startswith("--")} <= options, typed


def test_every_topic_has_a_place_of_its_own_and_few_short_steps() -> None:
    assert len(BY_KEY) == len(TOPICS)
    for topic in TOPICS:
        assert re.fullmatch(r"[a-z-]+", topic.key)
        assert 2 <= len(topic.steps) <= 6, topic.key
        assert all(step.endswith((".", "].")) and len(step) < 260 for step in topic.steps), topic.key


def test_every_picture_is_there_and_small_and_none_lies_about() -> None:
    shown = {topic.picture.rsplit("/", 1)[1] for topic in TOPICS if topic.picture}
    kept = {file.name: file.stat().st_size for file in PICTURES.glob("*.webp")}
    assert set(kept) == shown
    assert max(kept.values()) <= 70_000 and sum(kept.values()) <= 600_000


@pytest.mark.parametrize(
    ("words", "key"),
    [
        ("receipt", "receipts"),
        ("MEDICAL aid", "insurance-payment"),
        ("mark session missed", "missed"),
        ("price list", "schemes"),
        ("merge", "merge"),
        ("csv", "import"),
        ("stripe", "payment-settings"),
        ("r\u00e9fund", "correct"),
    ],
)
def test_a_word_finds_the_topic_that_speaks_of_it(words: str, key: str) -> None:
    assert key in topics_with(words)
    assert len(topics_with(words)) < len(TOPICS)


@pytest.mark.parametrize("words", ["", "   ", None, 5, ["receipt"], {"a": 1}])
def test_no_words_show_every_topic(words: object) -> None:
    assert topics_with(words) == list(BY_KEY)


def test_words_of_nothing_find_nothing() -> None:
    assert topics_with("neuroscience of whales") == []


def test_every_empty_list_leads_to_the_topic_that_helps() -> None:
    calls = [
        (path.name, ast.unparse(node))
        for path in DRAWN
        if path.name != Path(help_page.__file__).name
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "empty"
    ]
    assert len(calls) > 10
    assert [call for call in calls if "how(" not in call[1]] == []


def test_links_lead_to_topics_that_are_there() -> None:
    leads = [text for path in DRAWN for text in _texts(path.read_text()) if text.startswith(f"{routes.HELP}#")]
    assert all(text.partition("#")[2] in BY_KEY for text in leads)
