"""What cases of two versions can come to: what is safe as it stands, what needs a mapping, what is new, and which promise broke."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.versions import SHIPPED, catalogues, shipped_definitions
from tests.cli.calling import call_with
from tests.versions.permits import FIRST, SECOND
from workflow.accepted import definition_from
from workflow.explored import Explored, Promise, Standing, explored
from workflow.loader import accept
from workflow.model import Definition

STAMP = """
format: gongkai/1
id: stamp
version: 1
prefix: STAMP
title: {zh: 用印, en: stamp}
basis: [国发〔1999〕25号]
roles: {values: {office: {scope: bureau, zh: 办, en: office}, leader: {scope: bureau, zh: 领导, en: leader}}}
fields:
  title: {type: text, max: 500, zh: 标题, en: title}
  kind:  {type: enum, values: {contract: {zh: 合同, en: contract}, letter: {zh: 信函, en: letter}}, zh: 种类, en: kind}
  ok:    {type: bool, zh: 已核, en: checked}
guards:
  known:   {if: {kind: set}, zh: 未写明种类, en: the kind is missing}
  checked: {if: {ok: true}, zh: 未核, en: not checked}
states:
  draft:   {initial: true, waits_for: office, zh: 填写, en: draft, edit: {office: [title, kind]}}
  review:  {waits_for: leader, zh: 审核, en: review}
  stamped: {final: true, zh: 已盖章, en: stamped}
transitions:
  ask:    {from: [draft], to: review, roles: [office], guards: [known], zh: 提交, en: ask}
  check:  {from: [review], to: review, roles: [leader], set: {ok: true}, zh: 核对, en: check}
  stamp:  {from: [review], to: stamped, roles: [leader], guards: [checked], zh: 盖章, en: stamp}
never:
  unknown:   {in: [review, stamped], when: {kind: unset}, zh: 种类不明的不得盖章, en: nothing unknown is stamped}
  unchecked: {in: [stamped], when: {not: {ok: true}}, zh: 未核的不得盖章, en: nothing unchecked is stamped}
passes:
  checked: {to: [stamped], through: [check], zh: 未经核对不得盖章, en: nothing is stamped without a check}
waive: [{check: no-deadline, state: draft, reason: 只用于试验}, {check: no-deadline, state: review, reason: 只用于试验}]
"""
CHECKED = "guards: [checked], zh: 盖章"
NEVER = "  unchecked: {in: [stamped], when: {not: {ok: true}}, zh: 未核的不得盖章, en: nothing unchecked is stamped}\n"
PASSES = "passes:\n  checked: {to: [stamped], through: [check], zh: 未经核对不得盖章, en: nothing is stamped without a check}\n"


def read(text: str) -> Definition:
    accepted = accept(text, "definition.yaml", catalogues())
    return definition_from(accepted.json, accepted.digest)


def between(*changes: tuple[str, str], old: str = STAMP) -> Explored:
    new = old
    for said, instead in changes:
        assert said in new
        new = new.replace(said, instead)
    return explored(read(old), read(new))


def at(found: Explored, state: str) -> Standing:
    return next(each for each in found.standings if each.state == state)


def promise(found: Explored, name: str) -> Promise:
    return next(each for each in found.promises if each.name == name)


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_shipped_procedure_comes_to_what_it_comes_to(file: Path) -> None:
    kinds = [read(text) for text, _ in shipped_definitions()]
    same = read(file.read_text("utf-8"))

    found = explored(same, same, kinds)

    assert found.unexplored is None
    assert found.promises == ()
    assert all((each.safe, each.fresh) == (each.count, 0) for each in found.standings)


def test_what_the_old_version_forbids_and_the_new_one_does_not_may_still_be_true() -> None:
    found = between((NEVER, ""), (PASSES, ""))

    assert (promise(found, "unchecked").verdict, promise(found, "checked").verdict) == ("holds", "holds")
    assert promise(found, "unchecked").text.zh == "新版不再规定，但仍不会违反：未核的不得盖章"
    assert all(each.fresh == 0 for each in found.standings)


def test_a_promise_that_can_be_broken_now_is_told_with_the_shortest_way() -> None:
    found = between((NEVER, ""), (PASSES, ""), (CHECKED, "warns: [checked], zh: 盖章"))

    for name in ("unchecked", "checked"):
        broken = promise(found, name)
        assert (broken.verdict, broken.path) == ("breaks", ("start", "ask", "stamp"))
        assert [each.zh for each in broken.way][:3] == ["新建→填写", "提交→审核", "盖章→已盖章"]
        assert "can be broken now" in broken.text.en


def test_an_end_that_is_reached_without_a_step_it_needed_before_is_told() -> None:
    found = between((NEVER, ""), (PASSES, ""), (CHECKED, "warns: [checked], zh: 盖章"))

    without = promise(found, "stamped.check")

    assert without.text.zh == "不经“核对”也可到“已盖章”，旧版不能"
    assert without.path == ("start", "ask", "stamp")
    assert [each for each in found.promises if each.part == "end"] == [without]


def test_situations_that_become_reachable_are_counted_and_told_where_they_begin() -> None:
    found = between((NEVER, ""), (PASSES, ""), (CHECKED, "warns: [checked], zh: 盖章"))

    assert at(found, "review").fresh == 0
    assert at(found, "stamped").fresh == 1  # of a known kind, unchecked
    assert at(found, "stamped").path == ("start", "ask", "stamp")
    assert at(found, "stamped").way[-1].zh == "如 已核：未填"


def test_what_asks_more_makes_nothing_new() -> None:
    harder = STAMP.replace("roles: [office], guards: [known]", "roles: [office], if: {kind: letter}, guards: [known]")

    found = explored(read(STAMP), read(harder))

    assert all(each.fresh == 0 for each in found.standings)


def test_situations_that_the_new_version_forbids_need_a_mapping_and_the_others_are_safe() -> None:
    found = between(
        (
            "  unknown:",
            "  contracts: {in: [review], when: {kind: contract}, zh: 合同不在此审核, en: no contracts here}\n  unknown:",
        ),
        ("roles: [office], guards: [known]", "roles: [office], if: {not: {kind: contract}}, guards: [known]"),
    )

    review = at(found, "review")
    assert (review.count, review.safe) == (4, 2)
    assert [each.zh for each in review.reasons] == ["新版禁止：合同不在此审核（如 种类：合同）"]


def test_a_situation_from_which_the_new_version_leads_nowhere_needs_a_mapping() -> None:
    found = between(
        ("check:  {from: [review], to: review, roles: [leader], set", "check:  {from: [review], to: review, roles: [leader], if: {kind: letter}, set"),
        ("roles: [office], guards: [known]", "roles: [office], if: {kind: letter}, guards: [known]"),
    )  # fmt: skip

    review = at(found, "review")
    assert (review.count, review.safe) == (4, 3)
    assert "办不到头" in review.reasons[0].zh


def test_a_passage_that_a_running_case_has_not_gone_through_needs_a_mapping() -> None:
    old = STAMP.replace(PASSES, "")
    new = old.replace(
        "waive:",
        "passes:\n  asked: {to: [review], through: [ask], since: [check], zh: 须重新提交, en: it is asked for anew}\nwaive:",
    ).replace("to: review, roles: [leader], set", "to: draft, roles: [leader], set")

    review = at(explored(read(old), read(new)), "review")

    assert review.safe < review.count
    assert "须重新提交" in review.reasons[0].zh


def test_a_promise_about_what_is_gone_cannot_be_asked() -> None:
    found = between(
        (PASSES, ""),
        ("ok:    {type", "fine:  {type"),
        ("{ok: true}", "{fine: true}"),
        ("in: [stamped], when: {not: {fine", "in: [stamped], when: {not: {fine"),
    )

    assert promise(found, "unchecked").verdict == "cannot"


def test_a_state_that_is_gone_takes_all_its_situations_with_it() -> None:
    found = explored(read(FIRST), read(SECOND))

    assert (at(found, "checking").count, at(found, "checking").safe) == (2, 0)
    assert at(found, "draft").safe == at(found, "draft").count
    assert at(found, "review").fresh


def test_choices_of_only_one_version_are_held_apart() -> None:
    found = between(("letter: {zh: 信函, en: letter}}", "letter: {zh: 信函, en: letter}, deed: {zh: 契据, en: deed}}"), ("{kind: set}", "{kind: deed}"), ("when: {kind: unset}", "when: {not: {kind: deed}}"))  # fmt: skip

    review = at(found, "review")
    assert review.fresh > 0
    assert (review.count, review.safe) == (2, 0)  # what could be chosen before is forbidden now


def test_a_field_of_another_type_is_said_to_keep_them_from_being_compared() -> None:
    found = between(
        (
            "kind:  {type: enum, values: {contract: {zh: 合同, en: contract}, letter: {zh: 信函, en: letter}}",
            "kind:  {type: text, max: 40",
        )
    )

    assert found.unexplored is not None
    assert "种类" in found.unexplored.zh
    assert found.standings == ()


@pytest.mark.parametrize(
    ("lang", "said"), [("zh", "有 1 条在新版中可被违反"), ("en", "1 promise(s) of the old version")]
)
def test_the_headline_says_what_stands_at_the_end(tmp_path: Path, lang: str, said: str) -> None:
    old = STAMP.replace(PASSES, "")
    files = tmp_path / "old.yaml", tmp_path / "new.yaml"
    files[0].write_text(old, "utf-8")
    files[1].write_text(old.replace("guards: [known], zh: 提交", "guards: [known], set: {ok: true}, zh: 提交"), "utf-8")

    told = call_with(["definitions", "diff", *map(str, files), "--lang", lang]).out

    assert said in told
    assert "✗" in told
