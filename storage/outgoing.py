"""What the outbox asks (storage/outbox.py), and where people are reached; beside `lists`, for `questions` to compile."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, delete, func, literal_column, null, select, update
from sqlalchemy.dialects import sqlite

from storage.asking import NO, ONE, addresses, notices, outbox, people, upsert

_WAITING: Any = literal_column("'waiting'")
_PARKED: Any = literal_column("'parked'")

# Where is this person reached, and by which channels?  Primary key
ADDRESSES_OF = select(addresses.c.channel, addresses.c.address).where(addresses.c.person == bindparam("person"))
PUT_ADDRESS = upsert(addresses)
FORGET_ADDRESS = delete(addresses).where(
    addresses.c.person == bindparam("person"), addresses.c.channel == bindparam("channel")
)
# Who has left by that day is reached no more.
FORGET_THE_GONE = delete(addresses).where(
    addresses.c.person.in_(select(people.c.id).where(people.c.left_on <= bindparam("today")))
)

# The notices that an event has just written, so many, go out to whoever has an address: nobody else writes to the case
# meanwhile, so they are its newest.  ix_notices_case, primary keys
SEND_OUT = sqlite.insert(outbox).from_select(
    ["notice", "channel", "created_at", "state", "due_at", "tries"],
    select(notices.c.id, addresses.c.channel, notices.c.created_at, _WAITING, notices.c.created_at, NO)
    .join_from(notices, addresses, addresses.c.person == notices.c.person)
    .where(
        notices.c.id.in_(
            select(notices.c.id)
            .where(notices.c.case_id == bindparam("case_id"))
            .order_by(notices.c.id.desc())
            .limit(bindparam("count"))
            .offset(NO)
        )
    ),
)

# What of this channel is due, the longest waiting first?  ix_outbox_due
_DUE_FIRST = (
    select(outbox.c.id)
    .where(
        outbox.c.due_at.is_not(None), outbox.c.due_at <= bindparam("now"), outbox.c.channel == bindparam("channel")
    )
    .order_by(outbox.c.due_at, outbox.c.id)
    .limit(ONE)
    .offset(NO)
)  # fmt: skip
DUE_OUT = _DUE_FIRST
# Take one: it is due again when this deliverer must be taken for dead. Whoever waited here for another finds that it is not
# due any more, for the condition stands outside as well.
TAKE_OUT = (
    update(outbox)
    .where(outbox.c.id.in_(_DUE_FIRST), outbox.c.due_at <= bindparam("now"))
    .values(due_at=bindparam("until"), tries=outbox.c.tries + ONE)
    .returning(outbox.c.id, outbox.c.notice, outbox.c.channel, outbox.c.tries)
)
# What is to be said, to whom, and whether they have read it.  Primary keys
NOTICE_OUT = (
    select(*notices.c, addresses.c.address)
    .join_from(
        notices,
        addresses,
        and_(addresses.c.person == notices.c.person, addresses.c.channel == bindparam("channel")),
        isouter=True,
    )
    .where(notices.c.id == bindparam("notice"))
)

# What became of it, as the latest who took it says; nothing, where another has taken it since.
_TAKEN = and_(outbox.c.id == bindparam("id"), outbox.c.tries == bindparam("tries"), outbox.c.state == _WAITING)
END_OUT = (
    update(outbox)
    .where(_TAKEN)
    .values(state=bindparam("state"), due_at=null(), code=bindparam("code"), ended_at=bindparam("ended_at"))
)
PUT_OFF_OUT = update(outbox).where(_TAKEN).values(due_at=bindparam("due_at"), code=bindparam("code"))

# Due later than any pause lasts: put off by a clock that ran ahead, and has been set right.  ix_outbox_due
BRING_FORWARD = update(outbox).where(outbox.c.due_at > bindparam("latest")).values(due_at=bindparam("due_at"))

# And what its notices said is not kept: they told its title and comments.  ix_notices_case
FORGET_NOTICES = (
    update(notices).where(notices.c.case_id == bindparam("case_id")).values(zh=bindparam("zh"), en=bindparam("en"))
)

# A case's personal data are erased: what still waits to tell of it does not leave.  ix_notices_case, uq_outbox_notice
DROP_OF_CASE = (
    update(outbox)
    .where(
        outbox.c.notice.in_(select(notices.c.id).where(notices.c.case_id == bindparam("case_id"))),
        outbox.c.state.in_((_WAITING, _PARKED)),
    )
    .values(
        state=literal_column("'dropped'"),
        due_at=null(),
        code=literal_column("'erased'"),
        ended_at=bindparam("ended_at"),
    )
)

# What nobody could deliver in a month is news no more; what ended a month ago is forgotten.  ix_outbox_due, ix_outbox_ended
DROP_OLD = (
    update(outbox)
    .where(outbox.c.due_at.is_not(None), outbox.c.created_at < bindparam("before"))
    .values(
        state=literal_column("'dropped'"),
        due_at=null(),
        code=literal_column("'expired'"),
        ended_at=bindparam("ended_at"),
    )
)
FORGET_OLD = delete(outbox).where(outbox.c.ended_at < bindparam("before"))

# What stands in the outbox, by what became of it?
OUTBOX_STANDING = (
    select(
        outbox.c.state,
        outbox.c.channel,
        outbox.c.code,
        func.count().label("count"),
        func.min(outbox.c.created_at).label("oldest"),
        func.min(outbox.c.due_at).label("due_at"),
    )
    .where(outbox.c.state.in_((_WAITING, _PARKED)))
    .group_by(outbox.c.state, outbox.c.channel, outbox.c.code)
    .order_by(outbox.c.state, outbox.c.channel, outbox.c.code)
)
# The rows themselves, the newest first, with the receiver and nothing of what they are told.
OUTBOX = (
    select(*outbox.c, notices.c.person, people.c.name)
    .join_from(outbox, notices, notices.c.id == outbox.c.notice, isouter=True)
    .join(people, people.c.id == notices.c.person, isouter=True)
    .where(outbox.c.state == func.coalesce(bindparam("state"), outbox.c.state))
    .order_by(outbox.c.id.desc())
    .limit(bindparam("limit"))
    .offset(NO)
)
# Parked ones are tried again, all of them or one.
RELEASE = (
    update(outbox)
    .where(outbox.c.state == _PARKED, outbox.c.id == func.coalesce(bindparam("id"), outbox.c.id))
    .values(state=_WAITING, due_at=bindparam("now"), tries=NO, code=null(), ended_at=null())
)
