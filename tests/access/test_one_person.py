"""Somebody with two accounts is one person: what four eyes and the separation of posts ask, they ask of the person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from storage import Desk
from tests.factories import Clock, Ids, Office, bureau_at
from tests.versions.permits import FIRST, Permits
from workflow.errors import Denied, Invalid, Refused

WHY = "改名后重新登记，人事科核实"


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """王敏 has a second account, and with it heads the section for which she drafts; 钱七 is another administrator."""
    url, clock = bureau_at(tmp_path / "bureau.db"), Clock()
    with Desk.open(url, clock=clock, ids=Ids()) as desk:
        admin = desk.actor("admin")
        desk.add_person(admin, "wangmin2", "王敏（新）", section="预算科")
        desk.appoint(admin, "wangmin2", "section_head", section="预算科")
        desk.add_person(admin, "qianqi", "钱七")
        desk.appoint(admin, "qianqi", "admin")
        yield Office(url, clock, desk)


def refused(office: Office, person: str, case: str) -> tuple[str, ...]:
    with pytest.raises(Refused) as refusal:
        office.does(person, "endorse", case)
    return tuple(each.name for each in refusal.value.reasons)


def helpers(office: Office, case: str, step: str) -> list[str]:
    """Who could take this step, as 王敏 is told by her second account."""
    (option,) = [each for each in office.desk.options(office.actor("wangmin2"), case) if each.transition == step]
    return [name for unmet in option.unmet for helper in unmet.who for name in helper.people]


def test_nobody_signs_by_a_second_account_what_they_wrote_by_the_first(office: Office) -> None:
    staffing, admin = office.desk.staffing, office.actor("admin")
    before, written = (office.draft("wangmin", title=title) for title in ("通知一", "通知二"))
    for case in (before, written):
        office.does("wangmin", "submit", case)
    office.does("wangmin2", "endorse", before)  # nobody knows yet: two accounts are two persons

    done = staffing.same(admin, "wangmin2", "wangmin", WHY)

    assert (done.is_new, staffing.same(admin, "wangmin", "wangmin2", WHY).is_new) == (True, False)
    assert refused(office, "wangmin2", written) == ("not_own",)
    assert helpers(office, written, "endorse") == ["李华", "周局"]
    # Who acts for her second account acts for her.
    office.desk.delegate(office.actor("wangmin2"), "wangmin2", "chenjing")
    assert refused(office, "chenjing", written) == ("not_own",)
    # Without 李华 the section has no head who may, and the Office none but a third account of hers, which may not grant her
    # permit either: it is told so above the Office, and no account of hers is proposed.
    permits = Permits(office)
    permits.install(FIRST.replace("to: asking, roles: [office]", "to: asking, roles: [office], guards: [not_own]"))
    permits.filed()
    office.desk.add_person(admin, "wangmin3", "王敏（办）", section="预算科")
    office.desk.appoint(admin, "wangmin3", "office")
    office.desk.appoint(admin, "wangmin3", "drafter")
    staffing.same(admin, "wangmin2", "wangmin3", WHY)
    assert helpers(office, written, "recall") == ["王敏", "王敏（办）"]
    for each in ("zhaoyun", "qianwei"):
        staffing.away(admin, each, date(2026, 3, 6))
    office.desk.leave(admin, "lihua", on=office.clock().date() + timedelta(days=1))
    office.clock.forward(days=1)
    office.desk.sweep()
    told = [each for each in office.told("zhouju") if "无人可办" in each]
    assert ["王敏（新）" in each for each in told] == [True, False]
    assert not any("wangmin" in each for each in told)
    assert not office.desk.verify().problems


def test_one_person_does_not_hold_by_two_accounts_what_is_kept_apart(office: Office) -> None:
    staffing, admin = office.desk.staffing, office.actor("admin")
    staffing.same(admin, "wangmin", "wangmin2", WHY)
    office.desk.add_person(admin, "wangmin3", "王敏（审计）")
    office.desk.add_person(admin, "wang", "王敏（借调）")
    # what is over, or was called off before it began, is no fault of an entry that is made now
    for account in ("wangmin3", "wang"):
        office.desk.appoint(admin, account, "auditor", from_on=date(2025, 1, 1), until_on=date(2025, 12, 31))
        office.desk.appoint(admin, account, "auditor", from_on=date(2026, 4, 1))
        office.desk.end_post(admin, account, "auditor", last_on=date(2026, 3, 31))
    staffing.same(admin, "wangmin", "wang", WHY)
    staffing.same(admin, "wangmin2", "wangmin3", WHY)  # one with the same third is one with the first
    office.desk.add_person(admin, "qian7", "钱七（旧）")
    staffing.same(admin, "qianqi", "qian7", WHY)

    tried: list[Invalid] = []
    for attempt in (
        lambda: office.desk.appoint(admin, "wangmin3", "auditor"),
        lambda: staffing.same(admin, "wangmin3", "qian7", WHY),
        lambda: office.desk.delegate(office.actor("wangmin2"), "wangmin2", "wangmin"),
    ):
        with pytest.raises(Invalid) as refusal:
            attempt()
        tried.append(refusal.value)

    assert [each.code for refusal in tried for each in refusal.problems] == ["kept-apart", "kept-apart", "self"]


def test_what_was_said_of_two_accounts_is_taken_back_by_an_entry_and_by_nobody_for_themselves(office: Office) -> None:
    staffing, admin = office.desk.staffing, office.actor("admin")
    case = office.draft("wangmin")
    office.does("wangmin", "submit", case)
    staffing.away(admin, "lihua", date(2026, 3, 6))
    office.desk.sweep()
    staffing.same(admin, "wangmin", "wangmin2", WHY)
    # the next look at hands is one at all open cases: the head who is there may not sign this one any more
    assert [(each.case, each.step) for each in office.desk.sweep()] == [(case, "unmanned")]
    office.clock.forward(days=1)

    for one, other, reason, code in (
        ("wangmin", "wangmin2", " ", "no-reason"),
        ("wangmin", "lihua", WHY, "not-one-person"),
        ("wangmin", "wangmin", WHY, "one-account"),
    ):
        with pytest.raises(Invalid) as refusal:
            staffing.same(admin, one, other, reason, withdraw=True)
        assert [each.code for each in refusal.value.problems] == [code]
    for id, name in (("qian7", "钱七（旧）"), ("qian8", "钱七（更旧）")):
        office.desk.add_person(admin, id, name)
        staffing.same(office.actor("qianqi"), "qianqi" if id == "qian7" else "qian7", id, WHY)
    for by, one, other in (
        ("lihua", "wangmin", "wangmin2"),
        ("qianqi", "qianqi", "qian7"),
        ("qianqi", "qian7", "qian8"),
    ):
        with pytest.raises(Denied):
            staffing.same(office.actor(by), one, other, WHY, withdraw=True)
    staffing.same(admin, "wangmin", "wangmin2", "系同名两人，人事科更正", withdraw=True)

    office.does("wangmin2", "endorse", case)
    assert [(each.act, each.person, each.by) for each in staffing.sameness()] == [
        ("same", "wangmin", "admin"),
        ("same", "qian7", "qianqi"),
        ("same", "qian7", "qianqi"),
        ("apart", "wangmin", "admin"),
    ]
