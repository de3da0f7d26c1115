"""Parents and sub-cases go over one by one, and neither loses the other."""

from __future__ import annotations

import sqlite3

import pytest

from tests.factories import Office
from tests.storage.test_sub_cases import ERRAND, VIEW
from tests.versions.permits import Permits
from workflow.errors import Quarantined, Refused


def errand(office: Office) -> tuple[str, str]:
    """An errand that waits for the view of another section, and that view."""
    desk = office.desk
    parent = desk.start(office.actor("wangmin"), "errand", title="征求意见的事", data={}).case.case.id
    desk.fire(office.actor("wangmin"), parent, "ask", data={"whom": "国库科"})
    (child,) = office.case(parent).children
    return parent, child.id


def plan(kind: str, *tables: str) -> str:
    head = f"format: gongkai-migration/1\nkind: {kind}\nfrom: 1\nto: 2\nreason: 流程换版\n"
    return head + "".join(each + "\n" for each in tables)


@pytest.fixture
def families(office: Office) -> Permits:
    found = Permits(office)
    found.install(VIEW)
    found.install(ERRAND)
    return found


def test_a_parent_goes_over_and_still_follows_its_sub_case(families: Permits) -> None:
    parent, child = errand(families.office)
    families.install(
        ERRAND.replace("version: 1", "version: 2").replace("waiting:", "pending:").replace("waiting", "pending")
    )

    outcome = families.migrate(plan("errand", "states: {waiting: pending}", "clocks: {work: keep}"))
    families.office.does("chenjing", "answer", child)

    assert outcome.moved == 1
    assert families.office.case(parent).state == "heard"
    families.all_is_well()


def test_a_sub_case_goes_over_under_its_running_parent(families: Permits) -> None:
    parent, child = errand(families.office)
    families.install(VIEW.replace("version: 1", "version: 2").replace("limit: 3 working", "limit: 2 working"))

    outcome = families.migrate(plan("view", "clocks: {answer: recompute}"))
    assert families.clocks(child) == {"answer": "2026-03-04"}
    families.office.does("chenjing", "answer", child)

    assert outcome.moved == 1
    assert families.office.case(parent).state == "heard"
    families.all_is_well()


def test_a_parent_whose_open_sub_cases_the_new_version_forgets_stays(families: Permits) -> None:
    parent, _ = errand(families.office)
    forgetting = (
        ERRAND.replace("version: 1", "version: 2")
        .replace("opinion: {kind: view", "advice: {kind: view")
        .replace("children: opinion", "children: advice")
        .replace("child: opinion", "child: advice")
        .replace("latest: opinion.", "latest: advice.")
        .replace("cancels: [opinion]", "cancels: [advice]")
    )
    families.install(forgetting)

    outcome = families.migrate(plan("errand"))

    assert [(each.id, [reason.name for reason in each.reasons]) for each in outcome.stays] == [(parent, ["children"])]


def test_a_sub_case_whose_parent_looks_for_a_state_that_is_gone_stays(families: Permits) -> None:
    _, child = errand(families.office)
    view = (
        VIEW.replace("version: 1", "version: 2").replace("answered:", "replied:").replace("to: answered", "to: replied")
    )
    asks = ERRAND.replace("version: 1", "version: 2").replace("some: answered", "some: replied")
    families.office.desk.install_definitions(
        families.office.actor("admin"), [(view, "view.yaml"), (asks, "errand.yaml")]
    )

    outcome = families.migrate(plan("view"))

    assert [(each.id, [reason.name for reason in each.reasons]) for each in outcome.stays] == [(child, ["parent"])]


def test_a_sub_case_of_a_version_that_knows_no_way_out_is_not_passed_over(office: Office) -> None:
    """All are called off or none: a version without a parent need not be one that can be called off everywhere."""
    families = Permits(office)
    thinking = "asked:    {initial"
    view = VIEW.replace(thinking, "weighed:  {waits_for: drafter, zh: 研究, en: weighed}\n  " + thinking).replace(
        "  answer: {from: [asked],", "  weigh:  {from: [asked], to: weighed, roles: [drafter], zh: 研究, en: weigh}\n"
        "  answer: {from: [asked, weighed],"
    ).replace("runs_in: [asked]", "runs_in: [asked, weighed]").replace(
        "lapse:  {from: [asked]", "lapse:  {from: [asked, weighed]"
    )  # fmt: skip
    families.install(view)
    families.install(ERRAND.replace(", cancels: [opinion]", ""))
    parent, first = errand(office)
    office.does("wangmin", "ask", parent, whom="国库科")
    second = office.case(parent).children[-1].id
    office.does("chenjing", "weigh", second)
    newer = view.replace("cancel: {from: [asked]", "cancel: {from: [asked, weighed]")
    office.desk.install_definitions(
        office.actor("admin"),
        [
            (newer.replace("version: 1", "version: 2"), "view.yaml"),
            (ERRAND.replace("version: 1", "version: 2"), "errand.yaml"),
        ],
    )
    assert families.migrate(plan("errand")).moved == 1

    with pytest.raises(Refused) as refused:
        office.does("wangmin", "drop", parent)

    assert [each.name for each in refused.value.reasons] == ["state"]
    assert [office.case(each).state for each in (parent, first, second)] == ["waiting", "asked", "weighed"]


def test_a_parent_cannot_call_off_a_sub_case_in_quarantine_and_stays_as_it_is(families: Permits) -> None:
    parent, child = errand(families.office)
    with sqlite3.connect(families.office.url.removeprefix("sqlite:///")) as db:
        db.execute("update cases set state = 'limbo' where id = ?", (child,))
    db.close()

    with pytest.raises(Quarantined) as told:
        families.office.does("wangmin", "drop", parent)

    assert families.office.case(child).number in told.value.said.zh
    assert families.office.case(parent).state == "waiting"
