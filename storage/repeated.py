"""A command that comes again under the request id of one that was done: whether it says the same, and what is said if not."""

from __future__ import annotations

from storage.acts import repeats
from storage.connection import Connection
from storage.statements import LAST_EVENT
from workflow.case import SYSTEM, Actor, Case, Command, Event
from workflow.errors import Conflict, GongkaiError, Invalid, Problem
from workflow.history import OF_PAPERS
from workflow.judge import SYSTEM_NAME
from workflow.ledger import OF_PAPERS as MAY_GO
from workflow.model import Definition
from workflow.text import Text
from workflow.words import step_label


def says_the_same(definition: Definition, command: Command, event: Event, case: Case) -> bool:
    """Whether a repeated command says what the first one said; what the step writes by itself is not the command's."""
    if command.transition in OF_PAPERS:
        # What was erased since is not there to be held against.
        names = {*command.data, *(event.data.keys() & MAY_GO)} - event.erased.keys()
        said = all(command.data.get(name) == event.data.get(name) for name in names)
        return said and command.comment == event.comment
    if command.transition in definition.acts:
        return repeats(definition, command, event)
    step = definition.transitions.get(command.transition)
    by_itself = {each.field for each in step.sets} if step else set()
    if step and step.number:
        by_itself.add(step.number.field)
    said = all(case.data.get(name) == value for name, value in command.data.items() if name not in by_itself)
    by_itself.update(each.name for each in definition.lapsing)
    return said and event.comment == command.comment and event.data.keys() - by_itself <= command.data.keys()


def other_request(definition: Definition, command: Command, event: Event, actor: Actor) -> Invalid:
    """The answer to another act under a request id that was used; what somebody else did with it is not said."""
    text = _OTHER_REQUEST if event.actor == actor.id else _SOMEBODYS_REQUEST
    text = text.filled(request_id=command.request_id, step=step_label(definition, event.transition))
    return Invalid((Problem("request-id-used", text, field="request_id"),))


_OTHER_REQUEST = Text(
    "请求号 {request_id} 已用于另一操作（{step}）；重试须与首次完全相同，新的操作请换一个请求号",
    "the request id {request_id} was used for another act ({step}); repeat exactly the first one, or take a new id",
)
_SOMEBODYS_REQUEST = Text(
    "请求号 {request_id} 已用于另一操作；请换一个请求号",
    "the request id {request_id} was used for another act; take a new id",
)


def conflict(db: Connection, definition: Definition, case: Case, expected: int | None = None) -> GongkaiError:
    """What is answered where the case is not as it was expected: who acted first, or that it never was of that version."""
    if expected and expected > case.version:
        text = _NO_VERSION.filled(said=expected, version=case.version)
        return Invalid((Problem("no-version", text, field="expect"),))
    last = db.one(LAST_EVENT, case_id=case.id)
    return Conflict(
        actor=(SYSTEM_NAME if last["actor"] == SYSTEM else last["actor_name"]) if last else "?",
        state=definition.state_named(case.state).label,
        version=case.version,
        number=case.number,
    )


_NO_VERSION = Text(
    "事项现为版本 {version}，还没有版本 {said}；请先用 gongkai show 查看，再照所见的版本填写",
    "the case is of version {version}, and there is no version {said} yet; look with gongkai show and give the version that you see",
)
