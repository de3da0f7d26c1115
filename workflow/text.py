"""A sentence that people read, always whole in both languages: Chinese first, English beside it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Lang = Literal["zh", "en"]

LONGEST_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence in Chinese and English; `{name}` marks a fact that is filled in.

    >>> Text("已由{actor}办理", "done by {actor}").filled(actor="王敏")
    Text(zh='已由王敏办理', en='done by 王敏')
    """

    zh: str
    en: str

    def filled(self, **facts: object) -> Text:
        """The same sentence with its facts; a fact that is itself a Text is taken language by language."""
        zh = {name: fact.zh if isinstance(fact, Text) else fact for name, fact in facts.items()}
        en = {name: fact.en if isinstance(fact, Text) else fact for name, fact in facts.items()}
        return Text(self.zh.format_map(zh), self.en.format_map(en))

    def read(self, lang: Lang) -> str:
        """The sentence in one language."""
        return self.zh if lang == "zh" else self.en

    def to_json(self) -> dict[str, str]:
        """The pair as the JSON surface shows it."""
        return {"zh": self.zh, "en": self.en}


def listed(texts: Iterable[Text], zh: str = "、", en: str = ", ") -> Text:
    """Several texts as one, with what stands between them.

    >>> listed((Text("起草", "draft"), Text("退文", "returned")))
    Text(zh='起草、退文', en='draft, returned')
    """
    told = tuple(texts)
    return Text(zh.join(each.zh for each in told), en.join(each.en for each in told))


def basis_said(basis: str) -> Text:
    """The basis of a rule as it is cited: the law by its Chinese name in both languages, the bureau's own in each.

    >>> basis_said("条例 33").en, basis_said("本局内部承办时限").en
    ('条例 33', "the bureau's own limit")
    """
    return _OWN_LIMIT if basis == _OWN_LIMIT.zh else Text(basis, basis)


def shown(typed: str) -> str:
    """What somebody typed, fit to stand in a sentence: short, and without what could deceive a reader or a terminal.

    >>> shown("DOC-2026\\x1b[31m")
    'DOC-2026\ufffd[31m'
    """
    short = typed if len(typed) <= LONGEST_SHOWN else typed[:LONGEST_SHOWN] + "…"
    return "".join(each if each.isprintable() or each == "\u3000" else "\ufffd" for each in short)


_OWN_LIMIT = Text("本局内部承办时限", "the bureau's own limit")
