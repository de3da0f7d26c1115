"""What a page shows is in the words of its reader: lengths, channels, forms to type, and the basis of a clock."""

from __future__ import annotations

from tests.cli.calling import Type, call_with


def test_a_length_that_a_field_holds_is_said_to_be_that_field(types: Type) -> None:
    zh, en = (types("definitions", "show", "request", lang=lang).out for lang in ("zh", "en"))
    data = types("definitions", "show", "request", "--json").json["definition"]["deadlines"]

    assert "按“补正期限（工作日）”" in zh
    assert " 0个工作日" not in zh
    assert "as working days to correct says" in " ".join(en.split())
    assert " 0 working days" not in en
    assert {each["id"]: each["limit_field"] for each in data}["correction_reply"] == "correction_days"


def test_channels_are_called_by_their_labels(types: Type) -> None:
    hours = types("calendar", "hours", "2026-07-01").out
    english = types("calendar", "hours", "2026-07-01", lang="en").out
    unverified = types("law", "unverified").out

    assert "当面提交" in hours
    assert "counter" not in hours
    assert "at the counter" in english
    assert "业务时间（传真）" in unverified
    assert "凭记忆" in unverified
    assert "from memory" not in unverified


def test_forms_to_type_are_in_the_language_of_the_page() -> None:
    zh, en = (call_with(["--lang", lang, "plan", "--help"]).out for lang in ("zh", "en"))
    missing = call_with(["--lang", "zh", "plan"]).err

    assert "gongkai plan 事项 --to 环节 [选项]" in zh
    assert "gongkai plan CASE --to STATE [OPTIONS]" in en
    assert "缺少 事项" in missing


def test_a_basis_that_is_the_bureaus_own_is_told_in_english_too(types: Type, at_the_office: str) -> None:
    english = types("show", at_the_office, by="sunli", lang="en").out

    assert "承办时限" not in english
    assert "the bureau's own limit" in english
