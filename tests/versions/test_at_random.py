"""Steps, sweeps, days and migrations there and back in any order: the record always tells what the tables hold."""

from __future__ import annotations

import random

import pytest

from tests.versions.permits import PLAN, SECOND, Permits
from workflow.errors import Refused

STEPS = {
    "draft": [("wangmin", "file")],
    "checking": [("zhaoyun", "ask"), ("zhaoyun", "ask"), ("qianwei", "grant")],
    "review": [("zhaoyun", "ask"), ("zhaoyun", "ask"), ("qianwei", "grant")],
    "asking": [("zhaoyun", "answer")],
}


def a_plan(chance: random.Random) -> str:
    check = chance.choice(("keep", "recompute", "restart", "drop"))
    whole = chance.choice(("recompute", "restart"))
    return PLAN.replace("check: keep, whole: recompute", f"check: {check}, whole: {whole}")


@pytest.mark.parametrize("seed", range(12))
def test_whatever_happens_the_record_tells_what_the_tables_hold(permits: Permits, seed: int) -> None:
    chance = random.Random(seed)
    office = permits.office
    limit = chance.choice(("8 working days", "9 calendar days", "12 working days"))
    ids = [permits.begun(note=chance.choice((None, "急"))) for _ in range(4)]
    permits.install(SECOND.replace("limit: 8 working days", f"limit: {limit}"))
    forward = a_plan(chance)
    inverse = None

    for _ in range(30):
        match chance.randrange(5):
            case 0:
                office.clock.forward(hours=chance.choice((1, 20, 70)))
                office.desk.sweep()
            case 1 | 2:
                each = chance.choice(ids)
                steps = STEPS.get(office.case(each).state, [])
                if steps:
                    person, step = chance.choice(steps)
                    try:
                        office.does(person, step, each)
                    except Refused:
                        assert step in ("grant", "file")
            case 3:
                inverse = permits.migrate(forward).inverse
            case _ if inverse:
                permits.migrate(inverse)
        assert [each.text.en for each in office.desk.verify().problems] == []
    permits.all_is_well()
