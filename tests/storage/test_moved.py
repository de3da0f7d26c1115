"""What would be acknowledged and lost, or would brick a bureau, is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage import Desk
from storage.sqlite import path_of
from tests.factories import Clock, Ids, Office
from workflow.errors import Invalid, StorageFault

DEFINITIONS = Path(__file__).resolve().parent.parent.parent / "definitions"


def test_a_step_into_a_database_that_was_replaced_is_not_acknowledged(file_url: str, tmp_path: Path) -> None:
    clock = Clock()
    with Desk.open(file_url, clock=clock, ids=Ids()) as desk:
        office = Office(file_url, clock, desk)
        paper = office.draft(attribute="proactive")
        path = path_of(file_url)
        shutil.copy(path, tmp_path / "copy.db")
        (tmp_path / "copy.db").replace(path)

        with pytest.raises(StorageFault) as fault:
            office.does("wangmin", "submit", paper)
    assert "替换" in fault.value.said.zh


def test_a_title_cannot_be_taken_away(office: Office) -> None:
    paper = office.draft(attribute="proactive")

    with pytest.raises(Invalid) as refused:
        office.desk.edit(office.actor("wangmin"), paper, data={"title": None})
    assert [each.field for each in refused.value.problems] == ["title"]


def test_two_kinds_cannot_number_their_cases_alike(office: Office) -> None:
    memo = (
        (DEFINITIONS.parent / "examples/procurement.yaml").read_text("utf-8").replace("prefix: PRO\n", "prefix: DOC\n")
    )

    with pytest.raises(Invalid) as refused:
        office.desk.install_definition(office.actor("admin"), memo, "procurement.yaml")
    assert [each.field for each in refused.value.problems] == ["prefix"]
    assert "procurement" not in {each.id for each in office.desk.definitions()}


def test_a_step_may_be_called_state(office: Office) -> None:
    text = (DEFINITIONS / "document.yaml").read_text("utf-8")
    text = text.replace("version: 1\n", "version: 2\n", 1).replace(
        "  submit:          {from", "  state:           {from", 1
    )
    text = text.replace("edit.returned, submit", "edit.returned, state")
    office.desk.install_definition(office.actor("admin"), text, "document.yaml")

    paper = office.draft(attribute="proactive")
    assert office.does("wangmin", "state", paper).case.case.state == "section_review"
