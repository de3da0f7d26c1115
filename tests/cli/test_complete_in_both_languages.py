"""No sentence that a user reads lacks its twin, and the pages of reference name every command and every code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli import gongkai
from terminal.reference import cli_page, commands, error_kinds, errors_page
from terminal.tongue import Argument, Command, Group, Option
from workflow.text import Text

HOUSE = Path(__file__).parents[2]
TREE = [("gongkai", gongkai), *commands(gongkai)]
CHINESE = re.compile("[\u4e00-\u9fff]")
ROOMS = [HOUSE / "cli.py", HOUSE / "settings.py", *sorted((HOUSE / "terminal").glob("*.py"))]
PLACEHOLDER = re.compile(r"{(\w+)}")


@pytest.mark.parametrize(("words", "command"), TREE, ids=[words for words, _ in TREE])
def test_every_command_explains_itself_in_both_languages(words: str, command: Command | Group) -> None:
    said = [command.says, *([command.more] if command.more else []), *(each.says for each in command.examples)]
    said += [each.says for each in command.params if isinstance(each, Option | Argument)]

    assert len(said) >= len(command.params)
    for text in said:
        assert CHINESE.search(text.zh), text
        assert text.en.strip(), text
        assert not _mostly_chinese(text.en), text
    for each in command.params:
        if isinstance(each, Option | Argument):
            assert not re.search("[A-Z]{2}", each.heading("zh")), each.heading("zh")


@pytest.mark.parametrize(("words", "command"), TREE, ids=[words for words, _ in TREE])
def test_every_command_has_an_example_that_parses(words: str, command: Command | Group) -> None:
    if isinstance(command, Command) and command.params[0].name in ("pairs", "case"):
        assert command.examples
    for example in command.examples:
        assert example.typed.startswith("gongkai")


def test_every_option_of_the_tree_is_of_our_kind() -> None:
    strangers = [
        (words, each.name)
        for words, command in TREE
        for each in command.params
        if isinstance(each, click.Parameter) and not isinstance(each, Option | Argument)
    ]

    assert strangers == []


@pytest.mark.parametrize("file", ROOMS, ids=lambda file: file.name)
def test_every_pair_is_whole_and_holds_the_same_facts(file: Path) -> None:
    for line, zh, en in _pairs(file):
        assert bool(zh.strip()) == bool(en.strip()), f"{file.name}:{line}"
        assert set(PLACEHOLDER.findall(zh)) == set(PLACEHOLDER.findall(en)), f"{file.name}:{line}"


#: What the clerks of the demonstration write into their cases is data; the reference pages are in both languages at once.
NOT_SAID = {"staff.py", "reference.py"}


@pytest.mark.parametrize("file", [each for each in ROOMS if each.name not in NOT_SAID], ids=lambda file: file.name)
def test_no_sentence_stands_alone(file: Path) -> None:
    """A Chinese string outside a pair would be seen by English readers only as what it is."""
    tree = ast.parse(file.read_text("utf-8"))
    paired = {id(part) for node in ast.walk(tree) if _is_pair(node) for part in ast.walk(node)}
    documented = {id(node.body[0].value) for node in ast.walk(tree) if _documented(node)}  # type: ignore[attr-defined]
    lonely = [
        f"{file.name}:{node.lineno}: {node.value}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CHINESE.search(node.value)
        and id(node) not in paired | documented
        and not _is_data(node.value)
    ]

    assert lonely == []


def test_every_kind_of_error_speaks_both_languages() -> None:
    for kind in error_kinds():
        assert CHINESE.search(kind.text.zh)
        assert kind.text.en
        assert set(PLACEHOLDER.findall(kind.text.zh)) == set(PLACEHOLDER.findall(kind.text.en))


def test_the_pages_of_reference_are_current() -> None:
    """Run `python -m terminal.reference docs/reference` after changing a command or an error."""
    assert (HOUSE / "docs/reference/cli.md").read_text("utf-8") == cli_page(gongkai)
    assert (HOUSE / "docs/reference/errors.md").read_text("utf-8") == errors_page()


def _pairs(file: Path) -> Iterator[tuple[int, str, str]]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if _is_pair(node) and len(node.args) == 2:  # type: ignore[attr-defined]
            values = [each.value for each in node.args if isinstance(each, ast.Constant)]  # type: ignore[attr-defined]
            if len(values) == 2:
                yield node.lineno, *values  # type: ignore[attr-defined]


def _is_pair(node: ast.AST) -> bool:
    names = {"Text", "BadSettings"}
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names


def _documented(node: ast.AST) -> bool:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    return isinstance(node, kinds) and ast.get_docstring(node) is not None


def _is_data(value: str) -> bool:
    """What people type, names of the sample bureau, patterns: the same in both languages."""
    return value.startswith("gongkai ") or len(value) <= 4 or "|" in value or "[" in value


def _mostly_chinese(text: str) -> bool:
    return len(CHINESE.findall(text)) > len(text) / 2


def test_a_pair_is_read_in_the_language_asked_for() -> None:
    assert Text("是", "yes").read("en") == "yes"
