"""Worklists and lists: what waits for me, what I may see, page by page, and each question served by its index."""

from __future__ import annotations

import functools
import operator
import sqlite3
from datetime import timedelta

import pytest

from storage import statements
from tests.factories import Office
from workflow.errors import Invalid


def ids(rows: object) -> list[str]:
    return [each.id for each in rows]  # type: ignore[attr-defined]


def test_a_paper_waits_for_the_head_of_its_own_section_only(office: Office) -> None:
    paper = office.draft("wangmin", attribute="proactive")
    office.does("wangmin", "submit", paper)

    waiting = {
        who: ids(office.desk.worklist(office.actor(who)).cases) for who in ("lihua", "heping", "wangmin", "zhouju")
    }

    assert waiting == {"lihua": [paper], "heping": [], "wangmin": [], "zhouju": []}


def test_the_worklist_stands_in_the_order_of_the_last_days_and_what_has_none_comes_last(office: Office) -> None:
    late = office.draft("wangmin")
    office.does("wangmin", "submit", late)
    office.does("lihua", "return", late, comment="请标注")
    draft = office.draft("wangmin")
    office.clock.forward(days=1)
    later = office.draft("wangmin")
    office.does("wangmin", "submit", later)
    office.does("lihua", "return", later, comment="请标注")

    assert ids(office.desk.worklist(office.actor("wangmin")).cases) == [late, later, draft]


def test_a_bureau_post_sees_what_waits_in_every_section(office: Office) -> None:
    mine = office.at_the_office(attribute="proactive")
    other = office.draft("chenjing", attribute="proactive")
    office.does("chenjing", "submit", other)
    office.does("heping", "endorse", other)

    assert ids(office.desk.worklist(office.actor("zhaoyun")).cases) == [mine, other]


def test_a_delegate_finds_the_principals_papers_in_the_worklist(office: Office) -> None:
    paper = office.draft("wangmin", attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.desk.delegate(office.actor("lihua"), "lihua", "heping")

    assert ids(office.desk.worklist(office.actor("heping")).cases) == [paper]


def test_a_post_that_has_ended_or_not_begun_brings_no_work(office: Office) -> None:
    paper = office.draft("wangmin", attribute="proactive")
    office.does("wangmin", "submit", paper)
    admin, today = office.actor("admin"), office.clock().date()
    office.desk.delegate(office.actor("lihua"), "lihua", "heping", until_on=today)
    office.desk.appoint(admin, "chenjing", "section_head", section="预算科", from_on=today + timedelta(days=2))

    office.clock.forward(days=1)

    assert ids(office.desk.worklist(office.actor("heping")).cases) == []
    assert ids(office.desk.worklist(office.actor("chenjing")).cases) == []


def test_a_notice_stays_until_its_receiver_has_read_it(office: Office) -> None:
    paper = office.draft("wangmin", attribute="proactive")
    office.does("wangmin", "submit", paper)
    office.does("lihua", "return", paper, comment="请补充依据")
    (notice,) = office.desk.worklist(office.actor("wangmin")).notices

    office.desk.mark_read(office.actor("lihua"), [notice.id])
    still = office.desk.worklist(office.actor("wangmin")).notices
    office.desk.mark_read(office.actor("wangmin"), [notice.id])
    gone = office.desk.worklist(office.actor("wangmin")).notices

    assert (notice.occasion, notice.case) == ("return", paper)
    assert "请补充依据" in notice.text.zh
    assert (still, gone) == ((notice,), ())


def test_everyone_lists_what_they_may_see_and_nothing_else(office: Office) -> None:
    mine = office.draft("wangmin")
    other = office.draft("chenjing")

    seen = {
        who: sorted(ids(office.desk.list_cases(office.actor(who))[0]))
        for who in ("wangmin", "heping", "zhaoyun", "zhengshen", "admin")
    }

    assert seen == {
        "wangmin": [mine],
        "heping": [other],
        "zhaoyun": [mine, other],
        "zhengshen": [mine, other],
        "admin": [],
    }


def test_asking_for_another_section_shows_nothing(office: Office) -> None:
    office.draft("chenjing")

    assert office.desk.list_cases(office.actor("wangmin"), section="国库科") == ((), None)


def test_a_list_goes_on_where_the_page_before_it_ended(office: Office) -> None:
    papers = [office.draft("wangmin" if n % 2 else "chenjing") for n in range(7)]

    pages, after = [], None
    while True:
        rows, after = office.desk.list_cases(office.actor("zhaoyun"), limit=3, after=after)
        pages.append(ids(rows))
        if after is None:
            break

    assert [len(each) for each in pages] == [3, 3, 1]
    assert functools.reduce(operator.iadd, pages, []) == papers[::-1]


def test_a_list_is_narrowed_by_kind_state_section_and_words(office: Office) -> None:
    hundred = office.draft("wangmin", title="增长100%的说明")
    plain = office.draft("wangmin", title="增长100的说明")
    filed = office.draft("wangmin", title="预算报告")
    office.does("wangmin", "submit", filed)
    reader = office.actor("zhengshen")

    def found(**filters: str) -> list[str]:
        return sorted(ids(office.desk.list_cases(reader, **filters)[0]))  # type: ignore[arg-type]

    assert found(state="section_review") == [filed]
    assert found(kind="document", state="draft") == [hundred, plain]
    assert found(kind="proposal") == []
    assert found(section="国库科") == []
    assert found(q="100%") == [hundred]
    assert found(q="100", kind="document", state="draft") == [hundred, plain]
    assert found(q="_算") == []


def test_the_overdue_list_shows_the_oldest_first_page_by_page_and_nothing_else(office: Office) -> None:
    papers = []
    for _ in range(5):
        paper = office.draft("wangmin", attribute="proactive")
        office.does("wangmin", "submit", paper)
        papers.append(paper)
        office.clock.forward(hours=1)
    office.clock.set("2026-03-04T09:00")
    office.does("wangmin", "submit", office.draft("wangmin", attribute="proactive"))  # due later
    office.clock.set("2026-03-06T00:00")

    first, after = office.desk.list_cases(office.actor("zhaoyun"), overdue=True, limit=3)
    rest, end = office.desk.list_cases(office.actor("zhaoyun"), overdue=True, limit=3, after=after)

    assert (ids(first), ids(rest), end) == (papers[:3], papers[3:], None)
    assert ids(office.desk.overdue(office.actor("lihua"))) == papers
    assert office.desk.overdue(office.actor("heping")) == ()


def test_a_page_mark_that_was_made_up_is_refused(office: Office) -> None:
    with pytest.raises(Invalid) as caught:
        office.desk.list_cases(office.actor("zhaoyun"), overdue=True, after="somewhere")

    assert "next" in caught.value.problems[0].text.zh


@pytest.mark.parametrize(
    ("question", "index"),
    [
        ("WAITING", "ix_cases_open"),
        ("WAITING_UNTIMED", "ix_cases_open"),
        ("UNREAD", "ix_notices_inbox"),
        ("RUNNING_IN_STATE", "ix_cases_running"),
        ("ENDED_IN_STATE", "ix_cases_ended"),
        ("LISTED_OVERDUE", "ix_cases_open"),
        ("BOARD_CASES", "ix_cases_open"),
        ("BOARD_CLOCKS", "ix_cases_open"),
        ("WAITING_ROLES", "ix_cases_running"),
        ("LAST_ESCALATED", "ix_notices_case"),
        ("DUE", "ix_cases_next"),
        ("OVERSLEPT", "ix_cases_next"),
        ("HOLDERS", "ix_appointments_role"),
        ("LISTED", "sqlite_autoindex_cases_1"),
    ],
)
def test_each_question_is_served_by_its_index_and_sorts_nothing(file_url: str, question: str, index: str) -> None:
    with sqlite3.connect(file_url.removeprefix("sqlite:///")) as db:
        sql = getattr(statements, question)
        names = dict.fromkeys(_names(sql), "")
        plan = [row[3] for row in db.execute("EXPLAIN QUERY PLAN " + sql, names)]

    assert any(index in line for line in plan), plan
    if question not in ("BOARD_CASES", "BOARD_CLOCKS", "HOLDERS", "WAITING_ROLES", "LAST_ESCALATED"):
        assert not any("TEMP B-TREE" in line for line in plan), plan


def _names(sql: str) -> set[str]:
    return {word.strip("(),").split(":")[1].strip("(),") for word in sql.split() if ":" in word}
