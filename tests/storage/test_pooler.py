"""A pooler between this program and the server, as PgBouncer is: whether it is seen, and whether it keeps apart what it must."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from storage.postgres import Server as Address
from tests.engines import Server

#: How the server ends what it says, and how it says by which number a connection can be cancelled.
READY, NUMBER = b"Z\x00\x00\x00\x05", b"K\x00\x00\x00\x0c"


class Pooler:
    """It gives each client a number of its own, and one connection of the server for as long as it stays, or lends all the first."""

    def __init__(self, server: Server, *, lends: bool) -> None:
        self._server, self._lends = server, lends
        self._opened: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._receive, daemon=True).start()

    def close(self) -> None:
        for each in (self._door, *self._opened):
            each.close()

    def _receive(self) -> None:
        with suppress(OSError):
            while True:
                client, behind = self._door.accept()[0], socket.create_connection(("127.0.0.1", self._server.port))
                self._opened += behind, client
                threading.Thread(target=self._serve, args=(client, behind), daemon=True).start()

    def _serve(self, client: socket.socket, behind: socket.socket) -> None:
        is_known = False
        with suppress(OSError):
            while asked := client.recv(1 << 16):
                behind.sendall(asked)
                said = behind.recv(1 << 16)
                while is_known and said[-6:-1] != READY:
                    said += behind.recv(1 << 16)
                client.sendall(said.replace(NUMBER + said.partition(NUMBER)[2][:4], NUMBER + b"\x00\x0f\x00\x0f"))
                if not is_known and said[-6:-1] == READY:
                    is_known, behind = True, self._opened[0] if self._lends else behind


@pytest.fixture(params=["session", "transaction"])
def pooler(request: pytest.FixtureRequest, server: Server) -> Iterator[tuple[str, int]]:
    one = Pooler(server, lends=request.param == "transaction")
    yield request.param, one.port
    one.close()


def test_a_pooler_is_named_and_is_amiss_where_it_lends_one_connection_to_several(
    server: Server, server_url: str, pooler: tuple[str, int]
) -> None:
    mode, port = pooler

    assert "pooler" not in Address(server_url).connect().settings()
    assert Address(server_url.replace(str(server.port), str(port))).connect().settings()["pooler"] == (mode, "session")
