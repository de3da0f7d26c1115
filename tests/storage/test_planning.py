"""A plan that is followed to the letter leads where it says; where nothing leads, it says why."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from storage.planning import Planned
from tests.factories import REASON, Office
from workflow.case import Scalar
from workflow.errors import Invalid, NotFound
from workflow.model import FieldType
from workflow.prover.plan import Written
from workflow.prover.whose import Choice

#: Who takes what a role takes.
HANDS = {
    "拟稿人": "wangmin",
    "科室负责人": "lihua",
    "局办公室": "zhaoyun",
    "保密审查员": "sunli",
    "局领导": "zhouju",
}
KEPT: dict[str, Scalar] = {
    "attribute": "withheld",
    "reason_kind": "E16-2b",
    "reason_text": REASON,
    "balance_text": REASON,
}

BEGUN: dict[str, Callable[[Office], str]] = {
    "an untagged draft": lambda office: office.draft(),
    "an untagged paper at the Office": lambda office: office.at_the_office(),
    "a paper that waits for its number": lambda office: office.signed(is_policy=False),
    "a paper to be withheld": lambda office: office.draft("wangmin", is_policy=False, **KEPT),
}


@pytest.fixture
def url(file_url: str) -> str:
    """In a file: what is tried here is judged above the store."""
    return file_url


def follow(office: Office, case: str, planned: Planned) -> None:
    """The stage taken by the first of those who are named, with what it says is to be written."""
    person = HANDS[planned.who[0].label.zh]
    data = {each.name: value(planned, each) for each in planned.stage.writes}
    if planned.stage.name == "edit":
        office.desk.edit(office.actor(person), case, data=data)
    else:
        office.does(person, planned.stage.name, case, "按计划办理" if planned.stage.comment else None, **data)


def value(planned: Planned, said: Written) -> Scalar:
    field = planned.definition.fields[said.name]
    if not said.any_value:
        return said.value
    return next(iter(field.choices)) if field.type == FieldType.ENUM else "按照计划填写的内容，足够长"


@pytest.mark.parametrize("to", ["published", "withheld", "on_file", "voided", "returned", "withdrawn"])
@pytest.mark.parametrize("begun", BEGUN)
def test_a_plan_that_is_followed_leads_there(office: Office, begun: str, to: str) -> None:
    case = BEGUN[begun](office)
    plan = office.desk.plan(office.actor("zhengshen"), case, to)
    if (begun, to) == ("a paper that waits for its number", "returned"):  # what is signed is not returned any more
        assert plan.no_way
        return

    for each in plan.stages:
        assert office.case(case).state == each.stage.source
        follow(office, case, each)

    assert plan.no_way is None
    assert office.case(case).state == to


def test_a_plan_names_who_can_take_each_stage_and_by_when(office: Office) -> None:
    case = office.signed()

    number, publish = office.desk.plan(office.actor("zhengshen"), case, "published").stages

    assert [(each.label.zh, each.names) for each in number.who] == [("局办公室", ("赵云", "钱伟"))]
    assert [(rule.name, str(due)) for rule, due in number.clocks] == [
        ("numbering", "2026-03-04"),
        ("publication", "2026-03-30"),
    ]
    assert publish.stage.name == "publish"


def test_a_value_for_which_others_would_do_is_said_to_be_an_example(office: Office) -> None:
    edit, *_ = office.desk.plan(office.actor("zhengshen"), office.draft(is_policy=None), "withheld").stages

    assert {each.name: each.example for each, _, _ in edit.writes if not each.any_value} == {
        "attribute": False,
        "is_policy": False,
        "reason_kind": True,
    }


def test_what_the_data_do_not_show_is_said_beside_the_stage(office: Office) -> None:
    stages = office.desk.plan(
        office.actor("zhengshen"), office.at_the_office(attribute="proactive"), "published"
    ).stages

    assert {guard.name for each in stages for guard in each.stage.besides} == {"not_own", "not_checker", "not_reviewer"}


def test_who_has_no_interpretation_to_wait_for_is_not_told_to_wait(office: Office) -> None:
    plain = office.at_the_office(attribute="proactive", is_policy=False)
    policy = office.draft("wangmin", attribute="proactive", is_policy=True)
    office.does("wangmin", "interpret", policy)

    there = office.desk.plan(office.actor("zhengshen"), plain, "published")
    explained = office.desk.plan(office.actor("zhengshen"), policy, "published")

    assert not there.hangs_on_others
    assert there.stages[-1].stage.name == "publish"
    assert explained.hangs_on_others
    assert "plan_examined" in {guard.name for each in explained.stages for guard in each.stage.besides}


def test_where_no_step_leads_the_plan_says_so(office: Office) -> None:
    case = office.draft()
    office.does("wangmin", "discard", case, "不再需要")

    assert office.desk.plan(office.actor("zhengshen"), case, "published").no_way is not None
    assert office.desk.plan(office.actor("zhengshen"), case, "voided").stages == ()
    text = office.desk.plan(office.actor("zhengshen"), office.signed(), "left_to_lead").no_way
    assert text is not None
    assert "由主办机关公开" in text.zh
    assert "leave it to the lead" in text.en


def test_a_state_that_is_not_declared_is_answered_with_those_that_are(office: Office) -> None:
    with pytest.raises(Invalid) as refused:
        office.desk.plan(office.actor("zhengshen"), office.draft(), "out")

    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == ("unknown-state", "to")
    assert "published（已公开）" in problem.text.zh


def test_the_case_of_another_section_has_no_plan(office: Office) -> None:
    with pytest.raises(NotFound):
        office.desk.plan(office.actor("chenjing"), office.draft(), "published")


def test_a_plan_names_nobody_who_had_a_part_in_what_another_person_is_to_do(office: Office) -> None:
    case = office.at_the_office(attribute="proactive")
    admin = office.actor("admin")
    office.desk.appoint(admin, "wangmin", "office")
    asks = office.actor("zhengshen")

    (accept,) = [each for each in office.desk.plan(asks, case, "published").stages if each.stage.name == "accept"]
    assert accept.who[0].names == ("赵云", "钱伟")
    for each in ("zhaoyun", "qianwei"):
        office.desk.leave(admin, each)
    (accept,) = [each for each in office.desk.plan(asks, case, "published").stages if each.stage.name == "accept"]
    assert (accept.who[0].names, accept.who[0].is_held) == ((), True)


def explained(office: Office, *, examined: bool) -> tuple[str, str]:
    """A policy before the Office and its interpretation, which is drafted, or examined already."""
    policy = office.draft("wangmin", attribute="proactive", is_policy=True)
    office.does("wangmin", "interpret", policy)
    office.does("wangmin", "submit", policy)
    (told,) = office.case(policy).children
    if examined:
        office.does(
            "wangmin",
            "write",
            told.id,
            form="text",
            plan="随文件在门户网站发布图解",
            body="文件的背景、依据和主要内容说明",
        )
        office.does("wangmin", "submit", told.id)
        office.does("sunli", "clear", told.id)
        office.does("lihua", "examine", told.id)
    return policy, told.id


def test_an_interpretation_that_is_ready_waits_for_its_document_and_is_not_sent_back(office: Office) -> None:
    policy, told = explained(office, examined=True)

    stages = office.desk.plan(office.actor("zhengshen"), told, "published").stages

    assert [each.stage.name for each in stages] == ["sign_with", "publish"]
    assert {each.stage.choice for each in stages} == {Choice.AWAITS}
    assert {each.follows for each in stages} == {(office.case(policy).number,)}


def test_a_policy_waits_for_its_interpretation_rather_than_be_returned(office: Office) -> None:
    policy, told = explained(office, examined=False)

    stages = office.desk.plan(office.actor("zhengshen"), policy, "published").stages

    names = [each.stage.name for each in stages]
    assert not {"return_unplanned", "return", "publish_ahead"} & {*names}
    accept = next(each for each in stages if each.stage.name == "accept")
    assert accept.stage.choice is Choice.AWAITS
    assert [each.number for each, _ in accept.awaited] == [office.case(told).number]
