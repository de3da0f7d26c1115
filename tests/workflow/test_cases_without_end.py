"""Cases that open one another with nobody's hand in it: found when the definitions are read together, with the way in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import call_with
from tests.workflow.test_linked_kinds import CLOCK, HEAD, codes, findings

BY_ITSELF = "roles: [system], auto: true"


def paper(kind: str, zh: str, prefix: str, opens: str, steps: str, *, more: str = "") -> str:
    """A kind whose cases have sub-cases of another, with these steps from `draft` to `done`."""
    sent = "\n  sent:  {waits_for: office, zh: 已发, en: sent}" if "sent]" in steps or "to: sent" in steps else ""
    at_work = "[draft, sent]" if sent else "[draft]"
    zh_opened = "批复" if opens == "reply" else "请示"
    children = f"children:\n  {opens}: {{kind: {opens}, zh: {zh_opened}, en: {opens}}}\n" if "opens:" in steps else ""
    return f"""{HEAD.format(id=kind, prefix=prefix, zh=zh)}
fields:
  title: {{type: text, min: 2, max: 500, zh: 标题, en: title}}
  last:  {{type: bool, zh: 末件, en: the last one}}
{more}states:
  draft: {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title, last]}}}}{sent}
  done:  {{final: true, zh: 办结, en: done}}
transitions:
{steps}
  end:   {{from: {at_work}, to: done, roles: [drafter, office], zh: 办结, en: end}}
{CLOCK.replace("[draft]", at_work)}
{children}"""


def opening(child: str, said: str = "title: {copy: title}") -> str:
    return f"opens: {{child: {child}, set: {{{said}}}}}"


def ask(
    send: str = f"to: sent, {BY_ITSELF}", said: str = "title: {copy: title}", *, steps: str = "", more: str = ""
) -> str:
    """A paper that opens a reply with its step `send`."""
    return paper(
        "ask", "请示", "ASK", "reply",
        f"  send:  {{from: [draft], {send}, {opening('reply', said)}, zh: 发出, en: send}}{steps}", more=more,
    )  # fmt: skip


def reply(back: str, said: str = "title: {copy: title}", *, more: str = "") -> str:
    """A reply that opens a paper with its step `back`."""
    steps = f"  back:  {{from: [draft], to: done, {back}, {opening('ask', said)}, zh: 再请示, en: ask back}}"
    return paper("reply", "批复", "REP", "ask", steps, more=more)


def test_two_kinds_that_open_one_another_by_themselves_are_found_in_both() -> None:
    found = findings(ask(), reply(BY_ITSELF))

    assert [(each.code, each.definition, each.path) for each in found] == [
        ("opens-for-ever", "ask", ("ask.send", "reply.back", "ask.send")),
        ("opens-for-ever", "reply", ("reply.back", "ask.send", "reply.back")),
    ]
    assert [each.zh for each in found[0].way] == ["请示自动办理“发出”，发起批复", "批复自动办理“再请示”，发起请示"]
    assert [each.en for each in found[1].way] == [
        "reply: “ask back” is taken by itself and opens “ask”",
        "ask: “send” is taken by itself and opens “reply”",
    ]
    assert ["send:" in found[0].source, "back:" in found[1].source] == [True, True]


@pytest.mark.parametrize(
    ("send", "back"),
    [
        ("to: sent, roles: [drafter]", BY_ITSELF),
        (f"to: sent, {BY_ITSELF}", "roles: [drafter]"),
    ],
)
def test_where_somebody_takes_one_of_the_steps_there_is_an_end(send: str, back: str) -> None:
    assert findings(ask(send), reply(back)) == []


def test_a_step_taken_at_once_is_taken_by_itself() -> None:
    assert codes(findings(ask(f"to: sent, at_once: true, {BY_ITSELF}"), reply(BY_ITSELF))) == ["opens-for-ever"] * 2


def test_a_kind_that_opens_the_next_of_its_own_is_found() -> None:
    (found,) = findings(ask().replace("kind: reply", "kind: ask"))

    assert (found.code, found.path) == ("opens-for-ever", ("ask.send", "ask.send"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("title: {copy: title}, last: true", []),
        ("title: {copy: title}, last: false", ["opens-for-ever"] * 2),
        ("title: {copy: title}, last: {copy: last}", ["opens-for-ever"] * 2),  # it may be left open for ever
        ("title: {copy: title}", ["opens-for-ever"] * 2),
    ],
)
def test_what_the_opener_writes_can_bring_it_to_an_end(given: str, expected: list[str]) -> None:
    sent = f"to: sent, {BY_ITSELF}, if: {{not: {{last: true}}}}"

    assert codes(findings(ask(sent), reply(BY_ITSELF, given))) == expected


def test_a_case_that_is_opened_for_some_data_only_is_opened_for_these() -> None:
    only = "opens: {child: reply, if: {last: true}, set: {title: {copy: title}}}"

    def found(given: str) -> list[str]:
        return codes(findings(ask().replace(opening("reply"), only), reply(BY_ITSELF, given)))

    assert found("title: {copy: title}, last: true") == ["opens-for-ever"] * 2
    assert found("title: {copy: title}, last: false") == []


def test_what_only_people_write_is_not_there_by_itself() -> None:
    asked = "guards:\n  said: {if: {last: set}, zh: 未填写是否末件, en: say whether it is the last}\n"

    assert findings(ask(f"to: sent, {BY_ITSELF}, guards: [said]", more=asked), reply(BY_ITSELF)) == []


def test_several_steps_may_lie_between_two_openings() -> None:
    steps = "\n".join(
        (
            f"  file:  {{from: [draft], to: sent, {BY_ITSELF}, zh: 登记, en: file}}",
            f"  send:  {{from: [sent], to: done, {BY_ITSELF}, {opening('reply')}, zh: 发出, en: send}}",
        )
    )

    found = findings(paper("ask", "请示", "ASK", "reply", steps), reply(BY_ITSELF))

    assert [each.path for each in found] == [
        ("ask.send", "reply.back", "ask.file", "ask.send"),
        ("reply.back", "ask.file", "ask.send", "reply.back"),
    ]
    assert found[0].way[2].zh == "请示自动办理“登记”"


# Where the case that was opened moves the one that opened it.


def moving(step: str, by: str = BY_ITSELF) -> str:
    """A reply that ends by itself and moves its paper."""
    said = f"  back:  {{from: [draft], to: done, {by}, moves: [{{case: parent, step: {step}}}], zh: 答复, en: answer}}"
    return paper("reply", "批复", "REP", "ask", said)


AGAIN = f"\n  again: {{from: [sent], to: sent, roles: [system], {opening('reply')}, zh: 再发, en: send again}}"


def test_a_case_that_has_the_next_opened_as_it_ends_is_found_in_both() -> None:
    found = findings(ask("to: sent, roles: [drafter]", steps=AGAIN), moving("again"))

    assert [(each.code, each.path) for each in found] == [
        ("opens-for-ever", ("ask.again", "reply.back", "ask.again")),
        ("opens-for-ever", ("reply.back", "ask.again", "reply.back")),
    ]
    assert [each.zh for each in found[0].way] == [
        "批复“答复”带动请示“再发”",
        "请示“再发”发起批复",
        "批复自动办理“答复”",
    ]
    assert "moves" in found[1].source


def test_it_is_none_where_somebody_answers_or_the_other_has_left() -> None:
    assert findings(ask("to: sent, roles: [drafter]", steps=AGAIN), moving("again", "roles: [drafter]")) == []
    gone = AGAIN.replace("to: sent", "to: done")
    assert findings(ask("to: sent, roles: [drafter]", steps=gone), moving("again")) == []


def test_one_that_is_sent_back_to_where_it_opens_by_itself_is_found() -> None:
    back = "\n  redo:  {from: [sent], to: draft, roles: [system], zh: 退回, en: send back}"

    found = findings(ask(steps=back), moving("redo"))

    assert codes(found) == ["opens-for-ever"] * 2
    assert found[0].path == ("ask.send", "reply.back", "ask.redo", "ask.send")


def test_a_year_between_two_cases_is_an_end_of_its_own() -> None:
    awaited = "guards:\n  over: {check: last_day_reached, params: {deadlines: [work]}, zh: 期限未满, en: the time is not over}\n"

    assert findings(ask(f"to: sent, {BY_ITSELF}, guards: [over]", more=awaited), reply(BY_ITSELF)) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_command_line_tells_it_at_its_line(lang: str, tmp_path: Path) -> None:
    one, other = tmp_path / "ask.yaml", tmp_path / "reply.yaml"
    one.write_text(ask(), "utf-8")
    other.write_text(reply(BY_ITSELF), "utf-8")

    done = call_with(["definitions", "check", str(one), str(other), "--lang", lang])

    assert done.code == 7
    line = one.read_text("utf-8").split("  send:")[0].count("\n") + 1
    assert f"{one}:{line}:" in done.said
    assert done.said.count("[opens-for-ever]") == 2
    assert ("发起批复" if lang == "zh" else "opens “reply”") in done.said
