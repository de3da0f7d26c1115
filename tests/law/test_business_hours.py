"""The end of a limit's last day: midnight, or the close of business where there are business hours (民法典 203, LAW 10 rule 5)."""

from __future__ import annotations

from datetime import date

import pytest

from storage.versions import catalogues, shipped_hours
from tests.papers import PRC, at
from workflow.errors import BadFile
from workflow.workdays import hours_file

HOURS = shipped_hours()


@pytest.mark.parametrize(
    ("channel", "handed_in", "counts"),
    [
        ("counter", "2026-03-04 17:30", "2026-03-04"),  # at the close exactly
        ("counter", "2026-03-04 17:31", "2026-03-05"),
        ("counter", "2026-03-04 12:45", "2026-03-04"),  # over noon, before the close
        ("counter", "2026-03-04 07:00", "2026-03-04"),
        ("counter", "2026-04-30 17:31", "2026-05-06"),  # the eve of the May holiday, winter hours
        ("counter", "2026-05-06 17:59", "2026-05-06"),  # summer hours begin on 1 May
        ("counter", "2026-05-06 18:01", "2026-05-07"),
        ("counter", "2026-09-30 18:00", "2026-09-30"),
        ("counter", "2026-10-08 17:45", "2026-10-09"),
        ("counter", "2026-02-14 17:00", "2026-02-14"),  # a made-up Saturday is a working day
        ("counter", "2026-02-14 18:00", "2026-02-24"),
        ("counter", "2026-03-07 10:00", "2026-03-09"),  # a Saturday: nobody is there
        ("web", "2026-03-04 23:59", "2026-03-04"),
        ("web", "2026-03-05 00:00", "2026-03-05"),
        ("web", "2026-03-07 10:00", "2026-03-07"),
        ("ems", "2026-03-04 20:00", "2026-03-04"),  # the day of posting
        ("a channel that nobody named", "2026-03-04 23:59", "2026-03-04"),
    ],
)
def test_an_act_that_ends_a_limit_counts_on_the_day_on_which_business_was_open(
    channel: str, handed_in: str, counts: str
) -> None:
    assert HOURS.counts_on(channel, at(handed_in), PRC) == date.fromisoformat(counts)


def test_every_channel_of_the_catalogue_that_takes_requests_has_its_end() -> None:
    assert set(catalogues()["channels"].values) - set(HOURS.business) == {"consult_mailbox"}


def test_a_season_may_run_over_the_turn_of_the_year() -> None:
    winter = hours_file(
        "{source: S, verified: false, channels: [{channel: counter, ends: business, source: S, verified: true}], "
        'seasons: [{name: 冬令, en: winter, from: 10-01, until: 04-30, open: ["09:00-17:00"], source: S, verified: true}]}',
        "hours.yaml",
    )

    assert [winter.closes_at("counter", date(2026, month, 15)) is not None for month in (1, 4, 5, 9, 10, 12)] == [
        True, True, False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("wrong", "right", "code"),
    [
        ("05-01", "13-01", "bad-day"),
        ('"14:30-18:00"', '"18:00-14:30"', "bad-hours"),
        ('"14:30-18:00"', '"12:00-18:00"', "hours-order"),
        ("ends: business", "ends: sunset", "bad-end"),
        ("channel: phone_help", "channel: counter", "channel-twice"),
    ],
)
def test_a_faulty_file_of_hours_is_refused_at_its_row(wrong: str, right: str, code: str) -> None:
    from storage.versions import SHIPPED

    text = (SHIPPED / "calendars" / "hours.yaml").read_text("utf-8")

    with pytest.raises(BadFile) as raised:
        hours_file(text.replace(wrong, right, 1), "hours.yaml")

    (fault,) = raised.value.problems
    assert fault.code == code
    assert right in text.replace(wrong, right, 1).splitlines()[(fault.row or 0) - 1]
