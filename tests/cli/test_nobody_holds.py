"""Where nobody holds the post that a step needs, the refusal says who mends that, and where it is told how."""

from __future__ import annotations

from tests.cli.calling import Type


def test_a_refusal_for_want_of_a_holder_says_the_way(types: Type, at_the_office: str) -> None:
    for person in ("zhoujing", "sunli"):
        types("people", "end", person, "office", by="admin", now="2026-03-02T10:00")

    refused = types("do", at_the_office, "accept", by="wangmin", now="2026-03-04T09:00")

    edited = types("edit", at_the_office, "--set", "office_opinion=同意主动公开", by="wangmin", now="2026-03-04T09:00")

    assert refused.code in (3, 4)
    assert "局办公室（此职现无可办此事的人；由系统管理员另行任命，见 gongkai doctor）" in refused.err
    assert "局办公室（无人任此职；由系统管理员任命，见 gongkai doctor）" in edited.err
