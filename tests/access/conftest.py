"""The bureau of these tests, made once: nothing that is asked of it changes it but the state in which a case is placed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.access.bureaus import Bureau, a_hand, bureau_at, opened
from tests.cli.conftest import _at_home

__all__ = ["_at_home"]


@pytest.fixture(scope="session")
def bureau(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bureau]:
    url = bureau_at(tmp_path_factory.mktemp("access") / "bureau.db")
    with opened(url) as desk, closing(a_hand(url)) as hand:
        yield Bureau(desk, hand)
