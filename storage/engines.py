"""Which engine holds the database of an address: the one place that knows both."""

from __future__ import annotations

from storage.connection import Engine


def engine_at(url: str) -> Engine:
    """The engine that holds the database of this address. Raises Invalid for one that cannot be."""
    if url.startswith("postgresql"):
        from storage.postgres import Server  # only where it is used: the driver takes 0.15 s to load

        return Server(url)
    from storage.sqlite_engine import File

    return File(url)
