"""Regular expressions of fields: bounded work for whatever text they are held against."""

from __future__ import annotations

import re

from workflow.text import Text

MOST_OPEN = 2  # unbounded repetitions in a row cost text length to that power
_WIDE = 100
_REPEAT = re.compile(r"[*+?]|\{(\d*)(,?)(\d*)\}")

_NESTED = Text("重复之中又有重复或选择", "a repetition or an alternative inside a repetition")
_MANY = Text("不限次数的重复超过 {most} 处", "more than {most} unbounded repetitions")
_FANCY = Text("不允许前后查找、反向引用和标志", "no lookaround, back reference or flag is allowed")


def broken(pattern: str) -> str | None:
    """What the compiler says against the expression."""
    try:
        re.compile(pattern)
    except (re.error, OverflowError, RecursionError) as fault:
        return str(fault)
    return None


def danger(pattern: str) -> Text | None:
    """Why a compilable expression might run for ages; None when it cannot.

    >>> danger("(a+)+b").en
    'a repetition or an alternative inside a repetition'
    >>> danger("[a-z]{2,12}〔(19|20)[0-9]{2}〕") is None
    True
    """
    if re.search(r"\(\?(?!:)", pattern) or re.search(r"\\[1-9]", pattern):
        return _FANCY
    plain = re.sub(r"\\.", "x", pattern)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "x", plain)
    groups, last, open_repeats, position = [False], False, 0, 0
    while position < len(plain):
        character = plain[position]
        repeat = _REPEAT.match(plain, position)
        if character == "(":
            groups.append(False)
            position += 3 if plain.startswith("(?:", position) else 1
            last = False
            continue
        if character == ")" and len(groups) > 1:
            last = groups.pop()
            groups[-1] = groups[-1] or last
        elif repeat and repeat[0] != "{}":
            least, most = _bounds(repeat)
            if most != 1 and last:
                return _NESTED
            open_repeats += most is None or most > _WIDE
            groups[-1] = groups[-1] or least != most
            position = repeat.end()
            last = False
            continue
        else:
            groups[-1] = groups[-1] or character == "|"
            last = False
        position += 1
    return _MANY.filled(most=MOST_OPEN) if open_repeats > MOST_OPEN else None


def _bounds(repeat: re.Match[str]) -> tuple[int, int | None]:
    if repeat[0] == "?":
        return 0, 1
    if repeat[0] in "*+":
        return 0, None
    least = int(repeat[1] or 0)
    return least, (int(repeat[3]) if repeat[3] else None) if repeat[2] else least
