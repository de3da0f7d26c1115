"""No limit of the law is moved or ended beside its course without those hearing of it who answer for it."""

from __future__ import annotations

import pytest

from tests.factories import Office
from tests.storage.test_lateness import BY_A_DAY
from tests.versions.permits import Permits
from workflow.errors import Refused

#: The Office corrects the day by a step of its own, too.
REDATED = (
    BY_A_DAY.replace("[note, level, filed_on]", "[note, level, filed_on, true_on]")
    .replace("office: [note, level", "office: [title, note, level")
    .replace("checking], limit: 3", "checking, asking], anchor: {event: file, date: filed_on}, limit: 3")
    .replace("  level: {", "  true_on: {type: date, zh: 实际收文日期, en: truly filed on}\n  level: {")
    .replace(
        "  answer: ",
        "  redate: {from: [checking], to: checking, roles: [office], comment: required, form: {required: [true_on]},"
        " set: {filed_on: {copy: true_on}}, zh: 更正收文日期, en: correct the day}\n  answer: ",
    )
)
#: The limit was set for each case, and has its own ways to end, to grow longer and to begin anew.
WITH_WAYS = (
    BY_A_DAY.replace("[note, level, filed_on]", "[note, level, filed_on, days]")
    .replace("[title, note, level, filed_on]", "[title, note, level, filed_on, days]")
    .replace("  level: {", "  days: {type: integer, min: 1, max: 30, zh: 期限, en: days}\n  level: {")
    .replace(
        "limit: 10 working days,",
        "limit: {field: days, unit: working days}, extend: {event: lengthen, by: 5 working days}, done_by: [reply],"
        " restart: [{event: renew}],",
    )
    .replace(
        "  answer: ",
        "  lengthen: {from: [checking], to: checking, roles: [office], guards: [once, in_time], form: {optional: [filed_on]}, zh: 延长, en: lengthen}\n"
        "  reply: {from: [checking], to: checking, roles: [office], zh: 答复, en: reply}\n"
        "  deliver: {from: [checking], to: granted, roles: [office], zh: 当面送达, en: deliver}\n"
        "  renew: {from: [checking], to: checking, roles: [office], zh: 重新计时, en: renew}\n"
        "  classify: {from: [checking], to: checking, roles: [office], form: {optional: [level, days, filed_on]}, zh: 定级, en: classify}\n"
        "  answer: ",
    )
    .replace(
        "\nstates:",
        "\n  once: {check: first_time, params: {steps: [lengthen]}, zh: 已延长, en: it was lengthened}\n"
        "  in_time: {check: before_due, params: {deadlines: [whole]}, zh: 已逾期, en: it is late}\nstates:",
    )
)
#: The step from which the clock counts can be taken again.
REPEATED = BY_A_DAY.replace(
    "anchor: {event: file, date: filed_on}", 'since: "2026-03-01", anchor: {event: [file, refile], date: filed_on}'
).replace(
    "  answer: ",
    "  refile: {from: [checking], to: checking, roles: [office], form: {required: [filed_on]}, zh: 重新收文, en: file anew}\n  answer: ",
)
#: The clock stands still from the day on which the other really got the question.
ASKED_SINCE = BY_A_DAY.replace(
    "  level: {", "  asked_on: {type: date, zh: 函询送达日期, en: asked on}\n  level: {"
).replace("to: asking, roles: [office]", "to: asking, roles: [office], form: {required: [asked_on]}, dated: asked_on")
#: The permit counts as granted on the day that is typed.
DATED = BY_A_DAY.replace("  level: {", "  granted_on: {type: date, zh: 许可日期, en: granted on}\n  level: {").replace(
    "roles: [office, leader], guards",
    "roles: [office, leader], form: {optional: [granted_on]}, dated: granted_on, guards",
)
#: When the clock is missed nobody hears of it.
UNHEARD = BY_A_DAY.replace(", escalate: [{after: 0 working days, tell: [leader]}]}\n  asked", "}\n  asked").replace(
    "waive: [", "waive: [{check: no-outcome, deadline: whole, reason: 另有台账}, "
)


@pytest.fixture(params=["file_url"])
def url(request: pytest.FixtureRequest) -> str:
    """What is told is made above the engines: one of them is enough."""
    address: str = request.getfixturevalue(request.param)
    return address


def test_who_answers_for_a_clock_and_who_has_it_in_hand_hear_of_whatever_moves_it(office: Office) -> None:
    permits = Permits(office)
    permits.install(REDATED)
    permit = permits.filed(filed_on="2026-03-02")
    clerk, before = office.actor("zhaoyun"), (office.told("zhouju"), office.told("qianwei"))
    office.clock.forward(days=5)

    office.desk.edit(clerk, permit, data={"filed_on": "2026-03-04", "title": "占道经营"}, comment="以签收单为准")
    office.desk.edit(clerk, permit, data={"note": "已核"})
    office.does("zhaoyun", "ask", permit, comment="以回证为准", filed_on="2026-03-05")
    office.clock.forward(days=3)
    office.does("zhaoyun", "answer", permit)
    office.does("zhaoyun", "redate", permit, comment="以登记簿为准", true_on="2026-03-03")
    office.desk.edit(clerk, permit, data={"level": "high"})
    office.desk.edit(clerk, permit, data={"filed_on": "2026-03-06", "level": "low"})

    # each time both days and why; another field's change, a pause and its end are nobody's news
    told = [office.told(person)[len(known) :] for person, known in zip(("zhouju", "qianwei"), before, strict=True)]
    assert told[0] == told[1]
    assert {each.partition("：")[0] for each in told[0]} == {"PER-2026-00001《占道经营》"}
    assert [each.partition("：")[2] for each in told[0]] == [
        "赵云的改动涉及法定时限：“办理期限”的起算日由 2026-03-02 改为 2026-03-04，最后一日由 2026-03-16 改为 2026-03-18。以签收单为准",
        "赵云的改动涉及法定时限：“办理期限”的起算日由 2026-03-04 改为 2026-03-05，最后一日由 2026-03-18 改为 2026-03-19。以回证为准",
        "赵云的改动涉及法定时限：“办理期限”的起算日由 2026-03-05 改为 2026-03-03，最后一日由 2026-03-23 改为 2026-03-19。以登记簿为准",
        "赵云的改动涉及法定时限：“办理期限”不再适用（原最后一日 2026-03-19）。",
        "赵云的改动涉及法定时限：“办理期限”自 2026-03-06 起算，最后一日 2026-03-20。",
    ]


def test_what_fulfils_lengthens_or_restarts_a_clock_is_its_course_and_what_is_typed_beside_that_is_not(
    office: Office,
) -> None:
    permits = Permits(office)
    permits.install(WITH_WAYS)
    began_on, ended = (
        "“办理期限”的起算日由 2026-03-02 改为 2026-03-04，最后一日由 2026-03-16 改为 ",
        "“办理期限”不再适用（原最后一日 2026-03-16）",
    )
    office.clock.forward(days=3)

    for step, typed, said in (
        ("lengthen", {}, None),
        ("lengthen", {"filed_on": "2026-03-04"}, f"{began_on}2026-03-25"),
        ("reply", {"level": "high"}, None),
        ("deliver", {"level": "high"}, None),
        ("renew", {}, None),
        ("classify", {"level": "high"}, None),
        ("classify", {"days": 12}, "“办理期限”的最后一日由 2026-03-16 改为 2026-03-18"),
        ("ask", {"level": "high"}, ended),
        ("ask", {"days": None}, ended),
    ):
        permit, before = permits.filed(filed_on="2026-03-02", days=10), len(office.told("zhouju"))
        office.does("zhaoyun", step, permit, **typed)
        told = [each.partition("涉及法定时限：")[2].removesuffix("。") for each in office.told("zhouju")[before:]]
        assert told == ([said] if said else []), (step, typed)


def test_what_is_taken_back_or_comes_when_the_clock_was_over_moves_it_too(office: Office) -> None:
    permits = Permits(office)
    permits.install(WITH_WAYS)
    permit = permits.filed(filed_on="2026-03-02", days=20)
    late = permits.filed(filed_on="2026-03-02", days=5)
    high = permits.filed(filed_on="2026-03-02", days=20, level="high")
    before = len(office.told("zhouju"))
    office.clock.forward(days=20)

    for each, along in (
        (permit, {"filed_on": "2026-03-03"}),
        (late, {"filed_on": "2026-03-20"}),
        (high, {"level": "low"}),
    ):
        office.does("zhaoyun", "ask", each, comment="以回证为准", **along)
        office.does("zhaoyun", "take_back", each)
    office.does("zhaoyun", "classify", late, filed_on="2026-03-20", days=6)

    # a clock that began with the step ends when it is taken back: nobody had heard of it
    assert [each.partition("起算日由 ")[2] for each in office.told("zhouju")[before:]] == [
        "2026-03-02 改为 2026-03-03，最后一日由 2026-03-30 改为 2026-03-31。以回证为准",
        "2026-03-03 改为 2026-03-02，最后一日由 2026-03-31 改为 2026-03-30。",
        "2026-03-02 改为 2026-03-20，最后一日由 2026-03-09 改为 2026-03-27。以回证为准",
        "2026-03-20 改为 2026-03-02，最后一日由 2026-03-27 改为 2026-03-09。",
        "2026-03-02 改为 2026-03-20，最后一日由 2026-03-09 改为 2026-03-30。",
    ]


def test_a_running_clock_that_begins_anew_on_another_day_is_moved(office: Office) -> None:
    permits = Permits(office)
    permits.install(REPEATED)
    permit = permits.filed(filed_on="2026-03-02")
    before = office.told("qianwei")
    office.clock.forward(days=5)

    for day in ("2026-03-02", "2026-03-04", "2026-02-27"):
        office.does("zhaoyun", "refile", permit, filed_on=day)

    # counted from a day before there was such a limit, it is no longer for this case
    assert [each.partition("涉及法定时限：")[2] for each in office.told("qianwei")[len(before) :]] == [
        "“办理期限”的起算日由 2026-03-02 改为 2026-03-04，最后一日由 2026-03-16 改为 2026-03-18。",
        "“办理期限”不再适用（原最后一日 2026-03-18）。",
    ]


def test_a_limit_that_was_over_does_not_end_in_time_by_a_typed_day_without_its_proof_and_unheard(
    office: Office,
) -> None:
    permits = Permits(office)
    permits.install(DATED)
    permit, other = permits.filed(filed_on="2026-03-02"), permits.filed(filed_on="2026-03-02")
    office.clock.forward(days=30)
    before = office.told("zhouju")

    with pytest.raises(Refused) as refused:
        office.does("qianwei", "grant", permit, granted_on="2026-03-13")
    office.does("qianwei", "grant", permit, comment="送达回证载明3月13日", granted_on="2026-03-13")

    (unmet,) = refused.value.reasons
    assert unmet.name == "comment"
    assert unmet.text.zh.startswith("“办理期限”的最后一日 2026-03-16 已过，而填写的日期在期限之内")
    (told,) = office.told("zhouju")[len(before) :]
    assert "“办理期限”的最后一日 2026-03-16 已过，登记为 2026-03-13 按期办结。送达回证载明3月13日" in told
    # what is late stays late, and is explained
    with pytest.raises(Refused) as late:
        office.does("qianwei", "grant", other, granted_on="2026-03-17")
    assert [each.name for each in late.value.reasons] == ["lateness"]


def test_a_clock_that_goes_up_to_nobody_is_not_moved_unheard(office: Office) -> None:
    permits = Permits(office)
    permits.install(UNHEARD)
    permit = permits.filed(filed_on="2026-03-02")
    told = office.told("lihua")
    office.clock.forward(days=5)

    office.desk.edit(office.actor("zhaoyun"), permit, data={"level": "high"})

    assert len(office.told("lihua")) == len(told) + 1


def test_no_lateness_goes_unheard_by_a_pause_that_began_on_a_day_of_the_past(office: Office) -> None:
    """条例 33: what is over cannot be stopped any more; where it was not over on the true day, those who answer for it hear so."""
    permits = Permits(office)
    permits.install(ASKED_SINCE)
    permit, late = permits.filed(filed_on="2026-03-02"), permits.filed(filed_on="2026-03-02")
    office.clock.forward(days=18)
    office.desk.sweep()
    before = office.told("zhouju")

    office.does("zhaoyun", "ask", permit, asked_on="2026-03-10")
    office.does("zhaoyun", "ask", late, asked_on="2026-03-17")

    (told,) = office.told("zhouju")[len(before) :]
    assert told.partition("：")[2] == (
        "赵云的改动涉及法定时限：“办理期限”已逾期（最后一日 2026-03-16），自 2026-03-10 起暂停计时，不再逾期。"
    )


def test_the_day_from_which_a_clock_of_the_law_counts_is_not_taken_away(office: Office) -> None:
    permits = Permits(office)
    permits.install(BY_A_DAY.replace("{type: date, zh: 收文日期", "{type: date, lapses_on: [note], zh: 收文日期"))
    permit = permits.filed(filed_on="2026-03-02")

    # nor with another field
    for taken_away in ({"filed_on": None, "level": "high"}, {"note": "补正"}):
        with pytest.raises(Refused) as refused:
            office.desk.edit(office.actor("zhaoyun"), permit, data=taken_away, comment="登记有误")

        (unmet,) = refused.value.reasons
        assert unmet.name == "filed_on"
        assert unmet.text.zh.startswith("“收文日期”是办理期限的起算日，时限进行中不能清空；登记有误的，改填实际的日期")
    # of a case for which the clock is not, the day is anybody's
    office.desk.edit(office.actor("zhaoyun"), permit, data={"level": "high"})
    office.desk.edit(office.actor("zhaoyun"), permit, data={"filed_on": None})
