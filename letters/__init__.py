"""The slips and letters of a bureau: composed from a case and a template, written as text, HTML or DOCX."""

from letters.composing import Asked, composed, fits
from letters.paper import Paper
from letters.shelf import book_of, letter_named, refuse_weaker, shipped_books
from letters.writing import FORMS, form_of, write_letter, written

__all__ = [
    "FORMS",
    "Asked",
    "Paper",
    "book_of",
    "composed",
    "fits",
    "form_of",
    "letter_named",
    "refuse_weaker",
    "shipped_books",
    "write_letter",
    "written",
]
