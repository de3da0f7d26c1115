"""A bureau that begins in mid-year brings its numbers along: what is given here goes on after them."""

from __future__ import annotations

import pytest

from storage.views import Done
from tests.factories import Office
from workflow.case import IMPORT, Command
from workflow.errors import Refused


def test_the_first_number_given_here_follows_the_last_of_the_paper_register(office: Office) -> None:
    past = {
        "title": "关于2026年部门预算的批复",
        "doc_number": "下财〔2026〕37号",
        "formed_on": "2026-02-10",
        "published_on": "2026-02-12",
    }
    (taken,) = office.desk.take_in(office.actor("zhouju"), "document", [Command(IMPORT, past)], section="预算科")
    assert isinstance(taken, Done)

    paper = office.signed()
    given = office.does("zhaoyun", "number", paper, series="下财").case.case.data["doc_number"]

    assert given == "下财〔2026〕38号"
    assert office.desk.verify().problems == ()


def test_a_number_of_our_own_series_cannot_be_typed(office: Office) -> None:
    paper = office.signed(origin="joint", our_part="partner")

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "record_number", paper, doc_number="下财〔2026〕99号")
    assert [each.name for each in refused.value.reasons] == ["number"]
    office.does("zhaoyun", "record_number", paper, doc_number="杭发改〔2026〕12号")
