"""What the loader says of a file of letters, beside what it says of any file."""

from __future__ import annotations

from workflow.loader.said import Said, said

_SUGGESTED = "{hint}", "{hint}"

_BEGIN = (
    "请以“format: gongkai-letters/1”开头，写法见 docs/letters.md",
    "begin with “format: gongkai-letters/1”, as docs/letters.md shows",
)

LETTERS: dict[str, Said] = {
    "empty": said("文件没有内容", "the file is empty", *_BEGIN),
    "not-a-mapping": said("文件顶层不是键值对", "the file is not a mapping of keys to values", *_BEGIN),
    "letter-kind": said("没有事项种类“{name}”", "there is no kind of case “{name}”", *_SUGGESTED),
    "letter-placeholder": said(
        "占位符 {{{name}}} 指的不是字段，也不是 bureau、number、section、day、delivered",
        "the placeholder {{{name}}} names no field, nor one of bureau, number, section, day, delivered",
        *_SUGGESTED,
    ),
    "letter-of": said(
        "占位符中“{name}:”不认识",
        "a placeholder knows no “{name}:”",
        "可写 due: 时限、value: 字段、box: 字段、by: 步骤、on: 步骤、said: 步骤、round: 步骤、bureau: contact 或 payment",
        "write due: CLOCK, value: FIELD, box: FIELD, by: STEP, on: STEP, said: STEP, round: STEP, bureau: contact or bureau: payment",
    ),
    "letter-contact": said(
        "本机关没有登记“{name}”这一项",
        "nothing is on record of the bureau as “{name}”",
        "可写 bureau: contact（联系方式）或 bureau: payment（缴费方式）",
        "write bureau: contact (where to send something) or bureau: payment (how to pay)",
    ),
    "letter-delivers": said("没有文书“{name}”可送达", "there is no letter “{name}” to deliver", *_SUGGESTED),
    "letter-delivered": said(
        "占位符 {{delivered}} 只用于写明 delivers 的送达回证",
        "the placeholder {{delivered}} is of a proof of delivery that says what it `delivers`",
        "请在该文书写上 delivers: [文书名]",
        "add delivers: [LETTER] to this letter",
    ),
    "letter-brace": said(
        "“{given}”不是占位符",
        "“{given}” is no placeholder",
        "请写成 {{字段}} 或 {{due: 时限}}；正文中不能有单独的花括号",
        "write {{field}} or {{due: clock}}; a brace cannot stand alone",
    ),
    "letter-text-or-table": said(
        "每段须有 text 或 table 之一",
        "each part of the body has either text or table",
        "请写其中一个",
        "write one of them",
    ),
    "letter-cells": said(
        "一行的栏数须为偶数（名称、内容）或只有一栏",
        "a row has label and content in pairs, or one cell alone",
        "请补上内容一栏，可写 “”",
        "add the content, which may be empty",
    ),
    "letter-part": said("没有必备内容“{name}”", "there is no compulsory part “{name}”", *_SUGGESTED),
    "letter-part-missing": said(
        "必备内容“{name}”在正文中没有任何一段写到",
        "no paragraph of the body is the compulsory part “{name}”",
        "请给写它的那一段加上 part: {name}；法律不再要求的，删去 must 中的这一项",
        "give the paragraph that says it part: {name}, or remove it from `must` where the law no longer asks for it",
    ),
    "letter-words-missing": said(
        "必备内容“{name}”没有写到“{words}”",
        "the compulsory part “{name}” does not say “{words}”",
        "请在写它的那一段写上；法律不再要求的，删去 says 中的这一项",
        "say it in the paragraph of that part, or remove it from `says` where the law no longer asks for it",
    ),
    "letter-number-missing": said(
        "必备内容“{name}”：number 一行没有写出本文书的文号",
        "the compulsory part “{name}”: the line `number` does not bear the number of this letter",
        "请在 number 中写上文号所在的字段，例如 {{reply_number}}；{{number}} 是事项编号",
        "say in `number` the field that holds it, such as {{reply_number}}; {{number}} is that of the case",
    ),
    "letter-part-blank": said(
        "必备内容“{name}”可能为空：只有可空的占位符，没有文字",
        "the compulsory part “{name}” may come out blank: it has placeholders that may lack and no words",
        "请写上固定文字，或去掉占位符中的“?”",
        "write words of its own, or drop the “?” of its placeholder",
    ),
    "letter-undeclared": said(
        "定义中的文书“{name}”没有模板",
        "the letter “{name}” of the definition has no template",
        "请在 letters 中加上 {name}",
        "add {name} to `letters`",
    ),
}
