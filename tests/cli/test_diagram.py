"""`gongkai definitions diagram`: a procedure, a file or the way of a case as a picture that shows all and fetches nothing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calling import Call, Type

HOUSE = Path(__file__).parents[2]
SHIPPED = sorted((HOUSE / "definitions").glob("*.yaml"))
LANGUAGES = ("zh", "en")
SVG = "{http://www.w3.org/2000/svg}"

Typed = Callable[[list[str]], Call]

#: A procedure whose every name tries to get out of its quotes.
HOSTILE = """format: gongkai/1
id: hostile
version: 1
prefix: HOST
title: {zh: '甲"]; <b>&amp;', en: 'a"]; <script>alert(1)</script>'}
basis: [条例]
roles: {values: {clerk: {scope: bureau, zh: '人"员', en: 'cl\\\\"erk'}, system: {scope: bureau, zh: 系统, en: the system}}}
fields: {title: {type: text, max: 50, zh: 标题, en: title}}
states:
  end: {initial: true, waits_for: clerk, zh: '起"草]', en: 'dra"ft ]) | x'}
  graph: {final: true, zh: '<完>', en: 'do\\\\ne #quot; `x` %% y'}
transitions:
  click: {from: [end], to: graph, roles: [clerk], zh: '办"|理', en: 'fin"|ish --> <i>'}
deadlines:
  work: {clock: internal, runs_in: [end], limit: 3 working days, zh: '时"限', en: 'ti"me'}
"""


def words_of(svg: str) -> str:
    """All that stands in a picture, in one line without spaces, so that it does not matter where a line breaks."""
    return squeezed("".join(each.text or "" for each in ElementTree.fromstring(svg).iter(f"{SVG}text")))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u00a0]+", "", text)


def drawn(call: Typed, what: Path | str, form: str, lang: str = "zh") -> str:
    done = call(["definitions", "diagram", str(what), "--format", form, "--lang", lang])
    assert done.code == 0, done.said
    return done.out


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form", ["svg", "dot", "mermaid"])
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_picture_names_every_state_step_role_and_clock(
    types: Type, call: Typed, file: Path, form: str, lang: str
) -> None:
    told = types("definitions", "show", file.stem, "--json").json["definition"]

    picture = drawn(call, file, form, lang)

    said = words_of(picture) if form == "svg" else squeezed(picture)
    roles = {each["id"]: each for each in told["roles"]}
    takers = {
        role for step in told["transitions"] for held in step["roles"].values() for role in held if role != "system"
    }
    missing = [
        each[lang]
        for each in (*told["states"], *told["transitions"], *told["deadlines"], *(roles[name] for name in takers))
        if squeezed(each[lang]) not in said
    ]
    assert missing == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_picture_tells_how_long_each_clock_is(types: Type, lang: str) -> None:
    picture = types("definitions", "diagram", "request", "--format", "svg", lang=lang).out

    said = words_of(picture)
    for wanted in {
        "zh": (
            "答复期限20个工作日",
            "缴费期限20个工作日",
            "平常信函当日确认24小时",
            "答复期限暂停计时",
            "补正期限另行确定",
        ),
        "en": (
            "reply,20workingdays",
            "payment,20workingdays",
            "24hours",
            "reply,standsstill",
            "timetocorrect,assetforthecase",
        ),
    }[lang]:
        assert wanted in said


@pytest.mark.parametrize("form", ["svg", "dot", "mermaid"])
@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_other_cases_do_with_a_step_stands_below_it(call: Typed, form: str, lang: str) -> None:
    picture = drawn(call, HOUSE / "tests/proof/linked/paper.yaml", form, lang)

    said = words_of(picture) if form == "svg" else squeezed(picture)
    for wanted in {
        "zh": (
            "＋同时发起解读（视情形）",
            "＋同时撤销解读",
            "＋同时办理解读：publish（视情形）",
            "＋同时办理所代替的文件：废止",
        ),
        "en": ("+beginsnotes(insomecases)", "+callsoffnotes", "+movesnotes:publish(insomecases)", "+movesnotes:recall"),
    }[lang]:
        assert wanted in said
    assert picture.count("＋" if lang == "zh" else "+ ") == 5


def test_finals_and_what_nobody_takes_are_told_apart(call: Typed) -> None:
    svg = ElementTree.fromstring(drawn(call, HOUSE / "definitions/request.yaml", "svg"))
    dot = drawn(call, HOUSE / "definitions/request.yaml", "dot")

    frames = {
        each.get("id"): len(each.findall(f"{SVG}rect")) for each in svg.iter(f"{SVG}g") if each.get("id") is not None
    }
    assert {name for name, count in frames.items() if count == 2} == {"state-not_received", "state-archived"}
    dashes = [each.get("stroke-dasharray") for each in svg.iter(f"{SVG}path")]
    assert dashes.count("2 4") == 3  # the correction and the fee that did not come, and the legend
    assert "逾期未缴费，视为放弃 · 系统〔到期〕" in dot
    assert "登记收到 · 局办公室〔自动〕" in dot
    assert re.search(r'"fee_wait" -> "ended" \[.*style=dotted\]', dot)
    assert set(re.findall(r'^  "(\w+)" \[.*peripheries=2', dot, re.MULTILINE)) == {"not_received", "archived"}


def test_steps_between_the_same_states_share_one_arrow(call: Typed) -> None:
    dot = drawn(call, HOUSE / "definitions/document.yaml", "dot")

    (arrow,) = re.findall(r'"attribute_dispute" -> "office_check" \[label="(.*?)"', dot)
    assert arrow.count("\\l") == 5
    assert "撤回异议 · 局办公室" in arrow
    arrows = re.findall(r'^  "(\w+)" -> "(\w+)"', dot, re.MULTILINE)
    assert len(arrows) == len(set(arrows))


def test_a_step_that_many_states_have_is_written_in_their_boxes(call: Typed) -> None:
    dot = drawn(call, HOUSE / "definitions/document.yaml", "dot")

    assert '"numbering" -> "voided"' not in dot
    assert re.search(r'"numbering" \[label=".*作废　局领导 → 已作废', dot)
    assert re.search(r'"voided" \[label=".*← 作废（自 7 个环节）', dot)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_a_picture_fetches_nothing_and_runs_nothing(call: Typed, file: Path, lang: str) -> None:
    picture = drawn(call, file, "svg", lang)

    kinds = {each.tag.removeprefix(SVG) for each in ElementTree.fromstring(picture).iter()}
    assert kinds == {"svg", "title", "rect", "text", "g", "path", "circle"}
    assert not re.search(r"href|url\(|@import|\sstyle=|\son\w+=", picture)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_names_stay_in_their_quotes(call: Typed, tmp_path: Path, lang: str) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_text(HOSTILE, encoding="utf-8")

    svg, dot, mermaid = (drawn(call, file, form, lang) for form in ("svg", "dot", "mermaid"))

    label = {"zh": '办"|理', "en": 'fin"|ish --> <i>'}[lang]
    assert squeezed(label) in words_of(svg)
    for line in dot.splitlines():
        assert re.fullmatch(r'(?:[^"\\]|"(?:[^"\\]|\\.)*")*', line), line
    for line in mermaid.splitlines()[4:]:
        assert re.fullmatch(r'[^"`\\]*(?:"(?:[^"`\\<>]|<br/>|</?[bi]>)*"[^"`\\]*)*', line), line
    assert "<script" not in svg + mermaid
    assert " end[" not in mermaid


def test_the_way_of_a_case_and_where_it_stands(types: Type, at_the_office: str) -> None:
    types("sweep")
    assert types("edit", at_the_office, "--set", "attribute=proactive", by="wangmin").code == 0
    assert types("do", at_the_office, "submit", by="wangmin").code == 0

    svg = types("definitions", "diagram", at_the_office, "--format", "svg").out
    dot = types("definitions", "diagram", at_the_office, "--format", "dot").out
    mermaid = types("definitions", "diagram", at_the_office, "--lang", "en").out

    said = words_of(svg)
    assert f"公文公开审批{at_the_office}（document第1版）" in said
    for step in ("［1］报科室审核", "［2］报办公室", "［3］退文（未按规定标注）", "［4］报科室审核"):
        assert step in said
    assert said.count("事项现在这里") == 1
    assert re.findall(r'^  "(\w+)" \[.*penwidth=3\];', dot, re.MULTILINE) == ["section_review"]
    assert re.findall(r'"(\w+)" -> "(\w+)" .*penwidth=3', dot) == [
        ("draft", "section_review"),
        ("section_review", "office_check"),
        ("office_check", "returned"),
        ("returned", "section_review"),
    ]
    assert "[3] return as untagged · the Office [automatic]" in mermaid
    assert "class s_section_review stands" in mermaid


def test_a_step_of_many_states_is_drawn_where_a_case_took_it(types: Type, at_the_office: str) -> None:
    assert types("do", at_the_office, "void", "--comment", "重复发文").code == 0

    dot = types("definitions", "diagram", at_the_office, "--format", "dot").out

    assert re.search(r'"office_check" -> "voided" \[label="［3］作废 · 局办公室、局领导', dot)
    assert '"numbering" -> "voided"' not in dot


def test_the_way_of_a_case_is_shown_to_those_who_may_see_the_case(types: Type, at_the_office: str) -> None:
    answers = [types("definitions", "diagram", number, by="hejun") for number in (at_the_office, "DOC-2026-99999")]

    assert [each.code for each in answers] == [4, 4]
    assert answers[0].err.replace(at_the_office, "?") == answers[1].err.replace("DOC-2026-99999", "?")
    assert answers[0].out == ""


@pytest.mark.parametrize(("name", "begins"), [("a.svg", "<svg"), ("a.gv", "digraph"), ("a.mmd", "---\ntitle")])
def test_the_ending_of_the_file_says_which_form(call: Typed, tmp_path: Path, name: str, begins: str) -> None:
    done = call(["definitions", "diagram", str(SHIPPED[0]), "--out", str(tmp_path / name)])

    assert done.code == 0
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(begins)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_a_file_that_is_there_is_kept_unless_told_otherwise(call: Typed, tmp_path: Path) -> None:
    place = tmp_path / "a.svg"
    place.write_text("mine", encoding="utf-8")

    kept = call(["definitions", "diagram", str(SHIPPED[0]), "--out", str(place)])
    there = place.read_text(encoding="utf-8")
    forced = call(["definitions", "diagram", str(SHIPPED[0]), "--out", str(place), "--force"])

    assert (kept.code, there) == (2, "mine")
    assert "--force" in kept.err
    assert forced.code == 0
    assert place.read_text(encoding="utf-8").startswith("<svg")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["docment"], 4, "gongkai definitions list"),
        (["nowhere.yaml"], 8, "nowhere.yaml"),
        (["{file}", "--out", "a.png"], 2, "--format"),
        (["{file}", "--out", "/dev/full/a.svg"], 1, "a.svg"),
        (["{file}", "--format", "png"], 2, "mermaid"),
    ],
)
def test_what_cannot_be_drawn_is_answered_with_the_way_out(types: Type, words: list[str], code: int, says: str) -> None:
    for lang in LANGUAGES:
        done = types("definitions", "diagram", *(each.format(file=SHIPPED[0]) for each in words), lang=lang)

        assert (done.code, done.out) == (code, "")
        assert says in done.err


def test_a_faulty_file_shows_its_fault_instead_of_a_picture(call: Typed, tmp_path: Path) -> None:
    file = tmp_path / "faulty.yaml"
    file.write_text(HOSTILE.replace("to: graph", "to: nowhere"), encoding="utf-8")

    done = call(["definitions", "diagram", str(file), "--lang", "en"])

    assert done.code == 8
    assert "nowhere" in done.err
    assert done.out == ""


def test_programs_are_told_the_picture_and_the_way(types: Type, at_the_office: str, tmp_path: Path) -> None:
    printed = types("definitions", "diagram", at_the_office, "--json").json
    kept = types("definitions", "diagram", "document", "--out", str(tmp_path / "a.svg"), "--json").json

    assert printed["picture"].startswith("---")
    assert printed["case"]["state"] == "office_check"
    assert printed["case"]["way"][-1] == ["section_review", "endorse", "office_check"]
    assert (kept["case"], kept["format"], kept["file"]) == (None, "svg", str(tmp_path / "a.svg"))
