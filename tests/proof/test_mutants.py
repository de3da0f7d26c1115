"""The proof and the scenarios see it when a rule of a shipped definition is dropped or weakened: the record of the whole trial holds.

The whole trial is `make prove`; here its record is held against the definitions, and every so many mutants are tried again.
"""

from __future__ import annotations

from itertools import islice

import pytest
import yaml

from tests.proof.trial import (
    LINKED,
    PAGE,
    SURVIVES,
    VERDICTS,
    Mutant,
    all_mutants,
    counted,
    explained,
    judged,
    page,
    reason_of,
    told,
)

RECORD: dict[str, dict[str, str]] = yaml.load(VERDICTS.read_text("utf-8"), yaml.CSafeLoader)
#: Of a procedure near the bound of its proof some mutants are not judged at all: it is to be loosened.
TOO_LARGE = "too-large-to-prove"
#: One in so many is tried again.
EVERY = 150


def test_every_mutant_was_tried() -> None:
    found = {(file, name) for file, name, _ in all_mutants()}

    assert found == {(file, name) for file, said in RECORD.items() for name in said}, "run: make prove"


def test_no_mutant_is_too_large_to_look_at() -> None:
    assert [
        (file, name) for file, said in RECORD.items() for name, verdict in said.items() if verdict == TOO_LARGE
    ] == []


@pytest.mark.parametrize(
    "mutant", tuple(islice(all_mutants(), 5, None, EVERY)), ids=lambda each: f"{each[0]} {each[1]}"
)
def test_what_is_tried_again_comes_to_the_same(mutant: Mutant) -> None:
    file, name, verdict = judged(mutant)

    assert verdict == RECORD[file][name], "run: make prove"


def test_each_survivor_has_its_reason() -> None:
    left = [(file, name) for file, said in RECORD.items() for name, verdict in said.items() if verdict == SURVIVES]

    assert [each for each in left if reason_of(each[1], each[0]) is None] == []


def test_each_reason_explains_as_many_as_it_says() -> None:
    assert explained(RECORD) == counted(), "look at each new survivor, then change the number in survivors.yaml"


@pytest.mark.parametrize("file", LINKED)
def test_the_stories_of_procedures_that_move_each_other_come_as_they_say(file: str) -> None:
    assert told(file, LINKED[file]) is None


@pytest.mark.parametrize("file", LINKED)
def test_whatever_moves_another_case_is_missed_when_it_is_gone(file: str) -> None:
    assert RECORD[file]
    assert [name for name, verdict in RECORD[file].items() if verdict == SURVIVES] == []


def test_the_page_holds_the_score() -> None:
    assert PAGE.read_text("utf-8") == page(RECORD), "run: make prove"
