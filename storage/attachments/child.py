"""The look into a content, in a process of its own with little memory, little time and nothing to write to but its answer.

Run as a file (`examine.py` does): it imports nothing of ours. The content is its standard input, what it may come to stands in
its argument, and it answers with one JSON object: the kind, what was found, or why it is refused. What crashes it, crashes it.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
from typing import Any, BinaryIO

MEMORY, SECONDS, ANSWER = 1 << 30, 20, 1 << 16
READ = 1 << 16
#: So little may grow by any factor: a page of blanks does.
HARMLESS = 10_000_000
WORD = "application/vnd.openxmlformats-officedocument."
OFFICE = {
    "word/document.xml": WORD + "wordprocessingml.document",
    "xl/workbook.xml": WORD + "spreadsheetml.sheet",
    "ppt/presentation.xml": WORD + "presentationml.presentation",
}
#: What older programs of an office write, WPS among them, by the stream that each must have.
COMPOUND = {
    "WordDocument": "application/msword",
    "Workbook": "application/vnd.ms-excel",
    "Book": "application/vnd.ms-excel",
    "PowerPoint Document": "application/vnd.ms-powerpoint",
    "EncryptedPackage": "application/x-ole-storage",
}
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")
#: What a browser takes for a page, whatever its name: a text that begins with a tag, or has one of these near its beginning.
TAG = re.compile(r"\s*<[!?/a-z]|.{0,1024}<(html|head|body|script|svg|iframe)\b", re.DOTALL)


class Refused(Exception):
    """It is not taken in: why, and with which number."""

    def __init__(self, code: str, found: int = 0) -> None:
        self.code, self.found = code, found


class Damaged(Exception):
    """It could not be read to its end."""


class Look:
    """One content and all that was found in it."""

    def __init__(self, limits: dict[str, int]) -> None:
        self.limits = limits
        self.found: set[str] = set()
        self.entries = self.unpacked = 0

    def into(self, file: BinaryIO) -> str:
        """The kind of this content. Raises Refused for one that is not taken, Damaged with its kind known as far as it is."""
        head = file.read(4096)
        file.seek(0)
        if head.startswith(PROGRAMS):
            raise Refused("program")
        if head.startswith(b"%PDF-"):
            return self._said("application/pdf", self._pdf, file)
        if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            return self._compound(file)
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
            return self._archive(file, 0)
        for mark, kind in (
            (b"\x89PNG\r\n\x1a\n", "png"),
            (b"\xff\xd8\xff", "jpeg"),
            (b"II*\0", "tiff"),
            (b"MM\0*", "tiff"),
        ):
            if head.startswith(mark):
                return self._said(f"image/{kind}", self._picture, file)
        return self._text(file)

    def _said(self, kind: str, look: Any, file: BinaryIO) -> str:
        try:
            look(file)
        except Damaged:
            self.found.add("damaged")
        return kind

    def _pdf(self, file: BinaryIO) -> None:
        import pikepdf

        try:
            with pikepdf.open(file) as pdf:
                if pdf.is_encrypted:
                    self.found.add("encrypted")
                for whole in pdf.objects:
                    self._inside(pdf, whole)
                if not len(pdf.pages) or pdf.get_warnings():
                    raise Damaged
        except pikepdf.PasswordError:
            self.found.add("encrypted")
        except (pikepdf.PdfError, pikepdf.DataDecodingError, ValueError, TypeError, KeyError, IndexError) as error:
            raise Damaged from error

    def _inside(self, pdf: Any, whole: Any) -> None:
        """What an object of a PDF does, and what stands in it itself; the others come by themselves."""
        import pikepdf

        waiting = [whole]
        while waiting:
            each = waiting.pop()
            if isinstance(each, pikepdf.Array):
                waiting += [one for one in each if isinstance(one, pikepdf.Object) and not one.is_indirect]
            elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
                does = str(each.get("/S", ""))
                if does == "/JavaScript" or "/JS" in each:
                    self.found.add("script")
                if does in ("/Launch", "/ImportData", "/SubmitForm", "/GoToR"):
                    self.found.add("launch")
                if str(each.get("/Type", "")) == "/EmbeddedFile" or "/EmbeddedFiles" in each:
                    self.found.add("embedded")
                waiting += [one for _, one in each.items() if isinstance(one, pikepdf.Object) and not one.is_indirect]

    def _compound(self, file: BinaryIO) -> str:
        import olefile

        try:
            with olefile.OleFileIO(file) as ole:
                names = ["/".join(each) for each in ole.listdir(streams=True, storages=True)]
        except Exception:  # noqa: BLE001  whatever a broken file makes of its reader
            self.found.add("damaged")
            return "application/x-ole-storage"
        parts = {part for each in names for part in each.split("/")}
        if {"VBA", "_VBA_PROJECT", "_VBA_PROJECT_CUR", "Macros"} & parts:
            raise Refused("macro")
        if "EncryptedPackage" in parts:
            self.found.add("encrypted")
        if "ObjectPool" in parts or any(each.startswith("MBD") for each in parts):
            self.found.add("embedded")
        for stream, kind in COMPOUND.items():
            if stream in names:
                return kind
        raise Refused("kind")

    def _archive(self, file: BinaryIO, depth: int) -> str:
        import zipfile

        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
                self._expect_room(archive, entries, depth)
                contents = {each.filename: self._entry(archive, each, depth) for each in entries if not each.is_dir()}
        except (Refused, MemoryError):
            raise
        except Exception as error:
            if isinstance(error, zipfile.BadZipFile) and "Overlap" in str(error):
                raise Refused("overlapping") from error
            self.found.add("damaged")
            return "application/zip"
        return self._package(contents)

    def _expect_room(self, archive: Any, entries: list[Any], depth: int) -> None:
        self.entries += len(entries)
        if self.entries > self.limits["entries"]:
            raise Refused("entries", self.entries)
        said = sum(each.file_size for each in entries)
        if self.unpacked + said > self.limits["unpacked"]:
            raise Refused("unpacked", self.unpacked + said)
        packed = sum(each.compress_size for each in entries)
        if said > HARMLESS and said > packed * self.limits["ratio"]:
            raise Refused("ratio", said // max(1, packed))
        ends = 0
        for each in sorted(entries, key=lambda one: one.header_offset):
            # Two that share their bytes: what unpacks to terabytes is made so.
            if each.header_offset < ends:
                raise Refused("overlapping")
            ends = each.header_offset + 30 + each.compress_size
        if ends > archive.start_dir and entries:
            raise Refused("overlapping")

    def _entry(self, archive: Any, each: Any, depth: int) -> bytes:
        """What an entry says that must be read as a whole; of all others nothing, once they were read to their end."""
        name = each.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name:
            self.found.add("paths")
        if each.flag_bits & 1:
            self.found.add("encrypted")
            return b""
        kept = bytearray()
        with archive.open(each) as content:
            head = content.read(READ)
            if head.startswith(PROGRAMS):
                raise Refused("program")
            is_archive = head.startswith(b"PK\x03\x04")
            if is_archive and depth >= self.limits["nesting"]:
                raise Refused("nesting", depth + 1)
            is_read = is_archive or name.endswith(".rels") or name == "[Content_Types].xml"
            part = head
            while part:
                self.unpacked += len(part)
                if self.unpacked > self.limits["unpacked"]:
                    raise Refused("unpacked", self.unpacked)
                if is_read:
                    kept += part
                part = content.read(READ)
        if is_archive:
            self._archive(io.BytesIO(kept), depth + 1)
            return b""
        return bytes(kept)

    def _package(self, contents: dict[str, bytes]) -> str:
        """Which program's package of files this is, and what makes it dangerous."""
        names = {each.lower() for each in contents}
        if any(each.endswith("vbaproject.bin") or each.startswith("basic/") for each in names):
            raise Refused("macro")
        if "meta-inf/manifest.mf" in names or any(each.endswith(".class") for each in names):
            raise Refused("program")
        types = contents.get("[Content_Types].xml")
        if types is None:
            return "application/ofd" if "ofd.xml" in names else "application/zip"
        if b"macroenabled" in types.replace(b"\0", b"").lower():
            raise Refused("macro")
        if any("/embeddings/" in each for each in names):
            self.found.add("embedded")
        if any("/activex/" in each for each in names):
            self.found.add("active")
        for name, said in contents.items():
            if name.endswith(".rels"):
                self._relations(said)
        return next((kind for part, kind in OFFICE.items() if part in names), "application/zip")

    def _relations(self, said: bytes) -> None:
        from defusedxml import DefusedXmlException
        from defusedxml.ElementTree import ParseError, fromstring

        try:
            for each in fromstring(said):
                # A link that is clicked is nothing; a template or a picture is fetched by itself.
                if each.get("TargetMode") == "External" and not str(each.get("Type")).endswith("/hyperlink"):
                    self.found.add("external")
        except (ParseError, DefusedXmlException, ValueError):
            self.found.add("damaged")

    def _picture(self, file: BinaryIO) -> None:
        from PIL import Image

        try:
            with Image.open(file) as picture:
                picture.load()
        except Exception as error:
            if isinstance(error, MemoryError):
                raise
            raise Damaged from error

    def _text(self, file: BinaryIO) -> str:
        said = file.read()
        wide = said.startswith((b"\xff\xfe", b"\xfe\xff"))
        for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
            try:
                text = said.decode(encoding)
            except UnicodeDecodeError:
                continue
            if TAG.match(text[:2048].lower()):
                raise Refused("markup")
            if not any(each < " " and each not in "\t\n\r\f" for each in text):
                return "text/plain"
        raise Refused("kind")


def answer(limits: dict[str, int]) -> dict[str, object]:
    """What came of the look."""
    look = Look(limits)
    try:
        with open(0, "rb", closefd=False) as file:
            kind = look.into(file)
    except Refused as refused:
        return {"refused": refused.code, "number": refused.found}
    return {"kind": kind, "found": sorted(look.found)}


def held_to(what: int, most: int, room: int = 0) -> None:
    """No more of this than so much, or than it was allowed before; with some room it is told before it is stopped."""
    _, hard = resource.getrlimit(what)
    last = most + room if hard == resource.RLIM_INFINITY else min(most + room, hard)
    resource.setrlimit(what, (min(most, last), last))


if __name__ == "__main__":
    held_to(resource.RLIMIT_AS, MEMORY)
    held_to(resource.RLIMIT_CPU, SECONDS, room=1)  # by SIGXCPU the parent knows why it ended
    held_to(resource.RLIMIT_FSIZE, ANSWER)
    held_to(resource.RLIMIT_CORE, 0)
    sys.setrecursionlimit(500)
    print(json.dumps(answer(json.loads(sys.argv[1]))))
