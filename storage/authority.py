"""What only an administrator (系统管理员) may do: the act by its own name, and who could do it instead."""

from __future__ import annotations

from datetime import date

from storage.connection import Connection
from storage.statements import HOLDERS
from workflow.case import Actor, Helper, RoleName, Unmet
from workflow.errors import Denied
from workflow.text import Text

ADMIN = RoleName("admin")
ADMIN_LABEL = Text("系统管理员", "administrator")


def holders(db: Connection, bureau: str, role: str, section: str | None, on: date) -> dict[str, str]:
    """Ids and names of those who hold this role on that day, in this section or the whole bureau; delegates included, those present first."""
    rows = db.all(HOLDERS, bureau=bureau, role=role, section=section, on=on.isoformat())
    return {row["person"]: row["name"] for row in rows}


def standing_in(db: Connection, bureau: str, role: str, section: str | None, on: date) -> dict[str, str]:
    """Whose post they hold, of those who hold this role on that day by delegation alone: their own goes before, then the first."""
    rows = db.all(HOLDERS, bureau=bureau, role=role, section=section, on=on.isoformat())
    own = {row["person"] for row in rows if row["on_behalf_of"] is None}
    return {row["person"]: row["on_behalf_of"] for row in reversed(rows) if row["person"] not in own}


def present_holders(db: Connection, bureau: str, role: str, section: str | None, on: date) -> dict[str, str]:
    """The same without those who are away (请假) on that day."""
    rows = db.all(HOLDERS, bureau=bureau, role=role, section=section, on=on.isoformat())
    return {row["person"]: row["name"] for row in rows if row["away_until"] is None}


def holding(db: Connection, bureau: str, role: str, section: str | None, on: date) -> dict[str, bool]:
    """The ids of those who hold this role on that day, each with whether they are there (not 请假); in one question."""
    rows = db.all(HOLDERS, bureau=bureau, role=role, section=section, on=on.isoformat())
    return {row["person"]: row["away_until"] is None for row in rows}


def is_admin(by: Actor, today: date) -> bool:
    """Whether the actor administers the bureau on that day."""
    return any(post.role == ADMIN and post.holds_on(today) for post in by.appointments)


def only_admin(db: Connection, by: Actor, today: date, act: Text, *, of_a_post: bool = False) -> None:
    """Raises Denied, with the administrators of today, unless the actor is one; `of_a_post`: holders may do it for their own."""
    if is_admin(by, today):
        return
    who = tuple(holders(db, by.bureau, ADMIN, None, today).values())
    text = _ADMIN_OR_OWN if of_a_post else _ADMIN_ONLY
    raise Denied(act, (Unmet("role", text, "role", (Helper(ADMIN, ADMIN_LABEL, people=who),)),))


INSTALL = Text("启用流程定义", "install a definition")
IMPORT_CALENDAR = Text("载入放假安排", "import a calendar")
MIGRATE_CASES = Text("迁移在办事项", "migrate running cases")
RECOMPUTE_DATES = Text("重算时限", "count the dates anew")
ADD_A_SECTION = Text("增设科室", "add a section")
ADD_A_PERSON = Text("登记人员", "add a person")
APPOINT = Text("任命职务", "appoint somebody")
DELEGATE = Text("委托他人的职务", "delegate the posts of somebody else")
ONE_PERSON = Text("认定同一人", "say which accounts are one person")
END_A_POST = Text("结束他人的任职", "end the post of somebody else")
RECORD_AN_ADDRESS = Text("登记他人的送达地址", "record where somebody else is reached")
RECORD_THE_CONTACT = Text("登记本机关的名称和联系方式", "record what the bureau is called and where it is reached")
RECORD_AN_ABSENCE = Text("登记他人请假", "record that somebody else is away")
MOVE_A_PERSON = Text("办理调动", "move somebody to another section")
REORGANISE = Text("撤并科室", "reorganise sections")
LET_LEAVE = Text("办理离任", "let somebody leave")

_ADMIN_ONLY = Text("须由系统管理员办理", "this is for the administrator")
_ADMIN_OR_OWN = Text(
    "须由系统管理员办理；本人只可办理自己的职务", "this is for the administrator; your own posts only are yours to give"
)
