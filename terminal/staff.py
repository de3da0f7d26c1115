"""The people of the simulated month: what each of them does about a document, how long they take, and when they are away.

Nothing here knows a rule of the office: what somebody tries may be refused like anybody's step. Only dispositions are kept.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date

from storage.sample import Document
from workflow.case import EDIT, Data, Scalar

DRAFTERS = {
    "预算科": ("wangmin", "lixiang"),
    "国库科": ("machao", "xujia"),
    "会计科": ("huxiao",),
    "采购办": ("luojuan",),
    "综合科": ("xieyu",),
}
HEADS = {"预算科": "liuqiang", "国库科": "huanglei", "会计科": "zhuhong", "采购办": "gaofeng", "综合科": "songtao"}
LEADERS = ("linfang", "zhaoqiming", "chenguohua")
OFFICE = ("zhoujing", "sunli")
REVIEWER = "xuzheng"

#: Who is away on which days. Nobody stands in for 高峰 and 徐佳; 朱红 stands in for 黄磊.
AWAY = {
    "gaofeng": (date(2026, 2, 5), date(2026, 2, 13)),
    "xujia": (date(2026, 2, 10), date(2026, 2, 24)),
    "huanglei": (date(2026, 2, 25), date(2026, 2, 28)),
    "linfang": (date(2026, 3, 2), date(2026, 3, 4)),
}
STAND_INS = {"huanglei": "zhuhong"}

#: The working minutes that a state usually takes, and the chance that it takes days instead.
HABITS = {
    "draft": (90, 0.05),
    "section_review": (200, 0.14),
    "office_check": (150, 0.08),
    "attribute_dispute": (300, 0.20),
    "secrecy_review": (420, 0.08),
    "secrecy_referral": (1500, 0.10),
    "leader_approval": (260, 0.14),
    "returned": (240, 0.18),
    "numbering": (150, 0.08),
    "release": (480, 0.10),
}

ATTRIBUTES = ("proactive",) * 14 + ("on_request",) * 3 + ("withheld",) * 3
REASONS = {
    "on_request": (
        ("R13-1", "只涉及个别单位的资金安排，没有规定须主动公开"),
        ("R13-2", "按主管部门的政策规定，依申请提供查询"),
        ("R13-3", "内容专业且涉及面窄，依申请提供更为适宜"),
    ),
    "withheld": (
        ("E16-1c", "属于局内工作流程安排，不涉及相对人权利义务"),
        ("E16-2b", "系征求意见过程中的文稿，尚未形成最终意见"),
        ("E16-2d", "系向上级机关的请示报告，尚在研究之中"),
        ("E15-1", "含有投标企业的报价构成，属于商业秘密"),
        ("E14-3c", "提前公开可能影响地方债券发行的市场秩序"),
    ),
}
#: Why the public interest does not weigh more, where withholding is at discretion (条例 16).
BALANCE = "提前公开易使公众误解，最终结果将依法公开，不公开对公众利益影响较小"
#: What the Office proposes instead when it disagrees.
RATHER = {"proactive": "on_request", "on_request": "proactive", "withheld": "on_request"}


@dataclass(slots=True)
class Paper:
    """One document of the month, and how those who handle it are disposed."""

    document: Document
    drafter: str
    origin: str  # own | forwarded
    meant: Data  # the attribute and the reason that it should bear
    forgets: bool  # the attribute is left out at first
    halves: bool  # the attribute is given without its reason
    is_policy: bool
    publish_on: date | None = None  # lies in the Office until that day
    endorsers: set[str] = field(default_factory=set)  # whoever ever endorsed it does not sign it
    questioned: bool = False
    sent_back: bool = False

    def first_data(self) -> dict[str, Scalar]:
        """What the drafter writes at first."""
        data: dict[str, Scalar] = {"origin": self.origin, "is_policy": self.is_policy}
        if self.origin == "forwarded":
            data["original_attribute"] = self.meant["attribute"]
        if not self.forgets:
            data.update({"attribute": self.meant["attribute"]} if self.halves else self.meant)
        return data


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody does; `edit` is a move too."""

    by: str
    do: str
    data: Data = field(default_factory=dict)
    comment: str | None = None


def a_paper(document: Document, chance: random.Random) -> Paper:
    """A document on its drafter's desk, with dispositions drawn for it."""
    attribute = chance.choice(ATTRIBUTES)
    meant = with_reason(attribute, chance)
    forgets = chance.random() < 0.24
    drafter = chance.choice(DRAFTERS[document.section])
    origin = "forwarded" if chance.random() < 0.3 else "own"
    return Paper(
        document=document,
        drafter=drafter,
        origin=origin,
        meant=meant,
        forgets=forgets,
        halves=not forgets and attribute != "proactive" and chance.random() < 0.35,
        # A policy of ours that is to be published leaves with its interpretation: that is a story of its own (`stories`).
        is_policy=chance.random() < 0.35 and (attribute != "proactive" or origin == "forwarded"),
    )


def with_reason(attribute: str, chance: random.Random) -> dict[str, Scalar]:
    """An attribute with the reason that it needs."""
    if attribute == "proactive":
        return {"attribute": attribute}
    kind, text = chance.choice(REASONS[attribute])
    balance = {"balance_text": BALANCE} if kind.startswith("E16") else {}
    return {"attribute": attribute, "reason_kind": kind, "reason_text": text, **balance}


def is_away(person: str, on: date) -> bool:
    """Whether the person is on leave that day."""
    from_on, until_on = AWAY.get(person, (date.max, date.min))
    return from_on <= on <= until_on


def minutes_for(state: str, data: Data, chance: random.Random) -> int:
    """How many working minutes go by before somebody does something about a document in this state."""
    usual, dawdling = HABITS[state]
    if state == "office_check" and not is_tagged(data) and chance.random() < 0.45:
        return chance.randint(2, 20)  # seen at once; what is not seen at once the system returns
    if chance.random() < dawdling:
        return chance.randint(3, 7) * 540
    return int(usual * chance.lognormvariate(0, 0.7)) + 5


def is_tagged(data: Data) -> bool:
    """Whether the attribute, and the reason where one is needed, is there."""
    if data.get("attribute") == "proactive":
        return True
    return bool(data.get("attribute") and data.get("reason_kind") and data.get("reason_text"))


def moves(
    state: str, waits_for: str | None, data: Data, paper: Paper, today: date, chance: random.Random
) -> tuple[Move, ...]:
    """What happens to the document now; nothing when whoever should act is away."""
    who = _hand(state, waits_for, paper, today)
    if who is None:
        return ()
    acts = _ACTS[state](who, data, paper, chance)
    if state == "section_review" and acts[-1].do == "endorse":
        paper.endorsers.add(who)
    return acts


def _hand(state: str, waits_for: str | None, paper: Paper, today: date) -> str | None:
    """Whose turn it is; None when they are away and nobody stands in."""
    section = paper.document.section
    if state in ("draft", "returned"):
        candidates: tuple[str, ...] = (paper.drafter,)
    elif state in ("section_review", "attribute_dispute") and waits_for != "leader":
        candidates = (HEADS[section], STAND_INS.get(HEADS[section], HEADS[section]))
    elif state in ("secrecy_review", "secrecy_referral"):
        candidates = (REVIEWER,)
    elif state in ("leader_approval", "section_review"):
        candidates = tuple(each for each in LEADERS if each not in paper.endorsers)
    else:
        candidates = OFFICE
    here = [each for each in candidates if not is_away(each, today)]
    return here[len(paper.document.title) % len(here) if len(candidates) > 2 else 0] if here else None


def why_late(paper: Paper) -> Data:
    """What is given as the cause when the document is late: it lay in the Office, or in its section, for one reason or another."""
    if paper.publish_on:
        return {"cause": "handover", "section": "办公室"}
    cause = ("staff", "handover", "technical")[len(paper.document.title) % 3]
    return {"cause": cause, "section": paper.document.section}


def _draft(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    return (Move(who, "submit"),)


def _returned(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    mended: dict[str, Scalar] = {} if is_tagged(data) else dict(paper.meant)
    mended["body"] = "已按退文意见修改。" if data.get("body") is None else f"{data['body']}再次修改。"
    return Move(who, str(EDIT), mended), Move(who, "submit")


def _section_review(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    if not is_tagged(data) and chance.random() < 0.25:
        return (Move(who, "return", comment="请先标注公开属性和理由"),)
    if not paper.sent_back and chance.random() < 0.08:
        paper.sent_back = True
        return (Move(who, "return", comment="文字还须推敲，第二部分请与业务口径核对"),)
    return (Move(who, "endorse"),)


def _office_check(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    if not is_tagged(data):
        return (Move(who, "return_untagged"),)
    if (
        not paper.questioned
        and not paper.is_policy
        and paper.origin == "own"
        and chance.random() < (0.08 if data["attribute"] == "proactive" else 0.4)
    ):
        paper.questioned = True
        rather = RATHER[str(data["attribute"])]
        return (Move(who, "question", {"office_attribute": rather}, "从内容看，公开属性应当再议"),)
    accept = Move(who, "accept")
    if data.get("is_policy") and data["attribute"] == "withheld" and not data.get("office_opinion"):
        return Move(who, str(EDIT), {"office_opinion": "已审查，同意暂不公开"}), accept
    return (accept,)


def _attribute_dispute(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    if chance.random() < 0.5:
        return (Move(who, "insist", comment="科室仍认为原标注符合规定"),)
    reasons = with_reason(str(data["office_attribute"]), chance)
    reasons.pop("attribute")
    return (Move(who, "concede_with_reason" if reasons else "concede", reasons),)


def _secrecy_review(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    if not paper.sent_back and chance.random() < 0.07:
        paper.sent_back = True
        return (Move(who, "refer", comment="附件所列工程信息不能确定是否可以公开"),)
    return (Move(who, "clear"),)


def _secrecy_referral(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    return (Move(who, "record_ruling", {"ruled_classified": False}, "保密行政管理部门答复：不属于国家秘密"),)


def _leader_approval(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    if data.get("disputed"):
        settled = chance.choice((str(data["attribute"]), str(data.get("office_attribute") or data["attribute"])))
        return (Move(who, "settle", with_reason(settled, chance), "听取双方意见后裁定"),)
    if not paper.sent_back and chance.random() < 0.07:
        paper.sent_back = True
        return (Move(who, "return", comment="请补充资金来源的依据后再报"),)
    return (Move(who, "sign"),)


def _numbering(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    return (Move(who, "number", {"series": "下财办" if paper.origin == "forwarded" else "下财"}),)


def _release(who: str, data: Data, paper: Paper, chance: random.Random) -> tuple[Move, ...]:
    return (Move(who, {"proactive": "publish", "on_request": "file", "withheld": "withhold"}[str(data["attribute"])]),)


_ACTS = {
    "draft": _draft,
    "returned": _returned,
    "section_review": _section_review,
    "office_check": _office_check,
    "attribute_dispute": _attribute_dispute,
    "secrecy_review": _secrecy_review,
    "secrecy_referral": _secrecy_referral,
    "leader_approval": _leader_approval,
    "numbering": _numbering,
    "release": _release,
}
