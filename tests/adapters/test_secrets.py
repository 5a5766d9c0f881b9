"""Gateway keys at rest: nobody reads them without the installation's key, and a wrong key says what to do."""

import pytest

from trova_app.adapters.secrets import Unreadable, Vault

KEY = "rk_test_51Abc"


def test_a_stored_key_opens_again_and_does_not_show_itself():
    vault = Vault(b"installation")
    sealed = vault.seal(KEY, "practice 1")
    assert sealed.startswith("v1:") and "51Abc" not in sealed
    assert vault.open(sealed, "practice 1") == KEY
    assert Vault(b"installation").open(sealed, "practice 1") == KEY


def test_the_same_key_stored_twice_does_not_look_the_same():
    vault = Vault(b"installation")
    assert vault.seal(KEY, "practice 1") != vault.seal(KEY, "practice 1")


def test_another_installations_key_opens_nothing_and_says_what_to_put_back():
    sealed = Vault(b"installation").seal(KEY, "practice 1")
    with pytest.raises(Unreadable, match="TROVA_SECRET_KEY"):
        Vault(b"another").open(sealed, "practice 1")


def test_a_stored_key_does_not_open_for_another_practice():
    vault = Vault(b"installation")
    with pytest.raises(Unreadable):
        vault.open(vault.seal(KEY, "practice 1"), "practice 2")


@pytest.mark.parametrize("place", [4, 20, -2])
def test_one_changed_letter_is_noticed(place):
    sealed = Vault(b"installation").seal(KEY, "practice 1")
    letters = list(sealed)
    letters[place] = "z" if letters[place] in "ABCD" else "A"  # the last bits of the last letter may mean nothing
    with pytest.raises(Unreadable):
        Vault(b"installation").open("".join(letters), "practice 1")


@pytest.mark.parametrize("stored", ["", "v1:", "v1:!!!", "v1:AAAA", "plain text"])
def test_what_was_never_stored_here_is_refused(stored):
    with pytest.raises(Unreadable, match="not the one it was stored with"):
        Vault(b"installation").open(stored, "practice 1")


def test_what_a_newer_version_wrote_asks_for_an_update():
    with pytest.raises(Unreadable, match="update Trova"):
        Vault(b"installation").open("v2:AAAA", "practice 1")
