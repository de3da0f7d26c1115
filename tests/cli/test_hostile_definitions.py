"""Files made to harm, through the real command: each ends soon, in bounded memory, with a finding and without a traceback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

import pytest

from tests.factories import WHOLE
from tests.workflow.test_prover_hostile import HEAD, TOO_LARGE

HOUSE = Path(__file__).resolve().parents[2]
STAMP = (HOUSE / "tests/definitions/good/stamp.yaml").read_text("utf-8")
TIMES = 4.5  # as long as a small file that is well: two seconds of the processor where that one takes 0.45
MEBIBYTES = 256
#: Every proof that ends only by its bound is tried, or one in three.
STRIDE = 1 if WHOLE else 3


def states(count: int, said: str = "waits_for: office, zh: 甲{n}, en: a{n}") -> str:
    return "".join(f"  s{n}: {{{said.replace('{n}', str(n))}}}\n" for n in range(count))


def with_states(more: str) -> str:
    return STAMP.replace("states:\n", "states:\n" + more)


def ring(length: int) -> str:
    """States that follow each other for ever, by steps that anybody may take."""
    steps = "".join(
        f"  r{n}: {{from: [s{n}], to: s{(n + 1) % length}, roles: [office], zh: 转{n}, en: r{n}}}\n"
        for n in range(length)
    )
    entered = "  enter: {from: [draft], to: s0, roles: [drafter], zh: 入, en: enter}\n"
    clock = f"  ring: {{clock: internal, runs_in: [{', '.join(f's{n}' for n in range(length))}], limit: 3 working days, zh: 环, en: ring}}\n"
    text = with_states(states(length)).replace("transitions:\n", "transitions:\n" + entered + steps)
    return text.replace("deadlines:\n", "deadlines:\n" + clock)


def by_itself(length: int) -> str:
    """The same by automatic steps."""
    text = ring(length)
    text = text.replace("waits_for: office, zh: 甲", "waits_for: system, zh: 甲")
    return text.replace("roles: [office], zh: 转", "roles: [system], auto: true, at_once: true, zh: 转")


def doubts(fields: int, values: int = 500) -> str:
    """As many choices as may be, none of them compared with its source, said again by alias in field after field."""
    text: str = re.findall(r"```yaml\n(.*?)```", (HOUSE / "docs/definitions.md").read_text("utf-8"), re.DOTALL)[0]
    listed = ", ".join(f"v{n}: {{zh: 值{n}, en: v{n}, facts: {{verified: false}}}}" for n in range(values))
    said = "".join(
        f"  e{n}: {{type: enum, values: {'*v' if n else f'&v {{{listed}}}'}, zh: 选{n}, en: e{n}}}\n"
        for n in range(fields)
    )
    text = text.replace("fields:\n", "fields:\n" + said)
    return text.replace("[title, kind, ", f"[title, {', '.join(f'e{n}' for n in range(fields))}, kind, ")


def bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    return "\n".join([*lines, *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10))])


def deep_condition() -> str:
    return STAMP.replace("if: {kind: set, any", "if: " + "{not: " * 5000 + "{kind: set" + "}" * 5000 + ", any", 1)


def linked(steps: int, moves: str, *, fields: str = "", more: str = "") -> str:
    """Steps that open cases of the very kind that they belong to, and move them or those that a field names."""
    taken = "".join(
        f"  t{n}: {{from: [a], to: a, roles: [office, system], opens: {{child: c{n % 50}, set: {{title: {{copy: title}}}}}}, "
        f"moves: [{moves.format(child=n % 50)}], zh: 步{n}, en: t{n}}}\n"
        for n in range(steps)
    )
    slots = "".join(f"  c{n}: {{kind: bomb, zh: 子{n}, en: c{n}}}\n" for n in range(50))
    return (
        f"{HEAD}fields:\n  title: {{type: text, zh: 题, en: title}}\n{fields}"
        "states:\n  a: {initial: true, waits_for: office, zh: 甲, en: a, edit: {office: [title]}}\n"
        "  z: {final: true, zh: 终, en: end}\n"
        f"transitions:\n  go: {{from: [a], to: z, roles: [office], zh: 去, en: go}}\n{taken}children:\n{slots}{more}"
    )


def opening_itself(steps: int) -> str:
    """Automatic steps that each lead on and open a case of the very kind that they belong to."""
    at = [f"a{n}" for n in range(steps)]
    states = "".join(f"  {each}: {{waits_for: office, zh: 甲{each}, en: {each}}}\n" for each in at)
    taken = "".join(
        f"  t{n}: {{from: [a{n}], to: a{n + 1}, roles: [system], auto: true, opens: {{child: c0, set: {{title: {{copy: title}}}}}}, "
        f"zh: 步{n}, en: t{n}}}\n"
        for n in range(steps - 1)
    )
    clock = (
        f"deadlines:\n  all: {{clock: internal, runs_in: [{', '.join(at)}], limit: 3 working days, basis: 本局办文规定, "
        "zh: 时限, en: time, escalate: [{after: 0 working days, tell: [office]}]}\n"
    )
    return (
        f"{HEAD}fields:\n  title: {{type: text, zh: 题, en: title}}\n"
        f"states:\n{states.replace('{waits_for', '{initial: true, edit: {office: [title]}, waits_for', 1)}"
        "  z: {final: true, zh: 终, en: end}\n"
        f"transitions:\n  go: {{from: [{', '.join(at)}], to: z, roles: [office], zh: 去, en: go}}\n{taken}"
        f"{clock}children:\n  c0: {{kind: bomb, zh: 子, en: c0}}\n"
    )


def named(fields: int, kinds: str) -> str:
    """Fields of linked cases, each of as many kinds as there may be."""
    return "".join(f"  r{n}: {{type: case, of: [{kinds}], zh: 联{n}, en: r{n}}}\n" for n in range(fields))


OWN, UNKNOWN = ", ".join(["bomb"] * 190), ", ".join(f"k{n}" for n in range(190))
ASKING = "".join(f"  g{n}: {{needs: {{children: r0, all: [z]}}, zh: 条{n}, en: g{n}}}\n" for n in range(290))
STEP = "{{case: c{child}, step: t1}}"
LINKS: Mapping[str, tuple[str, set[str]]] = {
    "thousands of moves in a step": (linked(1, ", ".join([STEP] * 4000)), {"too-many"}),
    "thousands of moves of its own kind": (linked(320, ", ".join([STEP] * 19)), {"idle-system"}),
    "thousands of moves of its parent": (linked(320, ", ".join(["{{case: parent, step: t1}}"] * 19)), {"idle-system"}),
    "thousands of moves that there are not": (linked(320, ", ".join(["{{case: c1, step: x}}"] * 19)), {"unknown-child-step"}),
    "its own kind named a hundred times": (linked(100, ", ".join(["{{case: r0, step: t1}}"] * 19), fields=named(1, OWN)), {"idle-system"}),
    "guards that wait for its own kind": (linked(2, STEP, fields=named(1, OWN), more=f"guards:\n{ASKING}"), {"unused-guard"}),
    "kinds that there are not": (linked(2, STEP, fields=named(240, UNKNOWN)), {"unknown-kind"}),
    "sub-cases of sub-cases": (linked(490, STEP), {"idle-system"}),
}  # fmt: skip

#: What each file is, and the codes of which one at least must be told.
HOSTILE: Mapping[str, tuple[str, set[str]]] = {
    "an alias bomb": (bomb(), {"expanded-too-large"}),
    "a long text aliased often": (f"a: &a {'甲' * 60_000}\nb: [{', '.join(['*a'] * 150)}]\n", {"expanded-too-large"}),
    "twenty thousand aliases": (f"a: &a 1\nb: [{', '.join(['*a'] * 20_000)}]\n", {"too-many-aliases"}),
    "an alias of itself": ("format: gongkai/1\nid: &a [*a]\n", {"recursive-alias"}),
    "brackets": ("[" * 100_000, {"too-deep", "yaml-syntax"}),
    "mappings in mappings": ("{a: " * 60_000, {"too-deep", "yaml-syntax"}),
    "sequences in a line": ("- " * 100_000, {"too-deep", "yaml-syntax"}),
    "indentation": ("".join("  " * n + f"a{n}:\n" for n in range(400)), {"too-deep"}),
    "conditions in conditions": (deep_condition(), {"too-deep"}),
    "ten thousand states in short": (with_states(states(10_000, "zh: a")), {"missing-label"}),
    "ten thousand states": (with_states(states(10_000, "zh: 甲, en: b")), {"too-large", "too-many"}),
    "nine thousand states": (with_states(states(9_000, "zh: a, en: b")), {"too-many"}),
    "ten thousand states and their steps": (ring(10_000), {"too-large"}),
    "as many states as there may be, in a ring": (ring(190), {"no-way-out", "no-deadline"}),
    "automatic steps that go round": (by_itself(190), {"automatic-cycle", "no-deadline", "no-way-out"}),
    "automatic steps that open their own kind": (opening_itself(190), {"opens-for-ever"}),
    "doubts without end": (doubts(24), {"expanded-too-large"}),
    "the same key ten thousand times": ("format: gongkai/1\n" + "id: stamp\n" * 10_000, {"duplicate-key"}),
    "a state twice": (with_states("  draft: {zh: 又, en: again}\n"), {"duplicate-key"}),
    "a key named on": (STAMP.replace("  draft:    {", "  on:    {", 1), {"ambiguous-key"}),
    "on at the top": (STAMP + "on: {push: {}}\n", {"ambiguous-key"}),
    "a merge key": (STAMP.replace("  draft:    {", "  draft:    {<<: {zh: 甲}, ", 1), {"merge-key"}),
    "a tag that runs code": ("!!python/object/apply:os.system [echo hello]\n", {"tag"}),
    "a megabyte": (STAMP + "# " + "x" * 1_000_000, {"too-large"}),
    **LINKS,
    **{f"a proof of {name}": (text, {"too-large-to-prove"}) for name, text in islice(TOO_LARGE.items(), 0, None, STRIDE)},
}  # fmt: skip


@pytest.mark.two_forms
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_soon_and_small_with_its_finding_in_both_languages(
    name: str, longest: float, tmp_path: Path
) -> None:
    text, codes = HOSTILE[name]
    file = tmp_path / "hostile.yaml"
    file.write_text(text, "utf-8")

    code, said, seconds, mebibytes = called(file, "--json")

    assert code == 7, said[-2000:]
    findings = json.loads(next(line for line in said.splitlines() if line.startswith("{")))["findings"]
    assert codes & {each["code"] for each in findings}
    assert all(each["zh"] and each["en"] and each["line"] for each in findings)
    assert "Traceback" not in said
    assert seconds < longest
    assert mebibytes < MEBIBYTES


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_hundred_findings_are_drawn_as_soon(lang: str, longest: float, tmp_path: Path) -> None:
    file = tmp_path / "hostile.yaml"
    file.write_text(with_states(states(10_000, "zh: a")), "utf-8")

    code, said, seconds, mebibytes = called(file, "--lang", lang)

    assert code == 7, said[-2000:]
    assert "[missing-label]" in said
    assert "Traceback" not in said
    assert seconds < longest
    assert mebibytes < MEBIBYTES


def test_doubts_by_the_hundred_are_a_list_and_no_fault(longest: float, tmp_path: Path) -> None:
    file = tmp_path / "doubtful.yaml"
    file.write_text(doubts(20), "utf-8")

    code, said, seconds, mebibytes = called(file, "--lang", "en")

    assert code == 0, said[-2000:]
    assert said.count("[unverified]") == 500
    assert seconds < longest
    assert mebibytes < MEBIBYTES


@pytest.fixture(scope="module")
def longest(tmp_path_factory: pytest.TempPathFactory) -> float:
    """How many seconds of the processor a hostile file may take, by what a small file takes on this machine now."""
    file = tmp_path_factory.mktemp("well") / "stamp.yaml"
    file.write_text(STAMP, "utf-8")
    return TIMES * max(called(file)[2] for _ in range(3))


#: Begun from here, the command would be charged with the memory of whoever begins it (Linux keeps the peak over vfork and
#: exec), and the tests may hold more than it does. This one is small, and lets nothing run for ever.
BETWEEN = """
import os, resource, sys
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
out = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
command = [sys.executable, "-c", "from cli import main; main()", *sys.argv[2:]]
child = os.posix_spawn(command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, out, fd) for fd in (1, 2)])
_, status, used = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
"""


def called(file: Path, *options: str) -> tuple[int, str, float, float]:
    """Exit code, what was printed, seconds of the processor and the most memory that the real command took."""
    said = file.with_suffix(".said")
    command = [sys.executable, "-c", BETWEEN, str(said), *options, "definitions", "check", str(file)]
    code, seconds, mebibytes = subprocess.check_output(command, cwd=HOUSE, text=True).split()
    return int(code), said.read_text("utf-8"), float(seconds), float(mebibytes)
