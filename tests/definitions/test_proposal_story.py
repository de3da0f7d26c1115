"""The neighbours of LAW 12 M3, day by day; the examples themselves, and all else that happens to proposals, are scenarios."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from exchange import import_file
from tests.definitions.proposals import (
    Deputies,
    bureau_before_2026,
    bureau_from,
)
from workflow.errors import Refused

HOUSE = Path(__file__).resolve().parent.parent.parent
REAL = HOUSE.parent / "shared" / "data" / "proposals" / "jiangsu_cppcc_2019.csv"


@pytest.fixture(scope="module")
def bureau_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bureau_before_2026(tmp_path_factory.mktemp("deputies") / "bureau.db")


@pytest.fixture
def office(bureau_file: Path, tmp_path: Path) -> Iterator[Deputies]:
    with bureau_from(bureau_file, tmp_path / "bureau.db") as deputies:
        yield deputies
        assert not deputies.desk.verify().problems


def lacks(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    """By what a step was refused."""
    return [each.name for each in refusal.value.reasons]


# LAW 12 M3, 1


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-01", "2026-05-06"),  # two months end within the May holidays
        ("2026-03-02", "2026-05-06"),
        ("2026-03-05", "2026-05-06"),
        ("2026-03-06", "2026-05-06"),
        ("2026-03-07", "2026-05-07"),
        ("2026-03-09", "2026-05-09"),  # a Saturday that is worked
        ("2025-12-31", "2026-02-28"),  # a month end, and a Saturday that is worked
    ],
)
def test_a_co_handler_has_two_months_from_the_day_of_its_receipt(office: Deputies, received: str, due: str) -> None:
    case = office.assigned(received, handling="lead")
    office.clock.set(f"{received}T10:00")
    office.does("zhaoyun", "accept", case)
    office.does("zhaoyun", "ask_co_handler", case, co_handler="区民政局", co_asked_on=received, co_question="床位数")

    (asked,) = office.children(case)
    assert office.due(asked.id, "co_handler") == due


@pytest.mark.parametrize(
    ("replied_on", "due"),
    [
        ("2026-05-27", "2026-06-25"),
        ("2026-05-28", "2026-06-26"),  # 06-19 off
        ("2026-05-29", "2026-06-29"),
        ("2026-06-18", "2026-07-17"),
        ("2026-05-08", "2026-06-04"),  # 05-09 is a Saturday that is worked
        ("2026-05-09", "2026-06-05"),
    ],
)
def test_what_qualifies_is_public_within_twenty_working_days_of_the_reply(
    office: Deputies, replied_on: str, due: str
) -> None:
    case = office.agreed(replied_on)

    assert office.due(case, "publication") == due


@pytest.mark.parametrize(
    ("replied_on", "due", "provisional"),
    [("2025-12-10", "2026-01-08", False), ("2026-12-10", "2027-01-08", True)],
)
def test_the_days_to_publish_run_over_the_year_end(
    office: Deputies, replied_on: str, due: str, provisional: bool
) -> None:
    case = office.agreed(replied_on, assigned_on=replied_on[:8] + "01")

    (clock,) = [each for each in office.case(case).deadlines if each.rule == "publication"]
    assert (clock.rolled_on.isoformat(), clock.provisional) == (due, provisional)


# LAW 12 M3, 3


@pytest.mark.parametrize(
    ("feedback_on", "due"),
    [
        ("2026-06-23", "2026-07-23"),
        ("2026-06-24", "2026-07-24"),
        ("2026-06-25", "2026-07-27"),  # 07-25 is a Saturday
        ("2026-08-31", "2026-09-30"),
        ("2026-01-31", "2026-02-28"),  # a Saturday that is worked
        ("2026-01-30", "2026-02-28"),
        ("2025-12-01", "2026-01-04"),  # 01-01 off, 01-04 a Sunday that is worked
        ("2026-12-31", "2027-02-01"),  # 01-31 is a Sunday
    ],
)
def test_the_month_of_a_second_reply_ends_on_its_day_or_with_the_month(
    office: Deputies, feedback_on: str, due: str
) -> None:
    case = office.replied(feedback_on, assigned_on=feedback_on[:8] + "01")

    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on=feedback_on, satisfied="dissatisfied")

    assert office.due(case, "second_reply") == due


# LAW 12 M3, 5


@pytest.mark.parametrize(
    ("assigned_on", "due", "extended"),
    [
        ("2025-08-29", "2025-12-01", "2026-02-28"),  # 11-29 is a Saturday
        ("2025-08-30", "2025-12-01", "2026-02-28"),
        ("2025-08-31", "2025-12-01", "2026-02-28"),  # 11-30 is a Sunday; 02-28 is worked
        ("2025-09-01", "2025-12-01", "2026-03-02"),  # 03-01 is a Sunday
        ("2025-10-01", "2026-01-04", "2026-04-01"),  # over the year end
        ("2026-03-02", "2026-06-02", "2026-09-02"),
        ("2026-08-09", "2026-11-09", "2027-02-09"),
    ],
)
def test_three_months_become_six_in_all_with_the_assigning_bodys_consent(
    office: Deputies, assigned_on: str, due: str, extended: str
) -> None:
    case = office.accepted(assigned_on)
    assert office.due(case, "reply") == due

    office.clock.set(f"{due}T17:00")
    office.does("zhaoyun", "extend", case, extension_agreed_on=due, extension_reason="涉及面广，需会商多个部门")

    assert office.due(case, "reply") == extended


# Bad input gets: a proposal on the eleventh day


@pytest.mark.parametrize(
    ("received", "last", "next_day"),
    [
        ("2026-03-02", "2026-03-12", "2026-03-13"),
        ("2026-03-04", "2026-03-16", "2026-03-17"),  # 03-14 is a Saturday
        ("2026-02-04", "2026-02-14", "2026-02-15"),  # a Saturday that is worked
        ("2026-02-05", "2026-02-24", "2026-02-25"),  # over the Spring Festival
        ("2025-12-24", "2026-01-04", "2026-01-05"),  # over the year end; a Sunday that is worked
    ],
)
def test_what_is_not_ours_goes_back_within_ten_days_and_is_ours_on_the_next(
    office: Deputies, received: str, last: str, next_day: str
) -> None:
    back, late = office.assigned(received), office.assigned(received)
    assert office.due(back, "return") == last

    office.clock.set(f"{last}T23:59")
    office.does("zhaoyun", "return_to_assigner", back, comment="属区民政局职责")
    office.clock.set(f"{next_day}T00:00")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "return_to_assigner", late, comment="属区民政局职责")
    office.desk.sweep()

    assert lacks(refusal) == ["return_in_time"]
    assert (office.state(back), office.case(back).data["returned_on"]) == ("returned", last)
    assert (office.state(late), office.case(late).data["kept"]) == ("drafting", True)
    assert office.told("lihua")[0].startswith("PRP-")


def test_a_slip_in_the_year_does_not_move_the_clock_of_the_law_out_of_sight(office: Deputies) -> None:
    case = office.accepted("2026-03-02")

    with pytest.raises(Refused) as refusal:
        office.edits("zhaoyun", case, assigned_on="2036-03-02")
    with pytest.raises(Refused):
        office.assigned("2026-03-02", received_on="2036-03-02")

    # and the day from which the law counts is not changed without a word
    assert [each.name for each in refusal.value.reasons] == ["assigned_on", "comment"]
    assert office.due(case, "reply") == "2026-06-02"


# Old files


@pytest.mark.skipif(not REAL.is_file(), reason="the real proposals do not lie beside the repository")
def test_a_register_of_earlier_years_enters_without_any_clock(office: Deputies) -> None:
    office.clock.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    report = import_file(office.desk, office.actor("zhaoyun"), "proposal", REAL, section="预算科")

    assert (report.accepted + report.warned, report.refused) == (207, 0)
    listed, _ = office.desk.list_cases(office.actor("zhaoyun"), kind="proposal", limit=300)
    cases = [office.case(each.id) for each in listed]
    assert {each.state for each in cases} == {"recorded"}
    assert not [each for case in cases for each in case.deadlines]
