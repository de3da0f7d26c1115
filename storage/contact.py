"""What the bureau itself is called, where it is reached, and how a fee is paid to it (单位名称、联系方式、缴费方式), as its letters say it.

Public, and the administrator's to change. All but the name stands in `meta` as one value, with who changed this or the name last
and on which day; the name is entered (entries.py), since every letter bears it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import date, datetime

from storage import authority
from storage.connection import Connection
from storage.entries import NAME, enter, of_name
from storage.naming import well_named
from storage.part import Part
from storage.statements import BUREAU, META, NAME_BUREAU, SET_META
from workflow.case import Actor, business_date
from workflow.errors import Invalid, Problem
from workflow.text import Text

KEY = "contact"
#: A way of payment names a bank, an account and its holder.
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Contact:
    """What is on record of the bureau; an empty text where nothing is."""

    address: str = ""
    postcode: str = ""
    telephone: str = ""
    payment: str = ""
    changed_by: str = ""
    changed_on: str = ""

    def in_letters(self) -> dict[str, str]:
        """What the letters of the bureau say; nothing is said to be sent to where there is no address.

        >>> Contact("文化路1号", telephone="0571-88880000").in_letters()["contact"]
        '文化路1号（电话0571-88880000）'
        """
        more = "，".join(
            f"{label}{said}" for label, said in (("邮政编码", self.postcode), ("电话", self.telephone)) if said
        )
        contact = self.address + (f"（{more}）" if more else "") if self.address else ""
        return {"contact": contact, "payment": self.payment}

    def to_json(self) -> dict[str, str]:
        """The answer as the JSON surface shows it."""
        return asdict(self)


SAID = tuple(each.name for each in fields(Contact))[:4]


class Contacts(Part):
    """What `Desk` knows of what the bureau is called and where it is reached."""

    @property
    def bureau_name(self) -> str:
        """What the bureau is called now, whichever process renamed it."""
        with self._db.as_it_is():
            row = self._db.one(BUREAU)
        return str(row["name"]) if row else ""

    def contact(self) -> Contact:
        """Where the bureau is reached."""
        return contact_of(self._db)

    def change_contact(self, actor: Actor, said: Mapping[str, str]) -> Contact:
        """What is said of the `name` and of `SAID` from now on, the rest stays; the administrator's act.

        Raises Invalid for what no letter can say.
        """
        facts, now = dict(said), self.now()
        called = facts.pop("name", None)
        with self._db.writing():
            authority.only_admin(self._db, actor, business_date(now), authority.RECORD_THE_CONTACT)
            if called is not None:
                _called(self._db, actor, called, now)
            return _change(self._db, actor, facts, business_date(now), renamed=called is not None)


def contact_of(db: Connection) -> Contact:
    """What is on record; of a newer program only what this one knows."""
    row = db.one(META, key=KEY)
    said = json.loads(row["value"]) if row else {}
    known = {each.name for each in fields(Contact)}
    return Contact(**{name: str(value) for name, value in said.items() if name in known})


def _change(db: Connection, by: Actor, said: Mapping[str, str], today: date, *, renamed: bool) -> Contact:
    before = contact_of(db)
    after = replace(before, **{name: _kept(name, value) for name, value in said.items()})
    if (
        after.postcode
        and "postcode" in said
        and not (after.postcode.isascii() and after.postcode.isdigit() and len(after.postcode) == 6)
    ):
        raise Invalid((Problem("bad-postcode", _POSTCODE, field="postcode"),))
    if after != before or renamed:
        after = replace(after, changed_by=by.id, changed_on=today.isoformat())
        db.run(SET_META, key=KEY, value=json.dumps(after.to_json(), ensure_ascii=False, sort_keys=True))
    return after


def _called(db: Connection, by: Actor, said: str, now: datetime) -> None:
    """The name of the bureau from now on; entered again where it is the same, so that one that was altered can be put right."""
    row = {"id": by.bureau, "name": well_named(said, _NAME, "name")}
    db.run(NAME_BUREAU, bureau=row["id"], called=row["name"])
    enter(db, NAME, row["id"], of_name(row), now, by.id)


def _kept(name: str, said: str) -> str:
    """What is kept of what was typed; nothing takes back what stood there."""
    return well_named(said, _NAMES[name], name, LONGEST) if said else ""


_NAME = Text("单位名称", "name of the bureau")
_NAMES = {
    "address": Text("地址", "address"),
    "postcode": Text("邮政编码", "postcode"),
    "telephone": Text("联系电话", "telephone"),
    "payment": Text("缴费方式", "way of payment"),
}
_POSTCODE = Text("邮政编码是六位数字", "a postcode has six digits")
