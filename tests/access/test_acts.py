"""Everyday acts are for those whom the table names: by their post, because the case is in their hands, or because it is theirs."""

from __future__ import annotations

import pytest

from tests.access.bureaus import EVERYTHING, HOLDERS, OWN, Bureau, Holder
from tests.access.table import AUTHOR, EVERY, IN_HAND, LAST, NAMED, START, kinds, table
from workflow.errors import Denied, NotFound

ACTS = sorted({row.transition for row in table()[EVERY].rows})


def _acts_of(kind: str) -> set[str]:
    """The acts of a kind: all, but for those by whose name it has a step of its own."""
    return {*ACTS} - {*table()[kind].transitions()}


def _open_to(bureau: Bureau, who: str, case: str, kind: str = "document") -> set[str]:
    """The acts for which this person holds the post, whatever else they lack."""
    options = [each for each in bureau.desk.options(bureau.actor(who), case) if each.is_act]
    assert {each.transition for each in options} == _acts_of(kind)
    return {each.transition for each in options if not any(unmet.kind == "role" for unmet in each.unmet)}


def _may(who: Holder, waits_for: str | None, is_author: bool) -> set[str]:
    stands = {who.role, *([IN_HAND] if who.role == waits_for else []), *([AUTHOR] if is_author else [])}
    return {act for act in ACTS if stands & table()[EVERY].roles(act)}


@pytest.mark.parametrize("kind", kinds())
@pytest.mark.parametrize("is_author", [False, True], ids=["another's", "one's own"])
def test_an_act_is_open_to_those_of_the_table_and_to_no_other(bureau: Bureau, kind: str, is_author: bool) -> None:
    case, wrong = bureau.begun(kind), []

    for state in bureau.desk.definition(kind).states.values():
        for who in (each for each in HOLDERS if each.sees):
            bureau.place(case, state.name, {START: (who.id,)} if is_author else {}, waits_for=state.waits_for)
            found = _open_to(bureau, who.id, case, kind)
            wanted = _may(who, state.waits_for, is_author) & _acts_of(kind)
            if found != wanted:
                wrong.append((state.name, who.id, found ^ wanted))

    assert not wrong


def test_the_last_step_is_taken_back_by_who_took_it_and_what_is_circulated_is_read_by_who_is_named(
    bureau: Bureau,
) -> None:
    desk, drafter = bureau.desk, bureau.actor("drafter-own")
    case = desk.start(drafter, "document", title="关于下达专项资金的通知", section=OWN).case.case.id
    desk.fire(drafter, case, "submit")
    desk.fire(bureau.actor("section_head-own"), case, "circulate", data={"to": "drafter-other"}, comment="请阅")

    seen = [each.id for each in HOLDERS if each.sees] + [EVERYTHING, "drafter-other"]
    open_to = {who: _open_to(bureau, who, case) for who in seen}

    assert table()[EVERY].roles("take_back") == {LAST}
    assert [who for who, acts in open_to.items() if "take_back" in acts] == ["drafter-own"]
    assert table()[EVERY].roles("read") == {NAMED}
    assert [who for who, acts in open_to.items() if "read" in acts] == ["drafter-other"]


def test_who_is_named_to_read_a_case_reads_it_and_does_nothing_else(bureau: Bureau) -> None:
    desk, drafter, reader = bureau.desk, bureau.actor("drafter-own"), bureau.actor("section_head-other")
    case = desk.start(drafter, "document", title="关于下达专项资金的通知", section=OWN).case.case.id
    with pytest.raises(NotFound):
        desk.case(reader, case)
    desk.fire(bureau.actor("section_head-own"), case, "circulate", data={"to": reader.id}, comment="请阅")

    options = desk.options(reader, case)

    assert desk.case(reader, case).case.id == case
    assert [each.transition for each in options if each.allowed] == ["read"]
    assert desk.editable(reader, case) == ()
    for step in ("submit", "discard"):
        with pytest.raises(Denied):
            desk.fire(reader, case, step)
    assert case not in [each.id for each in desk.list_cases(reader)[0]]
