"""Linked cases through the desk: named in a field, moved with the step of another, woken by it, and shown from both ends."""

from __future__ import annotations

import pytest

from storage.linked import DEEPEST
from tests.engines import Hand
from tests.factories import Office
from tests.storage.test_postgres import in_the_middle
from workflow.errors import GongkaiError, Invalid, Quarantined, Refused

HEAD = """
format: gongkai/1
id: {id}
version: 1
prefix: {prefix}
title: {{zh: {zh}, en: {en}}}
basis: [条例 15]
waive: [{{check: idle-role, role: office, reason: 逾期只须知情}}]
roles:
  values:
    drafter: {{scope: section, zh: 拟稿人, en: drafter}}
    office:  {{scope: bureau, zh: 局办公室, en: the Office}}
    system:  {{scope: bureau, zh: 系统自动, en: the system}}
"""
#: A paper leaves with its notes or not at all; who asks for it is told in the same commit.
PAPER = (
    HEAD.format(id="paper", prefix="PAP", zh="文件", en="paper")
    + """
fields:
  title:  {type: text, min: 2, max: 500, zh: 标题, en: title}
  asked:  {type: integer, min: 0, zh: 申请次数, en: times asked for}
  reason: {type: text, max: 500, zh: 申请理由, en: reason}
guards:
  noted: {needs: {children: note, all: [ready, out]}, zh: 解读尚未审定, en: the notes are not approved}
  early: {needs: {children: note, none: [out]}, zh: 解读已公开, en: a note is out}
children:
  note: {kind: note, zh: 解读, en: note}
states:
  draft: {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title]}}
  out:   {final: true, zh: 已公开, en: out}
transitions:
  annotate: {from: [draft], to: draft, roles: [drafter], guards: [early], opens: {child: note, set: {title: {copy: title}}}, zh: 拟写解读, en: annotate}
  publish:  {from: [draft], to: out, roles: [drafter], guards: [noted], moves: [{case: note, step: publish}, {case: note, step: keep}], zh: 公开, en: publish}
  ask:      {from: [draft, out], to: draft, roles: [system], form: {required: [reason]}, set: {asked: {add: 1}}, zh: 被申请, en: asked for}
deadlines:
  work: {clock: internal, runs_in: [draft], limit: 10 working days, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [office]}]}
"""
)
NOTE = (
    HEAD.format(id="note", prefix="NOTE", zh="解读材料", en="notes")
    + """
fields:
  title:   {type: text, min: 2, max: 500, zh: 标题, en: title}
  cleared: {type: bool, zh: 已审查, en: cleared}
guards:
  clear:   {if: {cleared: true}, zh: 解读未经审查, en: the note is not cleared}
  unclear: {if: {cleared: false}, zh: 解读已经审查, en: the note is cleared}
states:
  draft: {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title]}}
  ready: {waits_for: drafter, zh: 已审定, en: ready, edit: {drafter: [cleared]}}
  out:   {final: true, zh: 已发布, en: published}
transitions:
  approve: {from: [draft], to: ready, roles: [drafter], zh: 审定, en: approve}
  publish: {from: [ready], to: out, roles: [system], guards: [clear], slip: {zh: 随文件一并公开, en: published with its paper}, zh: 一并发布, en: publish}
  keep:    {from: [ready], to: draft, roles: [system], guards: [unclear], slip: {zh: 未随文件公开, en: its paper left without it}, zh: 退回, en: keep back}
deadlines:
  work: {clock: internal, runs_in: [draft, ready], limit: 10 working days, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [office]}]}
"""
)
WISH = (
    HEAD.format(id="wish", prefix="WISH", zh="查阅申请", en="wish")
    + """
fields:
  title: {type: text, min: 2, max: 500, zh: 标题, en: title}
  about: {type: case, of: [paper], max: 2, zh: 所需文件, en: papers wanted}
guards:
  all_out: {needs: {children: about, all: [out]}, zh: 所需文件尚未公开, en: the papers are not out}
  named:   {if: {about: set}, zh: 未写明所需文件, en: no paper is named}
states:
  open:   {initial: true, waits_for: drafter, zh: 登记, en: open, edit: {drafter: [title, about]}}
  wait:   {waits_for: drafter, zh: 等候公开, en: waiting}
  served: {final: true, zh: 已答复, en: served}
transitions:
  pass:  {from: [open], to: wait, roles: [drafter], guards: [named], moves: [{case: about, step: ask, set: {reason: {copy: title}}}], zh: 转办, en: pass on}
  serve: {from: [wait], to: served, roles: [drafter, system], auto: true, guards: [all_out], zh: 答复, en: serve}
deadlines:
  work: {clock: internal, runs_in: [open, wait], limit: 10 working days, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [office]}]}
"""
)


@pytest.fixture
def paper(office: Office) -> str:
    files = [(NOTE, "note.yaml"), (PAPER, "paper.yaml"), (WISH, "wish.yaml")]
    office.desk.install_definitions(office.actor("admin"), files)
    return office.desk.start(office.actor("wangmin"), "paper", title="预算管理办法").case.case.id


def number(office: Office, case: str) -> str:
    return office.case(case).number


def annotated(office: Office, paper: str, *, cleared: bool) -> str:
    """A note that is approved; its id."""
    office.does("wangmin", "annotate", paper)
    note = office.case(paper).children[-1].id
    office.does("wangmin", "approve", note)
    office.desk.edit(office.actor("wangmin"), note, data={"cleared": cleared})
    return note


def wish(office: Office, *papers: str) -> str:
    data = {"about": "、".join(number(office, each).lower() for each in papers)}
    return office.desk.start(office.actor("wangmin"), "wish", title="想看办法", data=data).case.case.id


def test_a_set_leaves_whole_in_one_commit(office: Office, paper: str) -> None:
    first, second = annotated(office, paper, cleared=True), annotated(office, paper, cleared=True)

    office.does("wangmin", "publish", paper)

    assert [office.case(each).state for each in (paper, first, second)] == ["out", "out", "out"]
    assert [office.history(each)[-1].transition for each in (first, second)] == ["publish", "publish"]
    assert not office.desk.verify().problems


def test_of_a_set_nothing_leaves_while_one_part_may_not(office: Office, paper: str) -> None:
    first, second = annotated(office, paper, cleared=True), annotated(office, paper, cleared=False)

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "publish", paper)

    assert [each.name for each in refused.value.reasons] == ["clear"]
    assert [office.case(each).state for each in (paper, first, second)] == ["draft", "ready", "ready"]
    assert not office.desk.verify().problems


def test_why_says_what_keeps_a_case_from_being_moved_and_which(office: Office, paper: str) -> None:
    annotated(office, paper, cleared=True)
    note = annotated(office, paper, cleared=False)

    (shut,) = (each for each in office.desk.options(office.actor("wangmin"), paper) if each.transition == "publish")
    with pytest.raises(Refused) as refused:
        office.does("wangmin", "publish", paper)

    assert not shut.allowed
    assert [each.name for each in shut.unmet] == [each.name for each in refused.value.reasons] == ["clear"]
    assert shut.unmet[0].text.en == f"{number(office, note)} is to take “publish” with it: the note is not cleared"
    office.desk.edit(office.actor("wangmin"), note, data={"cleared": True})
    assert all(
        each.allowed for each in office.desk.options(office.actor("wangmin"), paper) if each.transition == "publish"
    )


def test_a_case_in_quarantine_is_not_passed_over_where_it_might_be_moved(office: Office, paper: str) -> None:
    asking = wish(office, paper)
    Hand(office.url).alter("UPDATE cases SET state = 'limbo' WHERE id = ?", paper)

    (shut,) = (each for each in office.desk.options(office.actor("wangmin"), asking) if each.transition == "pass")
    with pytest.raises(Quarantined) as told:
        office.does("wangmin", "pass", asking)

    assert [each.text for each in shut.unmet] == [told.value.said]
    assert office.case(asking).state == "open"


def test_of_a_sub_case_in_quarantine_nobody_says_that_it_is_in_no_such_state(office: Office, paper: str) -> None:
    note = annotated(office, paper, cleared=True)
    Hand(office.url).alter("UPDATE cases SET state = 'limbo' WHERE id = ?", note)

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "annotate", paper)

    assert [each.name for each in refused.value.reasons] == ["early"]


def test_a_named_case_takes_its_step_with_what_the_other_brings(office: Office, paper: str) -> None:
    asking = wish(office, paper)

    office.does("wangmin", "pass", asking)

    moved = office.case(paper)
    assert (moved.data["asked"], moved.data["reason"]) == (1, "想看办法")
    assert office.history(paper)[-1].automatic


def test_who_waits_for_a_named_case_goes_on_when_that_has_moved(office: Office, paper: str) -> None:
    other = office.desk.start(office.actor("wangmin"), "paper", title="决算管理办法").case.case.id
    asking = wish(office, paper, other)
    office.does("wangmin", "pass", asking)

    office.does("wangmin", "publish", paper)
    assert office.case(asking).state == "wait"
    office.does("wangmin", "publish", other)

    assert office.case(asking).state == "served"
    assert not office.desk.verify().problems


def test_a_link_is_shown_from_both_ends_to_who_may_see_both(office: Office, paper: str) -> None:
    asking = wish(office, paper)

    there = office.desk.case(office.actor("wangmin"), asking).to_json()
    back = office.desk.case(office.actor("wangmin"), paper).to_json()

    assert there["links"] == [
        {"number": "PAP-2026-00001", "field": "about", "kind": "paper", "title": "预算管理办法", "state": "draft",
         "zh": "起草", "en": "draft"}
    ]  # fmt: skip
    assert [each["number"] for each in back["linked_by"]] == ["WISH-2026-00001"]  # type: ignore[attr-defined]
    assert there["children"] == back["links"] == []


def test_who_does_not_see_a_case_is_not_shown_that_it_names_theirs(office: Office, paper: str) -> None:
    asking = wish(office, paper)
    office.desk.fire(office.actor("zhaoyun"), asking, "transfer", data={"section": "国库科"}, comment="由国库科办理")

    assert office.desk.case(office.actor("wangmin"), paper).to_json()["linked_by"] == []
    shown = office.desk.case(office.actor("zhaoyun"), paper).to_json()["linked_by"]
    assert [each["number"] for each in shown] == ["WISH-2026-00001"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("away", "shown"), [(True, "another case"), (False, "NOTE-2026-00001")])
def test_what_stands_in_the_way_in_another_section_has_no_number(
    office: Office, paper: str, away: bool, shown: str
) -> None:
    bound = (
        NOTE.replace("version: 1", "version: 2")
        .replace("[cleared]", "[cleared, after]")
        .replace("[clear]", "[clear, last]")
    )
    bound = bound.replace("\nguards:", "\n  after: {type: case, of: [volume], zh: 所附分册, en: after}\nguards:")
    bound = bound.replace(
        "\nstates:", "\n  last: {needs: {children: after, all: [out]}, zh: 所附分册未公开, en: it is not out}\nstates:"
    )
    (volume,) = volumes(office, 1)
    office.desk.install_definitions(office.actor("admin"), [(bound, "note.yaml")])
    note = annotated(office, paper, cleared=False)
    office.desk.edit(office.actor("wangmin"), note, data={"after": number(office, volume)})
    if away:
        office.desk.fire(office.actor("zhaoyun"), note, "transfer", data={"section": "国库科"}, comment="由国库科办理")

    (shut,) = (each for each in office.desk.options(office.actor("wangmin"), paper) if each.transition == "publish")

    assert [each.text.en.partition(" is to take")[0] for each in shut.unmet] == [shown, shown]
    assert ["VOL-2026-00001" in each.text.en for each in shut.unmet] == [False, not away]


@pytest.mark.parametrize(
    ("said", "person", "code"),
    [
        ("PAP-2026-00009", "wangmin", "no-such-case"),
        ("DOC-2026-00001", "wangmin", "no-such-case"),
        ("PAP-2026-00001", "chenjing", "no-such-case"),  # another section's looks like none
        ("不是编号", "wangmin", "bad-value"),
        ("PAP-2026-00001 PAP-2026-00002 PAP-2026-00003", "wangmin", "bad-value"),
    ],
)
def test_what_is_no_case_of_theirs_cannot_be_named(
    office: Office, paper: str, said: str, person: str, code: str
) -> None:
    section = "国库科" if person == "chenjing" else "预算科"

    with pytest.raises(Invalid) as fault:
        office.desk.start(office.actor(person), "wish", title="想看办法", section=section, data={"about": said})

    assert [(each.code, each.field) for each in fault.value.problems] == [(code, "about")]


def test_another_section_s_case_looks_like_none(office: Office, paper: str) -> None:
    said = []
    for about in ("PAP-2026-00001", "PAP-2026-00009"):
        with pytest.raises(Invalid) as fault:
            office.desk.start(
                office.actor("chenjing"), "wish", title="想看办法", section="国库科", data={"about": about}
            )
        said.append(fault.value.problems[0].text.zh.replace(about, "…"))

    assert said[0] == said[1]


def test_a_repeated_request_says_the_same_however_its_number_is_typed(office: Office, paper: str) -> None:
    def begun(about: str) -> str:
        actor = office.actor("wangmin")
        return office.desk.start(actor, "wish", title="想看办法", data={"about": about}, request_id="r1").case.case.id

    assert begun("PAP-2026-00001") == begun(" ｐａｐ-2026-00001")


def test_a_link_that_was_altered_is_found(office: Office, paper: str) -> None:
    asking = wish(office, paper)

    Hand(office.url).alter("DELETE FROM links WHERE case_id = ?", asking)

    assert [each.code for each in office.desk.verify().problems] == ["link"]


#: Volumes that leave one after the other: each with the one that it names.
VOLUME = (
    HEAD.format(id="volume", prefix="VOL", zh="分册", en="volume")
    + """
fields:
  title: {type: text, min: 2, max: 500, zh: 标题, en: title}
  next:  {type: case, of: [volume], zh: 下一册, en: next volume}
states:
  draft: {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title, next]}}
  out:   {final: true, zh: 已公开, en: out}
transitions:
  publish: {from: [draft], to: out, roles: [drafter, system], moves: [{case: next, step: publish}], zh: 公开, en: publish}
deadlines:
  work: {clock: internal, runs_in: [draft], limit: 10 working days, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [office]}]}
"""
)


def volumes(office: Office, count: int) -> list[str]:
    """So many volumes, the last first, each but that naming the one before it in this list."""
    office.desk.install_definitions(office.actor("admin"), [(VOLUME, "volume.yaml")])
    found: list[str] = []
    for _ in range(count):
        data = {"next": number(office, found[-1])} if found else {}
        found.append(office.desk.start(office.actor("wangmin"), "volume", title="分册", data=data).case.case.id)
    return found


def test_a_case_cannot_name_itself(office: Office) -> None:
    (alone,) = volumes(office, 1)

    with pytest.raises(Invalid) as fault:
        office.desk.edit(office.actor("wangmin"), alone, data={"next": number(office, alone)})

    assert [(each.code, each.field) for each in fault.value.problems] == [("no-such-case", "next")]


#: What goes out by a paper of its own.
DEED = (
    HEAD.format(id="deed", prefix="DEED", zh="决定", en="deed")
    + """
fields:
  title: {type: text, min: 2, max: 500, zh: 标题, en: title}
  paper: {type: case, of: [paper], max: 1, own: true, zh: 印发的文件, en: its paper}
states:
  draft: {initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {drafter: [title, paper]}}
  out:   {final: true, zh: 已公开, en: out}
transitions:
  publish: {from: [draft], to: out, roles: [drafter], zh: 公开, en: publish}
deadlines:
  work: {clock: internal, runs_in: [draft], limit: 10 working days, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [office]}]}
"""
)


def test_a_paper_of_its_own_was_begun_after_it_and_is_named_by_no_other(office: Office, paper: str) -> None:
    office.desk.install_definitions(office.actor("admin"), [(DEED, "deed.yaml")])
    actor = office.actor("wangmin")
    office.clock.forward(minutes=1)
    first, second = (office.desk.start(actor, "deed", title="决定").case.case.id for _ in range(2))
    its = number(office, office.desk.start(actor, "paper", title="印发的通知").case.case.id)
    # of another kind, and its own for none
    loan = DEED.replace("id: deed", "id: loan").replace("prefix: DEED", "prefix: LOAN").replace("own: true, ", "")
    office.desk.install_definitions(office.actor("admin"), [(loan, "loan.yaml")])
    office.desk.start(actor, "loan", title="借阅", data={"paper": its})

    def refused(deed: str, named: str) -> str:
        with pytest.raises(Invalid) as fault:
            office.desk.edit(actor, deed, data={"paper": named})
        return fault.value.problems[0].text.en

    assert "begun before this case" in refused(first, number(office, paper))
    office.desk.edit(actor, first, data={"paper": its})
    office.desk.edit(actor, first, data={"paper": its, "title": "决定（修改）"})
    assert "named by another case already" in refused(second, its)
    office.desk.edit(actor, first, data={"paper": None})
    office.desk.edit(actor, second, data={"paper": its})


@pytest.mark.parametrize("url", ["server_url"], indirect=True)
def test_of_two_that_name_the_same_paper_as_their_own_at_once_one_is_refused(office: Office, paper: str) -> None:
    office.desk.install_definitions(office.actor("admin"), [(DEED, "deed.yaml")])
    first, second = (office.desk.start(office.actor("wangmin"), "deed", title="决定").case.case.id for _ in range(2))
    its = {"paper": number(office, paper)}

    one, other = in_the_middle(
        office.url,
        lambda desk: desk.edit(desk.actor("wangmin"), first, data=its),
        lambda: office.desk.edit(office.actor("wangmin"), second, data=its),
    )

    assert not isinstance(one, GongkaiError)
    assert isinstance(other, Invalid)
    assert "已由另一事项填写" in other.problems[0].text.zh


def test_cases_that_move_one_another_go_on_until_each_has_taken_the_step(office: Office) -> None:
    last, *others, first = volumes(office, 3)
    office.desk.edit(office.actor("wangmin"), last, data={"next": number(office, first)})

    office.does("wangmin", "publish", first)

    assert [office.case(each).state for each in (first, *others, last)] == ["out", "out", "out"]
    assert [len(office.history(each)) for each in (first, *others)] == [2, 2]
    assert not office.desk.verify().problems


@pytest.mark.parametrize(("count", "leaves"), [(DEEPEST + 1, True), (DEEPEST + 2, False)])
def test_what_reaches_too_far_is_refused_and_nothing_of_it_has_happened(
    office: Office, count: int, leaves: bool
) -> None:
    every = volumes(office, count)

    if leaves:
        office.does("wangmin", "publish", every[-1])
    else:
        with pytest.raises(Refused) as refused:
            office.does("wangmin", "publish", every[-1])
        assert [each.name for each in refused.value.reasons] == ["moves"]

    assert {office.case(each).state for each in every} == {"out" if leaves else "draft"}
    assert not office.desk.verify().problems
