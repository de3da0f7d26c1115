"""How a fault that nobody foresaw is told in logs: where it happened and of what kind, never with what a case holds.

What an exception says of itself may be a value of a case (a name, a number): it stays out.
"""

from __future__ import annotations

from traceback import walk_tb


def story(error: BaseException) -> str:
    """The kinds of the fault and of its causes, each with its places, the innermost first; one line.

    >>> try:
    ...     {}["赵甲乙"]
    ... except KeyError as fault:
    ...     story(fault).partition(" ")[0]
    'KeyError'
    """
    told = []
    seen: set[int] = set()
    fault: BaseException | None = error
    while fault is not None and id(fault) not in seen:
        seen.add(id(fault))
        places = [
            f"{_short(frame.f_code.co_filename)}:{line} {frame.f_code.co_name}"
            for frame, line in walk_tb(fault.__traceback__)
        ]
        told.append(f"{type(fault).__name__} at {' < '.join(reversed(places))}")
        fault = fault.__cause__ or (None if fault.__suppress_context__ else fault.__context__)
    return " | from ".join(told)


def _short(path: str) -> str:
    """The last two parts of a path: where the program lies is nobody's business."""
    return "/".join(path.replace("\\", "/").split("/")[-2:])
