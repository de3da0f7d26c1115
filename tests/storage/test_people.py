"""People and posts: dated, delegated, ended; changed by the administrator only, and every refusal says the way out."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from tests.engines import Hand
from tests.factories import MONDAY, Office
from workflow.case import Actor
from workflow.errors import Denied, Invalid, NotFound

TODAY = MONDAY.date()


def admin(office: Office) -> Actor:
    return office.actor("admin")


def refusal(act: Callable[[], object]) -> Invalid:
    with pytest.raises(Invalid) as caught:
        act()
    for problem in caught.value.problems:
        assert problem.text.zh
        assert problem.text.en
    return caught.value


def codes(error: Invalid) -> list[str]:
    return [each.code for each in error.problems]


def roles_today(office: Office, person: str) -> tuple[str, ...]:
    who = next(each for each in office.desk.people(admin(office)) if each.id == person)
    return who.roles_on(office.clock().date())


def test_a_person_is_found_by_id_and_by_name(office: Office) -> None:
    assert office.actor("wangmin") == office.actor("王敏")
    assert office.actor("王敏").name == "王敏"


def test_a_name_that_two_people_bear_asks_for_the_id(office: Office) -> None:
    office.desk.add_person(admin(office), "wangmin2", "王敏")

    said = refusal(lambda: office.actor("王敏"))

    assert codes(said) == ["ambiguous"]
    assert "wangmin, wangmin2" in said.problems[0].text.zh


def test_an_unknown_person_is_answered_with_the_nearest_one(office: Office) -> None:
    with pytest.raises(NotFound) as caught:
        office.actor("wangming")

    assert "王敏 (wangmin)" in caught.value.said.zh
    assert "gongkai people list" in caught.value.said.en


def test_braces_in_a_name_are_just_letters(office: Office) -> None:
    with pytest.raises(NotFound) as caught:
        office.actor("{0}{name}")

    assert "{0}{name}" in caught.value.said.zh


def test_a_post_is_held_from_its_first_day_to_its_last(office: Office) -> None:
    first, last = TODAY + timedelta(days=2), TODAY + timedelta(days=4)
    office.desk.appoint(admin(office), "wangmin", "office", from_on=first, until_on=last)

    held = []
    for _ in range(7):
        held.append("office" in roles_today(office, "wangmin"))
        office.clock.forward(days=1)

    assert held == [False, False, True, True, True, False, False]


def test_an_acting_post_is_marked_as_one(office: Office) -> None:
    post = office.desk.appoint(admin(office), "wangmin", "section_head", section="国库科", acting=True)

    assert (post.acting, post.section, post.from_on) == (True, "国库科", TODAY)


def test_a_section_post_is_held_in_the_own_section_unless_another_is_named(office: Office) -> None:
    assert office.desk.appoint(admin(office), "wangmin", "section_head").section == "预算科"


def test_a_section_post_needs_a_section(office: Office) -> None:
    said = refusal(lambda: office.desk.appoint(admin(office), "zhouju", "drafter"))

    assert codes(said) == ["needs-section"]
    assert "--section" in said.problems[0].text.en


def test_a_bureau_post_has_no_section(office: Office) -> None:
    said = refusal(lambda: office.desk.appoint(admin(office), "wangmin", "leader", section="预算科"))

    assert codes(said) == ["no-section"]


def test_unknown_roles_and_sections_are_answered_with_the_known_ones(office: Office) -> None:
    role = refusal(lambda: office.desk.appoint(admin(office), "wangmin", "boss"))
    nobody = refusal(lambda: office.desk.appoint(admin(office), "wangmin", "system"))
    section = refusal(lambda: office.desk.appoint(admin(office), "wangmin", "drafter", section="财务科"))

    assert (codes(role), codes(nobody), codes(section)) == (["unknown-role"], ["unknown-role"], ["unknown-section"])
    assert "drafter（拟稿人）" in role.problems[0].text.zh
    assert "预算科" in section.problems[0].text.zh


def test_a_post_that_ends_before_it_begins_is_refused(office: Office) -> None:
    yesterday = TODAY - timedelta(days=1)

    said = refusal(lambda: office.desk.appoint(admin(office), "wangmin", "office", from_on=TODAY, until_on=yesterday))

    assert codes(said) == ["bad-period"]


def test_the_same_post_once_more_changes_nothing_and_an_overlap_is_refused(office: Office) -> None:
    first = office.desk.appoint(admin(office), "wangmin", "office", from_on=TODAY)
    again = office.desk.appoint(admin(office), "wangmin", "office", from_on=TODAY)
    said = refusal(lambda: office.desk.appoint(admin(office), "wangmin", "office", from_on=TODAY + timedelta(days=9)))

    assert first == again
    assert codes(said) == ["overlap"]
    posts = [each for each in office.actor("wangmin").appointments if each.role == "office"]
    assert posts == [first]


@pytest.mark.parametrize("name", ["王\u202e敏", "王\x1b[31m敏", "王\n敏", "", "  ", "王" * 61])
def test_a_name_that_could_deceive_a_reader_is_refused(office: Office, name: str) -> None:
    assert codes(refusal(lambda: office.desk.add_person(admin(office), "x", name))) in (["hostile"], ["bad-length"])
    assert codes(refusal(lambda: office.desk.add_section(admin(office), name))) in (["hostile"], ["bad-length"])


@pytest.mark.parametrize("person", ["system", "wang min", "王 敏"])
def test_an_id_that_cannot_be_typed_or_is_the_systems_is_refused(office: Office, person: str) -> None:
    assert codes(refusal(lambda: office.desk.add_person(admin(office), person, "王敏"))) == ["bad-id"]


def test_an_id_and_a_login_belong_to_one_person(office: Office) -> None:
    office.desk.add_person(admin(office), "wujing", "吴静", login="wj")

    again = office.desk.add_person(admin(office), "wujing", "吴静", login="wj")
    other = refusal(lambda: office.desk.add_person(admin(office), "wujing", "吴敬"))
    login = refusal(lambda: office.desk.add_person(admin(office), "wujing2", "吴敬", login="wj"))

    assert again.id == "wujing"
    assert (codes(other), codes(login)) == (["taken"], ["taken"])
    assert office.desk.person_of_login("wj") == "wujing"


def test_adding_a_section_again_changes_nothing(office: Office) -> None:
    office.desk.add_section(admin(office), "会计科")
    office.desk.add_section(admin(office), " 会计科 ")

    assert sorted(office.desk.sections()) == sorted(["会计科", "国库科", "预算科"])


@pytest.mark.parametrize(
    "act",
    [
        lambda o, by: o.desk.add_section(by, "会计科"),
        lambda o, by: o.desk.add_person(by, "x", "小吴"),
        lambda o, by: o.desk.appoint(by, "lihua", "leader"),
        lambda o, by: o.desk.leave(by, "wangmin"),
        lambda o, by: o.desk.delegate(by, "wangmin", "lihua"),
        lambda o, by: o.desk.end_post(by, "wangmin", "drafter"),
    ],
)
def test_only_an_administrator_changes_people(office: Office, act: Callable[[Office, Actor], object]) -> None:
    with pytest.raises(Denied) as caught:
        act(office, office.actor("lihua"))

    (reason,) = caught.value.reasons
    assert reason.name == "role"
    assert [each.role for each in reason.who] == ["admin"]
    assert reason.who[0].people == ("管理员",)


def test_everyone_may_delegate_their_own_posts_and_the_delegate_acts_for_them(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    last = TODAY + timedelta(days=2)

    (post,) = office.desk.delegate(office.actor("lihua"), "lihua", "heping", until_on=last)
    done = office.does("heping", "endorse", paper)

    assert (post.on_behalf_of, post.section, post.until_on) == ("lihua", "预算科", last)
    assert (done.event.actor, done.event.on_behalf_of) == ("heping", "lihua")


def test_a_delegation_ends_with_its_last_day(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.desk.delegate(office.actor("lihua"), "lihua", "heping", until_on=TODAY)

    office.clock.forward(days=1)

    with pytest.raises(NotFound):
        office.does("heping", "endorse", paper)


def test_a_delegation_is_never_longer_than_the_post(office: Office) -> None:
    ends = TODAY + timedelta(days=3)
    office.desk.appoint(admin(office), "zhouju", "supervisor", until_on=ends)

    (post,) = office.desk.delegate(
        office.actor("zhouju"), "zhouju", "zhaoyun", role="supervisor", until_on=TODAY + timedelta(days=30)
    )

    assert post.until_on == ends


def test_a_delegation_begins_no_earlier_than_the_post(office: Office) -> None:
    begins = TODAY + timedelta(days=3)
    office.desk.appoint(admin(office), "zhouju", "supervisor", from_on=begins)

    (post,) = office.desk.delegate(office.actor("zhouju"), "zhouju", "zhaoyun", role="supervisor")

    assert post.from_on == begins


def test_a_delegated_post_is_not_delegated_on(office: Office) -> None:
    office.desk.delegate(office.actor("zhouju"), "zhouju", "zhaoyun")

    said = refusal(lambda: office.desk.delegate(office.actor("zhaoyun"), "zhaoyun", "qianwei", role="leader"))

    assert codes(said) == ["not-held"]
    assert "局办公室" in said.problems[0].text.zh


def test_nobody_delegates_to_themselves_or_to_someone_who_left(office: Office) -> None:
    office.desk.leave(admin(office), "qianwei")

    to_self = refusal(lambda: office.desk.delegate(office.actor("zhouju"), "zhouju", "zhouju"))
    to_nobody = refusal(lambda: office.desk.delegate(office.actor("zhouju"), "zhouju", "qianwei"))

    assert (codes(to_self), codes(to_nobody)) == (["self"], ["left"])


def test_who_leaves_acts_no_more_and_their_posts_delegations_and_login_end(office: Office) -> None:
    office.desk.add_person(admin(office), "wujing", "吴静", section="预算科", login="wj")
    office.desk.appoint(admin(office), "wujing", "section_head", from_on=date(2020, 1, 1))
    office.desk.delegate(admin(office), "wujing", "heping")
    office.desk.leave(admin(office), "wujing", on=TODAY + timedelta(days=1))

    assert office.actor("wujing").id == "wujing"
    assert office.desk.person_of_login("wj") == "wujing"
    office.clock.forward(days=1)

    with pytest.raises(Denied) as caught:
        office.actor("wujing")
    assert "2026-03-03" in caught.value.reasons[0].text.zh
    assert office.desk.person_of_login("wj") is None
    tomorrow = office.clock().date()
    assert not [p for p in office.actor("heping").appointments if p.on_behalf_of and p.holds_on(tomorrow)]


def test_a_login_that_somebody_left_behind_is_free_for_the_next(office: Office) -> None:
    office.desk.add_person(admin(office), "wujing", "吴静", login="wj")
    office.desk.leave(admin(office), "wujing")

    office.desk.add_person(admin(office), "weijun", "魏军", login="wj")

    assert office.desk.person_of_login("wj") == "weijun"


def test_the_only_administrator_does_not_leave_before_another_is_appointed(office: Office) -> None:
    said = refusal(lambda: office.desk.leave(admin(office), "admin"))
    ended = refusal(lambda: office.desk.end_post(admin(office), "admin", "admin"))
    office.desk.add_person(admin(office), "lixin", "李新")
    office.desk.appoint(admin(office), "lixin", "admin")
    gone = office.desk.leave(admin(office), "admin", on=TODAY + timedelta(days=1))

    assert (codes(said), codes(ended)) == (["last-admin"], ["last-admin"])
    assert "people appoint" in said.problems[0].text.en
    assert gone.left_on == TODAY + timedelta(days=1)


def test_a_delegated_administrator_does_not_count_as_another(office: Office) -> None:
    office.desk.add_person(admin(office), "lixin", "李新")
    office.desk.delegate(admin(office), "admin", "lixin")

    assert codes(refusal(lambda: office.desk.leave(admin(office), "admin"))) == ["last-admin"]


def test_leaving_twice_is_as_good_as_once(office: Office) -> None:
    first = office.desk.leave(admin(office), "qianwei")

    assert office.desk.leave(admin(office), "qianwei") == first


def test_who_left_gets_no_new_post(office: Office) -> None:
    office.desk.leave(admin(office), "qianwei")

    assert codes(refusal(lambda: office.desk.appoint(admin(office), "qianwei", "leader"))) == ["left"]


def test_who_left_can_come_back_and_be_appointed_anew(office: Office) -> None:
    office.desk.leave(admin(office), "qianwei")
    office.desk.leave(admin(office), "qianwei", on=TODAY + timedelta(days=5))  # gone already: nothing changes

    elsewhere = refusal(lambda: office.desk.add_person(admin(office), "qianwei", "钱伟", section="预算科", login="qw"))
    back = office.desk.add_person(admin(office), "qianwei", "钱伟")

    assert codes(elsewhere) == ["other-place"]
    assert back.left_on is None
    assert roles_today(office, "qianwei") == ()
    assert office.desk.appoint(admin(office), "qianwei", "office").role == "office"


def test_the_same_post_on_a_later_day_changes_nothing(office: Office) -> None:
    first = office.desk.appoint(admin(office), "qianwei", "supervisor")
    office.clock.forward(days=1)

    assert office.desk.appoint(admin(office), "qianwei", "supervisor") == first


def test_a_role_goes_by_its_label_too(office: Office) -> None:
    assert office.desk.appoint(admin(office), "qianwei", "领导小组").role == "supervisor"
    assert codes(refusal(lambda: office.desk.appoint(admin(office), "qianwei", "系统"))) == ["unknown-role"]


def test_a_post_is_ended_and_can_be_given_anew(office: Office) -> None:
    office.desk.end_post(admin(office), "qianwei", "office", last_on=TODAY)
    office.clock.forward(days=1)

    assert "office" not in roles_today(office, "qianwei")
    office.desk.appoint(admin(office), "qianwei", "office")
    nothing = refusal(lambda: office.desk.end_post(admin(office), "qianwei", "leader"))
    assert codes(nothing) == ["not-held"]


def test_who_delegated_a_post_takes_it_back_alone_and_nothing_else(office: Office) -> None:
    lihua, admin_ = office.actor("lihua"), admin(office)
    office.desk.delegate(lihua, "lihua", "wangmin")
    office.desk.appoint(admin_, "wangmin", "section_head", section="国库科")

    ended = office.desk.end_post(lihua, "wangmin", "section_head", last_on=TODAY)
    office.clock.forward(days=1)

    assert [(each.section, each.on_behalf_of) for each in ended.posts] == [("预算科", "lihua")]
    assert roles_today(office, "wangmin") == ("drafter", "section_head")
    assert roles_today(office, "lihua") == ("section_head",)
    with pytest.raises(Denied):
        office.desk.end_post(lihua, "wangmin", "drafter")


def test_the_list_shows_everyone_with_their_roles_of_today(office: Office) -> None:
    shown = [each.to_json(TODAY) for each in office.desk.people(office.actor("wangmin"))]

    assert {"id": "lihua", "name": "李华", "section": "预算科", "roles": ["section_head"]} in shown


@pytest.mark.parametrize("day", [MONDAY, "2027-01-01", date.max, date.min])
def test_a_day_that_is_none_does_not_spoil_the_register(office: Office, day: date) -> None:
    desk, by = office.desk, admin(office)

    for act in (
        lambda: desk.appoint(by, "wangmin", "section_head", from_on=day),
        lambda: desk.appoint(by, "wangmin", "section_head", until_on=day),
        lambda: desk.delegate(by, "wangmin", "lihua", from_on=day),
        lambda: desk.end_post(by, "wangmin", "drafter", last_on=day),
        lambda: desk.leave(by, "wangmin", on=day),
    ):
        assert codes(refusal(act)) == ["bad-day"]

    assert roles_today(office, "wangmin") == ("drafter",)


def test_who_administers_or_audits_holds_no_business_post_and_the_other_way_round(office: Office) -> None:
    """The administrator made himself leader, signed, and ended the post as of 2020: no trace was left."""
    desk, today = office.desk, TODAY
    tried = [
        refusal(lambda: desk.appoint(admin(office), "admin", "leader")),
        refusal(lambda: desk.appoint(admin(office), "admin", "leader", acting=True, until_on=today)),
        refusal(lambda: desk.appoint(admin(office), "admin", "auditor")),
        refusal(lambda: desk.delegate(admin(office), "zhouju", "admin")),
        refusal(lambda: desk.delegate(admin(office), "zhouju", "zhengshen")),
        refusal(lambda: desk.appoint(admin(office), "zhengshen", "office", from_on=today + timedelta(days=9))),
        refusal(lambda: desk.appoint(admin(office), "zhaoyun", "admin")),
        refusal(lambda: desk.delegate(admin(office), "admin", "zhaoyun")),
        refusal(lambda: desk.delegate(office.actor("zhengshen"), "zhengshen", "zhaoyun")),
    ]

    assert [codes(each) for each in tried] == [["kept-apart"]] * len(tried)
    assert "系统管理员" in tried[0].problems[0].text.zh
    assert roles_today(office, "admin") == ("admin",)


def test_a_business_post_that_is_over_keeps_nobody_from_administering(office: Office) -> None:
    office.desk.end_post(admin(office), "qianwei", roles_today(office, "qianwei")[0], last_on=TODAY)

    office.desk.appoint(admin(office), "qianwei", "admin", from_on=TODAY + timedelta(days=1))

    office.clock.forward(days=1)
    assert roles_today(office, "qianwei") == ("admin",)


def test_no_end_is_dated_before_what_happened_under_the_post(office: Office) -> None:
    paper = office.draft()
    office.clock.forward(days=3)
    long_ago, acted = date(2020, 1, 1), TODAY

    tried = [
        refusal(lambda: office.desk.leave(admin(office), "wangmin", on=long_ago)),
        refusal(lambda: office.desk.end_post(admin(office), "wangmin", "drafter", last_on=long_ago)),
        refusal(lambda: office.desk.staffing.move(admin(office), "wangmin", "国库科", on=long_ago)),
        refusal(lambda: office.desk.staffing.reorganise(admin(office), "预算科", "国库科", on=date(2016, 6, 3))),
    ]

    assert {code for each in tried for code in codes(each)} == {"too-early"}
    assert all(str(acted) in each.problems[0].text.zh for each in tried)
    assert office.desk.sections() == tuple(sorted(office.desk.sections()))
    assert office.case(paper).section == "预算科"
    office.desk.end_post(admin(office), "wangmin", "drafter", last_on=acted - timedelta(days=1))
    assert roles_today(office, "wangmin") == ()


def test_a_post_does_not_end_before_it_began_and_one_called_off_is_held_on_no_day(office: Office) -> None:
    begun = TODAY - timedelta(days=3)
    office.desk.appoint(admin(office), "chenjing", "section_head", section="国库科", from_on=begun)
    early = refusal(
        lambda: office.desk.end_post(
            admin(office), "chenjing", "section_head", section="国库科", last_on=begun - timedelta(days=9)
        )
    )
    ahead = TODAY + timedelta(days=30)
    office.desk.appoint(admin(office), "chenjing", "section_head", section="预算科", from_on=ahead)
    office.desk.end_post(admin(office), "chenjing", "section_head", section="预算科", last_on=TODAY)

    who = next(each for each in office.desk.people(admin(office)) if each.id == "chenjing")
    assert codes(early) == ["too-early"]
    assert [post.is_empty for post in who.appointments if post.from_on == ahead] == [True]


def test_who_gave_or_ended_a_post_and_when_stands_on_record_for_ever(office: Office) -> None:
    office.desk.appoint(admin(office), "chenjing", "section_head", section="预算科", acting=True)
    office.clock.forward(days=1)
    office.desk.delegate(office.actor("lihua"), "lihua", "heping")
    office.desk.end_post(admin(office), "chenjing", "section_head", section="预算科", last_on=TODAY - timedelta(days=1))
    office.desk.staffing.move(admin(office), "wangmin", "国库科", keep_posts=True)

    told = office.desk.staffing.changes()
    chenjing = office.desk.staffing.changes("chenjing")

    given, ended = chenjing[-2:]
    assert [(each.by, each.act, each.post.until_on) for each in (given, ended)] == [
        ("admin", "given", None),
        ("admin", "ended", TODAY - timedelta(days=1)),
    ]
    assert ended.at - given.at == timedelta(days=1)
    assert [(each.by, each.person, each.post.on_behalf_of) for each in told if each.post.on_behalf_of] == [
        ("lihua", "heping", "lihua")
    ]
    assert [(each.act, each.post.section) for each in told if each.person == "wangmin"][-2:] == [
        ("ended", "预算科"),
        ("given", "国库科"),
    ]
    office.desk.appoint(admin(office), "chenjing", "drafter", section="国库科")  # held already: nothing changes
    assert office.desk.staffing.changes() == told
    office.desk.appoint(
        admin(office), "chenjing", "section_head", section="预算科", from_on=TODAY, acting=True
    )  # again
    assert replace(office.desk.staffing.changes()[-1], at=given.at) == given


@pytest.mark.parametrize("statement", ["UPDATE same_people SET act = 'apart'", "DELETE FROM same_people"])
def test_what_was_said_of_two_accounts_is_neither_changed_nor_taken_out(office: Office, statement: str) -> None:
    office.desk.staffing.same(admin(office), "chenjing", "wangmin", "改名后重新登记")

    with pytest.raises((sqlite3.IntegrityError, psycopg.errors.RaiseException), match="append-only"):
        Hand(office.url).alter(statement)
