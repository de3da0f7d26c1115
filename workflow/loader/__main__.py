"""`python -m workflow.loader` prints the page of findings: every code the loader knows, in both languages."""

from __future__ import annotations

from workflow.loader.findings import NAMES, READING, RULES, SHAPE
from workflow.loader.letter_said import LETTERS
from workflow.loader.proved import PROOF
from workflow.loader.said import FLOW
from workflow.loader.scenario_said import SCENARIOS
from workflow.text import Text

_CHAPTERS = (
    ("读取文件", "Reading the file", READING),
    ("键与值的形式", "Keys and the form of values", SHAPE),
    ("名称", "Names", NAMES),
    ("条件、字段与编号", "Conditions, fields, numbers", RULES),
    ("流程与时限", "Flow and deadlines", FLOW),
    ("验证", "The proof", PROOF),
    ("情景", "Scenarios", SCENARIOS),
    ("文书", "Letters", LETTERS),
)

_NEAREST = Text("给出最接近的名称，或可用的名称", "the nearest name is suggested, or those that there are")


def as_page() -> str:
    """The page `docs/reference/findings.md`."""
    lines = [
        "# 定义检查结果一览 / Findings of the definition check",
        "",
        "<!-- written by `python -m workflow.loader`; a test compares -->",
        "",
        "每处错误都给出文件、行、列、该行原文、原因和改法；`{…}` 处填入具体内容。",
        "Each finding gives file, line, column, the line itself, the reason and what to do; `{…}` stands for the fact.",
    ]
    for zh, en, chapter in _CHAPTERS:
        lines += ["", f"## {zh} / {en}", "", "| code | 原因 / what is wrong | 改法 / what to do |", "|---|---|---|"]
        for code, said in chapter.items():
            hint = _NEAREST if said.hint.zh == "{hint}" else said.hint
            cells = (f"{said.text.zh}<br>{said.text.en}", f"{hint.zh}<br>{hint.en}")
            lines.append(f"| `{code}` | {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    return "\n".join(lines).replace("{{", "{").replace("}}", "}") + "\n"


if __name__ == "__main__":
    print(as_page(), end="")
