"""The clocks: what arms them, what ends them, when they speak, and that they follow from the events alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.papers import PRC, Paper, at
from workflow.accepted import definition_from
from workflow.case import (
    EDIT,
    ESCALATE,
    RECOMPUTE,
    REMIND,
    SHANGHAI,
    START,
    Outcome,
    business_date,
)
from workflow.clock import due, explain, late_days, next_step_at, scheduled
from workflow.errors import Invalid
from workflow.limit import Limit, Unit, limit_from
from workflow.model import Definition
from workflow.workdays import Calendar, UnknownYear, amended, calendar_file, shipped

STATES = ("draft", "review", "numbering", "release", "done")


def declared(**deadlines: dict[str, Any]) -> Definition:
    """A small procedure with these clocks: everything but the clocks is of no account here."""
    named = {"zh": "名", "en": "name"}
    return definition_from(
        {
            "id": "paper",
            "version": 1,
            "prefix": "P",
            "title": named,
            "roles": {},
            "fields": {},
            "guards": {},
            "states": {each: {**named, "initial": each == "draft", "final": each == "done"} for each in STATES},
            "transitions": {},
            "deadlines": {
                name: {**named, "clock": "internal", "limit": "3 working days", **said}
                for name, said in deadlines.items()
            },
            "never": {},
        },
        "digest",
    )


def moments(rule: dict[str, Any], begins: str) -> list[tuple[str, str]]:
    """The steps of this rule, in Shanghai, for a paper that comes into review then."""
    paper = Paper(declared(it={"runs_in": ["review"], **rule})).happens(START, begins, "review")
    steps = scheduled(paper.definition.deadlines["it"], paper.only, PRC)
    return [(each.step.name, each.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")) for each in steps]


# What arms a clock.


REVIEW = {"runs_in": ["review"]}


def test_a_clock_begins_when_the_case_comes_in_and_counts_from_the_next_day() -> None:
    paper = (
        Paper(declared(review=REVIEW))
        .happens(START, "2026-02-13 08:00")
        .happens("submit", "2026-02-13 17:59", "review")
    )

    assert paper.running == ["review"]
    assert (paper.only.anchor_on, paper.only.armed_seq) == (date(2026, 2, 13), 2)
    assert paper.only.rolled_on == paper.only.strict_on == date(2026, 2, 25)  # 14, 24, 25
    assert paper.only.due_at == at("2026-02-26 00:00")


@pytest.mark.parametrize(
    ("instant", "last"),
    [
        (datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC), date(2026, 3, 5)),  # 23:59:59 in Shanghai
        (datetime(2026, 3, 2, 16, 0, tzinfo=UTC), date(2026, 3, 6)),  # midnight: the next day already
    ],
)
def test_midnight_is_shanghai_midnight_when_a_clock_begins(instant: datetime, last: date) -> None:
    assert Paper(declared(review=REVIEW)).happens(START, instant, "review").only.rolled_on == last


@pytest.mark.parametrize(
    ("instant", "outcome", "late"),
    [
        (datetime(2026, 3, 5, 8, 30, tzinfo=UTC), Outcome.MET, None),  # half past four on the last day
        (datetime(2026, 3, 5, 15, 59, 59, tzinfo=UTC), Outcome.MET, None),
        (datetime(2026, 3, 5, 16, 0, tzinfo=UTC), Outcome.LATE, 1),
        (datetime(2026, 3, 9, 2, 0, tzinfo=UTC), Outcome.LATE, 2),  # Friday and Monday
    ],
)
def test_the_last_day_lasts_until_its_midnight_in_shanghai(
    instant: datetime, outcome: Outcome, late: int | None
) -> None:
    paper = Paper(declared(review=REVIEW)).happens(START, "2026-03-02 10:00", "review").happens("go", instant, "done")

    ended = paper.ever["review", 1]
    assert (ended.outcome, ended.late_days, ended.closed_at) == (outcome, late, instant)
    assert paper.case.deadlines == ()


def test_a_clock_is_armed_anew_on_every_return() -> None:
    paper = Paper(declared(review=REVIEW))
    paper.happens(START, "2026-03-02 10:00", "review").happens("return", "2026-03-03 10:00", "draft")
    assert paper.running == []

    paper.happens("submit", "2026-03-09 10:00", "review")

    assert (paper.only.armed_seq, paper.only.rolled_on, paper.only.fired) == (3, date(2026, 3, 12), 0)
    assert paper.outcomes == [("review", 1, Outcome.MET), ("review", 3, None)]


def test_steps_inside_the_running_states_do_not_start_it_again() -> None:
    rule = {"runs_in": ["numbering", "release"]}
    paper = Paper(declared(both=rule)).happens(START, "2026-03-02 10:00", "numbering")
    first = paper.only

    paper.happens("number", "2026-03-03 10:00", "release").happens("note", "2026-03-04 10:00").happens(
        EDIT, "2026-03-04 11:00", title="改"
    )

    assert paper.only == first


def test_an_edit_that_makes_a_rule_apply_starts_it_and_one_that_ends_it_voids_it() -> None:
    rule = {"runs_in": ["release"], "applies": {"attribute": "proactive"}}
    paper = Paper(declared(out=rule)).happens(START, "2026-03-02 10:00", "release", attribute="on_request")
    assert paper.running == []

    paper.happens(EDIT, "2026-03-03 10:00", attribute="proactive")
    assert (paper.only.anchor_on, paper.only.armed_seq) == (date(2026, 3, 3), 2)
    paper.happens(EDIT, "2026-03-04 10:00", attribute=None)

    assert paper.outcomes == [("out", 2, Outcome.VOID)]
    assert paper.ever["out", 2].late_days is None


def test_an_edit_of_something_else_starts_nothing() -> None:
    rule = {"runs_in": ["review"], "since": "2026-03-03"}
    paper = Paper(declared(out=rule)).happens(START, "2026-03-02 10:00", "review")

    paper.happens(EDIT, "2026-03-04 10:00", title="改")

    assert paper.running == []


@pytest.mark.parametrize(("since", "running"), [("2026-03-02", ["review"]), ("2026-03-03", [])])
def test_a_rule_arms_nothing_before_the_day_of_its_law(since: str, running: list[str]) -> None:
    paper = Paper(declared(review={**REVIEW, "since": since})).happens(START, "2026-03-02 23:59", "review")

    assert paper.running == running


PUBLICATION = {
    "runs_in": ["numbering", "release"],
    "anchor": {"event": ["sign", "reclassify"]},
    "applies": {"attribute": "proactive"},
    "limit": "20 working days",
}


def signed(when: str = "2026-02-27 16:00", **data: Any) -> Paper:
    paper = Paper(declared(publication=PUBLICATION)).happens(START, "2026-02-02 10:00", "review")
    return paper.happens("sign", when, "numbering", **{"attribute": "proactive", **data})


def test_an_anchored_clock_counts_from_its_event() -> None:
    assert signed().only.rolled_on == date(2026, 3, 26)  # LAW 12, M1


def test_an_anchored_clock_that_is_interrupted_keeps_its_old_anchor() -> None:
    paper = signed().happens("back", "2026-03-02 10:00", "review").happens("again", "2026-03-10 10:00", "numbering")

    assert (paper.only.anchor_on, paper.only.armed_seq) == (date(2026, 2, 27), 4)
    assert paper.only.rolled_on == date(2026, 3, 26)
    assert paper.outcomes[0] == ("publication", 2, Outcome.MET)


def test_an_anchor_that_happens_again_starts_the_clock_anew() -> None:
    paper = signed().happens("number", "2026-03-02 10:00", "release").happens("reclassify", "2026-03-16 10:00")

    assert (paper.only.anchor_on, paper.only.armed_seq) == (date(2026, 3, 16), 4)
    assert paper.outcomes == [("publication", 2, Outcome.VOID), ("publication", 4, None)]


def test_the_latest_of_two_anchors_counts() -> None:
    paper = signed().happens("reclassify", "2026-03-03 10:00", "done").happens("reopen", "2026-03-09 10:00", "release")

    assert paper.only.anchor_on == date(2026, 3, 3)


def test_an_anchored_clock_whose_event_never_happened_does_not_run() -> None:
    paper = Paper(declared(publication=PUBLICATION)).happens(
        START, "2026-03-02 10:00", "release", attribute="proactive"
    )

    assert paper.running == []


def test_an_attribute_given_later_counts_from_the_old_signature() -> None:
    paper = signed(attribute="on_request").happens(EDIT, "2026-03-10 10:00", attribute="proactive")

    assert (paper.only.anchor_on, paper.only.armed_seq) == (date(2026, 2, 27), 3)


def test_an_edit_can_be_the_anchor() -> None:
    rule = {"runs_in": ["review"], "anchor": {"event": ["edit.review"]}}
    paper = Paper(declared(it=rule)).happens(START, "2026-03-02 10:00", "review")
    assert paper.running == []

    paper.happens(EDIT, "2026-03-03 10:00", title="改").happens(EDIT, "2026-03-04 10:00", title="再改")

    assert paper.only.anchor_on == date(2026, 3, 4)
    assert paper.outcomes == [("it", 2, Outcome.VOID), ("it", 3, None)]


FORMED = {"runs_in": ["release"], "anchor": {"event": ["take"], "date": "formed_on"}, "limit": "20 working days"}


def test_a_stated_day_is_the_anchor_and_its_correction_moves_the_date() -> None:
    paper = Paper(declared(it=FORMED)).happens(START, "2026-03-02 10:00")
    paper.happens("take", "2026-03-20 10:00", "release", formed_on="2026-02-27")
    assert (paper.only.anchor_at, paper.only.rolled_on) == (at("2026-02-27 00:00"), date(2026, 3, 26))

    paper.happens(EDIT, "2026-03-21 10:00", formed_on="2026-02-26")
    assert (paper.only.armed_seq, paper.only.rolled_on) == (2, date(2026, 3, 25))
    paper.happens(EDIT, "2026-03-22 10:00", formed_on=None)

    assert paper.only.anchor_on == date(2026, 3, 20)  # no day is stated: the event's own


def test_a_clock_that_was_extended_is_never_counted_from_its_extension() -> None:
    rule = {"runs_in": ["review"], "restart": [{"event": "correct", "date": "corrected_on"}]}
    paper = Paper(declared(it=rule | {"extend": {"event": "extend", "by": "10 working days"}}))
    paper.happens(START, "2026-03-02 10:00", "review").happens("correct", "2026-03-04 10:00", corrected_on="2026-03-03")
    paper.happens("extend", "2026-03-05 10:00")

    paper.happens(EDIT, "2026-03-06 10:00", corrected_on="2026-03-04")

    assert (paper.only.extended, paper.only.anchor_on) == (10, date(2026, 3, 3))


def test_a_stated_day_before_the_calendar_is_refused_with_a_way_out() -> None:
    paper = Paper(declared(it=FORMED)).happens(START, "2026-03-02 10:00")

    with pytest.raises(UnknownYear, match="2004"):
        paper.happens("take", "2026-03-20 10:00", "release", formed_on="1999-02-27")


# Reminders, escalations, expiry.


def test_reminders_come_at_nine_before_the_last_day_and_escalations_after_it() -> None:
    rule = {
        "remind": [{"before": "1 working day"}, {"before": "2 working days"}, {"before": "0 working days"}],
        "escalate": [{"after": "2 working days"}, {"after": "0 working days"}],
    }

    assert moments(rule, "2026-02-12 08:00") == [  # 13, 14, 24
        ("remind-2", "2026-02-13 09:00"),
        ("remind-1", "2026-02-14 09:00"),
        ("remind-3", "2026-02-24 09:00"),
        ("escalate-2", "2026-02-25 09:00"),
        ("escalate-1", "2026-02-27 09:00"),
    ]


def test_a_reminder_from_before_the_beginning_is_due_at_once() -> None:
    rule = {"limit": "1 working day", "remind": [{"before": "5 working days"}, {"before": "1 working day"}]}

    assert moments(rule, "2026-03-02 14:30") == [("remind-1", "2026-03-02 14:30"), ("remind-2", "2026-03-02 14:30")]


def test_reminders_of_calendar_days_stand_before_the_safe_day() -> None:
    rule = {"limit": "20 calendar days", "remind": [{"before": "0 working days"}, {"before": "3 calendar days"}]}

    assert moments({**rule, "escalate": [{"after": "0 working days"}]}, "2026-01-29 08:00") == [
        ("remind-2", "2026-02-15 09:00"),
        ("remind-1", "2026-02-15 09:00"),  # the safe day is 02-14; the order of the steps is the rule's own
        ("escalate-1", "2026-02-25 09:00"),  # rolled to 02-24
    ]


def test_a_missed_yearly_filing_is_escalated_on_the_first_working_day_after() -> None:
    rule = {"limit": "1 month", "escalate": [{"after": "0 working days"}, {"after": "0 calendar days"}]}

    assert moments(rule, "2026-03-30 08:00") == [  # LAW 12, M14: 04-30 is missed
        ("escalate-1", "2026-05-06 09:00"),
        ("escalate-2", "2026-05-06 09:00"),
    ]


def test_escalations_in_calendar_days_come_on_days_off_too() -> None:
    rule = {"limit": "1 working day", "escalate": [{"after": "0 calendar days"}, {"after": "1 calendar day"}]}

    assert moments(rule, "2026-03-05 08:00") == [("escalate-1", "2026-03-07 09:00"), ("escalate-2", "2026-03-08 09:00")]


def test_a_reminder_that_would_stand_before_the_calendar_is_due_at_once() -> None:
    rule = {"limit": "1 calendar day", "remind": [{"before": "5 working days"}]}

    assert moments(rule, "2004-01-02 10:00") == [("remind-1", "2004-01-02 10:00")]


def test_hours_are_exact_and_expiry_comes_at_the_end() -> None:
    rule = {
        "limit": "5 hours",
        "remind": [{"before": "1 hour"}, {"before": "0 working days"}],
        "on_expiry": "lapse",
        "escalate": [{"after": "2 hours"}, {"after": "0 working days"}],
    }

    assert moments(rule, "2026-02-17 03:10") == [
        ("remind-2", "2026-02-17 03:10"),  # the safe day before it is 02-14
        ("remind-1", "2026-02-17 07:10"),
        ("expire", "2026-02-17 08:10"),
        ("escalate-1", "2026-02-17 10:10"),
        ("escalate-2", "2026-02-24 09:00"),
    ]


def test_the_next_step_is_the_first_that_has_not_fired() -> None:
    rule = {**REVIEW, "remind": [{"before": "1 working day"}], "escalate": [{"after": "0 working days"}]}
    paper = Paper(declared(review=rule)).happens(START, "2026-03-02 10:00", "review")
    assert next_step_at(paper.definition, paper.case.deadlines, PRC) == at("2026-03-04 09:00")

    paper.happens(REMIND, "2026-03-04 09:00", deadline="review", armed_seq=1)
    assert paper.only.fired == 1
    assert next_step_at(paper.definition, paper.case.deadlines, PRC) == at("2026-03-06 09:00")
    paper.happens(ESCALATE, "2026-03-06 09:00", deadline="review", armed_seq=1)

    assert next_step_at(paper.definition, paper.case.deadlines, PRC) is None
    assert next_step_at(paper.definition, (), PRC) is None


def test_the_earliest_of_all_open_clocks_is_next() -> None:
    one = {"runs_in": ["review"], "escalate": [{"after": "0 working days"}]}
    paper = Paper(declared(a={**one, "limit": "9 working days"}, b={**one, "limit": "2 working days"}, c=REVIEW))
    paper.happens(START, "2026-03-02 10:00", "review")

    assert next_step_at(paper.definition, paper.case.deadlines, PRC) == at("2026-03-05 09:00")
    closed = tuple(replace(each, closed_at=at("2026-03-03 10:00")) for each in paper.case.deadlines)
    assert next_step_at(paper.definition, closed, PRC) is None


def test_a_reminder_counts_for_the_deadline_that_it_names() -> None:
    paper = Paper(declared(a=REVIEW, b=REVIEW)).happens(START, "2026-03-02 10:00", "review")

    paper.happens(REMIND, "2026-03-04 09:00", deadline="b", armed_seq=1)
    paper.happens(REMIND, "2026-03-04 09:00", deadline="a", armed_seq=7)

    assert [(each.rule, each.fired) for each in paper.case.deadlines] == [("a", 0), ("b", 1)]


def test_an_expiry_that_leaves_the_case_where_it_is_has_fired() -> None:
    rule = {**REVIEW, "on_expiry": "lapse", "escalate": [{"after": "0 working days"}]}
    paper = Paper(declared(review=rule)).happens(START, "2026-03-02 10:00", "review")

    paper.happens("lapse", "2026-03-03 10:00")  # a person's hand is no expiry
    assert paper.only.fired == 0
    paper.happens("lapse", "2026-03-06 00:00", automatic=True)

    assert paper.only.fired == 1
    assert next_step_at(paper.definition, paper.case.deadlines, PRC) == at("2026-03-06 09:00")


@pytest.mark.parametrize(
    ("done_by", "step", "when", "outcome"),
    [
        ("last", "last", "2026-03-06 00:00", Outcome.MET),  # it has lasted, as it was to
        ("last", "sign", "2026-03-09 10:00", Outcome.MET),  # no ticker had run until then
        ("file", "last", "2026-03-06 00:00", Outcome.LATE),  # what was owed was not done
    ],
)
def test_a_time_that_must_be_given_makes_nobody_late(done_by: str, step: str, when: str, outcome: Outcome) -> None:
    rule = {**REVIEW, "on_expiry": "last", "done_by": [done_by]}
    paper = Paper(declared(review=rule)).happens(START, "2026-03-02 10:00", "review")

    paper.happens(step, when, None if done_by == step else "done", automatic=step == "last")

    assert paper.outcomes == [("review", 1, outcome)]


# Calendars that change.


NOTICE = "{year: 2027, notice: n, source: s, holidays: [{name: 元旦, off: 2027-01-01..2027-01-05}]}"


def test_a_date_in_a_year_that_is_not_announced_is_provisional_until_it_is() -> None:
    definition = declared(publication=PUBLICATION)
    paper = Paper(definition).happens(START, "2026-12-01 10:00", "review")
    paper.happens("sign", "2026-12-10 10:00", "numbering", attribute="proactive")
    assert (paper.only.rolled_on, paper.only.provisional) == (date(2027, 1, 8), True)

    more, years = calendar_file(NOTICE, "2027.yaml")
    days, known = shipped()
    paper.calendar = Calendar(amended(days, more), (*known, *years))
    paper.happens("note", "2026-12-11 10:00")
    assert paper.only.provisional, "only an event on the record moves a date"
    paper.happens(RECOMPUTE, "2026-12-12 10:00")

    assert (paper.only.rolled_on, paper.only.provisional) == (date(2027, 1, 12), False)
    assert (paper.only.armed_seq, paper.only.due_at) == (2, at("2027-01-13 00:00"))


def test_lateness_before_the_calendar_has_no_number() -> None:
    assert late_days(date(2003, 12, 1), date(2004, 2, 1), PRC) is None
    assert late_days(date(2026, 3, 5), date(2026, 3, 5), PRC) == 0
    assert late_days(date(2026, 3, 6), date(2026, 3, 8), PRC) == 0  # late by a weekend: no working day


@pytest.mark.parametrize(
    "limit",
    [
        Limit(10**9, Unit.WORKING_DAYS),
        Limit(10**9, Unit.HOURS),
        Limit(99_999, Unit.MONTHS),
        Limit(-1, Unit.CALENDAR_DAYS),
    ],
)
def test_a_limit_that_no_calendar_reaches_is_invalid_and_no_crash(limit: Limit) -> None:
    with pytest.raises(Invalid):
        due(limit, date(2026, 1, 1), at("2026-01-01 10:00"), PRC)


def test_the_furthest_limits_and_days_still_count() -> None:
    for count, unit in (
        (25_000, Unit.WORKING_DAYS),
        (36_600, Unit.CALENDAR_DAYS),
        (1_200, Unit.MONTHS),
        (87_600, Unit.HOURS),
    ):
        assert due(Limit(count, unit), date(2200, 1, 1), at("2200-01-01 10:00"), PRC).due_at.year > 2200
    with pytest.raises(Invalid):
        due(Limit(1, Unit.MONTHS), date(2201, 1, 1), at("2201-01-01 10:00"), PRC)


# Promises, whatever happens.


instants = st.datetimes(datetime(2004, 1, 1), datetime(2028, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
limits = st.builds(Limit, st.integers(1, 60), st.sampled_from([each for each in Unit if not each.is_yearly]))


@given(limits, instants)
def test_a_limit_never_ends_before_it_begins_nor_on_a_day_off(limit: Limit, anchor_at: datetime) -> None:
    anchor_on = business_date(anchor_at)

    end = due(limit, anchor_on, anchor_at, PRC)

    assert anchor_on <= end.strict_on <= end.rolled_on
    assert anchor_at < end.due_at
    assert business_date(end.due_at - timedelta.resolution) == end.rolled_on
    if limit.unit is not Unit.HOURS:
        assert anchor_on < end.strict_on
        assert PRC.is_workday(end.rolled_on)
        assert end.due_at.astimezone(SHANGHAI).time() == time()
        assert not any(
            PRC.is_workday(end.strict_on + timedelta(days=n)) for n in range((end.rolled_on - end.strict_on).days)
        )


@given(limits, instants, st.integers(1, 40))
def test_what_begins_later_never_ends_earlier(limit: Limit, anchor_at: datetime, days: int) -> None:
    later = anchor_at + timedelta(days=days)

    ends = [due(limit, business_date(each), each, PRC) for each in (anchor_at, later)]

    assert ends[0].due_at <= ends[1].due_at


@given(limits, instants)
def test_every_derivation_counts_to_its_limit(limit: Limit, anchor_at: datetime) -> None:
    told = explain(limit, business_date(anchor_at), anchor_at, PRC)

    assert told.due == due(limit, business_date(anchor_at), anchor_at, PRC)
    assert [each.on for each in told.days] == sorted({each.on for each in told.days})
    if limit.unit in (Unit.WORKING_DAYS, Unit.CALENDAR_DAYS):
        assert max(each.counted or 0 for each in told.days) == limit.count
        (last,) = [each for each in told.days if each.counted == limit.count]
        assert last.on == told.due.strict_on


offsets = st.sampled_from(
    ["0 working days", "1 working day", "5 working days", "3 calendar days", "2 hours", "40 hours", "1 month"]
)


@given(
    st.lists(offsets, max_size=3),
    st.lists(offsets, max_size=3),
    st.booleans(),
    st.sampled_from(["3 working days", "20 calendar days", "5 hours", "2 months"]),
    instants.filter(lambda each: each.year > 2004),
)
def test_steps_stand_in_the_order_of_their_moments(
    before: list[str], after: list[str], expires: bool, limit: str, begins: datetime
) -> None:
    rule = {
        "limit": limit,
        "runs_in": ["review"],
        "remind": [{"before": each} for each in before],
        "escalate": [{"after": each} for each in after],
        "on_expiry": "lapse" if expires else None,
    }
    paper = Paper(declared(it=rule)).happens(START, begins, "review")

    steps = scheduled(paper.definition.deadlines["it"], paper.only, PRC)

    assert len(steps) == len(before) + len(after) + expires
    assert [each.at for each in steps] == sorted(each.at for each in steps)
    assert all(each.at >= paper.only.anchor_at for each in steps)
    assert all(each.at <= paper.only.due_at for each in steps if each.step.kind == "remind")
    assert all(each.at >= paper.only.due_at for each in steps if each.step.kind == "escalate")
    assert all(each.at == paper.only.due_at for each in steps if each.step.kind == "expire")
    # The order is the same in every calendar, so `fired` never comes to mean another step.
    other = scheduled(paper.definition.deadlines["it"], paper.only, Calendar([], range(2000, 2040)))
    assert [each.step for each in other] == [each.step for each in steps]


ALL_CLOCKS = declared(
    review={**REVIEW, "remind": [{"before": "1 working day"}], "escalate": [{"after": "0 working days"}]},
    publication={**PUBLICATION, "since": "2008-05-01"},
    filing={"runs_in": ["release"], "applies": {"attribute": ["on_request", "withheld"]}, "limit": "5 working days"},
    formed={**FORMED, "limit": "20 calendar days"},
)
happenings = st.lists(
    st.tuples(
        st.sampled_from(["sign", "take", "go", EDIT, REMIND, RECOMPUTE]),
        st.sampled_from(STATES),
        st.integers(0, 200),
        st.fixed_dictionaries(
            {},
            optional={
                "attribute": st.sampled_from(["proactive", "on_request", None]),
                "formed_on": st.sampled_from(["2026-01-05", "2026-02-18", None]),
            },
        ),
    ),
    max_size=25,
)


@given(happenings)
def test_whatever_happens_every_date_follows_from_its_anchor(story: list[tuple[str, str, int, dict[str, Any]]]) -> None:
    paper, now = Paper(ALL_CLOCKS).happens(START, "2026-01-01 10:00"), at("2026-01-01 10:00")
    for name, state, hours, data in story:
        now += timedelta(hours=hours)
        if name == REMIND:
            for each in paper.case.deadlines[:1]:
                paper.happens(REMIND, now, deadline=each.rule, armed_seq=each.armed_seq)
        elif name == RECOMPUTE:
            paper.happens(RECOMPUTE, now)
        else:
            paper.happens(name, now, paper.case.state if name == EDIT else state, **data)

        open_rules = paper.running
        assert len(open_rules) == len(set(open_rules)), "a rule runs once at a time"
        for each in paper.case.deadlines:
            rule = ALL_CLOCKS.deadlines[each.rule]
            end = due(rule.limit, each.anchor_on, each.anchor_at, PRC)
            assert (each.strict_on, each.rolled_on, each.due_at, each.provisional) == (
                end.strict_on,
                end.rolled_on,
                end.due_at,
                end.provisional,
            )
            assert paper.case.state in rule.runs_in
            assert rule.applies is None or rule.applies.holds(paper.case.data)
        # What should run does run: an unanchored rule whose state and condition hold is never asleep.
        for name, rule in ALL_CLOCKS.deadlines.items():
            holds = rule.applies is None or rule.applies.holds(paper.case.data)
            happened = rule.anchor is None or any(each in paper.case.trail for each in rule.anchor.events)
            assert (name in open_rules) == (paper.case.state in rule.runs_in and holds and happened)
    for each in paper.ever.values():
        assert (each.closed_at is None) == (each.outcome is None)
        assert each.late_days is None or each.outcome is Outcome.LATE


def test_a_limit_reads_as_it_is_written() -> None:
    assert limit_from("3 working days") == Limit(3, Unit.WORKING_DAYS)
