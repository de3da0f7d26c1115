"""The reports stand on the same bureau as the store's own tests; they read it through the desk, so one engine will do."""

from __future__ import annotations

import pytest

from tests.storage.conftest import bureau_file, file_url, office

__all__ = ["bureau_file", "file_url", "office"]


@pytest.fixture
def url(file_url: str) -> str:
    return file_url
