"""Whether a database is a sandbox is entered, once and for good, and stands in `meta` no longer. Runs before the new code.

Who may write settings could make a real one a sandbox, where `--now` says the time, and turn it back. What is there is entered as
it is found, at the instant of the entry before it; a new database enters it when it is made.
"""

import json
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The index that lets one such entry stand, and the entry."""
    once = sa.text("what = 'nature'")
    op.create_index("uq_entries_nature", "entries", ["what"], unique=True, sqlite_where=once, postgresql_where=once)
    db = op.get_bind()
    found = db.execute(sa.text("SELECT value FROM meta WHERE key = 'sandbox'")).scalar()
    if found is None:
        return
    last = db.execute(sa.text("SELECT no, at, hash FROM entries ORDER BY no DESC LIMIT 1")).one_or_none()
    no, at, previous = (last[0] + 1, last[1], last[2]) if last else (1, "", "")
    key = "sandbox" if found == "1" else "real"
    row = {"no": no, "what": "nature", "key": key, "digest": _digest([key]), "at": at, "by": "system"}
    row["previous"] = previous
    entries = sa.table("entries", *(sa.column(name) for name in (*row, "hash")))
    db.execute(entries.insert().values(**row, hash=_digest({"v": 1, **row})))
    db.execute(sa.text("DELETE FROM meta WHERE key = 'sandbox'"))


def _digest(said: object) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
