"""Deputies' proposals through the desk with a set clock: LAW 12 M3 with its neighbours, and what the report asks of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from exchange import import_file
from tests.definitions.proposals import (
    AGREED,
    ANSWERED,
    PUBLIC,
    REPLY,
    TEXT,
    TITLE,
    Deputies,
    bureau_before_2026,
    bureau_from,
)
from workflow.errors import Refused

HOUSE = Path(__file__).resolve().parent.parent.parent
REAL = HOUSE.parent / "shared" / "data" / "proposals" / "jiangsu_cppcc_2019.csv"


#: What is of one reply and must be said, examined, signed and done again for the next.
OF_ONE_REPLY = {
    *("reply_text", "mark", "studied_on", "secrecy_ok", "signed_on", "signed_by", "public_reply", "contact_removed"),
    *("cosigners_answered", "form_enclosed", "copied_assigner", "copied_government"),
    *("unpublished_reason", "published_on", "merged_into", "taken_down_on"),
}


@pytest.fixture(scope="module")
def bureau_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return bureau_before_2026(tmp_path_factory.mktemp("deputies") / "bureau.db")


@pytest.fixture
def office(bureau_file: Path, tmp_path: Path) -> Iterator[Deputies]:
    with bureau_from(bureau_file, tmp_path / "bureau.db") as deputies:
        yield deputies
        assert not deputies.desk.verify().problems


def lacks(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    """By what a step was refused."""
    return [each.name for each in refusal.value.reasons]


# LAW 12 M3, 1


def test_a_joint_proposal_is_answered_and_published_within_every_limit(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="lead")
    office.does(
        "zhaoyun", "ask_co_handler", case, co_handler="区民政局", co_asked_on="2026-03-02", co_question="床位数"
    )
    (asked,) = office.children(case)
    assert (asked.kind, asked.section, dict(asked.data)) == (
        "opinion",
        "预算科",
        {
            "title": TITLE,
            "purpose": "co_handler",
            "party": "区民政局",
            "question": "床位数",
            "asked_on": "2026-03-02",
        },
    )
    assert (office.due(asked.id, "co_handler"), office.due(case, "reply")) == ("2026-05-06", "2026-06-02")

    office.clock.set("2026-04-30T10:00")
    office.does(
        "zhaoyun", "answer", asked.id, answered_on="2026-04-30", answer="provided", opinion_text="现有床位800张"
    )
    office.replies(case, "2026-05-28", co_opinions="区民政局提供：现有床位800张")
    office.clock.set("2026-06-03T10:00")
    office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on="2026-06-02")
    assert office.due(case, "publication") == "2026-06-26"

    office.prepares(case)
    office.clock.set("2026-06-26T17:00")
    office.does("zhaoyun", "publish", case)

    ended = office.case(case)
    assert (ended.state, ended.data["published_on"]) == ("published", "2026-06-26")
    assert ended.data["public_text"]
    assert ended.data["public_reply"]
    assert ended.data["reply_number"] == "下财〔2026〕1号"
    assert {"reply": "met", "publication": "met"}.items() <= office.ended(case).items()


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-03-01", "2026-05-06"),  # two months end within the May holidays
        ("2026-03-02", "2026-05-06"),
        ("2026-03-05", "2026-05-06"),
        ("2026-03-06", "2026-05-06"),
        ("2026-03-07", "2026-05-07"),
        ("2026-03-09", "2026-05-09"),  # a Saturday that is worked
        ("2025-12-31", "2026-02-28"),  # a month end, and a Saturday that is worked
    ],
)
def test_a_co_handler_has_two_months_from_the_day_of_its_receipt(office: Deputies, received: str, due: str) -> None:
    case = office.assigned(received, handling="lead")
    office.clock.set(f"{received}T10:00")
    office.does("zhaoyun", "accept", case)
    office.does("zhaoyun", "ask_co_handler", case, co_handler="区民政局", co_asked_on=received, co_question="床位数")

    (asked,) = office.children(case)
    assert office.due(asked.id, "co_handler") == due


@pytest.mark.parametrize(
    ("replied_on", "due"),
    [
        ("2026-05-27", "2026-06-25"),
        ("2026-05-28", "2026-06-26"),  # 06-19 off
        ("2026-05-29", "2026-06-29"),
        ("2026-06-18", "2026-07-17"),
        ("2026-05-08", "2026-06-04"),  # 05-09 is a Saturday that is worked
        ("2026-05-09", "2026-06-05"),
    ],
)
def test_what_qualifies_is_public_within_twenty_working_days_of_the_reply(
    office: Deputies, replied_on: str, due: str
) -> None:
    case = office.agreed(replied_on)

    assert office.due(case, "publication") == due


@pytest.mark.parametrize(
    ("replied_on", "due", "provisional"),
    [("2025-12-10", "2026-01-08", False), ("2026-12-10", "2027-01-08", True)],
)
def test_the_days_to_publish_run_over_the_year_end(
    office: Deputies, replied_on: str, due: str, provisional: bool
) -> None:
    case = office.agreed(replied_on, assigned_on=replied_on[:8] + "01")

    (clock,) = [each for each in office.case(case).deadlines if each.rule == "publication"]
    assert (clock.rolled_on.isoformat(), clock.provisional) == (due, provisional)


def test_publication_a_day_late_is_late_and_says_so(office: Deputies) -> None:
    case = office.agreed("2026-05-28")
    office.prepares(case)

    office.clock.set("2026-06-27T09:00")
    office.desk.sweep()
    assert not any("逾期上报" in each for each in office.told("zhouju")), "a Saturday"
    office.clock.set("2026-06-29T09:00")
    office.desk.sweep()
    office.does("zhaoyun", "publish", case)

    assert office.ended(case)["publication"] == "late"
    assert any("逾期上报" in each and "公开期限" in each for each in office.told("zhouju"))


# LAW 12 M3, 3


def test_who_is_not_satisfied_is_answered_again_within_a_month_and_nothing_is_public(office: Deputies) -> None:
    case = office.replied("2026-06-18", assigned_on="2026-04-01")
    office.clock.set("2026-06-24T10:00")
    office.does(
        "zhaoyun", "record_dissatisfaction", case, feedback_on="2026-06-24", satisfied="dissatisfied", consent="granted"
    )

    again = office.case(case)
    assert (again.state, again.data["round"], again.data["former_reply"]) == ("drafting", "again", REPLY)
    assert (office.due(case, "second_reply"), office.due(case, "reply")) == ("2026-07-24", None)
    assert OF_ONE_REPLY.isdisjoint(again.data)
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "publish", case)
    assert "state" in lacks(refusal)

    office.replies(case, "2026-07-24", reply_text="补充答复：补助标准自2027年起提高至每人每月500元。")
    with pytest.raises(Refused):
        office.does("zhaoyun", "publish", case)
    office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on="2026-07-24")
    assert office.state(case) == "publication"
    assert office.ended(case)["second_reply"] == "met"
    assert office.due(case, "publication") == "2026-08-21", "counted from the second reply"


@pytest.mark.parametrize(
    ("feedback_on", "due"),
    [
        ("2026-06-23", "2026-07-23"),
        ("2026-06-24", "2026-07-24"),
        ("2026-06-25", "2026-07-27"),  # 07-25 is a Saturday
        ("2026-08-31", "2026-09-30"),
        ("2026-01-31", "2026-02-28"),  # a Saturday that is worked
        ("2026-01-30", "2026-02-28"),
        ("2025-12-01", "2026-01-04"),  # 01-01 off, 01-04 a Sunday that is worked
        ("2026-12-31", "2027-02-01"),  # 01-31 is a Sunday
    ],
)
def test_the_month_of_a_second_reply_ends_on_its_day_or_with_the_month(
    office: Deputies, feedback_on: str, due: str
) -> None:
    case = office.replied(feedback_on, assigned_on=feedback_on[:8] + "01")

    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on=feedback_on, satisfied="dissatisfied")

    assert office.due(case, "second_reply") == due


def test_who_is_not_satisfied_twice_is_answered_a_third_time(office: Deputies) -> None:
    case = office.replied("2026-06-18", assigned_on="2026-04-01")
    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on="2026-06-18", satisfied="dissatisfied")
    office.replies(case, "2026-07-01", reply_text="第二次答复的正文。")
    office.clock.set("2026-07-10T10:00")

    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on="2026-07-09", satisfied="dissatisfied")

    again = office.case(case)
    assert (again.data["times_again"], again.data["former_reply"]) == (2, "第二次答复的正文。")
    assert office.due(case, "second_reply") == "2026-08-10", "08-09 is a Sunday"


def test_a_second_reply_that_is_late_reaches_the_supervisor(office: Deputies) -> None:
    case = office.replied("2026-06-18", assigned_on="2026-04-01")
    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on="2026-06-18", satisfied="dissatisfied")

    office.clock.set("2026-07-24T09:00")
    office.desk.sweep()

    told = [dict(each.data) for each in office.history(case) if each.transition == "escalate"]
    assert [each["step"] for each in told if each["deadline"] == "second_reply"] == ["escalate-1", "escalate-2"]


# LAW 12 M3, 5


@pytest.mark.parametrize(
    ("assigned_on", "due", "extended"),
    [
        ("2025-08-29", "2025-12-01", "2026-02-28"),  # 11-29 is a Saturday
        ("2025-08-30", "2025-12-01", "2026-02-28"),
        ("2025-08-31", "2025-12-01", "2026-02-28"),  # 11-30 is a Sunday; 02-28 is worked
        ("2025-09-01", "2025-12-01", "2026-03-02"),  # 03-01 is a Sunday
        ("2025-10-01", "2026-01-04", "2026-04-01"),  # over the year end
        ("2026-03-02", "2026-06-02", "2026-09-02"),
        ("2026-08-09", "2026-11-09", "2027-02-09"),
    ],
)
def test_three_months_become_six_in_all_with_the_assigning_bodys_consent(
    office: Deputies, assigned_on: str, due: str, extended: str
) -> None:
    case = office.accepted(assigned_on)
    assert office.due(case, "reply") == due

    office.clock.set(f"{due}T17:00")
    office.does("zhaoyun", "extend", case, extension_agreed_on=due, extension_reason="涉及面广，需会商多个部门")

    assert office.due(case, "reply") == extended


def extension(day: str) -> dict[str, str]:
    return {"extension_agreed_on": day, "extension_reason": "涉及面广，需会商多个部门"}


def test_an_extension_a_day_late_is_refused_and_the_proposal_is_overdue(office: Deputies) -> None:
    case = office.accepted("2025-08-31")
    office.clock.set("2025-12-02T00:00")

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "extend", case, **extension("2025-12-01"))

    assert lacks(refusal) == ["extension_in_time"]
    assert office.due(case, "reply") == "2025-12-01"


def test_an_extension_is_granted_once(office: Deputies) -> None:
    case = office.accepted("2026-03-02")
    office.does("zhaoyun", "extend", case, **extension("2026-03-02"))

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "extend", case, **extension("2026-03-02"))

    assert lacks(refusal) == ["extension_once"]
    assert office.due(case, "reply") == "2026-09-02"


@pytest.mark.parametrize(
    ("agreed_on", "why"),
    [("2026-03-01", "agreed_after"), ("2026-03-03", "agreed_already"), (None, "extension_agreed_on")],
)
def test_an_extension_needs_a_consent_that_was_given(office: Deputies, agreed_on: str | None, why: str) -> None:
    case = office.accepted("2026-03-02")

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "extend", case, extension_reason="涉及面广", extension_agreed_on=agreed_on)

    assert lacks(refusal) == [why]


def test_the_month_of_a_second_reply_is_not_extended(office: Deputies) -> None:
    case = office.replied("2026-04-01")
    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on="2026-04-01", satisfied="dissatisfied")

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "extend", case, **extension("2026-04-01"))

    assert lacks(refusal) == ["if", "extension_in_time"]


def test_two_units_answer_separately_and_the_part_whose_proposer_says_no_is_withheld(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="separate", co_signers="王代表、陈代表")
    office.does("zhaoyun", "open_part", case, part_section="预算科", part_title="补助标准部分")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "hand_over", case)
    assert lacks(refusal) == ["split_up"]
    office.does("zhaoyun", "open_part", case, part_section="国库科", part_title="资金拨付部分")
    office.does("zhaoyun", "hand_over", case)
    first, second = office.children(case)
    assert [(each.kind, each.section, each.title) for each in (first, second)] == [
        ("proposal", "预算科", "补助标准部分"),
        ("proposal", "国库科", "资金拨付部分"),
    ]
    assert (first.data["handling"], first.data["assigned_on"], first.data["co_signers"]) == (
        "part",
        "2026-03-02",
        "王代表、陈代表",
    )
    for part in (first.id, second.id):
        office.does("zhaoyun", "accept", part)
        assert office.due(part, "reply") == "2026-06-02"
        office.replies(part, "2026-05-28")

    office.does("zhaoyun", "record_agreement", first.id, **AGREED, feedback_on="2026-05-28")
    office.prepares(first.id)
    office.does("zhaoyun", "publish", first.id)
    assert office.state(case) == "separate"
    with pytest.raises(Refused) as early:
        office.does("zhaoyun", "end_parts", case)
    assert lacks(early) == ["parts_closed"]
    assert second.number in early.value.reasons[0].text.zh
    office.does(
        "zhaoyun", "record_refusal", second.id, feedback_on="2026-05-28", satisfied="satisfied", consent="refused"
    )

    assert (office.state(first.id), office.state(second.id)) == ("published", "unpublished")
    assert office.case(second.id).data["unpublished_reason"] == "refused"
    assert office.state(case) == "separated", "in the commit of the last part"
    assert office.history(case)[-1].automatic


def test_a_part_begins_with_all_that_is_known_of_the_whole(office: Deputies) -> None:
    known = {
        "proposal_number": "第12号",
        "submitted_on": "2026-02-10",
        "year": 2026,
        "topic": "社会保障",
        "subject": "养老服务补助",
        "proposer_kind": "individual",
        "co_signers": "王代表",
        "public_interest": True,
    }
    case = office.accepted("2026-03-02", handling="separate", **known)
    whole = dict(office.case(case).data)

    office.does("zhaoyun", "open_part", case, part_section="国库科", part_title="资金拨付部分")

    (part,) = office.children(case)
    assert dict(part.data) == {**whole, "title": "资金拨付部分", "handling": "part"}


def test_parts_that_had_ended_already_end_the_whole_as_soon_as_it_is_handed_over(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="separate")
    for section in ("预算科", "国库科"):
        office.does("zhaoyun", "open_part", case, part_section=section, part_title=f"{section}部分")
    for part in office.children(case):
        office.does("zhaoyun", "return_to_assigner", part.id, comment="属区民政局职责")
    assert office.state(case) == "drafting"

    office.does("zhaoyun", "hand_over", case)

    assert office.state(case) == "separated"


def test_who_only_hands_on_answers_and_publishes_nothing(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="separate")

    office.edits("wangmin", case, reply_text=REPLY, mark="A")
    with pytest.raises(Refused) as refusal:
        office.does("wangmin", "submit", case)

    assert lacks(refusal) == ["if"]
    assert office.due(case, "reply") is None, "each part has its own"


def test_what_was_split_up_is_not_answered_as_a_whole_as_well(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="separate")
    office.does("zhaoyun", "open_part", case, part_section="预算科", part_title="补助标准部分")
    office.edits("zhaoyun", case, handling="single")

    with pytest.raises(Refused) as refusal:
        office.does("wangmin", "submit", case)

    assert lacks(refusal) == ["if"]


def test_three_alike_stand_in_one_summary(office: Deputies) -> None:
    whole, *others = [office.agreed("2026-05-28", title=f"关于养老补助的第{n}件建议") for n in (1, 2, 3)]
    office.edits("wangmin", whole, **PUBLIC, publish_form="merged")
    office.does("sunli", "clear_publication", whole, secret_part="none")
    office.does("qianwei", "confirm_removal", whole)
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "publish", whole)
    assert lacks(refusal) == ["merger_named"]
    numbers = [office.case(each).number for each in others]
    office.edits("wangmin", whole, merged_with="、".join(numbers))
    office.does("zhaoyun", "publish", whole)

    for each in others:
        office.prepares(each)
        office.does("zhaoyun", "merge", each, merged_into=office.case(whole).number)

    assert [office.state(each) for each in (whole, *others)] == ["published", "merged", "merged"]
    assert {office.case(each).data["publish_form"] for each in (whole, *others)} == {"merged"}


def test_each_of_three_alike_needs_its_own_consent(office: Deputies) -> None:
    silent = office.replied("2026-05-28")

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "merge", silent, merged_into="PRP-2026-00009")

    assert {"state", "consented", "satisfied_now"} <= set(lacks(refusal))


def test_a_secret_passage_is_cut_and_the_rest_is_public(office: Deputies) -> None:
    case = office.agreed("2026-05-28")
    office.edits("wangmin", case, public_text=TEXT, public_reply=REPLY)
    secret = {"secret_part": "part", "reason_kind": "E15-2"}
    with pytest.raises(Refused) as refusal:
        office.does("sunli", "clear_publication", case, **secret)
    assert lacks(refusal) == ["secrets_cut"]

    office.edits("wangmin", case, **PUBLIC)
    office.does("sunli", "clear_publication", case, **secret)
    office.does("qianwei", "confirm_removal", case)
    office.does("zhaoyun", "publish", case)

    assert office.state(case) == "published"


def test_what_is_secret_as_a_whole_is_withheld_with_its_reason_and_nothing_else_is(office: Deputies) -> None:
    case = office.agreed("2026-05-28")
    with pytest.raises(Refused) as open_:
        office.does("zhaoyun", "withhold", case)
    assert lacks(open_) == ["if"], "what qualifies is to be published"
    with pytest.raises(Refused) as unreasoned:
        office.does("sunli", "clear_publication", case, secret_part="whole")
    assert lacks(unreasoned) == ["secret_reasoned"]

    office.does("sunli", "clear_publication", case, secret_part="whole", reason_kind="E14-1")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "publish", case)
    assert "not_wholly_secret" in lacks(refusal)
    office.does("zhaoyun", "withhold", case)

    assert (office.state(case), office.case(case).data["unpublished_reason"]) == ("unpublished", "secret")


# Bad input gets: a proposal on the eleventh day


@pytest.mark.parametrize(
    ("received", "last", "next_day"),
    [
        ("2026-03-02", "2026-03-12", "2026-03-13"),
        ("2026-03-04", "2026-03-16", "2026-03-17"),  # 03-14 is a Saturday
        ("2026-02-04", "2026-02-14", "2026-02-15"),  # a Saturday that is worked
        ("2026-02-05", "2026-02-24", "2026-02-25"),  # over the Spring Festival
        ("2025-12-24", "2026-01-04", "2026-01-05"),  # over the year end; a Sunday that is worked
    ],
)
def test_what_is_not_ours_goes_back_within_ten_days_and_is_ours_on_the_next(
    office: Deputies, received: str, last: str, next_day: str
) -> None:
    back, late = office.assigned(received), office.assigned(received)
    assert office.due(back, "return") == last

    office.clock.set(f"{last}T23:59")
    office.does("zhaoyun", "return_to_assigner", back, comment="属区民政局职责")
    office.clock.set(f"{next_day}T00:00")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "return_to_assigner", late, comment="属区民政局职责")
    office.desk.sweep()

    assert lacks(refusal) == ["return_in_time"]
    assert (office.state(back), office.case(back).data["returned_on"]) == ("returned", last)
    assert (office.state(late), office.case(late).data["kept"]) == ("drafting", True)
    assert office.told("lihua")[0].startswith("PRP-")


def test_what_is_kept_without_a_kind_of_handling_is_ours_alone_and_any_other_stays(office: Deputies) -> None:
    unknown, joint = office.assigned(handling=None), office.assigned(handling="lead")
    office.clock.set("2026-03-13T09:00")

    office.desk.sweep()

    assert [office.case(each).data["handling"] for each in (unknown, joint)] == ["single", "lead"]


def test_a_return_says_why(office: Deputies) -> None:
    case = office.assigned()

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "return_to_assigner", case)

    assert lacks(refusal) == ["comment"]


def test_what_was_kept_cannot_be_sent_back_by_undoing_its_acceptance(office: Deputies) -> None:
    case = office.assigned("2026-03-02")
    office.clock.set("2026-03-13T09:00")
    office.desk.sweep()

    office.does("zhaoyun", "reopen", case, comment="不属本局职责")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "return_to_assigner", case, comment="不属本局职责")

    assert lacks(refusal) == ["return_in_time"]


def test_an_acceptance_that_is_undone_in_time_can_still_be_returned(office: Deputies) -> None:
    case = office.accepted("2026-03-02")
    office.clock.set("2026-03-12T09:00")

    office.does("zhaoyun", "reopen", case, comment="不属本局职责")
    office.does("zhaoyun", "return_to_assigner", case, comment="不属本局职责")

    assert office.state(case) == "returned"


# Bad input gets: silence, a no, half an answer


def test_silence_is_reminded_and_never_published(office: Deputies) -> None:
    case = office.replied("2026-05-28")
    office.clock.set("2026-06-04T09:00")
    office.desk.sweep()
    assert any(each.startswith("提醒") for each in office.told("zhaoyun"))

    with pytest.raises(Refused) as unanswered:
        office.does("zhaoyun", "publish", case)
    assert {"satisfied_now", "consented"} <= set(lacks(unanswered))
    with pytest.raises(Refused) as early:
        office.does("zhaoyun", "give_up", case, comment="电话无人接听")
    assert lacks(early) == ["when_blocked", "reminded"]

    office.clock.set("2026-12-01T09:00")
    office.desk.sweep()
    assert office.state(case) == "feedback", "however long the silence"
    with pytest.raises(Refused) as unreminded:
        office.does("zhaoyun", "give_up", case, comment="电话无人接听")
    assert lacks(unreminded) == ["reminded"]
    office.does("zhaoyun", "remind_proposer", case, comment="电话催询，无人接听")
    office.does("zhaoyun", "give_up", case, comment="催询后仍未反馈")

    ended = office.case(case)
    assert (ended.state, ended.data["unpublished_reason"]) == ("unpublished", "silence")
    assert "published_on" not in ended.data


@pytest.mark.parametrize(("day", "offered"), [("2026-06-11T23:59", False), ("2026-06-12T00:00", True)])
def test_the_wait_for_an_answer_is_given_up_only_after_its_last_day(office: Deputies, day: str, offered: bool) -> None:
    case = office.replied("2026-05-28")
    office.does("zhaoyun", "remind_proposer", case, comment="电话催询")
    office.clock.set(day)

    if offered:
        office.does("zhaoyun", "give_up", case, comment="催询后仍未反馈")
        assert office.state(case) == "unpublished"
    else:
        with pytest.raises(Refused) as refusal:
            office.does("zhaoyun", "give_up", case, comment="催询后仍未反馈")
        assert lacks(refusal) == ["when_blocked"]


def test_a_consent_that_comes_later_opens_twenty_working_days_of_its_own(office: Deputies) -> None:
    case = office.replied("2026-05-28")
    office.does("zhaoyun", "remind_proposer", case, comment="电话催询")
    office.clock.set("2026-06-12T09:00")
    office.does("zhaoyun", "give_up", case, comment="催询后仍未反馈")
    office.clock.set("2026-09-01T09:00")

    office.does("zhaoyun", "consent_later", case, **AGREED, feedback_on="2026-09-01")

    assert (office.due(case, "late_publication"), office.due(case, "publication")) == ("2026-09-29", None), (
        "09-20 is worked, 09-25 is off"
    )
    assert "unpublished_reason" not in office.case(case).data
    office.prepares(case)
    office.does("zhaoyun", "publish", case)
    assert office.state(case) == "published"


def test_a_later_reply_asks_everything_anew(office: Deputies) -> None:
    case = office.replied("2026-05-28")
    office.does("zhaoyun", "remind_proposer", case, comment="电话催询")
    office.clock.set("2026-06-12T09:00")
    office.does("zhaoyun", "give_up", case, comment="催询后仍未反馈")
    office.does("zhaoyun", "consent_later", case, **AGREED, feedback_on="2026-06-12")
    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on="2026-06-12", satisfied="dissatisfied")

    office.replies(case, "2026-06-24", reply_text="第二次答复的正文。")

    said = {"satisfied", "consent", "consented_later", "feedback_on", "times_reminded"}
    assert said.isdisjoint(office.case(case).data)
    office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on="2026-06-24")
    assert (office.due(case, "publication"), office.due(case, "late_publication")) == ("2026-07-22", None)


@pytest.mark.parametrize("said", [{"satisfied": "satisfied"}, {}])
def test_an_express_no_is_never_published(office: Deputies, said: dict[str, str]) -> None:
    case = office.replied("2026-05-28")
    office.clock.set("2026-06-01T09:00")

    office.does("zhaoyun", "record_refusal", case, **said, consent="refused", feedback_on="2026-06-01")

    ended = office.case(case)
    assert (ended.state, ended.data["unpublished_reason"]) == ("unpublished", "refused")
    for step in ("publish", "merge"):
        with pytest.raises(Refused):
            office.does("zhaoyun", step, case, **({"merged_into": "PRP-2026-00009"} if step == "merge" else {}))


def test_a_no_that_comes_after_silence_is_put_on_record(office: Deputies) -> None:
    case = office.replied("2026-05-28")
    office.does("zhaoyun", "remind_proposer", case, comment="电话催询")
    office.clock.set("2026-06-12T09:00")
    office.does("zhaoyun", "give_up", case, comment="催询后仍未反馈")

    office.does("zhaoyun", "record_refusal", case, consent="refused", feedback_on="2026-06-12")

    assert (office.state(case), office.case(case).data["unpublished_reason"]) == ("unpublished", "refused")


def test_a_no_before_the_publication_is_heeded(office: Deputies) -> None:
    case = office.agreed("2026-05-28")
    office.prepares(case)
    office.clock.set("2026-06-02T09:00")

    office.does("zhaoyun", "record_refusal", case, satisfied="satisfied", consent="refused", feedback_on="2026-06-02")

    assert office.state(case) == "unpublished"


def test_a_no_of_somebody_who_is_not_satisfied_leads_to_a_second_reply(office: Deputies) -> None:
    case = office.replied("2026-05-28")

    with pytest.raises(Refused) as refusal:
        office.does(
            "zhaoyun", "record_refusal", case, satisfied="dissatisfied", consent="refused", feedback_on="2026-05-28"
        )

    assert lacks(refusal) == ["if"]


@pytest.mark.parametrize("half", [{"satisfied": "satisfied"}, {"consent": "granted"}])
def test_half_an_answer_is_kept_and_is_no_leave_to_publish(office: Deputies, half: dict[str, str]) -> None:
    case = office.replied("2026-05-28")

    office.does("zhaoyun", "record_partial", case, **half, feedback_on="2026-05-28")

    assert office.state(case) == "feedback"
    assert office.due(case, "feedback") == "2026-06-11"
    with pytest.raises(Refused):
        office.does("zhaoyun", "publish", case)
    office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on="2026-05-28")
    assert office.state(case) == "publication"


def test_satisfaction_and_consent_are_asked_together(office: Deputies) -> None:
    case = office.accepted("2026-03-02")
    office.drafts(case)
    office.signs(case)

    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "reply", case, **{**ANSWERED, "form_enclosed": False, "replied_on": "2026-03-02"})

    assert lacks(refusal) == ["asked_together"]


def test_a_feedback_is_not_older_than_the_reply_nor_from_tomorrow(office: Deputies) -> None:
    case = office.replied("2026-05-28")

    for day in ("2026-05-27", "2026-05-29"):
        with pytest.raises(Refused):
            office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on=day)

    assert office.state(case) == "feedback"


# A co-handler who does not answer


def test_a_co_handler_who_does_not_answer_is_waited_for_two_months_and_then_gone_on_without(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="lead")
    office.does(
        "zhaoyun", "ask_co_handler", case, co_handler="区民政局", co_asked_on="2026-03-02", co_question="床位数"
    )
    (asked,) = office.children(case)
    office.clock.set("2026-05-06T10:00")
    office.drafts(case)
    office.clears(case)
    with pytest.raises(Refused) as waiting:
        office.does("zhouju", "sign", case, studied_on="2026-05-06")
    assert lacks(waiting) == ["co_opinions_in", "co_opinions_stated"]
    assert asked.number in waiting.value.reasons[0].text.zh

    with pytest.raises(Refused) as early:
        office.does("zhaoyun", "go_on_without_co_handler", asked.id, comment="多次催办未复")
    assert lacks(early) == ["when_blocked"], "the sixth of May is the last day"
    office.clock.set("2026-05-07T09:00")
    office.desk.sweep()
    assert office.state(asked.id) == "asked", "no silence means anything by itself"
    assert any("会办期限" in each for each in office.told("zhaoyun"))
    office.does("zhaoyun", "go_on_without_co_handler", asked.id, comment="多次催办未复")

    with pytest.raises(Refused) as unsaid:
        office.does("zhouju", "sign", case, studied_on="2026-05-07")
    assert lacks(unsaid) == ["co_opinions_stated"]
    office.does("zhouju", "send_back", case, comment="写明会办单位未答复")
    office.drafts(case, co_opinions="区民政局逾期未复")
    office.signs(case)
    office.does("zhaoyun", "reply", case, **ANSWERED, replied_on="2026-05-07")
    assert office.state(case) == "feedback"


def test_who_leads_asks_somebody(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="lead")
    office.drafts(case, co_opinions="无会办意见")
    office.does("wangmin", "submit", case)
    office.does("lihua", "endorse", case)

    with pytest.raises(Refused) as refusal:
        office.does("qianwei", "check", case)

    assert lacks(refusal) == ["co_asked_at_all"]


def test_as_a_co_handler_we_send_our_opinion_to_the_lead_and_answer_nobody_else(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="assist")
    assert (office.due(case, "co_opinion"), office.due(case, "reply")) == ("2026-05-06", None)
    office.edits("wangmin", case, reply_text="补助资金已列入预算。")
    office.does("wangmin", "submit", case)
    office.does("lihua", "endorse", case)
    office.does("qianwei", "check", case)
    office.does("sunli", "clear", case, secret_part="none")
    office.does("zhouju", "sign", case)
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "reply", case, **ANSWERED, replied_on="2026-03-02")
    assert "if" in lacks(refusal)

    office.does("zhaoyun", "send_opinion", case, opinion_sent_on="2026-03-02")

    assert office.state(case) == "assisted"


# B is tracked


def test_what_is_planned_is_tracked_until_it_is_solved_and_answered_again(office: Deputies) -> None:
    case = office.agreed("2026-05-28", mark="B")
    office.prepares(case)
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "publish", case)
    assert lacks(refusal) == ["if"]
    office.does("zhaoyun", "publish_and_track", case)
    assert (office.state(case), office.due(case, "tracking")) == ("tracked", "2027-05-28")
    assert not office.desk.case(office.actor("zhaoyun"), case).case.closed_at

    office.clock.set("2026-11-02T09:00")
    office.does("lihua", "report_progress", case, comment="已完成招标")
    assert office.due(case, "tracking") == "2027-11-02"
    office.does("lihua", "solve", case, comment="已建成")
    assert (office.state(case), office.due(case, "reply")) == ("drafting", None)
    assert OF_ONE_REPLY.isdisjoint(office.case(case).data)
    office.replies(case, "2026-11-10", mark="A", reply_text="该项目已建成投用。")
    again = office.case(case).data
    assert (again["former_reply"], again["earlier_published_on"]) == (REPLY, "2026-05-28")
    assert {"satisfied", "consent"}.isdisjoint(again)

    office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on="2026-11-10")
    office.prepares(case, public_reply="该项目已建成投用。")
    office.does("zhaoyun", "publish", case)
    assert office.state(case) == "published"


def test_a_no_to_what_is_planned_is_heeded_and_the_plan_still_tracked(office: Deputies) -> None:
    case = office.replied("2026-05-28", mark="B")

    with pytest.raises(Refused):
        office.does("zhaoyun", "record_refusal", case, **{**AGREED, "consent": "refused"}, feedback_on="2026-05-28")
    office.does(
        "zhaoyun", "record_refusal_and_track", case, **{**AGREED, "consent": "refused"}, feedback_on="2026-05-28"
    )

    assert (office.state(case), office.case(case).data["unpublished_reason"]) == ("tracked", "refused")
    assert "published_on" not in office.case(case).data


def test_who_is_silent_on_a_plan_and_then_not_satisfied_is_answered_again(office: Deputies) -> None:
    case = office.replied("2026-05-28", mark="B")
    office.does("zhaoyun", "remind_proposer", case, comment="电话催询")
    office.clock.set("2026-06-12T09:00")
    office.does("zhaoyun", "give_up_and_track", case, comment="催询后仍未反馈")
    assert office.case(case).data["unpublished_reason"] == "silence"
    office.clock.set("2026-06-24T09:00")

    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on="2026-06-24", satisfied="dissatisfied")

    assert (office.state(case), office.due(case, "second_reply")) == ("drafting", "2026-07-24")
    assert OF_ONE_REPLY.isdisjoint(office.case(case).data)
    assert office.due(case, "tracking") is None


def test_what_is_planned_may_stand_in_the_summary_of_another_and_is_tracked_all_the_same(office: Deputies) -> None:
    case = office.agreed("2026-05-28", mark="B")
    office.prepares(case)

    office.does("zhaoyun", "merge_and_track", case, merged_into="PRP-2026-00009")

    data = office.case(case).data
    assert (office.state(case), data["published_on"], data["publish_form"]) == ("tracked", "2026-05-28", "merged")
    office.clock.set("2026-11-02T09:00")
    office.does("zhaoyun", "solve", case, comment="已建成")
    assert OF_ONE_REPLY.isdisjoint(office.case(case).data)


def test_what_is_planned_and_secret_is_withheld_and_tracked(office: Deputies) -> None:
    case = office.agreed("2026-05-28", mark="B")
    office.does("sunli", "clear_publication", case, secret_part="whole", reason_kind="E14-1")

    office.does("zhaoyun", "withhold_and_track", case)

    assert (office.state(case), office.case(case).data["unpublished_reason"]) == ("tracked", "secret")


# Withdrawn, published in full, seen by a second person, registered


def test_what_its_proposer_withdraws_ends_with_all_that_was_asked_for_it(office: Deputies) -> None:
    joint = office.accepted("2026-03-02", handling="lead")
    office.does(
        "zhaoyun", "ask_co_handler", joint, co_handler="区民政局", co_asked_on="2026-03-02", co_question="床位数"
    )
    split = office.accepted("2026-03-02", handling="separate")
    for section in ("预算科", "国库科"):
        office.does("zhaoyun", "open_part", split, part_section=section, part_title=f"{section}部分")
    office.clock.set("2026-03-09T09:00")

    for case in (joint, split):
        office.does("zhaoyun", "withdraw", case, withdrawn_on="2026-03-06", comment="代表来函撤回")

    assert [office.state(each) for each in (joint, split)] == ["withdrawn", "withdrawn"]
    assert [each.state for each in (*office.children(joint), *office.children(split))] == ["cancelled"] * 3
    assert {each.data["withdrawn_on"] for each in office.children(split)} == {"2026-03-09"}
    assert office.due(joint, "reply") is None


def test_what_concerns_the_public_is_not_published_as_a_summary(office: Deputies) -> None:
    case = office.accepted("2026-03-02")
    office.drafts(case, publish_form="summary")
    office.does("wangmin", "submit", case)
    office.does("lihua", "endorse", case)

    with pytest.raises(Refused) as refusal:
        office.does("qianwei", "check", case)

    assert lacks(refusal) == ["full_if_public"]


def test_what_concerns_few_may_be_published_as_a_summary(office: Deputies) -> None:
    case = office.accepted("2026-03-02")
    office.replies(case, "2026-05-28", public_interest=False, publish_form="summary")
    office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on="2026-05-28")
    office.prepares(case, public_text="建议提高补助（摘要）")

    office.does("zhaoyun", "publish", case)

    assert office.state(case) == "published"


def test_contact_data_are_looked_for_by_a_second_person_and_again_after_every_change(office: Deputies) -> None:
    case = office.agreed("2026-05-28")
    office.edits("wangmin", case, public_text=PUBLIC["public_text"])
    office.edits("zhaoyun", case, public_reply=PUBLIC["public_reply"])
    office.does("sunli", "clear_publication", case, secret_part="none")
    with pytest.raises(Refused) as own:
        office.does("zhaoyun", "confirm_removal", case)
    assert lacks(own) == ["second_person"]

    office.does("qianwei", "confirm_removal", case)
    office.edits("wangmin", case, public_text="建议提高补助标准。联系电话：88880000")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", "publish", case)

    assert lacks(refusal) == ["cleared", "contact_gone"]


def test_a_proposal_on_the_same_subject_is_named_when_one_comes_in(office: Deputies) -> None:
    first = office.assigned(subject="养老服务补助")

    again = office.desk.start(
        office.actor("zhaoyun"), "proposal", title="另一件建议", section="预算科", data={"subject": "养老服务补助"}
    )

    assert [each.text.zh for each in again.warnings] == [f"主题相同的建议提案：{office.case(first).number}"]


def test_the_head_does_not_sign_what_he_examined_for_another(office: Deputies) -> None:
    case = office.accepted("2026-03-02")
    office.drafts(case)
    office.does("wangmin", "submit", case)
    office.does("zhouju", "endorse", case)
    office.does("qianwei", "check", case)
    office.does("sunli", "clear", case, secret_part="none")

    with pytest.raises(Refused) as refusal:
        office.does("zhouju", "sign", case, studied_on="2026-03-02")

    assert lacks(refusal) == ["not_reviewer"]


def test_a_reply_that_was_changed_after_its_signature_is_signed_again(office: Deputies) -> None:
    case = office.accepted("2026-03-02")
    office.drafts(case)
    office.signs(case)
    office.does("zhaoyun", "send_back", case, comment="数据有误")

    assert {"signed_on", "signed_by", "secrecy_ok"}.isdisjoint(office.case(case).data)


@pytest.mark.parametrize(("step", "said"), [("publish", {}), ("merge", {"merged_into": "PRP-2026-00009"})])
def test_what_must_be_corrected_is_taken_down_cleared_again_and_published_anew(
    office: Deputies, step: str, said: dict[str, Any]
) -> None:
    case = office.agreed("2026-05-28")
    office.prepares(case)
    office.does("zhaoyun", step, case, **said)

    office.does("zhouju", "take_down", case, comment="公开文本有误")

    assert (office.state(case), office.due(case, "correction")) == ("publication", "2026-06-04")
    taken = office.case(case).data
    assert {"published_on", "merged_into", "contact_removed", "secrecy_ok"}.isdisjoint(taken)
    assert (office.due(case, "publication"), taken["taken_down_on"]) == (None, "2026-05-28")
    with pytest.raises(Refused) as refusal:
        office.does("zhaoyun", step, case, **said)
    assert lacks(refusal) == ["cleared", "contact_gone"]
    office.prepares(case, public_text="建议提高社区养老服务补助标准（更正）。")
    office.does("zhaoyun", step, case, **said)


def test_what_was_published_while_it_is_tracked_can_be_taken_down_too(office: Deputies) -> None:
    case = office.agreed("2026-05-28", mark="B")
    office.prepares(case)
    office.does("zhaoyun", "publish_and_track", case)

    office.does("zhouju", "take_down", case, comment="公开文本有误")
    assert (office.state(case), office.due(case, "correction"), office.due(case, "tracking")) == (
        "publication",
        "2026-06-04",
        None,
    )
    office.prepares(case, public_text="建议提高社区养老服务补助标准（更正）。")
    office.does("zhaoyun", "publish_and_track", case)

    office.does("lihua", "solve", case, comment="已建成")
    assert OF_ONE_REPLY.isdisjoint(office.case(case).data)


def test_after_a_take_down_a_second_reply_is_published_on_the_clock_of_the_law(office: Deputies) -> None:
    case = office.agreed("2026-05-28")
    office.prepares(case)
    office.does("zhaoyun", "publish", case)
    office.does("zhouju", "take_down", case, comment="公开文本有误")
    office.prepares(case, public_text="建议提高社区养老服务补助标准（更正）。")
    office.does("zhaoyun", "record_dissatisfaction", case, feedback_on="2026-05-28", satisfied="dissatisfied")
    assert OF_ONE_REPLY.isdisjoint(office.case(case).data)

    office.replies(case, "2026-06-18", reply_text="第二次答复的正文。")
    office.does("zhaoyun", "record_agreement", case, **AGREED, feedback_on="2026-06-18")

    assert (office.due(case, "publication"), office.due(case, "correction")) == ("2026-07-17", None)


def test_a_withdrawal_reaches_what_the_parts_have_asked_for(office: Deputies) -> None:
    case = office.accepted("2026-03-02", handling="separate")
    for section in ("预算科", "国库科"):
        office.does("zhaoyun", "open_part", case, part_section=section, part_title=f"{section}部分")
    joint, split = (each.id for each in office.children(case))
    for part, handling in ((joint, "lead"), (split, "separate")):
        office.edits("zhaoyun", part, handling=handling)
        office.does("zhaoyun", "accept", part)
    office.does(
        "zhaoyun", "ask_co_handler", joint, co_handler="区民政局", co_asked_on="2026-03-02", co_question="床位数"
    )
    office.does("zhaoyun", "open_part", split, part_section="预算科", part_title="再分一件")

    office.does("zhaoyun", "withdraw", case, withdrawn_on="2026-03-02", comment="代表来函撤回")

    asked, again = office.children(joint), office.children(split)
    assert [each.state for each in (*office.children(case), *asked, *again)] == ["cancelled"] * 4


def test_who_is_silent_on_a_plan_is_answered_again_when_it_is_solved(office: Deputies) -> None:
    case = office.replied("2026-05-28", mark="B")
    office.does("zhaoyun", "remind_proposer", case, comment="电话催询")
    office.clock.set("2026-06-12T09:00")
    office.does("zhaoyun", "give_up_and_track", case, comment="催询后仍未反馈")

    office.does("lihua", "solve", case, comment="已建成")

    assert (office.state(case), office.case(case).data["round"]) == ("drafting", "solved")
    assert OF_ONE_REPLY.isdisjoint(office.case(case).data)


def test_a_proposal_of_the_same_title_is_named_when_one_comes_in(office: Deputies) -> None:
    first = office.assigned(title="关于养老补助的建议")

    again = office.desk.start(office.actor("zhaoyun"), "proposal", title="关于养老补助的建议", section="预算科")

    assert [each.text.zh for each in again.warnings] == [f"标题相同的建议提案：{office.case(first).number}"]


@pytest.mark.skipif(not REAL.is_file(), reason="the real proposals do not lie beside the repository")
def test_a_register_of_earlier_years_enters_without_any_clock(office: Deputies) -> None:
    office.clock.at = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)

    report = import_file(office.desk, office.actor("zhaoyun"), "proposal", REAL, section="预算科")

    assert (report.accepted + report.warned, report.refused) == (207, 0)
    listed, _ = office.desk.list_cases(office.actor("zhaoyun"), kind="proposal", limit=300)
    cases = [office.case(each.id) for each in listed]
    assert {each.state for each in cases} == {"recorded"}
    assert not [each for case in cases for each in case.deadlines]
