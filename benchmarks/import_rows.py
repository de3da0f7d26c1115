"""An import of 5,600 real documents through the command line; made-up rows of the same shape where the real ones are not at hand."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Measured, seconds
from benchmarks.startup import GONGKAI, quietly

REAL = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "docs_zh" / "state_council.csv"
ROWS = 5600
SOME_ROWS_REFUSED = 8  # the real file holds rows without a date


def measures() -> Iterator[Measured]:
    """Seconds for the whole command, start of the program and durable commits included."""
    with TemporaryDirectory(dir=Path.cwd()) as place:
        os.environ["GONGKAI_DB"] = f"sqlite:///{place}/bench.db"
        file = REAL if REAL.exists() else made_up(Path(place) / "documents.csv")
        quietly(GONGKAI, "init", "--sample", "--sandbox")
        command = (GONGKAI, "--as", "zhoujing", "import", "document", str(file), "--section", "办公室", "--quiet")
        spent = seconds(lambda: quietly(*command, expect=(0, SOME_ROWS_REFUSED)))
    beside = "the real file" if file == REAL else "made-up rows"
    yield Measured("import of 5,600 rows", spent, "s", 10, beside)


def made_up(file: Path) -> Path:
    """A table with the columns and the look of a published list of documents."""
    with file.open("w", encoding="utf-8", newline="") as opened:
        table = csv.writer(opened)
        table.writerow(["标题", "发文字号", "成文日期", "发布日期", "发文机关", "网址"])
        for number in range(1, ROWS + 1):
            year, month, day = 2008 + number % 15, 1 + number % 12, 1 + number % 28
            formed = f"{year}-{month:02}-{day:02}"
            title = f"关于做好{year}年度第{number}项工作的通知"
            table.writerow(
                [
                    title,
                    f"国办发〔{year}〕{number}号",
                    formed,
                    formed,
                    "国务院办公厅",
                    f"https://example.invalid/{number}",
                ]
            )
    return file
