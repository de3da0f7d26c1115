"""The bureau of the storage tests, at work on permits of the first version."""

from __future__ import annotations

import pytest

from tests.factories import Office
from tests.storage.conftest import bureau_file as bureau_file
from tests.storage.conftest import file_url as file_url
from tests.storage.conftest import office as office
from tests.versions.permits import FIRST, Permits


@pytest.fixture
def permits(office: Office) -> Permits:
    found = Permits(office)
    found.install(FIRST)
    return found


@pytest.fixture
def url(file_url: str) -> str:
    """In a file: what a migration writes goes through the store, which is tried on both engines."""
    return file_url
