"""What a page shows is in the words of its reader: lengths, channels, forms to type, and the basis of a clock."""

from __future__ import annotations

from tests.cli.calling import Type


def test_a_length_that_a_field_holds_is_said_to_be_that_field(types: Type) -> None:
    zh, en = (types("definitions", "show", "request", lang=lang).out for lang in ("zh", "en"))
    data = types("definitions", "show", "request", "--json").json["definition"]["deadlines"]

    assert "按“补正期限（工作日）”" in zh
    assert " 0个工作日" not in zh
    assert "as working days to correct says" in " ".join(en.split())
    assert " 0 working days" not in en
    assert {each["id"]: each["limit_field"] for each in data}["correction_reply"] == "correction_days"
