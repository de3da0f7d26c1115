"""Files that somebody names."""

from __future__ import annotations

import errno
from pathlib import Path


def readable(path: Path) -> Path:
    """The path, unless opening it would wait until somebody writes there: a named pipe. Raises OSError.

    What a shell hands over under /dev/fd is a pipe, too, and its writer is there already.
    """
    if path.is_fifo() and path.parts[:3] != ("/", "dev", "fd"):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    return path
