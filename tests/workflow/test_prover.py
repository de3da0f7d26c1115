"""The prover: what could break the law is not accepted, at its place and with the shortest way to it, and quickly."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice, pairwise, product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.versions import catalogues, shipped_definitions
from workflow.accepted import definition_from
from workflow.errors import BadDefinition, Finding
from workflow.loader import accept
from workflow.loader.proved import PROOF
from workflow.model import Definition
from workflow.prover import Proof, accept_proved, openings_of
from workflow.prover.sets import ALL, NONE, Set, Space, TooLarge

CASES = Path(__file__).resolve().parent.parent / "definitions"
UNLAWFUL = sorted((CASES / "unlawful").glob("*.yaml"))
SHIPPED = {file: text for text, file in shipped_definitions()}
KNOWN = catalogues()


def accepted(text: str, file: str = "memo.yaml") -> Definition:
    said = accept(text, file, KNOWN)
    return definition_from(said.json, said.digest)


OTHERS = {each.id: each for each in (accepted(text, file) for file, text in SHIPPED.items())}


def found(text: str) -> tuple[Finding, ...]:
    with pytest.raises(BadDefinition) as fault:
        accept_proved(text, "memo.yaml", KNOWN, OTHERS)
    return fault.value.findings


@pytest.mark.parametrize("file", UNLAWFUL, ids=lambda file: file.stem)
def test_an_unlawful_definition_is_answered_with_its_finding_and_the_shortest_way(file: Path) -> None:
    text = file.read_text("utf-8")
    expected = re.findall(r"^# expect: (\S+) (\d+):(\d+) ?(.*)$", text, re.MULTILINE)

    findings = found(text)

    assert [(f.code, str(f.line), str(f.column), " > ".join(f.path)) for f in findings] == expected
    for each in findings:
        assert not re.search(r"\{\w+\}", "".join((each.text.zh, each.text.en, *(said.zh for said in each.way))))


@pytest.mark.parametrize("stem", ["stuck_hands", "no_clock", "no_outcome"])
def test_the_waiver_that_a_finding_proposes_can_be_copied_into_the_file(stem: str) -> None:
    (file,) = [each for each in UNLAWFUL if each.stem == stem]
    text = file.read_text("utf-8")
    (finding,) = found(text)

    for hint in (finding.hint.zh, finding.hint.en):
        proposed = hint[hint.index("waive: ") :].replace("waive: ", "waive:\n  ", 1).replace("…", "试行一年")

        assert accept_proved(f"{text}\n{proposed}\n", "memo.yaml", KNOWN, OTHERS).findings == ()


def test_every_finding_of_the_prover_is_shown_by_an_unlawful_file() -> None:
    shown = {
        code for file in UNLAWFUL for code in re.findall(r"^# expect: (\S+)", file.read_text("utf-8"), re.MULTILINE)
    }

    assert set(PROOF) - shown == {"too-large-to-prove"}


@pytest.mark.parametrize("file", SHIPPED)
def test_nothing_is_found_in_what_is_shipped(file: str) -> None:
    proof = accept_proved(SHIPPED[file], file, KNOWN, OTHERS)

    assert proof.findings == ()
    assert proof.size > 0


def test_the_way_is_told_in_the_words_of_the_office() -> None:
    text = SHIPPED["document.yaml"].replace("reason_text: {copy: proposed_reason_text}", "reason_text: null")
    text = text.replace("guards: [reasoned, not_secret, numbered]", "guards: [not_secret, numbered]")

    (leaves,) = (each for each in found(text) if each.code == "never-broken")

    assert leaves.path == ("import", "propose_change", "clear_change", "approve_change", "file")
    assert "提出属性变更→属性变更保密审查" in [each.zh for each in leaves.way]
    assert [each.en for each in leaves.way][-1] == "with reason: empty"


def wide(fields: int) -> str:
    """A procedure in which so many fields of three values all matter to each other."""
    named = [f"f{n}" for n in range(fields)]
    values = "{a: {zh: 甲, en: a}, b: {zh: 乙, en: b}, c: {zh: 丙, en: c}}"
    declared = "\n".join(f"  {n}: {{type: enum, values: {values}, zh: 字段{n}, en: field {n}}}" for n in named)
    differ = ", ".join(f"{{{one}: a, {other}: b}}" for one, other in pairwise(named))
    text = (
        (CASES / "unlawful/no_outcome.yaml")
        .read_text("utf-8")
        .replace(
            "remind: [{before: 1 working day, tell: [clerk]}]", "escalate: [{after: 0 working days, tell: [head]}]"
        )
    )
    text = text.replace("  cleared: {type", f"{declared}\n  cleared: {{type").replace(
        "[title, kind]}}", f"[title, kind, {', '.join(named)}]}}}}"
    )
    return text.replace("if: {kind: set}", f"if: {{kind: set, any: [{differ}]}}")


def test_twelve_fields_of_three_values_that_hang_together_are_explored_whole() -> None:
    proof = accept_proved(wide(12), "wide.yaml", KNOWN, OTHERS)

    assert proof.size > 3**12


def test_what_is_too_large_is_refused_with_advice_and_never_runs_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.prover.sets.MOST_WORK", 500)

    (finding,) = found(wide(11))  # not yet explored

    assert finding.code == "too-large-to-prove"
    assert "sub-case" in finding.hint.en


def test_what_was_found_before_it_is_too_large_is_told_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workflow.prover.sets.MOST_WORK", 600)
    text = (CASES / "unlawful/never_broken_after_an_edit.yaml").read_text("utf-8")

    findings = found(text.replace("version: 1", "version: 2"))  # not yet explored

    assert {each.code for each in findings} == {"too-large-to-prove", "never-broken"}


# The sets themselves, against all data written out.

SIZES = (2, 3, 2, 4)
EVERYTHING = frozenset(product(*(range(size) for size in SIZES)))

parts = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.sampled_from("ab-")), max_size=12)


def built(space: Space, steps: Iterable[tuple[int, int, str]]) -> tuple[Set, frozenset[tuple[int, ...]]]:
    these, written = NONE, frozenset[tuple[int, ...]]()
    for field, value, how in steps:
        value %= SIZES[field]
        part, out = space.where(field, (value,)), frozenset(each for each in EVERYTHING if each[field] == value)
        match how:
            case "a":
                these, written = space.either(these, part), written | out
            case "b":
                these, written = space.both(space.without(ALL, these), part), (EVERYTHING - written) & out
            case _:
                these, written = space.without(these, part), written - out
    return these, written


@given(parts, parts, st.integers(0, 3), st.sets(st.integers(0, 1), min_size=1))
def test_sets_are_what_they_would_be_written_out(
    one: list[tuple[int, int, str]], other: list[tuple[int, int, str]], field: int, given_: set[int]
) -> None:
    space = Space(SIZES)
    (a, a_out), (b, b_out) = built(space, one), built(space, other)
    values = ((field, tuple(sorted(given_))),)

    put = {(*each[:field], value, *each[field + 1 :]) for each in a_out for value in given_}
    taken = {
        each for each in EVERYTHING if any((*each[:field], value, *each[field + 1 :]) in a_out for value in given_)
    }

    for set_, out in (
        (space.both(a, b), a_out & b_out),
        (space.either(a, b), a_out | b_out),
        (space.without(a, b), a_out - b_out),
        (space.put(a, values), put),
        (space.taken(a, values), taken),
    ):
        assert space.size(set_) == len(out)
        assert all(space.both(set_, one_of(space, each)) != NONE for each in out)
    assert (a == b) == (a_out == b_out)


def one_of(space: Space, each: tuple[int, ...]) -> Set:
    found = ALL
    for field, value in enumerate(each):
        found = space.both(found, space.where(field, (value,)))
    return found


def test_a_space_holds_no_more_than_it_may() -> None:
    space = Space([2] * 40, most_work=200)

    with pytest.raises(TooLarge):
        [one_of(space, each) for each in islice(product((0, 1), repeat=40), 1, 100)]


def test_a_space_is_explored_from_what_other_cases_begin_too() -> None:
    opinion = OTHERS["opinion"]

    alone = Proof(opinion)
    asked = Proof(opinion, openings_of(opinion, OTHERS.values()))

    assert (alone.size, asked.size > 0) == (0, True)
