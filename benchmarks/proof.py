"""What the proof costs: all shipped definitions checked, many fields that hang together, and the plan of a page."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Measured, lowest, seconds
from storage import Desk
from storage.moments import wall_clock
from storage.setup import initialise
from storage.versions import catalogues, shipped_definitions
from workflow.accepted import definition_from
from workflow.loader import accept
from workflow.prover import Proof, openings_of, proved

GONGKAI = str(Path(sys.executable).with_name("gongkai"))


def measures() -> Iterator[Measured]:
    """The whole command beside bare Python; the exploring beside the reading; a plan beside looking at the case."""
    quiet = partial(subprocess.run, capture_output=True, check=True)
    whole = lowest(
        {
            "check": lambda: quiet([GONGKAI, "definitions", "check"]),
            "bare Python": lambda: quiet([sys.executable, "-c", "pass"]),
        },
        rounds=5,
    )
    beside = f"bare Python {whole['bare Python'] * 1e3:.0f} ms"
    yield Measured("definitions check, all shipped, whole command", whole["check"], "s", 2.0, beside)

    known = catalogues()
    read = [accept(text, file, known) for text, file in shipped_definitions()]
    kinds = {each.id: definition_from(each.json, each.digest) for each in read}
    for kind, definition in kinds.items():
        proof = Proof(definition, openings_of(definition, kinds.values()))
        spent = seconds(lambda: Proof(definition, openings_of(definition, kinds.values())).size)  # noqa: B023
        yield Measured(f"  {kind} explored", spent * 1e3, "ms", None, f"{proof.size:,} situations")

    wide = accept(many_fields(12), "wide.yaml", known)
    spent = seconds(lambda: proved(wide, kinds))
    yield Measured("twelve fields of three values that hang together", spent, "s", 5.0, f"{proved(wide, kinds).size:,}")

    with TemporaryDirectory() as place:
        url = f"sqlite:///{place}/desk.db"
        initialise(url, sandbox=True, clock=wall_clock, login=None)
        with Desk.open(url) as desk:
            admin = desk.actor("admin")
            desk.add_section(admin, "预算科")
            desk.add_person(admin, "wangmin", "王敏", section="预算科")
            desk.appoint(admin, "wangmin", "drafter", section="预算科")
            drafter = desk.actor("wangmin")
            case = desk.start(drafter, "document", title="关于2026年度部门预算的批复").case.case.id
            first = seconds(lambda: desk.plan(drafter, case, "published"))
            taken = lowest(
                {
                    "plan": lambda: desk.plan(drafter, case, "published"),
                    "look": lambda: desk.case(drafter, case),
                },
                rounds=10,
                calls=5,
            )
    said = f"the first of a process {first * 1e3:.0f} ms; looking at the case {taken['look'] * 1e6:.0f} µs"
    yield Measured("plan from a draft to published, as on a page", taken["plan"] * 1e3, "ms", 50.0, said)


def many_fields(count: int) -> str:
    """A procedure whose one step asks for any of many pairs of fields."""
    names = [f"f{n}" for n in range(count)]
    values = "{a: {zh: 甲, en: a}, b: {zh: 乙, en: b}, c: {zh: 丙, en: c}}"
    fields = "\n".join(f"  {n}: {{type: enum, values: {values}, zh: 字段{n}, en: field {n}}}" for n in names)
    pairs = ", ".join(f"{{{one}: a, {other}: b}}" for one, other in pairwise(names))
    return f"""format: gongkai/1
id: wide
version: 1
prefix: WIDE
title: {{zh: 宽, en: wide}}
basis: [条例]
roles: {{catalogue: roles}}
fields:
  title: {{type: text, max: 500, zh: 标题, en: title}}
{fields}
guards:
  some: {{if: {{any: [{pairs}]}}, zh: 缺, en: lacking}}
states:
  draft: {{initial: true, waits_for: drafter, zh: 起草, en: draft, edit: {{drafter: [title, {", ".join(names)}]}}}}
  done:  {{final: true, zh: 办结, en: done}}
transitions:
  finish: {{from: [draft], to: done, roles: [drafter], guards: [some], zh: 办结, en: finish}}
deadlines:
  work: {{clock: internal, runs_in: [draft], limit: 3 working days, zh: 时限, en: limit, escalate: [{{after: 0 working days, tell: [section_head]}}]}}
"""
