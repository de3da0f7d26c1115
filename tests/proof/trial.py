"""Each mutant of each shipped definition before the prover, and what it lets pass before the scenarios: found, the same, or not found.

`python -m tests.proof.trial [FILE.yaml …]` (`make prove`) writes the verdicts beside this file and the score into docs/proof.md; it takes an hour on two
processors. `--since COMMIT` (`make prove SINCE=COMMIT`) tries those only that stand in a step, a guard, a clock … which has been written otherwise since then.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import yaml

from rehearsal import bureau_of, play
from storage.versions import SHIPPED as SHIPPED_AT
from storage.versions import catalogues, shipped_definitions
from tests.proof.mutants import Part, Said, mutants, without
from workflow.accepted import definition_from
from workflow.errors import BadDefinition, BadScenario
from workflow.loader import Catalogue, accept
from workflow.loader.proved import PROOF
from workflow.loader.scenarios import read_scenarios
from workflow.model import Definition
from workflow.prover import Proof, openings_of, sets
from workflow.prover.sets import ALL, NONE, Set, Space, TooLarge

HERE = Path(__file__).resolve().parent
SCORE = "<!-- score -->"
PAGE = HERE.parent.parent / "docs" / "proof.md"
VERDICTS = HERE / "verdicts.yaml"
SURVIVORS = HERE / "survivors.yaml"
SCENARIOS = SHIPPED_AT / "scenarios"
SHIPPED = {file: text for text, file in shipped_definitions()}
#: Two procedures that move each other, and the stories of them: of these only what concerns the other case is tried.
LINKED_AT = HERE / "linked"
LINKED = {each.name: each.read_text("utf-8") for each in sorted(LINKED_AT.glob("*.yaml"))}

#: A definition's file, what is dropped or weakened, and where that stands.
Mutant = tuple[str, str, Part]
#: The mutant reaches exactly what the definition reaches: what was taken away never stopped anybody.
#: How much may be done with the sets of a mutant.
FURTHER = 4 * sets.MOST_WORK
SAME = "same"
SURVIVES = "survives"
#: A scenario goes another way: this, and its name.
TOLD = "told by "
#: What other cases do with a step.
WITH_OTHERS = re.compile(r"^transitions \w+ (opens|moves|cancels)\b")
#: Where a guard is named, or one of its parts is.
GUARD = re.compile(r"(guards|(transitions|letters) \w+ (guards|when_blocked|parts)) (?P<guard>\w+)")
#: The parts of which something is only in the way: without them more can happen, or nothing else.
STOPS = re.compile(r"^(guards |letters |transitions \w+ (guards|when_blocked|if))")


def verdict(file: str, name: str, text: str) -> str:
    """The first finding's code; `same`; or `survives`. What is not held by the definition's order of fields is by its own.

    Mutants are looked at further than what may run: that one is too large to run says nothing of the rule that it lacks.
    """
    usual, sets.MOST_WORK = sets.MOST_WORK, FURTHER
    try:
        for order in ([*_proved(file).tellable.values], []):
            try:
                return _verdict(file, name, text, order)
            except TooLarge:
                continue
        return "too-large-to-prove"
    finally:
        sets.MOST_WORK = usual


def _verdict(file: str, name: str, text: str, order: list[str]) -> str:
    whole = _proved(file)
    others = {**_others(file in LINKED), whole.definition.id: whole.definition}
    try:
        said = accept(text, file, _known(), others=others)
    except BadDefinition as fault:
        return fault.findings[0].code
    definition = definition_from(said.json, said.digest)
    mutant = Proof(definition, openings_of(whole.definition, others.values()), order)
    found = next(mutant.faults(), None)
    if found:
        return found.code
    if WITH_OTHERS.search(name) and (code := _found_beside(file, definition)):
        return code
    if STOPS.search(name) and _is_of_data(whole.definition, name) and _reaches_the_same(whole, mutant):
        return SAME
    return SURVIVES


def _is_of_data(definition: Definition, name: str) -> bool:
    """Whether what was taken away asks for data: of persons, clocks and other cases the proof takes either answer anyway."""
    asked = GUARD.match(name)
    return not asked or definition.guards[asked["guard"]].when is not None


def _found_beside(file: str, mutant: Definition) -> str | None:
    """What is found in the other definitions when they are read together with the mutant."""
    kinds = {**_others(file in LINKED), mutant.id: mutant}
    for other, text in _house(file).items():
        try:
            if other != file:
                accept(text, other, _known(), others=kinds)
        except BadDefinition as fault:
            return fault.findings[0].code
    return None


def told(file: str, text: str, first: str = "") -> str | None:
    """A scenario that goes another way with this mutant, the one that did before asked first; None if all come as they say."""
    texts = {**SHIPPED, **_house(file), file: text}
    with bureau_of([(said, name) for name, said in texts.items()]) as bureau:
        stories = ((LINKED_AT / "scenarios" if file in LINKED else SCENARIOS) / file).read_text("utf-8")
        try:
            script = read_scenarios(stories, file, bureau.kinds, bureau.sections, tuple(bureau.people))
        except BadScenario:
            return "a name that is gone"
        for scenario in sorted(script.scenarios, key=lambda each: each.name != first):
            if not play(bureau, script, scenario).passed:
                return scenario.name
    return None


def _reaches_the_same(one: Proof, other: Proof) -> bool:
    mine, its = ([(name, said.kinds) for name, said in each.tellable.values.items()] for each in (one, other))
    if mine != its:
        return False
    places = one.reach.all.keys()
    return places == other.reach.all.keys() and all(
        _equal(one.space, one.reach.at(each), other.space, other.reach.at(each)) for each in places
    )


def _equal(space: Space, a: Set, other: Space, b: Set) -> bool:
    met: dict[Set, Set] = {}
    waiting = [(a, b)]
    while waiting:
        mine, its = waiting.pop()
        if mine in (NONE, ALL) or its in (NONE, ALL):
            if mine != its:
                return False
        elif mine not in met:
            met[mine] = its
            (field, branches), (field_, branches_) = space.node(mine), other.node(its)
            if field != field_:
                return False
            waiting += zip(branches, branches_, strict=True)
        elif met[mine] != its:
            return False
    return True


@cache
def _known() -> Mapping[str, Catalogue]:
    return catalogues()


@cache
def _whole(file: str) -> Said:
    return dict(yaml.load(_house(file)[file], yaml.CSafeLoader))


def _house(file: str) -> Mapping[str, str]:
    """The definitions among which this one stands."""
    return LINKED if file in LINKED else SHIPPED


@cache
def _recorded() -> dict[str, dict[str, str]]:
    return dict(yaml.load(VERDICTS.read_text("utf-8"), yaml.CSafeLoader)) if VERDICTS.exists() else {}


@cache
def _others(linked: bool) -> dict[str, Definition]:
    accepted = [accept(text, file, _known()) for file, text in (LINKED if linked else SHIPPED).items()]
    return {each.id: definition_from(each.json, each.digest) for each in accepted}


@cache
def _proved(file: str) -> Proof:
    said, others = accept(_house(file)[file], file, _known()), _others(file in LINKED)
    return Proof(definition_from(said.json, said.digest), openings_of(others[said.id], others.values()))


def all_mutants() -> Iterator[Mutant]:
    """File, name and missing part of every mutant."""
    for file in SHIPPED:
        yield from ((file, name, part) for name, part in mutants(_whole(file)))
    for file in LINKED:
        yield from ((file, name, part) for name, part in mutants(_whole(file)) if WITH_OTHERS.search(name))


def reason_of(name: str, file: str) -> str | None:
    """Why a mutant that is not found is none the worse for it, or what else holds it."""
    said = _explaining(name, file)
    return str(said["reason"]) if said else None


def _explaining(name: str, file: str) -> Said | None:
    for said in _survivors():
        if file in said["of"] and re.fullmatch(said["mutants"], name):
            return dict(said)
    return None


def explained(verdicts: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, int]]:
    """How many survivors of each file each pattern explains; what none explains stands under `?`."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for file, said in verdicts.items():
        for name in (each for each, verdict in said.items() if verdict == SURVIVES):
            found[_pattern_of(name, file)][file] += 1
    return {pattern: dict(counts) for pattern, counts in found.items()}


def counted() -> dict[str, dict[str, int]]:
    """How many of each file each pattern says that it explains."""
    return {said["mutants"]: said["of"] for said in _survivors()}


@cache
def _survivors() -> tuple[Said, ...]:
    return tuple(yaml.load(SURVIVORS.read_text("utf-8"), yaml.CSafeLoader))


def _pattern_of(name: str, file: str) -> str:
    said = _explaining(name, file)
    return str(said["mutants"]) if said else "?"


def judged(each: Mutant) -> tuple[str, str, str]:
    """File, name and verdict of one mutant: by the prover, and where that lets it pass by the first story that it spoils."""
    file, name, part = each
    text = without(_whole(file), part)
    said = verdict(file, name, text)
    before = _recorded().get(file, {}).get(name, "")
    story = told(file, text, before.removeprefix(TOLD)) if said == SURVIVES else None
    return file, name, f"{TOLD}{story}" if story else said


def page(verdicts: Mapping[str, Mapping[str, str]]) -> str:
    """docs/proof.md: the score and every survivor with its reason."""
    lines = [
        PAGE.read_text("utf-8").partition(SCORE)[0] + SCORE,
        "",
        "| 定义 definition | 变异 mutants | 验证发现 by the proof | 读入即发现 by reading | 等价 same | 情景发现 by a scenario | 未发现 not found | 得分 score |",
        "|---|---|---|---|---|---|---|---|",
    ]
    left: dict[tuple[str, str], list[str]] = defaultdict(list)
    for file, said in verdicts.items():
        count = Counter(_rung(each) for each in said.values())
        share = (count["proof"] + count["reading"] + count["story"]) / (len(said) - count[SAME])
        numbers = (len(said), count["proof"], count["reading"], count[SAME], count["story"], count[SURVIVES])
        lines.append(f"| {file} | {' | '.join(map(str, numbers))} | {share:.0%} |")
        for name in (each for each, verdict in said.items() if verdict == SURVIVES):
            left[file, reason_of(name, file) or "?"].append(name)
    lines += ["", "没有发现的变异及其原因 / What is not found, and why:", ""]
    for (file, reason), names in left.items():
        lines.append(f"- {file}：{reason}：{'; '.join(f'`{name}`' for name in names)}")
    return "\n".join(lines) + "\n"


def _rung(verdict: str) -> str:
    if verdict in (SAME, SURVIVES):
        return verdict
    return "story" if verdict.startswith(TOLD) else "proof" if verdict in PROOF else "reading"


def run(files: Collection[str], since: str = "") -> None:
    """Judge every mutant, or those of these definitions, or of what changed since a commit, and write it down; new survivors are named."""
    kept = _recorded()
    wanted = [each for each in all_mutants() if _is_wanted(each, files, since)]
    found: dict[tuple[str, str], str] = {}
    with ProcessPoolExecutor() as pool:
        for number, (file, name, said) in enumerate(pool.map(judged, wanted, chunksize=4), 1):
            found[file, name] = said
            if said == SURVIVES and kept.get(file, {}).get(name) != SURVIVES:
                print(f"{SURVIVES}: {file} {name}", file=sys.stderr)
            if number % 100 == 0:
                print(f"{number}/{len(wanted)}", file=sys.stderr)
    plain: dict[str, dict[str, str]] = defaultdict(dict)
    for file, name, _ in all_mutants():
        plain[file][name] = found[file, name] if (file, name) in found else kept[file][name]
    VERDICTS.write_text(yaml.safe_dump(dict(plain), allow_unicode=True, sort_keys=False, width=200), "utf-8")
    PAGE.write_text(page(plain), "utf-8")


def _is_wanted(each: Mutant, files: Collection[str], since: str) -> bool:
    file, name, part = each
    if name not in _recorded().get(file, {}):
        return True
    if since:
        return _block(_whole_at(since, file), part) != _block(_whole(file), part)
    return not files or file in files


def _block(whole: Said, part: Part) -> object:
    """The step, guard, clock … in which the part stands."""
    section, name, *_ = part
    return whole.get(str(section), {}).get(name)


@cache
def _whole_at(commit: str, file: str) -> Said:
    at = (LINKED_AT if file in LINKED else SHIPPED_AT) / file
    said = subprocess.run(["git", "show", f"{commit}:./{at.name}"], cwd=at.parent, check=True, capture_output=True)
    return dict(yaml.load(said.stdout, yaml.CSafeLoader))


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("files", nargs="*")
    asked.add_argument("--since", default="")
    run(**vars(asked.parse_args()))
