"""What the sweep asks (storage/sweep.py); compiled with the other questions."""

from __future__ import annotations

from sqlalchemy import bindparam, delete, select, update

from storage.asking import NO, cases, troubles, upsert

# Which cases have something due, the longest waiting first?  ix_cases_next
DUE = (
    select(cases)
    .where(cases.c.next_at <= bindparam("now"))
    .order_by(cases.c.next_at)
    .limit(bindparam("limit"))
    .offset(NO)
)

# How far is this case by now?  Primary key
SEQ = select(cases.c.seq).where(cases.c.id == bindparam("id"))

# Which cases are set aside?
TROUBLED = select(troubles.c.case_id, troubles.c.since, troubles.c.times, troubles.c.retry_at)
PUT_TROUBLE = upsert(troubles)
END_TROUBLE = delete(troubles).where(troubles.c.case_id == bindparam("case_id"))

# A person has moved the case on: it is no longer what was set aside.
END_OLD_TROUBLES = delete(troubles).where(
    troubles.c.case_id.not_in(
        select(cases.c.id).where(cases.c.id == troubles.c.case_id, cases.c.next_at <= troubles.c.retry_at)
    )
)

# Set aside for longer than any pause lasts, by a clock that ran ahead and has been set right: it is tried by the right one.
TRY_BY_THE_RIGHT_CLOCK = (
    update(cases)
    .where(
        cases.c.id.in_(select(troubles.c.case_id).where(troubles.c.retry_at > bindparam("latest"))),
        cases.c.next_at > bindparam("latest"),
    )
    .values(next_at=bindparam("now"))
)

# The moment at which the sweep looks again, where nothing else changes.
PUT_OFF = (
    update(cases)
    .where(
        cases.c.id == bindparam("id"),
        cases.c.seq == bindparam("seq"),
        cases.c.next_at == bindparam("was"),
    )
    .values(next_at=bindparam("next_at"))
)
