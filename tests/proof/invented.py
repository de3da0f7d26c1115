"""Small procedures that chance has made up, for two judges to look at: many of them are unsound, all of them pass the loader."""

from __future__ import annotations

import json
from random import Random
from typing import Any

Said = dict[str, Any]

FIELDS: dict[str, Said] = {
    "kind": {"type": "enum", "values": {each: {"zh": each, "en": each} for each in ("open", "shut", "part")}},
    "former": {"type": "enum", "values": {each: {"zh": each, "en": each} for each in ("open", "shut", "part")}},
    "cleared": {"type": "bool"},
    "urgent": {"type": "bool"},
    "round": {"type": "integer", "min": 0, "max": 4},
    "day": {"type": "date"},
    "note": {"type": "text", "max": 20},
}
#: What a condition may ask of each.
ASKED: dict[str, list[Any]] = {
    "kind": ["set", "unset", "open", ["shut", "part"]],
    "former": ["set", "open", {"same_as": "kind"}],
    "cleared": [True, False, "unset"],
    "urgent": [True, False, "set"],
    "round": ["set", {"at_least": 2}, [1, 3]],
    "day": ["set", {"before": "2026-01-05"}, {"on_or_after": "2026-01-05"}],
    "note": ["set", "unset", ["yes"]],
}
#: What a step may write into each.
WRITTEN: dict[str, list[Any]] = {
    "kind": [None, "open", {"copy": "former"}],
    "former": [None, {"copy": "kind"}],
    "cleared": [None, True, {"copy": "urgent"}],
    "urgent": [False, True],
    "round": [None, {"add": 1}, {"add": 2}, 1],
    "day": [{"today": True}, None],
    "note": [None, "yes", {"actor": True}],
}


class Inventor:
    """One throw of the dice for each seed."""

    def __init__(self, seed: int) -> None:
        self._dice = Random(seed)  # chance that comes out the same each time
        self._fields = self._dice.sample([*FIELDS], self._dice.randint(2, 4))

    def text(self) -> str:
        """The definition, as a file says it: JSON is YAML."""
        dice = self._dice
        open_states = ["draft", "review", "check", "proof"][: dice.randint(2, 4)]
        ends = ["out", "kept"][: dice.randint(1, 2)]
        states = {name: self._state(name) for name in open_states} | {name: _named(name, final=True) for name in ends}
        # Each state is left for the next, so that the loader's own look at the arrows finds nothing.
        arrows = [
            *zip(open_states, [*open_states[1:], ends[0]], strict=True),
            *((open_states[-1], end) for end in ends),
        ]
        arrows += [(dice.choice(open_states), dice.choice([*states])) for _ in range(dice.randint(1, 4))]
        # The first way on is for people, so that whoever a state waits for has something to do there.
        steps = {f"t{n}": self._step(*arrow, by_hand=n < len(open_states)) for n, arrow in enumerate(arrows)}
        asked = sorted(
            {name for step in steps.values() for key in ("guards", "when_blocked") for name in step.get(key, ())}
        )
        roles = {"clerk": "section", "head": "bureau"}
        if any("system" in step["roles"] for step in steps.values()):
            roles["system"] = "bureau"
        return json.dumps(
            {
                "format": "gongkai/1",
                "id": "memo",
                "version": 1,
                "prefix": "MEMO",
                "title": {"zh": "便函", "en": "Memo"},
                "basis": ["本局办文规定"],
                "roles": {"values": {name: _named(name, scope=scope) for name, scope in roles.items()}},
                "fields": {
                    "title": _named("title", type="text", max=50),
                    **{each: self._field(each) for each in self._fields},
                },
                "guards": {name: _named(name, **{"if": self._condition()}) for name in asked},
                "states": states,
                "transitions": steps,
                "deadlines": {
                    "all": _named(
                        "all",
                        clock="internal",
                        basis="本局办文规定",
                        runs_in=open_states,
                        limit="3 working days",
                        escalate=[{"after": "0 working days", "tell": ["head"]}],
                    )
                },
                "never": {"bad": _named("bad", **{"in": [dice.choice(ends)], "when": self._condition()})},
            },
            ensure_ascii=False,
        )

    def _field(self, name: str) -> Said:
        others = [each for each in self._fields if each != name]
        lapses = {"lapses_on": [self._dice.choice([*others, "title"])]} if self._dice.random() < 0.5 else {}
        return _named(name, **FIELDS[name], **lapses)

    def _state(self, name: str) -> Said:
        edited = [each for each in ("title", *self._fields) if self._dice.random() < (0.6 if name == "draft" else 0.3)]
        first = (
            {"initial": True, "edit": {"clerk": [*{"title": None, **dict.fromkeys(edited)}]}} if name == "draft" else {}
        )
        return _named(name, waits_for="clerk", **({"edit": {"clerk": edited}} if edited else {}) | first)

    def _step(self, source: str, target: str, by_hand: bool) -> Said:
        dice, said = self._dice, Said(**{"from": [source], "to": target, "roles": ["clerk", "head"]})
        if dice.random() < 0.3:
            said["if"] = self._condition()
        if dice.random() < 0.3:
            said["guards"] = dice.sample(["g0", "g1", "g2"], dice.randint(1, 2))
        if dice.random() < 0.15:
            said["when_blocked"] = [dice.choice(["g0", "g1", "g2"])]
        if not by_hand and ("if" in said or "when_blocked" in said) and dice.random() < 0.3:
            said |= {"roles": ["system"]} | ({"auto": True} if dice.random() < 0.6 else {})  # or another case moves it
        if "auto" not in said and dice.random() < 0.4:
            wanted = dice.sample(self._fields, dice.randint(1, 2))
            said["form"] = {dice.choice(["required", "optional"]): wanted}
        if dice.random() < 0.4:
            said["set"] = {each: self._effect(each) for each in dice.sample(self._fields, dice.randint(1, 2))}
        return _named(f"{source} {target} {dice.random()}", **said)

    def _effect(self, name: str, depth: int = 2) -> Any:
        plain = [each for each in WRITTEN[name] if not isinstance(each, dict) or each.get("copy", name) in self._fields]
        if depth and self._dice.random() < 0.2:
            first, other = self._effect(name, depth - 1), self._dice.choice(plain)
            return {"choose": [{"if": self._condition(), "then": first}, {"then": other}]}
        return self._dice.choice(plain)

    def _condition(self, depth: int = 2) -> Said:
        dice = self._dice
        shape = dice.choice(["one", "one", "both", "any", "not"]) if depth else "one"
        if shape == "not":
            return {"not": self._condition(depth - 1)}
        if shape != "one":
            return {{"both": "all", "any": "any"}[shape]: [self._condition(depth - 1) for _ in range(2)]}
        name = dice.choice(self._fields)
        asked = [
            each for each in ASKED[name] if not isinstance(each, dict) or each.get("same_as", name) in self._fields
        ]
        return {name: dice.choice(asked)}


def _named(name: str, **said: Any) -> Said:
    return {**said, "zh": name, "en": name}
