"""What a definition file may say: every key once, with its meaning; `catalogue.py` does the same for catalogues.

The only home of pydantic inside the engine. Nothing here looks beyond one entry: whether a named state exists, whether a
condition fits its field, is the loader's to say. A new key of the format is a new line in one of these models.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from workflow.notation import (
    ActEntry,
    AssignmentValue,
    ChoiceName,
    ConditionText,
    Day,
    Entry,
    InForce,
    Labelled,
    LimitText,
    Name,
    Names,
    OneOrMore,
    ScalarValue,
    Span,
    TermText,
    TrailName,
    Words,
    form_of_limit,
    listed_or_mapped,
    means,
)
from workflow.promised import NeverEntry, NeverWithoutEntry, PassEntry, Waiver, form_of_never


class RoleEntry(Labelled):
    """One role."""

    scope: Literal["section", "bureau"] = means(
        "岗位范围：section 本科室，bureau 全局", "its own section, or the whole bureau"
    )
    rank: int | None = means("层级，逾期逐级上报", "how high it stands: escalations go up", default=None, ge=1, le=9)


class Roles(Entry):
    """Who may be appointed to what: from a catalogue, or written here."""

    catalogue: Name | None = means("岗位目录", "catalogue of roles", default=None)
    values: dict[Name, RoleEntry] | None = means("岗位", "the roles", default=None, min_length=1, max_length=50)


class ChoiceEntry(Labelled):
    """One value of an enum field."""

    facts: dict[Name, ScalarValue] = means("附注", "facts", default={})


class FieldEntry(Labelled):
    """One datum of a case."""

    type: Literal["text", "bool", "enum", "date", "integer", "money", "case"] = means("类型", "what it may hold")
    values: dict[ChoiceName, ChoiceEntry] | None = means(
        "enum 的可选值", "choices of an enum", default=None, min_length=1, max_length=500
    )
    catalogue: Name | None = means("enum 的可选值取自目录", "choices of an enum, from a catalogue", default=None)
    of: Names | None = means("case（关联事项）可以是哪些种类", "of a case: which kinds it may name", default=None)
    own: bool = means(
        "case（关联事项）只为本事项所用：在本事项之后发起，同种类的别的事项没有填写它",
        "of a case: made for this one alone; begun after it, and named so by no other of its kind",
        default=False,
    )
    named_in: Name | None = means(
        "case（关联事项）须在其此字段中也写明本事项",
        "of a case: the field in which that one must name this one, too",
        default=None,
    )
    min: int | None = means(
        "最少字数（文字、数字）或最小值", "fewest letters and digits, or least number", default=None
    )
    max: int | None = means(
        "最多字数、最大值或最多件数", "most characters, greatest number, or how many cases at most", default=None
    )
    pattern: Annotated[str, Field(min_length=1, max_length=200)] | None = means(
        "整个文字须符合的正则表达式", "regular expression that the whole text must match", default=None
    )
    example: str | None = means("照格式写的例子", "what the pattern takes: shown to whoever wrote else", default=None)
    personal: bool = means("个人信息，显示时遮盖", "personal data: masked wherever it is shown", default=False)
    seen_by: list[Name] = means("可看全文的岗位（个人信息）", "of personal data: who may see it whole", default=[])
    lapses_on: list[Name] = means(
        "这些字段一有变动，本字段即清除", "cleared when one of these fields changes", default=[]
    )


class NeedsEntry(Entry):
    """How far sub-cases or linked cases must be; `closed` is any state in which they end."""

    children: Name = means(
        "哪一类子事项，或关联事项所在的字段", "which sub-cases, or the field that names the linked cases"
    )
    all_: Names | None = means("全部须在这些状态", "all must be in these states", alias="all", default=None)
    some: Names | None = means("至少一件在这些状态", "at least one must be in these states", default=None)
    none: Names | None = means("不得有任何一件在这些状态", "none may be in these states", default=None)


class GuardEntry(Labelled):
    """A condition with the sentence that a blocked user reads: on the data, on the sub-cases, or a registered check."""

    if_: ConditionText | None = means("须成立的条件", "the condition that must hold", alias="if", default=None)
    needs: NeedsEntry | None = means("子事项须办到哪一步", "how far the sub-cases must be", default=None)
    check: Name | None = means(
        "已登记的检查",
        "a registered check",
        default=None,
        examples=[
            "author",
            "four_eyes",
            "before_due",
            "not_overdue",
            "last_day_reached",
            "first_time",
            "identity",
            "not_later_than_today",
            "in_order",
            "said_anew",
            "year_end",
            "today",
            "known_with",
            "undated",
        ],
    )
    params: dict[Name, list[TrailName]] = means("检查的参数", "parameters of the check", default={})
    basis: Words | None = means("依据条款", "article of law", default=None)


class PublicWords(Labelled):
    """A state in the words of those outside."""


class StateEntry(Labelled):
    """One state."""

    initial: bool = means("起始状态", "cases begin here", default=False)
    final: bool = means("办结状态", "cases end here", default=False)
    waits_for: Name | None = means("在谁手中", "role in whose hands the case is", default=None)
    edit: dict[Name, list[Name]] = means("岗位→可修改的字段", "role → fields it may change here", default={})
    public: PublicWords | None = means("申请人看到的说法", "what the applicant or proposer is told", default=None)


class TellEntry(Entry):
    """Who is told."""

    to: Name = means("岗位，或 author（拟稿人）", "a role, or author")
    if_: ConditionText | None = means("仅当条件成立时", "only if this holds", alias="if", default=None)


class Form(Entry):
    """The data that come with a step."""

    required: list[Name] = means("必填字段", "fields that must come with it", default=[])
    optional: list[Name] = means("可填字段", "fields that may come with it", default=[])


class NumberEntry(Entry):
    """A number without gaps, given in the same commit."""

    field: Name = means("写入的文字字段", "text field it is written to")
    series: Name = means("机关代字所在的 enum 字段", "enum field that holds the series")
    year_of: Name = means("取其年份的日期字段", "date field whose year it bears")
    format: Words = means("格式，含 {series}、{year}、{serial}", "form, with {series}, {year}, {serial}")
    keeps: bool = means(
        "已有同一系列、同一年份的编号时沿用",
        "a number of this series and year that is there already is kept",
        default=False,
    )


class OpensEntry(Entry):
    """A sub-case that begins in the same commit."""

    child: Name = means("哪一类子事项", "which sub-case")
    section: Name | None = means(
        "承办科室所在的文字字段；不写则为本科室", "text field that names the section; else the case's own", default=None
    )
    if_: ConditionText | None = means("仅当条件成立时", "only if this holds", alias="if", default=None)
    set_: dict[Name, AssignmentValue] = means(
        "子事项的字段；{copy: 字段} 取自本事项",
        "fields of the sub-case; {copy: field} takes from this case",
        alias="set",
    )


class MoveEntry(Entry):
    """Other cases that take a step with this one, in the same commit: those that stand where it begins."""

    case: TrailName = means(
        "哪一类子事项、关联事项所在的字段，或 parent（主事项）；种类.字段 指在该字段写有本事项的那些事项",
        "kind of sub-case, field that names linked cases, or parent: the case that it belongs to; kind.field: those that name this one there",
    )
    step: Name = means("其办理的步骤（须可由系统办理）", "the step that they take, which must be open to system")
    if_: ConditionText | None = means("仅当条件成立时", "only if this holds", alias="if", default=None)
    set_: dict[Name, AssignmentValue] = means(
        "随其步骤填写的字段；{copy: 字段} 取自本事项",
        "data that come with their step; {copy: field} takes from this case",
        alias="set",
        default={},
    )


class Slip(Labelled):
    """The sentence recorded when nobody writes one."""


class TransitionEntry(Labelled):
    """A named step."""

    from_: Names = means("从哪些状态", "states it leaves", alias="from")
    to: Name = means("到哪个状态", "state it enters")
    roles: Annotated[
        Annotated[list[Name], Tag("listed")] | Annotated[dict[Name, list[Name]], Tag("mapped")],
        Discriminator(listed_or_mapped),
    ] = means("谁可以办；也可按起始状态分列", "who may take it; or a mapping by the state it leaves", default=[])
    if_: ConditionText | None = means(
        "仅对这样的数据存在", "it exists only for data like this", alias="if", default=None
    )
    guards: list[Name] = means("须满足的条件（阻止）", "guards that block", default=[])
    warns: list[Name] = means("提示的条件（不阻止）", "guards that only warn", default=[])
    when_blocked: list[Name] = means(
        "其中有一项未满足时才可办", "it exists only while one of these guards is unmet", default=[]
    )
    auto: bool = means("可办即由系统自动办理", "the system takes it as soon as it is open", default=False)
    at_once: bool = means(
        "随前一步同时自动办理，不等到期扫描",
        "an automatic step is taken in the commit of the step that leads to it, and does not wait for the ticker",
        default=False,
    )
    comment: Literal["none", "optional", "required"] = means(
        "意见：none 不收、optional 可填、required 必填",
        "comment: not taken, may be given, must be given",
        default="optional",
    )
    form: Form | None = means("随办理填写的字段", "data that come with it", default=None)
    set_: dict[Name, AssignmentValue] = means("办理时自动写入", "what it writes by itself", alias="set", default={})
    number: NumberEntry | None = means("编号", "number it gives", default=None)
    dated: Name | None = means(
        "实际发生日期所在的日期字段；不写则为办理当日",
        "date field with the day on which it happened, for the clocks; else the day of the step",
        default=None,
    )
    opens: OpensEntry | None = means("同时发起的子事项", "sub-case that begins with it", default=None)
    cancels: list[Name] = means(
        "同时撤销的子事项（其 cancel 步骤）", "sub-cases whose step cancel is taken with it", default=[]
    )
    moves: list[MoveEntry] = means(
        "同一次提交中一并办理的其他事项", "other cases that take a step in the same commit", default=[], max_length=20
    )
    letter: Name | None = means("随之发出的文书", "letter that leaves with it", default=None)
    tell: list[TellEntry] = means("通知谁", "who is told", default=[])
    slip: Slip | None = means("未写意见时记录的话", "sentence recorded when there is no comment", default=None)
    basis: Words | None = means("依据条款", "article of law", default=None)


class AnchorEntry(Entry):
    """What a limit is counted from."""

    event: Names = means("起算的步骤（最近一次）", "steps it is counted from, the last one taken")
    date: Name | None = means("起算日所在的日期字段", "date field that holds the day", default=None)


class RestartEntry(Entry):
    """A step with which the limit begins anew."""

    event: Name = means("重新起算的步骤", "step with which it begins anew")
    date: Name | None = means("起算日所在的日期字段", "date field that holds the day", default=None)


class ExtendEntry(Entry):
    """A step that makes the limit longer, counted from the same anchor."""

    event: OneOrMore = means("延长期限的步骤", "steps that extend it")
    by: LimitText | None = means(
        "至多延长多久（单位与期限相同）；期限取自期限目录的可不写",
        "by how much at most, in the unit of the limit; may be left to the law that the limit is taken from",
        default=None,
    )
    count: Name | None = means("实际延长数所在的整数字段", "integer field with how much was granted", default=None)


class RegimeEntry(Entry):
    """What another version of the law said."""

    from_on: Day | None = means("自哪日起", "first day", alias="from", default=None)
    until: Day | None = means("至哪日止", "last day", default=None)
    limit: TermText = means("当时的期限", "limit of that time")
    extend: LimitText | None = means("当时至多延长多久", "extension of that time", default=None)
    basis: Words = means("依据条款", "article of law")


class RegimesEntry(Entry):
    """Which version of the law a case falls under."""

    by: Name | None = means(
        "据以适用法律版本的日期字段；不写则为起算日",
        "date field that chooses the version; else the day it is counted from",
        default=None,
    )
    versions: list[RegimeEntry] = means(
        "其他版本；期限取自期限目录的可不写",
        "the other versions; may be left to the law that the limit is taken from",
        default=[],
        max_length=20,
    )


class FieldLimit(Entry):
    """A limit whose length a step has set."""

    field: Name = means("期限数所在的整数字段", "integer field with the length")
    unit: Literal["working days", "calendar days", "months", "hours"] = means("单位", "its unit")


class LawLimit(Entry):
    """A limit that stands in the catalogue of limits, with its versions, its extension and its article."""

    law: ChoiceName = means("期限目录（limits）中的名称", "its name in the catalogue `limits`")


class RemindEntry(Entry):
    """A word before the last day."""

    before: Span = means("最后一日之前多久", "how long before the last day")
    tell: Names = means("提醒谁：岗位或 author", "whom: roles, or author")


class EscalateEntry(Entry):
    """A word after the last day, further up."""

    after: Span = means("最后一日之后多久", "how long after the last day")
    tell: Names = means("告知谁：岗位或 author", "whom: roles, or author")
    reassign: Name | None = means("改由谁办理", "role in whose hands it goes", default=None)


class DeadlineEntry(Labelled):
    """A clock."""

    clock: Literal["internal", "statutory"] = means("承办时限或法定时限", "internal or statutory")
    runs_in: Names = means("在哪些状态计时", "states in which it runs")
    pauses_in: Names | None = means("在哪些状态暂停计时", "states in which it stands still", default=None)
    limit: Annotated[
        Annotated[TermText, Tag("listed")] | Annotated[FieldLimit, Tag("mapped")] | Annotated[LawLimit, Tag("law")],
        Discriminator(form_of_limit),
    ] = means(
        "期限，如 3 working days、01-31 of the next year，或 {law: 名称}、{field, unit}",
        "how long, such as 3 working days, 01-31 of the next year, {law: name} or {field, unit}",
    )
    backward: bool = means(
        "自起算日往前计（如会前3日）", "counted back from the anchor's day: the last day on which to act", default=False
    )
    anchor: AnchorEntry | None = means(
        "起算点；不写则自进入状态起", "what it counts from; else the entry", default=None
    )
    restart: list[RestartEntry] = means("重新起算", "steps with which it begins anew", default=[], max_length=10)
    extend: ExtendEntry | None = means("延长", "how it can be extended", default=None)
    done_by: list[Name] = means(
        "由哪些步骤履行完毕（事项不离开所在状态）",
        "steps that fulfil it though the case does not leave",
        default=[],
        max_length=10,
    )
    by_entry: bool = means("以登记之时办结，不看所填日期", "ends with the entry, whatever day is stated", default=False)
    regimes: RegimesEntry | None = means("其他法律版本", "what other versions of the law say", default=None)
    applies: ConditionText | None = means("仅当条件成立时适用", "it runs only if this holds", default=None)
    since: Day | None = means("此日之前起算的不适用", "anchors before this day arm nothing", default=None)
    basis: Words | None = means("依据条款", "article of law", default=None)
    remind: list[RemindEntry] = means("到期前提醒，由远及近", "reminders, earliest first", default=[], max_length=10)
    on_expiry: Name | None = means("到期时系统办理的步骤", "step that the system takes on expiry", default=None)
    escalate: list[EscalateEntry] = means(
        "逾期上报，由近及远", "escalations, the earliest first", default=[], max_length=10
    )


class IntakeEntry(Entry):
    """How records of earlier years enter."""

    state: Name = means("进入的状态", "state they enter")
    roles: list[Name] = means(
        "哪些岗位可导入；不写则为能办理进入该状态的步骤者",
        "who may enter them; else whoever may take a step into that state",
        default=[],
    )
    of_this_year: list[Name] = means(
        "本年度开始或办结的记录由哪些岗位导入；不写则不能导入，须按程序办理",
        "who may enter records that were opened or closed this year; without it nobody, they go by the procedure",
        default=[],
    )
    set_: dict[Name, ScalarValue] = means("写入的字段", "fields that are set", alias="set", default={})
    columns: dict[Name, Annotated[list[Words], Field(min_length=1)]] = means("字段→表头", "field → header names")
    required: list[Name] = means("必有的字段", "fields a record must have", default=[])
    key: list[Name] = means("据以识别同一记录的字段", "fields that make a record the same record", min_length=1)
    opened: Name = means("起算的日期字段", "date field that anchors its deadline")
    closed: Name | None = means(
        "办结的日期字段；不写则只登记，不计时限",
        "date field on which it ended; without it no clock is counted",
        default=None,
    )


class ChildEntry(Labelled):
    """A kind of sub-case of this one, by the name that its steps use."""

    kind: Name = means("子事项的种类（另一定义的 id）", "kind of the sub-case: id of its definition")


class LetterEntry(Labelled):
    """A letter, and what it must hold before it may leave."""

    parts: list[Name] = means("必备内容（条件名）", "compulsory parts: names of guards", min_length=1, max_length=50)


class BandEntry(Entry):
    """One step of a progressive fee."""

    up_to: int = means("至第几件（页）", "up to which item", ge=1)
    each: int = means("每件（页）多少元", "元 for each", ge=0)


class BeyondEntry(Entry):
    """How the fee goes on after the last band."""

    every: int | None = means(
        "每多少件（页）为一档；不写则不再递增", "items of a further band; else it rises no more", default=None, ge=1
    )
    adds: int = means(
        "每档每件（页）加收多少元；不递增时为固定单价",
        "元 that each further band adds; without bands the price of each",
        ge=0,
    )


class TariffEntry(Labelled):
    """A progressive fee (元)."""

    of: Name = means("件数（页数）所在的整数字段", "integer field with the number of items")
    bands: list[BandEntry] = means("分档", "bands", min_length=1, max_length=50)
    beyond: BeyondEntry = means("各档以上", "beyond the bands")
    source: Words = means("来源", "where it comes from")
    verified: bool = means("是否已与原文核对", "whether it was compared with the source")


class SimilarEntry(Labelled):
    """What makes two cases alike enough to be shown to each other when one begins."""

    fields: list[Name] = means("相同的字段", "fields that are the same", min_length=1, max_length=5)


class DefinitionFile(Entry):
    """One kind of case, declared: what it is, which data, which rules, which states and steps, how long, what never."""

    format: Literal["gongkai/1"] = means("格式版本", "version of this format")
    id: Name = means("事项种类", "name of the kind")
    version: int = means("版本", "version of this definition", ge=1, le=9999)
    prefix: Annotated[str, Field(pattern=r"^[A-Z]{2,6}$")] = means("事项编号前缀", "prefix of case numbers")
    title: Labelled = means("名称", "its name")
    basis: list[Words] = means("依据", "the law it rests on", default=[])
    in_force: InForce | None = means("适用期间", "between which days it holds", default=None)
    roles: Roles = means("岗位", "roles")
    fields: dict[Name, FieldEntry] = means("字段", "data of a case", min_length=1, max_length=300)
    guards: dict[Name, GuardEntry] = means("条件", "named conditions", default={}, max_length=300)
    states: dict[Name, StateEntry] = means("状态", "states", min_length=1, max_length=200)
    transitions: dict[Name, TransitionEntry] = means("步骤", "steps", min_length=1, max_length=500)
    deadlines: dict[Name, DeadlineEntry] = means("时限", "clocks", default={}, max_length=200)
    never: dict[
        Name,
        Annotated[
            Annotated[NeverEntry, Tag("in")] | Annotated[NeverWithoutEntry, Tag("without")],
            Discriminator(form_of_never),
        ],
    ] = means("绝不允许", "what must never be", default={}, max_length=200)
    passes: dict[Name, PassEntry] = means("必经步骤", "steps that cannot be left out", default={}, max_length=100)
    waive: list[Waiver] = means("豁免的检查", "checks that do not hold here", default=[], max_length=200)
    children: dict[Name, ChildEntry] = means("子事项", "sub-cases", default={}, max_length=50)
    letters: dict[Name, LetterEntry] = means("文书", "letters", default={}, max_length=50)
    tariffs: dict[Name, TariffEntry] = means("收费标准", "fees", default={}, max_length=20)
    similar: dict[Name, SimilarEntry] = means(
        "登记时查重", "which others are shown at intake", default={}, max_length=10
    )
    listed: list[Name] = means(
        "列表和统计所用的字段", "fields that lists hand on for statistics", default=[], max_length=50
    )
    acts: dict[Name, ActEntry] = means(
        "日常办件：收窄或不设（by 和 also 均为空）",
        "everyday acts, narrowed or left out (by and also empty)",
        default={},
        max_length=20,
    )
    intake: IntakeEntry | None = means("历史记录的导入", "how past records enter", default=None)
