"""A file takes anything in any column: whatever somebody put there is a finding, for the program and for the verifier of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories import Office
from tests.storage.tampering import DONE, alter, busy
from tests.storage.test_independent_verifier import verified
from workflow.errors import StorageFault

#: A key said twice: one reader takes the first, another the last.
TWICE = """'{{"{1}":["00","伪造"],' || substr({0}, 2)"""

#: The code of the finding, and what was done; beside each another case has another title.
ODD = [
    ("unreadable", f"update cases set number = x'00ff' where id = {DONE}"),
    ("unreadable", f"update cases set section = x'00ff' where id = {DONE}"),
    ("unreadable", f"update cases set kind = x'00ff' where id = {DONE}"),
    ("hash", f"update events set previous = x'00ff' where seq = 1 and case_id = {DONE}"),
    ("number", "update counters set serial = 'abc' where series not like 'case:%'"),
    ("number", "update counters set serial = 'abc' where series like 'case:%'"),
    ("number", "update counters set year = x'00ff' where series like 'case:%'"),
    ("number", "update counters set series = x'00ff' where series like 'case:%'"),
    ("number", "update counters set serial = 2000000000 where series not like 'case:%'"),
    ("seal", "update seals set events = 'abc'"),
    ("seal", "update seals set at = x'00ff'"),
    ("seal", "update seals set peaks = 7"),
    ("seal", "update seals set entries = 'abc'"),
    ("seal", "update seals set entry = x'00ff'"),
    ("sealed", "update entries set hash = x'00ff' where no = (select max(no) from entries)"),
    ("entry", "update entries set previous = x'00ff' where no = 2"),
    ("hash", f"update events set hash = x'00ff' where seq = 2 and case_id = {DONE}"),
    ("hash", f"update events set openings = '[]' where seq = 2 and case_id = {DONE}"),
    ("hash", "update events set automatic = 2 where automatic = 1"),
    ("hash", f"update events set source = '' where source is null and case_id = {DONE}"),
    ("hash", "update events set openings = " + TWICE.format("openings", "comment.") + " where openings is not null"),
]


@pytest.fixture
def url(file_url: str) -> str:
    """A server holds its columns to their types."""
    return file_url


@pytest.mark.parametrize(("code", "sql"), ODD)
def test_it_is_named_beside_everything_else(office: Office, tmp_path: Path, code: str, sql: str) -> None:
    busy(office).desk.seal(tmp_path / "seals")
    assert alter(office, sql) > 0
    alter(office, "update cases set title = '改题' where number = 'DOC-2026-00001'")

    said = office.desk.verify(tmp_path / "seals")

    assert code in {each.code for each in said.problems}, said.problems
    assert ("replay", "DOC-2026-00001") in {(each.code, each.field) for each in said.problems}
    assert str(said.to_json())


def of(number: str) -> str:
    return f"(select id from cases where number = '{number}')"


DEEP = "replace(printf('%100000s', ''), ' ', '[')"
LONG = "replace(printf('%5000s', ''), ' ', '9')"
#: What no reader of JSON follows to its end, no number holds and no calendar has, each in another case.
UNREADABLE = {
    "DOC-2026-00002": f"update cases set data = {DEEP} where number = 'DOC-2026-00002'",
    "DOC-2026-00003": f"update deadlines set pauses = {DEEP} where case_id = {of('DOC-2026-00003')}",
    "DOC-2026-00004": f"update events set openings = {DEEP} where seq = 2 and case_id = {of('DOC-2026-00004')}",
    f"DOC-2026-{'9' * 5000}": f"update cases set number = 'DOC-2026-' || {LONG} where number = 'DOC-2026-00005'",
    f"DOC-{'9' * 5000}-6": f"update cases set number = 'DOC-' || {LONG} || '-6' where number = 'DOC-2026-00006'",
}


#: A text that is none (no UTF-8), wherever one stands.
NO_TEXT = "cast(x'c3ff28' as text)"
NO_TEXTS = {
    "DOC-2026-00002": f"update events set comment = {NO_TEXT} where case_id = {of('DOC-2026-00002')}",
    "DOC-2026-00003": f"update cases set title = {NO_TEXT} where number = 'DOC-2026-00003'",
    "DOC-2026-00004": f"update events set hash = {NO_TEXT} where seq = 2 and case_id = {of('DOC-2026-00004')}",
    "DOC-2026-00005": f"update events set case_id = {NO_TEXT} where seq = 2 and case_id = {of('DOC-2026-00005')}",
    "DOC-2026-00006": f"update deadlines set pauses = {NO_TEXT} where case_id = {of('DOC-2026-00006')}",
    "wangmin": f"update appointments set role = {NO_TEXT} where person = 'wangmin'",
    "post/1": f"update post_changes set at = {NO_TEXT} where no = 1",
    "1": f"update seals set at = {NO_TEXT} where no = 1",
}


@pytest.mark.parametrize("altered", [UNREADABLE, NO_TEXTS])
def test_what_nobody_can_read_is_named_case_by_case(office: Office, tmp_path: Path, altered: dict[str, str]) -> None:
    busy(office).desk.seal(tmp_path / "seals")
    for sql in altered.values():
        assert alter(office, sql) > 0
    assert alter(office, "update definitions set accepted = x'00ff' where id = 'request'") > 0
    alter(office, "update cases set title = '改题' where number = 'DOC-2026-00001'")

    said = office.desk.verify(tmp_path / "seals")

    assert {"DOC-2026-00001", *altered} <= {each.field for each in said.problems}
    assert "definition" in {each.code for each in said.problems}
    assert str(said.to_json())
    if altered is NO_TEXTS:  # only for who verifies: to all others a text that is none is no answer, now as before
        with pytest.raises(StorageFault):
            office.case("DOC-2026-00003")


@pytest.mark.parametrize(
    ("named", "sql"),
    [
        ("event 2", f'update events set openings = \'{{"x":["a","b"]}}\' where seq = 2 and case_id = {DONE}'),
        ("event 2", f"update events set openings = '[]' where seq = 2 and case_id = {DONE}"),
        ("event 2", f"update events set openings = 'x' where seq = 2 and case_id = {DONE}"),
        ("event 1", f"update events set data = {TWICE.format('data', 'title')} where seq = 1 and case_id = {DONE}"),
        ("event ", f"update events set openings = {TWICE.format('openings', 'comment.')} where openings is not null"),
        ("event ", "update events set automatic = 2 where automatic = 1"),
        ("event 1", f"update events set source = '' where source is null and case_id = {DONE}"),
        ("event 2", f"update events set data = data || ' ' where seq = 2 and case_id = {DONE}"),
        ("event 2", f"update events set data = {DEEP} where seq = 2 and case_id = {DONE}"),
        ("event 2", f"update events set openings = {DEEP} where seq = 2 and case_id = {DONE}"),
        ("event 2", f"update events set data = 'x' where seq = 2 and case_id = {DONE}"),
        ("event 2", f"update events set hash = 'zz' where seq = 2 and case_id = {DONE}"),
        ("event abc", f"update events set seq = 'abc' where seq = 2 and case_id = {DONE}"),
        ("event 2", f"update events set comment = {NO_TEXT} where seq = 2 and case_id = {DONE}"),
        ("was not", f"update cases set number = {NO_TEXT} where id = {DONE}"),
        ("entry 2", f"update entries set at = {NO_TEXT} where no = 2"),
        ("was not", f"update cases set number = x'00ff' where id = {DONE}"),
        ("entry 2", "update entries set previous = x'00ff' where no = 2"),
        ("its entries", "update entries set hash = x'00ff' where no = (select max(no) from entries)"),
    ],
)
def test_the_verifier_of_others_names_it_and_goes_on(office: Office, tmp_path: Path, named: str, sql: str) -> None:
    busy(office).desk.seal(tmp_path / "seals")
    assert alter(office, sql) > 0
    alter(office, "update cases set number = 'DOC-2026-00099' where number = 'DOC-2026-00001'")

    code, said = verified(office, tmp_path / "seals", tmp_path)

    assert code == 1
    assert named in said
    assert "was not DOC-2026-00099" in said
