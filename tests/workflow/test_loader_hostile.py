"""Files made to harm: each ends soon with a clear finding, and never with a traceback."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from workflow.errors import BadDefinition, Finding
from workflow.loader import Catalogue, accept
from workflow.loader.report import Report
from workflow.loader.source import MOST_ALIASES, MOST_BYTES, read

STAMP = (Path(__file__).resolve().parent.parent / "definitions/good/stamp.yaml").read_text(encoding="utf-8")
SECONDS = 2.0
SERIES = {"series": Catalogue("series", "来源", True, {"下财": {"zh": "下财", "en": "documents"}})}


@pytest.fixture(autouse=True)
def soon() -> Iterator[None]:
    begun = time.process_time()
    yield
    assert time.process_time() - begun < SECONDS


def findings(text: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(BadDefinition) as raised:
        accept(text, "hostile.yaml", SERIES)
    return raised.value.findings


def only(text: str | bytes) -> tuple[str, int, int]:
    (found,) = findings(text)
    return found.code, found.line, found.column


def test_a_fault_is_found_however_often_its_file_is_read() -> None:
    """What was read is kept; a text with something amiss in it is not, or its second reading would find nothing."""
    twice = STAMP.replace("version: 1", "version: 1\nversion: 1", 1)

    assert [only(twice)[0], only(twice)[0]] == ["duplicate-key", "duplicate-key"]


def test_what_was_read_twice_is_not_one_thing() -> None:
    first, second = read(STAMP, Report("a.yaml")), read(STAMP, Report("b.yaml"))

    first["states"].clear()

    assert second["states"]
    assert read(STAMP, Report("c.yaml")) == second


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? ", "[{a: "])
def test_a_hundred_thousand_brackets_are_too_deep(opening: str) -> None:
    code, line, _ = only(opening * (100_000 // len(opening)))

    assert (code, line) in {("too-deep", 1), ("yaml-syntax", 1)}


def test_twenty_levels_of_brackets_are_not_too_deep() -> None:
    assert only("[" * 20 + "]" * 20)[0] == "not-a-mapping"
    assert only("[" * 21 + "]" * 21) == ("too-deep", 1, 21)


def test_deep_indentation_is_too_deep() -> None:
    text = "".join("  " * depth + f"a{depth}:\n" for depth in range(400))

    assert only(text)[0] == "too-deep"


def test_an_alias_bomb_is_too_large_before_it_goes_off() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]

    assert only("\n".join(lines))[0] == "expanded-too-large"


def test_a_long_text_that_is_aliased_often_is_too_large() -> None:
    text = f"a: &a {'甲' * 60_000}\nb: [{', '.join(['*a'] * 150)}]\n"

    assert only(text)[0] == "expanded-too-large"


def test_aliases_are_counted() -> None:
    text = f"a: &a 1\nb: [{', '.join(['*a'] * (MOST_ALIASES + 1))}]\n"

    assert only(text)[0] == "too-many-aliases"


def test_ten_thousand_states_are_too_many() -> None:
    states = "".join(f"  s{n}: {{zh: a}}\n" for n in range(10_000))
    text = STAMP.replace("states:\n", "states:\n" + states)

    assert len(text.encode()) < MOST_BYTES
    found = findings(text)
    assert {each.code for each in found} == {"missing-label", "more"}
    assert len(found) == 101


def test_ten_thousand_whole_states_are_too_many_as_well() -> None:
    states = "".join(f"  s{n}: {{zh: a, en: b}}\n" for n in range(9_000))

    assert only(STAMP.replace("states:\n", "states:\n" + states))[0] == "too-many"


def test_too_many_states_are_said_at_their_place() -> None:
    states = "".join(f"  s{n}: {{zh: a{n}, en: a{n}}}\n" for n in range(201))
    text = STAMP.replace("states:\n", "states:\n" + states)

    found = findings(text)

    assert [each.code for each in found] == ["too-many"]
    assert found[0].source == "states:"
    assert "200" in found[0].text.zh


def test_thousands_of_names_that_lead_nowhere_end_soon() -> None:
    guards = "".join(
        f"  g{n}: {{if: {{f{n}: set, any: [{{q: 1}}, {{r: 2}}]}}, zh: 甲{n}, en: a{n}}}\n" for n in range(290)
    )
    fields = "".join(f"  field_{n}: {{type: bool, zh: 乙{n}, en: b{n}}}\n" for n in range(280))
    text = STAMP.replace("guards:\n", "guards:\n" + guards).replace("fields:\n", "fields:\n" + fields)

    assert len(findings(text)) == 101


def test_a_megabyte_is_too_large() -> None:
    assert only(STAMP + "# " + "x" * 1_000_000) == ("too-large", 1, 1)
    assert only(b"\x00" * 1_000_000) == ("too-large", 1, 1)
    assert only("甲" * 100_000)[0] == "too-large"


def test_a_nul_byte_is_named() -> None:
    code, line, column = only("format: gongkai/1\nid: a\x00b\n")

    assert (code, line, column) == ("control-character", 2, 6)


def test_a_hidden_character_in_an_escape_is_found() -> None:
    found = findings(STAMP.replace("zh: 标题", 'zh: "标\\u202e题"'))

    assert [each.code for each in found] == ["control-character"]
    assert "U+202E" in found[0].text.en


def test_a_file_in_gb18030_is_named_as_such() -> None:
    (found,) = findings(STAMP.encode("gb18030"))

    assert found.code == "encoding"
    assert "GB18030" in found.text.zh
    assert (found.line, found.column) == (2, 3)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_wide_encodings_are_no_utf8(encoding: str) -> None:
    found = findings(STAMP.encode(encoding))

    assert found[0].code in ("encoding", "control-character")


def test_a_byte_order_mark_is_no_fault() -> None:
    assert accept("\ufeff" + STAMP, "stamp.yaml", SERIES).id == "stamp"


def test_a_lone_surrogate_is_no_traceback() -> None:
    assert findings(STAMP.replace("标题", "标\ud800题"))[0].code == "control-character"


def test_tabs_are_named_line_by_line() -> None:
    found = findings("format: gongkai/1\nfields:\n\ttitle: {}\n\tkind: {}\n")

    assert [(each.code, each.line, each.column) for each in found] == [("tab", 3, 1), ("tab", 4, 1)]


@pytest.mark.parametrize("key", ["on", "Off", "YES", "no", '"on"'])
def test_no_key_is_a_switch(key: str) -> None:
    assert "ambiguous-key" in {each.code for each in findings(f"format: gongkai/1\n{key}: 1\n")}


@pytest.mark.parametrize("key", ["1", "true", "null", "~", "[a]", "{a: b}", "''"])
def test_a_key_is_text(key: str) -> None:
    assert {each.code for each in findings(f"? {key}\n: 1\nformat: gongkai/1\n")} & {"key-not-text", "unknown-key"}


@pytest.mark.parametrize("value", ["020", "0x1F", "0o17", "1_000", "1.5", "1e3", ".inf", "12:30", "+3", "1" * 30])
def test_a_number_is_written_plainly(value: str) -> None:
    found = findings(STAMP.replace("version: 1", f"version: {value}"))

    assert found[0].code == "number-form"


@pytest.mark.parametrize("value", ["yes", "No", "ON", "off", "True", "FALSE", "Null"])
def test_a_truth_is_written_plainly(value: str) -> None:
    found = findings(STAMP.replace("initial: true", f"initial: {value}"))

    assert found[0].code == "ambiguous-value"


def test_format_braces_in_a_file_fill_no_sentence() -> None:
    found = findings(STAMP.replace("to: review", 'to: "{0.__class__}{name}"', 1))

    assert "{0.__class__}" in "".join(each.text.zh for each in found)


def test_a_control_character_never_reaches_the_reader() -> None:
    found = findings(STAMP.replace("标题", "标\x1b[31m题"))

    assert all(each.source.isprintable() and each.text.zh.isprintable() for each in found)
