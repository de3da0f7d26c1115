"""An exported statechart in another engine, which reads Python: its values and conditions in those words, its data open to the test."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lxml import etree
from statemachine import StateChart
from statemachine.io.scxml.processor import SCXMLProcessor
from statemachine.orderedset import OrderedSet

from tests.cli.calling import call_with
from workflow.case import Data, Scalar

S = "{http://www.w3.org/2005/07/scxml}"
WORDS = {"===": "==", "!==": "!=", "&&": " and ", "||": " or ", "null": "None", "true": "True", "false": "False"}
TOKENS = re.compile(r"('(?:[^'\\]|\\.)*'|===|!==|&&|\|\||[()?:]|\b(?:null|true|false)\b)")
EXPRESSIONS = ("cond", "expr", "targetexpr", "delayexpr")


def in_python(expression: str) -> str:
    """An expression of ECMAScript in Python; every choice in it stands in brackets.

    >>> in_python("f_a !== null && (f_a === ':)' ? (f_n + 1) : null)")
    "f_a != None  and  ( (f_n + 1)  if f_a == ':)'  else  None)"
    """
    open_brackets = [[""]]  # of each the parts between `?` and `:`
    for token in TOKENS.split(expression):
        if token == "(":
            open_brackets.append([""])
        elif token in ("?", ":"):
            open_brackets[-1].append("")
        elif token == ")":
            parts = open_brackets.pop()
            whole = "{1} if {0} else {2}".format(*parts) if len(parts) == 3 else parts[0]
            open_brackets[-1][-1] += f"({whole})"
        else:
            open_brackets[-1][-1] += WORDS.get(token, token)
    return open_brackets[0][0]


class Statechart:
    """The statechart of one definition; its clocks do not run, as the other engine would count them on its wall clock."""

    def __init__(self, where: Path, *, open_wide: bool = False) -> None:
        """Where it is open wide, nothing stands in the way of a step: what a step does can be seen on any data."""
        done = call_with(["definitions", "export", str(where), "--format", "scxml"])
        root: Any = etree.fromstring(done.out.encode())
        for each in root.iter(f"{S}data"):
            if each.get("id").startswith("delay_"):
                each.set("expr", "null")
        for each in root.iter(f"{S}transition"):
            if open_wide and each.get("event"):
                each.attrib.pop("cond", None)
        for each in root.iter(etree.Element):
            for name in EXPRESSIONS:
                if name in each.attrib:
                    each.set(name, in_python(each.get(name)))
        # Conditional expressions are beyond what it reads from strangers.
        processor: Any = SCXMLProcessor(trusted=True)
        processor.parse_scxml(where.stem, etree.tostring(root, encoding="unicode"))
        self.running = processor.start()  # once: a second start would find no data

    def put(self, state: str, data: Data, hosts: Mapping[str, Scalar]) -> None:
        """From this state, with this data; the host says this of what it alone knows."""
        stood = [each for each in self.running.configuration_values if not each.startswith("s_")]
        self.running.current_state_value = OrderedSet([*stood, f"s_{state}"])
        known = vars(self.running.model)
        known |= {name: data.get(name[2:]) for name in known if name.startswith("f_")}
        known |= {name: value for name, value in hosts.items() if name in known}

    def send(self, event: str, **data: Any) -> None:
        StateChart.send(self.running, event, **data)  # a step may itself be called `send`

    @property
    def stands(self) -> set[str]:
        return set(self.running.configuration_values)

    @property
    def data(self) -> dict[str, Scalar]:
        """What the fields are, of those that are filled in."""
        known = vars(self.running.model).items()
        return {name[2:]: value for name, value in known if name.startswith("f_") and value is not None}
