"""The pages on definitions, scenarios and versions are typed as they stand: the example from its check to its end, and a changed procedure."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.calling import Call, Type

HOUSE = Path(__file__).parents[2]
PAGE = (HOUSE / "docs" / "definitions.md").read_text(encoding="utf-8")
VERSIONS = (HOUSE / "docs" / "versions.md").read_text(encoding="utf-8")


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example as a reader keeps it."""
    place = tmp_path / "stamp.yaml"
    (told,) = re.findall(r"```yaml\n(# yaml-language-server.*?)```", PAGE, re.DOTALL)
    place.write_text(told, encoding="utf-8")
    return place


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory with the files that the pages tell a reader to make."""
    monkeypatch.chdir(tmp_path)
    told = (
        (HOUSE / "definitions" / "document.yaml")
        .read_text(encoding="utf-8")
        .replace("\nversion: 1\n", "\nversion: 2\n")
    )
    (change,) = re.findall(r"```diff\n(.*?)```", PAGE, re.DOTALL)
    for key, added in re.findall(r"^ (\w+:)\n((?:\+.*\n)+)", change, re.MULTILINE):
        told = told.replace(f"\n{key}\n", f"\n{key}\n" + re.sub(r"^\+", "", added, flags=re.MULTILINE), 1)
    (tmp_path / "my-document.yaml").write_text(told, encoding="utf-8")
    (legal,) = re.findall(r"```yaml\n(format: gongkai-scenarios.*?)```", PAGE, re.DOTALL)
    (tmp_path / "legal.yaml").write_text(legal, encoding="utf-8")
    (plan,) = re.findall(r"```yaml\n(format: gongkai-migration/1\nkind: document.*?)```", VERSIONS, re.DOTALL)
    (tmp_path / "plan.yaml").write_text(plan, encoding="utf-8")
    return tmp_path


def typed_on(page: str, first: str) -> list[list[str]]:
    """The lines of the block that begins with these words, without what is said beside them."""
    (block,) = re.findall(rf"```sh\n({re.escape(first)}.*?)```", page, re.DOTALL)
    return [re.sub(r"\s+# .*", "", line).split()[1:] for line in block.splitlines()]


def type_line(types: Type, words: list[str]) -> Call:
    kept = words[words.index(">") + 1] if ">" in words else None
    words = words[: words.index(">")] if kept else words
    by = words[words.index("--as") + 1] if "--as" in words else None
    done = types(*[each for each in words if each not in ("--as", by)], by=by)
    if kept:
        Path(kept).write_text(done.out, encoding="utf-8")
    return done


def test_the_example_can_be_tried_as_the_page_says(types: Type, example: Path) -> None:
    for words in typed_on(PAGE, "gongkai definitions check stamp.yaml"):
        done = type_line(types, [str(example) if each == "stamp.yaml" else each for each in words])
        assert done.code == 0, done.said


def test_a_changed_procedure_is_checked_compared_played_and_put_in_force_as_the_page_says(
    types: Type, desk: Path
) -> None:
    lines = typed_on(PAGE, "gongkai definitions check my-document.yaml")

    answers = [type_line(types, words) for words in lines]

    # The shipped scenarios know nothing of the new steps, as the page says.
    assert [each.code for each in answers] == [0, 0, 7, 0, 0, 0], "".join(each.said for each in answers)
    assert "send_to_legal, pass_legal" in answers[2].out
    assert re.search("^document +2 +✓", answers[-1].out, re.MULTILINE)


def test_running_cases_move_to_the_changed_procedure_as_the_page_says(types: Type, desk: Path) -> None:
    lines = typed_on(VERSIONS, "gongkai definitions install my-document.yaml")

    answers = [type_line(types, words) for words in lines]

    assert [each.code for each in answers] == [0] * len(lines), "".join(each.said for each in answers)
    assert type_line(types, ["definitions", "migrate", "back.yaml", "--dry-run", "--as", "admin"]).code == 0


def test_the_office_stamps_it_unless_the_kind_is_missing(types: Type, example: Path) -> None:
    assert types("definitions", "install", str(example), by="admin").code == 0
    number = types("start", "stamp", "--title", "合同用印", by="wangmin").out.strip()
    assert types("do", number, "ask", by="wangmin").code == 0

    refused = types("do", number, "stamp", by="sunli")
    shown = types("show", number, by="sunli")
    picture = types("definitions", "diagram", number, by="sunli")

    assert (refused.code, "未写明种类" in refused.err) == (3, True)
    assert "审核时限 2026-03-05" in shown.out
    assert "class s_review stands" in picture.out
    assert "［1］提交" in picture.out


def test_a_draft_with_its_kind_is_stamped(types: Type, example: Path) -> None:
    assert types("definitions", "install", str(example), by="admin").code == 0
    number = types("start", "stamp", "--title", "合同用印", "--set", "kind=contract", by="wangmin").out.strip()

    assert types("do", number, "ask", by="wangmin").code == 0
    assert types("do", number, "stamp", by="sunli").code == 0

    assert "已盖章" in types("show", number, by="sunli").out
