"""`make bench`: every number, or those of the files named on the command line."""

from __future__ import annotations

import importlib
import sys

FILES = ("decide", "step", "startup", "proof", "import_rows", "verify")


def main(wanted: list[str]) -> int:
    """Print the table; 1 when a promise is broken."""
    kept = True
    for file in wanted or FILES:
        for measured in importlib.import_module(f"benchmarks.{file}").measures():
            print(measured.line, flush=True)
            kept &= measured.kept
    return 0 if kept else 1


sys.exit(main(sys.argv[1:]))
