"""Passwords are kept as argon2id, compared in full, and refused when strangers would try them first."""

import pytest

from trova_app.settings import Settings
from trova_app.web import passwords


def test_only_the_whole_password_fits() -> None:
    long = "x" * 72 + "the end that bcrypt would not read"
    known = passwords.hash_password(long)
    assert known.startswith("$argon2id$")
    assert passwords.is_password(known, long)
    assert not passwords.is_password(known, long[:-1])
    assert not passwords.is_password(known, long.upper())


@pytest.mark.parametrize("known", [None, "", "!", "plain text"])
def test_nobody_gets_in_without_a_hash(known: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "_nobodys", lambda: passwords.hash_password("nobody's"))
    assert not passwords.is_password(known, "nobody's"), "the stand-in fits nobody"
    assert not passwords.is_password(known, "")


def test_cheap_hashes_are_for_tests_only(monkeypatch: pytest.MonkeyPatch) -> None:
    for mode, cheap in (("test", True), ("demo", False), ("live", False)):
        passwords._hasher.cache_clear()
        monkeypatch.setattr(passwords, "settings", lambda mode=mode: Settings(mode=mode, cheap_passwords=True))
        assert ("m=8," in passwords.hash_password("a sentence")) is cheap
    passwords._hasher.cache_clear()


def test_a_hash_made_with_weaker_parameters_is_renewed(monkeypatch: pytest.MonkeyPatch) -> None:
    weak = passwords.hash_password("a sentence")
    passwords._hasher.cache_clear()
    monkeypatch.setattr(passwords, "settings", lambda: Settings(mode="live"))
    assert passwords.is_outdated(weak)
    passwords._hasher.cache_clear()


@pytest.mark.parametrize("password", ["short", "elevenchars", "password1234", "aaaaaaaaaaaaaaaa", "x" * 1025])
def test_a_weak_new_password_is_refused_with_a_sentence(password: str) -> None:
    assert passwords.problem_with(password).endswith(".")


@pytest.mark.parametrize("password", ["twelve chars", "a short sentence is fine", "ünïcödé päßwörd", "9f8a7c6b5d4e"])
def test_a_good_new_password_is_taken(password: str) -> None:
    assert passwords.problem_with(password) == ""
