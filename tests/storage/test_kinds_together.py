"""What is installed beside other kinds: those that name it must hold with it, and it with those that hold when it does."""

from __future__ import annotations

import pytest

from tests.factories import Office
from workflow.errors import BadDefinition, Refused

HEAD = """
format: gongkai/1
id: {id}
version: {version}
prefix: {prefix}
title: {{zh: 事项, en: {id}}}
basis: [国发〔1999〕25号]
roles: {{catalogue: roles}}{more}
"""
CLOCK = """
deadlines:
  work: {clock: internal, runs_in: [STATES], limit: 3 working days, zh: 承办时限, en: work, escalate: [{after: 0 working days, tell: [leader]}]}
"""


def kid(version: int, *, finish: str = "finish", fields: str = "", force: str = "") -> str:
    return (
        HEAD.format(id="kid", version=version, prefix="KID", more=force)
        + f"""
fields:
  title: {{type: text, max: 500, zh: 标题, en: title}}{fields}
states:
  waiting: {{initial: true, waits_for: section_head, zh: 等候, en: waiting, edit: {{section_head: [title]}}}}
  ready:   {{waits_for: section_head, zh: 已备, en: ready}}
  ended:   {{final: true, zh: 办结, en: ended}}
transitions:
  prepare:  {{from: [waiting], to: ready, roles: [section_head], zh: 备好, en: prepare}}
  {finish}: {{from: [ready], to: ended, roles: [section_head, system], zh: 办结分办, en: finish}}
"""
        + CLOCK.replace("STATES", "waiting, ready")
    )


def parent(version: int, *, finish: str = "finish", more: str = "") -> str:
    return (
        HEAD.format(id="parent", version=version, prefix="PAR", more="")
        + f"""
children:
  kid: {{kind: kid, zh: 分办, en: kid}}
fields:
  title: {{type: text, max: 500, zh: 标题, en: title}}
states:
  draft:  {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title]}}}}
  review: {{waits_for: section_head, zh: 审核, en: review}}
  done:   {{final: true, zh: 已公开, en: published}}
transitions:
  submit: {{from: [draft], to: review, roles: [drafter], opens: {{child: kid, set: {{title: {{copy: title}}{more}}}}}, zh: 提交, en: submit}}
  sign:   {{from: [review], to: done, roles: [section_head], moves: [{{case: kid, step: {finish}}}], zh: 签发, en: sign}}
"""
        + CLOCK.replace("STATES", "draft, review")
    )


def install(office: Office, *files: str) -> None:
    office.desk.install_definitions(
        office.actor("admin"), [(text, f"{number}.yaml") for number, text in enumerate(files, 1)]
    )


EXTRA = "\n  extra: {type: text, max: 50, zh: 补充, en: extra}"


@pytest.fixture
def both(office: Office) -> Office:
    install(office, kid(1), parent(1))
    return office


def test_a_kind_is_not_installed_that_another_no_longer_holds_with(both: Office) -> None:
    by_hand = kid(2, finish="finish_it").replace("[section_head, system], zh: 办结分办", "[section_head], zh: 办结分办")

    with pytest.raises(BadDefinition) as refused:
        install(both, by_hand)

    assert [(each.file, each.code) for each in refused.value.findings] == [("parent@1", "unknown-child-step")]
    assert both.desk.definition("kid").version == 1
    install(both, kid(2, finish="finish_it"), parent(2, finish="finish_it"))


def test_the_other_way_round_who_moves_its_parent_is_judged_too(office: Office) -> None:
    child = kid(1).replace("zh: 备好", "moves: [{case: parent, step: hear}], zh: 备好")
    opener = parent(1).replace(
        "transitions:",
        "transitions:\n  hear: {from: [review], to: review, roles: [section_head, system], zh: 得知, en: hear}",
    )
    install(office, child, opener)

    by_hand = opener.replace("hear:", "listen:").replace("[section_head, system], zh: 得知", "[section_head], zh: 得知")

    with pytest.raises(BadDefinition) as refused:
        install(office, by_hand.replace("version: 1", "version: 2"))

    assert {each.file for each in refused.value.findings} == {"kid@1"}


def test_a_kind_is_judged_beside_the_versions_that_hold_when_it_does(both: Office) -> None:
    install(both, kid(2, fields=EXTRA, force='\nin_force: {from: "2027-01-01"}'))

    with pytest.raises(BadDefinition) as refused:
        install(both, parent(2, more=", extra: 某"))

    assert [each.code for each in refused.value.findings] == ["unknown-child-field"]


def test_a_step_that_the_version_of_a_moved_case_lacks_is_not_passed_over(both: Office) -> None:
    case = both.desk.start(both.actor("wangmin"), "parent", title="关于预算的事项").case.case.id
    both.does("wangmin", "submit", case)
    (sub,) = both.case(case).children
    both.does("lihua", "prepare", sub.id)
    install(both, kid(2, finish="finish_it"), parent(2, finish="finish_it"))
    both.desk.migrations.run(
        both.actor("admin"),
        "format: gongkai-migration/1\nkind: parent\nfrom: 1\nto: 2\nreason: 分办改版\nclocks: {work: keep}\n",
        "plan.yaml",
    )

    with pytest.raises(Refused) as refused:
        both.does("lihua", "sign", case)

    assert "没有“finish_it”这一步" in refused.value.reasons[0].text.zh
    assert both.case(case).state == "review"
