"""What a file of scenarios may say: every key once, with its meaning. Whether a name is known is `scenarios.py`'s to say."""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from workflow.notation import Day, Entry, Labelled, Name, Names, ScalarValue, Words, listed_or_mapped, means

#: A person, a section or a case, as people call it.
Called = Annotated[str, Field(min_length=1, max_length=100, pattern=r"\S")]
#: A notice of days off: its keys are those of calendar files, which are read by rules of their own.
Notice = Annotated[str, Field(min_length=1, max_length=20_000, pattern=r"\S")]
EXAMPLE = r"^M\d{1,2}-\d{1,2}$"


class DueEntry(Entry):
    """How an open clock is to stand."""

    rolled: Day | None = means("最后一日（遇休息日顺延后）", "last day, moved off a day off", default=None)
    strict: Day | None = means("最后一日（顺延前）", "last day as counted", default=None)
    provisional: bool = means("所依据的日历尚未公布", "counted with a year not announced yet", default=False)
    paused: bool = means("暂停计时", "it stands still", default=False)
    extended: int | None = means("延长了多少", "by how much it was extended", default=None)


class ThenEntry(Entry):
    """What must be true; what is not mentioned is not looked at."""

    state: Name | None = means("状态", "state", default=None)
    hands: Name | None = means("在谁手中（岗位）", "role in whose hands it is", default=None)
    fields: dict[Name, ScalarValue] = means("字段的值，null 为未填写", "what fields hold; null: nothing", default={})
    due: dict[
        Name,
        Annotated[
            Annotated[str, Tag("listed")] | Annotated[DueEntry, Tag("mapped")],
            Discriminator(listed_or_mapped),
        ],
    ] = means(
        "时限→最后一日，或 paused（暂停）、none（不计时），或详细写法",
        "clock → last day, or paused, or none, or in full",
        default={},
    )
    ended: dict[Name, Literal["met", "late", "void", "extended", "restarted"]] = means(
        "已结束的时限→如何结束", "clock that ended → how", default={}
    )
    told: dict[Called, list[str]] = means(
        "人员→本行收到的全部通知：步骤，或 remind 时限、escalate 时限",
        "person → all that they were told on this line: a step, or remind CLOCK, escalate CLOCK",
        default={},
    )
    happened: list[Name] | None = means(
        "本行发生的全部步骤（含系统办理）", "all steps of this line, those of the system included", default=None
    )


class TodayEntry(Entry):
    """The day of the line, whichever it is."""

    today: Literal[True] = means("当日", "the day of the line")


class LineEntry(Entry):
    """One line of a story."""

    passage: Name | None = means(
        "接入一段（passages）；可另写 at、case", "a passage stands here, maybe with `at` and `case`", default=None
    )
    at: str | None = means(
        "时间：2026-03-02 09:00，或只写日期；此前到期的由定时器办理",
        "moment; a day alone is its nine o'clock. What is due until then the ticker has done",
        default=None,
    )
    unattended: bool = means(
        "此前定时器停着，到期的以后补办", "no ticker ran until then: what fell due is late", default=False
    )
    by: Called | None = means("谁办理（姓名）", "who acts", default=None)
    do: Name | None = means("步骤，或 start、edit、import", "a step, or start, edit, import", default=None)
    kind: Name | None = means(
        "start 的事项种类，不写则为 about；或 opened 的子事项的种类",
        "kind of the case that starts, or of the sub-case that is `opened`",
        default=None,
    )
    case: Called | None = means("哪一件（不写则为第一件）", "which case; else the first", default=None)
    section: Called | None = means("新事项的科室", "section of the case that starts", default=None)
    with_: dict[
        Name,
        Annotated[
            Annotated[ScalarValue, Tag("listed")] | Annotated[TodayEntry, Tag("mapped")],
            Discriminator(listed_or_mapped),
        ],
    ] = means(
        "随办理填写的字段；{today: true} 为当日", "data that come with it; {today: true}", alias="with", default={}
    )
    comment: Words | None = means("意见", "comment", default=None)
    refused: Names | None = means("应被拦下，及全部未满足的要求", "it is refused, and by all of this", default=None)
    warned: list[Name] | None = means("应提示的全部条件", "all that is said without blocking", default=None)
    opened: Called | None = means("给新发起的子事项取名", "name of the sub-case that begins here", default=None)
    announce: Notice | None = means(
        "国务院放假通知（文字，写法同日历文件）", "a notice of days off, as its own file says it", default=None
    )
    then: ThenEntry | None = means("办理后应当如何", "what must then be true", default=None)


class GivenEntry(Entry):
    """What stands before the story begins."""

    calendar: Notice | None = means(
        "当时已知的放假通知（文字，写法同日历文件）",
        "a notice of days off that is known, as its own file says it",
        default=None,
    )


class ScenarioEntry(Labelled):
    """One story."""

    example: Annotated[str, Field(pattern=EXAMPLE)] | None = means("算例编号", "number of the example", default=None)
    source: Words | None = means("依据", "article of law", default=None)
    given: GivenEntry | None = means("前提", "what stands before", default=None)
    when: list[LineEntry] = means("经过", "what happens", min_length=1, max_length=300)
    then: ThenEntry | None = means("结果（第一件）", "what is true of the first case in the end", default=None)


class PersonEntry(Entry):
    """Somebody who is not in the sample bureau."""

    section: Called | None = means("科室", "section", default=None)
    posts: list[Name] = means("岗位", "posts", min_length=1, max_length=20)


class BureauEntry(Entry):
    """Who is there beside the sample bureau."""

    # Every story of the file founds them anew, each with a commit of its own: more take longer than anybody waits.
    sections: list[Called] = means("另设的科室", "further sections", default=[], max_length=50)
    people: dict[Called, PersonEntry] = means("另有的人员", "further people", default={}, max_length=100)


class ExcusesEntry(Entry):
    """What no story can tell, and why."""

    steps: dict[Name, Labelled] = means("无人能办的步骤", "steps that nobody can take", default={})
    always_met: dict[Name, Labelled] = means("不会不满足的条件", "guards that are never unmet", default={})
    never_met: dict[Name, Labelled] = means("不会满足的条件", "guards that are never met", default={})


class ScenarioFile(Entry):
    """A file of scenarios about one kind of case."""

    format: Literal["gongkai-scenarios/1"] = means("格式版本", "version of this format")
    about: Name = means("事项种类", "kind of case")
    bureau: BureauEntry | None = means("示例机关之外的科室和人员", "beside the sample bureau", default=None)
    passages: dict[Name, list[LineEntry]] = means("多处用到的经过", "what several stories share", default={})
    scenarios: dict[Name, ScenarioEntry] = means("情景", "the stories", min_length=1, max_length=500)
    excuses: ExcusesEntry | None = means("无从演示的内容", "what no story can tell", default=None)


def as_text() -> str:
    """The JSON Schema of a file of scenarios, for editors, as `definitions/scenarios/schema.json` holds it."""
    said = {name: part for name, part in ScenarioFile.model_json_schema(by_alias=True).items() if name != "title"}
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "gongkai scenarios"}
    return json.dumps({**head, **said}, ensure_ascii=False, indent=2) + "\n"


if __name__ == "__main__":
    print(as_text(), end="")
