"""`gongkai attachment` as it is typed: what is said in both languages, told to programs, and refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import BadSettings, Limits, settings
from tests.cli.calling import NOW, Call, call_with
from tests.kinds_of_paper import a_pdf

LANGUAGES = ("zh", "en")


class Clerk:
    """王敏 at the counter of the sample bureau, with a draft of hers."""

    def __init__(self, db: Path) -> None:
        self._db = db
        self.number = self(
            "start", "document", "--title", "关于印发预算管理办法的通知", "--section", "预算科"
        ).out.strip()

    def __call__(self, *words: str, lang: str = "zh", by: str = "wangmin") -> Call:
        return call_with([*words, "--as", by, "--db", str(self._db), "--now", NOW, "--lang", lang])


@pytest.fixture
def clerk(db: Path) -> Clerk:
    return Clerk(db)


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    path = tmp_path / "扫描\n件.pdf"
    path.write_bytes(a_pdf(script=True))
    return path


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_paper_is_put_to_a_case_and_had_again(clerk: Clerk, scan: Path, tmp_path: Path, lang: str) -> None:
    number, out = clerk.number, tmp_path / "out.pdf"

    first = clerk("attachment", "add", number, str(scan), "--title", "会签意见", "--dry-run", lang=lang)
    added = clerk("attachment", "add", number, str(scan), "--title", "会签意见", "--request-id", "r", lang=lang)
    again = clerk("attachment", "add", number, str(scan), "--title", "会签意见", "--request-id", "r", lang=lang)
    listed = clerk("attachment", "list", number, lang=lang)
    got = clerk("attachment", "get", number, "1", str(out), lang=lang)
    shown = clerk("show", number, lang=lang)
    told = clerk("history", number, lang=lang)

    calls = (first, added, again, listed, got, shown, told)
    assert [each.code for each in calls] == [0] * len(calls), [each.said for each in calls]
    assert {"zh": "未添加", "en": "nothing was attached"}[lang] in first.out
    assert {"zh": "附件 1 已添加", "en": "attachment 1 of"}[lang] in added.out
    assert {"zh": "没有重办", "en": "not done again"}[lang] in again.out
    script = {"zh": "请留意：含脚本（JavaScript）", "en": "take care: holds a script"}[lang]
    assert script in added.err
    assert all("会签意见 (扫描 件.pdf)" in each.out and script in each.out for each in (listed, shown, told))
    assert {"zh": "添加附件", "en": "attach"}[lang] in told.out
    assert out.read_bytes() == scan.read_bytes()


def test_programs_are_told_all_of_it(clerk: Clerk, scan: Path, tmp_path: Path) -> None:
    number = clerk.number

    added = clerk("attachment", "add", number, str(scan), "--json").json
    got = clerk("attachment", "get", number, "1", str(tmp_path / "out"), "--json").json
    gone = clerk("attachment", "withdraw", number, "1", "--comment", "传错了", "--json").json
    listed = clerk("attachment", "list", number, "--json").json
    shown = clerk("show", number, "--json").json

    paper = added["attachment"]
    assert paper.keys() == {
        "no", "seq", "name", "title", "size", "kind", "sha256", "verdict", "found", "by", "at", "withdrawn_at", "erased",
    }  # fmt: skip
    assert (paper["no"], paper["kind"], paper["verdict"], paper["title"]) == (1, "application/pdf", "warned", None)
    assert [each["code"] for each in paper["found"]] == ["script"]
    assert got["attachment"] == paper
    assert gone["attachment"]["withdrawn_at"]
    assert listed["attachments"] == shown["attachments"] == [gone["attachment"]]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_withdrawn_says_why(clerk: Clerk, scan: Path, lang: str) -> None:
    clerk("attachment", "add", clerk.number, str(scan))

    silent = clerk("attachment", "withdraw", clerk.number, "1", lang=lang)
    would = clerk("attachment", "withdraw", clerk.number, "1", "--comment", "传错了", "--dry-run", lang=lang)
    done = clerk("attachment", "withdraw", clerk.number, "1", "--comment", "传错了", lang=lang)
    none = clerk("attachment", "get", clerk.number, "2", "out", lang=lang)
    listed = clerk("attachment", "list", clerk.number, lang=lang)

    assert [each.code for each in (silent, would, done, none, listed)] == [3, 0, 0, 4, 0]
    assert {"zh": "请写明撤下的理由", "en": "say why"}[lang] in silent.err
    assert {"zh": "已撤下", "en": "is withdrawn"}[lang] in done.out
    assert {"zh": "（已撤下）", "en": "(withdrawn)"}[lang] in listed.out
    assert "gongkai attachment list" in none.err
    assert "扫描" not in clerk("show", clerk.number).out


@pytest.mark.parametrize("lang", LANGUAGES)
def test_an_erasure_says_that_it_takes_attachments(clerk: Clerk, scan: Path, db: Path, lang: str) -> None:
    clerk("attachment", "add", clerk.number, str(scan))
    clerk("do", clerk.number, "discard", "--comment", "重复")
    clerk("people", "add", "zhouzhu", "周主任", by="admin")
    clerk("people", "appoint", "zhouzhu", "office_head", by="admin")

    said = clerk("erase", clerk.number, "--comment", "依申请", "--dry-run", lang=lang, by="zhouzhu")
    denied = clerk("erase", clerk.number, "--comment", "依申请", lang=lang)

    assert {"zh": "用删除个人信息（erase）办理", "en": "with erase"}[lang] in denied.err
    assert said.code == 0, said.said
    assert {"zh": "附件的名称和内容", "en": "what attachments are called"}[lang] in said.out
    db.with_name(f"{db.name}.files").rename(db.with_name("elsewhere"))
    lost = clerk("erase", clerk.number, "--comment", "依申请", lang=lang, by="zhouzhu")
    assert {"zh": "1 份附件的内容不在附件目录中", "en": "the content of 1 attachment(s) is not"}[lang] in lost.err
    told = clerk("history", clerk.number, lang=lang).out
    assert {"zh": "附件的名称和内容、各步意见、通知的文字", "en": "and their content, comments, words of"}[lang] in told
    assert "attach." not in told


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_is_not_taken_is_said_with_the_way_out(clerk: Clerk, tmp_path: Path, lang: str) -> None:
    page = tmp_path / "page\x1b[31m.html"
    page.write_text("<html></html>")

    refused = clerk("attachment", "add", clerk.number, str(page), lang=lang)
    denied = clerk("attachment", "add", clerk.number, str(page), lang=lang, by="zhengyan")

    assert (refused.code, denied.code) == (8, 4)
    assert {"zh": "请导出为 PDF 后添加", "en": "attach a PDF of it"}[lang] in refused.err
    assert "\x1b[31m.html" not in refused.err
    assert {"zh": "拟稿人", "en": "drafter"}[lang] in denied.err


def test_limits_are_set_by_who_runs_it(tmp_path: Path) -> None:
    file = tmp_path / "settings.toml"
    file.write_text('files = "/srv/gongkai"\nattachments = "size=20 nesting=0"\n')
    filed = settings({"GONGKAI_CONFIG": str(file)}).keeping
    over = settings({"GONGKAI_CONFIG": str(file), "GONGKAI_FILES": "/else", "GONGKAI_ATTACHMENTS": "count=5"}).keeping

    assert (filed.directory, filed.limits) == ("/srv/gongkai", Limits(size=20, nesting=0))
    assert (over.directory, over.limits) == ("/else", Limits(count=5))


@pytest.mark.parametrize("said", ["size", "size=", "size=-1", "size=1 size=2", "weight=3", "size=٣", "size=9999999"])
def test_limits_that_cannot_be_are_named(said: str) -> None:
    with pytest.raises(BadSettings) as fault:
        settings({"GONGKAI_ATTACHMENTS": said})

    assert "attachments" in fault.value.zh
    assert "nesting" in fault.value.en
