"""`gongkai seal --page`, as it is typed: what the page says, that what is copied from it verifies, and what it never goes over."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.calling import Type, call_with


@pytest.fixture
def page(types: Type, tmp_path: Path) -> Path:
    """A page of two seals."""
    page = tmp_path / "www" / "seals.html"
    page.parent.mkdir()
    for now in ("2026-03-02T09:00", "2026-03-02T11:30"):
        types("start", "document", "--title", "关于印发预算绩效管理办法的通知", by="wangmin", now=now)
        assert types("seal", "--page", str(page), now=now).code == 0
    return page


class Told(HTMLParser):
    """What stands on a page, and what it would fetch or run."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(said)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def copied(page: Path) -> list[str]:
    """The lines as somebody copies them off the page, the newest first."""
    return [unescape(each) for each in re.findall("<pre>(.*?)</pre>", page.read_text(encoding="utf-8"), re.DOTALL)]


def test_the_page_says_what_was_sealed_the_newest_first(types: Type, page: Path) -> None:
    said = page.read_text(encoding="utf-8")
    last = types("seal", "--json", now="2026-03-02T11:30").json

    assert re.findall(r"第 (\d+) 号", said) == ["2", "1"]
    assert "2026-03-02 11:30" in said
    assert "2026-03-02T03:30:00.000000Z" in said
    for each in (last["hash"], "Seal 2", f"<dd>{last['cases']}</dd>", f"<dd>{last['events']}</dd>"):
        assert str(each) in said


def test_nothing_runs_and_nothing_is_fetched(page: Path) -> None:
    tags = Told(page.read_text(encoding="utf-8")).tags

    assert not {tag for tag, _ in tags} & {"script", "img", "link", "iframe", "object", "form"}
    assert [each["href"] for tag, each in tags if tag == "a"] == ["seals.jsonl"]
    assert not [each for _, each in tags if "src" in each or any(name.startswith("on") for name in each)]


def test_what_lies_beside_and_what_is_copied_verify(types: Type, page: Path, tmp_path: Path) -> None:
    own = tmp_path / "copied.jsonl"
    own.write_text("".join(f"{each}\n" for each in reversed(copied(page))), encoding="utf-8")

    assert types("verify", "--seals", str(page.with_suffix(".jsonl"))).code == 0
    assert types("verify", "--seals", str(own)).code == 0
    assert own.read_bytes() == page.with_suffix(".jsonl").read_bytes()
    assert sorted(each.name for each in page.parent.iterdir()) == ["seals.html", "seals.jsonl"]


def test_somebody_elses_page_is_never_written_over(types: Type, page: Path) -> None:
    index = page.parent / "index.html"
    index.write_text("<!DOCTYPE html><title>财政局</title>", encoding="utf-8")

    said = types("seal", "--page", str(index))

    assert said.code == 2
    assert "index.html" in said.said
    assert index.read_text(encoding="utf-8") == "<!DOCTYPE html><title>财政局</title>"
    assert not index.with_suffix(".jsonl").exists()


def test_doctor_shows_the_page_until_it_is_forgotten(types: Type, page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = types("doctor").said
    monkeypatch.chdir(page.parent)
    types("seal", "--forget", page.name)

    assert str(page) in shown
    assert str(page) not in types("doctor").said


@pytest.mark.parametrize("where", ["nowhere/seals.html", "seals.txt", "."])
def test_a_scheduler_that_could_never_write_the_page_does_not_start(real_db: Path, tmp_path: Path, where: str) -> None:
    said = call_with(["scheduler", "--db", str(real_db), "--seal-page", str(tmp_path / where)])

    assert said.code == 2, said.said
    assert str(tmp_path) in said.said
