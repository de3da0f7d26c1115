"""What others see of personal data: enough of one name or number to know it again, and nothing of anything longer."""

from __future__ import annotations

import pytest

from workflow.words import masked


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("王敏", "王*"),
        ("欧阳修远", "欧***"),
        ("某建设有限公司", "某******"),
        ("阿不都热依木·吐尔逊", "阿*********"),
        ("示范区某某商业发展有限责任公司", "示******"),
        ("张三与李四因土地纠纷同住一处", "张******"),
        ("赵甲乙电话号码一三九零零", "赵******"),
        ("Aishan-Tursun", "Ai*********un"),
        ("13912345678", "13********8"),
        ("0371-65900000", "03*********00"),
        ("11010519491231002X", "110************02X"),
        ("6222021234567890123", "622*************123"),
        ("wangmin@example.com", "wan*************com"),
    ],
)
def test_of_one_name_or_number_at_most_three_signs_are_left_at_either_end(said: str, shown: str) -> None:
    assert masked(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "王",
        "X",
        "张三abc李四",
        "王小敏，其夫李国强手机13912345678",
        "张三 13912345678",
        "张三13912345678",
        "张三(李四)",
        "张三/李四",
        "张三\n李四",
        "张三 李四",
        "王小敏、李国强、张卫东、冯道明、陈独秀",
        "示范区人民路88号锦绣花园3幢2单元501室（王小敏收）",
        "人民路88号",
        "１３９１２３４５６７８",
        "13912345678,13812345678",
        "13912345678138123456781371234567",
        "王" * 21,
        "张三" * 1000,
    ],
)
def test_of_what_is_more_nothing_is_left_not_even_how_long_it_is(said: str) -> None:
    assert masked(said) == "******"
