"""Where somebody is reached outside this program (送达地址), by channel: their own to say, or the administrator's.

Who has no address is written no message; an address goes when its person leaves. It is shown to nobody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from storage import authority
from storage.connection import Connection
from storage.people import Person, person, present
from storage.statements import ADDRESSES_OF, FORGET_ADDRESS, PUT_ADDRESS
from workflow.case import Actor
from workflow.errors import Invalid, Problem
from workflow.text import Text, shown

MAIL = "mail"
#: RFC 5321 4.5.3.1
LONGEST = 254


@dataclass(frozen=True, slots=True)
class Reached:
    """Somebody, and the address by which they are reached now; None where they are not."""

    person: Person
    address: str | None
    is_new: bool = False  # whether anything changed

    def to_json(self) -> dict[str, object]:
        """The answer as the JSON surface shows it."""
        return {"person": self.person.id, "channel": MAIL, "address": self.address, "new": self.is_new}


def reached(db: Connection, by: Actor, said: str, today: date) -> Reached:
    """Where the person is reached. Raises Denied unless it is their own or the actor administers."""
    who = person(db, by.bureau, said)
    _own_or_admin(db, by, who, today)
    return Reached(who, _address_of(db, who))


def reach(db: Connection, by: Actor, said: str, address: str | None, today: date) -> Reached:
    """The person is reached there from now on, or (None) nowhere. Inside a write transaction."""
    who = person(db, by.bureau, said)
    _own_or_admin(db, by, who, today)
    before = _address_of(db, who)
    if address is None:
        db.run(FORGET_ADDRESS, person=who.id, channel=MAIL)
        return Reached(who, None, before is not None)
    present(who, today)
    wanted = mail_address(address)
    if wanted != before:
        db.run(PUT_ADDRESS, person=who.id, channel=MAIL, address=wanted)
    return Reached(who, wanted, wanted != before)


def _address_of(db: Connection, who: Person) -> str | None:
    return next((row["address"] for row in db.all(ADDRESSES_OF, person=who.id) if row["channel"] == MAIL), None)


def _own_or_admin(db: Connection, by: Actor, who: Person, today: date) -> None:
    if by.id != who.id:
        authority.only_admin(db, by, today, authority.RECORD_AN_ADDRESS)


def mail_address(said: str) -> str:
    """The address as a mail server takes it, or Invalid."""
    from email.errors import MessageError
    from email.headerregistry import Address

    wanted = said.strip()
    try:
        parsed = Address(addr_spec=wanted)
    except (MessageError, ValueError, IndexError, TypeError):
        parsed = Address()
    # `Address` takes what a header may hold (comments, a name without a place); a mailbox is less.
    if str(parsed) != wanted or not parsed.domain or not wanted.isascii() or len(wanted) > LONGEST:
        raise Invalid((Problem("bad-address", _BAD.filled(said=shown(said)), field="address"),))
    return wanted


_BAD = Text(
    "“{said}”不是可用的邮件地址；应形如 wangmin@example.gov.cn",
    "“{said}” is no mail address that can be used; write one such as wangmin@example.gov.cn",
)
