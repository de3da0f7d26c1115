"""Everything a caller must hear of, one tree, each with a stable code, a sentence in both languages and an exit code.

GongkaiError
├── Refused        3  a guard says no; every reason is listed
├── Denied         4  the actor's appointments do not allow it
├── Quarantined    3  the case stands in a state that its definition does not know
├── NotFound       4  not there, or not yours
├── Conflict       5  another hand was first
├── Busy           6  the database is held by others
├── Unknown        6  the commit is in doubt: repeat with the same request id
├── Invalid        2  a name or a value that cannot be
│   └── BadFile    8  an input file with rows or lines at fault
├── BadDefinition  8  a definition that does not load: file, line, column
│   └── NoLongerHolds 8  an installed definition that does not hold beside what is to be installed
│   └── BadScenario 8  a file of scenarios that does not load
│   └── BadLetter  8  a file of letters that does not load
│   └── BadPlan    8  a plan of migration that cannot be followed: file, line, column
├── FoundFault     7  a check found something
└── StorageFault   1  the database is missing, broken, full, read-only or of another version
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workflow.case import Unmet
from workflow.text import Text, shown


class GongkaiError(Exception):
    """The root: a code, a bilingual sentence that names the thing, the reason and the next step."""

    code = "fault"
    exit_code = 1
    text = Text(zh="出现未预料的故障：{detail}", en="an unexpected fault: {detail}")

    def __init__(self, text: Text | None = None, **facts: object) -> None:
        self.facts = facts
        sentence = text or self.text
        # A sentence that comes without facts is whole already, and may quote a user's braces.
        self.said = sentence.filled(**facts) if facts else sentence
        super().__init__(self.said.en)


class Refused(GongkaiError):
    """The rules say no; `reasons` holds every unmet requirement."""

    code = "refused"
    exit_code = 3
    text = Text(
        zh="“{transition}”不能办理，有{count}项要求未满足：", en="cannot {transition}: {count} requirement(s) unmet:"
    )

    def __init__(self, transition: Text | str, reasons: Sequence[Unmet], text: Text | None = None) -> None:
        self.reasons = tuple(reasons)
        super().__init__(text, transition=transition, count=len(self.reasons))


class Denied(Refused):
    """The actor holds no appointment that may do this; `reasons` lists what else is unmet too."""

    code = "denied"
    exit_code = 4
    text = Text(zh="您无权办理“{transition}”：", en="you may not {transition}:")


class Quarantined(Refused):
    """The case stands in a state that its definition does not know: it is left as it is, and only a migration moves it."""

    code = "quarantined"
    exit_code = 3
    text = Text(
        zh="{number} 已隔离：定义 {kind} 第 {version} 版没有环节“{state}”；任何步骤都不办理、也不改动它，须由系统管理员用迁移计划"
        "移到已知环节：gongkai definitions migrate",
        en="{number} is in quarantine: version {version} of {kind} knows no state “{state}”; nothing acts on it or changes it "
        "until the administrator moves it to a known one with a plan: gongkai definitions migrate",
    )

    def __init__(self, **facts: object) -> None:
        self.reasons = ()
        GongkaiError.__init__(self, None, **facts)


class NotFound(GongkaiError):
    """Not there, or not the actor's to see: the words are the same on purpose."""

    code = "not_found"
    exit_code = 4
    text = Text(
        zh="没有找到{what}“{name}”，或不在您的权限之内；可用 {hint} 查看",
        en="no {what} “{name}” here, or it is not yours to see; try {hint}",
    )

    def __init__(self, text: Text | None = None, *, name: str, **facts: object) -> None:
        super().__init__(text, name=shown(name), **facts)


class Conflict(GongkaiError):
    """Another hand moved the case between reading and acting."""

    code = "conflict"
    exit_code = 5
    text = Text(
        zh="{actor}已先行办理，事项现为“{state}”（版本 {version}），请刷新后再办",
        en="{actor} acted first and the case is now {state} (version {version}); reload before acting",
    )


class Busy(GongkaiError):
    """The database stayed locked by others for longer than we wait."""

    code = "busy"
    exit_code = 6
    text = Text(
        zh="数据库正忙，未作任何改动；请用同一请求号重试",
        en="the database is busy, nothing was changed; repeat with the same request id",
    )


class Unknown(GongkaiError):
    """The commit is in doubt."""

    code = "unknown"
    exit_code = 6
    text = Text(
        zh="提交结果不明；请用同一请求号 {request_id} 重试，已办的不会重办",
        en="the outcome is unknown; repeat with the same request id {request_id}: what was done is not done twice",
    )


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in what was given: a field, a row of a file, or a place in a definition."""

    code: str
    text: Text
    field: str | None = None
    row: int | None = None
    column: str | None = None


class Invalid(GongkaiError):
    """A name or a value that cannot be; `problems` goes field by field."""

    code = "invalid"
    exit_code = 2
    text = Text(zh="输入有误：", en="invalid input:")

    def __init__(self, problems: Sequence[Problem] = (), text: Text | None = None, **facts: object) -> None:
        self.problems = tuple(problems)
        super().__init__(text, **facts)


class BadFile(Invalid):
    """An input file that cannot be taken in as it is."""

    code = "bad_file"
    exit_code = 8
    text = Text(zh="文件 {file} 有误：", en="file {file} has faults:")


def no_such_file(file: str) -> BadFile:
    """The answer to the name of a file that is not there; of a value's (`@FILE`) terminal/typed.py says more: it may be none."""
    return BadFile((Problem("no-file", _NO_SUCH_FILE, field="file"),), file=file)


_NO_SUCH_FILE = Text("文件不存在，请核对路径", "there is no such file; check the path")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of a definition, at its place: what a reader needs to mend it."""

    code: str
    definition: str
    text: Text
    hint: Text
    file: str = ""
    line: int = 0
    column: int = 0
    source: str = ""  # the line itself
    path: tuple[str, ...] = ()  # the shortest way to it, where there is one: the names of the steps
    way: tuple[Text, ...] = ()  # the same in words, with what is written at its end


class BadDefinition(GongkaiError):
    """A definition that does not load; `findings` holds every fault with file, line and column."""

    code = "bad_definition"
    exit_code = 8
    text = Text(zh="定义 {file} 有 {count} 处错误：", en="definition {file} has {count} fault(s):")

    def __init__(self, file: str, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(file=file, count=len(self.findings))


class NoLongerHolds(BadDefinition):
    """An installed definition that has a fault only beside what is to be installed."""

    code = "no_longer_holds"
    text = Text(
        zh="照此启用，已启用的 {file} 就有 {count} 处错误；请改正要启用的文件，或把相应改好的 {file} 的新版写在同一条命令中一并启用：",
        en="with this, {file}, which is installed, has {count} fault(s); mend the file, or name a new version of {file} that "
        "fits in the same command:",
    )


class BadScenario(BadDefinition):
    """A file of scenarios that does not load."""

    code = "bad_scenario"
    text = Text(zh="情景文件 {file} 有 {count} 处错误：", en="the scenarios in {file} have {count} fault(s):")


class BadLetter(BadDefinition):
    """A file of letters that does not load."""

    code = "bad_letter"
    text = Text(zh="文书模板 {file} 有 {count} 处错误：", en="the letters in {file} have {count} fault(s):")


class BadPlan(BadDefinition):
    """A plan of migration that cannot be followed; `findings` holds every fault with file, line and column."""

    code = "bad_plan"
    text = Text(zh="迁移计划 {file} 有 {count} 处错误：", en="the plan {file} has {count} fault(s):")


class FoundFault(GongkaiError):
    """A check found something."""

    code = "found"
    exit_code = 7
    text = Text(zh="检查发现 {count} 个问题", en="the check found {count} problem(s)")


class StorageFault(GongkaiError):
    """The database is missing, broken, full, read-only or of another version."""

    code = "storage"
    exit_code = 1
    text = Text(zh="数据库不可用：{reason}；{way_out}", en="the database cannot be used: {reason}; {way_out}")
