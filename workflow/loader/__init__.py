"""Definitions and catalogues from text: strict, complete in its complaints, and without touching a file."""

from workflow.loader.accept import Accepted, Waived, accept, begun, canonical, judged, read_catalogue
from workflow.loader.draft import Catalogue, Draft

__all__ = ["Accepted", "Catalogue", "Draft", "Waived", "accept", "begun", "canonical", "judged", "read_catalogue"]
