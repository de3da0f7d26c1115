"""The store: `Desk` is the one door to cases, for the command line, the web, the API and the ticker."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from storage.desk import Desk

__all__ = ["Desk"]


def __getattr__(name: str) -> Any:
    # Only when it is asked for: `python -m storage.questions` must run before the texts that Desk imports are there.
    if name == "Desk":
        from storage.desk import Desk

        return Desk
    raise AttributeError(name)
