"""Files as offices have them, and as somebody would have them who means ill: each made here, byte by byte."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping

import docx
import pikepdf
from PIL import Image

RELATIONS = """<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{type}" Target="http://example.invalid/x" TargetMode="External"/>
</Relationships>"""


def zipped(entries: Mapping[str, bytes | str], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", how) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return held.getvalue()


def a_docx(more: Mapping[str, bytes | str] | None = None) -> bytes:
    held = io.BytesIO()
    paper = docx.Document()
    paper.add_paragraph("关于印发预算管理办法的通知")
    paper.save(held)
    with zipfile.ZipFile(held) as archive:
        parts: dict[str, bytes | str] = {each: archive.read(each) for each in archive.namelist()}
    return zipped({**parts, **(more or {})})


def a_pdf(*, script: bool = False, launch: bool = False, file: bool = False, password: str = "") -> bytes:
    held = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        if script:
            pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        if launch:
            action = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="cmd.exe")
            pdf.pages[0].AA = pdf.make_indirect(pikepdf.Dictionary(O=action))
        if file:
            pdf.attachments["x.txt"] = b"hidden"
        how = pikepdf.Encryption(owner=password, user=password) if password else None
        pdf.save(held, encryption=how if how else False)
    return held.getvalue()


def a_png() -> bytes:
    held = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(held, "PNG")
    return held.getvalue()


def overlapping() -> bytes:
    """An archive whose two names share one content: the second is said to lie where the first one does."""
    packed = bytearray(zipped({"a": b"x" * 5000, "b": b"x" * 5000}))
    second = packed.rindex(b"PK\x01\x02")
    packed[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(packed)


def nested(depth: int) -> bytes:
    content = b"paper"
    for n in range(depth):
        content = zipped({f"{n}.zip" if n else "paper.txt": content})
    return content


def compound(*names: str) -> bytes:
    """What older Word and WPS write (MS-CFB), with empty streams of these names; one that ends in a slash is a storage."""
    entries = b""
    for n, name in enumerate(("Root Entry", *names)):
        said = name.rstrip("/").encode("utf-16-le") + b"\0\0"
        kind = 5 if n == 0 else 1 if name.endswith("/") else 2
        right = n + 1 if 0 < n < len(names) else 0xFFFFFFFF
        child = 1 if n == 0 and names else 0xFFFFFFFF
        entries += said.ljust(64, b"\0") + struct.pack("<HBBIII", len(said), kind, 1, 0xFFFFFFFF, right, child)
        entries += bytes(36) + struct.pack("<IQ", 0xFFFFFFFE, 0)
    entries = entries.ljust(-(-len(entries) // 512) * 512, b"\0")
    sectors = len(entries) // 512
    table = [0xFFFFFFFD, *(range(2, sectors + 1)), 0xFFFFFFFE]
    fat = struct.pack(f"<{len(table)}I", *table).ljust(512, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0) + struct.pack("<I", 0)
    return head.ljust(512, b"\xff") + fat + entries
