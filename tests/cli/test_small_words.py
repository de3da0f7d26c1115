"""Small words on which somebody new stumbles: what a choice takes, which letters there are, who can help, and rows alike."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.cli.calling import Type, call_with
from tests.cli.test_what_newcomers_ask import REQUEST, SHIPPED


def test_an_unknown_key_of_a_choice_is_met_with_those_that_it_has(tmp_path: Path) -> None:
    text = (SHIPPED / "document.yaml").read_text("utf-8")
    broken = tmp_path / "document.yaml"
    broken.write_text(text.replace("own: {zh: 本局制发,", "own: {label: 本局, zh: 本局制发,", 1), "utf-8")

    told = call_with(["--lang", "zh", "definitions", "check", str(broken)])

    assert told.code == 7
    assert "label" in told.said
    assert "可用：zh, en, facts" in told.said
    assert "还没有可用的名称" not in told.said


def test_where_no_letter_fits_the_way_to_them_is_said(types: Type) -> None:
    unregistered = types("start", "request", "--title", "申请公开决算").out.strip()

    told = types("letter", unregistered)

    assert "目前没有可以出具的文书" in told.out
    assert "gongkai letter list request" in told.out
    assert f"gongkai letter {unregistered} 名称" in told.out


def test_a_letter_that_lacks_something_names_who_can_help(types: Type) -> None:
    number = types(*REQUEST, "--set", "id_number=11010519491231002X").out.strip()
    assert types("do", number, "take_up").code == 0
    assert types("edit", number, "--set", "outcome=partial").code == 0

    refused = types("letter", number, "reply")

    assert refused.code == 3
    assert "局办公室（周静、孙丽）" in refused.err
    assert "无人任此职" not in refused.err


def test_a_field_that_is_called_as_the_kind_is_told_from_it(types: Type) -> None:
    number = types("start", "budget", "--title", "2026年部门预算", "--set", "kind=department_budget", by="wangmin")

    heads = [
        line.split()[0] for line in types("show", number.out.strip(), by="wangmin").out.splitlines() if line.strip()
    ]

    assert heads.count("种类") == 1
    assert "事项种类" in heads


def test_the_figures_of_the_month_say_that_they_are_of_documents_only() -> None:
    """The line of each day counts the reminders of every kind, and came to more."""
    from storage.versions import accepted_shipped
    from terminal.figures import Figures, in_words

    heads = [head.zh for head, _ in in_words(Figures(), accepted_shipped()["document"])]

    assert {"提醒（只计公文）", "逾期上报（只计公文）"} <= set(heads)


def test_the_commands_for_people_in_the_docs_work_in_the_sample_bureau(types: Type) -> None:
    page = (SHIPPED.parent / "docs" / "people.md").read_text("utf-8").split("```sh\n")[1].split("```")[0]

    for line in page.splitlines():
        words = shlex.split(line.partition("  #")[0].partition(" # ")[0])[1:]
        answer = types(*words, by=None if "--as" in words else "admin", now="2026-11-30T09:00")
        assert answer.code in (0, 7), (line, answer.said)
