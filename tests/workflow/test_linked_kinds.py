"""What is found only when definitions are read together: circles of moves, and waiting for linked cases that never come there."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from storage.versions import catalogues
from tests.cli.calling import call_with
from workflow.errors import BadDefinition, Finding
from workflow.prover import accept_proved, read_by_themselves

KNOWN = catalogues()
HEAD = """
format: gongkai/1
id: {id}
version: 1
prefix: {prefix}
title: {{zh: {zh}, en: {id}}}
basis: [本局办文规定]
roles:
  values:
    drafter: {{scope: section, zh: 拟稿人, en: drafter}}
    office:  {{scope: bureau, zh: 局办公室, en: the Office}}
    system:  {{scope: bureau, zh: 系统自动, en: the system}}
"""
CLOCK = """
deadlines:
  work: {clock: internal, runs_in: [draft], limit: 10 working days, basis: 本局办文规定, zh: 办理时限, en: work, escalate: [{after: 0 working days, tell: [office]}]}
"""
ASK = HEAD.format(id="ask", prefix="ASK", zh="请示")
REPLY = HEAD.format(id="reply", prefix="REP", zh="批复")


def ask(
    *, press: str, fields: str = "", edit: str = "", opens: str = "opens: {child: reply, set: {title: {copy: title}}}, "
) -> str:
    """A paper that opens a reply, and presses for it with a step of these terms."""
    return f"""{ASK}
fields:
  title: {{type: text, min: 2, max: 500, zh: 标题, en: title}}{fields}
states:
  draft: {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title{edit}]}}}}
  done:  {{final: true, zh: 办结, en: done}}
transitions:
  open:  {{from: [draft], to: draft, roles: [drafter], {opens}zh: 发出, en: open}}
  press: {{from: [draft], roles: [drafter, system], {press}, zh: 催办, en: press}}
  end:   {{from: [draft], to: done, roles: [drafter, office], zh: 办结, en: end}}
{CLOCK}
children:
  reply: {{kind: reply, zh: 批复, en: reply}}
"""


def reply(*, answer: str, more: str = "", by: str = "drafter") -> str:
    """A reply whose step `answer` has these terms."""
    return f"""{REPLY}
fields:
  title: {{type: text, min: 2, max: 500, zh: 标题, en: title}}
states:
  draft: {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title]}}}}
  done:  {{final: true, zh: 办结, en: done}}
transitions:
  answer: {{from: [draft], roles: [{by}], {answer}, zh: 答复, en: answer}}{more}
  end:    {{from: [draft], to: done, roles: [drafter, office], zh: 办结, en: end}}
{CLOCK}
"""


def findings(*texts: str) -> list[Finding]:
    """All that is found in these files, read together."""
    files = [(text, f"{number}.yaml") for number, text in enumerate(texts, 1)]
    kinds = read_by_themselves(files, KNOWN)
    found: list[Finding] = []
    for text, file in files:
        try:
            accept_proved(text, file, KNOWN, kinds)
        except BadDefinition as fault:
            found += fault.findings
    return found


def codes(found: Iterable[Finding]) -> list[str]:
    return [each.code for each in found]


TO_REPLY = "moves: [{case: reply, step: answer}]"
TO_ASK = "moves: [{case: parent, step: press}]"


def test_two_procedures_that_move_each_other_for_ever_are_found_in_both() -> None:
    found = findings(ask(press=f"to: draft, {TO_REPLY}"), reply(answer=f"to: draft, {TO_ASK}", by="drafter, system"))

    assert [(each.code, each.definition, each.path) for each in found] == [
        ("moves-circle", "ask", ("ask.press", "reply.answer", "ask.press")),
        ("moves-circle", "reply", ("reply.answer", "ask.press", "reply.answer")),
    ]
    assert [each.zh for each in found[0].way] == ["请示“催办”带动批复“答复”", "批复“答复”带动请示“催办”"]
    assert [each.en for each in found[1].way] == [
        "reply: “answer” moves ask: “press”",
        "ask: “press” moves reply: “answer”",
    ]
    assert all("moves" in each.source for each in found)


@pytest.mark.parametrize(
    ("press", "answer"),
    [("to: done", "to: done"), ("to: done", "to: draft"), ("to: draft", "to: done")],
)
def test_a_circle_that_stops_by_itself_is_none(press: str, answer: str) -> None:
    assert findings(ask(press=f"{press}, {TO_REPLY}"), reply(answer=f"{answer}, {TO_ASK}", by="drafter, system")) == []


def test_a_step_that_the_system_takes_by_itself_can_close_a_circle() -> None:
    back = "\n  reopen: {from: [done], to: draft, roles: [system], auto: true, zh: 重开, en: reopen}"

    found = findings(
        ask(press=f"to: draft, {TO_REPLY}"), reply(answer=f"to: done, {TO_ASK}", by="drafter, system", more=back)
    )

    assert codes(found) == ["moves-circle", "moves-circle"]


def test_a_circle_that_calling_off_closes_is_told_where_the_file_calls_off() -> None:
    called_off = (
        f"\n  cancel: {{from: [draft], to: done, roles: [drafter, system], {TO_ASK}, zh: 作罢, en: cancel}}"
        "\n  reopen: {from: [done], to: draft, roles: [system], auto: true, zh: 重开, en: reopen}"
    )
    text = ask(press="to: draft, cancels: [reply]")

    pressed, cancelled = findings(text, reply(answer="to: draft", more=called_off))

    assert (pressed.code, pressed.path) == ("moves-circle", ("ask.press", "reply.cancel", "ask.press"))
    assert text.splitlines()[pressed.line - 1][pressed.column - 1 :].startswith("reply]")
    assert cancelled.path == ("reply.cancel", "ask.press", "reply.cancel")


def test_one_that_calls_on_its_own_sub_cases_down_to_the_last_is_no_circle() -> None:
    text = ask(press="to: draft, moves: [{case: reply, step: press}]").replace("kind: reply", "kind: ask")

    assert findings(text) == []


def test_one_that_begins_what_it_moves_is_a_circle() -> None:
    opens = "opens: {child: reply, set: {title: {copy: title}}}, "
    text = ask(press=f"to: done, {opens}moves: [{{case: reply, step: press}}]", opens="").replace(
        "kind: reply", "kind: ask"
    )

    (found,) = findings(text)

    assert (found.code, found.path) == ("moves-circle", ("ask.press", "ask.press"))


@pytest.mark.parametrize(("to", "expected"), [("draft", ["moves-circle"]), ("done", [])])
def test_cases_that_name_each_other_can_go_round_where_the_step_can_be_taken_again(
    to: str, expected: list[str]
) -> None:
    field = "\n  others: {type: case, of: [ask], max: 5, zh: 相关请示, en: others}"
    text = ask(press=f"to: {to}, moves: [{{case: others, step: press}}]", fields=field, edit=", others")

    assert codes(findings(text, reply(answer="to: draft"))) == expected


def test_a_circle_is_told_by_the_command_line_when_the_files_are_checked_together(tmp_path: Path) -> None:
    one, other = tmp_path / "ask.yaml", tmp_path / "reply.yaml"
    one.write_text(ask(press=f"to: draft, {TO_REPLY}"), "utf-8")
    other.write_text(reply(answer=f"to: draft, {TO_ASK}", by="drafter, system"), "utf-8")

    done = call_with(["definitions", "check", str(one), str(other)])

    assert done.code == 7
    assert f"{one}:21:" in done.err + done.out
    assert done.said.count("[moves-circle]") == 2


# Sub-cases that are waited for.


@pytest.mark.parametrize(
    ("needs", "opens", "expected"),
    [
        ("some: [done]", "wait", []),  # another one can be opened, and come there
        ("some: [done]", "draft", ["waits-for-ever"]),
        ("all: [done]", "wait", ["waits-for-ever"]),
    ],
)
def test_one_of_several_sub_cases_may_end_elsewhere_where_another_can_be_opened(
    needs: str, opens: str, expected: list[str]
) -> None:
    text = f"""{ASK}
fields:
  title: {{type: text, min: 2, max: 500, zh: 标题, en: title}}
guards:
  given: {{needs: {{children: reply, {needs}}}, zh: 批复尚未办结, en: a reply is not there}}
states:
  draft: {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title]}}}}
  wait:  {{waits_for: drafter, zh: 等候, en: waiting}}
  done:  {{final: true, zh: 办结, en: done}}
transitions:
  open: {{from: [{opens}], to: {opens}, roles: [drafter], opens: {{child: reply, set: {{title: {{copy: title}}}}}}, zh: 发出, en: open}}
  file: {{from: [draft], to: wait, roles: [drafter], zh: 提交, en: file}}
  end:  {{from: [wait], to: done, roles: [drafter, office], guards: [given], zh: 办结, en: end}}
{CLOCK.replace("[draft]", "[draft, wait]")}
children:
  reply: {{kind: reply, zh: 批复, en: reply}}
"""

    assert codes(findings(text, dropped())) == expected


# Linked cases.


def waiting(needs: str, *, edit: str = "") -> str:
    """A paper that waits for the replies that it names."""
    return f"""{ASK}
fields:
  title: {{type: text, min: 2, max: 500, zh: 标题, en: title}}
  about: {{type: case, of: [reply], max: 3, zh: 所依据的批复, en: replies it goes by}}
guards:
  given: {{needs: {{children: about, {needs}}}, zh: 批复尚未办结, en: a reply is not there}}
states:
  draft: {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title, about]}}}}
  wait:  {{waits_for: drafter, zh: 等候, en: waiting{edit}}}
  done:  {{final: true, zh: 办结, en: done}}
transitions:
  file: {{from: [draft], to: wait, roles: [drafter], zh: 提交, en: file}}
  end:  {{from: [wait], to: done, roles: [drafter, office], guards: [given], zh: 办结, en: end}}
{CLOCK.replace("[draft]", "[draft, wait]")}
"""


#: A reply that may be dropped, and one that is never signed because nobody can say that it may be.
DROPPED = "\n  drop: {from: [draft], to: dropped, roles: [drafter], zh: 作罢, en: drop}"


def dropped() -> str:
    return reply(answer="to: draft", more=DROPPED).replace(
        "  done:  {final", "  dropped: {final: true, zh: 已作罢, en: dropped}\n  done:  {final"
    )


@pytest.mark.parametrize(
    ("needs", "edit", "expected"),
    [
        ("all: [done]", "", ["waits-for-ever"]),
        ("some: [done]", "", ["waits-for-ever"]),
        ("none: [dropped]", "", ["waits-for-ever"]),
        ("all: closed", "", []),
        ("all: [done, dropped]", "", []),
        ("none: [draft]", "", []),
        ("all: [done]", ", edit: {drafter: [about]}", []),  # another can be named
    ],
)
def test_waiting_for_a_linked_case_that_ended_elsewhere(needs: str, edit: str, expected: list[str]) -> None:
    found = findings(waiting(needs, edit=edit), dropped())

    assert codes(found) == expected


def test_a_linked_case_that_is_at_work_may_never_come_there_either() -> None:
    kept = (
        reply(answer="to: kept", more="\n  go_on: {from: [kept], to: kept, roles: [drafter], zh: 续办, en: go on}")
        .replace(
            "  done:  {final",
            "  kept: {waits_for: drafter, zh: 留存, en: kept}\n  stop: {final: true, zh: 停, en: stopped}\n  done:  {final",
        )
        .replace("runs_in: [draft]", "runs_in: [draft, kept]")
        .replace("transitions:", "transitions:\n  stop: {from: [kept], to: stop, roles: [drafter], zh: 停办, en: stop}")
    )

    (found,) = findings(waiting("all: [done]"), kept)

    assert (found.code, found.path) == ("waits-for-ever", ("start", "file"))
    assert "kept" in found.text.en
    assert "stopped" in found.text.en


def test_a_linked_case_that_ended_and_can_be_taken_up_again_is_waited_for() -> None:
    again = DROPPED + "\n  take_up: {from: [dropped], to: draft, roles: [drafter], zh: 重办, en: take up}"
    text = reply(answer="to: draft", more=again).replace(
        "  done:  {final", "  dropped: {final: true, zh: 已作罢, en: dropped}\n  done:  {final"
    )

    assert findings(waiting("all: [done]"), text) == []


def waiting_paper(name: str, prefix: str, *, link: str = "", child: str = "", needs: str, send: str = "") -> str:
    """A paper whose only way out waits for another one."""
    return f"""{HEAD.format(id=name, prefix=prefix, zh="文件")}
fields:
  title: {{type: text, min: 2, max: 500, zh: 标题, en: title}}{link}
guards:
  answered: {{needs: {needs}, zh: 对方未办结, en: the other is open}}
states:
  draft:  {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title{", other" if link else ""}]}}}}
  review: {{waits_for: office, zh: 审核, en: review}}
  done:   {{final: true, zh: 办结, en: done}}
transitions:
  submit: {{from: [draft], to: review, roles: [drafter]{", opens: {child: reply, set: {title: {copy: title}}}" if child else ""}, zh: 提交, en: submit}}
  send:   {{from: [review], to: done, roles: [office, drafter], guards: [answered]{send}, zh: 发出, en: send}}
{CLOCK.replace("[draft]", "[draft, review]")}{child}
"""


def test_two_that_may_name_each_other_and_each_wait_for_the_other_s_end_are_found() -> None:
    needs = "{children: other, all: closed}"
    one, two = (
        waiting_paper(
            name, prefix, needs=needs, link=f"\n  other: {{type: case, of: [{of}], max: 3, zh: 对方, en: other}}"
        )
        for name, prefix, of in (("one", "ONE", "two"), ("two", "TWO", "one"))
    )

    assert [each.code for each in findings(one, two)] == ["waits-for-ever", "waits-for-ever"]


def test_a_step_that_waits_for_what_only_it_brings_about_is_found() -> None:
    ended_by_it = reply(answer="to: done", by="system").replace("  end:", "  # end:")
    parent = waiting_paper(
        "ask",
        "ASK",
        needs="{children: reply, all: closed}",
        child="children:\n  reply: {kind: reply, zh: 批复, en: reply}",
        send=", moves: [{case: reply, step: answer}]",
    )

    assert [each.code for each in findings(parent, ended_by_it)] == ["waits-for-ever", "idle-role"]
    assert [*findings(parent, ended_by_it.replace("roles: [system]", "roles: [office, system]"))] == []


def test_a_step_that_a_clock_takes_at_its_end_is_not_brought_about_by_the_waiting_alone() -> None:
    ended_by_it = reply(answer="to: done", by="system").replace("  end:", "  # end:")
    parent = waiting_paper(
        "ask",
        "ASK",
        needs="{children: reply, all: closed}",
        child="children:\n  reply: {kind: reply, zh: 批复, en: reply}",
        send=", moves: [{case: reply, step: answer}]",
    )
    lapsing = ended_by_it.replace("limit: 10 working days,", "limit: 10 working days, on_expiry: answer,")

    assert "waits-for-ever" not in codes(findings(parent, lapsing))


def test_what_none_of_them_must_be_needs_no_way_to_it() -> None:
    more = "\n  rest: {from: [held], to: done, roles: [office], zh: 了结, en: rest}"
    held = reply(answer="to: held", by="system", more=more)
    held = held.replace("  done:  {final", "  held: {waits_for: office, zh: 留存, en: held}\n  done:  {final", 1)
    parent = waiting_paper(
        "ask",
        "ASK",
        needs="{children: reply, none: [held]}",
        child="children:\n  reply: {kind: reply, zh: 批复, en: reply}",
        send=", moves: [{case: reply, step: answer}]",
    )

    assert "waits-for-ever" not in codes(findings(parent, held.replace("runs_in: [draft]", "runs_in: [draft, held]")))
