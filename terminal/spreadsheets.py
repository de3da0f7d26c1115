"""`gongkai import` and `gongkai export`: past records in, cases out, with a report row by row."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from terminal.meant import KIND_SAYS, kind_meant
from terminal.render import Block, Column, Grid, Line, Tinted, Tone, progress
from terminal.session import Session, in_session
from terminal.tongue import Example, argument, command, option
from workflow.errors import BadFile, Problem
from workflow.text import Text

if TYPE_CHECKING:
    from exchange.report import Unmatched

UNMATCHED = "unmatched"
SHOWN_PROBLEMS = 40  # on a screen, equal ones in one line; --json holds them all
FIRST_ROWS = 3


@command(
    examples=(
        Example(
            "gongkai import document 历年公文.xlsx --section 办公室 --dry-run --as sunli",
            Text("先试一遍", "try it first"),
        ),
        Example(
            "gongkai import document old.csv --map title=文件名,formed_on=印发日期 --section 办公室 --as sunli",
            Text("指明列的对应关系", "say which column is what"),
        ),
        Example(
            "gongkai import request doj_oip_2017.csv --map examples/doj_requests.map.yaml --section 办公室 --as sunli",
            Text("列、取值和日期写法都写在文件里", "columns, words and forms of dates, said in a file"),
        ),
    ),
    more=Text(
        "列按表头识别，编码自动识别（UTF-8、GB18030）；同一文件再次导入不会重复。有被拒收的行时退出码为 8，其余各行照收（--all-or-nothing 则全部不收）。"
        "列对应文件还可写明取值、定值和日期写法，见 docs/imports.md；对不上的取值列在报告末尾。",
        "Columns are recognised by their headers, the encoding (UTF-8, GB18030) by itself; a second import of a file changes "
        "nothing. Exit code 8 when a row was refused; the others enter (with --all-or-nothing none does). A map file may also say "
        "what words mean, constants and forms of dates: see docs/imports.md; words that match nothing end the report.",
    ),
)
@argument("kind", says=KIND_SAYS)
@argument("file", says=Text("CSV 或 XLSX 文件", "a CSV or XLSX file"))
@option(
    "--map",
    "mapping",
    metavar="MAP",
    says=Text(
        "列的对应关系：字段=列名,… 或 YAML/JSON 文件", "which column is what: field=header,… or a YAML/JSON file"
    ),
)
@option("--section", says=Text("记入哪个科室", "the section that the records belong to"))
@option("--all-or-nothing", is_flag=True, says=Text("有一行不收则全部不收", "one refused row keeps out all"))
@option("--dry-run", is_flag=True, says=Text("只检查，不写入", "check, write nothing"))
@in_session
def import_(
    session: Session,
    kind: str,
    file: str,
    mapping: str | None,
    section: str | None,
    all_or_nothing: bool,
    dry_run: bool,
) -> None:
    """Past records in."""
    from exchange import import_file
    from exchange.maps import ColumnMap, read_map

    columns = read_map(mapping) if mapping else ColumnMap()
    label = session.read(_IMPORTING.filled(file=Path(file).name))
    with session.desk() as desk, progress(label, not session.quiet) as moved:
        report = import_file(
            desk,
            session.actor(desk),
            kind_meant(desk, kind),
            file,
            mapping=columns,
            section=section,
            all_or_nothing=all_or_nothing,
            dry_run=dry_run,
            progress=moved,
        )
    facts = report.to_json()
    # Words that nothing matches stand together at the end, with what is to be done about them.
    blocks = _problem_blocks(session, tuple(each for each in report.problems if each.code != UNMATCHED))
    blocks += [Line(Tinted(session.read(note), Tone.DIM)) for note in report.notes]
    blocks.append(
        Line((Tinted("✓ ", Tone.GOOD) if report.ok else Tinted("! ", Tone.WARN), session.read(report.summary)))
    )
    if report.entered:
        blocks.append(Line(session.read(report.timeliness)))
    blocks += _unmatched_blocks(session, report.unmatched)
    if report.ok:
        session.answer(facts, *blocks)
        return
    if not session.json:
        session.answer(facts, *blocks)
    refused = NothingEntered if all_or_nothing else RowsRefused
    raise refused(facts, file=Path(file).name, count=report.refused)


class RowsRefused(BadFile):
    """Some rows of the file did not enter; `figures` holds the whole report."""

    text = Text(
        "{file}：{count} 行未收；改正后再次导入即可，已收的不会重复",
        "{file}: {count} row(s) did not enter; mend them and import again, what entered is not taken twice",
    )

    def __init__(self, figures: dict[str, object], file: str, count: int) -> None:
        super().__init__(file=file, count=count)
        self.figures = figures


class NothingEntered(RowsRefused):
    """One row was refused, so none entered."""

    text = Text(
        "{file}：{count} 行有误，全部未收；改正后再次导入",
        "{file}: {count} row(s) are wrong, so nothing entered; mend them and import again",
    )


def _problem_blocks(session: Session, problems: tuple[Problem, ...]) -> list[Block]:
    if not problems:
        return []
    alike: dict[tuple[str, Text], list[int]] = {}
    for each in problems:
        alike.setdefault((each.column or each.field or "", each.text), []).append(each.row or 0)
    shown = tuple(alike.items())[:SHOWN_PROBLEMS]
    blocks: list[Block] = [
        Grid(
            (
                Column(session.read(_ROW), right=True),
                Column(session.read(_COLUMN)),
                Column(session.read(_PROBLEM), wraps=True),
            ),
            tuple((_rows_said(session, rows), column, session.read(text)) for (column, text), rows in shown),
        )
    ]
    if len(alike) > len(shown):
        blocks.append(Line(session.read(_MORE.filled(count=len(alike) - len(shown)))))
    return blocks


def _unmatched_blocks(session: Session, unmatched: tuple[Unmatched, ...]) -> list[Block]:
    if not unmatched:
        return []
    rows = tuple(
        (
            each.column,
            each.value,
            str(len(each.rows)),
            _first_rows(session, each.rows),
            session.read(_REFUSED) if each.taken_as is None else session.read(_TAKEN.filled(value=each.taken_as)),
        )
        for each in unmatched[:SHOWN_PROBLEMS]
    )
    count = sum(len(each.rows) for each in unmatched)
    blocks: list[Block] = [
        Line(Tinted(session.read(_UNMATCHED.filled(values=len(unmatched), count=count)), Tone.WARN)),
        Grid(
            (
                Column(session.read(_COLUMN)),
                Column(session.read(_VALUE), wraps=True),
                Column(session.read(_COUNT), right=True),
                Column(session.read(_ROW)),
                Column(session.read(_BECAME)),
            ),
            rows,
        ),
    ]
    if len(unmatched) > len(rows):
        blocks.append(Line(session.read(_MORE.filled(count=len(unmatched) - len(rows)))))
    return blocks


def _first_rows(session: Session, rows: Sequence[int]) -> str:
    more = "…" if len(rows) > FIRST_ROWS else ""
    return Text("、", ", ").read(session.lang).join(map(str, rows[:FIRST_ROWS])) + more


def _rows_said(session: Session, rows: list[int]) -> str:
    """Where one problem stands: its row, or how many rows and the first of them."""
    if len(rows) == 1:
        return str(rows[0] or "")
    return session.read(_ROWS.filled(count=f"{len(rows):,}", first=_first_rows(session, rows)))


@command(
    examples=(
        Example(
            "gongkai export document 公文.xlsx --as zhengyan", Text("能看到的全部公文", "every document that I may see")
        ),
    ),
)
@argument("kind", says=KIND_SAYS)
@argument("file", says=Text("写到哪个 CSV 或 XLSX 文件", "the CSV or XLSX file to write"))
@option("--force", is_flag=True, says=Text("文件已存在也覆盖", "overwrite a file that is there"))
@in_session
def export(session: Session, kind: str, file: str, force: bool) -> None:
    """Cases out."""
    from exchange import export_file
    from storage.files import expect_free

    expect_free(Path(file), force=force)
    with session.desk() as desk, progress(session.read(_EXPORTING), not session.quiet) as moved:
        count = export_file(
            desk,
            session.actor(desk),
            kind_meant(desk, kind),
            file,
            lang=session.lang,
            progress=lambda done: moved(done, None),
        )
    session.answer(
        {"file": str(file), "rows": count},
        Line((Tinted("✓ ", Tone.GOOD), session.read(_WRITTEN.filled(count=count, file=file)))),
    )


_IMPORTING = Text("导入 {file}", "importing {file}")
_EXPORTING = Text("导出", "exporting")
_ROW = Text("行", "Row")
_COLUMN = Text("列", "Column")
_PROBLEM = Text("问题", "Problem")
_VALUE = Text("文件中的写法", "Word in the file")
_COUNT = Text("行数", "Rows")
_BECAME = Text("处理", "What became of it")
_REFUSED = Text("拒收", "refused")
_TAKEN = Text("录为 {value}", "taken in as {value}")
_UNMATCHED = Text(
    "{values} 种写法对不上，共 {count} 行；请在列对应文件的 values 表中写明它们的意思",
    "{values} word(s) in {count} row(s) matched nothing; say in the table `values` of the map what they mean",
)
_ROWS = Text("{count} 行：{first}", "{count} rows: {first}")
_MORE = Text(
    "……另有 {count} 种问题，用 --json 查看全部", "… and {count} more kind(s) of problem; --json lists them all"
)
_WRITTEN = Text("已写出 {count} 行：{file}", "{count} row(s) written: {file}")
