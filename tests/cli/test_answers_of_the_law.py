"""What the law refuses is refused at the command line in both languages, by name, and nothing is changed by the attempt."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.calling import Type, everything

ROWS: list[dict[str, Any]] = yaml.load(  # the base loader: everything is text, as it is typed
    (Path(__file__).parent / "answers_of_the_law.yaml").read_text("utf-8"), yaml.CBaseLoader
)
BEGUN = {
    "request": {
        "channel": "counter",
        "submitted_on": "2026-03-02",
        "applicant_name": "李明",
        "applicant_kind": "natural",
        "id_kind": "resident_id",
        "id_number": "11010519491231002X",
        "contact": "13900000000",
        "subject": "2025年办公设备采购合同",
    },
    "proposal": {
        "assigning_body": "npc",
        "assigned_on": "2026-03-02",
        "received_on": "2026-03-02",
        "lead_proposer": "俞代表",
        "proposer_kind": "individual",
        "proposal_text": "建议增设公交线路。",
    },
}


def fields(pairs: dict[str, str]) -> list[str]:
    """A comment is an option of its own; everything else is a field."""
    given = [
        ("--comment", value) if name == "comment" else ("--set", f"{name}={value}") for name, value in pairs.items()
    ]
    return [word for pair in given for word in pair]


def step(line: list[str]) -> list[str]:
    return [line[0], *fields(dict(pair.split("=", 1) for pair in line[1:]))]


@pytest.mark.parametrize("row", ROWS, ids=[row["when"] for row in ROWS])
def test_what_the_law_refuses_is_answered_and_changes_nothing(row: dict[str, Any], types: Type, db: Path) -> None:
    kind, changed = (row["begins"], {}) if isinstance(row["begins"], str) else ("request", row["begins"])
    facts = {name: value for name, value in {**BEGUN[kind], **changed}.items() if value}
    section = ["--section", "综合科"] if kind == "proposal" else []
    begun = types("start", kind, "--title", "申请公开采购合同", *section, *fields(facts), by="zhoujing")
    assert begun.code == 0, begun.said
    case = begun.out.split()[0]
    for line in row.get("then", []):
        day, actor, *words = line.split()
        done = types("do", case, *step(words), by=actor, now=f"{day}T10:00")
        assert done.code == 0, done.said
    if row.get("case") == "{party}":
        case = types("show", case, "--json", by="sunli").json["case"]["children"][-1]["number"]
    before = everything(db)

    tried = ["do", case, *step(row["typed"])]
    by, now = row.get("by", "sunli"), f"{row.get('on', '2026-03-02')}T10:30"
    answers = {lang: types(*tried, by=by, now=now, lang=lang) for lang in ("zh", "en")}
    told = types(*tried, "--json", by=by, now=now)

    for lang, answer in answers.items():
        assert answer.code == int(row["exit"]), answer.said
        assert [word for word in row[lang] if word not in answer.said] == [], answer.said
    assert told.code == int(row["exit"])
    assert everything(db) == before
