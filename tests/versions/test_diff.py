"""What a new version changes: where it asks less, and in which states running cases need a word of the administrator's."""

from __future__ import annotations

import time
from functools import cache
from itertools import combinations
from pathlib import Path

import pytest

from storage.versions import SHIPPED, catalogues
from tests.versions.permits import FIRST, SECOND
from workflow.accepted import definition_from
from workflow.conditions import AllOf, OneOf
from workflow.difference import Difference, difference
from workflow.loader import accept
from workflow.model import Definition
from workflow.weaker import Trials, weaker, widened

DOCUMENT = (SHIPPED / "document.yaml").read_text("utf-8")


@cache
def read(text: str) -> Definition:
    accepted = accept(text, "definition.yaml", catalogues())
    return definition_from(accepted.json, accepted.digest)


def between(old: str, new: str) -> Difference:
    return difference(read(old), read(new))


def losses(old: str, *changes: tuple[str, str]) -> list[tuple[str, str]]:
    new = old
    for said, instead in changes:
        assert said in new
        new = new.replace(said, instead)
    return [(each.part, each.name) for each in weaker(read(old), read(new))]


@pytest.mark.parametrize("file", sorted(SHIPPED.glob("*.yaml")), ids=lambda file: file.stem)
def test_a_shipped_procedure_does_not_differ_from_itself(file: Path) -> None:
    same = between(file.read_text("utf-8"), file.read_text("utf-8"))

    assert (same.changes, same.weaker) == ((), ())
    assert {each.verdict for each in same.situations} == {"safe"}


@pytest.mark.parametrize(
    ("said", "instead", "loss"),
    [
        ("guards: [cleared, not_secret, numbered, planned, explained], set: {published_on", "guards: [not_secret, numbered, planned, explained], set: {published_on", ("guard", "publish")),
        ("limit: 7 working days", "limit: 9 working days", ("clock", "secrecy")),
        ("limit: 7 working days", "limit: 2 months", ("clock", "secrecy")),
        ("tell: [leader], reassign: leader}]", "tell: [leader]}]", ("clock", "section")),
        ("{after: 5 working days, tell: [supervisor]}", "{after: 6 working days, tell: [supervisor]}", ("clock", "referral")),
        (", {after: 5 working days, tell: [supervisor]}", "", ("clock", "referral")),
        ("remind: [{before: 3 working days, tell: [secrecy_reviewer]}]", "remind: [{before: 1 working day, tell: [secrecy_reviewer]}]", ("clock", "referral")),
        ("{attribute: proactive, mixed: true}}, zh: 主动公开的公文", "{attribute: proactive, mixed: true, is_policy: true}}, zh: 主动公开的公文", ("guard", "accept")),
        ("from: [section_review], to: draft, roles: [drafter]", "from: [section_review], to: draft, roles: [drafter, office]", ("role", "recall")),
        ("lapses_on: [proposed_attribute, title, body]", "lapses_on: [proposed_attribute, title]", ("field", "change_ok")),
        ("secrecy_review:    {waits_for: secrecy_reviewer, zh: 保密审查, en: secrecy review, edit: {office: [office_opinion]}}", "secrecy_review:    {waits_for: secrecy_reviewer, zh: 保密审查, en: secrecy review, edit: {office: [office_opinion, attribute]}}", ("edit", "secrecy_review")),
        ("apart_from: [propose_change, republish, edit.withdrawn]", "apart_from: [propose_change, edit.withdrawn]", ("guard", "clear_change")),
        ("form: {required: [withdrawal_reason]}, comment: required", "form: {required: [withdrawal_reason]}", ("guard", "withdraw")),
        ("set: {secrecy_ok: null, disputed: null, office_attribute: null, times_returned: {add: 1}},\n                    tell", "set: {disputed: null, office_attribute: null, times_returned: {add: 1}},\n                    tell", ("guard", "return")),
        ("  published_mixed:      {in: [published], when: {mixed: true}", "  published_mixed:      {in: [published], when: {mixed: true, is_policy: true}", ("never", "published_mixed")),
        ("in: [published, on_file, left_to_lead], when: {any: [{classified: true}", "in: [published, left_to_lead], when: {any: [{classified: true}", ("never", "published_secret")),
        # what must never be done without a guard: another guard fewer, gone, or a new exception
        ("without: [change_cleared], zh", "without: [not_proposer], zh", ("never", "changed_uncleared")),
        ("  released_unnumbered:  {out_of: [release], into: [published, on_file,", "  released_unnumbered:  {out_of: [release], into: [on_file,", ("never", "released_unnumbered")),
        ("without: [nothing_to_sign], but_by: [publish], zh", "without: [nothing_to_sign], but_by: [publish, publish_ahead], zh", ("never", "published_too_soon")),
        ("applies: {attribute: proactive, voided_on: unset,", "applies: {attribute: proactive, is_policy: true, voided_on: unset,", ("clock", "publication")),
    ],
)  # fmt: skip
def test_whatever_asks_less_is_named(said: str, instead: str, loss: tuple[str, str]) -> None:
    assert loss in losses(DOCUMENT, (said, instead))


@pytest.mark.parametrize(
    "changes",
    [
        # the same rule under another name
        (("  settled:         {if: {not: {disputed: true}}", "  undisputed:      {if: {not: {disputed: true}}"), (" settled,", " undisputed,")),
        # the same rule said in another way
        (("{if: {not: {attribute: proactive, mixed: true}}, zh: 主动公开的公文", "{if: {any: [{not: {attribute: proactive}}, {not: {mixed: true}}]}, zh: 主动公开的公文"),),
        (("limit: 7 working days", "limit: 6 working days"),),
        (("remind: [{before: 3 working days, tell: [secrecy_reviewer]}]", "remind: [{before: 4 working days, tell: [secrecy_reviewer, office]}]"),),
        (("zh: 保密审查时限", "zh: 保密审查期限"),),
    ],
)  # fmt: skip
def test_what_asks_as_much_in_another_way_is_no_loss(changes: tuple[tuple[str, str], ...]) -> None:
    assert losses(DOCUMENT, *changes) == []


def test_each_loss_has_both_languages_and_the_law_that_it_touches() -> None:
    new = DOCUMENT.replace(
        "guards: [cleared, not_secret, numbered, planned, explained], set: {published_on",
        "guards: [not_secret, numbered, planned, explained], set: {published_on",
    )

    (loss,) = between(DOCUMENT, new).weaker

    assert loss.text.zh == "“公开”不再要求：未通过保密审查（或审查后内容有改动）（cleared）"
    assert "no longer asks" in loss.text.en
    assert loss.basis == "条例 17"


def test_a_guard_that_wants_two_of_several_alike_is_missed_when_it_is_gone() -> None:
    names = ["a", "b", "c", "d", "e"]
    fields = "".join(f"  {name}:     {{type: text, max: 40, zh: 备注{name}, en: note {name}}}\n" for name in names)
    pairs = [f"{{{one}: {{same_as: {other}}}}}" for one, other in combinations(names, 2)]
    said = ", ".join([*(f"{{{name}: unset}}" for name in names), *pairs])
    guard = f"  two_alike: {{if: {{any: [{said}]}}, zh: 各不相同, en: all differ}}\n"
    kept = "  a_given:   {if: {a: set}, zh: 未填备注a, en: note a is missing}\n"
    old = (
        FIRST.replace("  level: {", fields + "  level: {", 1)
        .replace("guards:\n", "guards:\n" + guard + kept, 1)
        .replace("[title, note, level]", f"[title, note, level, {', '.join(names)}]")
        .replace("roles: [drafter], zh: 报送", "roles: [drafter], guards: [two_alike, a_given], zh: 报送")
    )
    new = old.replace(guard, "").replace("guards: [two_alike, a_given]", "guards: [a_given]")

    assert [(each.part, each.name) for each in between(old, new).weaker] == [("guard", "file")]


def test_changes_are_named_part_by_part() -> None:
    changes = {(each.part, each.name): each for each in between(FIRST, SECOND).changes}

    assert changes["states", "checking"].how == "removed"
    assert changes["states", "review"].how == "added"
    assert changes["deadlines", "whole"].said is not None
    assert changes["deadlines", "whole"].said.zh == "10个工作日 → 8个工作日"
    assert changes["never", "unknown_level"].how == "added"
    assert "sources" in changes["transitions", "grant"].keys


def test_each_state_is_safe_or_to_be_decided_or_mapped() -> None:
    same_fields = FIRST.replace("version: 1", "version: 2").replace("limit: 20 working days", "limit: 15 working days")
    partly = {each.state: each.verdict for each in between(FIRST, same_fields).situations}
    wholly = {each.state: each.verdict for each in between(FIRST, SECOND).situations}

    assert partly == {"draft": "safe", "checking": "safe", "asking": "decide"}
    assert wholly == {"draft": "decide", "checking": "map", "asking": "decide"}


def test_choices_by_the_hundred_are_compared_by_the_kinds_that_the_conditions_tell_apart() -> None:
    choices = ", ".join(f"v{n}: {{zh: 值{n}, en: v{n}}}" for n in range(500))
    fields = read(FIRST.replace("{low: {zh: 低, en: low}, high: {zh: 高, en: high}}", f"{{{choices}}}")).fields
    even = tuple(f"v{n}" for n in range(0, 500, 2))
    some = AllOf((OneOf("level", even), OneOf("note", ("a",))))
    more = AllOf((OneOf("level", (*even, "v7")), OneOf("note", ("a",))))

    assert widened(some, more, fields, Trials(2_500)) == {"level": "v7", "note": "a"}
    assert widened(more, some, fields, Trials(2_500)) is None


def test_hundreds_of_guards_that_differ_are_held_against_each_other_for_no_longer_than_is_said() -> None:
    names = [f"f{n}" for n in range(100)]

    def version(number: int, by: int) -> Definition:
        asked = [", ".join(f"f{(n + each * by) % 100}: true" for each in range(4)) for n in range(250)]
        guards = "".join(f"  g{n}: {{if: {{{each}}}, zh: 条{n}, en: g{n}}}\n" for n, each in enumerate(asked))
        fields = "".join(f"  {name}: {{type: bool, zh: {name}, en: {name}}}\n" for name in names)
        text = (
            f"format: gongkai/1\nid: bomb\nversion: {number}\nprefix: BOMB\ntitle: {{zh: 弹, en: bomb}}\nbasis: [条例]\n"
            "roles: {values: {office: {scope: bureau, zh: 办, en: office}}}\n"
            f"fields:\n  title: {{type: text, max: 500, zh: 标题, en: title}}\n{fields}guards:\n{guards}states:\n"
            f"  a: {{initial: true, waits_for: office, zh: 甲, en: a, edit: {{office: [title, {', '.join(names)}]}}}}\n"
            "  z: {final: true, zh: 终, en: end}\ntransitions:\n"
            f"  go: {{from: [a], to: z, roles: [office], guards: [{', '.join(f'g{n}' for n in range(250))}], zh: 走, en: go}}\n"
            "waive:\n  - {check: no-deadline, state: a, reason: 只用于试验}\n"
        )
        said = accept(text, "bomb.yaml", {})
        return definition_from(said.json, said.digest)

    old, new = version(1, 7), version(2, 11)
    begun = time.process_time()

    assert len(list(weaker(old, new))) > 100
    assert time.process_time() - begun < 2


PASS_ON = (
    "  grant:  {from",
    "  pass_on: {from: [checking], to: asking, roles: [office], zh: 转办, en: pass on}\n  grant:  {from",
)
DAYS = (
    "  level: {type",
    "  da: {type: date, zh: 甲日, en: day a}\n  db: {type: date, zh: 乙日, en: day b}\n  level: {type",
)
IN_ORDER = (
    "\nstates:",
    "\n  ordered: {check: in_order, params: {dates: [da, db]}, zh: 次序不对, en: not in order}\nstates:",
)
ASKED = ("roles: [drafter], zh: 报送", "roles: [drafter], guards: [ordered], zh: 报送")
TYPED = ("drafter: [title, note, level]", "drafter: [title, note, level, da, db]")
EMPTIED = ("roles: [office], zh: 收到答复", "roles: [office], set: {level: null}, zh: 收到答复")
ANSWER_IN = ("limit: 10 working days", "limit: 7 calendar days")
REMINDED = ("{before: 2 working days", "{before: 1 calendar day")
RAISED = ("en: asking, escalate: [{after: 0 working days", "en: asking, escalate: [{after: 5 hours")


@pytest.mark.parametrize(
    ("first", "then", "loss"),
    [
        pytest.param((), ("  grant:  {from", "  push: {from: [draft], to: granted, roles: [drafter], guards: [titled], zh: 径行许可, en: push}\n  grant:  {from"), ("guard", "push"), id="a new step around a guarded one"),
        pytest.param((PASS_ON,), ("pass_on: {from: [checking], to: asking", "pass_on: {from: [checking], to: granted"), ("guard", "pass_on"), id="a step that leads elsewhere"),
        pytest.param((DAYS, IN_ORDER, ASKED, TYPED), ("dates: [da, db]", "dates: [db, da]"), ("guard", "file"), id="an order turned round"),
        pytest.param((EMPTIED,), ("set: {level: null}", "set: {level: high}"), ("guard", "answer"), id="a field that was cleared and is filled"),
        pytest.param((ANSWER_IN,), ("limit: 7 calendar days", "limit: 5 working days"), ("clock", "whole"), id="a limit in another unit"),
        pytest.param((REMINDED,), ("{before: 1 calendar day", "{before: 30 hours"), ("clock", "whole"), id="a later reminder in hours"),
        pytest.param((RAISED,), ("{after: 5 hours", "{after: 0 working days"), ("clock", "asked"), id="a later escalation in hours"),
    ],
)  # fmt: skip
def test_what_lets_more_pass_in_disguise_is_named(
    first: tuple[tuple[str, str], ...], then: tuple[str, str], loss: tuple[str, str]
) -> None:
    old = FIRST.replace("\nstates:", "\n  titled: {if: {title: set}, zh: 未写标题, en: no title}\nstates:").replace(
        "roles: [office], zh: 函询", "roles: [office], guards: [titled], zh: 函询"
    )
    for said, instead in first:
        assert said in old
        old = old.replace(said, instead, 1)

    assert loss in losses(old, then)
