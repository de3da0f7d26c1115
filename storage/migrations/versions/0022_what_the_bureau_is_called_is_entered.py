"""What the bureau is called is entered as it stands, at the end of the chain. Runs before the new code.

Every letter bears the name, and nothing said so where somebody altered it. Which bureau this is, the first change of a post says.
"""

import json
import unicodedata
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_FOUND = (
    "SELECT id, {name} AS name FROM bureaus ORDER BY id != (SELECT bureau FROM post_changes ORDER BY no LIMIT 1), id"
)


def upgrade() -> None:
    """One entry, at the instant of the one before it; a new database enters it when it is made."""
    db = op.get_bind()
    # A file may hold a text that is none, at which its driver breaks off.
    column = "CAST(name AS BLOB)" if db.dialect.name == "sqlite" else "name"
    found = db.execute(sa.text(_FOUND.format(name=column))).first()
    name = _text(found.name) if found else None
    if found is None or name is None:  # what is no name is entered by nobody, and verify says so
        return
    last = db.execute(sa.text("SELECT no, at, hash FROM entries ORDER BY no DESC LIMIT 1")).first()
    no, at, previous = (last[0] + 1, last[1], last[2]) if last else (1, "", "")
    row = {"no": no, "what": "bureau", "key": found.id, "digest": _digest([found.id, name]), "at": at, "by": "system"}
    row["previous"] = previous
    entries = sa.table("entries", *(sa.column(name) for name in (*row, "hash")))
    db.execute(entries.insert().values(**row, hash=_digest({"v": 1, **row})))


def _text(said: object) -> str | None:
    if isinstance(said, bytes):
        try:
            return said.decode()
        except UnicodeDecodeError:
            return None
    return said if isinstance(said, str) else None


def _digest(said: object) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()
