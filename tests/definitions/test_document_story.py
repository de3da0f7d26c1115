"""The document procedure through the desk with a set clock: LAW 12 M1 and the story that the report tells."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from storage import Desk
from storage.setup import initialise
from storage.views import Done
from workflow.case import SHANGHAI, Scalar
from workflow.errors import Denied, Refused

REASON = "尚在讨论研究过程中的文稿，公开可能影响决策"


class Bureau:
    """A bureau whose people act by name, and whose clock is moved by the test."""

    def __init__(self, desk: Desk, now: list[datetime]) -> None:
        self.desk, self._now = desk, now
        admin = desk.actor("admin")
        desk.add_section(admin, "预算科")
        for person, name, role in PEOPLE:
            section = "预算科" if role in ("drafter", "section_head") else None
            desk.add_person(admin, person, name, section=section)
            desk.appoint(admin, person, role, section=section, from_on=date(2018, 1, 1))
        self.case = ""

    def at(self, moment: str) -> None:
        self._now[0] = datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)

    def drafts(self, **data: Scalar) -> None:
        done = self.desk.start(
            self.desk.actor("wangmin"), "document", title="关于下达专项资金的通知", section="预算科", data=data
        )
        self.case = done.case.case.id

    def does(self, person: str, step: str, comment: str | None = None, **data: Scalar) -> Done:
        return self.desk.fire(self.desk.actor(person), self.case, step, data=data, comment=comment)

    @property
    def state(self) -> str:
        return self.desk.case(self.desk.actor("audit"), self.case).case.state

    @property
    def data(self) -> dict[str, Scalar]:
        return dict(self.desk.case(self.desk.actor("audit"), self.case).case.data)

    def due(self, rule: str) -> tuple[str, bool]:
        (running,) = [d for d in self.desk.case(self.desk.actor("audit"), self.case).case.deadlines if d.rule == rule]
        return running.rolled_on.isoformat(), running.provisional

    def reaches_signing(self, **data: Scalar) -> None:
        self.drafts(**data)
        self.does("wangmin", "submit")
        self.does("lihua", "endorse")
        self.does("zhaoyun", "accept")
        self.does("sunli", "clear")


PEOPLE = (
    ("wangmin", "王敏", "drafter"),
    ("lihua", "李华", "section_head"),
    ("zhaoyun", "赵云", "office"),
    ("sunli", "孙丽", "secrecy_reviewer"),
    ("zhouju", "周局", "leader"),
    ("wufu", "吴副", "leader"),
    ("audit", "郑审", "auditor"),
)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Bureau]:
    now = [datetime(2026, 2, 9, 9, 0, tzinfo=SHANGHAI)]
    url = f"sqlite:///{tmp_path}/bureau.db"
    initialise(url, sandbox=True, clock=lambda: now[0], login=None)
    with Desk.open(url, clock=lambda: now[0]) as desk:
        yield Bureau(desk, now)


def test_m1_1_an_untagged_filing_of_friday_is_returned_on_the_made_up_saturday(office: Bureau) -> None:
    office.at("2026-02-13T10:00")
    office.drafts()
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")

    office.at("2026-02-14T09:30")
    office.does("zhaoyun", "return_untagged")

    assert office.state == "returned"
    # Day 1 of three working days is the first after the holiday: 24, 25, 26 February.
    assert office.due("rework") == ("2026-02-26", False)


@pytest.mark.parametrize(
    ("signed", "due", "provisional"),
    [
        ("2026-02-26", "2026-03-25", False),  # the day before
        ("2026-02-27", "2026-03-26", False),  # LAW 12 M1-1: 02-28 is a made-up Saturday and counts
        ("2026-02-28", "2026-03-27", False),  # signed on the made-up Saturday itself
        ("2026-02-13", "2026-03-19", False),  # LAW 12 M2-1 gives the same count
        ("2026-02-18", "2026-03-20", False),  # inside the Spring Festival
        ("2026-12-10", "2027-01-08", True),  # LAW 12 M1-3: the year 2027 is not announced
    ],
)
def test_m1_publication_is_due_twenty_working_days_after_signing(
    office: Bureau, signed: str, due: str, provisional: bool
) -> None:
    office.at(f"{signed}T09:00")
    office.reaches_signing(attribute="proactive")

    office.does("zhouju", "sign")

    assert office.due("publication") == (due, provisional)
    assert office.data["formed_on"] == signed


def test_m1_3_a_provisional_date_stops_nobody(office: Bureau) -> None:
    office.at("2026-12-10T09:00")
    office.reaches_signing(attribute="proactive")
    office.does("zhouju", "sign")

    office.at("2027-01-12T10:00")
    fired = office.desk.sweep()

    assert [each.step for each in fired if each.deadline == "publication"] == ["remind-1", "remind-2", "escalate-1"]


@pytest.mark.parametrize(
    ("approved", "due"), [("2025-04-24", "2025-05-26"), ("2025-04-25", "2025-05-27"), ("2025-04-27", "2025-05-28")]
)
def test_m1_5_a_working_draft_that_becomes_policy_is_published_in_time_and_its_reason_is_kept(
    office: Bureau, approved: str, due: str
) -> None:
    office.at("2025-03-03T09:00")
    office.reaches_signing(is_policy=False, attribute="withheld", reason_kind="E16-2b", reason_text=REASON)
    office.does("zhouju", "sign")
    office.does("zhaoyun", "number", series="下财")
    office.does("zhaoyun", "withhold")

    office.at(f"{approved}T10:00")
    office.does("zhaoyun", "propose_change", comment="已形成正式政策", proposed_attribute="proactive")
    office.does("sunli", "clear_change")
    office.does("zhouju", "approve_change")

    assert office.due("publication") == (due, False)
    former = {name: value for name, value in office.data.items() if name.startswith("former")}
    assert former == {"former_attribute": "withheld", "former_reason_kind": "E16-2b", "former_reason_text": REASON}
    assert "reason_kind" not in office.data
    history = office.desk.history(office.desk.actor("audit"), office.case)
    assert any(event.data.get("reason_kind") == "E16-2b" for event in history)


def test_the_story_of_an_untagged_draft_from_refusal_to_publication(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts()
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "accept")
    assert [each.name for each in refused.value.reasons] == ["tagged", "reasoned"]
    assert {person for each in refused.value.reasons for who in each.who for person in who.people} == {"王敏"}

    fired = office.desk.sweep()
    assert [each.step for each in fired] == ["return_untagged"]
    inbox = office.desk.worklist(office.desk.actor("wangmin"))
    assert "按规定作退文处理" in inbox.notices[0].text.zh
    assert office.due("rework") == ("2026-03-05", False)

    office.at("2026-03-03T09:00")
    office.desk.edit(office.desk.actor("wangmin"), office.case, data={"attribute": "proactive"})
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "accept")
    office.does("sunli", "clear")
    office.does("zhouju", "sign")
    office.does("zhaoyun", "number", series="下财")
    done = office.does("zhaoyun", "publish")

    assert done.case.case.state == "published"
    assert office.data["doc_number"] == "下财〔2026〕1号"
    assert office.data["published_on"] == "2026-03-03"
    story = [(e.transition, e.automatic) for e in office.desk.history(office.desk.actor("audit"), office.case)]
    assert [step for step, automatic in story if automatic] == ["return_untagged"]


def test_the_clock_and_its_reminders_are_armed_anew_on_every_re_entry(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive")
    reminded = []
    for day in (2, 9, 16):
        office.at(f"2026-03-{day:02}T09:00")
        office.does("wangmin", "submit")
        office.at(f"2026-03-{day + 2:02}T10:00")
        reminded += [each.step for each in office.desk.sweep() if each.deadline == "section"]
        office.does("lihua", "return", comment="请补充依据")

    assert reminded == ["remind-1", "remind-1", "remind-1"]


def test_secrecy_review_lapses_when_the_attribute_is_settled_anew(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(is_policy=False, attribute="withheld", reason_kind="E16-2b", reason_text=REASON)
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "question", comment="该文不属于过程性信息", office_attribute="proactive")
    office.does("lihua", "insist", comment="仍在研究")
    office.does("zhaoyun", "accept")
    office.does("sunli", "clear")

    with pytest.raises(Refused) as refused:
        office.does("zhouju", "sign")
    assert [each.name for each in refused.value.reasons] == ["settled"]

    office.does("zhouju", "settle", comment="同意办公室意见", attribute="proactive")
    assert office.state == "secrecy_review"
    assert "secrecy_ok" not in office.data
    office.does("sunli", "clear")
    office.does("zhouju", "sign")
    assert office.due("publication")[0] == "2026-03-30"


def test_whoever_endorsed_may_not_sign(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive")
    office.does("wangmin", "submit")
    office.does("zhouju", "endorse")
    office.does("zhaoyun", "accept")
    office.does("sunli", "clear")

    with pytest.raises(Refused) as refused:
        office.does("zhouju", "sign")
    assert [each.name for each in refused.value.reasons] == ["not_reviewer"]
    office.does("wufu", "sign")


def test_an_overdue_review_climbs_the_chain_and_the_leader_can_act(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive")
    office.does("wangmin", "submit")

    office.at("2026-03-02T09:00")
    moment = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
    told: list[tuple[str, str]] = []
    for _ in range(10):
        moment += timedelta(days=1)
        office.at(moment.isoformat()[:16])
        told += [(each.step, moment.date().isoformat()) for each in office.desk.sweep()]

    # Three working days end on Thursday 5 March; overdue from the 6th; two working days more are the 6th and the 9th.
    assert told == [("remind-1", "2026-03-04"), ("escalate-1", "2026-03-06"), ("escalate-2", "2026-03-10")]
    assert office.desk.case(office.desk.actor("audit"), office.case).case.waits_for == "leader"
    with pytest.raises(Denied):
        office.does("zhaoyun", "endorse")
    office.does("wufu", "endorse")


def test_numbers_are_given_at_numbering_without_a_gap_and_per_series(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    given = []
    for series in ("下财", "下财办", "下财"):
        office.reaches_signing(attribute="proactive")
        office.does("zhouju", "sign")
        given.append(office.does("zhaoyun", "number", series=series).case.case.data["doc_number"])

    assert given == ["下财〔2026〕1号", "下财办〔2026〕1号", "下财〔2026〕2号"]


def test_a_partner_of_a_joint_document_records_the_leads_number(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.reaches_signing(attribute="proactive", origin="joint", our_part="partner")
    office.does("zhouju", "sign")

    with pytest.raises(Refused):
        office.does("zhaoyun", "number", series="下财")
    done = office.does("zhaoyun", "record_number", doc_number="杭发改〔2026〕12号")
    assert done.case.case.data["doc_number"] == "杭发改〔2026〕12号"


def test_a_withdrawn_publication_leaves_its_trace(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.reaches_signing(attribute="proactive")
    office.does("zhouju", "sign")
    office.does("zhaoyun", "number", series="下财")
    office.does("zhaoyun", "publish")

    office.does("zhouju", "withdraw", comment="附件有误，更正后另行公开", withdrawal_reason="error")

    assert office.state == "withdrawn"
    assert office.data["doc_number"] == "下财〔2026〕1号"
    assert office.desk.history(office.desk.actor("audit"), office.case)[-1].comment == "附件有误，更正后另行公开"


def test_a_secret_that_became_proactive_by_concession_cannot_leave_the_office(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(is_policy=False, attribute="withheld", reason_kind="E14-1", reason_text="依法定密为秘密级的财政数据")
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "question", comment="建议公开", office_attribute="proactive")
    office.does("lihua", "concede")

    assert office.state == "office_check"
    # The reason was the reason of another attribute: none is left behind on a public paper.
    assert not {"reason_kind", "reason_text"} & office.data.keys()


def test_a_ruling_of_the_competent_department_binds_the_drafter(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive")
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "accept")
    office.does("sunli", "refer", comment="不能确定是否涉密")
    office.does("sunli", "record_ruling", comment="确定为秘密级", ruled_classified=True)
    office.does("sunli", "return", comment="已确定为涉密，请改标")
    office.desk.edit(office.desk.actor("wangmin"), office.case, data={"classified": False})
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "accept")
    assert [each.name for each in refused.value.reasons] == ["not_secret"]


def test_a_ruling_that_there_is_no_secret_binds_too(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(is_policy=False, attribute="withheld", reason_kind="E14-1", reason_text="依法定密为秘密级的财政数据")
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "accept")
    office.does("sunli", "refer", comment="不能确定是否涉密")
    office.does("sunli", "record_ruling", comment="确定为不涉密", ruled_classified=False)

    with pytest.raises(Refused) as refused:
        office.does("sunli", "clear")
    assert [each.name for each in refused.value.reasons] == ["ruling_followed"]
    office.does("sunli", "return", comment="已确定为不涉密，请改标")
    assert office.state == "returned"


def test_a_public_paper_that_carries_closed_parts_is_split_first(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive", mixed=True)
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")

    with pytest.raises(Refused) as refused:
        office.does("zhaoyun", "accept")
    assert [each.name for each in refused.value.reasons] == ["separated"]
    office.does("zhaoyun", "return", comment="附表含个人信息，请分开行文")
    office.desk.edit(office.desk.actor("wangmin"), office.case, data={"mixed": False})
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "accept")


def test_a_dispute_that_nobody_answers_still_reaches_the_signer(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive")
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "question", comment="建议依申请公开", office_attribute="on_request")

    office.does("zhaoyun", "carry_on", comment="科室未答复，提请签发人裁定")
    office.does("zhaoyun", "accept")
    office.does("sunli", "clear")
    office.does("zhouju", "settle", comment="主动公开", attribute="proactive")

    assert office.state == "secrecy_review"


def test_a_voided_document_was_neither_published_in_time_nor_late(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.reaches_signing(attribute="proactive")
    office.does("zhouju", "sign")
    office.at("2026-03-30T09:00")

    with pytest.raises(Denied):
        office.does("zhaoyun", "void", comment="不再印发")
    office.does("zhouju", "void", comment="不再印发")

    clocks = office.desk.clocks(office.desk.actor("audit"), office.case)
    assert {each.deadline.rule: each.deadline.outcome for each in clocks}["publication"] == "void"


def test_a_withdrawn_publication_goes_out_again_corrected(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.reaches_signing(attribute="proactive")
    office.does("zhouju", "sign")
    office.does("zhaoyun", "number", series="下财")
    office.does("zhaoyun", "publish")
    office.at("2026-03-09T09:00")
    office.does("zhouju", "withdraw", comment="附表数字有误", withdrawal_reason="error")
    office.desk.edit(office.desk.actor("zhaoyun"), office.case, data={"body": "更正后的正文"})
    office.does("zhaoyun", "republish", comment="已更正")
    office.does("sunli", "clear_change")
    office.does("wufu", "approve_change")

    # 20 working days from the change of Monday 9 March: 4–6 April are off, so day 20 is Tuesday 7 April.
    assert office.due("publication") == ("2026-04-07", False)
    office.does("zhaoyun", "publish")
    assert office.state == "published"
    assert office.data["doc_number"] == "下财〔2026〕1号"


def test_what_was_withdrawn_never_goes_out_again_by_one_hand(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.reaches_signing(attribute="proactive")
    office.does("zhouju", "sign")
    office.does("zhaoyun", "number", series="下财")
    office.does("zhaoyun", "publish")
    office.at("2026-03-09T09:00")
    office.does("zhouju", "withdraw", comment="涉及国家秘密", withdrawal_reason="secret")
    change = {"proposed_attribute": "withheld", "proposed_reason_kind": "E14-1", "proposed_reason_text": REASON}
    office.does("zhaoyun", "propose_change", comment="涉及国家秘密", **change)

    # "Keep it public" is no answer here: it is not public any more, and one reviewer alone would publish it.
    with pytest.raises(Refused):
        office.does("sunli", "keep_published", comment="不同意变更")
    office.does("sunli", "keep_withdrawn", comment="不同意变更，请另提处理意见")

    assert office.state == "withdrawn"
    assert office.due("withdrawal") == ("2026-03-16", False)
    office.does("zhaoyun", "propose_change", comment="涉及国家秘密", **change)
    office.does("sunli", "clear_change")
    office.does("wufu", "approve_change")
    office.does("zhaoyun", "withhold")
    assert "withdrawal_reason" not in office.data


def test_whoever_recalls_what_was_returned_does_not_stop_its_clock(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts()
    office.does("wangmin", "submit")
    office.does("lihua", "return", comment="请标注公开属性")
    office.at("2026-03-03T09:00")
    office.does("wangmin", "submit")
    office.does("wangmin", "recall")

    # Wednesday 4, Thursday 5, Friday 6 March: day 1 is the day after the recall.
    assert office.due("rework") == ("2026-03-06", False)
    office.at("2026-03-12T09:00")
    assert [each.step for each in office.desk.sweep()] == ["remind-1", "escalate-1", "escalate-2"]


def test_a_first_draft_has_no_clock(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts()
    office.does("wangmin", "submit")
    office.does("wangmin", "recall")

    office.at("2026-03-31T09:00")
    assert office.desk.sweep() == ()


def test_a_settled_policy_paper_is_signed_after_the_offices_opinion(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive", is_policy=True)
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "question", comment="属于过程稿", office_attribute="withheld")
    office.does("lihua", "insist", comment="应当公开")
    office.does("zhaoyun", "accept")
    office.does("sunli", "clear")
    office.does(
        "zhouju", "settle", comment="同意办公室意见", attribute="withheld", reason_kind="E16-2b", reason_text=REASON
    )
    office.does("sunli", "clear")

    with pytest.raises(Refused) as refused:
        office.does("zhouju", "sign")
    assert [each.name for each in refused.value.reasons] == ["policy_examined"]
    # What the signer settled is final: the Office adds its opinion where the paper lies, nobody starts over.
    assert {person for each in refused.value.reasons for who in each.who for person in who.people} == {"赵云"}
    office.desk.edit(office.desk.actor("zhaoyun"), office.case, data={"office_opinion": "同意按过程稿不予公开"})
    office.does("zhouju", "sign")
    assert office.state == "numbering"


def test_all_three_sides_hear_how_a_dispute_was_settled(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive")
    office.does("wangmin", "submit")
    office.does("lihua", "endorse")
    office.does("zhaoyun", "question", comment="建议依申请公开", office_attribute="on_request")
    office.does("lihua", "insist", comment="应当公开")
    office.does("zhaoyun", "accept")
    office.does("sunli", "clear")
    office.does("zhouju", "settle", comment="主动公开", attribute="proactive")

    for person in ("wangmin", "lihua", "zhaoyun"):
        told = [notice.text.zh for notice in office.desk.worklist(office.desk.actor(person)).notices]
        assert any("裁定公开属性" in text for text in told), person


def test_a_joint_document_of_another_lead_is_left_to_the_lead(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.reaches_signing(attribute="proactive", origin="joint", our_part="partner")
    office.does("zhouju", "sign")
    office.does("zhaoyun", "record_number", doc_number="杭发改〔2026〕12号")

    # The lead publishes, so the twenty days are the lead's; ours are the five in which it is filed.
    clocks = office.desk.case(office.desk.actor("audit"), office.case).case.deadlines
    assert [(each.rule, each.rolled_on.isoformat()) for each in clocks] == [("filing", "2026-03-09")]
    with pytest.raises(Refused):
        office.does("zhaoyun", "publish")
    office.does("zhaoyun", "leave_to_lead")

    assert office.state == "left_to_lead"


def test_the_second_return_reaches_the_leaders(office: Bureau) -> None:
    office.at("2026-03-02T09:00")
    office.drafts(attribute="proactive")
    told = []
    for _ in range(2):
        office.does("wangmin", "submit")
        office.does("lihua", "return", comment="请补充依据")
        told.append(len(office.desk.worklist(office.desk.actor("wufu")).notices))

    assert told == [0, 1]
