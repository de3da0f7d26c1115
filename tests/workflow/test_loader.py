"""The loader against files: good ones become a definition, each bad one is answered with its findings at their places."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow.accepted import definition_from
from workflow.case import RoleName, StateName, TransitionName
from workflow.errors import BadDefinition, Finding
from workflow.limit import Unit
from workflow.loader import Accepted, Catalogue, accept, read_catalogue
from workflow.loader.findings import FINDINGS
from workflow.loader.proved import PROOF
from workflow.loader.report import MOST_FINDINGS
from workflow.model import Definition

HOUSE = Path(__file__).resolve().parent.parent.parent
CASES = HOUSE / "tests" / "definitions"
GOOD = sorted((CASES / "good").glob("*.yaml"))
BAD = sorted((CASES / "bad").glob("*.yaml"))
SHIPPED = sorted((HOUSE / "definitions").glob("*.yaml"))

#: Shown with files too large or too odd to keep, in `test_loader_hostile.py`; a note is no fault and is tested here.
ELSEWHERE = {"regimes-gap", "too-large", "encoding", "too-many-aliases", "expanded-too-large", "too-many", "more", "unused-field",
             "unverified", "unknown-kind"}  # fmt: skip


def catalogues() -> Mapping[str, Catalogue]:
    read = [read_catalogue(file.read_bytes(), file.name) for file in (HOUSE / "definitions/catalogues").glob("*.yaml")]
    return {each.id: each for each in read}


CATALOGUES = catalogues()
STAMP = (CASES / "good/stamp.yaml").read_text(encoding="utf-8")


#: Told only where every other kind is known.
ALONE = ("expect: idle-system", "expect: no-parent")


def accepted(text: str | bytes) -> Accepted:
    others: dict[str, Definition] | None = {} if any(each in str(text) for each in ALONE) else None
    return accept(text, "stamp.yaml", CATALOGUES, others=others)


def findings(text: str | bytes) -> tuple[Finding, ...]:
    with pytest.raises(BadDefinition) as raised:
        accepted(text)
    return raised.value.findings


def changed(old: str, new: str) -> str:
    assert old in STAMP
    return STAMP.replace(old, new, 1)


@pytest.mark.parametrize("file", [*GOOD, *SHIPPED], ids=lambda file: file.stem)
def test_a_good_definition_is_accepted_and_the_engine_can_read_it(file: Path) -> None:
    said = accept(file.read_bytes(), file.name, CATALOGUES)

    stored = json.loads(said.canonical)
    definition = definition_from(stored, said.digest)

    assert (definition.id, definition.version, definition.digest) == (said.id, said.version, said.digest)
    assert list(definition.states) == list(said.json["states"])
    assert list(definition.transitions) == list(said.json["transitions"])
    assert stored == said.json


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_bad_definition_is_answered_with_its_findings_at_their_places(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    expected = re.findall(r"^# expect: (\S+) (\d+):(\d+)$", text, re.MULTILINE)

    found = findings(text)

    assert [(each.code, str(each.line), str(each.column)) for each in found] == expected
    lines = text.splitlines()
    for each in found:
        if lines[each.line - 1 : each.line] and lines[each.line - 1].isprintable():
            assert each.source.removesuffix("…") in lines[each.line - 1]


def test_every_finding_is_shown_by_a_bad_file() -> None:
    shown = {
        code for file in BAD for code in re.findall(r"^# expect: (\S+)", file.read_text(encoding="utf-8"), re.MULTILINE)
    }

    assert set(FINDINGS) - shown - set(PROOF) == ELSEWHERE


@pytest.mark.parametrize("file", BAD, ids=lambda file: file.stem)
def test_a_finding_is_whole_in_both_languages(file: Path) -> None:
    for found in findings(file.read_bytes()):
        for said in (found.text, found.hint):
            assert re.search(r"[\u4e00-\u9fff]", said.zh), said
            assert said.en
            assert not re.search(r"\{(name|hint|given|detail|value)\}", said.zh + said.en), said


def test_a_definition_is_held_against_those_of_its_sub_cases() -> None:
    text = (CASES / "good/everything.yaml").read_text(encoding="utf-8")
    enquiry = accept(text, "everything.yaml", CATALOGUES)
    itself = definition_from(enquiry.json, enquiry.digest)

    with pytest.raises(BadDefinition) as unknown:
        accept(text, "everything.yaml", CATALOGUES, others={})
    with pytest.raises(BadDefinition) as lacking:
        accept(text, "everything.yaml", CATALOGUES, others={"view": itself})

    assert [each.code for each in unknown.value.findings] == ["unknown-kind"]
    assert {each.code for each in lacking.value.findings} == {"unknown-child-state", "unknown-child-field", "no-cancel"}


@pytest.mark.parametrize(
    ("said", "code"), [("document.publishd_on", "unknown-child-field"), ("dokument.published_on", "unknown-child")]
)
def test_a_day_of_another_case_is_one_that_it_has(said: str, code: str) -> None:
    text = (HOUSE / "definitions/decision.yaml").read_text(encoding="utf-8")
    paper = accept((HOUSE / "definitions/document.yaml").read_bytes(), "document.yaml", CATALOGUES)
    document = definition_from(paper.json, paper.digest)

    wrong = text.replace("dates: [issued_on, document.published_on", f"dates: [issued_on, {said}")
    with pytest.raises(BadDefinition) as found:
        accept(wrong, "decision.yaml", CATALOGUES, others={"document": document})

    assert code in {each.code for each in found.value.findings}


@pytest.mark.parametrize("said", ["proposal.merged_wth", "propsal.merged_with", "proposal.title"])
def test_cases_that_name_this_one_are_called_by_a_field_in_which_they_can(said: str) -> None:
    text = (HOUSE / "definitions/proposal.yaml").read_text(encoding="utf-8")

    with pytest.raises(BadDefinition) as found:
        accept(text.replace("case: proposal.merged_with", f"case: {said}"), "proposal.yaml", CATALOGUES)

    assert {each.code for each in found.value.findings} == {"unknown-child"}


def test_a_field_that_a_parent_fills_in_is_used() -> None:
    opinion = (HOUSE / "definitions/opinion.yaml").read_bytes()
    asking = {each: HOUSE / f"definitions/{each}.yaml" for each in ("request", "proposal")}
    others = {each: accept(file.read_bytes(), file.name, CATALOGUES) for each, file in asking.items()}

    alone = accept(opinion, "opinion.yaml", CATALOGUES)
    parents = {each: definition_from(said.json, said.digest) for each, said in others.items()}
    beside = accept(opinion, "opinion.yaml", CATALOGUES, others=parents)

    assert {each.code for each in alone.notes} <= {"unused-field"}
    assert beside.notes == ()


def test_the_findings_come_in_the_order_of_the_file_and_all_at_once() -> None:
    text = changed("to: review", "to: reveiw").replace("roles: [office],", "roles: [ofice],", 1)

    found = findings(text)

    assert [each.code for each in found] == ["unknown-state", "unknown-role"]
    assert "“review”" in found[0].hint.en


def test_a_slip_in_an_entry_does_not_hide_the_others_in_it() -> None:
    broken = "review:   {waits_for: ofice, zh: 审核, edit: {offce: [titel]}, initial: 1}"

    found = findings(changed("review:   {waits_for: office, zh: 审核, en: review}", broken))

    assert [each.code for each in found] == [
        "missing-label",
        "unknown-role",
        "unknown-role",
        "unknown-field",
        "wrong-kind",
    ]


def test_a_key_written_twice_shows_both_places() -> None:
    found = findings(changed("  urgent:     {", "  copies:     {type: bool, zh: 急, en: u}\n  urgent:     {"))

    assert found[0].code == "duplicate-key"
    first = next(number for number, line in enumerate(STAMP.splitlines(), 1) if line.startswith("  copies:"))
    assert (found[0].line, found[0].column) == (first + 1, 3)
    assert f"{first}:3" in found[0].text.en
    assert "份数" in found[0].text.zh


def test_a_field_that_nothing_uses_is_a_note_and_no_fault() -> None:
    said = accepted(changed("guards:\n", "  spare: {type: text, zh: 备用, en: spare}\n\nguards:\n"))

    assert [(note.code, note.text.en) for note in said.notes] == [("unused-field", "the field “spare” is not used")]


def test_a_fee_that_nobody_compared_with_its_source_is_a_note_at_its_place() -> None:
    text = (CASES / "good/everything.yaml").read_text(encoding="utf-8")

    (note,) = accept(text, "everything.yaml", CATALOGUES).notes
    read = accept(text.replace("verified: false", "verified: true"), "everything.yaml", CATALOGUES).notes

    assert (note.code, note.file, note.source.index("verified: false")) == (
        "unverified",
        "everything.yaml",
        note.column - 1,
    )
    assert "来源：国办函〔2020〕109号" in note.text.zh
    assert read == ()


def test_a_value_that_nobody_compared_is_a_note_where_it_is_written() -> None:
    unread = "contract: {zh: 合同, en: contract, facts: {source: 印章管理规定, verified: false}}, letter"
    plain = "contract: {zh: 合同, en: contract, facts: {verified: false}}, letter"

    (said,) = accepted(changed("contract: {zh: 合同, en: contract}, letter", unread)).notes
    (unsaid,) = accepted(changed("contract: {zh: 合同, en: contract}, letter", plain)).notes

    assert (said.code, said.text.zh) == ("unverified", "“contract 合同”尚未与原文核对，来源：印章管理规定")
    assert said.source[said.column - 1 :].startswith("contract:")
    assert unsaid.text.zh.endswith("来源：未写明")


def test_of_a_catalogue_the_notes_come_with_the_definitions_that_use_it() -> None:
    text = "id: series\nsource: 条例 9\nverified: true\nvalues: {下财: {zh: 甲, en: a}, 乙: {zh: 乙, en: b, facts: {verified: false}}}\n"
    some = read_catalogue(text, "series.yaml")
    whole = read_catalogue(text.replace("verified: true", "verified: false"), "series.yaml")
    unused = changed("required: [series], ", "").replace("series: series,", "series: kind,")

    one = accept(STAMP, "stamp.yaml", {**CATALOGUES, "series": some}).notes
    all_of_it = accept(STAMP, "stamp.yaml", {**CATALOGUES, "series": whole}).notes
    none = accept(unused, "stamp.yaml", {**CATALOGUES, "series": some}).notes

    assert [(each.file, each.line, each.text.zh) for each in one] == [
        ("series.yaml", 4, "“乙 乙”尚未与原文核对，来源：条例 9")
    ]
    assert [(each.line, each.text.zh) for each in all_of_it] == [(3, "“series”尚未与原文核对，来源：条例 9")]
    assert [each.code for each in none] == ["unused-field"]


def test_what_is_waived_is_kept_with_its_reason_and_place() -> None:
    (waived,) = accepted(STAMP).waived

    assert (waived.check, waived.at, waived.label.zh, waived.reason) == (
        "no-deadline",
        "draft",
        "填写",
        "填写阶段不计时",
    )
    assert STAMP.splitlines()[waived.line - 1].strip().startswith("- {check: no-deadline, state: draft")


def test_who_only_hears_of_a_case_may_be_waived_by_name() -> None:
    text = (CASES / "bad/idle_role.yaml").read_text(encoding="utf-8")

    said = accepted(text + "  - {check: idle-role, role: leader, reason: 逾期须知情}\n")

    assert [(each.check, each.at, each.label.en) for each in said.waived] == [
        ("no-deadline", "draft", "draft"),
        ("idle-role", "leader", "bureau leader"),
    ]
    assert [each.at for each in definition_from(said.json, said.digest).waivers] == ["draft", "leader"]


def test_an_article_at_one_rule_is_a_basis_too() -> None:
    text = (CASES / "bad/no_basis.yaml").read_text(encoding="utf-8")

    assert accepted(text.replace("zh: 未写明种类", "basis: 国发〔1999〕25号, zh: 未写明种类")).id == "stamp"


def test_comments_and_layout_do_not_change_the_digest() -> None:
    relaid = STAMP.replace("from: draft,", "from:   [ draft ],").replace("\nstates:", "\n# 状态\n\nstates:")
    windows = STAMP.replace("\n", "\r\n")
    marked = b"\xef\xbb\xbf" + STAMP.encode()

    digests = {accepted(text).digest for text in (STAMP, relaid, windows, marked)}

    assert relaid != STAMP
    assert len(digests) == 1


def test_a_default_written_out_does_not_change_the_digest() -> None:
    said = changed("1 working day, tell: [leader]", "1 working days, tell: [leader]").replace(
        "auto: true,", "auto: true, comment: optional,", 1
    )

    assert accepted(said).digest == accepted(STAMP).digest


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("3 working days", "4 working days"),
        ("zh: 已盖章", "zh: 已用印"),
        ("guards: [small, not_own]", "guards: [small]\n            , warns: [not_own]"),
    ],
)
def test_what_a_definition_means_changes_the_digest(old: str, new: str) -> None:
    assert accepted(changed(old, new)).digest != accepted(STAMP).digest


def test_of_several_steps_that_extend_a_clock_each_asks_whether_another_did() -> None:
    one = (CASES / "good/clocks.yaml").read_text("utf-8")
    two = one.replace("extend: {event: prolong,", "extend: {event: [prolong, extend],")
    asked = two.replace("steps: [prolong]", "steps: [prolong, extend]").replace(
        "[reply, whole]", "[reply, whole, days]"
    )

    assert {(each.code, each.line) for each in findings(two)} == {("extension-unguarded", 59)}
    extends = [
        accepted(text).json["deadlines"]["days"]["extend"]["event"]
        for text in (one, asked.replace("[in_time, once]", "[in_time, prolong_once, once]"))
    ]
    assert extends == ["prolong", ["prolong", "extend"]], "what was one is accepted as it was"


def test_the_order_of_steps_is_meaning_and_changes_the_digest() -> None:
    waits = "  stamped:  {final: true, zh: 已盖章, en: stamped}\n"
    declined = "  declined: {final: true, zh: 未同意, en: declined}\n"

    assert accepted(changed(waits + declined, declined + waits)).digest != accepted(STAMP).digest


def test_a_catalogue_is_part_of_the_definition_that_names_it() -> None:
    other = Catalogue("series", "党政机关公文处理工作条例 9(4)", True, {"下财": {"zh": "局发文", "en": "documents"}})

    said = accept(STAMP, "stamp.yaml", {**CATALOGUES, "series": other})

    assert said.digest != accepted(STAMP).digest
    choice = definition_from(said.json, said.digest).fields["series"].choices["下财"]
    assert choice.facts == {"source": "党政机关公文处理工作条例 9(4)", "verified": True}


def test_shorthand_is_written_out_for_the_engine() -> None:
    said = accepted(STAMP)

    definition = definition_from(said.json, said.digest)

    decline = definition.transitions[TransitionName("decline")]
    assert decline.sources == (StateName("review"),)
    assert decline.roles == {"review": ("office", "leader", "system")}
    clock = definition.deadlines["review"]
    assert clock.anchor is not None
    assert clock.anchor.events == ("ask", "import")
    assert [(step.name, step.offset.count, step.offset.unit, step.tell) for step in clock.steps] == [
        ("remind-1", 2, Unit.WORKING_DAYS, ("office",)),
        ("remind-2", 5, Unit.HOURS, ("office", "author")),
        ("expire", 0, Unit.HOURS, ()),
        ("escalate-1", 0, Unit.WORKING_DAYS, ("leader",)),
        ("escalate-2", 1, Unit.WORKING_DAYS, ("leader",)),
    ]
    assert clock.steps[-1].reassign == RoleName("leader")
    amend = definition.transitions[TransitionName("amend")]
    assert [(each.field, each.kind, each.value) for each in amend.sets] == [("kind", "copy", "other_kind")]
    stamp = definition.transitions[TransitionName("stamp")]
    assert ("other_kind", "literal", None) in [(each.field, each.kind, each.value) for each in stamp.sets]


def test_a_catalogue_of_roles_and_one_of_reasons_are_read() -> None:
    assert CATALOGUES["roles"].values["office"]["scope"] == "bureau"
    assert CATALOGUES["exemptions"].values["E14-1"]["facts"]["kind"] == "absolute"


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("id: series\nsource: x\nverified: yes\nvalues: {a: {zh: 甲, en: a}}\n", "ambiguous-value", (3, 11)),
        ("id: series\nverified: true\nvalues: {a: {zh: 甲, en: a}}\n", "missing-key", (1, 1)),
        ("id: series\nsource: x\nverified: true\nvalues: {unset: {zh: 甲, en: a}}\n", "reserved-name", (4, 10)),
        ("id: series\nsource: x\nverified: true\nvalues: {a: {zh: 甲, en: a, fact: {}}}\n", "unknown-key", (4, 28)),
    ],
)
def test_a_bad_catalogue_is_answered_at_its_place(text: str, code: str, place: tuple[int, int]) -> None:
    with pytest.raises(BadDefinition) as raised:
        read_catalogue(text, "series.yaml")

    assert [(each.code, each.line, each.column) for each in raised.value.findings] == [(code, *place)]
    assert raised.value.findings[0].definition == "series"


def test_after_a_hundred_findings_the_rest_is_only_announced() -> None:
    many = "".join(f"  lost_{n}: {{final: true, zh: 遗失{n}, en: lost {n}}}\n" for n in range(MOST_FINDINGS + 50))

    found = findings(changed("  stamped:  {", many + "  stamped:  {"))

    assert len(found) == MOST_FINDINGS + 1
    assert found[-1].code == "more"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("in: [stamped]", "in: [stampd]", "unknown-state"),
        ("state: draft, reason", "state: drat, reason", "unknown-state"),
        ("from: draft,", "from: [draft, drat],", "unknown-state"),
        ("from: draft,", "from: drat,", "unknown-state"),
        ("runs_in: [review]", "runs_in: [revew]", "unknown-state"),
        ("roles: {review: [office]}", "roles: {revew: [office]}", "unknown-state"),
        ("lapses_on: [kind]", "lapses_on: [kid]", "unknown-field"),
        ("optional: [phone]", "optional: [fone]", "unknown-field"),
        ("done_by: {actor: true}", "done_bi: {actor: true}", "unknown-field"),
        ("{copy: other_kind}", "{copy: another_kind}", "unknown-field"),
        ("number: [编号]", "nummer: [编号]", "unknown-field"),
        ("set: {kind: letter}", "set: {kid: letter}", "unknown-field"),
        ("date: asked_on}", "date: asked}", "unknown-field"),
        ("when: {number: unset}", "when: {nummer: unset}", "unknown-field"),
        ("if: {urgent: true}}", "if: {urgnt: true}}", "unknown-field"),
        ("applies: {kind:", "applies: {kid:", "unknown-field"),
        ("waits_for: office", "waits_for: ofice", "unknown-role"),
        ("edit: {drafter:", "edit: {draftr:", "unknown-role"),
        ("{to: office,", "{to: ofice,", "unknown-role"),
        ("roles: {review: [office]}", "roles: {review: [ofice]}", "unknown-role"),
        ("tell: leader}", "tell: leadr}", "unknown-role"),
        ("reassign: leader", "reassign: leadr", "unknown-role"),
        ("warns: [described]", "warns: [describd]", "unknown-guard"),
        ("when_blocked: [described]", "when_blocked: [describd]", "unknown-guard"),
        ("system:  {scope", "author:  {scope", "reserved-name"),
        ("{not: {urgent: true}}", "{not: [urgent]}", "bad-condition"),
        ("{not: {urgent: true}}", "{not: {urgent: []}}", "bad-condition"),
        ("{copies: [1, 2]}", "{copies: [[1], 2]}", "condition-kind"),
        ("{copies: [1, 2]}", "{copies: [1, null]}", "condition-kind"),
        ("{kind: letter}, {copies", "{kind: {at_least: 1}}, {copies", "wrong-type"),
        ("other_kind: null", "other_kind: {copy: kind}", "unknown-choice"),
        ("other_kind: null", "other_kind: lettre", "unknown-choice"),
        ("copies: {add: 1}", "copies: {add: true}", "bad-set"),
        ("copies: {add: 1}", "copies: 101", "bad-set"),
        ("done_by: {actor: true}", "done_by: {actor: true, add: 1}", "bad-set"),
        ("set: {kind: letter}", "set: {kind: null}", "bad-set"),
        ("set: {kind: letter}", "set: {kind: {copy: other_kind}}", "wrong-kind"),
        ("state: stamped", "state: stampd", "unknown-state"),
        ("after: 0 working days", "after: 0", "bad-limit"),
        ("other_kind: null", "!!str other_kind: null", "tag"),
    ],
)
def test_wherever_a_name_or_value_stands_it_is_judged(old: str, new: str, code: str) -> None:
    found = findings(changed(old, new))

    assert code in [each.code for each in found]
    assert all(each.line and each.column for each in found)


def test_what_is_left_out_casts_no_shadow_on_the_rest() -> None:
    one_role = findings(changed("office:  {scope: bureau", "office:  {scope: buro"))
    one_choice = findings(changed("contract: {zh: 合同, en: contract}, letter", "contract: 合同, letter"))
    one_column = findings(changed("number: [编号]", "number: 编号"))
    one_guard = findings(changed("check: author", "check: [author]"))

    assert [[each.code for each in found] for found in (one_role, one_choice, one_column, one_guard)] == [
        ["bad-choice"],
        ["wrong-kind"],
        ["wrong-kind"],
        ["wrong-kind"],
    ]


@pytest.mark.parametrize("pattern", ["(a*)*", "(a|a)+", "(?=a)", "(a)\\1", "a*b*c*", "((ab)?c+){2,5}", "([a-z]+\\.)*x"])
def test_a_pattern_that_could_run_for_ages_is_refused(pattern: str) -> None:
    found = findings(changed("pattern: '1\\d{10}'", f"pattern: '{pattern}'"))

    assert [each.code for each in found] == ["unsafe-pattern"]


@pytest.mark.parametrize("pattern", ["1\\d{10}", "(0\\d{2,3}-)?\\d{7,8}", "[(*+]+", "(?:局|办)发", "a{2}{}", "x\\)+y?"])
def test_a_plain_pattern_is_allowed(pattern: str) -> None:
    assert accepted(changed("pattern: '1\\d{10}'", f"pattern: '{pattern}'"))


LINES = st.sampled_from(STAMP.splitlines())
PIECES = st.one_of(
    LINES,
    st.text(max_size=20),
    st.sampled_from(["{", "}", "[", "]", "*a", "&a ", "!!x ", "<<: ", "? ", "- ", "'", '"', "|", "%", "---"]),
)


@given(st.lists(PIECES, max_size=30), st.sampled_from(["\n", " ", ""]))
def test_whatever_the_text_the_answer_is_findings(pieces: list[str], glue: str) -> None:
    text = glue.join(pieces)

    with pytest.raises(BadDefinition):
        accept(text, "any.yaml", {})
    with pytest.raises(BadDefinition):
        read_catalogue(text, "any.yaml")


@given(st.data())
def test_one_line_spoilt_never_breaks_the_loader(data: st.DataObject) -> None:
    lines = STAMP.splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    cut = data.draw(st.integers(0, len(lines[place])))
    lines[place] = lines[place][:cut] + data.draw(PIECES) + lines[place][cut + data.draw(st.integers(0, 3)) :]

    with pytest.raises(BadDefinition):
        accept("\n".join(lines), "stamp.yaml", {})
