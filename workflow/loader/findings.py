"""Everything the loader may find, by its stable code: what is wrong, and what to do. `docs/reference/findings.md` lists it."""

from __future__ import annotations

from workflow.loader.proved import PROOF
from workflow.loader.said import FLOW, Said
from workflow.loader.said import said as _

_SUGGESTED = "{hint}", "{hint}"

READING: dict[str, Said] = {
    "too-large": _(
        "文件 {size} KiB，超过上限 {most} KiB",
        "the file has {size} KiB, {most} KiB at most",
        "请拆分，或把清单移入目录文件",
        "split it, or move lists into catalogues",
    ),
    "encoding": _(
        "文件不是 UTF-8（可能是 {guess}）",
        "the file is not UTF-8 (perhaps {guess})",
        "请另存为 UTF-8",
        "save it as UTF-8",
    ),
    "control-character": _(
        "含有不可见或控制字符 {character}",
        "holds the invisible or control character {character}",
        "请删除该字符",
        "remove the character",
    ),
    "tab": _("用制表符缩进", "a tab is used for indentation", "请改用空格", "use spaces"),
    "yaml-syntax": _(
        "YAML 语法错误：{detail}",
        "YAML syntax: {detail}",
        "请检查此处及上一行的引号、括号、冒号和缩进",
        "look at quotes, brackets, colons and indentation here and on the line before",
    ),
    "too-deep": _("嵌套超过 {most} 层", "nested more than {most} deep", "请减少嵌套", "nest less"),
    "too-many-aliases": _(
        "引用（*别名）超过 {most} 处",
        "more than {most} aliases",
        "请减少引用，或改用目录",
        "use fewer aliases, or a catalogue",
    ),
    "unknown-alias": _(
        "没有锚点“{name}”",
        "no anchor “{name}” before this",
        "请先用 &{name} 标出被引用的内容",
        "mark what is meant with &{name} first",
    ),
    "recursive-alias": _(
        "“{name}”引用了自身", "“{name}” refers to itself", "请写出内容本身", "write out what is meant"
    ),
    "anchor-twice": _("锚点“{name}”重复", "the anchor “{name}” is used twice", "请另取一名", "choose another name"),
    "expanded-too-large": _(
        "引用展开后过大", "too large once its aliases are written out", "请减少引用", "use fewer aliases"
    ),
    "tag": _(
        "不允许类型标签“{tag}”",
        "the tag “{tag}” is not allowed",
        "请删除标签；文字用引号",
        "remove the tag; quote what is text",
    ),
    "directive": _(
        "不允许 % 指令", "a % directive is not allowed", "请删除 % 开头的行", "remove the line that begins with %"
    ),
    "several-documents": _(
        "文件含多个 YAML 文档",
        "the file holds several YAML documents",
        "每个文件只写一份定义，请删除“---”及其后内容",
        "one definition a file: remove “---” and what follows",
    ),
    "empty": _(
        "文件没有内容",
        "the file is empty",
        "请从示例开始：定义见 docs/definitions.md，情景见 docs/scenarios.md，迁移计划见 docs/versions.md",
        "begin with an example: a definition in docs/definitions.md, scenarios in docs/scenarios.md, a plan in docs/versions.md",
    ),
    "not-a-mapping": _(
        "文件顶层不是键值对",
        "the file is not a mapping of keys to values",
        "请以“format: gongkai/1”开头",
        "begin with “format: gongkai/1”",
    ),
    "key-not-text": _(
        "键“{name}”不是文字",
        "the key “{name}” is not text",
        "请用字母开头的名称，或加引号",
        "use a name that begins with a letter, or quote it",
    ),
    "ambiguous-key": _(
        "键“{name}”在许多 YAML 读取器中是真假值",
        "many readers of YAML take the key “{name}” for true or false",
        "请换一个名称",
        "choose another name",
    ),
    "duplicate-key": _(
        "键“{name}”重复，首次出现在第 {line} 行第 {column} 列：{first}",
        "the key “{name}” is there twice, first at {line}:{column}: {first}",
        "请删去其中一个，或改名",
        "remove one of them, or rename it",
    ),
    "merge-key": _(
        "不支持合并键“<<”",
        "the merge key “<<” is not supported",
        "请写出各键，或对单个值使用 *别名",
        "write the keys out, or alias single values",
    ),
    "ambiguous-value": _(
        "值“{given}”含义不明（真假值、空值还是文字）",
        "the value “{given}” may be true or false, nothing, or text",
        "真假值写 true、false，空值写 null，文字加引号",
        "write true or false, null, or quote the text",
    ),
    "number-form": _(
        "数“{given}”的写法含义不明",
        "the number “{given}” may be read in several ways",
        "整数不带前导零和分隔符；文字请加引号",
        "write whole numbers without leading zeros or separators; quote what is text",
    ),
    "more": _(
        "错误超过 {most} 处，其余未列出",
        "more than {most} faults, the rest is not listed",
        "请先改正以上各处",
        "mend these first",
    ),
}

SHAPE: dict[str, Said] = {
    "unknown-key": _("没有“{name}”这个键", "there is no key “{name}” here", *_SUGGESTED),
    "other-file": _(
        "这不是流程定义，而是{what_zh}",
        "this is no definition but {what_en}",
        "请用 {typed}",
        "say {typed}",
    ),
    "missing-key": _("缺少“{name}”", "“{name}” is missing", "请补上：{meaning_zh}", "add it: {meaning_en}"),
    "missing-label": _(
        "缺少{language_zh}名称“{name}”",
        "the {language_en} label “{name}” is missing",
        "每个名称和句子都须有 zh 和 en",
        "every name and sentence is in both zh and en",
    ),
    "wrong-kind": _("应为{wanted}，却是{given}", "{wanted} wanted, not {given}", *_SUGGESTED),
    "bad-name": _(
        "“{name}”不能作名称",
        "“{name}” cannot be a name",
        "{hint}名称用小写字母、数字和下划线，字母开头，至多 40 个字符（事项编号前缀用 2–6 个大写字母；可选值不含空格和标点）",
        "{hint}a name has small letters, digits and underscores, begins with a letter, 40 characters at most (a prefix of case numbers: 2–6 capitals; a choice: no spaces or punctuation)",
    ),
    "bad-choice": _("不能是“{given}”", "it cannot be “{given}”", *_SUGGESTED),
    "bad-date": _("“{given}”不是日期", "“{given}” is not a date", '请写成 "2026-02-13"', 'write it as "2026-02-13"'),
    "bad-limit": _(
        "“{given}”不是期限",
        "“{given}” is not a length of time",
        "{hint}请写成 3 working days、20 calendar days、6 months 或 5 hours；时限还可写 01-31 of the next year",
        "{hint}write 3 working days, 20 calendar days, 6 months or 5 hours; a limit may also be 01-31 of the next year",
    ),
    "out-of-range": _(
        "“{given}”超出范围，{bounds}",
        "“{given}” is out of range: {bounds}",
        "请改正此值",
        "write a value within the bounds",
    ),
    "too-many": _(
        "条目过多：至多 {most}",
        "too many entries: {most} at most",
        "请拆分定义，或把清单移入目录",
        "split the definition, or move lists into a catalogue",
    ),
    "too-short": _("不能为空", "it cannot be empty", "请填写，或删去此键", "fill it in, or remove the key"),
    "too-long": _("过长：至多 {most} 字", "too long: {most} characters at most", "请缩短", "shorten it"),
}

NAMES: dict[str, Said] = {
    "unknown-state": _("没有状态“{name}”", "there is no state “{name}”", *_SUGGESTED),
    "unknown-transition": _("没有步骤“{name}”", "there is no transition “{name}”", *_SUGGESTED),
    "unknown-guard": _("没有条件“{name}”", "there is no guard “{name}”", *_SUGGESTED),
    "unknown-field": _("没有字段“{name}”", "there is no field “{name}”", *_SUGGESTED),
    "unknown-role": _("没有岗位“{name}”", "there is no role “{name}”", *_SUGGESTED),
    "unknown-catalogue": _("没有目录“{name}”", "there is no catalogue “{name}”", *_SUGGESTED),
    "unknown-act": _("没有日常办件“{name}”", "there is no everyday act “{name}”", *_SUGGESTED),
    "wider-act": _(
        "“{name}”不在目录所列可办此事者之中",
        "“{name}” is not among those who may do this act by the catalogue",
        "定义只能收窄：{known}；要放宽请改目录 acts",
        "a definition can only narrow it: {known}; to widen it, change the catalogue acts",
    ),
    "unknown-limit": _("期限目录中没有“{name}”", "there is no limit “{name}” in the catalogue of limits", *_SUGGESTED),
    "law-silent": _(
        "期限“{name}”没有规定 {key}",
        "the limit “{name}” says nothing of {key}",
        "请在此写明，或在期限目录中补上",
        "say it here, or add it to the catalogue of limits",
    ),
    "copy-wider": _(
        "“{field}”可容纳“{name}”容纳不下的内容",
        "“{field}” may hold what “{name}” cannot",
        "请使两个字段的 min、max、pattern 一致，或放宽“{name}”",
        "give both fields the same min, max and pattern, or widen those of “{name}”",
    ),
    "law-clock": _(
        "期限目录中“{name}”的性质是 {clock}",
        "“{name}” is {clock} by the catalogue of limits",
        "请写 clock: {clock}；时限另有出处的，不取目录中的期限，自写 limit 和 basis",
        "write clock: {clock}; a deadline that rests on something else takes no limit of the catalogue: write its own limit and basis",
    ),
    "unknown-choice": _("字段“{field}”没有可选值“{name}”", "the field “{field}” has no choice “{name}”", *_SUGGESTED),
    "unknown-deadline": _("没有时限“{name}”", "there is no deadline “{name}”", *_SUGGESTED),
    "unknown-child": _("没有子事项“{name}”", "no sub-cases are called “{name}”", *_SUGGESTED),
    "unknown-letter": _("没有文书“{name}”", "there is no letter “{name}”", *_SUGGESTED),
    "unknown-tariff": _("没有收费标准“{name}”", "there is no tariff “{name}”", *_SUGGESTED),
    "unknown-kind": _(
        "没有事项种类“{name}”的定义；请先启用它，或一并检查",
        "no kind of case “{name}” is declared; install it first, or check it together with this file",
        *_SUGGESTED,
    ),
    "unknown-child-state": _(
        "子事项（{kind}）没有状态“{name}”", "the sub-cases ({kind}) have no state “{name}”", *_SUGGESTED
    ),
    "unknown-child-field": _(
        "其他事项（{kind}）没有可用的字段“{name}”", "the other cases ({kind}) have no such field “{name}”", *_SUGGESTED
    ),
    "no-cancel": _(
        "子事项（{kind}）在“{states}”中不能由系统撤销",
        "the system cannot call off the sub-cases ({kind}) in: {states}",
        "请在其定义中写步骤 cancel，roles 含 system，from 含这些状态",
        "declare their step cancel, with the role system, from these states",
    ),
    "unknown-child-step": _(
        "其他事项（{kind}）没有步骤“{name}”", "the other cases ({kind}) have no step “{name}”", *_SUGGESTED
    ),
    "no-move": _(
        "其他事项（{kind}）的步骤“{name}”不能由系统办理，或须填写意见",
        "the step “{name}” of the other cases ({kind}) cannot be taken by the system, or demands a comment",
        "请在其定义中把 system 列入该步骤的 roles，且不要求意见",
        "name system among its roles there, and demand no comment",
    ),
    "no-parent": _(
        "没有哪一种事项发起本事项，parent 无所指",
        "no kind of case opens this one, so it has no parent",
        "请写子事项或关联事项的名称，或一并检查发起它的定义",
        "name sub-cases or linked cases, or check it together with the definition that opens it",
    ),
    "not-in-form": _(
        "“{name}”不在其他事项（{kind}）步骤“{step}”的 form 中",
        "“{name}” is not in the form of “{step}” ({kind})",
        *_SUGGESTED,
    ),
    "move-lacks": _(
        "其他事项（{kind}）的步骤“{step}”须填写“{name}”",
        "the step “{step}” of the other cases ({kind}) demands “{name}”",
        "请在 set 中写明 {name}",
        "say what it is under set: {name}",
    ),
    "link-of": _(
        "关联事项字段须写明 of（哪些种类），且不得取名 parent",
        "a field of linked cases says of which kinds they are, and is not called parent",
        "请写 of: [种类]",
        "write of: [kind]",
    ),
    "unknown-check": _("没有登记检查“{name}”", "no check “{name}” is registered", *_SUGGESTED),
    "reserved-name": _(
        "“{name}”另有含义，不能作名称",
        "“{name}” has a meaning of its own and cannot be a name",
        "请换一个名称",
        "choose another name",
    ),
    "named-twice": _("“{name}”在此列出两次", "“{name}” is listed twice here", "请删去一个", "remove one"),
    "same-label": _(
        "名称“{label}”与“{other}”（第 {line} 行）相同",
        "the label “{label}” is that of “{other}” too (line {line})",
        "请用不同的名称，以免办理人混淆",
        "use another label, so that nobody takes one for the other",
    ),
    "unused-guard": _(
        "条件“{name}”没有用到",
        "the guard “{name}” is not used",
        "请在步骤的 guards、warns 或 when_blocked 或文书的 parts 中使用，或删去",
        "use it in a transition's guards, warns or when_blocked or a letter's parts, or remove it",
    ),
    "unused-child": _(
        "没有步骤发起子事项“{name}”",
        "no transition opens the sub-case “{name}”",
        "请在步骤中写 opens: {{child: {name}, set: …}}，或删去",
        "write opens: {{child: {name}, set: …}} in a transition, or remove it",
    ),
    "unused-letter": _(
        "文书“{name}”没有用到",
        "the letter “{name}” is not used",
        "请在发出它的步骤中写 letter: {name}，或删去",
        "write letter: {name} in the transition that sends it, or remove it",
    ),
    "unused-tariff": _(
        "收费标准“{name}”没有用到",
        "the tariff “{name}” is not used",
        "请在 set 中写 {{tariff: {name}}}，或删去",
        "write {{tariff: {name}}} in a set, or remove it",
    ),
    "unverified": _(
        "“{name}”尚未与原文核对，来源：{source}",
        "“{name}” was not yet compared with its source: {source}",
        "请核对原文，无误后写 verified: true",
        "compare it with the text, and write verified: true when it agrees",
    ),
    "unused-field": _(
        "字段“{name}”没有用到",
        "the field “{name}” is not used",
        "请用于 edit、form、set 或条件，或删去",
        "use it in edit, form, set or a condition, or remove it",
    ),
}

RULES: dict[str, Said] = {
    "bad-condition": _(
        "条件的写法不对：{detail}",
        "this condition is not written right: {detail}",
        "条件是 字段: 值、值的列表、set、unset、{{at_least: n}}、{{before: 日期}}、{{on_or_after: 日期}} 或 {{same_as: 字段}}；以及 any、all、not",
        "a condition is field: a value, a list of values, set, unset, {{at_least: n}}, {{before: day}}, {{on_or_after: day}} or {{same_as: field}}; and any, all, not",
    ),
    "condition-kind": _(
        "与此值不能比较：{detail}",
        "it can never hold this value: {detail}",
        "请写该类型的值，或 set、unset",
        "write a value of that type, or set, unset",
    ),
    "bad-set": _(
        "不能这样写入：{detail}",
        "it cannot be written so: {detail}",
        "可写：该类型的值、null、{{today: true}}（日期）、{{actor: true}}（文字）、{{copy: 同类字段}}、{{append: 文字字段}}、{{add: n}}（整数）、"
        "{{due: 时限}}（日期）、{{latest: 子事项.字段}}、{{earliest: 子事项.字段}}（日期）、{{tariff: 收费标准}}（金额）、{{choose: [{{if: 条件, then: 写法}}, …]}}",
        "a value of its type, null, {{today: true}} (date), {{actor: true}} (text), {{copy: a field of the same type}}, {{append: a text}}, {{add: n}} (integer), "
        "{{due: deadline}} (date), {{latest: child.field}}, {{earliest: child.field}} (date), {{tariff: name}} (money) or {{choose: [{{if: condition, then: …}}, …]}}",
    ),
    "wrong-type": _(
        "字段“{field}”是 {type}，此处须为 {wanted}",
        "the field “{field}” is {type}, {wanted} is wanted here",
        "请改用该类型的字段",
        "name a field of that type",
    ),
    "choice-source": _(
        "enum 的可选值须由 values 或 catalogue 之一给出",
        "an enum takes its choices from either values or a catalogue",
        "请只写其中一个",
        "write exactly one of them",
    ),
    "role-source": _(
        "岗位须由 values 或 catalogue 之一给出",
        "roles come from either values or a catalogue",
        "请只写其中一个",
        "write exactly one of them",
    ),
    "not-roles": _(
        "目录“{name}”不是岗位目录：“{lacking}”没有合法的名称和 scope",
        "the catalogue “{name}” is not one of roles: “{lacking}” lacks a proper name and a scope",
        "请引用岗位目录",
        "name a catalogue of roles",
    ),
    "key-not-for-type": _(
        "类型 {type} 不能有“{name}”",
        "a field of type {type} has no “{name}”",
        "min、max 用于 text、integer，pattern 用于 text，values、catalogue 用于 enum",
        "min and max are for text and integer, pattern for text, values and catalogue for enum",
    ),
    "bounds-order": _("min {min} 大于 max {max}", "min {min} is above max {max}", "请对调或改正", "swap or mend them"),
    "bad-pattern": _(
        "正则表达式有误：{detail}", "the regular expression is broken: {detail}", "请改正表达式", "mend the expression"
    ),
    "bad-example": _("不符合 pattern", "it does not match the pattern", "请改正例子", "mend the example"),
    "unsafe-pattern": _(
        "正则表达式可能极慢：{detail}",
        "the regular expression may be very slow: {detail}",
        "请写明重复次数，不要嵌套重复，字段的 max 不超过 1000",
        "bound the repetitions, do not nest them, and give the field a max of 1000 at most",
    ),
    "no-title": _(
        "缺少类型为 text 的字段 title",
        "there is no field title of type text",
        "请在 fields 中加上 title: {{type: text, zh: 标题, en: title}}",
        "add title: {{type: text, zh: 标题, en: title}} to fields",
    ),
    "guard-form": _(
        "条件“{name}”须有 if、needs、check 之一",
        "the guard “{name}” needs exactly one of if, needs and check",
        "请只写其中一个；params 只用于 check",
        "write exactly one of them; params belong to check",
    ),
    "never-form": _(
        "没有写明步骤做了什么：into、out_of、sets、opens 至少写一个",
        "it says of no step what it does: at least one of into, out_of, sets and opens is needed",
        "如 {{into: [状态], without: [条件]}}，或 {{sets: {{字段: 值}}, without: [条件]}}",
        "such as {{into: [state], without: [guard]}}, or {{sets: {{field: value}}, without: [guard]}}",
    ),
    "needs-form": _(
        "needs 须有 all、some、none 之一",
        "needs takes exactly one of all, some and none",
        "请只写其中一个；closed 指任何办结状态",
        "write exactly one of them; closed is any state in which they end",
    ),
    "unknown-document": _(
        "检查 identity 不认识字段“{field}”的可选值“{name}”",
        "the check identity does not know the choice “{name}” of the field “{field}”",
        "证件种类只用：{kinds}",
        "kinds of document are: {kinds}",
    ),
    "seen-by-open": _(
        "字段“{name}”不是个人信息，人人可见",
        "the field “{name}” is not personal: everybody sees it",
        "请写 personal: true，或删去 seen_by",
        "write personal: true, or remove seen_by",
    ),
    "listed-personal": _(
        "“{name}”是个人信息，不能列出",
        "“{name}” is personal and cannot be listed",
        "请从 listed 中删去",
        "remove it from listed",
    ),
    "bands-order": _(
        "分档须递增：“{up_to}”不大于上一档“{previous}”",
        "bands rise: “{up_to}” is not above “{previous}”",
        "请调换次序或删去",
        "reorder or remove it",
    ),
    "dated-unset": _(
        "步骤没有填写实际发生日期“{name}”",
        "the step is not given the day “{name}” on which it happened",
        "请把它加入 form，或写入 set",
        "add it to the form, or to set",
    ),
    "limit-field": _(
        "期限数“{field}”没有限定在 1 至 {most} 之间",
        "the length “{field}” is not kept between 1 and {most}",
        "请在字段中写 min: 1 和不大于 {most} 的 max",
        "give the field min: 1 and a max of {most} at most",
    ),
    "extension-unit": _(
        "延长“{by}”与期限的单位“{unit}”不同",
        "the extension “{by}” is not in the unit of the limit, {unit}",
        "请用同一单位",
        "write it in that unit",
    ),
    "extension-count": _(
        "延长数“{field}”没有限定在 1 至 {most} 之间，而至多可延长“{by}”",
        "the number “{field}” is not kept between 1 and {most}, and “{by}” is the most that may be granted",
        "请在字段中写 min: 1 和不大于 {most} 的 max",
        "give the field min: 1 and a max of {most} at most",
    ),
    "regimes-overlap": _(
        "此版本（{from_on} 至 {until}）与前面的版本重叠",
        "this version ({from_on} to {until}) overlaps one before it",
        "一日只适用一个版本：请改正 from、until",
        "one version holds on one day: mend from and until",
    ),
    "regimes-gap": _(
        "{from_on} 至 {until} 没有任何版本：该期间会被误用别的版本的数字",
        "there is no version for {from_on} to {until}: another version's number would be taken for it",
        "请把该期间施行的数字写入 versions，前后日期相接；已废止、不再使用的，从目录中删去",
        "write the number of those days under versions, each beginning where the one before ends; delete a number that is repealed",
    ),
    "check-params": _(
        "检查“{name}”的参数应为：{wanted}",
        "the check “{name}” takes these parameters: {wanted}",
        "请补上或删去参数",
        "add or remove parameters",
    ),
    "unknown-step": _(
        "没有步骤“{name}”（edit 须写成 edit.状态）",
        "there is no step “{name}” (an edit is written edit.state)",
        *_SUGGESTED,
    ),
    "thin-reason": _(
        "豁免的理由太短",
        "the reason of the waiver is too short",
        "请写明为何此处不适用该检查，至少 {least} 个字",
        "say why the check does not hold here, in {least} characters or more",
    ),
    "waiver-of": _(
        "豁免“{name}”须写明一处",
        "a waiver of “{name}” names one place",
        "no-outcome、escalation-* 写 deadline: 时限，idle-role 写 role: 岗位，其他写 state: 状态",
        "write deadline: for no-outcome and escalation-*, role: for idle-role, state: for any other",
    ),
    "dates-order": _(
        "施行日期晚于失效日期", "it comes into force after it ends", "请对调或改正", "swap or mend the dates"
    ),
    "number-format": _(
        "编号格式须各含一次 {{series}}、{{year}}、{{serial}}，不含其他括号内容",
        "the form needs {{series}}, {{year}} and {{serial}} once each and no other braces",
        "例如 {{series}}〔{{year}}〕{{serial}}号",
        "such as {{series}}〔{{year}}〕{{serial}}号",
    ),
    "no-column": _(
        "字段“{name}”在 columns 中没有表头",
        "the field “{name}” has no header in columns",
        "请在 columns 中加上它",
        "add it to columns",
    ),
}

FINDINGS: dict[str, Said] = {**READING, **SHAPE, **NAMES, **RULES, **FLOW, **PROOF}
