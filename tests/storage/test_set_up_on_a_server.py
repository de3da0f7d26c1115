"""What docs/operations/postgresql.md says of setting up is typed as it stands, on a server that knows nothing of us."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines import MISSING, Hand, Server, a_server, program

HOUSE = Path(__file__).resolve().parents[2]
SET_UP = re.compile(r"^## Set up\n```sh\n(.*?)^```$", re.DOTALL | re.MULTILINE)
ROLES = "ops/postgresql/roles.sql"


@pytest.fixture
def own_server() -> Iterator[Server]:
    """Roles are of the whole server: what is made here stands in nobody's way."""
    if program("initdb") is None:
        pytest.skip(MISSING)
    yield from a_server()


def typed(server: Server, lines: str, tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """As the superuser of the server, by a shell that goes on to the end as a person does."""
    lines = lines.replace("db.local", f"127.0.0.1:{server.port}").replace("/srv/gongkai/files", str(tmp_path / "files"))
    tools = {str(Path(found).parent) for each in ("createuser", "createdb", "psql") if (found := program(each))}
    path = os.pathsep.join([str(Path(sys.executable).parent), *tools, os.environ["PATH"]])
    where = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": "owner", "HOME": str(tmp_path), "PATH": path}
    where |= {"GONGKAI_LANG": "zh", **environment}
    call = ["bash", "-c", lines]
    return subprocess.run(call, env={**os.environ, **where}, cwd=HOUSE, capture_output=True, text=True, check=False)


def test_the_lines_of_the_page_set_up_a_bureau_in_which_people_work(own_server: Server, tmp_path: Path) -> None:
    found = SET_UP.search((HOUSE / "docs/operations/postgresql.md").read_text("utf-8"))
    assert found

    done = typed(own_server, "set -e\n" + found[1], tmp_path)

    assert (done.returncode, "ERROR" in done.stderr) == (0, False), done.stderr
    url = own_server.url("gongkai")
    owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
    assert Hand(url).rows(owners) == [("gongkai_owner",)]
    works = f"gongkai --db {url.replace('owner@', 'desk@')} --as admin people add wangmin 王敏"
    assert typed(own_server, works, tmp_path).returncode == 0
    reads = f"gongkai --db {url.replace('owner@', 'audit@')} verify"
    assert typed(own_server, reads, tmp_path).returncode == 0
    again = typed(own_server, f"psql -d gongkai -f {ROLES}", tmp_path)
    assert again.returncode == 0, again.stderr


def test_who_may_not_give_rights_is_told_so_at_once_and_takes_none(own_server: Server, tmp_path: Path) -> None:
    own_server.execute("CREATE ROLE gongkai_owner LOGIN")
    own_server.execute("CREATE DATABASE gongkai OWNER gongkai_owner TEMPLATE template0")

    done = typed(own_server, f"psql -d gongkai -f {ROLES}", tmp_path, PGUSER="gongkai_owner")

    assert done.returncode != 0
    assert done.stderr.count("ERROR") == 1
