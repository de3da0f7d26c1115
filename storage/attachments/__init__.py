"""Attachments (附件): their content by its digest, the row that points at it, and the look into what came in."""

from storage.attachments.contents import Contents, left_by_link, place_of
from storage.attachments.papers import Attached, Attachments, Collected

__all__ = ["Attached", "Attachments", "Collected", "Contents", "left_by_link", "place_of"]
