"""A section goes over to another: its people, posts and open cases follow; what ended stays, and is read by who heads the other."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from storage import Desk
from storage.reorganise import Reorganised
from tests.engines import Hand, on_each_statement
from tests.factories import MONDAY, Clock, Office
from tests.storage.test_doctor import alter
from workflow.errors import Denied, Invalid, NotFound, Refused

TODAY = MONDAY.date()
THURSDAY = TODAY + timedelta(days=3)


def reorganised(
    office: Office, old: str = "预算科", new: str = "国库科", on: date | None = None, *, dry_run: bool = False
) -> Reorganised:
    return office.desk.staffing.reorganise(office.actor("admin"), old, new, on=on, dry_run=dry_run)


def codes(act: Callable[[], object]) -> list[str]:
    with pytest.raises(Invalid) as caught:
        act()
    assert all(each.text.zh and each.text.en for each in caught.value.problems)
    return [each.code for each in caught.value.problems]


def submitted(office: Office) -> str:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    return paper


def voided(office: Office) -> str:
    paper = submitted(office)
    office.does("zhouju", "void", paper, comment="不再发文")
    return paper


def held(office: Office, person: str, on: date) -> set[tuple[str, str | None]]:
    register = {each.id: each for each in office.desk.people(office.actor("admin"))}
    return {(post.role, post.section) for post in register[person].appointments if post.holds_on(on)}


def test_open_cases_go_over_with_an_event_each_and_those_of_the_other_section_act(office: Office) -> None:
    papers = [submitted(office) for _ in range(3)]
    before = office.case(papers[0])

    done = reorganised(office)

    after = office.case(papers[0])
    assert (done.moved, done.waiting, done.renamed) == (3, 0, False)
    assert (after.section, after.state, after.version, after.deadlines) == (
        "国库科", before.state, before.version, before.deadlines,
    )  # fmt: skip
    event = office.history(papers[0])[-1]
    assert (event.transition, event.actor, dict(event.data)) == (
        "reorganise", "admin", {"case.section_before": "预算科", "case.section": "国库科"},
    )  # fmt: skip
    assert office.does("heping", "endorse", papers[0]).case.case.state == "office_check"
    assert {each.id for each in office.desk.worklist(office.actor("heping")).cases} == {*papers[1:]}
    assert office.desk.verify().problems == ()


def test_people_and_posts_go_over_and_their_former_ones_end_the_day_before(office: Office) -> None:
    office.desk.delegate(office.actor("lihua"), "lihua", "zhaoyun", until_on=THURSDAY)

    done = reorganised(office, on=THURSDAY)

    assert held(office, "lihua", THURSDAY - timedelta(days=1)) == {("section_head", "预算科")}
    assert held(office, "lihua", THURSDAY) == {("section_head", "国库科")}
    assert held(office, "wangmin", THURSDAY) == {("drafter", "国库科")}
    assert ("section_head", "国库科") in held(office, "zhaoyun", THURSDAY)
    assert set(done.seats) == {"lihua", "wangmin"}
    assert ("section_head", "国库科") not in held(office, "zhaoyun", THURSDAY + timedelta(days=1))


def test_who_holds_the_same_post_in_both_holds_it_once(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "drafter", section="国库科", until_on=THURSDAY)

    done = reorganised(office)

    assert [(who, post.from_on) for who, post in done.posts if who == "wangmin"] == [
        ("wangmin", THURSDAY + timedelta(days=1))
    ]
    assert held(office, "wangmin", TODAY) == {("drafter", "国库科")}


def test_a_new_name_is_a_new_section_and_the_old_one_keeps_its_own(office: Office) -> None:
    paper, over = submitted(office), voided(office)

    done = reorganised(office, new="预算绩效科")

    assert done.renamed
    assert (office.case(paper).section, office.case(over).section) == ("预算绩效科", "预算科")
    assert {"预算科", "预算绩效科"} <= {*office.desk.sections()}


def test_no_case_begins_in_the_section_that_was_closed(office: Office) -> None:
    reorganised(office)
    admin = office.actor("admin")

    def begun() -> object:
        return office.desk.start(office.actor("wangmin"), "document", title="某办法", section="预算科")

    assert codes(begun) == ["closed-section"]
    assert office.desk.start(office.actor("wangmin"), "document", title="某办法").case.case.section == "国库科"
    assert codes(lambda: office.desk.appoint(admin, "wangmin", "drafter", section="预算科")) == ["closed-section"]
    assert codes(lambda: office.desk.add_person(admin, "wujing", "吴静", section="预算科")) == ["closed-section"]
    assert codes(lambda: office.desk.staffing.move(admin, "chenjing", "预算科")) == ["closed-section"]
    assert codes(lambda: office.desk.add_section(admin, "预算科")) == ["closed-section"]


def test_what_ended_is_read_by_who_heads_the_other_section_and_by_nobody_else_of_it(office: Office) -> None:
    over = voided(office)
    reorganised(office)

    for head in ("lihua", "heping"):
        assert office.desk.case(office.actor(head), over).case.section == "预算科"
        assert over in [each.id for each in office.desk.list_cases(office.actor(head))[0]]
    for other in ("wangmin", "chenjing"):
        with pytest.raises(NotFound):
            office.desk.case(office.actor(other), over)


def test_who_heads_what_took_over_from_what_took_over_reads_it_too(office: Office) -> None:
    over = voided(office)
    reorganised(office)
    reorganised(office, "国库科", "财政科")

    assert office.desk.case(office.actor("heping"), over).case.section == "预算科"


def test_four_eyes_follow_the_person_into_the_other_section(office: Office) -> None:
    paper = submitted(office)
    reorganised(office)
    office.desk.appoint(office.actor("admin"), "wangmin", "section_head", section="国库科", acting=True)

    with pytest.raises(Refused) as caught:
        office.does("wangmin", "endorse", paper)

    assert [each.name for each in caught.value.reasons] == ["not_own"]


def test_dated_ahead_the_cases_follow_on_the_day(office: Office) -> None:
    paper = submitted(office)

    done = reorganised(office, on=THURSDAY)
    office.clock.set("2026-03-04T23:00")
    office.desk.sweep()
    the_day_before = office.case(paper).section, [each.id for each in office.desk.worklist(office.actor("lihua")).cases]
    office.clock.set("2026-03-05T00:05")
    fired = [each.step for each in office.desk.sweep() if each.step == "reorganise"]

    assert (done.moved, done.waiting) == (0, 1)
    assert the_day_before == ("预算科", [paper])
    assert (fired, office.case(paper).section) == (["reorganise"], "国库科")
    assert office.history(paper)[-1].automatic
    assert all(each.step != "reorganise" for each in office.desk.sweep())
    assert office.desk.verify().problems == ()


def test_a_trial_says_what_would_happen_and_changes_nothing(office: Office) -> None:
    paper = submitted(office)

    tried = reorganised(office, new="预算绩效科", dry_run=True)

    assert (tried.waiting, tried.moved, len(tried.posts), tried.renamed) == (1, 0, 2, True)
    assert office.case(paper).section == "预算科"
    assert "预算绩效科" not in office.desk.sections()
    assert held(office, "lihua", TODAY) == {("section_head", "预算科")}


def test_the_same_once_more_changes_nothing_and_another_word_is_refused(office: Office) -> None:
    office.desk.add_section(office.actor("admin"), "会计科")
    submitted(office)
    reorganised(office)

    again = reorganised(office)

    assert (again.is_new, again.moved, again.posts) == (False, 0, ())
    assert codes(lambda: reorganised(office, new="会计科")) == ["closed-section"]
    assert codes(lambda: reorganised(office, on=THURSDAY)) == ["closed-section"]
    assert codes(lambda: reorganised(office, "国库科", "预算科")) == ["closed-section"]
    assert codes(lambda: reorganised(office, "国库科", "国库科")) == ["same-section"]
    assert codes(lambda: reorganised(office, "财务科", "国库科")) == ["unknown-section"]
    with pytest.raises(Denied):
        office.desk.staffing.reorganise(office.actor("lihua"), "国库科", "会计科")


@pytest.mark.parametrize("batches", [0, 1, 2])
def test_a_run_that_was_killed_is_completed_by_the_next_or_by_the_sweep(office: Office, batches: int) -> None:
    papers = [submitted(office) for _ in range(130)]
    child = os.fork()
    if child == 0:
        done = 0

        def killed(_moved: int, _total: int) -> None:
            nonlocal done
            done += 1
            if done == batches:
                os._exit(9)

        with Desk.open(office.url, clock=Clock()) as desk:
            if batches == 0:
                on_each_statement(desk.staffing.store.db, lambda said: os._exit(9) if "UPDATE cases" in said else None)
            desk.staffing.reorganise(desk.actor("admin"), "预算科", "国库科", progress=killed)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    left = sum(office.case(paper).section == "预算科" for paper in papers)
    assert left == 130 - 60 * batches

    if batches == 1:
        office.desk.sweep()
    else:
        assert reorganised(office).moved == left

    stories = [[each.transition for each in office.history(paper)] for paper in papers]
    assert all(story == ["start", "submit", "reorganise"] for story in stories)
    assert office.desk.verify().problems == ()


def test_a_section_that_nobody_wrote_is_found_by_verify(office: Office) -> None:
    paper = submitted(office)
    reorganised(office)
    Hand(office.url).alter("update cases set section = '预算科' where id = ?", paper)

    assert [each.code for each in office.desk.verify().problems] == ["replay"]


def test_a_repeated_step_is_answered_as_it_was(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-1")
    reorganised(office)

    again = office.desk.fire(office.actor("wangmin"), paper, "submit", request_id="r-1")

    assert again.repeated
    assert (again.case.case.section, again.case.case.state) == ("预算科", "section_review")


def test_a_case_that_slipped_into_the_closed_section_follows_with_the_next_full_look(office: Office) -> None:
    reorganised(office)
    office.desk.sweep()
    alter(office, "update sections set until_on = null, successor = null where id = '预算科'")
    office.desk.appoint(office.actor("admin"), "chenjing", "drafter", section="预算科")
    late = office.desk.start(office.actor("chenjing"), "document", title="某办法", section="预算科").case.case.id
    alter(office, "update sections set until_on = '2026-03-01', successor = '国库科' where id = '预算科'")
    office.clock.forward(days=1)

    assert (late, "reorganise") in [(each.case, each.step) for each in office.desk.sweep()]
    assert office.case(late).section == "国库科"
    assert office.desk.verify().problems == ()
