"""A bureau on each engine whose attachments lie in a directory of the test, and papers to put to its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from settings import Keeping, Limits
from storage import Desk
from tests.factories import Clock, Ids, Office

#: Small enough that a test comes to their end.
LIMITS = Limits(size=2, count=3, total=3, unpacked=5, entries=50, ratio=50, nesting=1)


@pytest.fixture
def keeping(tmp_path: Path) -> Keeping:
    return Keeping(str(tmp_path / "kept"), LIMITS)


@pytest.fixture
def office(url: str, keeping: Keeping) -> Iterator[Office]:
    clock = Clock()
    with Desk.open(url, clock=clock, ids=Ids(), keeping=keeping) as desk:
        yield Office(url, clock, desk)


@pytest.fixture
def paper(tmp_path: Path) -> Callable[..., Path]:
    """A file with this content, on the desk of whoever attaches it."""

    def made(content: bytes | str = "会签意见：同意", name: str = "意见.txt") -> Path:
        path = tmp_path / "desk" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return made
