"""A late case is closed by a person only when the cause and the section it lay with are on record."""

from __future__ import annotations

import pytest

from tests.factories import Office
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
