"""Pages are plain elements: one component of Radix Themes would bring back its 700 kB of styles."""

from collections.abc import Iterator

import reflex as rx

from trova_app.trova_app import PAGES


def libraries(component: rx.Component) -> Iterator[str]:
    yield from component._get_all_imports()


def test_no_page_draws_a_radix_themes_component() -> None:
    for page in PAGES:
        found = {name for name in libraries(page.draw()) if name.startswith("@radix-ui/themes")}
        assert not found, f"{page.route} draws {found}"


def test_the_check_would_find_one() -> None:
    assert any(name.startswith("@radix-ui/themes") for name in libraries(rx.text("x")))
