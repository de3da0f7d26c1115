"""Circulating as it is typed: names stand for people, and who has not read is shown."""

from __future__ import annotations

import pytest

from tests.cli.calling import Type


@pytest.mark.parametrize(
    ("lang", "to_read", "not_yet", "read_on"),
    [
        ("zh", "待阅 1 件", "何平（未阅）", "何平（2026-03-02 09:00 已阅）"),
        ("en", "1 to read", "何平 (not yet)", "何平 (read on"),
    ],
)
def test_who_is_named_has_it_to_read_and_who_has_not_is_shown(
    types: Type, lang: str, to_read: str, not_yet: str, read_on: str
) -> None:
    types("people", "add", "heping", "何平", by="admin")
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()

    sent = types("do", number, "circulate", "--set", "to=何平", "--comment", "请阅研", by="wangmin", lang=lang)
    todo = types("todo", by="heping", lang=lang)
    unread = types("show", number, by="wangmin", lang=lang)
    seen = types("show", number, by="heping", lang=lang)
    done = types("do", number, "read", by="heping", lang=lang)
    read = types("show", number, by="wangmin", lang=lang)
    history = types("history", number, by="wangmin", lang=lang)

    assert (sent.code, seen.code, done.code) == (0, 0, 0)
    assert to_read in todo.out
    assert number in todo.out
    assert not_yet in unread.out
    assert read_on in read.out
    assert "何平" in history.out


def test_programs_are_told_the_same(types: Type) -> None:
    types("people", "add", "heping", "何平", by="admin")
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    types("do", number, "circulate", "--set", "to=heping", "--comment", "请阅研", by="wangmin")

    (mine,) = types("todo", "--json", by="heping").json["to_read"]
    (reader,) = types("show", number, "--json", by="wangmin").json["circulated"]

    assert (mine["case"], mine["by"], mine["purpose"]) == (number, "王敏", "请阅研")
    assert (reader["person"], reader["name"], reader["read_at"]) == ("heping", "何平", None)


def test_a_name_that_nobody_bears_is_refused_with_it(types: Type) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()

    refused = types("do", number, "circulate", "--set", "to=无此人", "--comment", "请阅研", by="wangmin")

    assert refused.code == 3
    assert "无此人" in refused.err
