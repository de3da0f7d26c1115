"""A paper as a DOCX file in the look of GB/T 9704-2012: an office opens it, corrects it and puts its seal on it.

python-docx is imported when a letter is asked for in this form and at no other time.
"""

from __future__ import annotations

import io
import zipfile
from datetime import datetime, time
from typing import TYPE_CHECKING, Any

from docx import Document
from docx.enum.section import WD_SECTION
from docx.enum.table import WD_CELL_VERTICAL_ALIGNMENT, WD_ROW_HEIGHT_RULE, WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Length, Mm, Pt, RGBColor

from letters.paper import Block, Form, Line, Paper, Paragraph

if TYPE_CHECKING:
    from docx.document import Document as Doc
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph as DocParagraph

RED = RGBColor(0xD4, 0x00, 0x00)
BODY, TITLE, HEADING, NUMERALS = "仿宋_GB2312", "方正小标宋简体", "黑体", "宋体"
#: 3 号 = 16 pt on lines of 28 pt; 2 号 = 22 pt; 4 号 = 14 pt.
SIZE, LEADING, TITLE_SIZE, SMALL = Pt(16), Pt(28), Pt(22), Pt(14)
ISSUER_SIZE = Pt(36)
TEXT_WIDTH = Mm(156)
_FORM_MARGIN = {"form": Mm(25), "slip": Mm(15)}
_STYLES = {"heading": HEADING, "center": HEADING}
#: Files made from the same letter are the same: a zip would else bear the hour at which it was made.
_EPOCH = (1980, 1, 1, 0, 0, 0)


def wordfile(paper: Paper) -> bytes:
    """The whole file."""
    doc = Document()
    _set_up(doc, paper)
    if paper.is_letter:
        _red_head(doc, paper)
    else:
        _title(doc, paper)
    _top(doc, paper)
    if paper.is_letter:
        _title(doc, paper)
    if paper.to:
        _paragraph(doc, paper.addressed, indent=False)
    for block in paper.body:
        _block(doc, paper, block)
    _bottom(doc, paper)
    return _same_bytes(doc)


def _set_up(doc: Doc, paper: Paper) -> None:
    section = doc.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = (Mm(37), Mm(35)) if paper.is_letter else (_FORM_MARGIN[paper.look],) * 2
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(20)
    section.different_first_page_header_footer = True  # 首页不显示页码
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    # 156 mm for 28 characters: each a little narrower than the 16 pt of its font, in 4096ths of a point.
    for name, value in (("type", "linesAndChars"), ("linePitch", "579"), ("charSpace", "-849")):
        grid.set(qn(f"w:{name}"), value)
    normal = doc.styles["Normal"]
    normal.font.size = SIZE
    _font(normal, BODY)
    normal.paragraph_format.space_after = Pt(0)
    _page_number(section.footer.paragraphs[0])
    if paper.is_letter:
        _ruled(section.first_page_footer.paragraphs[0], "thinThickSmallGap")
    facts = doc.core_properties
    facts.title, facts.author, facts.last_modified_by = paper.title.replace("\n", ""), paper.bureau, paper.bureau
    facts.created = facts.modified = datetime.combine(paper.day, time())
    facts.comments, facts.language, facts.revision = "", "zh-CN", 1


def _red_head(doc: Doc, paper: Paper) -> None:
    """发文机关标志 and below it the red double rule (上粗下细), 170 mm long."""
    head = _paragraph(doc, paper.bureau, indent=False, font=TITLE, size=ISSUER_SIZE, colour=RED, leading=Pt(46))
    head.alignment = WD_ALIGN_PARAGRAPH.CENTER
    head.paragraph_format.space_after = Mm(2)
    rule = _paragraph(doc, "", indent=False, size=Pt(4), leading=Pt(6))
    _ruled(rule, "thickThinSmallGap")


def _ruled(paragraph: DocParagraph, kind: str) -> None:
    """A red double rule of 170 mm: 8 mm beyond the text on the left, 6 on the right."""
    paragraph.paragraph_format.left_indent, paragraph.paragraph_format.right_indent = Mm(-8), Mm(-6)
    borders = OxmlElement("w:pBdr")
    line = OxmlElement("w:top")
    for name, value in (("val", kind), ("sz", "24"), ("space", "1"), ("color", "D40000")):
        line.set(qn(f"w:{name}"), value)
    borders.append(line)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc", "w:rPr"
    )


def _top(doc: Doc, paper: Paper) -> None:
    if paper.mark:
        mark = _paragraph(doc, paper.mark, indent=False, font=HEADING)
        mark.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    if paper.number:
        number = _paragraph(doc, paper.number, indent=False, size=SIZE if paper.is_letter else SMALL)
        number.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _title(doc: Doc, paper: Paper) -> None:
    is_slip = paper.look == "slip"
    lines = paper.title.split("\n")
    for number, line in enumerate(lines):
        title = _paragraph(
            doc, line, indent=False, font=TITLE, size=Pt(28) if is_slip else TITLE_SIZE,
            colour=RED if is_slip else None, leading=Pt(40) if is_slip else Pt(32),
        )  # fmt: skip
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if paper.is_letter:
            title.paragraph_format.space_before = LEADING * 2 if number == 0 else Pt(0)
        if number == len(lines) - 1:
            title.paragraph_format.space_after = LEADING if paper.is_letter else Pt(6)


def _block(doc: Doc, paper: Paper, block: Block) -> None:
    if isinstance(block, Paragraph):
        _styled(doc, block)
    else:
        _form(doc, block, red=paper.look == "slip")


def _styled(doc: Doc, block: Paragraph) -> None:
    made = _paragraph(
        doc, block.text, indent=block.style in ("body", "heading", "annex"), font=_STYLES.get(block.style, BODY)
    )
    if block.style == "center":
        made.alignment = WD_ALIGN_PARAGRAPH.CENTER
    if block.style in ("center", "annex"):
        made.paragraph_format.space_before = LEADING
    made.paragraph_format.keep_with_next = block.style in ("heading", "center")


def _bottom(doc: Doc, paper: Paper) -> None:
    if paper.signed:
        # 印章端正、居中下压发文机关署名和成文日期: three empty lines leave its place.
        signed = _paragraph(doc, paper.signed, indent=False)
        signed.paragraph_format.space_before = LEADING * 3 if paper.is_letter else LEADING * 2
        dated = _paragraph(doc, paper.dated, indent=False)
        for each in (signed, dated):
            each.alignment = WD_ALIGN_PARAGRAPH.CENTER
            each.paragraph_format.left_indent = Mm(78)
        signed.paragraph_format.keep_with_next = True
    if paper.noted:
        _paragraph(doc, paper.noted).paragraph_format.space_before = Pt(4) if paper.look == "slip" else LEADING
    if paper.enclosed:
        _enclosed(doc, paper)
    if paper.copied:
        copies = _paragraph(doc, paper.copied, indent=False, size=SMALL)
        copies.paragraph_format.left_indent = copies.paragraph_format.right_indent = SMALL
        _at_the_foot(copies)


def _enclosed(doc: Doc, paper: Paper) -> None:
    """What is to be filled in, on a page of its own."""
    _paragraph(doc, "", indent=False, leading=Pt(1)).paragraph_format.page_break_before = True
    for block in paper.enclosed:
        _block(doc, paper, block)


def _at_the_foot(paragraph: DocParagraph) -> None:
    """信函格式 (10.5): 版记 without rules, at the foot of the page on which the letter ends."""
    frame = OxmlElement("w:framePr")
    for name, value in (("w", str(TEXT_WIDTH.twips)), ("wrap", "around"), ("vAnchor", "margin"), ("hAnchor", "margin"),
                        ("xAlign", "left"), ("yAlign", "bottom")):  # fmt: skip
        frame.set(qn(f"w:{name}"), value)
    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(
        frame,
        "w:widowControl",
        "w:pBdr",
        "w:shd",
        "w:tabs",
        "w:suppressAutoHyphens",
        "w:spacing",
        "w:ind",
        "w:jc",
        "w:rPr",
    )


def _form(doc: Doc, form: Form, red: bool) -> None:
    columns = max(2, *(len(row.cells) for row in form.rows))
    table = doc.add_table(rows=len(form.rows), cols=columns)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    table.autofit = False
    label = Mm(29)
    content = (TEXT_WIDTH - label * (columns // 2)) // (columns // 2)
    for number, row in enumerate(form.rows):
        _row(table, number, row, columns, (int(label), int(content)), red)
    if red:
        _coloured_borders(table)


def _row(table: Table, number: int, row: Line, columns: int, widths: tuple[int, int], red: bool) -> None:
    placed = table.rows[number]
    placed.height, placed.height_rule = Pt(28 * row.lines), WD_ROW_HEIGHT_RULE.AT_LEAST
    cells = list(placed.cells)
    for place, cell in enumerate(cells):
        cell.width = Length(widths[place % 2])
    last = len(row.cells) - 1
    for place, said in enumerate(row.cells):
        cell = cells[place]
        if place == last and last < columns - 1:
            cell = cell.merge(cells[columns - 1])
        is_label = place % 2 == 0 and last > 0
        _cell(cell, said, is_label, red, row.lines > 1)


def _cell(cell: _Cell, said: str, is_label: bool, red: bool, roomy: bool) -> None:
    cell.vertical_alignment = WD_CELL_VERTICAL_ALIGNMENT.CENTER
    lines = said.split("\n")
    for number, line in enumerate(lines):
        paragraph = cell.paragraphs[0] if number == 0 else cell.add_paragraph()
        _write(paragraph, line, BODY, Pt(12) if red else SMALL, RED if red and is_label else None)
        paragraph.paragraph_format.line_spacing = Pt(18) if red else Pt(22)
        if is_label:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        elif roomy and number and number == len(lines) - 1:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _coloured_borders(table: Table) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "6"), ("space", "0"), ("color", "D40000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties = table._tbl.tblPr
    layout = properties.find(qn("w:tblLayout"))
    if layout is None:
        properties.append(borders)
    else:
        layout.addprevious(borders)


def _paragraph(
    doc: Doc,
    text: str,
    *,
    indent: bool = True,
    font: str = BODY,
    size: Pt = SIZE,
    colour: RGBColor | None = None,
    leading: Pt = LEADING,
) -> DocParagraph:
    paragraph = doc.add_paragraph()
    _write(paragraph, text, font, size, colour)
    form = paragraph.paragraph_format
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, leading
    form.space_before = form.space_after = Pt(0)
    form.first_line_indent = SIZE * 2 if indent else None
    paragraph.alignment = WD_ALIGN_PARAGRAPH.JUSTIFY
    return paragraph


def _write(paragraph: DocParagraph, text: str, font: str, size: Pt, colour: RGBColor | None) -> None:
    run = paragraph.add_run(text)
    run.font.size = size
    if colour is not None:
        run.font.color.rgb = colour
    if font != BODY:
        _font(run, font)


def _font(styled: Any, name: str) -> None:
    """The font for both Chinese and Latin: Word asks for them under different names."""
    styled.font.name = name
    styled.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _page_number(paragraph: DocParagraph) -> None:
    """— 2 — in the middle of the foot, 4 号宋体."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _write(paragraph, "— ", NUMERALS, SMALL, None)
    for kind, said in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        run.font.size = SMALL
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.set(qn("xml:space"), "preserve")
            mark.text = said
        run._r.append(mark)
    _write(paragraph, " —", NUMERALS, SMALL, None)


def _same_bytes(doc: Doc) -> bytes:
    made, again = io.BytesIO(), io.BytesIO()
    doc.save(made)
    with zipfile.ZipFile(made) as source, zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, source.read(name))
    return again.getvalue()
