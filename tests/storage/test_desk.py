"""The door: what comes out of it, for whom, in which shape, and in which words it says no."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date

import pytest

from storage import Desk
from storage.views import event_json
from tests.factories import SECTIONS, Office, an_actor
from workflow.case import Option, Scalar
from workflow.errors import Conflict, Denied, Invalid, NotFound, Refused

# Shapes.


def test_a_case_is_shown_as_the_surface_says(office: Office) -> None:
    paper = office.draft(attribute="proactive")
    done = office.does("wangmin", "submit", paper)

    shown = json.loads(json.dumps(done.case.to_json(), ensure_ascii=False))

    assert {name: shown[name] for name in ("number", "kind", "state", "version", "title", "section", "data")} == {
        "number": "DOC-2026-00001",
        "kind": "document",
        "state": "section_review",
        "version": 2,
        "title": "关于下达专项资金的通知",
        "section": "预算科",
        "data": {"attribute": "proactive", "is_policy": False, "origin": "own", "title": "关于下达专项资金的通知"},
    }
    assert shown["whose"]["role"] == "section_head"
    assert shown["whose"]["people"] == ["李华"]
    (deadline,) = shown["deadlines"]
    assert deadline["id"] == "section"
    assert (deadline["strict_on"], deadline["rolled_on"]) == ("2026-03-05", "2026-03-05")
    assert deadline["due_at"] == "2026-03-05T16:00:00+00:00"
    assert (deadline["provisional"], deadline["paused"]) == (False, False)


def test_a_clock_explains_its_date_day_by_day(office: Office) -> None:
    office.clock.set("2026-02-13T10:00")
    paper = office.draft()
    done = office.does("wangmin", "submit", paper)

    (clock,) = done.case.deadlines

    counted = [day.on for day in clock.derivation.days if day.counted]
    # 14 February is a made-up Saturday; the Spring Festival lasts until the 23rd.
    assert counted == [date(2026, 2, 14), date(2026, 2, 24), date(2026, 2, 25)]
    assert counted[-1] == clock.deadline.rolled_on


def test_the_clocks_stand_in_the_order_of_their_ends(office: Office) -> None:
    paper = office.signed()

    view = office.desk.case(office.actor("zhengshen"), paper)

    assert [each.rule.name for each in view.deadlines] == ["numbering", "publication"]


def test_the_record_is_shown_as_the_surface_says(office: Office) -> None:
    paper = office.at_the_office()
    office.desk.sweep()

    last = event_json(office.history(paper)[-1], office.desk.definition("document"))

    assert {
        "seq",
        "at",
        "actor",
        "for",
        "transition",
        "from",
        "to",
        "data",
        "comment",
        "automatic",
        "definition",
        "hash",
    } <= last.keys()
    assert (last["transition"], last["from"], last["to"]) == ("return_untagged", "office_check", "returned")
    assert last["automatic"] is True
    assert json.dumps(last)


def test_a_case_is_found_by_its_number_too(office: Office) -> None:
    paper = office.draft()

    for said in ("DOC-2026-00001", "doc-2026-00001"):
        assert office.desk.case(office.actor("wangmin"), said).case.id == paper
    assert office.desk.fire(office.actor("wangmin"), "DOC-2026-00001", "submit").case.case.id == paper


# Where a case begins.


def test_a_case_begins_in_the_section_of_its_drafter(office: Office) -> None:
    paper = office.draft("chenjing")

    assert office.case(paper).section == "国库科"


def test_who_drafts_for_two_sections_is_asked_which(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "wangmin", "drafter", section="国库科")

    with pytest.raises(Invalid) as invalid:
        office.draft()

    (problem,) = invalid.value.problems
    assert problem.field == "section"
    assert all(section in problem.text.zh for section in SECTIONS)


def test_an_unknown_section_is_answered_with_those_there_are(office: Office) -> None:
    with pytest.raises(Invalid) as invalid:
        office.desk.start(office.actor("wangmin"), "document", title="关于科室的通知", section="预算")

    (problem,) = invalid.value.problems
    assert problem.code == "unknown-section"
    assert all(section in problem.text.zh for section in SECTIONS)


def test_nobody_begins_a_case_in_a_section_that_is_not_theirs(office: Office) -> None:
    with pytest.raises(Denied):
        office.desk.start(office.actor("wangmin"), "document", title="关于别科的通知", section="国库科")


def test_an_unknown_kind_of_case_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound) as missing:
        office.desk.start(office.actor("wangmin"), "memo", title="关于备忘的通知")

    assert "gongkai definitions list" in missing.value.said.zh


@pytest.mark.parametrize(
    ("title", "field"),
    [
        ("", "title"),
        ("x", "title"),
        ("字" * 10_000, "title"),
        ("关于\u202e预算", "title"),
        ("关于\x00预算", "title"),
        ("关于\x1b[31m预算", "title"),
    ],
)
def test_a_title_that_cannot_be_is_named(office: Office, title: str, field: str) -> None:
    with pytest.raises(Invalid) as invalid:
        office.draft(title=title)

    assert [each.field for each in invalid.value.problems] == [field]
    assert office.desk.list_cases(office.actor("zhengshen"))[0] == ()


@pytest.mark.parametrize(
    "markup", ["<script>alert(1)</script>", "=SUM(A1)", "'; DROP TABLE cases; --", "{title}", "%s%d"]
)
def test_a_title_that_looks_like_code_is_just_a_title(office: Office, markup: str) -> None:
    paper = office.draft(title=markup)
    office.does("wangmin", "submit", paper)

    assert office.case(paper).title == markup
    assert not office.desk.verify().problems


# Who sees what.


def test_each_sees_what_their_posts_let_them_see(office: Office) -> None:
    office.draft("wangmin")
    office.draft("chenjing")

    seen = {
        person: {row.section for row in office.desk.list_cases(office.actor(person))[0]}
        for person in ("wangmin", "heping", "zhaoyun", "zhengshen", "admin")
    }

    assert seen == {
        "wangmin": {"预算科"},
        "heping": {"国库科"},
        "zhaoyun": set(SECTIONS),
        "zhengshen": set(SECTIONS),
        "admin": set(),
    }


@pytest.mark.parametrize("person", ["chenjing", "heping", "admin"])
@pytest.mark.parametrize("question", ["case", "history", "options", "fire", "edit"])
def test_a_case_that_is_not_yours_is_not_there(office: Office, person: str, question: str) -> None:
    paper = office.draft()
    actor, desk = office.actor(person), office.desk
    questions: dict[str, Callable[[str], object]] = {
        "case": lambda ref: desk.case(actor, ref),
        "history": lambda ref: desk.history(actor, ref),
        "options": lambda ref: desk.options(actor, ref),
        "fire": lambda ref: desk.fire(actor, ref, "submit"),
        "edit": lambda ref: desk.edit(actor, ref, data={"attribute": "proactive"}),
    }

    said = []
    for ref in (paper, "case-9999"):
        with pytest.raises(NotFound) as missing:
            questions[question](ref)
        said.append(missing.value.said.zh.replace(ref, "X") + missing.value.said.en.replace(ref, "X"))

    assert said[0] == said[1]


def test_a_post_that_has_ended_shows_nothing_any_more(office: Office) -> None:
    paper = office.draft()
    admin = office.actor("admin")
    office.desk.end_post(admin, "wangmin", "drafter", last_on=date(2026, 3, 2))
    assert office.desk.case(office.actor("wangmin"), paper).case.id == paper

    office.clock.forward(days=1)

    with pytest.raises(NotFound):
        office.desk.case(office.actor("wangmin"), paper)


def test_someone_of_another_bureau_sees_nothing(office: Office) -> None:
    paper = office.draft()
    stranger = an_actor("wangmin", "王敏", ("auditor", None), bureau="elsewhere")

    with pytest.raises(NotFound):
        office.desk.case(stranger, paper)
    assert office.desk.list_cases(stranger)[0] == ()


def test_the_auditor_reads_everything_and_changes_nothing(office: Office) -> None:
    paper = office.draft()

    assert office.desk.case(office.actor("zhengshen"), paper).case.id == paper
    with pytest.raises(Denied):
        office.does("zhengshen", "submit", paper)
    assert not any(each.allowed for each in office.desk.options(office.actor("zhengshen"), paper))


# What may I do, and why not.


def option(office: Office, person: str, paper: str, transition: str) -> Option:
    return next(each for each in office.desk.options(office.actor(person), paper) if each.transition == transition)


def test_every_refusal_names_all_that_is_missing_and_who_can_mend_it(office: Office) -> None:
    paper = office.at_the_office()

    accept = option(office, "zhaoyun", paper, "accept")

    assert not accept.allowed
    assert [each.name for each in accept.unmet] == ["tagged", "reasoned"]
    assert {name for each in accept.unmet for who in each.who for name in who.people} == {"王敏"}


def test_what_the_options_allow_is_what_the_desk_does(office: Office) -> None:
    paper = office.at_the_office(attribute="proactive")

    for person in ("wangmin", "lihua", "zhaoyun", "sunli", "zhouju", "zhengshen"):
        for each in office.desk.options(office.actor(person), paper):
            told = {"office_attribute": "withheld", "to": "heping"}
            data = {name: value for name, value in told.items() if name in each.required}
            try:
                office.desk.fire(office.actor(person), paper, each.transition, data=data, comment="已阅", dry_run=True)
                taken = True
            except Refused:
                taken = False
            assert taken == each.allowed, (person, each.transition)


def test_a_denied_step_says_whose_it_is(office: Office) -> None:
    paper = office.at_the_office(attribute="proactive")

    with pytest.raises(Denied) as denied:
        office.does("lihua", "accept", paper)

    (reason,) = [each for each in denied.value.reasons if each.kind == "role"]
    assert {name for who in reason.who for name in who.people} == {"赵云", "钱伟"}
    assert denied.value.exit_code == 4


def test_an_unknown_step_is_answered_with_the_steps_there_are(office: Office) -> None:
    paper = office.draft()

    with pytest.raises(Invalid) as invalid:
        office.does("wangmin", "submitt", paper)

    assert "submit" in invalid.value.problems[0].text.en


def test_unknown_fields_and_impossible_values_are_named_one_by_one(office: Office) -> None:
    paper = office.draft()

    with pytest.raises(Invalid) as invalid:
        office.desk.edit(
            office.actor("wangmin"), paper, data={"colour": "red", "attribute": "secret", "is_policy": "maybe"}
        )

    assert {each.field for each in invalid.value.problems} == {"colour", "attribute", "is_policy"}
    assert office.case(paper).version == 1


@pytest.mark.parametrize("day", ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31"])
def test_a_day_in_no_year_of_ours_is_named_whichever_door_it_comes_by(office: Office, day: str) -> None:
    with pytest.raises(Invalid) as invalid:
        office.desk.start(
            office.actor("zhaoyun"), "proposal", title="某建议", section="预算科", data={"assigned_on": day}
        )

    (problem,) = invalid.value.problems
    assert (problem.field, "1900 至 2200" in problem.text.zh, "1900 to 2200" in problem.text.en) == (
        "assigned_on",
        True,
        True,
    )


def test_a_warning_is_said_with_the_names_of_those_who_can_help(office: Office) -> None:
    paper = office.draft(origin=None, is_policy=None)

    done = office.does("wangmin", "submit", paper)

    assert [each.name for each in done.warnings] == ["tagged", "reasoned", "described"]
    assert {name for each in done.warnings for who in each.who for name in who.people} == {"王敏"}


def test_an_edit_needs_the_version_that_was_read(office: Office) -> None:
    paper = office.draft()
    office.desk.edit(office.actor("wangmin"), paper, data={"attribute": "proactive"}, expected_version=1)

    with pytest.raises(Conflict):
        office.desk.edit(office.actor("wangmin"), paper, data={"attribute": "withheld"}, expected_version=1)

    assert office.case(paper).data["attribute"] == "proactive"


# People.


def test_a_delegate_acts_for_the_principal_and_the_record_says_so(office: Office) -> None:
    office.desk.delegate(
        office.actor("lihua"), "lihua", "chenjing", from_on=date(2026, 3, 2), until_on=date(2026, 3, 6)
    )
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)

    office.does("chenjing", "endorse", paper)

    last = office.history(paper)[-1]
    assert (last.actor, last.on_behalf_of) == ("chenjing", "lihua")


def test_a_post_that_only_another_procedure_knows_is_in_nobodys_way(office: Office) -> None:
    paper = office.draft()
    wangmin = an_actor("wangmin", "王敏", ("mediator", None), ("drafter", "预算科"))

    assert office.desk.fire(wangmin, paper, "submit").case.case.state == "section_review"
    assert office.desk.options(wangmin, paper)


def test_an_appointment_by_another_hand_counts_at_once(office: Office) -> None:
    paper = office.at_the_office(attribute="proactive")
    with Desk.open(office.url, clock=office.clock) as other:
        other.appoint(other.actor("admin"), "chenjing", "office")

    office.does("chenjing", "accept", paper)

    assert "陈静" not in office.told("chenjing")
    office.does("sunli", "return", paper, comment="请补充依据")
    assert {each.case for each in office.desk.worklist(office.actor("wangmin")).notices} == {paper}


# Definitions and the calendar.


def test_a_case_stays_with_the_version_it_began_under(office: Office) -> None:
    from storage.versions import SHIPPED

    old = office.draft()
    text = (SHIPPED / "document.yaml").read_text("utf-8")
    newer = text.replace("version: 1\n", "version: 2\n", 1).replace("zh: 报科室审核,", "zh: 报送科室,", 1)

    installed = office.desk.install_definition(office.actor("admin"), newer, "document.yaml")
    new = office.draft()

    assert installed.version == 2
    assert office.desk.case(office.actor("wangmin"), old).definition.version == 1
    assert office.desk.case(office.actor("wangmin"), new).definition.version == 2
    assert [each.version for each in office.desk.definitions() if each.id == "document"] == [1, 2]


def test_the_same_version_with_another_content_is_refused(office: Office) -> None:
    from storage.versions import SHIPPED

    text = (SHIPPED / "document.yaml").read_text("utf-8").replace("zh: 报科室审核,", "zh: 报送科室,", 1)

    with pytest.raises(Invalid) as invalid:
        office.desk.install_definition(office.actor("admin"), text, "document.yaml")

    assert "version" in invalid.value.problems[0].text.zh
    assert "2" in invalid.value.problems[0].text.zh


def test_a_definition_is_the_administrators_to_install(office: Office) -> None:
    from storage.versions import SHIPPED

    text = (SHIPPED / "document.yaml").read_text("utf-8").replace("version: 1\n", "version: 2\n", 1)

    with pytest.raises(Denied):
        office.desk.install_definition(office.actor("zhouju"), text, "document.yaml")

    assert [each.version for each in office.desk.definitions() if each.id == "document"] == [1]


def test_the_next_due_moment_is_the_earliest_of_all_cases(office: Office) -> None:
    assert office.desk.next_due_at() is None
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)

    due = office.desk.next_due_at()

    # Three working days end on Thursday the 5th; the reminder comes one working day before.
    assert due is not None
    assert due.isoformat() == "2026-03-04T01:00:00+00:00"


def test_a_desk_that_was_closed_twice_is_closed(office: Office) -> None:
    with Desk.open(office.url) as desk:
        desk.close()


# Days that lie ahead.


def test_the_day_of_a_meeting_may_lie_ahead_and_the_day_on_which_it_was_held_may_not(office: Office) -> None:
    data: dict[str, Scalar] = {
        "agenda": "审议补助标准",
        "meeting_on": "2026-05-07",
        "openness": "open",
        "important": False,
    }

    meeting = office.desk.start(office.actor("wangmin"), "meeting", title="补助标准会议", data=data).case.case.id
    office.does("wangmin", "submit", meeting)
    office.does("zhouju", "approve_open", meeting)
    office.desk.edit(
        office.actor("zhaoyun"), meeting, data={"stakeholders": "某养老院", "absent_reason": "仅涉及养老院"}
    )
    office.does("zhaoyun", "announce", meeting)
    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "hold", meeting, held_on="2026-05-07", attendance="均到会")

    assert [each.name for each in refused.value.reasons] == ["held_on"]
    assert office.case(meeting).data["meeting_on"] == "2026-05-07"
