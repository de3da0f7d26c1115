"""A plan leaves what a case states as it is: it names what the procedure asks of such a case, or says which statement bars the way."""

from __future__ import annotations

import pytest

from storage.planning import Plan
from tests.factories import REASON, Office
from workflow.case import Scalar

POLICY: dict[str, Scalar] = {"is_policy": True, "origin": "own"}
KEPT: dict[str, Scalar] = {
    "attribute": "withheld",
    "reason_kind": "E16-2b",
    "reason_text": REASON,
    "balance_text": REASON,
}

DECIDED = """
format: gongkai/1
id: decided
version: 1
prefix: DCD
title: {zh: 占道, en: decided}
basis: [行政许可法]
roles:
  values:
    drafter: {scope: section, zh: 拟稿人, en: drafter}
    office:  {scope: bureau, zh: 局办公室, en: the Office}
fields:
  title:   {type: text, min: 2, max: 500, zh: 标题, en: title}
  outcome: {type: enum, values: {granted: {zh: 准予, en: granted}, refused: {zh: 不准, en: refused}, partly: {zh: 部分准予, en: granted in part}}, zh: 决定, en: outcome}
states:
  open:    {initial: true, waits_for: office, zh: 待决定, en: open, edit: {drafter: [title]}}
  decided: {waits_for: office, zh: 已决定, en: decided}
  granted: {final: true, zh: 已准予, en: granted}
  refused: {final: true, zh: 未准予, en: refused}
transitions:
  decide: {from: [open], to: decided, roles: [office], form: {required: [outcome]}, zh: 决定, en: decide}
  reopen: {from: [decided], to: open, roles: [office], zh: 重议, en: reopen}
  grant:  {from: [decided], to: granted, roles: [office], if: {outcome: granted}, zh: 准予, en: grant}
  refuse: {from: [decided], to: refused, roles: [office], if: {outcome: [refused, partly]}, zh: 不准, en: refuse}
deadlines:
  work: {clock: internal, runs_in: [open, decided], limit: 3 working days, zh: 时限, en: limit, escalate: [{after: 0 working days, tell: [office]}]}
"""


@pytest.fixture
def url(file_url: str) -> str:
    """In a file: what is tried here is judged above the store."""
    return file_url


def plan(office: Office, case: str, to: str) -> Plan:
    return office.desk.plan(office.actor("zhengshen"), case, to)


def names(found: Plan) -> list[str]:
    return [each.stage.name for each in found.stages]


def written(found: Plan) -> set[str]:
    return {each.name for stage in found.stages for each in stage.stage.writes}


def test_an_own_policy_document_is_published_with_its_interpretation_and_stays_its_own(office: Office) -> None:
    case = office.draft("wangmin", attribute="proactive", **POLICY)

    found = plan(office, case, "published")

    assert names(found)[0] == "interpret"
    assert written(found).isdisjoint({"origin", "original_attribute", "is_policy", "attribute"})


def test_a_policy_document_that_is_withheld_needs_the_opinion_of_the_office(office: Office) -> None:
    case = office.draft("wangmin", **POLICY, **KEPT)

    found = plan(office, case, "withheld")

    assert "office_opinion" in written(found)
    assert "is_policy" not in written(found)


def test_a_forwarded_document_keeps_the_attribute_that_its_original_has(office: Office) -> None:
    case = office.draft("wangmin", is_policy=False, origin="forwarded", original_attribute="withheld", **KEPT)

    found = plan(office, case, "published")

    assert "original_attribute" not in written(found)
    assert "propose_change" in names(found)


@pytest.mark.parametrize(
    ("said", "zh", "en"),
    [
        ({"classified": True}, "“涉密”为“是”", "classified is “yes”"),
        ({"mixed": True}, "“含依申请公开或不予公开的内容”为“是”", "carries parts that are not public is “yes”"),
    ],
)
def test_what_is_stated_and_bars_the_way_is_named_and_not_changed(
    office: Office, said: dict[str, bool], zh: str, en: str
) -> None:
    case = office.draft("wangmin", attribute="proactive", **POLICY, **said)

    found = plan(office, case, "published")

    assert found.stages == ()
    assert found.no_way is not None
    assert zh in found.no_way.zh
    assert en in found.no_way.en
    assert "保密审查员在“变更保密审查通过”时登记" in found.no_way.zh
    assert found.since is not None
    assert found.since.zh == "自“新建”（2026-03-02，王敏）起即如此"


def test_what_a_step_asks_for_is_decided_with_it_though_it_was_decided_before(office: Office) -> None:
    office.desk.install_definition(office.actor("admin"), DECIDED, "decided.yaml")
    case = office.desk.start(office.actor("wangmin"), "decided", title="占道").case.case.id
    office.does("zhaoyun", "decide", case, outcome="refused")
    office.does("zhaoyun", "reopen", case)

    found = plan(office, case, "granted")

    assert names(found) == ["decide", "grant"]
    assert [(each.name, each.value) for each in found.stages[0].stage.writes] == [("outcome", "granted")]


def test_each_of_the_few_values_that_lead_along_the_way_is_named(office: Office) -> None:
    office.desk.install_definition(office.actor("admin"), DECIDED, "decided.yaml")
    case = office.desk.start(office.actor("wangmin"), "decided", title="占道").case.case.id

    decide, _ = plan(office, case, "refused").stages

    ((outcome, _, said),) = decide.writes
    assert outcome.among == ("refused", "partly")
    assert said.zh == "为“不准”或“部分准予”时走这条路"
    assert said.en == "this is the way if it is “refused” or “granted in part”"
