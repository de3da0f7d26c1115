"""What comes to an office, and what comes of it: taken and found clean, taken with a word of care, or not taken, with the way out."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_STORED

import pytest

from storage.attachments import contents, examine
from storage.attachments.examine import examined
from tests.factories import Office
from tests.kinds_of_paper import RELATIONS, a_docx, a_pdf, a_png, compound, nested, overlapping, zipped
from tests.storage.attaching import LIMITS
from tests.storage.attaching import keeping as keeping
from tests.storage.attaching import office as office
from tests.storage.attaching import paper as paper
from workflow.errors import BadFile, GongkaiError
from workflow.papers import FINDINGS

Paper = Callable[..., Path]
#: What has to do with files alone is tried on one engine.
IN_A_FILE = pytest.mark.parametrize("url", ["file_url"], indirect=True, ids=["sqlite"])

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

#: What it is, its content, its name; its kind, and all that is found in it.
TAKEN = {
    "text": ("意见：同意".encode(), "a.txt", "text/plain", ""),
    "text as Windows writes it": ("意见：同意".encode("gb18030"), "a.txt", "text/plain", ""),
    "text of two bytes": ("意见：同意".encode("utf-16"), "a.txt", "text/plain", ""),
    "text that begins with a bracket": ("<通知> 1 < 2".encode(), "a.txt", "text/plain", ""),
    "a table": ("年度,金额\n2026,1".encode(), "a.CSV", "text/csv", ""),
    "a text that is called a PDF": (b"text", "a.pdf", "text/plain", "ending"),
    "a text that is called a program": (b"text", "a.exe", "text/plain", "ending"),
    "a PDF": (a_pdf(), "a.pdf", "application/pdf", ""),
    "a PDF with a script": (a_pdf(script=True), "a.pdf", "application/pdf", "script"),
    "a PDF that starts a program": (a_pdf(launch=True), "a.pdf", "application/pdf", "launch"),
    "a PDF with a file in it": (a_pdf(file=True), "a.pdf", "application/pdf", "embedded"),
    "a locked PDF": (a_pdf(password="x"), "a.pdf", "application/pdf", "encrypted"),
    "half a PDF": (a_pdf()[:300], "a.pdf", "application/pdf", "damaged"),
    "no more of a PDF than its name": (b"%PDF-1.7\n", "a.pdf", "application/pdf", "damaged"),
    "Word": (a_docx(), "a.docx", WORD, ""),
    "Word with a template elsewhere": (
        a_docx({"word/_rels/settings.xml.rels": RELATIONS.format(type="attachedTemplate")}), "a.docx", WORD, "external",
    ),
    "Word with a link": (a_docx({"word/_rels/x.xml.rels": RELATIONS.format(type="hyperlink")}), "a.docx", WORD, ""),
    "Word with an object in it": (a_docx({"word/embeddings/x.bin": b"x"}), "a.docx", WORD, "embedded"),
    "Word with a control": (a_docx({"word/activeX/a.bin": b"x"}), "a.docx", WORD, "active"),
    "Word whose relations laugh": (
        a_docx({"word/_rels/x.rels": '<!DOCTYPE r [<!ENTITY a "aaaaaaaa">]><r>&a;</r>'}), "a.docx", WORD, "damaged",
    ),
    "older Word, or WPS": (compound("WordDocument"), "a.wps", "application/msword", ""),
    "older Excel": (compound("Workbook"), "a.xls", "application/vnd.ms-excel", ""),
    "locked Word": (compound("EncryptedPackage"), "a.docx", "application/x-ole-storage", "encrypted"),
    "half an older Word": (compound("WordDocument")[:600], "a.doc", "application/x-ole-storage", "damaged"),
    "OFD": (zipped({"OFD.xml": "<ofd/>", "Doc_0/Document.xml": "<d/>"}), "a.ofd", "application/ofd", ""),
    "an archive": (zipped({"意见.txt": "同意"}), "a.zip", "application/zip", ""),
    "an archive in an archive": (nested(2), "a.zip", "application/zip", ""),
    "an archive that leaves its place": (zipped({"../../etc/x": "x"}), "a.zip", "application/zip", "paths"),
    "half an archive": (zipped({"a": "x" * 500})[:60], "a.zip", "application/zip", "damaged"),
    "an archive with a slip in it": (zipped({"a": "a paper"}, ZIP_STORED).replace(b"paper", b"papes"), "a.zip", "application/zip", "damaged"),
    "a picture": (a_png(), "a.png", "image/png", ""),
    "half a picture": (a_png()[:60], "a.png", "image/png", "damaged"),
}  # fmt: skip

#: And what is not taken, with the reason.
REFUSED = {
    "program": (b"MZ\x90\0" + bytes(60), b"\x7fELF" + bytes(60), b"#!/bin/sh\nrm -rf /\n", zipped({"run.txt": b"MZ\x90\0"})),
    "markup": (b"<html><script>1</script></html>", b"\xef\xbb\xbf<svg/>", "<svg/>".encode("utf-16"), b" \n<?xml?>", b"a page: <SCRIPT>1</SCRIPT>"),
    "macro": (
        a_docx({"word/vbaProject.bin": b"x"}), compound("WordDocument", "Macros/"), a_docx(
            {"[Content_Types].xml": '<Types><Override ContentType="application/vnd.ms-word.document.macroEnabled.main+xml"/></Types>'}
        ),
    ),
    "kind": (b"\0\1\2\3", compound("Something"), os.urandom(16) + b"\0"),
    "entries": (zipped({f"{n}": b"" for n in range(LIMITS.entries + 1)}), zipped({f"{n}": nested(1) for n in range(30)})),
    "unpacked": (zipped({"a": os.urandom(2_000_000), "b": bytes(3_100_000)}),),
    "nesting": (nested(3),),
    "overlapping": (overlapping(),),
}  # fmt: skip


@pytest.mark.parametrize("what", TAKEN)
def test_what_is_taken(what: str, paper: Paper) -> None:
    content, name, kind, found = TAKEN[what]
    file = paper(content, name)

    done = examined(file, file, name, LIMITS)

    assert (done.kind, done.found) == (kind, tuple(found.split()))
    assert done.verdict == ("clean" if not found else "unreadable" if found == "damaged" else "warned")
    assert set(done.found) <= FINDINGS.keys()


@pytest.mark.parametrize(("code", "n"), [(code, n) for code, those in REFUSED.items() for n in range(len(those))])
def test_what_is_not_taken(code: str, n: int, paper: Paper) -> None:
    file = paper(REFUSED[code][n], "a.docx")

    with pytest.raises(BadFile) as refused:
        examined(file, file, file.name, LIMITS)

    (problem,) = refused.value.problems
    assert (problem.code, problem.field) == (code, "file")
    assert problem.text.zh
    assert problem.text.en


def test_a_bomb_is_known_by_how_much_it_grows(paper: Paper) -> None:
    file = paper(zipped({"a": bytes(20_000_000)}), "a.zip")

    with pytest.raises(BadFile) as refused:
        examined(file, file, file.name, LIMITS.__class__(ratio=100))

    assert [each.code for each in refused.value.problems] == ["ratio"]


@pytest.mark.parametrize(("spell", "found"), [pytest.param("while True: pass", "slow", marks=pytest.mark.torture), ("import os; os.abort()", "crashed"),
    ("print('{')", "crashed"), ("bytearray(1 << 31)", "crashed")])  # fmt: skip
def test_what_looks_into_a_paper_may_die_of_it(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spell: str, found: str
) -> None:
    real = examine.CHILD.read_text("utf-8").replace("SECONDS, ANSWER = 1 << 30, 20,", "SECONDS, ANSWER = 1 << 30, 1,")
    ill = tmp_path / "child.py"
    ill.write_text(real.replace("    print(json.dumps(", f"    {spell}\n    print(json.dumps("))
    monkeypatch.setattr(examine, "CHILD", ill)
    file = paper()

    done = examined(file, file, file.name, LIMITS)

    assert (done.verdict, done.found) == ("unreadable", (found,))


def test_what_looks_into_a_paper_is_told_no_secret_and_leaves_nothing_half_written(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever takes the child over by a broken paper had the key of all backups; and a module cut short stopped everybody."""
    child = tmp_path / "child.py"
    child.write_text(
        "import json, os, sys\n"
        "print(json.dumps({'kind': ' '.join(sorted({*os.environ} - {'LC_CTYPE'})) + str(sys.dont_write_bytecode), 'found': []}))"
    )
    monkeypatch.setattr(examine, "CHILD", child)
    monkeypatch.setenv("GONGKAI_BACKUP_KEY", "a key of this bureau")
    file = paper(b"text", "a.txt")

    assert examined(file, file, file.name, LIMITS).kind == "True"


def test_what_waits_for_ever_is_stopped(paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ill = tmp_path / "child.py"
    ill.write_text("import signal; signal.pause()")
    monkeypatch.setattr(examine, "CHILD", ill)
    monkeypatch.setattr(examine, "DEADLINE_SECONDS", 0.05)
    file = paper()

    assert examined(file, file, file.name, LIMITS).found == ("slow",)


# How a file is read.


def _directory(path: Path) -> None:
    path.mkdir()


def _link(path: Path) -> None:
    path.with_name("real.txt").write_text("内容")
    path.symlink_to(path.with_name("real.txt"))


def _gone(path: Path) -> None:
    pass


@IN_A_FILE
@pytest.mark.parametrize(
    ("made", "code"),
    [
        (lambda path: path.touch(), "empty"),
        (_directory, "not-a-file"),
        (os.mkfifo, "not-a-file"),
        (_link, "not-a-file"),
        (_gone, "no-file"),
        (lambda path: path.write_bytes(b"x" * 2_000_001), "too-large"),
    ],
    ids=["empty", "a directory", "a pipe", "a link", "not there", "too large"],
)
def test_what_is_no_file_of_a_fit_size_is_refused_and_leaves_nothing(
    office: Office, paper: Paper, tmp_path: Path, made: Callable[[Path], object], code: str
) -> None:
    case, file = office.draft(), tmp_path / "x.txt"
    made(file)

    with pytest.raises(BadFile) as refused:
        office.desk.attachments.add(office.actor("wangmin"), case, file)

    assert [(each.code, each.field) for each in refused.value.problems] == [(code, "file")]
    assert os.listdir(tmp_path / "kept") == []
    assert len(office.history(case)) == 1


@pytest.mark.parametrize("place", ["/dev/null", "/dev/zero", "/proc/self/mem", "/nowhere/x", "/etc/hostname/x"])
def test_a_device_and_the_like_are_never_waited_for(tmp_path: Path, place: str) -> None:
    with pytest.raises(BadFile):
        contents.taken_in(Path(place), tmp_path / "x", 1000)


def test_a_file_that_is_written_while_it_is_read_is_not_taken(
    paper: Paper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = paper("x" * 1000)
    monkeypatch.setattr(contents, "READ", 100)
    read = contents._read

    def and_more(*given: object) -> bytes:
        with file.open("ab") as other:
            other.write(b"y")
        return read(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(contents, "_read", and_more)

    with pytest.raises(BadFile) as refused:
        contents.taken_in(file, tmp_path / "x", 1_000_000)

    assert [each.code for each in refused.value.problems] == ["changing"]


def test_a_file_that_goes_while_it_is_read_was_read_all_the_same(paper: Paper, tmp_path: Path) -> None:
    file = paper("x" * 1000)
    opened = contents._plain(file)
    file.unlink()

    assert opened.read() == b"x" * 1000
    opened.close()


@IN_A_FILE
@pytest.mark.parametrize(
    ("name", "called"),
    [
        ("关于\n预算\u202efdp.txt", "关于 预算fdp.txt"),
        ("长" * 80 + ".txt", "长" * 80 + ".txt"),
        ("a\x1b[31m.txt", "a[31m.txt"),
        ("con: *?.txt", "con_ __.txt"),
        ("\u200b", "附件"),
        ("-rf.txt", "-rf.txt"),
    ],
)
def test_a_file_is_called_what_can_be_shown_of_its_name(office: Office, paper: Paper, name: str, called: str) -> None:
    done = office.desk.attachments.add(office.actor("wangmin"), office.draft(), paper(name=name))

    assert done.paper.name == called


@IN_A_FILE
def test_a_name_of_broken_bytes_is_taken(office: Office, paper: Paper) -> None:
    file = paper()
    broken = os.fsencode(file.parent) + b"/\xff\xfe.txt"
    os.rename(file, broken)

    done = office.desk.attachments.add(office.actor("wangmin"), office.draft(), Path(os.fsdecode(broken)))

    assert done.paper.name == "txt"
    assert office.desk.verify().problems == ()


def test_two_who_attach_the_same_at_once_keep_it_once(office: Office, paper: Paper, tmp_path: Path) -> None:
    case, files = office.draft(), [paper("同一内容", f"{n}.txt") for n in range(4)]
    answers: list[object] = []

    def attach(file: Path) -> None:
        try:
            answers.append(office.desk.attachments.add(office.actor("wangmin"), case, file).paper.no)
        except GongkaiError as error:
            answers.append(error)

    hands = [threading.Thread(target=attach, args=[each]) for each in files[:3]]
    for each in hands:
        each.start()
    for each in hands:
        each.join()

    assert sorted(map(str, answers)) == ["1", "2", "3"]
    assert len(list((tmp_path / "kept").rglob("[0-9a-f]*/*"))) == 1
    assert office.desk.verify().problems == ()
