"""The page of seals (封存公示) as one HTML file that needs nothing beside it: the newest first, each with the line to be copied.

All that comes from elsewhere passes `escape`. No script stands in it, and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from urllib.parse import quote

from storage.connection import instant_from
from storage.seal_file import Outside, SealFile
from storage.seal_page import GENERATOR, Layout
from workflow.case import moment

#: So many seals are shown, and so much of their lines; all stand in the file beside.
SHOWN, LINES = 100, 500_000

_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="generator" content="{generator}">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{title}</title>
<style>
body {{ max-width: 60rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; font: 1rem/1.6 "Noto Sans CJK SC", "Microsoft YaHei", "PingFang SC", sans-serif; }}
[lang=en] {{ color: #555; font-size: .9em; }}
article {{ border-top: 1px solid #ccc; padding: .5rem 0; }}
h1, h2 {{ line-height: 1.3; }} h2 {{ font-size: 1.15rem; margin: .5rem 0; }}
dl {{ display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0; }} dd {{ margin: 0; overflow-wrap: anywhere; }}
pre, code {{ font: .85rem/1.5 monospace; }} pre {{ background: #f4f4f4; padding: .5rem; white-space: pre-wrap; overflow-wrap: anywhere; max-height: 12rem; overflow-y: auto; }}
</style>
</head>
<body>
<main>
<h1>{title}<br><span lang="en">Seals of the record</span></h1>
<p>每次封存是本单位全部办理记录当时的校验值，并与上一次相连。请保存原行：它所含的记录此后若被改动、删减，或数据库换成旧副本，核验即指出与该行不符。</p>
<p lang="en">Each seal is one hash over the bureau's whole record at that instant, with the seal before it. Keep its line: where something that it
covers is altered or cut later on, or an old copy is put back, verification shows that the record and the line do not agree.</p>
<p>全部 {count} 次封存见 <a href="{link}">{file}</a>；有数据库的，可这样核验：<code>gongkai verify --seals {file}</code><br>
<span lang="en">All {count} seal(s) stand in that file; whoever has the database verifies it as shown.</span></p>
{seals}
</main>
</body>
</html>
"""
_NONE = '<p>还没有封存。<span lang="en">Nothing is sealed yet.</span></p>'
_SEAL = """<article id="seal-{no}">
<h2>第 {no} 号 <span lang="en">Seal {no}</span></h2>
<dl>
<dt>时刻 <span lang="en">at</span></dt><dd>{local}（北京时间 <span lang="en">Shanghai</span>）· <time datetime="{at}">{at}</time>（UTC）</dd>
<dt>事项 <span lang="en">cases</span></dt><dd>{cases}</dd>
<dt>办理记录 <span lang="en">events</span></dt><dd>{events}</dd>
<dt>登记 <span lang="en">entries</span></dt><dd>{entries}</dd>
<dt>校验值 <span lang="en">hash</span></dt><dd><code>{hash}</code></dd>
</dl>
{line}
</article>"""
_LINE = "<pre>{line}</pre>"
_LONG = (
    '<p>本号原行较长，见 {file} 第 {number} 行。<span lang="en">Its line is long: line {number} of {file}.</span></p>'
)


def seal_page(bureau: str) -> Layout:
    """How the page of this bureau's seals is laid out, given them and the name of the file beside it."""

    def laid_out(seals: SealFile, file: str) -> str:
        return _PAGE.format(
            generator=escape(GENERATOR),
            title=escape(f"{bureau}办理记录封存"),
            count=len(seals.seals),
            link=escape(quote(file)),
            file=escape(file),
            seals="\n".join(_articles(seals, escape(file))) or _NONE,
        )

    return laid_out


def _articles(seals: SealFile, file: str) -> Iterator[str]:
    left = LINES
    for each in seals.seals[: -SHOWN - 1 : -1]:
        line = each.seal.line(each.marks).decode().rstrip("\n")
        left -= len(line)
        yield _article(
            each, _LINE.format(line=escape(line)) if left >= 0 else _LONG.format(file=file, number=each.line)
        )


def _article(each: Outside, line: str) -> str:
    seal = each.seal
    said = {"at": seal.at, "cases": seal.cases, "events": seal.events, "hash": seal.hash, "no": seal.no}
    told = {name: escape(str(value)) for name, value in said.items()}
    entries = "–" if seal.entries is None else escape(str(seal.entries))
    return _SEAL.format(**told, entries=entries, local=escape(moment(instant_from(seal.at))), line=line)
