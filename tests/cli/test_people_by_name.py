"""People are called by their names, with the id by which they are typed in brackets."""

from __future__ import annotations

from tests.cli.calling import Type


def test_people_are_called_by_name_wherever_their_posts_are_told(types: Type) -> None:
    delegated = types("people", "delegate", "linfang", "孙丽", "--until", "2026-03-06", by="admin")
    again = types("people", "delegate", "林芳", "sunli", "--until", "2026-03-06", by="admin", lang="en")
    appointed = types("people", "appoint", "wangmin", "office", by="admin")
    held = types("people", "appoint", "王敏", "office", by="admin", lang="en")
    listed = types("people", "list", by="admin").out
    planned = types("people", "reorganise", "采购办", "预算科", "--dry-run", by="admin")

    assert "林芳（linfang）的职务由孙丽（sunli）代办：局领导［代林芳（linfang）］" in delegated.out
    assert "孙丽 (sunli) acts for 林芳 (linfang)" in again.out
    assert "王敏（wangmin）自 2026-03-02 起任局办公室" in appointed.out
    assert "王敏 (wangmin) has been" in held.out
    assert "孙丽（sunli）" in listed
    assert "［代林芳（linfang）］" in listed
    assert "高峰（gaofeng）任科室负责人（预算科）" in planned.out


def test_whose_posts_move_are_called_by_name(types: Type) -> None:
    types("people", "delegate", "wangmin", "lixiang", "--until", "2026-12-31", by="admin")

    moved = types("people", "move", "lixiang", "国库科", "--on", "2026-03-03", by="admin")

    assert "李想（lixiang）自 2026-03-03 起在国库科" in moved.out
    assert "［代王敏（wangmin）］" in moved.out
