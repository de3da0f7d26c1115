"""Where the templates lie: those that are shipped, and a file that somebody changed."""

from __future__ import annotations

from collections.abc import Mapping

from storage.versions import SHIPPED, accepted_shipped
from workflow.errors import BadFile, BadLetter, Invalid, NotFound, Problem
from workflow.letter import LetterBook, LetterTemplate
from workflow.loader.letters import read_letters
from workflow.model import Definition
from workflow.text import Text, shown

SHELF = SHIPPED / "letters"


def shipped_books(kinds: Mapping[str, Definition]) -> tuple[LetterBook, ...]:
    """All shipped letters, held against these definitions; raises BadLetter for the first file that does not load."""
    return tuple(
        read_letters(file.read_bytes(), f"definitions/letters/{file.name}", kinds)
        for file in sorted(SHELF.glob("*.yaml"))
    )


def book_of(definition: Definition, text: str | None = None, file: str = "") -> LetterBook:
    """The letters of this kind: the shipped ones, or those of a text. Raises NotFound where there are none, BadLetter for faults."""
    if text is not None:
        return read_letters(text, file, {definition.id: definition})
    where = SHELF / f"{definition.id}.yaml"
    if not where.is_file():
        raise NotFound(_NO_BOOK, name=definition.id)
    file = f"definitions/letters/{where.name}"
    try:
        return read_letters(where.read_bytes(), file, {definition.id: definition})
    except BadLetter:
        # A case of an older version: what that did not know yet is unset there, and its letters are written without.
        current = accepted_shipped().get(definition.id)
        if current is None or current.digest == definition.digest:
            raise
        return read_letters(where.read_bytes(), file, {definition.id: current})


def refuse_weaker(book: LetterBook, kinds: Mapping[str, Definition]) -> None:
    """Raises BadFile for each part that the shipped letter of that name must hold and this one need not, or not for all those cases."""
    if not (SHELF / f"{book.about}.yaml").is_file():
        return
    shipped = book_of(kinds[book.about])
    problems = [
        Problem("letter-weaker", _WEAKER.filled(letter=letter.label, part=name, says=must.text, about=book.about))
        for letter in book.letters.values()
        if letter.name in shipped.letters
        for name, must in shipped.letters[letter.name].must.items()
        if name not in letter.must
        or letter.must[name].when not in (None, must.when)
        or not set(must.says) <= set(letter.must[name].says)
    ]
    if problems:
        raise BadFile(problems, file=book.file)


def letter_named(book: LetterBook, name: str) -> LetterTemplate:
    """The letter of this name, or of this Chinese title. Raises Invalid, naming those that there are."""
    for letter in book.letters.values():
        if name in (letter.name, letter.label.zh, letter.label.en):
            return letter
    known = "、".join(f"{each.name}（{each.label.zh}）" for each in book.letters.values())
    names = ", ".join(book.letters)
    said = _NO_LETTER.filled(name=shown(name), known=Text(known, names))
    raise Invalid((Problem("unknown-letter", said, field="name"),))


_WEAKER = Text(
    "“{letter}”缺少或放宽了必备内容“{part}”（{says}）；请照自带模板恢复 must 中的这一项。法律已改的，请改 definitions/letters/{about}.yaml 本身",
    "“{letter}” lacks or narrows the compulsory part “{part}” ({says}); put it back among `must` as in the shipped template. Where the law "
    "changed, change definitions/letters/{about}.yaml itself",
)
_NO_BOOK = Text(
    "“{name}”这类事项没有文书模板；可在 definitions/letters/ 下编写",
    "there are no letters for the kind “{name}”; they are written in definitions/letters/",
)
_NO_LETTER = Text("没有文书“{name}”；可用：{known}", "there is no letter “{name}”; there are: {known}")
