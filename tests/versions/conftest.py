"""The bureau of the storage tests, at work on permits of the first version."""

from __future__ import annotations

import pytest

from tests.factories import Office
from tests.storage.conftest import bureau_file as bureau_file
from tests.storage.conftest import office as office
from tests.storage.conftest import url as url
from tests.versions.permits import FIRST, Permits


@pytest.fixture
def permits(office: Office) -> Permits:
    found = Permits(office)
    found.install(FIRST)
    return found
