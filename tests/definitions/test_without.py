"""A rule that asks other cases or a clock is missed where a step lacks it: what must never be names the guards that it carries."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from storage.versions import catalogues, shipped_definitions
from tests.cli.calling import call_with
from tests.definitions.test_dropped_rules import dropped
from tests.proof.mutants import Said
from workflow.accepted import definition_from
from workflow.errors import BadDefinition, Finding
from workflow.loader import accept
from workflow.model import Definition
from workflow.prover.entries import lacking

SHIPPED = {file.removesuffix(".yaml"): text for text, file in shipped_definitions()}

#: Every guard that some procedure names as one that a step must carry.
NAMED = [
    (kind, guard)
    for kind, text in SHIPPED.items()
    for guard in dict.fromkeys(
        guard
        for never in yaml.load(text, yaml.CSafeLoader).get("never", {}).values()
        for guard in never.get("without", ())
    )
]
#: That a limit is extended in time and once is asked by the loader as well, of any definition.
OF_AN_EXTENSION = {
    *((kind, name) for kind in ("request", "licence") for name in ("in_time", "extended_once")),
    *(("proposal", name) for name in ("extension_in_time", "extension_once")),
}
#: What a reader could take out of a definition without anybody's noticing.
UNNOTICED = [
    *(("request", each) for each in (
        "correction_in_time", "third_parties_done", "agencies_done", "third_parties_agree", "third_party_mute", "agency_said", "sections_answered",
    )),
    *(("document", each) for each in ("cosigned", "cleared", "change_cleared", "numbered")),
    ("opinion", "in_time"),
    *(("proposal", each) for each in ("secrets_cut", "co_opinions_in", "reply_written", "satisfied_now")),
    *(("dispute", each) for each in ("procedure_known", "act_named", "order_fits")),
]  # fmt: skip


def read(said: Said, kind: str) -> Definition:
    """The definition that is said, whether or not something in it is of no use."""
    idle: list[Finding] = []
    accepted = accept(
        yaml.dump(said, allow_unicode=True, Dumper=yaml.CSafeDumper), f"{kind}.yaml", catalogues(), besides=idle
    )
    return definition_from(accepted.json, accepted.digest)


def test_what_could_be_taken_out_unnoticed_is_named() -> None:
    assert set(UNNOTICED) <= set(NAMED)


@pytest.mark.parametrize(("kind", "guard"), [each for each in NAMED if each not in OF_AN_EXTENSION])
def test_a_step_that_no_longer_asks_is_named(kind: str, guard: str) -> None:
    said = dropped(kind, guard)
    said["guards"][guard] = yaml.load(SHIPPED[kind], yaml.CSafeLoader)["guards"][guard]

    found = lacking(read(said, kind))

    assert {guard} == {name for each in found for name in each.guards}


@pytest.mark.parametrize(("kind", "guard"), dict(reversed(NAMED)).items())
def test_a_rule_that_is_dropped_with_its_declaration_is_asked_for(kind: str, guard: str) -> None:
    with pytest.raises(BadDefinition) as answer:
        read(dropped(kind, guard), kind)

    assert "unknown-guard" in {each.code for each in answer.value.findings}


def test_the_check_shows_the_step_and_how_to_mend_it(tmp_path: Path) -> None:
    file = tmp_path / "opinion.yaml"
    file.write_text(SHIPPED["opinion"].replace("after_asking, in_time]", "after_asking]", 1), "utf-8")

    told = call_with(["--lang", "en", "definitions", "check", str(file)])

    assert told.code != 0
    assert "add in_time to the guards of the step record_answer" in " ".join(told.said.split())
