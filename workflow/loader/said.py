"""What the loader says of a definition as a whole: its flow and its clocks; the other findings stand in `findings`."""

from __future__ import annotations

from dataclasses import dataclass

from workflow.text import Text


@dataclass(frozen=True, slots=True)
class Said:
    """One finding in words."""

    text: Text
    hint: Text


def said(zh: str, en: str, hint_zh: str, hint_en: str) -> Said:
    """A finding: what is wrong, and what to do."""
    return Said(Text(zh, en), Text(hint_zh, hint_en))


FLOW: dict[str, Said] = {
    "no-initial": said(
        "没有起始状态",
        "no state is initial",
        "请给起始状态写 initial: true",
        "write initial: true in the state where cases begin",
    ),
    "several-initial": said(
        "起始状态不止一个，另一个是“{other}”",
        "more than one state is initial, “{other}” too",
        "请只保留一个",
        "keep one",
    ),
    "unreachable": said(
        "从起始状态到不了“{name}”",
        "no way leads from the initial state to “{name}”",
        "请加一个通向它的步骤，或删去它",
        "add a transition that enters it, or remove it",
    ),
    "dead-end": said(
        "“{name}”不是办结状态，却没有步骤离开",
        "“{name}” is not final and no transition leaves it",
        "请加一个步骤，或写 final: true",
        "add a transition, or write final: true",
    ),
    "nobody-waits": said(
        "“{name}”没有说明在谁手中",
        "nobody holds the case in “{name}”",
        "请写 waits_for: 岗位",
        "write waits_for: a role",
    ),
    "final-waits": said(
        "办结状态“{name}”不应再等待岗位“{role}”",
        "the final state “{name}” waits for “{role}”",
        "请删去 waits_for，或删去 final",
        "remove waits_for, or final",
    ),
    "final-deadline": said(
        "时限“{name}”在办结状态“{state}”中计时或暂停",
        "the deadline “{name}” runs or pauses in the final state “{state}”",
        "请从 runs_in、pauses_in 中删去该状态",
        "remove the state from runs_in and pauses_in",
    ),
    "intake-open": said(
        "导入的历史记录停在未办结的“{state}”，那里没有时限为它计时",
        "past records come to stand in “{state}”, which is not final: no clock runs for them there",
        "请改为办结状态；仍在办理的事项逐件新建，不导入",
        "name a final state; what is still being worked on is begun as a case, not imported",
    ),
    "idle-waiter": said(
        "“{name}”在“{role}”手中，而该岗位在此无事可做",
        "“{name}” waits for “{role}”, who can take no step and edit nothing there",
        "请给该岗位一个步骤或可修改的字段，或换一个岗位",
        "give the role a transition or a field to edit, or name another",
    ),
    "nobody": said(
        "步骤“{name}”在“{state}”中没有人可以办理",
        "nobody may take “{name}” in “{state}”",
        "请写 roles",
        "name its roles",
    ),
    "idle-role": said(
        "岗位“{label}”没有可办的步骤，也没有可修改的字段",
        "the role “{label}” can take no step and edit nothing",
        "请给它一个步骤或字段，或删去；只须知情的写 waive: - {{check: idle-role, role: {name}, reason: …}}",
        "give it a transition or a field, or remove it; if it is only to know, write waive: - {{check: idle-role, role: {name}, reason: …}}",
    ),
    "roles-elsewhere": said(
        "步骤不从“{name}”出发",
        "the transition does not leave “{name}”",
        "请把它加入 from，或从 roles 中删去",
        "add it to from, or remove it from roles",
    ),
    "auto-without-system": said(
        "自动步骤的 roles 中须有 system",
        "an automatic transition needs the role system",
        "请在 roles 中加上 system",
        "add system to its roles",
    ),
    "at-once-by-hand": said(
        "at_once 只用于自动步骤",
        "only an automatic transition can be taken at once",
        "请写 auto: true，或删去 at_once",
        "write auto: true, or remove at_once",
    ),
    "auto-needs-input": said(
        "自动步骤不能要求填写“{name}”",
        "an automatic transition cannot demand “{name}”",
        "系统无从填写：请删去，或不写 auto",
        "the system cannot supply it: remove it, or auto",
    ),
    "idle-system": said(
        "岗位 system 不会办理此步骤",
        "the role system will never take this transition",
        "请写 auto: true，或在时限的 on_expiry 中使用，或由其他事项的 moves 带动，或删去 system（子事项的 cancel 由上级事项撤销时办理）",
        "write auto: true, or use it as a deadline's on_expiry, or let another case move it, or remove system (cancel is taken when the case above calls it off)",
    ),
    "expiry-elsewhere": said(
        "时限在“{state}”中计时，而“{name}”不从该状态出发",
        "the clock runs in “{state}”, and “{name}” does not leave it",
        "请把该状态加入步骤的 from，或从 runs_in 中删去",
        "add the state to the transition's from, or remove it from runs_in",
    ),
    "expiry-not-system": said(
        "到期步骤“{name}”在“{state}”中不许 system 办理",
        "the system may not take “{name}” in “{state}”",
        "请在步骤的 roles 中加上 system",
        "add system to its roles",
    ),
    "pause-runs": said(
        "时限“{name}”在“{state}”中既计时又暂停",
        "the deadline “{name}” both runs and pauses in “{state}”",
        "请从 runs_in 或 pauses_in 中删去该状态",
        "remove the state from runs_in or from pauses_in",
    ),
    "pause-without-clock": said(
        "时限“{name}”在“{state}”中暂停，而没有别的时限在此计时，可能永远暂停",
        "the deadline “{name}” pauses in “{state}”, where no other deadline runs: it might stand still for ever",
        "请加一条在该状态计时的时限",
        "add a deadline that runs in that state",
    ),
    "backward-date": said(
        "时限“{name}”往前计，却没有起算日",
        "the deadline “{name}” counts back, and no day is named that it counts back from",
        "请写 anchor: {{event: …, date: 日期字段}}",
        "write anchor: {{event: …, date: a date field}}",
    ),
    "entry-of-the-law": said(
        "法定时限“{name}”不能以登记之时办结：法律看的是事情发生之日",
        "the deadline “{name}” is of the law, which goes by the day on which something happened, not by the entry",
        "请删去 by_entry，或改为 clock: internal",
        "leave out by_entry, or write clock: internal",
    ),
    "yearly-moved": said(
        "时限“{name}”是每年的固定日期，不能写 {key}",
        "the deadline “{name}” is a fixed day of the year: {key} makes no sense with it",
        "请删去 {key}，或把期限写成一段时间",
        "remove {key}, or write the limit as a length of time",
    ),
    "regime-unsaid": said(
        "时限“{name}”会重新起算，而适用哪个版本的法律未写明",
        "the deadline “{name}” begins anew, and which version of the law it then falls under is not said",
        "请写 regimes: {{by: 收到之日所在的日期字段}}",
        "write regimes: {{by: the date field that holds the day of receipt}}",
    ),
    "restart-elsewhere": said(
        "步骤“{name}”进入“{state}”，而时限在此既不计时也不暂停，无从重新起算",
        "“{name}” enters “{state}”, where the clock neither runs nor pauses, so it cannot begin anew",
        "请把该状态加入 runs_in 或 pauses_in，或换一个步骤",
        "add the state to runs_in or pauses_in, or name another transition",
    ),
    "done-elsewhere": said(
        "步骤“{name}”不从此时限计时或暂停的任何状态出发，无从履行",
        "“{name}” leaves no state in which the clock runs or pauses, so it never fulfils it",
        "请把该步骤出发的状态加入 runs_in 或 pauses_in，或换一个步骤",
        "add a state that it leaves to runs_in or pauses_in, or name another transition",
    ),
    "never-in-time": said(
        "“{name}”问时限“{clock}”是否未到期，而该步骤出发的状态中它都不计时也不暂停：永不成立",
        "“{name}” asks whether “{clock}” is still in time, and that clock neither runs nor pauses in any state that the step leaves: it never holds",
        "请把该步骤出发的状态加入其 runs_in 或 pauses_in，或换一个时限",
        "add a state that the step leaves to its runs_in or pauses_in, or name another clock",
    ),
    "never-waited": said(
        "“{name}”问时限“{clock}”是否届满，而该步骤出发的状态中它都不计时也不暂停：什么也拦不住",
        "“{name}” asks whether “{clock}” has lasted, and that clock neither runs nor pauses in any state that the step leaves: it holds nothing back",
        "请让该时限在出发的状态计时（runs_in），或在时限所在的状态问",
        "let the clock run in a state that the step leaves (runs_in), or ask it where the clock runs",
    ),
    "extension-elsewhere": said(
        "步骤“{name}”从“{state}”出发，而时限在此既不计时也不暂停，无可延长",
        "“{name}” leaves “{state}”, where the clock neither runs nor pauses, so there is nothing to extend",
        "请把该状态加入 runs_in 或 pauses_in，或从步骤的 from 中删去",
        "add the state to runs_in or pauses_in, or remove it from the transition's from",
    ),
    "extension-unguarded": said(
        "延长步骤“{name}”没有限定为到期前、一次",
        "nothing keeps the extension “{name}” to once, and before the last day",
        "请在其 guards 中用 check: before_due, params: {{deadlines: [{rule}]}} 和 check: first_time, params: {{steps: [{name}]}}",
        "give it guards with check: before_due, params: {{deadlines: [{rule}]}} and check: first_time, params: {{steps: [{name}]}}",
    ),
    "reassign-idle": said(
        "改由“{role}”办理，而该岗位在计时的状态中无事可做",
        "“{role}” gets the case and can do nothing where the clock runs",
        "请换一个岗位，或给该岗位一个步骤",
        "name another role, or give this one a transition",
    ),
    "remind-order": said(
        "提醒须由远及近：“{before}”不早于上一条“{previous}”",
        "reminders go from far to near: “{before}” is not nearer than “{previous}”",
        "请调换次序或删去",
        "reorder or remove it",
    ),
    "escalate-order": said(
        "上报须由近及远：“{after}”不晚于上一条“{previous}”",
        "escalations go from near to far: “{after}” is not later than “{previous}”",
        "请调换次序或删去",
        "reorder or remove it",
    ),
    "remind-too-early": said(
        "提前“{before}”提醒，长于期限“{limit}”",
        "a reminder “{before}” ahead, in a limit of “{limit}”",
        "请缩短提前量",
        "shorten it",
    ),
    "no-deadline": said(
        "状态“{name}”没有时限",
        "no deadline runs in “{name}”",
        "请加一条时限，或写 waive: - {{check: no-deadline, state: {name}, reason: …}}",
        "add a deadline, or waive: - {{check: no-deadline, state: {name}, reason: …}}",
    ),
    "no-basis": said(
        "整个定义没有写明任何依据",
        "the definition names no law or rule that it rests on",
        "请写 basis: [法规及条款]；内部流程写本单位的规定",
        "write basis: [the law with its articles]; for an internal procedure, the rule of the house",
    ),
    "clock-basis": said(
        "法定时限“{label}”没有写明依据条款",
        "the statutory deadline “{label}” names no article of law",
        "请写 basis: 条款；不是法定的写 clock: internal",
        "write basis: the article; if no law sets it, write clock: internal",
    ),
    "letter-basis": said(
        "步骤“{label}”发出文书，却没有写明依据条款",
        "“{label}” sends a letter and names no article of law",
        "请写 basis: 条款",
        "write basis: the article",
    ),
    "idle-waiver": said(
        "状态“{name}”无须豁免时限",
        "“{name}” needs no waiver of its deadline",
        "它已有时限、已办结或已豁免：请删去此条",
        "it has one, is final, or is waived already: remove this line",
    ),
}
