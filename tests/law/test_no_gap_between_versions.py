"""The versions of a number of the law join up: no day lies between two of them, and none after the last."""

from __future__ import annotations

import textwrap
from datetime import date

import pytest

from workflow.errors import BadDefinition
from workflow.loader import read_catalogue

TODAY = date(2026, 11, 27)


def of_reply(now: str, *versions: str) -> str:
    """A catalogue with one number: 20 working days in force as said, and what the law said at other times."""
    there = ", ".join(
        f"{{in_force: {each}, limit: 15 working days, basis: 旧法, source: 旧法, verified: false}}" for each in versions
    )
    return textwrap.dedent(f"""\
        id: limits
        source: 条例 33
        verified: true
        values:
          reply:
            {{limit: 20 working days, source: 条例 33, verified: true, in_force: {now}, zh: 答复期限, en: reply,
             versions: [{there}]}}
        """)


@pytest.mark.parametrize(
    ("now", "versions", "line"),
    [
        ('{from: "2027-01-01"}', ('{from: "2019-05-15", until: "2025-12-31"}',), 6),
        ('{from: "2019-05-15"}', ('{from: "2008-05-01", until: "2019-05-13"}',), 6),
        ('{from: "2019-05-15"}', ('{from: "2012-01-01", until: "2019-05-14"}', '{until: "2010-12-31"}'), 7),
        ('{from: "2019-05-15", until: "2026-12-31"}', (), 6),
        ('{from: "2019-05-15", until: "2026-12-31"}', ('{from: "2028-01-01"}',), 7),
        ('{from: "2019-05-15", until: "2026-12-31"}', ('{from: "2027-01-01", until: "2027-12-31"}',), 7),
    ],
)
def test_a_day_without_a_version_is_refused_at_its_line(now: str, versions: tuple[str, ...], line: int) -> None:
    with pytest.raises(BadDefinition) as refused:
        read_catalogue(of_reply(now, *versions), "limits.yaml")

    assert [(each.code, each.file, each.line) for each in refused.value.findings] == [
        ("regimes-gap", "limits.yaml", line)
    ]


@pytest.mark.parametrize(
    ("now", "versions"),
    [
        ('{from: "2019-05-15"}', ('{from: "2008-05-01", until: "2019-05-14"}',)),
        ('{from: "2027-01-01"}', ('{from: "2019-05-15", until: "2026-12-31"}', '{until: "2019-05-14"}')),
        ('{until: "2026-12-31"}', ('{from: "2027-01-01"}',)),
        ("{}", ('{until: "2019-05-14"}',)),
    ],
)
def test_versions_that_join_up_are_taken(now: str, versions: tuple[str, ...]) -> None:
    assert set(read_catalogue(of_reply(now, *versions), "limits.yaml", TODAY).values) == {"reply"}


def test_a_number_that_is_not_in_force_yet_has_a_version_for_today() -> None:
    text = of_reply('{from: "2027-01-01"}')

    with pytest.raises(BadDefinition) as refused:
        read_catalogue(text, "limits.yaml", TODAY)

    (found,) = refused.value.findings
    assert (found.code, found.line) == ("regimes-gap", 6)
    assert "versions" in found.hint.zh
    assert read_catalogue(text, "limits.yaml", date(2027, 1, 1)).values
