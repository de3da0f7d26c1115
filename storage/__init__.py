"""The store: `Desk` is the one door to cases, for the command line, the web, the API and the ticker."""

from storage.desk import Desk

__all__ = ["Desk"]
