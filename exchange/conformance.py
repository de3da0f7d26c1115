"""What the replay of a whole log amounts to: its fitness, where each case first left the definition, which last days passed.

Two measures, both from the literature: the share of the cases that fit from beginning to end (trace fitness: van der Aalst,
Process Mining, 2nd edition, 2016, chapter 8), and the fitness of the token game (Rozinat and van der Aalst 2008).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from exchange.foreign import read_log
from exchange.replay import Breach, CaseReplay, Deviation, Replay, Tokens
from exchange.replay_map import ReplayMap
from workflow.case import business_date
from workflow.errors import Problem
from workflow.model import Definition
from workflow.text import Text, listed
from workflow.workdays import Workdays

#: Under this key the traces of our own record say which kind of case they tell.
KIND = "case:kind"


@dataclass(frozen=True, slots=True)
class Conformance:
    """The replay of a log, summed up."""

    definition: Definition
    cases: tuple[CaseReplay, ...]
    problems: tuple[Problem, ...]  # rows and values that could not be read
    unread: int
    skipped: int

    @property
    def fitting(self) -> int:
        """How many cases the definition can tell from beginning to end."""
        return sum(each.fits for each in self.cases)

    @property
    def trace_fitness(self) -> float:
        """The share of the cases that fit."""
        return self.fitting / len(self.cases) if self.cases else 1.0

    @property
    def tokens(self) -> Tokens:
        """The token game of all cases together."""
        whole = Tokens()
        for each in self.cases:
            whole.add(each.tokens)
        return whole

    @property
    def late(self) -> tuple[tuple[CaseReplay, Breach], ...]:
        """Every last day that passed, with its case."""
        return tuple((case, breach) for case in self.cases for breach in case.breaches)

    @property
    def first_deviations(self) -> tuple[tuple[CaseReplay, Deviation], ...]:
        """Where each case that does not fit first left the definition."""
        return tuple((each, each.deviations[0]) for each in self.cases if each.deviations)

    @property
    def alike(self) -> list[tuple[str, int]]:
        """The first deviations by their kind, the most frequent first."""
        return Counter(each.kind for _, each in self.first_deviations).most_common()

    def to_json(self) -> dict[str, object]:
        """The whole of it as the JSON surface shows it."""
        tokens = self.tokens
        return {
            "definition": {
                "id": self.definition.id,
                "version": self.definition.version,
                "digest": self.definition.digest,
            },
            "cases": len(self.cases),
            "events": sum(each.events for each in self.cases),
            "fitting": self.fitting,
            "ended": sum(each.ended for each in self.cases),
            "fitness": {
                "trace": round(self.trace_fitness, 6),
                "token": round(tokens.fitness, 6),
                "produced": tokens.produced,
                "consumed": tokens.consumed,
                "missing": tokens.missing,
                "remaining": tokens.remaining,
            },
            "kinds": dict(self.alike),
            "deviations": [
                {**_deviation_json(self.definition, first), "case": case.name, "in_all": len(case.deviations)}
                for case, first in self.first_deviations
            ],
            "late": [{**_breach_json(breach), "case": case.name} for case, breach in self.late],
            "unread": self.unread,
            "skipped": self.skipped,
            "problems": [
                {"row": p.row, "column": p.column, "field": p.field, "code": p.code, **p.text.to_json()}
                for p in self.problems
            ],
        }


def conformance(path: str | Path, definition: Definition, mapping: ReplayMap, calendar: Workdays) -> Conformance:
    """The log of this file held against the definition. Raises BadFile for what cannot be read as a whole."""
    log = read_log(path, mapping.columns)
    if mapping.own:
        # Our own record names the kind of each case; one definition tells one kind.
        log.cases = {name: e for name, e in log.cases.items() if e[0].columns.get(KIND, definition.id) == definition.id}
    replay = Replay(definition, mapping, calendar)
    cases = tuple(replay.log(log))
    return Conformance(definition, cases, (*log.problems, *replay.problems), log.unread, log.skipped)


def why(definition: Definition, deviation: Deviation) -> Text:
    """The deviation in a sentence."""
    state = definition.states[deviation.state].label
    reasons = [each.text for each in deviation.reasons]
    said = listed(reasons, "；", "; ")
    if deviation.kind == "unknown":
        return _UNKNOWN.filled(activity=deviation.activity, state=state)
    if deviation.kind == "unfinished":
        return _UNFINISHED.filled(state=state)
    return said


def _deviation_json(definition: Definition, said: Deviation) -> dict[str, object]:
    return {
        "kind": said.kind,
        "row": said.row,
        "at": said.at.replace(tzinfo=None).isoformat() if said.at else None,
        "activity": said.activity,
        "step": said.step,
        "state": said.state,
        **why(definition, said).to_json(),
        "reasons": [each.name for each in said.reasons],
    }


def _breach_json(breach: Breach) -> dict[str, object]:
    return {
        "deadline": breach.deadline or None,
        "due_on": breach.due_on.isoformat(),
        "row": breach.row,
        "on": business_date(breach.at).isoformat() if breach.at else None,
        "activity": breach.activity,
        "days": breach.days,
        **breach.label.to_json(),
    }


_UNKNOWN = Text(
    "活动“{activity}”不对应任何步骤（事项处于“{state}”）",
    "the activity “{activity}” is no step (the case is in “{state}”)",
)
_UNFINISHED = Text("日志到此为止，事项还在“{state}”", "the log ends here, with the case still in “{state}”")
