"""The look into a content before it is kept: by a child that may die of it (`child.py`), whose answer is a verdict.

What is dangerous in any hands is refused; what needs care is kept with a word of it; what could not be read is kept as such,
for it may be all that an applicant sent.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePath
from typing import Any

from settings import Limits
from storage.attachments.contents import bad
from storage.files import private, unwritten
from workflow.papers import CLEAN, UNREADABLE, WARNED
from workflow.text import Text

CHILD = Path(__file__).with_name("child.py")
#: The child stops itself after twenty seconds of work; one that waits for nothing, or for the disk, is stopped by us.
DEADLINE_SECONDS = 60.0
MEGABYTE = 1_000_000
UNKNOWN = "application/octet-stream"
#: How the names of files of each kind end.
ENDINGS = {
    "application/pdf": (".pdf",),
    "application/ofd": (".ofd",),
    "application/zip": (".zip",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
    "application/msword": (".doc", ".wps"),
    "application/vnd.ms-excel": (".xls", ".et"),
    "application/vnd.ms-powerpoint": (".ppt", ".dps"),
    "application/x-ole-storage": (".doc", ".wps", ".xls", ".et", ".ppt", ".dps", ".docx", ".xlsx", ".pptx"),
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/tiff": (".tif", ".tiff"),
    "text/plain": (".txt", ".csv", ".md", ".log"),
}


@dataclass(frozen=True, slots=True)
class Examined:
    """What a content is, and what came of looking into it."""

    kind: str
    verdict: str
    found: tuple[str, ...]


def examined(content: Path, source: Path, name: str, limits: Limits) -> Examined:
    """What this content is and whether it can be opened without fear. Raises BadFile for what is not taken in.

    `source` is the file as somebody named it, `name` what it will be called.
    """
    said = _asked(content, limits)
    if "refused" in said:
        code = str(said["refused"])
        facts = {**asdict(limits), "found": said.get("number"), "megabytes": int(said.get("number") or 0) // MEGABYTE}
        raise bad(source, code, _REFUSED[code].filled(**facts))
    kind, found = str(said["kind"]), list(said["found"])
    if kind == "text/plain" and PurePath(name).suffix.lower() == ".csv":
        kind = "text/csv"
    endings = ENDINGS.get("text/plain" if kind == "text/csv" else kind)
    if endings and PurePath(name).suffix.lower() not in endings:
        found.append("ending")
    is_lost = {"damaged", "crashed", "slow"} & set(found)
    return Examined(kind, UNREADABLE if is_lost else WARNED if found else CLEAN, tuple(sorted(found)))


def _asked(content: Path, limits: Limits) -> dict[str, Any]:
    allowed = {
        "unpacked": limits.unpacked * MEGABYTE,
        **{n: getattr(limits, n) for n in ("entries", "ratio", "nesting")},
    }
    told = content.with_name("told")
    try:
        with content.open("rb") as file, private(told) as out:
            # Isolated (-I): neither the environment nor where we stand says what it imports; of our environment, which may hold
            # passwords and the key of backups, it is told nothing. It leaves no bytecode (-B): of so little that it may write,
            # Python kept half a module, and whoever imported the same afterwards failed (measured: olefile).
            child = subprocess.Popen(  # noqa: S603  # this very program, and a file of ours
                [sys.executable, "-I", "-B", str(CHILD), json.dumps(allowed)],
                stdin=file, stdout=out, stderr=subprocess.DEVNULL, env={}, start_new_session=True,
            )  # fmt: skip
            try:
                code = child.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                return {"kind": UNKNOWN, "found": ["slow"]}
            finally:
                child.kill()
                child.wait()
        if code == 0:
            with suppress(ValueError):  # it did not come to the end of its answer: that it crashed is said below
                return dict(json.loads(told.read_bytes()))
    except OSError as error:
        raise unwritten(error, content) from error
    return {"kind": UNKNOWN, "found": ["slow" if code == -_OUT_OF_TIME else "crashed"]}


_OUT_OF_TIME = 24  # SIGXCPU
_TAKEN = Text(
    "可添加：PDF、OFD、Word、Excel、PPT、WPS、图片（PNG、JPEG、TIFF）、文本、CSV、ZIP",
    "what is taken: PDF, OFD, Word, Excel, PowerPoint, WPS, pictures (PNG, JPEG, TIFF), text, CSV, ZIP",
)
_REFUSED = {
    "kind": Text(f"内容不属于可添加的种类；{_TAKEN.zh}", f"its content is of no kind that is taken; {_TAKEN.en}"),
    "program": Text(
        "内容是程序（或压缩包内有程序），不能添加；请只添加文件本身",
        "its content is a program, or holds one, and is not taken; attach the papers alone",
    ),
    "markup": Text(
        "内容是网页（HTML、SVG、XML），打开时可能运行脚本，不能添加；请导出为 PDF 后添加",
        "its content is markup (HTML, SVG, XML), which may run scripts, and is not taken; attach a PDF of it",
    ),
    "macro": Text(
        "含宏，不能添加；请另存为不含宏的格式（docx、xlsx）或 PDF 后添加",
        "it holds macros and is not taken; save it without them (docx, xlsx) or as PDF",
    ),
    "entries": Text(
        "压缩包内有 {found} 个文件，上限 {entries} 个；请拆分，或由管理员调整 GONGKAI_ATTACHMENTS 中的 entries",
        "it packs {found} files, and {entries} are allowed; split it, or let the administrator raise entries in "
        "GONGKAI_ATTACHMENTS",
    ),
    "unpacked": Text(
        "解开后达 {megabytes} MB，上限 {unpacked} MB；请拆分，或由管理员调整 GONGKAI_ATTACHMENTS 中的 unpacked",
        "unpacked it has {megabytes} MB, and {unpacked} MB are allowed; split it, or let the administrator raise unpacked in "
        "GONGKAI_ATTACHMENTS",
    ),
    "ratio": Text(
        "解开后是压缩时的 {found} 倍，上限 {ratio} 倍，像是压缩炸弹；请添加原文件",
        "unpacked it is {found} times as long as packed, and {ratio} are allowed: it looks like a bomb; attach the files themselves",
    ),
    "nesting": Text(
        "压缩包内又有压缩包，超过 {nesting} 层；请解开后添加",
        "it packs archives in archives, more than {nesting} deep; unpack it and attach what is inside",
    ),
    "overlapping": Text(
        "压缩包内的文件互相重叠，像是压缩炸弹；请重新打包",
        "the files that it packs share their bytes: it looks like a bomb; pack them anew",
    ),
}
