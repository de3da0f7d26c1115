"""One of several processes that verify: `python -m storage.verify.hand PIPE`, begun by `together.py` and by nobody else.

It says when the database is open and when it sees the moment, then does what it is given until nothing more is.
"""

from __future__ import annotations

import gc
import signal
import sys
from contextlib import closing, suppress
from functools import partial
from multiprocessing.connection import Connection as Pipe
from typing import Any

from storage import versions
from storage.calendars import Editions
from storage.engines import engine_at
from storage.verify.stretch import Record
from workflow.errors import GongkaiError
from workflow.workdays import Calendar


def main(place: int) -> int:
    """The work of one process; 1 where it could not be done: whoever began it does it then."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever began us hears it, and ends us
    # What comes is the work of one who began us, by a pipe that nobody else has.
    with Pipe(place) as pipe, suppress(EOFError, OSError, GongkaiError):
        _serve(pipe, *pipe.recv())
        return 0
    return 1


def _serve(pipe: Pipe[Any, Any], url: str, calendar: Calendar | None) -> None:
    with closing(engine_at(url)) as engine, closing(engine.connect()) as db:
        pipe.send("open")
        with db.as_it_is(), db.reading(pipe.recv()):
            editions = Editions(db, leniently=True)
            pipe.send("reading")
            record = Record(db, partial(versions.load, db), (lambda _: calendar) if calendar else editions)
            gc.freeze()
            while (task := pipe.recv()) is not None:
                pipe.send(task.found(record))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
