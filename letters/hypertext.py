"""A paper as one HTML file that needs nothing beside it, in the look of GB/T 9704-2012, on the screen as on paper.

Everything that comes from a case passes `escape`: `Markup.format` does it by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from markupsafe import Markup, escape

from letters.paper import Form, Line, Paper, Paragraph

_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="zh-CN">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" '
    'content="width=device-width">\n<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'\">\n<title>{title}</title>\n<style>{style}</style>\n</head>\n"
    '<body class="{look}">\n<main class="sheet">\n{inside}\n</main>\n</body>\n</html>\n'
)

#: GB/T 9704-2012: A4, 天头 37 mm, 订口 28 mm, 版心 156 × 225 mm; 3 号字 = 16 pt, 2 号 = 22 pt, 一般每面排 22 行，每行排 28 字.
#: 信函格式 (10.1): 发文机关标志 30 mm 处，其下 4 mm 红色双线（上粗下细），距下页边 20 mm 处再一条（上细下粗），线长 170 mm.
_STYLE = Markup("""
@page { size: A4; margin: 37mm 20mm 35mm;
  @bottom-center { content: "— " counter(page) " —"; font: 14pt SimSun, "宋体", "Noto Serif CJK SC", serif; } }
@page :first { @bottom-center { content: ""; } }
* { box-sizing: border-box; }
html { background: #ddd; }
body { margin: 0; color: #000; font: 16pt/28pt "FangSong_GB2312", "仿宋_GB2312", FangSong, "仿宋", STFangsong, "Noto Serif CJK SC", serif; letter-spacing: -.2pt; }
.sheet { width: 210mm; min-height: 297mm; margin: 8mm auto; padding: 37mm 26mm 35mm 28mm; background: #fff; position: relative; overflow-wrap: anywhere; }
p { margin: 0; text-align: justify; text-indent: 2em; orphans: 2; widows: 2; }
p.plain, p.to { text-indent: 0; }
p.center { text-indent: 0; text-align: center; margin-top: 28pt; font-family: SimHei, "黑体", "Noto Sans CJK SC", sans-serif; break-after: avoid; }
p.annex { margin-top: 28pt; }
p.heading { font-family: SimHei, "黑体", "Noto Sans CJK SC", sans-serif; break-after: avoid; }
.issuer, h1 { font-family: "FZXiaoBiaoSong-B05S", "方正小标宋简体", "方正小标宋_GBK", "Noto Serif CJK SC", serif; font-weight: 700; text-align: center; }
.issuer { margin: -7mm -6mm 4mm -8mm; color: #d40000; font-size: 36pt; line-height: 46pt; letter-spacing: 6pt; }
.rule { margin: 0 -6mm 0 -8mm; border: 0; height: 4pt; border-top: 2.25pt solid #d40000; border-bottom: .75pt solid #d40000; }
.foot { position: absolute; left: 20mm; bottom: 20mm; width: 170mm; height: 4pt; border-top: .75pt solid #d40000; border-bottom: 2.25pt solid #d40000; }
.number { margin-top: 14pt; text-align: right; text-indent: 0; }
.mark { margin-top: 14pt; text-align: right; text-indent: 0; font-family: SimHei, "黑体", "Noto Sans CJK SC", sans-serif; }
.mark + .number { margin-top: 0; }
h1 { margin: 56pt 0 28pt; font-size: 22pt; line-height: 32pt; letter-spacing: 0; }
.signature { break-before: avoid; margin: 64pt 4em 0 auto; width: fit-content; text-align: center; break-inside: avoid; position: relative; }
.signature p { text-indent: 0; text-align: center; white-space: nowrap; }
.seal { position: absolute; left: 50%; top: 50%; width: 40mm; height: 40mm; margin: -20mm 0 0 -20mm; border: 1pt dashed #c9a0a0; border-radius: 50%; color: #c9a0a0; font: 10pt/40mm SimSun, "宋体", "Noto Serif CJK SC", serif; text-align: center; }
.signature p { position: relative; }
.note { margin-top: 28pt; }
.signature + .note, .signature + .copies { margin-top: 64pt; }
.copies { margin-top: 28pt; padding: 0 1em; font-size: 14pt; text-indent: 0; break-inside: avoid; break-before: avoid; }
.enclosed { margin-top: 84pt; }
.enclosed p.center { margin-top: 0; }
table { width: 100%; table-layout: fixed; margin: 8pt 0; border-collapse: collapse; font-size: 14pt; line-height: 22pt; }
td, th { border: .75pt solid #000; padding: 3pt 5pt; vertical-align: middle; text-align: left; font-weight: 400; }
col.label { width: 6.4em; }
th { text-align: center; white-space: pre-line; }
tr { break-inside: avoid; }
tr.tall { break-inside: auto; }
td.opinion div:last-child { text-align: right; }
.form h1, .slip h1 { margin: 0 0 10pt; white-space: pre-line; }
.slip h1 { color: #d40000; font-size: 28pt; line-height: 40pt; letter-spacing: 4pt; }
.slip table { font-size: 12pt; line-height: 18pt; }
.slip td, .slip th { border-color: #d40000; }
.slip th { color: #d40000; }
.slip .number, .form .number { margin: 0; font-size: 14pt; }
.slip .signature, .form .signature { margin-top: 42pt; }
.slip p.plain { margin-top: 4pt; }
.slip .sheet, .form .sheet { padding-top: 25mm; padding-bottom: 25mm; }
/* What hangs out of the page's own area is cut off in print: the sheet keeps there the 8 and 6 mm that the rules need. */
@media print { html { background: none; } body[class] .sheet { width: auto; min-height: 0; margin: 0; padding: 0 6mm 0 8mm; } .foot { display: none; }
  .issuer { margin-top: 0; }
  /* 版记 stands at the foot of the last page: an enclosure fills its page, 297 less 37 and 35 mm and the rounding of both. */
  .enclosed { break-before: page; margin-top: 0; min-height: 224mm; display: flex; flex-direction: column; }
  .enclosed .copies { margin-top: auto; }
  .slip .note { margin-top: 4pt; }
  .seal { display: none; } }
""")
#: The first page of a letter: its head 30 mm from the edge, its second rule 20 mm from the other.
_LETTER_IN_PRINT = Markup(
    "@page :first { margin-top: 30mm; @bottom-center { content: ''; width: 170mm; height: 15mm; margin-bottom: 20mm; "
    "border-bottom: 2.25pt solid #d40000; } }"
)
_FORM_IN_PRINT = Markup("@page { margin-top: 25mm; margin-bottom: 25mm; }")
#: 办文笺 is one sheet: the opinions of all who had it in hand, with what is to be said of its attribute.
_SLIP_IN_PRINT = Markup("@page { margin-top: 15mm; margin-bottom: 15mm; }")
_IN_PRINT = {"letter": _LETTER_IN_PRINT, "form": _FORM_IN_PRINT, "slip": _SLIP_IN_PRINT}


def hypertext(paper: Paper) -> str:
    """The whole file."""
    inside = Markup("\n").join(_inside(paper))
    style = _STYLE + _IN_PRINT[paper.look]
    return str(_PAGE.format(title=paper.title.replace("\n", ""), style=style, look=paper.look, inside=inside))


def _inside(paper: Paper) -> Iterator[Markup]:
    mark, number = (
        (_p(paper.mark, "mark") if paper.mark else None),
        (_p(paper.number, "number") if paper.number else None),
    )
    title = Markup("<h1>{}</h1>").format(paper.title)
    if paper.is_letter:
        yield Markup('<div class="issuer">{}</div>\n<hr class="rule">').format(paper.bureau)
        head: tuple[Markup | None, ...] = (mark, number, title)
    else:
        head = (title, mark, number)
    yield from (each for each in head if each is not None)
    if paper.to:
        yield _p(paper.addressed, "to")
    yield from map(_block, paper.body)
    if paper.signed:
        seal = Markup('<div class="seal">（印章）</div>')
        yield Markup('<div class="signature">{}<p>{}</p><p>{}</p></div>').format(seal, paper.signed, paper.dated)
    if paper.noted:
        yield _p(paper.noted, "note")
    copies = _p(paper.copied, "copies") if paper.copied else Markup("")
    if paper.enclosed:
        blocks = Markup("\n").join(map(_block, paper.enclosed))
        yield Markup('<section class="enclosed">\n{}\n{}</section>').format(blocks, copies)
    elif copies:
        yield copies
    if paper.is_letter:
        yield Markup('<div class="foot"></div>')


def _block(block: Paragraph | Form) -> Markup:
    return _p(block.text, block.style) if isinstance(block, Paragraph) else _form(block)


def _p(text: str, look: str) -> Markup:
    return Markup('<p class="{}">{}</p>').format(look, text)


def _form(form: Form) -> Markup:
    most = max(len(row.cells) for row in form.rows)
    columns = max(most, 2)
    widths = Markup("").join(
        Markup('<col class="{}">').format("label" if n % 2 == 0 else "content") for n in range(columns)
    )
    rows = Markup("\n").join(_row(row, columns) for row in form.rows)
    return Markup("<table>\n<colgroup>{}</colgroup>\n{}\n</table>").format(widths, rows)


def _row(row: Line, columns: int) -> Markup:
    height = Markup(' style="height: {}pt"').format(row.lines * 28) if row.lines > 1 else Markup("")
    look = Markup(' class="tall"') if sum(len(cell) for cell in row.cells) > 600 else Markup("")
    return Markup("<tr{}{}>{}</tr>").format(look, height, Markup("").join(_cells(row, columns)))


def _cells(row: Line, columns: int) -> Iterator[Markup]:
    for number, cell in enumerate(row.cells):
        is_label = number % 2 == 0 and len(row.cells) > 1
        left = columns - len(row.cells) if number == len(row.cells) - 1 else 0
        span = Markup(' colspan="{}"').format(left + 1) if left else Markup("")
        if is_label:
            yield Markup('<th scope="row"{}>{}</th>').format(span, cell)
        else:
            opinion = Markup(' class="opinion"') if "\n" in cell and row.lines > 1 else Markup("")
            yield Markup("<td{}{}>{}</td>").format(span, opinion, _divs(cell.split("\n")))


def _divs(lines: Iterable[str]) -> Markup:
    return Markup("").join(Markup("<div>{}</div>").format(escape(line)) for line in lines)
