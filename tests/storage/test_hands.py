"""Who must act is always somebody: what nobody present can do is named by doctor, and told to those above, once."""

from __future__ import annotations

import threading
from datetime import date, timedelta

import pytest

from storage import Desk
from storage.check import Check
from tests.factories import MONDAY, Office
from tests.storage.test_doctor import alter
from workflow.case import Command, TransitionName
from workflow.errors import Refused

TODAY = MONDAY.date()


def own_paper(office: Office, person: str = "lihua") -> str:
    """A paper that the only head of its section has drafted."""
    if "drafter" not in {post.role for post in office.actor(person).appointments}:
        office.desk.appoint(office.actor("admin"), person, "drafter", from_on=date(2020, 1, 1))
    paper = office.draft(person, attribute="proactive")
    office.does(person, "submit", paper)
    return paper


def hands(office: Office) -> list[Check]:
    return [each for each in office.desk.doctor() if each.name in ("hands", "roles") and not each.ok]


def swept(office: Office) -> list[tuple[str, str]]:
    return [(each.case, each.step) for each in office.desk.sweep()]


def test_a_head_who_drafted_is_named_with_the_step_the_reason_and_who_could_do_it(office: Office) -> None:
    own_paper(office)

    (found,) = hands(office)

    assert "DOC-2026-00001" in found.text.zh
    assert "李华" in found.text.zh
    assert "不得审批本人拟稿" in found.text.zh
    assert "not your own draft" in found.text.en
    assert found.hint is not None
    # The head of another section first, then those of this one; never the auditor or the administrator.
    assert "何平（heping）、王敏（wangmin）" in found.hint.zh
    assert "gongkai people appoint heping section_head --section 预算科 --acting" in found.hint.en


def test_a_second_head_takes_it_and_doctor_is_content(office: Office) -> None:
    paper = own_paper(office)
    office.desk.appoint(office.actor("admin"), "heping", "section_head", section="预算科", acting=True)

    assert hands(office) == []
    assert swept(office) == []
    assert office.does("heping", "endorse", paper).case.case.state == "office_check"


def test_a_delegation_by_who_is_barred_lifts_nothing(office: Office) -> None:
    paper = own_paper(office)
    office.desk.delegate(office.actor("lihua"), "lihua", "wangmin", role="section_head")

    assert len(hands(office)) == 1
    with pytest.raises(Refused):
        office.does("wangmin", "endorse", paper)


def test_the_sweep_tells_the_next_above_once(office: Office) -> None:
    paper = own_paper(office)

    first, again = swept(office), swept(office)
    office.clock.forward(days=1)
    tomorrow = swept(office)

    assert (first, again, tomorrow) == ([(paper, "unmanned")], [], [])
    (told,) = office.told("zhaoyun")
    assert "不得审批本人拟稿" in told
    assert "people appoint heping" in told
    assert office.told("lihua") == []
    (event,) = [each for each in office.history(paper) if each.transition == "unmanned"]
    assert event.automatic
    assert event.data["steps"] == "endorse"
    assert event.data["told"] == "office"
    assert office.desk.verify().problems == ()


def test_nothing_of_the_case_changes_when_those_above_are_told(office: Office) -> None:
    paper = own_paper(office)
    before = office.case(paper)

    office.desk.sweep()

    after = office.case(paper)
    assert (after.version, after.state, after.data, after.deadlines) == (
        before.version, before.state, before.data, before.deadlines,
    )  # fmt: skip
    assert office.desk.fire(office.actor("lihua"), paper, "return", comment="自己重写", expected_version=before.version)


def test_another_stay_is_told_anew(office: Office) -> None:
    paper = own_paper(office)
    office.desk.sweep()
    office.does("lihua", "return", paper, comment="自己重写")
    office.does("lihua", "submit", paper)

    assert swept(office) == [(paper, "unmanned")]
    assert office.desk.verify().problems == ()


def test_those_above_hear_that_nobody_holds_the_post_on_the_day_after_it_ended(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.desk.leave(office.actor("admin"), "lihua", on=TODAY + timedelta(days=1))
    today = swept(office)
    office.clock.forward(days=1)

    tomorrow = swept(office)

    assert today == []
    assert tomorrow == [(paper, "unmanned")]
    assert "现无人任此职" in office.told("zhaoyun")[0]
    (found,) = hands(office)
    assert "DOC-2026-00001" in found.text.zh
    assert found.hint is not None
    assert "people appoint heping section_head --section 预算科" in found.hint.zh


def test_a_pass_that_was_missed_is_made_up_for(office: Office) -> None:
    paper = own_paper(office)
    office.clock.forward(days=2)

    assert (paper, "unmanned") in swept(office)


def test_when_nobody_above_is_there_the_administrator_hears_who_appoints(office: Office) -> None:
    own_paper(office)
    for person in ("zhaoyun", "qianwei", "zhouju"):
        office.desk.leave(office.actor("admin"), person)

    office.desk.sweep()

    assert "无人可办" in office.told("admin")[0]


def test_what_is_in_nobodys_hands_by_the_change_of_another_hour_is_told_in_the_same_hour(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    assert swept(office) == []

    office.desk.staffing.move(office.actor("admin"), "lihua", "国库科")

    assert swept(office) == [(paper, "unmanned")]


def test_no_more_is_told_in_one_pass_than_was_asked_for(office: Office) -> None:
    for _ in range(5):
        own_paper(office)

    assert [len(office.desk.sweep(limit=2)) for _ in range(4)] == [2, 2, 1, 0]


def test_many_tickers_tell_it_once(office: Office) -> None:
    papers = {own_paper(office) for _ in range(70)}
    barrier = threading.Barrier(4)

    def tick() -> None:
        with Desk.open(office.url, clock=office.clock) as desk:
            barrier.wait()
            desk.sweep()

    tickers = [threading.Thread(target=tick) for _ in range(4)]
    for each in tickers:
        each.start()
    for each in tickers:
        each.join()

    told = [event.case_id for paper in papers for event in office.history(paper) if event.transition == "unmanned"]
    assert sorted(told) == sorted(papers)
    assert len(office.told("zhaoyun")) == 70
    assert office.desk.verify().problems == ()


def test_a_record_that_cannot_be_read_keeps_no_other_from_being_seen(office: Office) -> None:
    broken, paper = own_paper(office), own_paper(office)
    alter(office, f"update cases set trail = 'x' where id = '{broken}'")

    assert (paper, "unmanned") in swept(office)


def test_a_word_that_was_never_given_is_found_by_verify(office: Office) -> None:
    own_paper(office)
    office.desk.sweep()
    alter(office, "delete from steps where rule = 'case.unmanned'")

    assert [each.code for each in office.desk.verify().problems] == ["step"]


def test_who_may_not_clear_what_they_endorsed_leaves_it_to_nobody(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "sunli", "section_head", section="预算科", acting=True)
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.does("sunli", "endorse", paper)
    office.does("zhaoyun", "accept", paper)

    (found,) = hands(office)

    assert "审核、核稿与保密审查不得为同一人" in found.text.zh
    assert "--section" not in str(found.hint)
    assert "钱伟" in str(found.hint)
    assert "赵云" not in str(found.hint)  # checked it, and could not clear it either


def test_most_papers_are_in_somebodys_hands(office: Office) -> None:
    drafter = office.actor("wangmin")
    papers = [office.draft(attribute="proactive") for _ in range(3)]
    office.desk.fire_many(drafter, [(paper, Command(TransitionName("submit"))) for paper in papers])

    assert swept(office) == []
    assert hands(office) == []
