"""What the loader says of a file of scenarios, beside what it says of any file."""

from __future__ import annotations

from workflow.loader.said import Said, said

_SUGGESTED = "{hint}", "{hint}"

_BEGIN = (
    "请以“format: gongkai-scenarios/1”开头，写法见 docs/scenarios.md",
    ("begin with “format: gongkai-scenarios/1”, as docs/scenarios.md shows"),
)

SCENARIOS: dict[str, Said] = {
    "empty": said("文件没有内容", "the file is empty", *_BEGIN),
    "not-a-mapping": said("文件顶层不是键值对", "the file is not a mapping of keys to values", *_BEGIN),
    "too-large": said(
        "文件 {size} KiB，超过上限 {most} KiB",
        "the file has {size} KiB, {most} KiB at most",
        "请把情景分成几个文件，一并给出",
        "spread the scenarios over several files and give them all",
    ),
    "too-many": said(
        "条目过多：至多 {most}",
        "too many entries: {most} at most",
        "请把情景分成几个文件，一并给出；一个情景过长的，分成几个情景",
        "spread the scenarios over several files and give them all; make several scenarios of one that is too long",
    ),
    "scenario-unknown": said("没有{what_zh}“{name}”", "there is no {what_en} “{name}”", *_SUGGESTED),
    "scenario-moment": said(
        "“{given}”不是时间",
        "“{given}” is no moment",
        "请写成 2026-03-02 或 2026-03-02 09:30",
        "write 2026-03-02, or 2026-03-02 09:30",
    ),
    "scenario-no-moment": said(
        "第一行没有时间", "the first line has no moment", "请写 at", "say `at` when the story begins"
    ),
    "scenario-backwards": said(
        "时间倒退：此前已是 {before}",
        "time runs backwards: it was {before} already",
        "请按先后排列",
        "put the lines in their order",
    ),
    "scenario-no-act": said(
        "本行没有内容可办", "nothing happens on this line", "请写 at、do 或 then", "say `at`, `do` or `then`"
    ),
    "scenario-half-act": said(
        "本行有“{name}”而没有 {lacking}",
        "this line has `{name}` without `{lacking}`",
        "请补上 {lacking}，或删去 {name}",
        "add `{lacking}`, or remove `{name}`",
    ),
    "scenario-not-begun": said(
        "还没有任何事项", "no case has begun yet", "请先写 start 的一行", "put a line with `start` before it"
    ),
    "scenario-case-twice": said(
        "“{name}”已经用来称呼另一件", "“{name}” is another case of this story", "请另取一名", "choose another name"
    ),
    "scenario-refused-and-done": said(
        "被拦下的一行不会有 {name}",
        "a line that is refused has no `{name}`",
        "请删去 refused 或 {name}",
        "remove `refused` or `{name}`",
    ),
    "scenario-passage": said(
        "接入一段的行只能另写 at、case，段落中不能再接入",
        "a line with a passage says nothing else but `at` and `case`, and a passage holds no passage",
        "请分成两行",
        "write two lines",
    ),
    "scenario-unsourced": said(
        "算例没有写明依据", "the worked example names no source", "请写 source", "say its `source`"
    ),
    "scenario-told": said(
        "通知应写步骤，或 remind 时限、escalate 时限",
        "what somebody is told is a step, or `remind CLOCK`, `escalate CLOCK`",
        *_SUGGESTED,
    ),
    "scenario-due": said(
        "“{given}”不是时限的写法",
        "“{given}” says nothing of a clock",
        "请写日期、paused 或 none",
        "write a day, `paused` or `none`",
    ),
}
