"""Cases as they stand when a letter is written: a request, a document, a proposal, a question, with what each letter needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache

from letters import Asked, Paper, book_of, composed
from letters.composing import LastDay
from storage.contact import Contact
from storage.versions import accepted_shipped
from workflow.case import SHANGHAI, Case, Event, Scalar, StateName, TransitionName
from workflow.errors import Refused
from workflow.letter import LetterBook
from workflow.model import Definition

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
SEEN = frozenset({"applicant_name", "id_number", "contact", "address", "party", "party_contact", "proposer_contact"})

CONTACT = Contact("示范区人民路1号", "310000", "0571-88880000", "凭本通知到任一代收银行缴纳").in_letters()

REQUEST: Mapping[str, Scalar] = {
    "title": "申请公开2025年度预算执行情况", "subject": "2025年度区本级预算执行情况及绩效评价报告",
    "channel": "ems", "signed_on": "2026-02-13", "received_on": "2026-02-13", "receipt_proof": "EMS 1123456789012",
    "applicant_name": "陈明", "applicant_kind": "natural", "id_kind": "resident_id", "id_number": "110105194912310021",
    "contact": "13912345678", "address": "示范区文化路1号", "form_wanted": "paper", "remedy_body": "区人民政府",
}  # fmt: skip
REPLY: Mapping[str, Scalar] = {
    **REQUEST, "reply_text": "现就您申请的事项答复如下，具体内容见附件。", "letter_on": "2026-03-10",
    "reason_text": "该信息属于依法不予公开的范围，理由已如上述", "form_given": "paper", "remedy": "reconsider_first",
}  # fmt: skip

#: Where nothing is withheld, the applicant chooses between the two.
EITHER: Mapping[str, Scalar] = {"remedy": "reconsider_or_sue"}
#: What each outcome needs beside the text: its article, its kind of reason, and what the reply must name.
OUTCOMES: Mapping[str, Mapping[str, Scalar]] = {
    "granted": {"article": "36-2", "remedy": "reconsider_or_sue", "reason_text": None},
    "partial": {"article": "37", "reason_kind": "E15-2", "third_party_view": "objects", "withheld_parts": "涉及个人身份证号码的内容"},
    "d1": {"article": "36-3", "reason_kind": "E14-1"},
    "d2": {"article": "36-3", "reason_kind": "E14-2", "provision": "《税收征收管理法》第八条"},
    "d3": {"article": "36-3", "reason_kind": "E14-3c"},
    "d4": {"article": "36-3", "reason_kind": "E15-1", "third_party_view": "objects"},
    "d5": {"article": "36-3", "reason_kind": "E16-1a", "balance_text": "经权衡，公开的公共利益不大于内部管理秩序"},
    "d6": {"article": "36-3", "reason_kind": "E16-2b", "balance_text": "经权衡，公开的公共利益不大于决策的自由讨论"},
    "d7": {"article": "36-3", "reason_kind": "E16-3", "balance_text": "经权衡，公开的公共利益不大于执法办案的需要"},
    "d8": {"article": "36-7", "provision": "《不动产登记暂行条例》第二十七条", "found_where": "区不动产登记中心查询窗口"},
    "u1": {**EITHER, "article": "36-4", "search_made": "检索了档案室全部年度卷宗和财政一体化系统，未见该信息"},
    "u2": {**EITHER, "article": "38"},
    "u3": {**EITHER, "article": "30", "corrected_on": "2026-02-28"},
    "n1": {**EITHER, "article": "39-1", "found_where": "区信访局接待窗口"},
    "n2": {**EITHER, "article": "36-6", "earlier_request": "REQ-2025-00007"},
    "n3": {**EITHER, "article": "39-2", "found_where": "区图书馆政府公报专架"},
    "n4": {**EITHER, "article": "35", "reasons_view": "unreasonable"},
    "n5": {**EITHER, "article": "report-form", "earlier_request": "2025年答复（REQ-2025-00007）"},
}  # fmt: skip
#: Those that end without a reply.
ENDED: Mapping[str, Mapping[str, Scalar]] = {
    "o1": {"correction_told_on": "2026-02-20", "replied_on": "2026-03-13"},
    "o2": {"fee_notice_on": "2026-02-20", "fee_due": "3000", "replied_on": "2026-03-23"},
    "o3": {"withdrawn_on": "2026-03-02", "replied_on": "2026-03-02"},
}

DOCUMENT: Mapping[str, Scalar] = {
    "title": "示范区财政局关于印发《示范区预算绩效管理办法》的通知", "attribute": "proactive", "origin": "own",
    "is_policy": True, "formed_on": "2026-03-02", "doc_number": "下财〔2026〕7号",
}  # fmt: skip
PROPOSAL: Mapping[str, Scalar] = {
    "title": "关于加大社区养老投入的建议", "proposal_number": "42", "assigning_body": "npc", "handling": "single",
    "lead_proposer": "周兰", "mark": "A", "reply_text": "2026年社区养老预算已增加三成，新增服务点12处。",
    "signed_on": "2026-05-20", "signed_by": "林芳", "reply_number": "下财〔2026〕31号", "form_enclosed": True,
    "copied_government": True, "copied_assigner": True, "publish_form": "full",
}  # fmt: skip
OPINION: Mapping[str, Scalar] = {
    "title": "征求意见", "purpose": "third_party", "question": "是否同意公开贵公司2025年度项目报价明细",
    "party": "示范建设有限公司", "issued_on": "2026-03-02", "asked_on": "2026-03-02",
}  # fmt: skip

LICENCE: Mapping[str, Scalar] = {
    "title": "某公司申请代理记账许可", "agency": "示范财务咨询有限公司", "agency_code": "91330103MA27XXXX1Q", "received_on": "2026-03-02",
    "accepted_on": "2026-03-02", "proposal": "refuse", "opinion_text": "不符合规定条件", "refusal_reason": "专职从业人员不足规定的人数",
    "refusal_provision": "《代理记账管理办法》关于专职从业人员的规定", "remedy": "reconsider_or_sue", "remedy_body": "区人民政府",
    "decided_on": "2026-03-20",
}  # fmt: skip
PARTICIPATION: Mapping[str, Scalar] = {
    "title": "区级财政专项资金管理改革", "occasion": "decree", "method": "consultation", "question": "整合专项资金的范围和过渡期",
    "materials": "决策草案及起草说明见附件", "ways": "信函寄区财政局办公室，或发送电子邮件", "period": "full", "announced_on": "2026-01-20",
}  # fmt: skip

OF_KIND: Mapping[str, Mapping[str, Scalar]] = {
    "request": REPLY,
    "document": DOCUMENT,
    "proposal": PROPOSAL,
    "opinion": OPINION,
    "licence": LICENCE,
    "participation": PARTICIPATION,
}
CLOCKS = {
    "reply": "2026-03-19", "correction_reply": "2026-03-20", "payment": "2026-03-23", "reasons": "2026-03-12", "deferred_reply": "2026-04-30",
    "outside": "2026-03-23", "section": "2026-03-09", "co_handler": "2026-05-06", "rework": "2026-03-05",
    "decision": "2026-03-30",
    "consultation": "2026-02-24", "announced": "2026-02-04", "normative_comment": "2026-01-29", "rules_comment": "2026-02-24",
}  # fmt: skip
#: Every letter with what its case holds beside the data of its kind.
LETTERS: Mapping[str, Mapping[str, Mapping[str, Scalar]]] = {
    "request": {
        "registration": {},
        "correction_notice": {"correction_items": "请写明所需文件的年度和文号", "correction_days": 15, "correction_issued_on": "2026-02-27", "correction_told_on": "2026-02-27",
                              "correction_number": "下财公开告〔2026〕3号"},
        "extension_notice": {"extension_days": 20, "extension_reason": "所涉档案数量较大，需逐件核对", "extension_told_on": "2026-03-18",
                             "extension_number": "下财公开告〔2026〕8号"},
        "reasons_notice": {"reasons_days": 10, "reasons_issued_on": "2026-02-27", "reasons_told_on": "2026-02-27", "reasons_number": "下财公开告〔2026〕4号"},
        "deferral_notice": {"deferral_days": 30, "deferral_told_on": "2026-03-18", "deferral_reason": "申请件数较多，需分批检索", "deferral_number": "下财公开告〔2026〕9号"},
        "fee_notice": {"fee_basis": "by_item", "month_items": 35, "fee_due": "3000", "fee_issued_on": "2026-02-26", "fee_notice_on": "2026-02-26",
                       "fee_number": "下财公开告〔2026〕2号"},
        "reply": {"outcome": "d1", **OUTCOMES["d1"], "reply_number": "下财公开复〔2026〕6号"},
        "end_notice": {"outcome": "o1", **ENDED["o1"], "end_number": "下财公开告〔2026〕5号"},
        "resumption_notice": {"corrected_on": "2026-03-05", "end_number": "下财公开告〔2026〕5号", "resumption_on": "2026-03-09", "resumption_number": "下财公开告〔2026〕11号"},
        "delivery_receipt": {"outcome": "granted", "delivery": "mail", "sent_on": "2026-03-11"},
        "correction_delivery": {"correction_issued_on": "2026-02-27"},
        "reasons_delivery": {"reasons_issued_on": "2026-02-27"},
        "fee_delivery": {"fee_due": "3000", "fee_issued_on": "2026-02-26"},
        "extension_delivery": {"extension_told_on": "2026-03-18"},
        "deferral_delivery": {"deferral_told_on": "2026-03-18"},
    },
    "document": {"processing_slip": {}, "return_slip": {"times_returned": 1, "attribute": None}},
    "proposal": {
        "reply": {},
        "publication_inquiry": {},
        "co_opinion": {"handling": "assist", "reply_number": "下财函〔2026〕12号"},
        "return_letter": {"returned_on": "2026-03-05", "assigned_on": "2026-03-02", "return_number": "下财函〔2026〕11号"},
    },
    "opinion": {
        "third_party_inquiry": {"doc_number": "下财公开询〔2026〕1号"},
        "third_party_notice": {"given_text": REPLY["reply_text"], "override_text": "报价关系财政资金使用，公众需要监督", "told_on": "2026-03-09",
                               "notice_number": "下财公开告〔2026〕10号"},
        "agency_inquiry": {"purpose": "joint_agency", "party": "区发展和改革局", "doc_number": "下财公开询〔2026〕2号"},
        "section_enquiry": {"purpose": "section", "party": "预算科"},
        "co_handler_inquiry": {"purpose": "co_handler", "party": "区民政局", "assigning_body": "npc", "doc_number": "下财函〔2026〕10号"},
        "delivery_receipt": {},
        "notice_delivery": {"told_on": "2026-03-09", "notice_number": "下财公开告〔2026〕10号"},
    },
    "licence": {
        "correction_notice": {"correction_items": "缺专职从业人员名册", "told_on": "2026-03-03", "correction_number": "下财许告〔2026〕1号"},
        "acceptance": {"acceptance_number": "下财许告〔2026〕2号"},
        "not_accepted": {"decline_ground": "not_ours", "right_body": "某区财政局", "declined_number": "下财许告〔2026〕3号"},
        "extension_notice": {"extension_days": 10, "extension_reason": "需向外地核实人员情况", "extension_told_on": "2026-03-27", "extension_number": "下财许告〔2026〕4号"},
        "grant": {"proposal": "grant", "refusal_reason": None, "refusal_provision": None, "decision_number": "下财许决〔2026〕1号"},
        "refusal": {"decision_number": "下财许决〔2026〕2号"},
    },
    "participation": {
        "announcement": {},
        "hearing_notice": {"method": "hearing", "held_on": "2026-05-20", "place": "区会议中心二楼",
                           "participants": "公开报名、随机遴选二十人", "materials_sent_on": "2026-05-13"},
    },
}  # fmt: skip
ALL = [(kind, name) for kind, letters in LETTERS.items() for name in letters]


@cache
def kinds() -> Mapping[str, Definition]:
    return accepted_shipped()


@cache
def book(kind: str) -> LetterBook:
    return book_of(kinds()[kind])


def asked(kind: str, data: Mapping[str, Scalar], *, revealed: frozenset[str] = SEEN, now: datetime = NOW,
          contact: Mapping[str, str] = CONTACT) -> Asked:  # fmt: skip
    """A case of this kind that holds this beside what its kind usually holds; None takes a value away."""
    definition = kinds()[kind]
    held = {name: value for name, value in {**OF_KIND[kind], **data}.items() if value is not None}
    case = Case(
        "case-0001", f"{definition.prefix}-2026-00001", kind, definition.digest, "bureau", "预算科",
        StateName("returned" if held.get("times_returned") else definition.initial), 1, 1, held, {}, None, now, now, None, "",
    )  # fmt: skip
    clocks = {name: LastDay(date.fromisoformat(day)) for name, day in CLOCKS.items()}
    return Asked(case, definition, record(), clocks, "示范区财政局", now, revealed, contact)


def record() -> tuple[Event, ...]:
    """What has happened: a document on its way, returned once, and a request asked for its reasons."""
    steps = (
        ("start", "王敏", None), ("submit", "王敏", None), ("return", "孙丽", "未按规定标注公开属性，请标注后重新报送"),
        ("submit", "王敏", None), ("endorse", "李华", "同意，请办公室审核"), ("accept", "赵云", "核稿无异议"),
        ("clear", "孙丽", "不涉密，可以公开"), ("sign", "周局", "同意印发"),
        ("ask_reasons", "赵云", "本月已提出三十五件申请"), ("return_to_assigner", "赵云", "所提事项由区民政局负责"),
        ("take_late_correction", "钱伟", "您因住院未能在期限内补正，有医院证明"),
    )  # fmt: skip
    return tuple(
        Event("case-0001", number, NOW, name, name, None, "cli", TransitionName(step), None, StateName("x"), {}, said, False, "")
        for number, (step, name, said) in enumerate(steps, 1)
    )  # fmt: skip


def the_letter(kind: str, name: str, **data: Scalar) -> Paper:
    """The letter of this case; raises Refused. Another outcome comes with all that it needs."""
    usual = {} if "outcome" in data else LETTERS[kind][name]
    return composed(asked(kind, {**usual, **data}), book(kind).letters[name])


def why_not(kind: str, name: str, **data: Scalar) -> list[str]:
    """The names of all that stands in the way of the letter."""
    try:
        the_letter(kind, name, **data)
    except Refused as refused:
        return [each.name for each in refused.reasons]
    return []
