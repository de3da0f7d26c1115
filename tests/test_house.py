"""The house as the style page lays it out: read from the imports themselves, so that it stays so."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from zipfile import ZipFile

import pytest

HOUSE = Path(__file__).resolve().parent.parent

#: A file stands above all that it imports. Rooms on one floor do not know each other.
FLOORS = {
    "cli": 5,
    "web": 4,
    "terminal": 4,
    "publishing": 3,
    "scheduler": 3,
    "notices": 3,
    "reports": 3,
    "exchange": 3,
    "rehearsal": 3,
    "letters": 3,
    "storage": 2,
    "workflow": 1,
    "settings": 1,
}

#: The same inside the engine, from the ground up.
STOREYS = (
    ("text", "story"),
    ("case",),
    ("errors",),
    ("conditions", "identity", "act", "circulation", "limit"),
    ("model", "notation", "scenario", "letter"),
    ("promised",),
    (
        "schema",
        "catalogue",
        "accepted",
        "values",
        "words",
        "checks",
        "lacking",
        "workdays",
        "ledger",
        "treehead",
        "machine",
        "kin",
    ),
    ("suppliers", "editor"),
    ("loader", "clock"),
    ("history", "lateness", "moved_clocks"),
    ("judge",),
    ("intake", "papers", "numbering"),
    ("acts",),
    ("decide", "prover"),
    ("explain", "migration", "timetable", "hands"),
    ("plans",),
    ("weaker", "explored"),
    ("alterations",),
    ("difference",),
)

#: Where a package from outside lives. It is imported there and nowhere else.
HOMES: dict[str, str | tuple[str, ...]] = {
    "transitions": "workflow/machine.py",
    "stdnum": "workflow/identity.py",
    "pydantic": ("workflow/notation.py", "workflow/schema.py", "workflow/catalogue.py", "workflow/loader/"),
    "pydantic_core": ("workflow/notation.py", "workflow/loader/"),
    "yaml": (
        "workflow/loader/",
        "workflow/workdays/",
        "exchange/maps.py",
    ),  # notices and column maps are small files
    "chinese_calendar": "workflow/workdays/",
    "sqlalchemy": "storage/",
    "sqlmodel": "storage/",
    "alembic": "storage/",
    "sqlite3": "storage/sqlite.py",
    "cryptography": "storage/cipher.py",
    "pikepdf": "storage/attachments/child.py",
    "olefile": "storage/attachments/child.py",
    "PIL": "storage/attachments/child.py",
    "psycopg": "storage/postgres/",
    "apscheduler": "scheduler.py",
    "openpyxl": "exchange/",
    "charset_normalizer": "exchange/",
    "defusedxml": ("exchange/foreign.py", "storage/attachments/child.py"),
    "markupsafe": "letters/hypertext.py",
    "docx": "letters/wordfile.py",
    "platformdirs": "settings.py",
    "click": ("cli.py", "terminal/"),
    "rich": "terminal/render.py",
    "graphlay": "exchange/diagram/layout.py",
}

#: What a package is called when it is installed, where that differs from how it is imported.
INSTALLED_AS: dict[str, str | None] = {
    "yaml": "pyyaml",
    "chinese_calendar": "chinesecalendar",
    "charset_normalizer": "charset-normalizer",
    "stdnum": "python-stdnum",
    "docx": "python-docx",
    "PIL": "pillow",
    "pydantic_core": "pydantic",
    "sqlite3": None,
}

#: The engine touches no file, socket, database or clock: it has no use for these.
OUTSIDE_THE_ENGINE = {
    "asyncio",
    "http",
    "logging",
    "os",
    "pathlib",
    "random",
    "shutil",
    "socket",
    "sqlite3",
    "subprocess",
}
OUTSIDE_THE_ENGINE |= {"tempfile", "threading", "time", "urllib", "uuid", "secrets", "storage", "locale"}

SHAPELESS_PLACES = {"utils", "util", "helpers", "helper", "common", "manager", "misc", "tools", "base", "lib", "core"}
SHAPELESS_NAMES = {"data2", "info", "obj", "process", "handle", "do_it", "foo", "tmp"}

LONGEST_FILE = 500


def sources() -> list[Path]:
    """Every Python file of the product: no tests, no benchmarks, nothing built."""
    rooms = [HOUSE / room for room in FLOORS]
    files = [room.with_suffix(".py") for room in rooms if room.with_suffix(".py").is_file()]
    return sorted([*files, *(file for room in rooms for file in room.rglob("*.py"))])


def told(file: Path) -> str:
    return file.relative_to(HOUSE).as_posix()


@cache
def imports(file: Path) -> tuple[tuple[str, int], ...]:
    """Every module that a file imports, at its top or deep inside, with the line."""
    return tuple(_imports(file))


def _imports(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            yield module, node.lineno
            yield from ((f"{module}.{alias.name}", node.lineno) for alias in node.names)


def room_of(file: Path) -> str:
    return told(file).split("/")[0].removesuffix(".py")


def declared_dependencies() -> set[str]:
    project = tomllib.loads((HOUSE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return {re.split(r"[<>=!~\[ ;]", line)[0].lower() for line in project["dependencies"]}


def everything_written() -> list[Path]:
    """Every text file that a reader of the repository sees, this one apart."""
    kinds = {".py", ".md", ".toml", ".yaml", ".yml", ".json", ".sql", ".csv", ".lock", ".txt", ".ini", ".mako", ""}
    built = {
        ".git",
        ".venv",
        "build",
        "dist",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
    }
    return sorted(
        file
        for file in HOUSE.rglob("*")
        if file.is_file()
        and file.suffix in kinds
        and file != Path(__file__).resolve()
        and not built.intersection(file.relative_to(HOUSE).parts)
        and ".import_linter_cache" not in file.parts
    )


def test_imports_run_down_the_floors_only() -> None:
    upward = [
        f"{told(file)}:{line} imports {module}"
        for file in sources()
        for mine in (room_of(file),)
        for module, line in imports(file)
        if (room := module.split(".")[0]) in FLOORS and room != mine and FLOORS[room] >= FLOORS[mine]
    ]

    assert upward == []


def test_every_room_of_the_engine_has_its_storey() -> None:
    known = {name for storey in STOREYS for name in storey}

    here = {
        file.relative_to(HOUSE / "workflow").parts[0].removesuffix(".py") for file in (HOUSE / "workflow").rglob("*.py")
    }

    assert here - known - {"__init__"} == set()


def test_inside_the_engine_imports_run_down_the_storeys_only() -> None:
    storey = {name: height for height, names in enumerate(STOREYS) for name in names}

    upward = [
        f"{told(file)}:{line} imports {module}"
        for file in sources()
        if room_of(file) == "workflow"
        for mine in (file.relative_to(HOUSE / "workflow").parts[0].removesuffix(".py"),)
        for module, line in imports(file)
        if module.startswith("workflow.")
        and (other := module.split(".")[1]) in storey
        and other != mine
        and mine in storey
        and storey[other] >= storey[mine]
    ]

    assert upward == []


@pytest.mark.parametrize("file", [file for file in sources() if room_of(file) == "workflow"], ids=told)
def test_the_engine_touches_nothing_outside(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    tree.body = [node for node in tree.body if not (isinstance(node, ast.If) and "__main__" in ast.unparse(node.test))]
    reached = [f"imports {module}" for module, _ in imports(file) if module.split(".")[0] in OUTSIDE_THE_ENGINE]
    called = [
        f"line {node.lineno} calls {ast.unparse(node.func)}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            (
                isinstance(node.func, ast.Name)
                and node.func.id in {"open", "print", "input", "eval", "exec", "__import__"}
            )
            or (isinstance(node.func, ast.Attribute) and node.func.attr in {"now", "utcnow", "today"})
        )
    ]

    assert reached + called == []


def test_each_package_from_outside_has_one_home() -> None:
    strangers, homeless = [], []

    for file, module, line in ((source, *each) for source in sources() for each in imports(source)):
        package = module.split(".")[0]
        homes = HOMES.get(package)
        if homes is None:
            if package and package not in sys.stdlib_module_names and package not in FLOORS:
                strangers.append(f"{told(file)}:{line} imports {module}")
        elif not told(file).startswith(homes):
            homeless.append(f"{told(file)}:{line} imports {module}, which lives in {homes}")

    assert strangers == [], "give it a home in HOMES"
    assert homeless == []


def test_what_is_declared_is_what_is_used() -> None:
    used = {module.split(".")[0] for file in sources() for module, _ in imports(file)}

    installed = {INSTALLED_AS.get(package, package) for package in used & set(HOMES)} - {None}

    assert declared_dependencies() == installed


def test_a_file_says_what_lives_in_it_and_stays_short() -> None:
    texts = {told(file): file.read_text(encoding="utf-8") for file in sources()}
    says = {file: ast.get_docstring(ast.parse(text)) or "" for file, text in texts.items()}
    long = [file for file, text in texts.items() if len(text.splitlines()) > LONGEST_FILE]

    assert [file for file, said in says.items() if not said] == [], "a file opens with what lives here and why"
    assert [file for file in long if "Generated from" not in says[file]] == [], (
        "look for the second thing inside that can be named"
    )


def test_nothing_has_a_shapeless_name() -> None:
    shapeless = []
    for file in sources():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            match node:
                case (
                    ast.FunctionDef(name=name, lineno=line)
                    | ast.ClassDef(name=name, lineno=line)
                    | ast.arg(arg=name, lineno=line)
                    | ast.Name(id=name, ctx=ast.Store(), lineno=line)
                ) if name in SHAPELESS_NAMES:
                    shapeless.append(f"{told(file)}:{line} {name}")
                case _:
                    pass

    assert shapeless == []
    assert [file for file in map(told, sources()) if {*Path(file).with_suffix("").parts} & SHAPELESS_PLACES] == []


@pytest.mark.parametrize("file", [file for file in sources() if file.name == "__init__.py"], ids=told)
def test_a_room_only_hands_on_its_public_names(file: Path) -> None:
    body = ast.parse(file.read_text(encoding="utf-8")).body

    for node in body:
        lists_names = isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        lazily = isinstance(node, ast.FunctionDef) and node.name == "__getattr__"
        says = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        assert lists_names or lazily or says or isinstance(node, ast.Import | ast.ImportFrom | ast.If), ast.unparse(
            node
        )


def test_definitions_hold_no_python() -> None:
    assert [told(file) for file in (HOUSE / "definitions").rglob("*.py")] == []


def test_nobody_sleeps_in_a_test() -> None:
    sleepers = [
        f"{told(file)}:{node.lineno}"
        for file in sorted((HOUSE / "tests").rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"}
    ]

    assert sleepers == []


def test_nothing_unfinished_and_no_address_of_a_machine_is_written_down() -> None:
    unfinished = r"\b(?:TODO|FIXME|XXX|HACK)\b"
    machines = r"(?:pypi\.(?:org|python)|files\.pythonhosted|--index-url|file:///opt|/root/|/home/\w)"
    unwanted = re.compile(f"{unfinished}|{machines}")

    found = [(told(file), *unwanted.findall(file.read_text(encoding="utf-8"))) for file in everything_written()]

    assert [each for each in found if len(each) > 1] == []


LINK = re.compile(r"!?\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|<img[^>]+src=\"([^\"]+)\"")


def test_a_link_in_a_page_leads_somewhere() -> None:
    pages = [file for file in everything_written() if file.suffix == ".md"]
    links = [(page, first or second) for page in pages for first, second in LINK.findall(page.read_text("utf-8"))]

    lost = [f"{told(page)}: {to}" for page, to in links if "://" not in to and not (page.parent / to).exists()]

    assert lost == []


def test_a_wheel_holds_all_that_the_program_reads(tmp_path: Path) -> None:
    builder = Path(sys.executable).with_name("hatchling")
    if not builder.exists():
        pytest.skip("hatchling is not installed beside this Python")
    rooms = [room for room in (*FLOORS, "definitions", "sample") if (HOUSE / room).is_dir()]
    read = {".py", ".yaml", ".json", ".csv", ".mako", ".sql"}
    wanted = {told(file) for room in rooms for file in (HOUSE / room).rglob("*") if file.suffix in read}

    subprocess.run([builder, "build", "-t", "wheel", "-d", tmp_path], cwd=HOUSE, check=True, capture_output=True)

    (wheel,) = tmp_path.glob("*.whl")
    held = set(ZipFile(wheel).namelist())
    assert wanted - held == set()
    assert {"cli.py", "settings.py", "scheduler.py"} <= held
    assert not any(name.startswith(("tests/", "benchmarks/", "docs/")) for name in held)
