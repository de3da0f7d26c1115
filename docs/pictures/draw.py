"""Draws board.svg, the picture in the README: the real board of the sample bureau, as a terminal shows it. `make docs`."""

from __future__ import annotations

import fcntl
import html
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from tempfile import TemporaryDirectory

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

HERE = Path(__file__).resolve().parent
GONGKAI = Path(sys.executable).with_name("gongkai")
COLUMNS = 118
CELL = 12.2  # of rich's picture
TEXT = re.compile(
    r'(?P<before><text class="board-r[^>]*?)x="(?P<x>[^"]*)"(?P<line>[^>]*)textLength="[^"]*"(?P<rest>[^>]*>)(?P<said>[^<]*)</text>'
)

#: Fonts that hold Chinese at twice the width of Latin, as installed; the picture fetches nothing.
FONTS = '"Sarasa Mono SC", "Noto Sans Mono CJK SC", "Source Han Mono SC", Menlo, Consolas, monospace'


def on_a_terminal(command: list[str], environment: dict[str, str]) -> str:
    """What the command writes when it believes that somebody looks."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 60, COLUMNS, 0, 0))
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environment, close_fds=True
    ) as shown:
        os.close(theirs)
        said = bytearray()
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the terminal is closed when its last writer is gone
                break
            if not piece:
                break
            said += piece
    os.close(ours)
    if shown.returncode:
        raise SystemExit(said.decode())
    return said.decode().replace("\r\n", "\n")


def template() -> str:
    """Rich's picture without the fonts that it would fetch, and without Latin letters as wide as Chinese ones."""
    bare = re.sub(
        r"@font-face \{\{.*?\}\}\n|font-variant-east-asian: full-width;\n", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL
    )
    return re.sub(r"font-family: Fira Code[^;]*;", f"font-family: {FONTS};", bare)


def in_cells(text: re.Match[str]) -> str:
    """That text at its cells, words of Chinese and of Latin letters each for itself, whatever the font makes of their widths.

    rich counts letters, of which a Chinese one takes two cells, and so draws it over itself.
    """
    left, drawn = float(text["x"]), []
    for word in re.findall(r"\xa0+|[\x21-\x7e]+|[^\xa0\x21-\x7e]+", html.unescape(text["said"])):
        wide = cell_len(word) * CELL
        if word.strip():
            place = f'{text["before"]}x="{left:g}"{text["line"]}textLength="{wide:g}"{text["rest"]}'
            drawn.append(f"{place}{html.escape(word, quote=False)}</text>")
        left += wide
    return "".join(drawn)


def draw() -> None:
    """Tell the sample bureau's story up to a fixed morning and draw its board."""
    with TemporaryDirectory() as place:
        environment = {
            **os.environ,
            "GONGKAI_DB": f"{place}/picture.db",
            "GONGKAI_NOW": "2026-06-09T09:30:00+08:00",
            "GONGKAI_LANG": "zh",
            "GONGKAI_AS": "wujianguo",
            "TERM": "xterm-256color",
            "COLUMNS": str(COLUMNS),
        }
        environment.pop("NO_COLOR", None)
        for step in (["init", "--sample", "--sandbox"], ["sweep"]):
            subprocess.run([str(GONGKAI), *step], env=environment, check=True, stdout=subprocess.DEVNULL)
        board = on_a_terminal([str(GONGKAI), "board"], environment)
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi(board), no_wrap=True, crop=False)
    drawn = console.export_svg(title="gongkai board", code_format=template(), unique_id="board")
    (HERE / "board.svg").write_text(re.sub(TEXT, in_cells, drawn), encoding="utf-8")


if __name__ == "__main__":
    draw()
