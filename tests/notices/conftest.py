"""A bureau on each engine whose people have mail addresses, and real mail servers of several tempers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.factories import Office
from tests.notices.servers import MailServer, serving
from tests.storage.conftest import bureau_file, bureau_template, file_url, hand, office, server, server_url, url

__all__ = ["bureau_file", "bureau_template", "file_url", "hand", "office", "server", "server_url", "url"]

REACHED = ("wangmin", "lihua", "zhouju")


@pytest.fixture
def reached(office: Office) -> Office:
    """The bureau; some of its people have said where they are reached."""
    for person in REACHED:
        office.desk.outbox.reach(office.actor(person), person, f"{person}@example.gov.cn")
    return office


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """A mail server that takes what it is given, unless a test tells it otherwise."""
    with serving() as there:
        yield there
