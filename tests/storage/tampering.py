"""An office with something at every stage, and every way in which somebody may write into its tables past the door."""

from __future__ import annotations

from storage import entries
from storage.statements import ENTRIES, EVERY_DEFINITION
from tests.engines import Hand
from tests.factories import REASON, Office


def busy(office: Office) -> Office:
    """Papers at every stage, with reminders, a return, an edit, a delegation, numbers and an end."""
    office.draft()
    untagged = office.at_the_office()
    office.desk.sweep()
    office.desk.edit(office.actor("wangmin"), untagged, data={"attribute": "proactive"})
    for _ in range(2):
        paper = office.signed()
        office.does("zhaoyun", "number", paper, series=series(office))
        office.does("zhaoyun", "publish", paper)
    office.desk.delegate(office.actor("zhouju"), "zhouju", "zhaoyun")
    kept = office.at_the_office(attribute="on_request", reason_kind="R13-1", reason_text=REASON)
    office.does("zhaoyun", "void", kept, comment="重复报送")
    waits = office.draft(attribute="proactive")
    office.does("wangmin", "submit", waits)
    office.clock.set("2026-03-12T10:00")
    office.desk.sweep()
    return office


def series(office: Office) -> str:
    return next(iter(office.desk.definition("document").fields["series"].choices))


def alter(office: Office, sql: str, *values: object) -> int:
    """Somebody writes into the tables, past the door and past its guards."""
    hand = Hand(office.url)
    hand.break_the_lock()
    return hand.alter(sql, *values)


PAPER = "(select max(id) from cases where closed_at is null and id in (select case_id from steps))"  # the one that waits, with three steps fired
VOID = "(select id from cases where state = 'voided')"
DONE = "(select id from cases where state = 'published' limit 1)"

#: The code of the finding, and what was done.
TAMPERINGS = [
    ("hash", f"update events set comment = 'x' where case_id = {PAPER} and seq = 2"),
    ("hash", f"update events set data = '{{}}' where case_id = {PAPER} and seq = 1"),
    ("hash", f"update events set at = '2026-03-01T00:00:00.000000Z' where case_id = {DONE} and seq = 3"),
    ("hash", f"update events set data = 'not json' where case_id = {DONE} and seq = 2"),
    ("hash", f"update events set data = data || ' ' where case_id = {DONE} and seq = 2"),
    ("hash", f"update events set hash = 'none' where case_id = {DONE} and seq = 2"),
    ("hash", f"update events set openings = replace(openings, '重复报送', '另有原因') where case_id = {VOID}"),
    ("opening", f"update events set openings = null where case_id = {VOID} and transition = 'void'"),
    ("gap", f"delete from events where case_id = {DONE} and seq = 3"),
    ("gap", f"update events set seq = 90 where case_id = {DONE} and seq = 3"),
    ("chain", f"update events set previous = 'abc' where case_id = {DONE} and seq = 3"),
    ("tail", f"delete from events where case_id = {DONE} and seq = (select seq from cases where id = case_id)"),
    ("tail", f"update cases set head = 'abc' where id = {DONE}"),
    ("no-events", f"delete from events where case_id = {DONE}"),
    ("named", f"update cases set section = (select min(id) from sections) where id = {DONE}"),
    ("named", f"update events set bureau = 'other' where case_id = {DONE} and seq = 2"),
    ("replay", f"update cases set state = 'withheld' where id = {DONE}"),
    ("replay", f"update cases set version = version - 1 where id = {DONE}"),
    ("replay", f"update cases set data = replace(data, 'proactive', 'withheld') where id = {DONE}"),
    ("replay", f"update cases set trail = replace(trail, 'submit', 'submitted') where id = {DONE}"),
    ("replay", f"""update cases set data = '{{"attribute":"withheld",' || substr(data, 2) where id = {DONE}"""),
    ("replay", f"update cases set changed_at = replace(changed_at, 'Z', '+00:00') where id = {DONE}"),
    ("replay", f"update cases set waits_for = 'drafter' where id = {PAPER}"),
    ("replay", f"update cases set closed_at = null where id = {DONE}"),
    ("replay", f"update cases set entered_at = '2020-01-01T00:00:00.000000Z' where id = {DONE}"),
    ("replay", f"update cases set title = '另一标题' where id = {DONE}"),
    ("replay", f"update cases set opened_at = '2020-01-01T00:00:00.000000Z' where id = {DONE}"),
    ("deadline", f"update deadlines set rolled_on = '2026-12-31' where case_id = {PAPER}"),
    ("deadline", f"update deadlines set outcome = 'met', closed_at = due_at where case_id = {PAPER}"),
    ("deadline", f"update deadlines set fired = 1 where case_id = {PAPER}"),
    ("deadline", f"delete from deadlines where case_id = {PAPER}"),
    ("deadline", f"update deadlines set paused_on = '2026-03-02' where case_id = {PAPER}"),
    ("deadline", f"update deadlines set due_at = replace(due_at, 'Z', '+00:00') where case_id = {PAPER}"),
    ("deadline", f"update deadlines set anchor_at = '2026-03-02T01:00:00.000001Z' where case_id = {PAPER}"),
    ("due", f"update cases set due_at = null, due_on = null where id = {PAPER}"),
    ("due", f"update cases set due_on = '2031-01-01' where id = {PAPER}"),
    ("step", f"delete from steps where case_id = {PAPER} and step = 'remind-1'"),
    ("step", f"update steps set step = 'remind-9' where case_id = {PAPER} and step = 'remind-1'"),
    ("number", "update counters set serial = serial + 1 where series <> 'case:document'"),
    ("number", "update counters set serial = serial - 1 where series = 'case:document'"),
    ("number", "update counters set serial = serial + 1 where series = 'case:document'"),
    ("orphan", "insert into steps values ('nowhere', 'section', 1, 'remind-1', '', '')"),
    ("orphan", "insert into steps values ('', 'section', 1, 'remind-1', '', '')"),
    ("orphan", "insert into steps values ('~~~~', 'section', 1, 'remind-1', '', '')"),
    ("orphan", "update deadlines set case_id = 'nowhere' where case_id = " + DONE),
    ("unreadable", f"update cases set data = 'not json' where id = {DONE}"),
    ("entry", "update definitions set yaml = replace(yaml, '3 working days', '9 working days') where id = 'document'"),
    ("entry", "update post_changes set until_on = '2026-03-03' where no = (select max(no) from post_changes)"),
    ("entry", "delete from post_changes where no = (select max(no) from post_changes)"),
    ("entry", "update calendar_days set workday = 1 - workday where on_day = '2026-10-01'"),
    ("entry", "update entries set key = 'real' where what = 'nature'"),
    ("entry", "delete from entries where what = 'nature'"),
    ("entry", "update entries set at = '2020-01-01T00:00:00.000000Z' where no = 2"),
    ("definition", "update definitions set accepted = replace(accepted, '3 working days', '9 working days')"),
]


def cut(office: Office) -> None:
    """The last change of a post is gone with its entry, and the post with it: no hash is left that does not fit."""
    (person,) = Hand(office.url).rows("select person from post_changes where no = (select max(no) from post_changes)")[
        0
    ]
    alter(office, "delete from appointments where id = (select max(id) from appointments where person = ?)", person)
    for table in ("post_changes", "entries"):
        alter(office, f"delete from {table} where no = (select max(no) from {table})")


def entered_anew(office: Office) -> None:
    """The text of a definition is another, and the whole chain of entries is written anew so that every hash fits."""
    alter(
        office, "update definitions set yaml = replace(yaml, '3 working days', '9 working days') where id = 'document'"
    )
    db, previous = office.desk._db, ""
    digests = {row["digest"]: entries.of_definition(row) for row in db.all(EVERY_DEFINITION)}
    for row in db.all(ENTRIES):
        told = {**row, "digest": digests.get(row["key"], row["digest"]), "previous": previous}
        previous = entries.hash_of(told)
        sql = "update entries set digest = ?, previous = ?, hash = ? where no = ?"
        alter(office, sql, told["digest"], told["previous"], previous, row["no"])
