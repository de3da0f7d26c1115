"""One question about the office's health, and its answer: that a row cannot be read answers the question about it, and ends no other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from storage.rows import MISREAD
from workflow.errors import Busy, GongkaiError, StorageFault
from workflow.text import Text, shown


@dataclass(frozen=True, slots=True)
class Check:
    """One question about the office's health, and its answer."""

    name: str
    ok: bool
    text: Text
    hint: Text | None = None

    def to_json(self) -> dict[str, object]:
        """The answer as the JSON surface shows it."""
        return {
            "name": self.name,
            "ok": self.ok,
            **self.text.to_json(),
            "hint": self.hint.to_json() if self.hint else None,
        }


VERIFY = Text(
    "请运行 gongkai verify，并从备份恢复：gongkai restore", "run gongkai verify, and restore a backup: gongkai restore"
)


def asked(name: str, answers: Callable[[], Iterable[Check]], way_out: Text = VERIFY) -> Iterator[Check]:
    """The answers; of rows into which somebody wrote what nobody can read, that it is so."""
    try:
        yield from answers()
    except (StorageFault, Busy):
        raise
    except (GongkaiError, *MISREAD) as fault:
        why = shown(f"{type(fault).__name__}: {fault}")
        yield Check(name, False, _UNREADABLE.filled(name=name, why=why), way_out)


_UNREADABLE = Text(
    "“{name}”一项查不了：数据库中有无法读取的内容，被改动（{why}）",
    "“{name}” cannot be answered: the database holds what cannot be read, and was altered ({why})",
)
