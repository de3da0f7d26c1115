"""What a person waits for after pressing Enter: help, a worklist, a step, each beside the start of bare Python."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measure import Measured, lowest

GONGKAI = str(Path(sys.executable).with_name("gongkai"))
DRAFTER = "wangmin"


def quietly(*command: str, expect: tuple[int, ...] = (0,)) -> None:
    """Run it and insist on its exit code."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in expect:
        raise SystemExit(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")


def measures() -> Iterator[Measured]:
    """Milliseconds above bare Python, the lowest of a dozen starts."""
    with TemporaryDirectory() as place:
        os.environ["GONGKAI_DB"] = f"sqlite:///{place}/bench.db"
        quietly(GONGKAI, "init", "--sample", "--sandbox")
        serial = itertools.count()
        acts: dict[str, Callable[[], object]] = {
            "bare Python": partial(quietly, sys.executable, "-c", "pass"),
            "gongkai --help": partial(quietly, GONGKAI, "--help"),
            "gongkai todo": partial(quietly, GONGKAI, "--as", DRAFTER, "todo"),
            "gongkai start (a durable step)": lambda: quietly(
                GONGKAI, "--as", DRAFTER, "start", "document", "--title", f"关于预算执行情况的通知{next(serial)}"
            ),
        }
        spent = lowest(acts, rounds=12)
    bare = spent.pop("bare Python")
    for name, each in spent.items():
        at_most = {"gongkai --help": 200.0}.get(name)
        yield Measured(
            f"{name}, above bare Python", (each - bare) * 1e3, "ms", at_most, f"bare Python {bare * 1e3:.0f} ms"
        )
