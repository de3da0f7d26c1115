"""From the accepted JSON of a definition to the values of `model.py`: nothing is checked again, names are the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from workflow.act import Act, Demand, Offer, Standing
from workflow.case import ClockKind, RoleName, StateName, TransitionName
from workflow.conditions import Condition, condition
from workflow.limit import Limit, Unit, limit_from
from workflow.model import (
    CANCEL,
    Anchor,
    Assignment,
    Child,
    Choice,
    DeadlineRule,
    Definition,
    Extension,
    Field,
    FieldType,
    Guard,
    Intake,
    Letter,
    Moving,
    Needs,
    Never,
    NeverWithout,
    Opening,
    Passage,
    Regime,
    Role,
    SeriesNumber,
    Similar,
    State,
    Step,
    Tariff,
    Tell,
    Transition,
    Waiver,
)
from workflow.text import Text


def definition_from(accepted: Mapping[str, Any], digest: str) -> Definition:
    """The definition that an accepted file's JSON (see `schema.py`, the field names are the same) says."""
    transitions = {TransitionName(name): _transition(name, said) for name, said in accepted["transitions"].items()}
    fields = {name: _field(name, said) for name, said in accepted["fields"].items()}
    in_force = accepted.get("in_force") or {}
    return Definition(
        id=accepted["id"],
        version=accepted["version"],
        digest=digest,
        title=_text(accepted["title"]),
        prefix=accepted["prefix"],
        basis=tuple(accepted.get("basis", ())),
        in_force_from=_date(in_force.get("from")),
        in_force_until=_date(in_force.get("until")),
        roles={
            RoleName(n): Role(RoleName(n), _text(s), s["scope"], s.get("rank")) for n, s in accepted["roles"].items()
        },
        fields=fields,
        guards={name: _guard(name, said) for name, said in accepted["guards"].items()},
        states={StateName(name): _state(name, said) for name, said in accepted["states"].items()},
        transitions=transitions,
        deadlines={name: _deadline(name, said) for name, said in accepted["deadlines"].items()},
        never=tuple(_never(name, said) for name, said in accepted["never"].items() if "when" in said),
        never_without=tuple(
            _never_without(name, said) for name, said in accepted["never"].items() if "when" not in said
        ),
        intake=_intake(accepted["intake"]) if accepted.get("intake") else None,
        leaving={
            StateName(state): tuple(each for each in transitions.values() if state in each.sources)
            for state in accepted["states"]
        },
        lapsing=tuple(each for each in fields.values() if each.lapses_on),
        children={n: Child(n, each["kind"], _text(each)) for n, each in accepted.get("children", {}).items()},
        letters={n: Letter(n, _text(each), tuple(each["parts"])) for n, each in accepted.get("letters", {}).items()},
        tariffs={name: _tariff(name, said) for name, said in accepted.get("tariffs", {}).items()},
        similar=tuple(
            Similar(name, _text(said), tuple(said["fields"])) for name, said in accepted.get("similar", {}).items()
        ),
        listed=tuple(accepted.get("listed", ())),
        passes=tuple(_passage(name, said) for name, said in accepted.get("passes", {}).items()),
        waivers=tuple(
            Waiver(each["check"], each.get("state") or each.get("deadline") or each["role"], each["reason"])
            for each in accepted.get("waive", ())
        ),
        acts={TransitionName(name): _act(name, said) for name, said in accepted.get("acts", {}).items()},
    )


def _text(said: Mapping[str, Any]) -> Text:
    return Text(said["zh"], said["en"])


def _date(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


def _when(said: Mapping[str, Any] | None) -> Condition | None:
    return condition(said) if said else None


def _field(name: str, said: Mapping[str, Any]) -> Field:
    return Field(
        name=name,
        type=FieldType(said["type"]),
        label=_text(said),
        choices={value: Choice(value, _text(c), c.get("facts", {})) for value, c in (said.get("values") or {}).items()},
        min=said.get("min"),
        max=said.get("max"),
        pattern=said.get("pattern"),
        example=said.get("example"),
        personal=bool(said.get("personal")),
        lapses_on=tuple(said.get("lapses_on", ())),
        seen_by=tuple(RoleName(role) for role in said.get("seen_by", ())),
        of=tuple(said.get("of", ())),
        own=said.get("own", False),
        named_in=said.get("named_in"),
    )


def _guard(name: str, said: Mapping[str, Any]) -> Guard:
    return Guard(
        name=name,
        text=_text(said),
        when=_when(said.get("if")),
        check=said.get("check"),
        params=said.get("params") or {},
        basis=said.get("basis"),
        needs=_needs(said["needs"]) if said.get("needs") else None,
    )


def _needs(said: Mapping[str, Any]) -> Needs:
    mode = next(each for each in ("all", "some", "none") if said.get(each))
    return Needs(said["children"], mode, tuple(said[mode]))


def _tariff(name: str, said: Mapping[str, Any]) -> Tariff:
    bands = tuple((each["up_to"], each["each"]) for each in said["bands"])
    return Tariff(name, _text(said), said["of"], bands, said["beyond"].get("every"), said["beyond"]["adds"])


def _state(name: str, said: Mapping[str, Any]) -> State:
    return State(
        name=StateName(name),
        label=_text(said),
        initial=bool(said.get("initial")),
        final=bool(said.get("final")),
        waits_for=RoleName(said["waits_for"]) if said.get("waits_for") else None,
        edit={RoleName(role): frozenset(names) for role, names in (said.get("edit") or {}).items()},
        public=_text(said["public"]) if said.get("public") else None,
    )


def _assignment(field: str, said: Any) -> Assignment:
    if not isinstance(said, Mapping):
        return Assignment(field, "literal", said)
    ((kind, value),) = said.items()
    if kind == "choose":
        return Assignment(
            field, kind, None, tuple((_when(each.get("if")), _assignment(field, each["then"])) for each in value)
        )
    # The words of a list cannot hold a blank.
    return Assignment(field, kind, " ".join(value) if isinstance(value, list) else value)


def _opening(said: Mapping[str, Any]) -> Opening:
    sets = tuple(_assignment(field, value) for field, value in said["set"].items())
    return Opening(said["child"], said.get("section"), sets, _when(said.get("if")))


def _moving(said: Mapping[str, Any]) -> Moving:
    sets = tuple(_assignment(field, value) for field, value in said.get("set", {}).items())
    return Moving(said["case"], TransitionName(said["step"]), _when(said.get("if")), sets)


def _transition(name: str, said: Mapping[str, Any]) -> Transition:
    form = said.get("form") or {}
    number = said.get("number")
    return Transition(
        name=TransitionName(name),
        label=_text(said),
        sources=tuple(StateName(each) for each in said["from"]),
        target=StateName(said["to"]),
        roles={StateName(state): tuple(RoleName(r) for r in roles) for state, roles in said["roles"].items()},
        guards=tuple(said.get("guards", ())),
        warns=tuple(said.get("warns", ())),
        when=_when(said.get("if")),
        when_blocked=tuple(said.get("when_blocked", ())),
        auto=bool(said.get("auto")),
        comment=_demand(said),
        required=tuple(form.get("required", ())),
        optional=tuple(form.get("optional", ())),
        sets=tuple(_assignment(field, value) for field, value in (said.get("set") or {}).items()),
        number=SeriesNumber(**number) if number else None,
        tell=tuple(Tell(each["to"], _when(each.get("if"))) for each in said.get("tell", ())),
        slip=_text(said["slip"]) if said.get("slip") else None,
        basis=said.get("basis"),
        dated=said.get("dated"),
        opens=_opening(said["opens"]) if said.get("opens") else None,
        moves=(
            *(Moving(slot, CANCEL, None, (), whole=True) for slot in said.get("cancels", ())),
            *(_moving(each) for each in said.get("moves", ())),
        ),
        letter=said.get("letter"),
        at_once=bool(said.get("at_once")),
    )


def _deadline(name: str, said: Mapping[str, Any]) -> DeadlineRule:
    anchor, limit, extend = said.get("anchor"), said["limit"], said.get("extend")
    regimes = said.get("regimes") or {"by": None, "versions": ()}
    return DeadlineRule(
        name=name,
        label=_text(said),
        kind=ClockKind(said["clock"]),
        runs_in=tuple(StateName(each) for each in said["runs_in"]),
        limit=limit_from(limit) if isinstance(limit, str) else Limit(0, Unit(limit["unit"])),
        anchor=Anchor(tuple(TransitionName(e) for e in anchor["event"]), anchor.get("date")) if anchor else None,
        applies=_when(said.get("applies")),
        since=_date(said.get("since")),
        steps=_in_firing_order(
            *(_step(f"remind-{n}", "remind", s["before"], s) for n, s in enumerate(said.get("remind", ()), 1)),
            *(
                (_step("expire", "expire", "0 hours", {"transition": said["on_expiry"]}),)
                if said.get("on_expiry")
                else ()
            ),
            *(_step(f"escalate-{n}", "escalate", s["after"], s) for n, s in enumerate(said.get("escalate", ()), 1)),
        ),
        basis=said.get("basis"),
        pauses_in=tuple(StateName(each) for each in said.get("pauses_in") or ()),
        done_by=tuple(TransitionName(each) for each in said.get("done_by", ())),
        restart={TransitionName(each["event"]): each.get("date") for each in said.get("restart", ())},
        extend=Extension(_steps(extend["event"]), limit_from(extend["by"]), extend.get("count")) if extend else None,
        regime_by=regimes.get("by"),
        regimes=tuple(_regime(each) for each in regimes["versions"]),
        limit_field=None if isinstance(limit, str) else limit["field"],
        backward=bool(said.get("backward")),
        by_entry=bool(said.get("by_entry")),
    )


def _steps(said: str | list[str]) -> tuple[TransitionName, ...]:
    return tuple(map(TransitionName, [said] if isinstance(said, str) else said))


def _in_firing_order(*steps: Step) -> tuple[Step, ...]:
    """Reminders from the earliest on, then expiry, then escalations: the order in which the loader lets a file say them.

    The order is the rule's own and no calendar changes it: `fired` keeps its meaning when dates are counted anew.
    """
    return tuple(sorted(steps, key=_place))


def _place(step: Step) -> tuple[int, float]:
    if step.kind == "remind":
        return 0, -step.offset.rough_hours_ahead
    return (1, 0) if step.kind == "expire" else (2, step.offset.rough_hours_late)


def _regime(said: Mapping[str, Any]) -> Regime:
    extend = said.get("extend")
    return Regime(
        from_on=_date(said.get("from")),
        until=_date(said.get("until")),
        limit=limit_from(said["limit"]),
        extend=limit_from(extend) if extend else None,
        basis=said["basis"],
    )


def _step(name: str, kind: str, offset: str, said: Mapping[str, Any]) -> Step:
    reassign, transition = said.get("reassign"), said.get("transition")
    return Step(
        name=name,
        kind=kind,
        offset=limit_from(offset),
        tell=tuple(said.get("tell", ())),
        reassign=RoleName(reassign) if reassign else None,
        transition=TransitionName(transition) if transition else None,
    )


def _never(name: str, said: Mapping[str, Any]) -> Never:
    return Never(name, tuple(StateName(each) for each in said["in"]), condition(said["when"]), _text(said))


def _never_without(name: str, said: Mapping[str, Any]) -> NeverWithout:
    return NeverWithout(
        name=name,
        into=tuple(StateName(each) for each in said.get("into") or ()),
        out_of=tuple(StateName(each) for each in said.get("out_of") or ()),
        sets={field: _values(value) for field, value in (said.get("sets") or {}).items()},
        opens=tuple(said.get("opens") or ()),
        without=tuple(said["without"]),
        but_by=tuple(said.get("but_by", ())),
        text=_text(said),
    )


def _values(said: Any) -> tuple[Any, ...]:
    return tuple(said) if isinstance(said, list) else (said,)


def _passage(name: str, said: Mapping[str, Any]) -> Passage:
    return Passage(
        name=name,
        targets=tuple(StateName(each) for each in said["to"]),
        through=tuple(TransitionName(each) for each in said["through"]),
        since=tuple(said.get("since", ())),
        apart_from=tuple(said.get("apart_from", ())),
        when=_when(said.get("when")),
        text=_text(said),
        basis=said.get("basis"),
    )


def _act(name: str, said: Mapping[str, Any]) -> Act:
    return Act(
        name=TransitionName(name),
        label=_text(said),
        by=tuple(RoleName(each) for each in said.get("by", ())),
        also=tuple(Standing(each) for each in said.get("also", ())),
        comment=_demand(said),
        choices={told: _offers(values) for told, values in said.get("choices", {}).items()},
    )


def _offers(said: Mapping[str, Any]) -> Mapping[str, Offer]:
    return {name: Offer(_text(each), _demand(each)) for name, each in said.items()}


def _demand(said: Mapping[str, Any]) -> Demand:
    return Demand(said.get("comment") or "optional")


def _intake(said: Mapping[str, Any]) -> Intake:
    return Intake(
        state=StateName(said["state"]),
        sets=said.get("set") or {},
        columns={field: tuple(headers) for field, headers in said.get("columns", {}).items()},
        required=tuple(said.get("required", ())),
        key=tuple(said.get("key", ())),
        opened=said["opened"],
        closed=said.get("closed"),
        roles=tuple(RoleName(each) for each in said.get("roles", ())),
        of_this_year=tuple(RoleName(each) for each in said.get("of_this_year", ())),
    )
