"""Who is away: posts rest and nothing is refused; what then waits for nobody who is there is named, and told to those above."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.factories import MONDAY, Office
from tests.storage.test_hands import hands, own_paper, swept
from workflow.errors import Denied, Invalid, Problem

TODAY = MONDAY.date()
FRIDAY = TODAY + timedelta(days=4)


def submitted(office: Office) -> str:
    paper = office.draft(attribute="proactive")
    office.does("wangmin", "submit", paper)
    return paper


def goes_away(office: Office, person: str = "lihua", until_on: date = FRIDAY, by: str | None = None) -> None:
    office.desk.staffing.away(office.actor(by or person), person, until_on)


def test_doctor_says_which_case_waits_for_whom_until_when_and_by_which_line_it_is_mended(office: Office) -> None:
    submitted(office)
    assert hands(office) == []

    goes_away(office)

    (found,) = hands(office)
    assert "DOC-2026-00001" in found.text.zh
    assert "科室负责人" in found.text.zh
    assert "李华至 2026-03-06" in found.text.zh
    assert "李华 until 2026-03-06" in found.text.en
    assert found.hint is not None
    assert "gongkai people delegate lihua heping --role section_head --until 2026-03-06" in found.hint.en


def test_those_above_are_told_at_once_and_once_and_anew_when_it_lasts_longer(office: Office) -> None:
    paper = submitted(office)
    assert swept(office) == []

    goes_away(office)
    first, again = swept(office), swept(office)
    goes_away(office, until_on=FRIDAY + timedelta(days=7))
    longer = swept(office)

    assert (first, again, longer) == ([(paper, "unmanned")], [], [(paper, "unmanned")])
    assert "李华至 2026-03-06" in office.told("zhaoyun")[0]
    assert office.told("lihua") != office.told("zhaoyun")
    assert office.desk.verify().problems == ()


def test_who_is_told_above_is_there_themselves(office: Office) -> None:
    paper = submitted(office)
    for person in ("lihua", "zhaoyun", "qianwei"):
        goes_away(office, person)

    assert swept(office) == [(paper, "unmanned")]
    assert "请假" in office.told("zhouju")[0]
    assert office.told("zhaoyun") == []


def test_a_delegate_counts_as_present_and_one_who_is_away_too_does_not(office: Office) -> None:
    submitted(office)
    goes_away(office)
    office.desk.delegate(office.actor("lihua"), "lihua", "heping", until_on=FRIDAY)

    with_a_delegate = (hands(office), swept(office))
    goes_away(office, "heping")

    assert with_a_delegate == ([], [])
    (found,) = hands(office)
    assert "何平" in found.text.zh


def test_who_is_away_may_act_all_the_same(office: Office) -> None:
    paper = submitted(office)
    goes_away(office)

    assert office.does("lihua", "endorse", paper).case.case.state == "office_check"


def test_a_reminder_to_who_is_away_reaches_the_next_above_who_is_there_too(office: Office) -> None:
    submitted(office)
    goes_away(office)
    office.desk.staffing.away(office.actor("qianwei"), "qianwei", FRIDAY)
    office.clock.set("2026-03-05T09:00")

    office.desk.sweep()

    (reminder,) = [each for each in office.told("lihua") if "无人可办" not in each][:1]
    assert reminder in office.told("zhaoyun")


def test_what_is_told_to_an_author_who_is_away_reaches_the_section_head_too(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "chenjing", "drafter", section="预算科")
    papers = [office.draft(attribute="proactive") for _ in range(2)]
    office.does("chenjing", "discard", papers[0], comment="重复起草")
    to_the_head_before = len(office.told("lihua"))
    goes_away(office, "wangmin")

    office.does("chenjing", "discard", papers[1], comment="重复起草")

    assert to_the_head_before == 0
    assert len(office.told("wangmin")) == 2
    assert len(office.told("lihua")) == 1


def test_where_nobody_at_all_is_there_who_is_meant_is_told_all_the_same(office: Office) -> None:
    submitted(office)
    for person in ("lihua", "zhaoyun", "qianwei", "zhouju"):
        goes_away(office, person)
    office.clock.set("2026-03-05T09:00")

    office.desk.sweep()

    assert [each for each in office.told("lihua") if "无人可办" not in each] != []


def test_where_the_post_is_empty_and_all_above_are_away_the_nearest_of_them_is_told(office: Office) -> None:
    submitted(office)
    office.desk.leave(office.actor("admin"), "lihua")
    for person in ("zhaoyun", "qianwei", "zhouju"):
        goes_away(office, person)
    office.clock.set("2026-03-05T09:00")

    office.desk.sweep()

    assert [each for each in office.told("zhaoyun") if "无人可办" not in each] != []


def test_those_who_are_there_are_named_before_those_who_are_away(office: Office) -> None:
    office.desk.appoint(office.actor("admin"), "heping", "section_head", section="预算科", acting=True)
    paper = submitted(office)
    view = office.desk.case(office.actor("lihua"), paper)
    before = view.to_json()["whose"]

    goes_away(office)

    after = office.desk.case(office.actor("lihua"), paper).to_json()["whose"]
    assert "李华" in str(before)
    assert str(before).index("李华") < str(before).index("何平")
    assert str(after).index("何平") < str(after).index("李华")


def test_who_is_back_sooner_has_hands_again_and_twice_is_once(office: Office) -> None:
    submitted(office)
    goes_away(office)
    office.clock.forward(days=1)

    first = office.desk.staffing.back(office.actor("lihua"), "lihua")
    again = office.desk.staffing.back(office.actor("lihua"), "lihua")

    assert again.absence is None
    assert first.absence is not None
    assert first.absence.until_on == TODAY
    assert hands(office) == []


def test_on_the_day_after_the_last_one_the_posts_count_again(office: Office) -> None:
    submitted(office)
    goes_away(office)

    office.clock.set("2026-03-06T23:59")
    on_the_last_day = len(hands(office))
    office.clock.set("2026-03-07T00:01")

    assert (on_the_last_day, hands(office)) == (1, [])


def test_a_delegation_by_who_is_away_and_barred_is_not_proposed(office: Office) -> None:
    own_paper(office)
    goes_away(office)
    office.desk.sweep()

    (told,) = [each for each in office.told("zhaoyun") if "请假" in each]

    assert "people delegate" not in told
    assert "people appoint heping section_head --section 预算科" in told


@pytest.mark.parametrize("by", ["lihua", "admin"])
def test_the_head_of_the_section_and_the_administrator_record_it_too(office: Office, by: str) -> None:
    goes_away(office, "wangmin", by=by)

    (absence,) = next(each for each in office.desk.people(office.actor(by)) if each.id == "wangmin").absences
    assert (absence.from_on, absence.until_on, absence.by) == (TODAY, FRIDAY, by)


def test_somebody_else_does_not_record_it(office: Office) -> None:
    acts: tuple[Callable[[], object], ...] = (
        lambda: goes_away(office, "wangmin", by="heping"),
        lambda: office.desk.staffing.back(office.actor("chenjing"), "wangmin"),
    )
    for act in acts:
        with pytest.raises(Denied) as caught:
            act()
        assert [each.people for each in caught.value.reasons[0].who] == [("李华",), ("管理员",)]


def test_overlaps_backward_days_and_a_return_from_nowhere_are_refused(office: Office) -> None:
    goes_away(office)
    staffing, lihua = office.desk.staffing, office.actor("lihua")
    said: list[Problem] = []

    acts: tuple[Callable[[], object], ...] = (
        lambda: staffing.away(lihua, "lihua", FRIDAY + timedelta(days=9), from_on=FRIDAY),
        lambda: staffing.away(lihua, "lihua", TODAY - timedelta(days=1)),
        lambda: staffing.back(lihua, "lihua", on=FRIDAY + timedelta(days=9)),
        lambda: staffing.away(lihua, "lihua", date.max),
    )
    for act in acts:
        with pytest.raises(Invalid) as caught:
            act()
        said.append(caught.value.problems[0])

    assert [each.code for each in said] == ["overlap", "bad-period", "not-away", "bad-day"]
    assert "2026-03-02 至 2026-03-06" in said[2].text.zh


def test_an_absence_that_was_called_off_can_be_recorded_anew(office: Office) -> None:
    goes_away(office)
    office.desk.staffing.back(office.actor("lihua"), "lihua")

    goes_away(office)

    assert office.actor("lihua").id == "lihua"
    (absence,) = next(each for each in office.desk.people(office.actor("admin")) if each.id == "lihua").absences
    assert absence.covers(FRIDAY)
