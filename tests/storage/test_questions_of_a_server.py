"""The questions as a server is asked them: each can be asked, and those of every day are answered by their index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest

from storage import statements
from storage.postgres.connection import _placed
from tests.engines import Server
from tests.storage.test_statements import SERVED_BY, texts


def at(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def plan(db: psycopg.Connection[tuple[Any, ...]], text: str) -> str:
    names = dict.fromkeys(re.findall(r"%\((\w+)\)s", text))
    return "\n".join(str(row[0]) for row in db.execute(f"EXPLAIN {text}", names).fetchall())


@pytest.mark.parametrize("name", sorted(texts()))
def test_every_question_can_be_asked_of_a_server(crowded: str, name: str) -> None:
    with closing(at(crowded)) as db:
        assert plan(db, _placed(getattr(statements, name)))


#: What every step and every pass of the sweep asks, what people open on, and what has another name there.
OFTEN = (
    "CASE", "CASE_BY_NUMBER", "EVENT_OF_REQUEST", "HOLDERS", "DUE", "OVERSLEPT", "WAITING", "RUNNING_IN_STATE",
    "LISTED_OVERDUE", "BOARD_CASES", "UNREAD", "CHILDREN", "LAST_ESCALATED", "ACTS_SINCE", "READING",
)  # fmt: skip
KEYS = {"sqlite_autoindex_cases": "cases_pkey", "PRIMARY KEY": "readings_pkey"}
CROWD = 20_000
#: Cases with their clocks, events and notices by the thousand, most of them ended, as a bureau's years leave them.
CROWDED = (
    f"""
    INSERT INTO cases SELECT 'c' || lpad(n::text, 8, '0'), 'N-' || n, 'document', (SELECT min(digest) FROM definitions), 'bureau',
      '预算科', '标题', 'draft', 1, 1, '{{}}', '{{}}', CASE WHEN n % 20 = 0 THEN 'drafter' END, '2026-01-01', '2026-01-01', '2026-01-01',
      CASE WHEN n % 20 > 0 THEN '2026-02-01' END, 'h', CASE WHEN n % 40 = 0 THEN '2026-03-01' END,
      CASE WHEN n % 40 = 0 THEN '2026-03-' || lpad((n % 28 + 1)::text, 2, '0') END, CASE WHEN n % 20 = 0 THEN '2026-03-01' END,
      CASE WHEN n % 50 = 0 THEN 'c' || lpad((n / 2)::text, 8, '0') END, NULL
    FROM generate_series(1, {CROWD}) AS n""",
    """
    INSERT INTO events (case_id, seq, bureau, at, actor, actor_name, via, transition, target, data, automatic, definition,
      request_id, previous, hash)
    SELECT id, s, bureau, '2026-01-01', 'wangmin', '王敏', 'cli', CASE WHEN s = 3 AND number LIKE '%7' THEN 'sign_for' ELSE 'edit' END,
      'draft', '{}', 0, definition, CASE WHEN s = 1 THEN id END, '', 'h' FROM cases, generate_series(1, 3) AS s""",
    """
    INSERT INTO deadlines (case_id, rule, armed_seq, anchor_on, anchor_at, strict_on, rolled_on, due_at, provisional, fired, closed_at,
      outcome, paused_on)
    SELECT id, 'work', s, '2026-01-01', '2026-01-01', '2026-02-01', '2026-02-01', '2026-02-01', 0, 0, closed_at,
      CASE WHEN number LIKE '%11' THEN 'late' END, CASE WHEN number LIKE '%00' AND closed_at IS NULL THEN '2026-01-05' END
    FROM cases, generate_series(1, 2) AS s""",
    """
    INSERT INTO notices (bureau, person, role, case_id, occasion, zh, en, created_at, read_at)
    SELECT bureau, CASE WHEN number LIKE '%5' THEN 'wangmin' ELSE 'lihua' END, 'drafter', id, 'remind', '', '', '2026-01-01',
      CASE WHEN number NOT LIKE '%15' THEN '2026-01-02' END FROM cases""",
    """
    INSERT INTO appointments (bureau, person, role, section, from_on, acting)
    SELECT 'bureau', 'wangmin', 'role-' || n, '预算科', '2020-01-01', 0 FROM generate_series(1, 5000) AS n""",
    """
    INSERT INTO readings SELECT id, 'wangmin', 1, CASE WHEN number NOT LIKE '%9' THEN 2 END FROM cases""",
)


@pytest.fixture(scope="module")
def crowded(server: Server, bureau_template: str) -> Iterator[str]:
    url = server.fresh(bureau_template)
    with closing(at(url)) as db:
        for said in CROWDED:
            db.execute(said)
        db.execute("ANALYZE")
    yield url
    server.drop(url)


@pytest.mark.parametrize("name", OFTEN)
def test_a_question_of_every_day_is_answered_by_its_index_there_too(crowded: str, name: str) -> None:
    index = SERVED_BY[name]
    wanted = "uq_cases_number" if name == "CASE_BY_NUMBER" else KEYS.get(index, index)
    text = _placed(getattr(statements, name))
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", text)))
    numbered = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", text).replace("%%", "%")
    with closing(at(crowded)) as db:
        # As the hundredth call is answered: by a plan that does not look at the values.
        db.execute("SET plan_cache_mode = 'force_generic_plan'")
        db.execute(f"PREPARE asked AS {numbered}")
        said = db.execute(f"EXPLAIN EXECUTE asked ({', '.join('NULL' for _ in names)})").fetchall()

    assert any(wanted in str(row[0]) for row in said), "\n".join(str(row[0]) for row in said)
    assert not any("Seq Scan on cases" in str(row[0]) or "Seq Scan on events" in str(row[0]) for row in said), said
