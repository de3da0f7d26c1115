"""People who go to another section: their posts, their papers, and who then hears of these."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from storage.staffing import Gone
from tests.factories import MONDAY, Office
from workflow.errors import Denied, Invalid, NotFound, Refused

TODAY = MONDAY.date()
THURSDAY = TODAY + timedelta(days=3)


def goes(
    office: Office, person: str = "wangmin", section: str = "国库科", on: date | None = None, *, keep: bool = False
) -> Gone:
    return office.desk.staffing.move(office.actor("admin"), person, section, on=on, keep_posts=keep)


def codes(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Invalid) as caught:
        act()
    assert all(each.text.zh and each.text.en for each in caught.value.problems)
    return [each.code for each in caught.value.problems]


def held(office: Office, person: str, on: date) -> set[tuple[str, str | None]]:
    return {(post.role, post.section) for post in office.actor(person).appointments if post.holds_on(on)}


def test_who_moves_holds_their_section_posts_until_the_day_before(office: Office) -> None:
    gone = goes(office, on=THURSDAY)

    assert (gone.person.section_on(THURSDAY - timedelta(days=1)), gone.person.section_on(THURSDAY)) == (
        "预算科",
        "国库科",
    )
    assert held(office, "wangmin", THURSDAY - timedelta(days=1)) == {("drafter", "预算科")}
    assert held(office, "wangmin", THURSDAY) == set()
    assert [(post.role, post.section) for post in gone.ended] == [("drafter", "预算科")]


def test_the_same_posts_may_be_held_on_in_the_new_section(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "section_head", acting=True, until_on=THURSDAY)

    gone = goes(office, keep=True)

    assert {(post.role, post.section, post.until_on, post.acting) for post in gone.given} == {
        ("drafter", "国库科", None, False), ("section_head", "国库科", THURSDAY, True),
    }  # fmt: skip
    assert held(office, "wangmin", TODAY) == {("drafter", "国库科"), ("section_head", "国库科")}


def test_a_post_that_is_held_there_already_is_kept_once(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "drafter", section="国库科", until_on=THURSDAY)

    gone = goes(office, keep=True)

    assert [(post.from_on, post.until_on) for post in gone.given] == [(THURSDAY + timedelta(days=1), None)]
    assert held(office, "wangmin", TODAY) == {("drafter", "国库科")}


def test_moving_twice_is_as_good_as_once(office: Office) -> None:
    goes(office, keep=True)

    again = goes(office, keep=True)

    assert (again.is_new, again.ended, again.given) == (False, (), ())


def test_a_bureau_wide_post_goes_along(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "office")

    goes(office)

    assert held(office, "wangmin", TODAY) == {("office", None)}


def test_a_move_ends_what_was_delegated_and_what_they_did_for_others_there(office: Office) -> None:
    office.desk.delegate(office.actor("lihua"), "lihua", "wangmin")
    office.desk.delegate(office.actor("wangmin"), "wangmin", "chenjing")

    goes(office, keep=True)

    assert held(office, "wangmin", TODAY) == {("drafter", "国库科")}
    assert held(office, "chenjing", TODAY) == {("drafter", "国库科")}
    assert held(office, "lihua", TODAY) == {("section_head", "预算科")}


def test_a_day_that_was_said_wrong_is_put_right_by_another_move(office: Office) -> None:
    office.desk.add_section(office.actor("admin"), "会计科")
    goes(office, section="会计科", on=THURSDAY, keep=True)

    gone = goes(office, section="国库科", on=THURSDAY, keep=True)

    assert gone.person.section_on(THURSDAY) == "国库科"
    assert held(office, "wangmin", THURSDAY) == {("drafter", "国库科")}
    assert codes(lambda: goes(office, section="会计科", on=TODAY)) == ["goes-later"]


def test_nobody_moves_to_where_there_is_nothing_or_when_they_are_gone(office: Office) -> None:
    office.desk.leave(office.actor("admin"), "chenjing", on=THURSDAY)

    assert codes(lambda: goes(office, section="财务科")) == ["unknown-section"]
    assert codes(lambda: goes(office, "chenjing", "预算科", THURSDAY)) == ["left"]
    with pytest.raises(Denied) as caught:
        office.desk.staffing.move(office.actor("lihua"), "wangmin", "国库科")
    assert caught.value.reasons[0].who[0].people == ("管理员",)


def test_a_new_post_is_in_the_section_of_its_first_day(office: Office) -> None:
    goes(office, on=THURSDAY)

    now = office.desk.appoint(office.actor("admin"), "wangmin", "section_head", until_on=TODAY)
    then = office.desk.appoint(office.actor("admin"), "wangmin", "section_head", from_on=THURSDAY)

    assert (now.section, then.section) == ("预算科", "国库科")


def test_the_papers_of_who_moved_stay_and_are_no_longer_theirs_to_see(office: Office) -> None:
    paper = office.draft(attribute="proactive")

    goes(office, keep=True)

    assert office.case(paper).section == "预算科"
    with pytest.raises(NotFound):
        office.does("wangmin", "submit", paper)
    assert office.desk.worklist(office.actor("wangmin")).cases == ()


def test_four_eyes_follow_who_moved(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    goes(office)
    office.desk.appoint(office.actor("admin"), "wangmin", "section_head", section="预算科", acting=True)

    with pytest.raises(Refused) as caught:
        office.does("wangmin", "endorse", paper)

    assert [each.name for each in caught.value.reasons] == ["not_own"]


def test_a_return_reaches_the_section_when_the_author_has_moved_away(office: Office) -> None:
    paper = office.at_the_office(attribute="proactive")
    goes(office, keep=True)

    office.does("zhaoyun", "return", paper, comment="请补充依据")

    assert any("退文" in each for each in office.told("lihua"))
    assert office.told("wangmin") == []


def test_what_is_left_without_hands_is_counted(office: Office) -> None:
    office.does("wangmin", "submit", office.draft(attribute="proactive"))

    goes(office, "lihua", on=THURSDAY)

    assert office.desk.staffing.unmanned(THURSDAY - timedelta(days=1)) == ()
    assert office.desk.staffing.unmanned(THURSDAY) == (("section_head", "预算科", 1),)


@pytest.mark.parametrize("day", [MONDAY, "2027-01-01", date.max, date.min])
def test_a_day_that_is_none_moves_nobody(office: Office, day: date) -> None:
    assert codes(lambda: goes(office, on=day)) == ["bad-day"]
