"""What the prover says of a definition: what a case can come to that it must not, and what it can never come to."""

from __future__ import annotations

from workflow.loader.said import Said, said

PROOF: dict[str, Said] = {
    "never-broken": said(
        "“{said}”可被违反：{how}",
        "“{said}” can be broken: {how}",
        "{mend}",
        "{mend}",
    ),
    "needless-exception": said(
        "例外“{name}”已无必要：该步骤不做此事，或已有全部要求",
        "the exception “{name}” is not needed: it does no such thing, or asks all that is wanted",
        "请从 but_by 中删去",
        "remove it from but_by",
    ),
    "not-passed": said(
        "“{said}”可被绕过：规定的步骤没有办，或不是由另一人办，也能到{states}",
        "“{said}” can be passed by: a case comes to {states} though the step it must go through was not taken, or not by another person",
        "请堵住最短路径{apart}",
        "close the shortest path{apart}",
    ),
    "never-reached": said(
        "没有事项能到“{name}”：通向它的步骤的条件从不成立",
        "no case can come to “{name}”: the conditions of the steps into it never hold",
        "请核对这些步骤的 if、guards 与各字段可由谁填写",
        "look at their if and guards, and at who can write those fields",
    ),
    "dead-step": said(
        "在“{state}”永远办不了“{name}”：条件从不成立",
        "“{name}” can never be taken in “{state}”: its conditions never hold there",
        "请从 from 中删去该状态，或核对条件与可填写的字段",
        "remove the state from its from, or look at the conditions and at who can write those fields",
    ),
    "no-way-out": said(
        "“{name}”中有事项永远不能办结",
        "a case in “{name}” can be one that never comes to an end",
        "请给最短路径末尾的情形加一个能离开的步骤",
        "give what stands at the end of the shortest path a step that leads on",
    ),
    "waits-for-ever": said(
        "“{child}”（子事项或关联事项）可能停在“{states}”，“{name}”此后永不成立，事项再也不能办结",
        "another case ({child}) may come to rest as {states}; then “{name}” is never met, and the case comes to no end",
        "请在 needs 中列入这些状态（或写 closed），或加一个不受此条件限制的步骤；关联事项还可让该字段在此可改",
        "name these states under needs (or write closed), or give the state a step that does not wait for it; the field of linked "
        "cases may also be one that can be changed there",
    ),
    "moves-circle": said(
        "“{name}”带动的步骤最终又带动它自身，循环不止",
        "what “{name}” moves moves it again in the end, and so on without end",
        "请从最短路径中删去一处 moves（或 cancels），或让其中一步办理后不再停在它起始的状态",
        "take one of the moves (or cancels) of the shortest path away, or let a step of it lead to where it does not begin",
    ),
    "opens-for-ever": said(
        "从“{name}”起，事项不经人办理而相互发起，没有止境",
        "from “{name}” on cases open one another with nobody's hand in it, and so on without end",
        "请从最短路径中删去一处 opens，或让其中一步由人办理（删去 auto），或给它加一个新发起的事项不满足的条件",
        "take one of the opens of the shortest path away, have somebody take one of its steps (without auto), or give it a condition "
        "that a case just opened does not meet",
    ),
    "opens-unlawful": said(
        "由此发起的“{kind}”会违背其定义：{fault}",
        "a case of “{kind}” that begins so breaks its definition: {fault}",
        "请在 opens 的 set 中写明那里所需的内容，或写 if 使不合要求的不发起；确属那一种类的错误，请先改正其定义",
        "write under set of opens what is needed there, or give it an if; where that kind itself is at fault, mend its definition first",
    ),
    "stuck-hands": said(
        "“{name}”在“{role}”手中，而其在最短路径末尾的情形下什么也办不了",
        "“{name}” is in the hands of “{role}”, who can do nothing with what stands at the end of the shortest path",
        "请给该岗位一个步骤，或写 waive: - {{check: stuck-hands, state: {state}, reason: …}}",
        "give the role a step, or write waive: - {{check: stuck-hands, state: {state}, reason: …}}",
    ),
    "automatic-cycle": said(
        "从“{name}”起，自动步骤会循环不止",
        "from “{name}” the automatic steps go round for ever",
        "请给其中一步加一个随后不再成立的条件",
        "give one of them a condition that does not hold afterwards",
    ),
    "automatic-choice": said(
        "在“{state}”中自动步骤“{other}”与“{name}”可同时成立，去向不同",
        "in “{state}” the automatic steps “{other}” and “{name}” can both be open, and lead to different places",
        "请让两者的条件互不重叠",
        "let their conditions exclude each other",
    ),
    "no-clock": said(
        "“{name}”中有事项不在任何时限之内",
        "a case in “{name}” can be one for which no clock runs",
        "请扩大某条时限的 applies，或让其自必已发生的步骤起算（长短取自字段的，起算的步骤须必填该字段），或写 waive: - {{check: no-clock, state: {state}, reason: …}}",
        "widen the applies of a deadline, or let one count from a step that is sure to have been taken (and that requires the field with its length), or write waive: - {{check: no-clock, state: {state}, reason: …}}",
    ),
    "paused-for-ever": said(
        "时限“{name}”在“{state}”中暂停，而有的事项在此没有别的时限，可能永远暂停",
        "the deadline “{name}” stands still in “{state}”, where for some cases no other runs: it might stand for ever",
        "请让另一条时限在该状态对这些事项也计时",
        "let another deadline run there for those cases too",
    ),
    "expiry-closed": said(
        "时限“{name}”在“{state}”届满时，“{step}”可能办不了",
        "when “{name}” ends in “{state}”, the step “{step}” may not be open",
        "请放宽该步骤的条件，或缩小时限的 applies",
        "widen the conditions of the step, or narrow the applies of the deadline",
    ),
    "no-outcome": said(
        "时限“{name}”届满后无人得知，也没有到期步骤",
        "nobody hears of the end of “{name}”, and nothing is done",
        "请写 escalate 或 on_expiry，或写 waive: - {{check: no-outcome, deadline: {deadline}, reason: …}}",
        "write escalate or on_expiry, or write waive: - {{check: no-outcome, deadline: {deadline}, reason: …}}",
    ),
    "escalation-falls": said(
        "时限“{name}”的上报没有逐级上升",
        "the escalations of “{name}” do not go up",
        "后一条须告知层级更高的岗位（岗位目录中的 rank）：{above}；或写 waive",
        "the later one tells somebody who stands higher (rank in the catalogue of roles): {above}; or write waive",
    ),
    "escalation-stops-short": said(
        "时限“{name}”逾期，经办人的上级不会得知",
        "nobody above those who hold the case hears that “{name}” is over",
        "请上报到更高层级的岗位，或写 waive",
        "tell a role that stands higher, or write waive",
    ),
    "needless-waiver": said(
        "豁免“{name}”已无必要",
        "the waiver of “{name}” is not needed any more",
        "请删去此条",
        "remove this line",
    ),
    "too-large-to-prove": said(
        "可能的情形过多，无法逐一验证",
        "there are too many situations to be proved one by one",
        "请减少同时起作用的条件，或把一段流程分为子事项",
        "let fewer conditions work together, or make part of the procedure a sub-case",
    ),
}
