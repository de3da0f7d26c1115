"""Explaining why a case was late, as it is typed and read."""

from __future__ import annotations

import pytest

from tests.cli.calling import Type


@pytest.mark.parametrize(
    ("lang", "said"),
    [("zh", "法定时限均未逾期，无须说明逾期原因"), ("en", "no statutory clock is late: there is nothing to explain")],
)
def test_what_is_in_time_needs_no_explanation_and_that_is_said(types: Type, lang: str, said: str) -> None:
    number = types("start", "document", "--title", "关于印发预算管理办法的通知", by="wangmin").out.strip()
    words = ("--set", "cause=人员不足", "--set", "section=外部")

    refused = types("do", number, "explain_lateness", *words, by="wangmin", lang=lang)

    assert refused.code == 3
    assert said in refused.err
