"""The reports stand on the same bureau as the store's own tests."""

from tests.storage.conftest import bureau_file, office, url

__all__ = ["bureau_file", "office", "url"]
