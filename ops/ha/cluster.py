"""Three nodes as ops/ha/patroni.yml makes them, on the loopback of one machine and in one directory: to look at, and to break.

python -m ops.ha.cluster                     # runs until it is interrupted; says by which address it is reached

A node is all that dies with a machine: its etcd, its Patroni, its PostgreSQL. The configuration is the one that a bureau
installs; only names, places and ports are others here.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.request import Request, urlopen

import yaml

HERE = Path(__file__).resolve().parent
#: Where Patroni is, in an environment of its own: the program does without it.
PATRONI = Path(os.environ.get("GONGKAI_HA") or HERE.parent.parent / "build" / "ha")
PASSWORDS = ("SUPERUSER", "REPLICATION", "REWIND")
#: PostgreSQL does not run as root: its package brings a user for it.
USER = "postgres" if os.geteuid() == 0 else None
OWNER = "gongkai_owner"
HOST = "127.0.0.1"


def missing() -> str:
    """What is not here, and the command that brings it, in both languages; empty where all is here."""
    said = []
    if _server_programs() is None:
        said.append(
            "缺少 PostgreSQL 15 或更高版本 / PostgreSQL 15 or newer is missing: sudo apt-get install postgresql"
        )
    if not (3, 4) <= _etcd_version() < (3, 6):
        said.append("缺少 etcd 3.4 或 3.5 / etcd 3.4 or 3.5 is missing: sudo apt-get install etcd-server")
    run = [str(PATRONI / "bin" / "patroni"), "--version"]
    try:
        answers = subprocess.run(run, user=USER, cwd="/", capture_output=True, check=False).returncode == 0  # noqa: S603
    except OSError:
        answers = False
    if not answers:
        who = (USER or "本人", USER or "you")
        said.append(
            f"缺少{who[0]}可以运行的 Patroni / a Patroni that {who[1]} may run is missing: make ha "
            f"（或以 GONGKAI_HA 指明其虚拟环境 / or name its environment by GONGKAI_HA: {PATRONI}）"
        )
    return "\n".join(said)


class Node:
    """One machine: the processes that live in its directory."""

    def __init__(self, directory: Path, name: str) -> None:
        self.name, self.directory = name, directory / name
        self.directory.mkdir()
        if USER:
            shutil.chown(self.directory, USER)
        self.port, self.api, self.client, self.peer = _free_ports(4)
        self._children: list[subprocess.Popen[bytes]] = []

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def url(self, database: str, user: str = OWNER) -> str:
        """The address of this node alone."""
        return f"postgresql+psycopg://{user}@{HOST}:{self.port}/{database}"

    def start(self, nodes: Sequence[Node], passwords: Mapping[str, str], changes: Mapping[str, Any]) -> None:
        """Its etcd, and its Patroni, which starts its PostgreSQL."""
        config = self.directory / "patroni.yml"
        config.write_text(json.dumps(self._patroni(nodes, changes)))
        self._run([str(_etcd())], self._etcd(nodes), "etcd.log")
        words = {f"PATRONI_{name}_PASSWORD": word for name, word in passwords.items()}
        self._run([str(PATRONI / "bin" / "patroni"), str(config)], words, "patroni.log")

    def kill(self) -> None:
        """The machine is gone."""
        while (alive := self._alive()) or any(each.poll() is None for each in self._children):
            for process in alive:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGKILL)
        self._children.clear()

    def freeze(self) -> None:
        """The machine stands still, and its connections with it."""
        stopped: set[int] = set()
        while more := set(self._alive()) - stopped:
            for process in more:
                with suppress(ProcessLookupError):
                    os.kill(process, signal.SIGSTOP)
            stopped |= more

    def wake(self, *, only_the_server: bool = False) -> None:
        """It goes on where it stood; PostgreSQL before all else, if that is said."""
        for process in self._alive(self.data if only_the_server else self.directory):
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGCONT)

    def lately(self, lines: int = 120) -> str:
        """The end of what its Patroni and its PostgreSQL said."""
        said = (self.directory / "patroni.log").read_text("utf-8", "replace").splitlines()
        return "\n".join([f"{self.name}:", *said[-lines:]])

    def members(self) -> dict[str, tuple[str, str]]:
        """Role and state of every node, as this one's Patroni says; nothing where it does not answer."""
        try:
            with urlopen(f"http://{HOST}:{self.api}/cluster", timeout=2) as said:
                return {each["name"]: (each["role"], each["state"]) for each in json.load(said)["members"]}
        except (OSError, HTTPException, ValueError):
            return {}

    def etcd(self, question: str, **words: str) -> dict[str, Any]:
        """What its etcd answers. Raises OSError where it does not."""
        request = Request(f"http://{HOST}:{self.client}/v3/{question}", json.dumps(words).encode())
        with urlopen(request, timeout=5) as said:  # noqa: S310
            answer: dict[str, Any] = json.load(said)
            return answer

    def _alive(self, place: Path | None = None) -> list[int]:
        """The processes that live in the node's directory, or in a part of it."""
        place, found = place or self.directory, []
        for entry in Path("/proc").iterdir():
            with suppress(OSError):
                if entry.name.isdecimal() and (entry / "cwd").readlink().is_relative_to(place):
                    found.append(int(entry.name))
        return found

    def _run(self, words: list[str], more: Mapping[str, str], log: str) -> None:
        around = {"PATH": os.environ["PATH"], "HOME": str(self.directory), "LC_ALL": "C.UTF-8", **more}
        with (self.directory / log).open("ab") as said:
            self._children.append(
                subprocess.Popen(  # noqa: S603  # programs that `missing` has found
                    words, cwd=self.directory, env=around, user=USER, stdin=subprocess.DEVNULL, stdout=said, stderr=said
                )
            )

    def _patroni(self, nodes: Sequence[Node], changes: Mapping[str, Any]) -> dict[str, Any]:
        said: dict[str, Any] = yaml.safe_load((HERE / "patroni.yml").read_text("utf-8"))
        said["name"] = self.name
        said["restapi"] = dict.fromkeys(("listen", "connect_address"), f"{HOST}:{self.api}")
        said["etcd"]["hosts"] = [f"{HOST}:{each.client}" for each in nodes]
        said["bootstrap"]["dcs"] |= changes
        # A machine for three: small, and not the one whose watchdog may be used.
        said["bootstrap"]["dcs"]["postgresql"]["parameters"]["shared_buffers"] = "64MB"
        said["watchdog"]["mode"] = "off"
        said["postgresql"] |= {
            "listen": f"{HOST}:{self.port}",
            "connect_address": f"{HOST}:{self.port}",
            "data_dir": str(self.data),
            "bin_dir": _server_programs(),
            "pgpass": str(self.directory / "pgpass"),
            "parameters": {"unix_socket_directories": str(self.directory)},
            # Who may come is for the bureau to say; here it is whoever is on this machine.
            "pg_hba": [
                f"host all {OWNER} {HOST}/32 trust",
                f"host all all {HOST}/32 scram-sha-256",
                f"host replication all {HOST}/32 scram-sha-256",
            ],
        }
        return said

    def _etcd(self, nodes: Sequence[Node]) -> dict[str, str]:
        lines = (HERE / "etcd").read_text("utf-8").splitlines()
        said = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        peer, client = f"http://{HOST}:{self.peer}", f"http://{HOST}:{self.client}"
        return said | {
            "ETCD_NAME": self.name,
            "ETCD_DATA_DIR": str(self.directory / "etcd"),
            "ETCD_LISTEN_PEER_URLS": peer,
            "ETCD_INITIAL_ADVERTISE_PEER_URLS": peer,
            "ETCD_LISTEN_CLIENT_URLS": client,
            "ETCD_ADVERTISE_CLIENT_URLS": client,
            "ETCD_INITIAL_CLUSTER": ",".join(f"{each.name}=http://{HOST}:{each.peer}" for each in nodes),
        }


class Cluster:
    """Three nodes, one of which leads and another of which has all that was acknowledged."""

    def __init__(self, directory: Path, **changes: Any) -> None:
        self._passwords, self._changes = {name: secrets.token_hex(16) for name in PASSWORDS}, changes
        self.nodes = [Node(directory, name) for name in ("db1", "db2", "db3")]

    def begin(self) -> None:
        """All three, and an empty database."""
        for each in self.nodes:
            self.start(each)
        self.wait_until_whole()
        self.execute(f"CREATE ROLE {OWNER} LOGIN")
        self.execute(f"CREATE DATABASE gongkai OWNER {OWNER} ENCODING 'UTF8' TEMPLATE template0")

    def start(self, node: Node) -> None:
        node.start(self.nodes, self._passwords, self._changes)

    def url(self, database: str) -> str:
        """The address as people have it: every host, in the order in which they were installed."""
        return f"postgresql+psycopg://{OWNER}@{','.join(f'{HOST}:{each.port}' for each in self.nodes)}/{database}"

    def one(self, role: str) -> Node:
        """The node that has this role."""
        said = next(filter(None, (each.members() for each in self.nodes)))
        name = next(name for name, (its_role, _) in said.items() if its_role == role)
        return next(each for each in self.nodes if each.name == name)

    @property
    def is_whole(self) -> bool:
        """One leads, one confirms, one follows, and all of them say the same."""
        said = [each.members() for each in self.nodes]
        roles = sorted(said[0].values())
        awaited = ["replica" if self._changes.get("synchronous_mode") is False else "sync_standby", "replica"]
        wanted = sorted([("leader", "running"), *((each, "streaming") for each in awaited)])
        return roles == wanted and said.count(said[0]) == len(said)

    def wait_until_whole(self, seconds: float = 180) -> float:
        """How long it took. Raises TimeoutError where it does not become whole."""
        begun = monotonic()
        while not self.is_whole:
            if monotonic() - begun > seconds:
                raise TimeoutError([each.members() for each in self.nodes])
            threading.Event().wait(0.5)
        return monotonic() - begun

    def lead_etcd(self, node: Node) -> None:
        """Have this node's etcd lead the others: whoever leads both and stands still has the oldest view of both."""
        whose = {each.etcd("maintenance/status")["header"]["member_id"]: each for each in self.nodes}
        wanted = next(member for member, each in whose.items() if each is node)
        while (now := node.etcd("maintenance/status").get("leader")) != wanted:
            if now in whose:
                with suppress(OSError):
                    whose[now].etcd("maintenance/transfer-leadership", targetID=wanted)
            threading.Event().wait(0.1)

    def execute(self, sql: str) -> None:
        """As the owner of everything, on the leader."""
        import psycopg

        words = {"user": "postgres", "password": self._passwords["SUPERUSER"], "dbname": "postgres"}
        with psycopg.connect(host=HOST, port=self.one("leader").port, autocommit=True, **words) as server:  # type: ignore[arg-type]
            server.execute(sql)

    def close(self) -> None:
        for each in self.nodes:
            each.kill()


@contextmanager
def a_cluster(**changes: Any) -> Iterator[Cluster]:
    """A cluster while it is used, with an empty database `gongkai`; `changes` go to what the nodes agree upon."""
    with tempfile.TemporaryDirectory(prefix="gk-", ignore_cleanup_errors=True) as directory:
        Path(directory).chmod(0o755)
        cluster = Cluster(Path(directory), **changes)
        try:
            cluster.begin()
            yield cluster
        finally:
            cluster.close()


def _server_programs() -> str | None:
    """Where PostgreSQL's server lies: Debian keeps the programs of each version in a directory of their own."""
    beside = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda each: float(each.parts[-3]))
    found = str(beside[-1]) if beside else shutil.which("initdb")
    return str(Path(found).resolve().parent) if found else None


def _etcd() -> str | None:
    return shutil.which("etcd")


def _etcd_version() -> tuple[int, ...]:
    """Of the etcd that is found here; nothing where there is none that runs."""
    program = _etcd()
    if program is None:
        return ()
    said = subprocess.run([program, "--version"], capture_output=True, check=False, encoding="utf-8").stdout  # noqa: S603
    found = re.search(r"etcd Version: (\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else ()


def _free_ports(count: int) -> list[int]:
    ones = [socket.create_server((HOST, 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in ones]
    for one in ones:
        one.close()
    return ports


if __name__ == "__main__":
    if lacking := missing():
        sys.exit(lacking)
    with a_cluster() as running:
        print(running.url("gongkai"))
        print(f"{PATRONI}/bin/patronictl -c {running.nodes[0].directory}/patroni.yml list")
        with suppress(KeyboardInterrupt):
            signal.pause()
