"""Every post is on record: those that were given before changes of posts were are entered as they are found. Runs before the new code.

Nobody wrote down who gave them. The first administrator of each bureau is among them: that post was given without an entry.
"""

import json
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_OF_POST = ("bureau", "at", "by", "act", "person", "role", "section", "from_on", "until_on", "acting", "on_behalf_of")
_UNRECORDED = """
SELECT bureau, person, role, section, from_on, until_on, acting, on_behalf_of FROM appointments AS a
WHERE NOT EXISTS (SELECT 1 FROM post_changes AS c WHERE c.bureau = a.bureau AND c.person = a.person AND c.role = a.role
  AND coalesce(c.section, '') = coalesce(a.section, '') AND c.from_on = a.from_on
  AND coalesce(c.on_behalf_of, '') = coalesce(a.on_behalf_of, ''))
ORDER BY id
"""


def upgrade() -> None:
    """A change and its entry for each of them, at the end of the chain."""
    db = op.get_bind()
    changes = sa.table("post_changes", *map(sa.column, _OF_POST))
    entries = sa.table("entries", *map(sa.column, ("no", "what", "key", "digest", "at", "by", "previous", "hash")))
    last = db.execute(sa.text("SELECT no, hash FROM entries ORDER BY no DESC LIMIT 1")).first()
    before, previous = (last.no, last.hash) if last else (0, "")
    at = datetime.now(UTC).isoformat(timespec="microseconds")[:26] + "Z"
    for no, post in enumerate(db.execute(sa.text(_UNRECORDED)).mappings().all(), before + 1):
        change = {**post, "at": at, "by": "system", "act": "found"}
        db.execute(changes.insert().values(change))
        digest = _digest([change[name] for name in _OF_POST])
        said = {"no": no, "what": "post", "key": post["person"], "digest": digest, "at": at, "by": "system"}
        row = {**said, "previous": previous}
        previous = _digest({"v": 1, **row})
        db.execute(entries.insert().values(**row, hash=previous))


def _digest(said: object) -> str:
    text = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(unicodedata.normalize("NFC", text).encode()).hexdigest()
