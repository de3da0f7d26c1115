"""The page of seals is written anew with each seal, as a whole or not at all, and never of what was altered."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.seal_page import seal_page
from storage.seal_file import SealFile, read_outside
from tests.factories import Office
from tests.storage.tampering import alter
from tests.storage.test_half_written_seals import no_file_longer_than
from workflow.errors import Invalid, StorageFault


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "seals.html"


def sealed(office: Office, page: Path, *, anew: bool = False) -> str:
    """One more case, the seal over it, and the page as it then is."""
    office.draft()
    office.clock.forward(hours=1)
    office.desk.seal_if_due()
    office.desk.put_page(page, seal_page(office.desk.bureau_name), anew=anew)
    return page.read_text(encoding="utf-8")


def health(office: Office) -> list[bool]:
    return [each.ok for each in office.desk.doctor() if each.name == "seals"]


def test_it_is_written_anew_after_each_seal_and_only_then(office: Office, page: Path) -> None:
    assert "第 1 号" in sealed(office, page)
    page.write_text(page.read_text(encoding="utf-8") + "<!-- as it was -->", encoding="utf-8")

    office.desk.put_page(page, seal_page("某局"), anew=False)
    assert "as it was" in page.read_text(encoding="utf-8")
    assert "as it was" not in sealed(office, page)
    page.unlink()
    office.desk.put_page(page, seal_page("某局"), anew=False)
    assert "第 2 号" in page.read_text(encoding="utf-8")
    assert office.desk.verify(page.with_suffix(".jsonl")).problems == ()


def test_before_the_first_seal_it_says_that_there_is_none(office: Office, page: Path) -> None:
    office.desk.put_page(page, seal_page("某局"))

    assert "还没有封存" in page.read_text(encoding="utf-8")


def test_a_page_that_came_out_half_is_not_there(office: Office, page: Path) -> None:
    before = sealed(office, page)
    office.draft()
    office.clock.forward(hours=4)
    office.desk.seal()
    with no_file_longer_than(len(before.encode()) - 1), pytest.raises(StorageFault):
        office.desk.put_page(page, seal_page("某局"), anew=False)
    assert page.read_text(encoding="utf-8") == before
    assert [each.name for each in page.parent.iterdir() if each.suffix == ".part"] == []
    assert len(read_outside(page.with_suffix(".jsonl")).seals) == 2
    assert health(office) == [False]

    office.desk.put_page(page, seal_page("某局"), anew=False)  # the file beside has the seal already

    assert "第 2 号" in page.read_text(encoding="utf-8")
    assert health(office) == [True]


@pytest.mark.parametrize("change", ["UPDATE seals SET root = replace(root, substr(root, 1, 4), 'beef') WHERE no = 2",
                                    "UPDATE seals SET cases = cases + 1 WHERE no = 1"])  # fmt: skip
def test_what_was_altered_never_comes_onto_it(office: Office, page: Path, change: str) -> None:
    before = sealed(office, page)
    office.draft()
    office.desk.seal()
    alter(office, change)

    with pytest.raises(Invalid):
        office.desk.put_page(page, seal_page("某局"))

    assert page.read_text(encoding="utf-8") == before


def test_what_a_bureau_and_a_file_are_called_is_text_and_nothing_else() -> None:
    said = seal_page('<b>局</b>" onclick="x')(SealFile(), '"><script>.jsonl')

    assert "<b>" not in said
    assert "<script>" not in said
    assert '"><' not in said.partition("<body>")[2]


def test_a_line_that_is_very_long_is_named_and_stays_in_the_file(
    office: Office, page: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("reports.seal_page.LINES", 10)

    said = sealed(office, page)

    assert "<pre>" not in said
    assert "seals.jsonl 第 1 行" in said


def test_a_page_in_a_directory_that_went_away_is_said(office: Office, tmp_path: Path) -> None:
    page = tmp_path / "www" / "seals.html"
    page.parent.mkdir()
    sealed(office, page)
    page.parent.rename(tmp_path / "old")

    with pytest.raises(StorageFault):
        office.desk.put_page(page, seal_page("某局"), anew=False)
