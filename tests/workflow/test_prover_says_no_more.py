"""The prover says no more than is amiss: a lawful file that looks like an unlawful one is accepted, a fault names only who is at fault."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.versions import catalogues
from workflow.errors import BadDefinition
from workflow.prover import accept_proved

CASES = Path(__file__).parents[1] / "definitions"
KNOWN = catalogues()


def changed(file: str, *changes: tuple[str, str]) -> str:
    text = (CASES / file).read_text("utf-8")
    for said, instead in changes:
        assert said in text
        text = text.replace(said, instead)
    return text


def test_a_step_on_expiry_need_only_be_open_to_what_its_clock_is_for() -> None:
    clock = (
        "  filing: {clock: internal, runs_in: [review], limit: 5 working days, applies: {kind: set, cleared: true}, "
        "on_expiry: keep, zh: 归档时限, en: filing}\npasses:"
    )
    text = changed(
        "unlawful/expiry_closed.yaml",
        (" on_expiry: keep,", ""),
        ("passes:", clock),
        ("to: [out, kept], through: [publish, keep]", "to: [out], through: [publish]"),
    )

    assert accept_proved(text, "memo.yaml", KNOWN, {}).findings == ()


def test_a_role_that_is_waived_as_idle_is_no_needless_waiver_to_the_prover() -> None:
    text = changed("good/yearly.yaml")

    assert "check: idle-role" in text
    assert accept_proved(text, "yearly.yaml", KNOWN, {}).findings == ()


def test_of_a_passage_only_the_steps_that_are_not_kept_apart_are_named() -> None:
    half = "  half: {check: four_eyes, params: {apart_from: [start, edit.draft]}, zh: 不得归档本人起草, en: not your own draft}\n"
    text = changed(
        "unlawful/not_passed.yaml",
        ("states:\n", half + "states:\n"),
        ("roles: [head], guards: [marked, safe], zh: 归档", "roles: [head], guards: [marked, safe, half], zh: 归档"),
    )

    with pytest.raises(BadDefinition) as fault:
        accept_proved(text, "memo.yaml", KNOWN, {})

    (found,) = fault.value.findings
    assert found.code == "not-passed"
    assert found.way[-1].zh == "其中“归档”与“报审”可由同一人办理"
    assert found.way[-1].en == "where one person may take “keep” and “submit”"
