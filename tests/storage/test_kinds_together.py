"""What is installed beside other kinds: those that name it must hold with it, and it with those that hold when it does."""

from __future__ import annotations

from typing import Any

import pytest

from storage import together
from storage.migrate import Migration
from tests.factories import Office
from workflow.errors import BadDefinition, NoLongerHolds, Refused

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


@pytest.fixture
def url(file_url: str) -> str:
    """In a file: what is tried here is judged above the store."""
    return file_url


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


def parent(version: int, *, finish: str = "finish", more: str = "", told: str = "", force: str = "") -> str:
    return (
        HEAD.format(id="parent", version=version, prefix="PAR", more=force)
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
  sign:   {{from: [review], to: done, roles: [section_head], moves: [{{case: kid, step: {finish}{told}}}], zh: 签发, en: sign}}
"""
        + CLOCK.replace("STATES", "draft, review")
    )


def install(office: Office, *files: str) -> None:
    office.desk.install_definitions(
        office.actor("admin"), [(text, f"{number}.yaml") for number, text in enumerate(files, 1)]
    )


def asking(version: int) -> str:
    """A parent that goes on where none of its sub-cases has ended."""
    guard = "guards:\n  unopposed: {needs: {children: kid, none: [ended]}, zh: 已有分办办结, en: one has ended}\n"
    said = parent(version).replace("states:", guard + "states:", 1)
    said = said.replace(", moves: [{case: kid, step: finish}]", ", guards: [unopposed]")
    given_up = "  give_up: {from: [review], to: gone, roles: [section_head], zh: 不办, en: give up}\n"
    return said.replace("  done: ", "  gone:   {final: true, zh: 不办, en: given up}\n  done: ", 1).replace(
        "  sign: ", given_up + "  sign: ", 1
    )


def by_hand(version: int) -> str:
    """A kid that nobody else moves."""
    return kid(version).replace("roles: [section_head, system]", "roles: [section_head]")


def renamed(text: str) -> str:
    return text.replace("ended", "over")


def migrate(office: Office, kind: str) -> Migration:
    plan = f"format: gongkai-migration/1\nkind: {kind}\nfrom: 1\nto: 2\nreason: 流程换版\n"
    return office.desk.migrations.run(office.actor("admin"), plan, "plan.yaml")


EXTRA = "\n  extra: {type: text, max: 50, zh: 补充, en: extra}"


@pytest.fixture
def both(office: Office) -> Office:
    install(office, kid(1), parent(1))
    return office


def test_a_kind_is_not_installed_that_another_no_longer_holds_with(both: Office) -> None:
    by_hand = kid(2, finish="finish_it").replace("[section_head, system], zh: 办结分办", "[section_head], zh: 办结分办")

    with pytest.raises(NoLongerHolds) as refused:
        install(both, by_hand)

    assert "已启用的 parent@1 就有 1 处错误" in refused.value.said.zh
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


NEXT_YEAR = '\nin_force: {from: "2027-01-01"}'


def test_kinds_that_change_together_on_a_coming_day_are_installed_ahead(both: Office) -> None:
    install(both, kid(2, fields=EXTRA, force=NEXT_YEAR))

    install(both, parent(2, more=", extra: 某", force=NEXT_YEAR))

    assert both.desk.definition("parent").version == 1


def test_a_kind_that_holds_already_is_not_proved_by_what_is_to_hold_only_later(both: Office) -> None:
    with pytest.raises(BadDefinition) as refused:
        install(both, kid(2, fields=EXTRA, force=NEXT_YEAR), parent(2, more=", extra: 某"))

    assert [(each.file, each.code) for each in refused.value.findings] == [("2.yaml", "unknown-child-field")]


def test_a_coming_version_is_held_against_what_will_stand_beside_it(both: Office) -> None:
    by_hand = kid(2, finish="finish_it", force=NEXT_YEAR).replace("[section_head, system]", "[section_head]")

    with pytest.raises(NoLongerHolds) as refused:
        install(both, by_hand)

    assert [(each.file, each.code) for each in refused.value.findings] == [("parent@1", "unknown-child-step")]


def test_a_version_by_which_no_case_goes_disturbs_nobody(both: Office) -> None:
    install(both, kid(3))

    install(both, kid(2, finish="finish_it").replace("[section_head, system]", "[section_head]"))

    assert both.desk.definition("kid").version == 3


def under_way(office: Office) -> str:
    """A parent in review whose sub-case is ready to be finished."""
    case = office.desk.start(office.actor("wangmin"), "parent", title="关于预算的事项").case.case.id
    office.does("wangmin", "submit", case)
    (sub,) = office.case(case).children
    office.does("lihua", "prepare", sub.id)
    return case


MIGRATION = """
format: gongkai-migration/1
kind: parent
from: 1
to: 2
reason: 分办改版
clocks: {work: keep}
"""


def test_a_step_that_the_version_of_a_moved_case_lacks_is_not_passed_over(both: Office) -> None:
    case = under_way(both)
    install(both, kid(2, finish="finish_it"), parent(2, finish="finish_it"))
    both.desk.migrations.run(both.actor("admin"), MIGRATION, "plan.yaml")

    with pytest.raises(Refused) as refused:
        both.does("lihua", "sign", case)

    assert "没有“finish_it”这一步" in refused.value.reasons[0].text.zh
    assert both.case(case).state == "review"


def test_a_step_that_brings_what_the_version_of_a_moved_case_does_not_take_is_no_fault_of_whoever_takes_it(
    both: Office,
) -> None:
    case = under_way(both)
    formed = kid(2, fields=EXTRA).replace("zh: 办结分办", "form: {optional: [extra]}, zh: 办结分办")
    install(both, formed, parent(2, told=", set: {extra: 某}"))
    both.desk.migrations.run(both.actor("admin"), MIGRATION, "plan.yaml")

    with pytest.raises(Refused) as refused:
        both.does("lihua", "sign", case)

    assert "runs under version 1, where “finish” takes no “extra”" in refused.value.reasons[0].text.en
    assert both.case(case).state == "review"


def test_a_sub_case_whose_version_of_the_day_lacks_a_field_is_no_fault_of_whoever_opens_it(office: Office) -> None:
    install(office, kid(1, fields=EXTRA), parent(1, more=", extra: 某"))
    case = office.desk.start(office.actor("wangmin"), "parent", title="关于预算的事项").case.case.id
    install(office, kid(2), parent(2))

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "submit", case)

    (unmet,) = refused.value.reasons
    assert "第 2 版没有字段“extra”，而这一步要写入它；并非填写有误" in unmet.text.zh
    assert office.case(case).state == "draft"


def test_a_case_opens_no_sub_case_in_which_it_would_look_for_a_state_in_vain(office: Office) -> None:
    install(office, by_hand(1), asking(1))
    case = office.desk.start(office.actor("wangmin"), "parent", title="关于预算的事项").case.case.id
    install(office, renamed(by_hand(2)), renamed(asking(2)))

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "submit", case)

    old = [each for each in office.desk.doctor() if each.name == "old-version"]
    assert [each.ok for each in old] == [False]
    assert "its kid is looked for in “ended”, and version 2 of kid has none" in old[0].text.en
    (unmet,) = refused.value.reasons
    assert "goes by version 1, which looks for its kid in “ended”, and version 2 of kid" in unmet.text.en
    assert office.case(case).children == ()


def test_nothing_is_published_over_a_sub_case_of_another_version(office: Office) -> None:
    install(office, by_hand(1), asking(1))
    case = office.desk.start(office.actor("wangmin"), "parent", title="关于预算的事项").case.case.id
    office.does("wangmin", "submit", case)
    (child,) = office.case(case).children
    office.does("lihua", "prepare", child.id)
    office.does("lihua", "finish", child.id)
    install(office, renamed(by_hand(2)), renamed(asking(2)))

    moved = migrate(office, "parent")
    (stays,) = moved.stays

    assert "the sub-case KID-2026-00001 has ended by an older version (ended)" in stays.reasons[0].text.en
    with pytest.raises(Refused):
        office.does("lihua", "sign", case)


def test_an_open_sub_case_follows_its_parent_to_the_version_that_asks_for_its_new_state(office: Office) -> None:
    install(office, by_hand(1), asking(1))
    case = office.desk.start(office.actor("wangmin"), "parent", title="关于预算的事项").case.case.id
    office.does("wangmin", "submit", case)
    assert len(office.case(case).children) == 1
    install(office, renamed(by_hand(2)), renamed(asking(2)))

    assert migrate(office, "parent").moved == 1
    with pytest.raises(Refused) as between:
        office.does("lihua", "sign", case)
    assert "goes by another version" in between.value.reasons[0].text.en
    assert migrate(office, "kid").moved == 1
    office.does("lihua", "sign", case)

    assert office.case(case).state == "done"


def test_a_sub_case_of_which_no_version_is_in_force_is_named(office: Office) -> None:
    install(office, kid(1, force=NEXT_YEAR), parent(1))
    case = office.desk.start(office.actor("wangmin"), "parent", title="关于预算的事项").case.case.id

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "submit", case)

    assert "no version of kid (kid) is in force today" in refused.value.reasons[0].text.en


def test_what_was_installed_while_it_was_judged_is_judged_beside_as_well(
    both: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Judging takes long and keeps nobody from writing: another administrator may come between it and the commit."""
    judge, meanwhile = together.accept_together, [(kid(2, finish="finish_it"), parent(2, finish="finish_it"))]

    def interrupted(*asked: Any) -> Any:
        found = judge(*asked)
        if meanwhile:
            install(both, *meanwhile.pop())
        return found

    monkeypatch.setattr(together, "accept_together", interrupted)

    with pytest.raises(BadDefinition) as refused:
        install(both, parent(3))

    assert [each.code for each in refused.value.findings] == ["unknown-child-step"]
    assert both.desk.definition("parent").version == 2
