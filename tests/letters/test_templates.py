"""A file of letters is read strictly: every fault at its line, in both languages, with what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from letters import book_of, refuse_weaker
from tests.letters.office_papers import kinds
from workflow.errors import BadFile, BadLetter, Finding
from workflow.letter import wording_of
from workflow.loader.letter_shape import LettersFile, as_text
from workflow.loader.letters import read_letters

HOUSE = Path(__file__).resolve().parents[2]
PAGE = (HOUSE / "docs/letters.md").read_text(encoding="utf-8")

GOOD = """\
format: gongkai-letters/1
about: opinion
letters:
  note:
    zh: 便函
    en: note
    basis: [条例 32]
    title: "关于{title}的便函"
    to: "{party}"
    must:
      ask: {basis: 条例 32, if: {purpose: third_party, day: {on_or_after: "2019-05-15"}}, zh: 须写明内容, en: it says what is asked}
    body:
      - {part: ask, text: "请于{due: outside}前答复：{question}"}
      - table:
          - ["送达日期", "{asked_on}"]
"""


def findings(text: str) -> list[Finding]:
    with pytest.raises(BadLetter) as fault:
        read_letters(text, "my-letters.yaml", kinds())
    return list(fault.value.findings)


def test_a_well_written_file_is_read() -> None:
    book = read_letters(GOOD, "my-letters.yaml", kinds())

    assert (book.about, list(book.letters)) == ("opinion", ["note"])
    assert list(book.letters["note"].must) == ["ask"]


@pytest.mark.parametrize(("before", "after", "code", "line"), [
    ("about: opinion", "about: opinon", "letter-kind", 2),
    ("gongkai-letters/1", "gongkai-letters/2", "bad-choice", 1),
    ("    to:", "    too:", "unknown-key", 9),
    ("{party}", "{partie}", "letter-placeholder", 9),
    ("{due: outside}", "{due: outsid}", "unknown-deadline", 13),
    ("{due: outside}", "{until: outside}", "letter-of", 13),
    ("{due: outside}", "{by: answerr}", "unknown-transition", 13),
    ("{due: outside}", "{box: question}", "wrong-type", 13),
    ("{due: outside}", "{value: questio}", "unknown-field", 13),
    ("{question}", "{bureau: fax}", "letter-contact", 13),
    ("{question}", "{delivered}", "letter-delivered", 13),
    ("    title:", "    delivers: [notes]\n    title:", "letter-delivers", 8),
    ("    title:", "    delivers: [note]\n    title:", "letter-delivers", 8),
    ("- table:", "- after: body\n        table:", "bad-choice", 14),
    ("{question}", "{Question}", "letter-brace", 13),
    ("{question}", "question}", "letter-brace", 13),
    ("part: ask", "part: aks", "letter-part", 13),
    ("part: ask, ", "", "letter-part-missing", 11),
    ("请于{due: outside}前答复：{question}", "{question?}", "letter-part-blank", 13),
    ("请于{due: outside}前答复：{question}", "　 ：", "letter-part-blank", 13),
    ('text: "请于{due: outside}前答复：{question}"', 'table: [["：", "{question}"]]', "letter-part-blank", 13),
    ("zh: 须写明内容", "says: [前答复, 逾期视为], zh: 须写明内容", "letter-words-missing", 11),
    ("purpose: third_party", "purpose: third", "unknown-choice", 11),
    ("purpose: third_party", "state: aske", "unknown-choice", 11),
    ("purpose: third_party", "purposes: third_party", "unknown-field", 11),
    ('day: {on_or_after: "2019-05-15"}', "day: {on_or_after: later}", "bad-date", 11),
    ("basis: 条例 32, if", "if", "missing-key", 11),
    ("    basis: [条例 32]\n", "", "missing-key", 4),
    ("    en: note\n", "", "missing-label", 4),
    ('- ["送达日期", "{asked_on}"]', '- ["送达日期", "{asked_on}", "多"]', "letter-cells", 15),
    ("    title:", "    dated: question\n    title:", "wrong-type", 8),
    ("    title:", "    since: [answerr]\n    title:", "unknown-transition", 8),
    ("    title:", "    told: [answerr]\n    title:", "unknown-transition", 8),
    ("      - table:", "      - text: 甲\n        table:", "letter-text-or-table", 14),
    ("    body:", "    look: poster\n    body:", "bad-choice", 12),
    ("请于", "请\u202e于", "control-character", 13),
])  # fmt: skip
def test_a_fault_is_found_at_its_line_with_a_way_out(before: str, after: str, code: str, line: int) -> None:
    assert before in GOOD

    found = findings(GOOD.replace(before, after, 1))

    assert (code, line) in [(each.code, each.line) for each in found]
    for each in found:
        assert each.text.zh
        assert each.text.en
        assert each.hint.zh
        assert each.hint.en
        assert each.file == "my-letters.yaml"


@pytest.mark.parametrize("text", ["{question}", "{question?}，请答复", "请于{due: outside}前答复"])
def test_a_compulsory_part_that_cannot_be_blank_is_one(text: str) -> None:
    read_letters(GOOD.replace("请于{due: outside}前答复：{question}", text), "my-letters.yaml", kinds())


REPLY = (HOUSE / "definitions/letters/request.yaml").read_text(encoding="utf-8")
REMEDY = next(line for line in REPLY.splitlines(keepends=True) if "remedy_first:  {basis" in line)


@pytest.mark.parametrize(
    ("before", "after"),
    [(REMEDY, ""), (REMEDY, REMEDY.replace("2024-01-01", "2034-01-01", 1))],
    ids=["deleted", "for fewer cases"],
)
def test_a_template_of_ones_own_cannot_do_without_what_the_shipped_one_must_hold(before: str, after: str) -> None:
    text = REPLY.replace(before, after, 1)
    if not after:
        text = text.replace("part: remedy_first, ", "")
    book = read_letters(text, "mine.yaml", kinds())

    with pytest.raises(BadFile) as refused:
        refuse_weaker(book, kinds())

    assert [(each.code, "remedy_first" in each.text.zh) for each in refused.value.problems] == [("letter-weaker", True)]


NUMBERED = """    must:
      number: {basis: 条例 9(4), if: {doc_number: set}, zh: 须写明文号, en: it bears its number}
"""


@pytest.mark.parametrize(
    "number", ["", '    number: "意见征询 {number}"\n', '    number: [{if: {purpose: section}, text: "函"}]\n']
)
def test_a_letter_that_leaves_out_the_number_that_it_must_bear_is_found(number: str) -> None:
    text = GOOD.replace("    must:\n", number + NUMBERED, 1)
    line = 11 + bool(number)

    assert [(each.code, each.line) for each in findings(text)] == [("letter-number-missing", line)]
    read_letters(GOOD.replace("    must:\n", '    number: "{doc_number}"\n' + NUMBERED, 1), "my-letters.yaml", kinds())


def test_a_template_whose_compulsory_part_need_not_say_the_words_is_refused() -> None:
    text = re.sub(r"says: \[六十日, 申请行政复议, 应当先申请行政复议, ", "says: [", REPLY)
    assert text != REPLY

    with pytest.raises(BadFile) as refused:
        refuse_weaker(read_letters(text, "mine.yaml", kinds()), kinds())

    assert [(each.code, "remedy_first" in each.text.zh) for each in refused.value.problems] == [("letter-weaker", True)]


def test_a_template_that_asks_for_more_is_taken() -> None:
    text = re.sub(r"(why:    \{basis: 条例 36\(3\)), if: \{not: \{outcome: granted\}\}", r"\1", REPLY)
    assert text != REPLY

    refuse_weaker(read_letters(text, "mine.yaml", kinds()), kinds())


def test_all_faults_of_a_file_are_told_at_once() -> None:
    found = findings(
        GOOD.replace("{party}", "{partie}").replace("{question}", "{Question}").replace("    to:", "    too:")
    )

    assert {each.code for each in found} >= {"unknown-key", "letter-brace"}


def test_a_letter_that_the_definition_declares_cannot_be_left_out() -> None:
    text = (HOUSE / "definitions/letters/proposal.yaml").read_text(encoding="utf-8")

    found = findings(text.replace("\n  co_opinion:\n", "\n  opinion_of_ours:\n"))

    assert [(each.code, each.text.zh) for each in found] == [("letter-undeclared", "定义中的文书“co_opinion”没有模板")]


def test_placeholders_are_told_apart_from_what_is_printed() -> None:
    parts = wording_of("{by: return, return_untagged}于{asked_on?}答").parts

    assert [each if isinstance(each, str) else (each.of, each.names, each.may_lack) for each in parts] == [
        ("by", ("return", "return_untagged"), False), "于", (None, ("asked_on",), True), "答",
    ]  # fmt: skip


def test_the_schema_for_editors_is_current() -> None:
    assert (HOUSE / "definitions/letters/schema.json").read_text(encoding="utf-8") == as_text(), "run: make generate"


@pytest.mark.parametrize("file", sorted((HOUSE / "definitions/letters").glob("*.yaml")), ids=lambda each: each.name)
def test_every_shipped_file_names_the_schema_and_is_about_its_kind(file: Path) -> None:
    text = file.read_text(encoding="utf-8")

    assert text.startswith("# yaml-language-server: $schema=./schema.json\n")
    assert book_of(kinds()[file.stem]).about == file.stem


def keys(said: dict[str, Any]) -> set[str]:
    return {name for part in (said, *said["$defs"].values()) for name in part.get("properties", {})}


def test_the_page_lists_every_key_and_its_example_loads() -> None:
    listed = set(re.findall(r"^\| `([a-z_]+)`", PAGE, re.MULTILINE))
    (example,) = re.findall(r"```yaml\n(format:.*?)```", PAGE, re.DOTALL)

    assert keys(LettersFile.model_json_schema(by_alias=True)) - listed == set()
    assert read_letters(example, "docs/letters.md", kinds()).letters
