"""Up to which seal all was found well, remembered outside the database: what came later need only be told again.

The file names a seal by number and hash. It proves nothing by itself: the seal is looked for in the file of seals, and the
record is held against it event by event. Whoever may write the database must not be able to change either file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from storage.connection import instant_text
from storage.files import ending, expect_no_log, put_in_place, workbench
from storage.reasons import why
from storage.rows import MISREAD
from storage.seal_file import Outside, Seal
from workflow.errors import Invalid, Problem
from workflow.ledger import canonical_json
from workflow.text import Text

#: No memory is as long.
_MOST = 1 << 16


@dataclass(frozen=True, slots=True)
class Memory:
    """The last seal under which all was found well, when that was, and when all of it was last told again."""

    no: int
    hash: str
    at: str
    whole_at: str


def remembered(path: Path, outside: Sequence[Outside]) -> tuple[Memory, Seal] | None:
    """What the file remembers, with its seal among those outside; None where there is no such file yet.

    Raises Invalid for a file that is no such memory, or of other seals, and for a name under which none would stay.
    """
    expect_no_log(path, "since")
    if not outside:
        raise Invalid((Problem("no-seals", _NO_SEALS, field="since"),))
    if not os.path.lexists(path):
        return None
    try:
        with ending(path).open("rb") as file:
            said = json.loads(file.read(_MOST))
        if said.pop("v") != 1:
            raise ValueError(path)
        memory = Memory(**said)
        "".join((memory.hash, memory.at, memory.whole_at)).encode()  # texts, that can be written again
    except OSError as fault:
        text = _UNREAD.filled(path=path, why=why(fault))
        raise Invalid((Problem("memory-unread", text, field="since"),)) from fault
    except MISREAD as fault:
        raise Invalid((Problem("bad-memory", _NO_MEMORY.filled(path=path), field="since"),)) from fault
    for each in outside:
        if (each.seal.no, each.seal.hash) == (memory.no, memory.hash):
            return memory, each.seal
    raise Invalid((Problem("other-memory", _OTHER.filled(path=path, no=memory.no), field="since"),))


def remember(path: Path, seal: Seal, now: datetime, before: Memory | None) -> None:
    """All was found well under this seal; where only what is new since `before` was told again, the whole was told when it was.

    Raises Unwritten.
    """
    at = instant_text(now)
    memory = Memory(seal.no, seal.hash, at, before.whole_at if before else at)
    with workbench(path) as place:
        (place / "memory").write_text(canonical_json({"v": 1, **asdict(memory)}) + "\n", "utf-8")
        put_in_place(place / "memory", path, over=True)


_NO_SEALS = Text(
    "只核验新近的，须用 --seals 给出库外的封存文件，且其中已有封存",
    "what came since can be told apart only by seals: name the file outside that holds them with --seals",
)
_UNREAD = Text("读不了核验记录 {path}：{why}", "what {path} remembers cannot be read: {why}")
_NO_MEMORY = Text(
    "{path} 不是核验记录；请换文件名，或删去后全部核验一次",
    "{path} is no memory of a verification: name another file, or remove it and verify everything once",
)
_OTHER = Text(
    "{path} 所记的第 {no} 号封存不在封存文件中；请核对两个文件，或删去前者后全部核验一次",
    "{path} remembers seal {no}, which is not in the file of seals: compare the two, or remove it and verify everything once",
)
