"""Which content each attachment points at: the table, and what is asked of it. What an attachment is, its event says.

A row is written in the commit of its event. It changes twice at most: when the attachment is withdrawn, and when its content
is erased. Triggers hold it to that.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKeyConstraint, Index, bindparam, null, select, text, update
from sqlmodel import Field, SQLModel

from storage.asking import ONE, row_of


class AttachmentRow(SQLModel, table=True):
    """附件: the attachment of this number of a case, and the digest of its content until that is erased."""

    __tablename__ = "attachments"
    __table_args__ = (
        ForeignKeyConstraint(["case_id"], ["cases.id"], deferrable=True, initially="DEFERRED"),
        Index(
            "ix_attachments_content",
            "sha256",
            sqlite_where=text("sha256 IS NOT NULL"),
            postgresql_where=text("sha256 IS NOT NULL"),
        ),
        {"sqlite_with_rowid": False},
    )
    case_id: str = Field(primary_key=True)
    no: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    seq: int  # of the event that attached it
    sha256: str | None = None
    size: int
    withdrawn_seq: int | None = None


attachments: Any = AttachmentRow.__table__  # type: ignore[attr-defined]

ADD_ATTACHMENT = row_of(attachments)
# The attachments of a case.  Primary key
ATTACHMENTS = select(attachments).where(attachments.c.case_id == bindparam("case_id")).order_by(attachments.c.no)
WITHDRAW_ATTACHMENT = (
    update(attachments)
    .where(attachments.c.case_id == bindparam("case_id"), attachments.c.no == bindparam("no"))
    .values(withdrawn_seq=bindparam("withdrawn_seq"))
)
FORGET_CONTENTS = (
    update(attachments)
    .where(attachments.c.case_id == bindparam("case_id"), attachments.c.sha256.is_not(None))
    .values(sha256=null())
)
# Does anything point at this content?  ix_attachments_content
POINTS_AT = (
    select(attachments.c.case_id)
    .where(attachments.c.sha256 == bindparam("sha256"), attachments.c.sha256.is_not(None))
    .limit(ONE)
)
# Every content that is pointed at, with one case that does.  ix_attachments_content, then the table
CONTENTS = (
    select(attachments.c.sha256, attachments.c.size, attachments.c.case_id, attachments.c.no, attachments.c.seq)
    .where(attachments.c.sha256.is_not(None))
    .order_by(attachments.c.sha256)
)
