"""What was said of accounts that are one person is entered as it stands, at the end of the chain. Runs before the new code."""

import json
import unicodedata
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_SAID = 'SELECT at, "by", act, person, other, reason FROM same_people ORDER BY no'


def upgrade() -> None:
    """An entry for each row, in their order; by whom and when it was said is in the row."""
    db = op.get_bind()
    entries = sa.table("entries", *map(sa.column, ("no", "what", "key", "digest", "at", "by", "previous", "hash")))
    last = db.execute(sa.text("SELECT no, hash FROM entries ORDER BY no DESC LIMIT 1")).first()
    before, previous = (last.no, last.hash) if last else (0, "")
    for no, said in enumerate(db.execute(sa.text(_SAID)).mappings().all(), before + 1):
        told = {
            "no": no,
            "what": "same",
            "key": f"{said['person']} {said['other']}",
            "digest": _digest([*said.values()]),
        }
        row = {**told, "at": said["at"], "by": said["by"], "previous": previous}
        previous = _digest({"v": 1, **row})
        db.execute(entries.insert().values(**row, hash=previous))


def _digest(said: object) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()
