"""Definitions and catalogues from text: strict, complete in its complaints, and without touching a file."""

from workflow.loader.accept import Accepted, Waived, accept, canonical, read_catalogue
from workflow.loader.draft import Catalogue

__all__ = ["Accepted", "Catalogue", "Waived", "accept", "canonical", "read_catalogue"]
