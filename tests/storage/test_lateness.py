"""A late case is closed by a person only when the cause and the section it lay with are on record."""

from __future__ import annotations

import pytest

from storage.views import Done
from tests.engines import on_each_statement
from tests.factories import Office
from tests.versions.permits import FIRST, Permits
from workflow.case import IMPORT, Command, Outcome
from workflow.errors import Denied, Refused


def late_paper(office: Office) -> str:
    """A paper ready to be published when its 20 working days have passed."""
    paper = office.signed()
    series = next(iter(office.desk.definition("document").fields["series"].choices))
    office.does("zhaoyun", "number", paper, series=series)
    office.clock.forward(days=60)
    return paper


def test_a_late_paper_is_not_closed_before_its_lateness_is_explained(office: Office) -> None:
    paper = late_paper(office)

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "publish", paper)

    (unmet,) = [each for each in refused.value.reasons if each.name == "lateness"]
    number = office.case(paper).number
    for said in (unmet.text.zh, unmet.text.en):
        assert f"gongkai do {number} explain_lateness" in said
    assert "主动公开时限" in unmet.text.zh


def test_an_explained_paper_is_closed(office: Office) -> None:
    paper = late_paper(office)

    office.does("zhaoyun", "explain_lateness", paper, cause="人员不足", section="预算科")
    office.does("zhaoyun", "publish", paper)

    assert office.case(paper).state == "published"
    explained = next(each for each in office.history(paper) if each.transition == "explain_lateness")
    assert dict(explained.data) == {"lateness.cause": "staff", "lateness.section": "预算科"}
    assert office.desk.verify().problems == ()


def test_an_explanation_names_a_cause_and_a_section_that_are_there(office: Office) -> None:
    paper = late_paper(office)

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "explain_lateness", paper, cause="weather", section="无此科")

    assert {each.name for each in refused.value.reasons} == {"cause", "section"}


def test_another_cause_wants_a_comment(office: Office) -> None:
    paper = late_paper(office)

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "explain_lateness", paper, cause="other", section="外部")
    office.does("zhaoyun", "explain_lateness", paper, comment="等候上级答复", cause="other", section="外部")

    assert [each.name for each in refused.value.reasons] == ["comment"]


def test_what_is_in_time_needs_no_explanation(office: Office) -> None:
    paper = office.signed()

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "explain_lateness", paper, cause="staff", section="预算科")

    assert [each.name for each in refused.value.reasons] == ["not_late"]


def test_whoever_has_no_part_in_it_explains_nothing(office: Office) -> None:
    paper = late_paper(office)

    with pytest.raises(Denied):
        office.does("wangmin", "explain_lateness", paper, cause="staff", section="预算科")


def test_another_explanation_stands_in_the_place_of_the_first(office: Office) -> None:
    paper = late_paper(office)
    office.does("zhaoyun", "explain_lateness", paper, cause="staff", section="预算科")

    office.does("zhaoyun", "explain_lateness", paper, cause="handover", section="国库科")

    (said,) = office.desk.answers(office.actor("zhengshen")).explained
    assert (said.section, said.cause, said.label.zh) == ("国库科", "handover", "内部流转延误")


def test_a_repeated_explanation_is_said_once(office: Office) -> None:
    paper, by = late_paper(office), office.actor("zhaoyun")
    said = {"cause": "人员不足", "section": "outside"}

    for _ in range(2):
        done = office.desk.fire(by, paper, "explain_lateness", data=said, request_id="once")

    assert done.repeated
    assert sum(each.transition == "explain_lateness" for each in office.history(paper)) == 1


def test_what_may_be_done_says_beforehand_that_the_lateness_is_to_be_explained(office: Office) -> None:
    paper = late_paper(office)

    options = {str(each.transition): each for each in office.desk.options(office.actor("zhaoyun"), paper)}

    assert not options["publish"].allowed
    assert [each.name for each in options["publish"].unmet] == ["lateness"]
    assert "lateness" not in [
        each.name for each in options["withhold"].unmet
    ]  # it is for papers that are not published
    assert options["explain_lateness"].allowed
    office.does("zhaoyun", "explain_lateness", paper, cause="staff", section="预算科")
    options = {str(each.transition): each for each in office.desk.options(office.actor("zhaoyun"), paper)}
    assert options["publish"].allowed


def test_a_step_that_ends_no_case_asks_nothing_more(office: Office) -> None:
    paper = office.draft()
    asked: list[str] = []
    on_each_statement(office.desk._db, asked.append)

    office.does("wangmin", "submit", paper)

    on_each_statement(office.desk._db, lambda _: None)
    assert [each for each in asked if "FROM deadlines" in each or "FROM events" in each] == []


# What the system ends.


def ended_by_itself(office: Office) -> str:
    """A permit that was noted late, and that the system then granted."""
    permits = Permits(office)
    permits.install(BY_ITSELF)
    permit = permits.filed(note=None)
    office.clock.forward(days=30)
    office.desk.edit(office.actor("zhaoyun"), permit, data={"note": "已核"})
    office.desk.sweep()
    assert office.case(permit).state == "granted"
    return permit


def test_an_automatic_step_ends_a_late_case_and_the_explanation_is_owed(office: Office) -> None:
    permit = ended_by_itself(office)
    number = office.case(permit).number

    (owing,) = office.desk.answers(office.actor("zhengshen")).unexplained
    (amiss,) = [each for each in office.desk.doctor() if not each.ok]

    assert (owing.number, owing.clock.label.zh, owing.clock.days) == (number, "办理期限", 12)
    assert amiss.name == "lateness"
    assert f"{number}（预算科）已由系统办结，“办理期限”逾期 12 个工作日" in amiss.text.zh
    assert amiss.hint is not None
    assert f"gongkai do {number} explain_lateness" in amiss.hint.en


def test_an_ended_case_is_explained_and_owes_nothing_more(office: Office) -> None:
    permit = ended_by_itself(office)

    office.does("zhaoyun", "explain_lateness", permit, cause="staff", section="预算科")

    assert office.desk.answers(office.actor("zhengshen")).unexplained == ()
    assert all(each.ok for each in office.desk.doctor())
    assert office.desk.verify().problems == ()


def test_what_another_section_owes_is_not_ones_own_to_see(office: Office) -> None:
    ended_by_itself(office)

    assert len(office.desk.answers(office.actor("lihua")).unexplained) == 1
    assert office.desk.answers(office.actor("heping")).unexplained == ()


def test_a_past_record_owes_no_explanation(office: Office) -> None:
    past = {"title": "关于下达专项资金的通知", "formed_on": "2025-06-02", "published_on": "2025-12-01"}
    record = Command(IMPORT, past)

    (taken,) = office.desk.take_in(office.actor("zhaoyun"), "document", [record], section="预算科")

    assert isinstance(taken, Done)
    assert office.desk.clocks(office.actor("zhengshen"), taken.case.case.id)[0].deadline.outcome == Outcome.LATE
    assert office.desk.answers(office.actor("zhengshen")).unexplained == ()


# Which clocks are asked for.


def test_each_clock_that_runs_out_after_an_explanation_is_explained_anew(office: Office) -> None:
    permits = Permits(office)
    permits.install(FIRST.replace("check: {clock: internal", "check: {clock: statutory, basis: 某法 2"))
    permit = permits.filed()
    office.clock.forward(days=7)
    office.does("zhaoyun", "explain_lateness", permit, cause="staff", section="预算科")
    office.clock.forward(days=30)

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "grant", permit)

    (unmet,) = refused.value.reasons
    assert "“办理期限”" in unmet.text.zh


@pytest.mark.parametrize("corrected", [{"filed_on": "2026-03-20"}, {"level": "high"}])
def test_who_was_late_stays_so_when_the_day_or_what_the_clock_is_for_is_changed(
    office: Office, corrected: dict[str, str]
) -> None:
    permits = Permits(office)
    permits.install(BY_A_DAY)
    permit = permits.filed(filed_on="2026-03-02")
    office.clock.forward(days=20)
    by = office.actor("zhaoyun")

    office.desk.edit(by, permit, data=corrected, comment="以签收单为准")

    ended = [each.deadline for each in office.desk.clocks(by, permit) if each.deadline.rule == "whole"]
    assert [each.late_days for each in ended if each.outcome == Outcome.LATE] == [4]
    with pytest.raises(Refused) as refused:
        office.does("qianwei", "grant", permit)
    assert [each.name for each in refused.value.reasons] == ["lateness"]
    office.does("zhaoyun", "explain_lateness", permit, cause="misdated", comment="收文登记簿为准", section="预算科")
    office.does("qianwei", "grant", permit)
    assert office.desk.verify().problems == ()


def test_a_day_that_is_corrected_in_time_makes_nobody_late(office: Office) -> None:
    permits = Permits(office)
    permits.install(BY_A_DAY)
    permit = permits.filed(filed_on="2026-03-02")
    office.clock.forward(days=5)

    with pytest.raises(Refused) as unsaid:
        office.desk.edit(office.actor("zhaoyun"), permit, data={"filed_on": "2026-03-04"})
    office.desk.edit(office.actor("zhaoyun"), permit, data={"filed_on": "2026-03-04"}, comment="以签收单为准")

    # the law counts from that day: it is not moved without a word
    assert [each.name for each in unsaid.value.reasons] == ["comment"]
    assert office.history(permit)[-1].comment == "以签收单为准"
    assert permits.clocks(permit)["whole"] == "2026-03-18"
    office.does("qianwei", "grant", permit)
    assert office.case(permit).state == "granted"


def test_a_clock_that_ends_by_a_step_of_its_own_makes_nobody_late(office: Office) -> None:
    permits = Permits(office)
    permits.install(WITH_A_LAPSE)
    permit = permits.filed()
    office.clock.forward(days=30)
    office.desk.sweep()
    assert office.case(permit).state == "overtime"

    office.does("zhaoyun", "grant_late", permit)

    assert office.case(permit).state == "granted"


def test_an_internal_clock_is_nobodys_to_explain(office: Office) -> None:
    permits = Permits(office)
    permits.install(FIRST.replace("whole: {clock: statutory", "whole: {clock: internal"))
    permit = permits.filed()
    office.clock.forward(days=30)

    office.does("zhaoyun", "grant", permit)

    assert office.case(permit).state == "granted"


GRANT = "  grant:  {from: [checking], to: granted, roles: [office, leader], guards: [not_own], zh: 许可, en: grant}\n"
#: It counts from a day that the Office may correct, for low ones only.
BY_A_DAY = (
    FIRST.replace("  level: {", "  filed_on: {type: date, zh: 收文日期, en: filed on}\n  level: {")
    .replace("[title, note, level]", "[title, note, level, filed_on]")
    .replace("office: [note]", "office: [note, level, filed_on]")
    .replace("anchor: {event: file}", "anchor: {event: file, date: filed_on}, applies: {level: low}")
)
#: The system grants what the Office has noted.
BY_ITSELF = FIRST.replace(
    GRANT,
    f"{GRANT}  settle: {{from: [checking], to: granted, roles: [system], auto: true, guards: [noted], zh: 自动许可, en: settle}}\n",
).replace("\nstates:", "\n  noted: {if: {note: set}, zh: 未填备注, en: the note is missing}\nstates:")
#: What was not decided in time goes its own way.
WITH_A_LAPSE = (
    FIRST.replace(
        GRANT,
        f"{GRANT}  run_out: {{from: [checking], to: overtime, roles: [system], zh: 届满, en: run out}}\n"
        "  grant_late: {from: [overtime], to: granted, roles: [office, leader], guards: [not_own], zh: 补予许可, en: grant late}\n",
    )
    .replace("  granted:  {", "  overtime: {waits_for: office, zh: 超期, en: overtime}\n  granted:  {")
    .replace("limit: 10 working days,", "limit: 10 working days, on_expiry: run_out,")
    .replace("waive: [", "waive: [{check: no-deadline, state: overtime, reason: 届满后不计时}, ")
)


def test_a_plan_names_what_is_to_be_explained_before_the_case_closes(office: Office) -> None:
    paper = late_paper(office)
    asks = office.actor("zhaoyun")

    assert [each.name for each in office.desk.plan(asks, paper, "published").owed] == ["lateness"]
    office.does("zhaoyun", "explain_lateness", paper, cause="staff", section="预算科")
    assert office.desk.plan(asks, paper, "published").owed == ()
