"""What two people write at the same time is put together field by field."""

from trova_app.state.edits import Edit, Field, differences

NAME, PHONES = Field("Name", ("name",)), Field("Phones", ("phone_1", "phone_2"))
FIELDS = (NAME, PHONES)
BASE = {"name": "Thandi", "phone_1": "1", "phone_2": ""}


def test_what_only_one_of_them_changed_is_kept_from_that_one() -> None:
    edit = Edit("contact", 1, BASE)
    mine, theirs = BASE | {"name": "Thandeka"}, BASE | {"phone_2": "2"}
    assert edit.changed_by_both(FIELDS, mine, theirs) == []
    assert edit.put_together(FIELDS, mine, theirs) == {"name": "Thandeka", "phone_1": "1", "phone_2": "2"}


def test_what_both_changed_alike_is_no_question() -> None:
    edit = Edit("contact", 1, BASE)
    assert edit.changed_by_both(FIELDS, BASE | {"name": "T"}, BASE | {"name": "T"}) == []


def test_a_list_that_both_wrote_in_is_asked_about_as_a_whole() -> None:
    edit = Edit("contact", 1, BASE)
    mine, theirs = BASE | {"phone_1": "7"}, BASE | {"phone_2": "2"}
    both = edit.changed_by_both(FIELDS, mine, theirs)
    assert both == [PHONES]
    assert [(one.theirs, one.mine) for one in differences(both, mine, theirs)] == [("1, 2", "7")]


def test_what_was_shown_once_is_not_asked_again_and_then_mine_is_kept() -> None:
    edit = Edit("contact", 1, BASE)
    mine, theirs = BASE | {"name": "Mine"}, BASE | {"name": "Theirs"}
    assert edit.changed_by_both(FIELDS, mine, theirs) == [NAME]
    edit.seen = theirs
    assert edit.changed_by_both(FIELDS, mine, theirs) == []
    assert edit.put_together(FIELDS, mine, theirs)["name"] == "Mine"
    assert edit.changed_by_both(FIELDS, mine, BASE | {"name": "Newer still"}) == [NAME]


def test_where_nobody_knows_the_beginning_every_difference_is_asked_about() -> None:
    edit = Edit("contact", 0, {})
    assert edit.changed_by_both(FIELDS, BASE | {"name": "Mine"}, BASE) == [NAME]
