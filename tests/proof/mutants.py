"""Every small fault that somebody could make in a definition: one rule of it dropped or weakened at a time.

A mutant is a plain value: the mapping that the YAML would be, without the part. Its name says what was done to which part.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import yaml

Said = dict[str, Any]
Part = tuple[str | int, ...]


def mutants(whole: Said) -> Iterator[tuple[str, Part]]:
    """Each mutant of a definition: its name, and the part that it lacks."""
    yield from ((_named(whole, part), part) for part in _parts(whole))


def without(whole: Said, part: Part) -> str:
    """The YAML of the definition without that part."""
    return str(
        yaml.dump(_without(whole, part), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=200)
    )


def _parts(whole: Said) -> Iterator[Part]:
    for name, guard in whole.get("guards", {}).items():
        yield from _weakened(guard.get("if"), ("guards", name, "if"))
        for number, _ in enumerate(guard.get("params", {}).get("apart_from", ())):
            yield ("guards", name, "params", "apart_from", number)
    for name, step in whole["transitions"].items():
        path: Part = ("transitions", name)
        for key in ("guards", "when_blocked"):
            yield from ((*path, key, number) for number, _ in enumerate(step.get(key, ())))
        if "if" in step:
            yield (*path, "if")
        yield from _roles(step.get("roles", ()), (*path, "roles"))
        yield from ((*path, "set", field) for field in step.get("set", {}))
        yield from _others(step, path)
    for name, letter in whole.get("letters", {}).items():
        yield from (("letters", name, "parts", number) for number, _ in enumerate(letter["parts"]))
    for name, state in whole["states"].items():
        for role, fields in state.get("edit", {}).items():
            yield from (("states", name, "edit", role, number) for number, _ in enumerate(fields))
    for name, clock in whole["deadlines"].items():
        yield ("deadlines", name)
        for key in ("escalate", "pauses_in", "restart"):
            yield from (("deadlines", name, key, number) for number, _ in enumerate(clock.get(key, ())))
        yield from (("deadlines", name, key) for key in ("extend", "on_expiry") if key in clock)
    for name, never in whole.get("never", {}).items():
        for key in ("into", "out_of", "opens", "without"):
            listed = never.get(key, ())
            yield from (("never", name, key, number) for number, _ in enumerate(listed) if len(listed) > 1)
    for section in ("never", "passes"):
        yield from ((section, name) for name in whole.get(section, {}))


def _others(step: Said, path: Part) -> Iterator[Part]:
    """What begins, moves or is called off with a step, each left out, and each condition under which it happens."""
    listed = [(key, number) for key in ("cancels", "moves") for number, _ in enumerate(step.get(key, ()))]
    for part in (*([("opens",)] if "opens" in step else []), *listed):
        yield (*path, *part)
    conditional = [("moves", number) for number, each in enumerate(step.get("moves", ())) if "if" in each]
    for part in (*([("opens",)] if "if" in step.get("opens", {}) else []), *conditional):
        yield (*path, *part, "if")


def _weakened(said: Any, path: Part) -> Iterator[Part]:
    """Of several that are all required, each left out."""
    if not isinstance(said, dict) or len(said) < 2:
        return
    yield from ((*path, key) for key in said)


def _roles(said: Any, path: Part) -> Iterator[Part]:
    if isinstance(said, dict):
        for state, roles in said.items():
            yield from ((*path, state, number) for number, _ in enumerate(roles))
    else:
        yield from ((*path, number) for number, _ in enumerate(said))


def _without(whole: Said, part: Part) -> Said:
    mutant = deepcopy(whole)
    inner: Any = mutant
    for key in part[:-1]:
        inner = inner[key]
    del inner[part[-1]]
    return mutant


def _named(whole: Said, part: Part) -> str:
    inner: Any = whole
    words = []
    for key in part:
        inner = inner[key]
        is_listed = isinstance(key, int)
        words.append(str(inner if is_listed and isinstance(inner, str) else key))
    return " ".join(words)
