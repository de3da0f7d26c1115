"""A command that comes again under the request id of one that was done: whether it says the same, and what is said if not."""

from __future__ import annotations

from storage.acts import repeats
from workflow.case import Actor, Case, Command, Event
from workflow.errors import Invalid, Problem
from workflow.model import Definition
from workflow.text import Text


def says_the_same(definition: Definition, command: Command, event: Event, case: Case) -> bool:
    """Whether a repeated command says what the first one said; what the step writes by itself is not the command's."""
    if command.transition in definition.acts:
        return repeats(definition, command, event)
    step = definition.transitions.get(command.transition)
    by_itself = {each.field for each in step.sets} if step else set()
    if step and step.number:
        by_itself.add(step.number.field)
    said = all(case.data.get(name) == value for name, value in command.data.items() if name not in by_itself)
    by_itself.update(each.name for each in definition.lapsing)
    return said and event.comment == command.comment and event.data.keys() - by_itself <= command.data.keys()


def other_request(command: Command, event: Event, actor: Actor) -> Invalid:
    """The answer to another act under a request id that was used; what somebody else did with it is not said."""
    text = _OTHER_REQUEST if event.actor == actor.id else _SOMEBODYS_REQUEST
    text = text.filled(request_id=command.request_id, step=event.transition)
    return Invalid((Problem("request-id-used", text, field="request_id"),))


_OTHER_REQUEST = Text(
    "请求号 {request_id} 已用于另一操作（{step}）；重试须与首次完全相同，新的操作请换一个请求号",
    "the request id {request_id} was used for another act ({step}); repeat exactly the first one, or take a new id",
)
_SOMEBODYS_REQUEST = Text(
    "请求号 {request_id} 已用于另一操作；请换一个请求号",
    "the request id {request_id} was used for another act; take a new id",
)
