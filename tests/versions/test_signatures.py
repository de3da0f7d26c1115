"""A migration takes nobody's own act for the signature of another person, and its record says which steps were renamed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.calling import call_with
from tests.versions.permits import FIRST, Permits

#: Anybody may note something on a permit; nobody need be another person.
NOTED = FIRST.replace("version: 1", "version: 2").replace(
    "  grant:  {",
    "  remark: {from: [checking], to: checking, roles: [drafter, office], zh: 记录, en: remark}\n  grant:  {",
)
#: Now somebody else than whoever filed it signs it before it is granted.
SIGNED = (
    NOTED.replace("version: 2", "version: 3")
    .replace("\nstates:", "\n  apart: {check: four_eyes, params: {apart_from: [start, file, edit.draft]}, zh: 须另一人, en: another person}\nstates:")
    .replace("  granted:  {", "  signed:   {waits_for: office, zh: 已签, en: signed}\n  granted:  {")
    .replace("  grant:  {from: [checking]", "  sign:   {from: [checking], to: signed, roles: [office], guards: [apart], zh: 签署, en: sign}\n  grant:  {from: [signed]")
    .replace("runs_in: [checking]", "runs_in: [checking, signed]")
    .replace(
        "never: {}",
        "passes:\n  two_people: {to: [signed, granted], through: [sign], apart_from: [start, file, edit.draft], zh: 须经另一人签署, en: another person signs it}",
    )
)  # fmt: skip
PLAN = """\
format: gongkai-migration/1
kind: permit
from: 2
to: 3
reason: 增设签署
states: {checking: signed}
steps: {remark: sign}
clocks: {check: recompute, whole: recompute}
"""


@pytest.fixture
def noted(permits: Permits) -> Permits:
    permits.install(NOTED)
    return permits


def test_whoever_drafted_it_has_not_signed_it_as_another_person_whatever_the_plan_calls_their_step(
    noted: Permits,
) -> None:
    by_its_author, by_another, by_the_same = noted.filed(), noted.filed(), noted.filed()
    noted.office.does("wangmin", "remark", by_its_author)
    noted.office.does("zhaoyun", "remark", by_another)
    noted.office.does("qianwei", "remark", by_the_same)
    noted.office.desk.staffing.same(noted.office.actor("admin"), "qianwei", "wangmin", "改名后重新登记")
    noted.install(SIGNED)

    outcome = noted.migrate(PLAN)

    stays, too = outcome.stays
    assert (outcome.moved, stays.id, [each.name for each in stays.reasons]) == (1, by_its_author, ["two_people"])
    assert (too.id, [each.name for each in too.reasons]) == (by_the_same, ["two_people"])
    assert stays.reasons[0].text.zh.startswith(
        "须经另一人签署：按新版，步骤“签署”须由另一人办理，而办过它的人也办过“新建”、“报送”；"
    )
    assert noted.office.case(by_another).state == "signed"
    noted.office.does("zhaoyun", "grant", by_another)
    noted.all_is_well()


def test_a_step_that_kept_its_name_counts_as_another_persons_only_where_another_person_took_it(noted: Permits) -> None:
    by_its_author, by_another = noted.filed(), noted.filed()
    noted.office.does("wangmin", "remark", by_its_author)
    noted.office.does("zhaoyun", "remark", by_another)
    noted.install(SIGNED.replace("  sign: ", "  remark_: ").replace("  remark: {", "  other: {").replace("  remark_: ", "  remark: ").replace("through: [sign]", "through: [remark]"))  # fmt: skip

    outcome = noted.migrate(PLAN.replace("steps: {remark: sign}\n", ""))

    assert (outcome.moved, [each.id for each in outcome.stays]) == (1, [by_its_author])


def test_what_the_old_version_asked_of_another_person_is_not_asked_again(noted: Permits) -> None:
    noted.install(SIGNED)
    permit = noted.filed()
    noted.office.does("zhaoyun", "sign", permit)
    noted.install(SIGNED.replace("version: 3", "version: 4").replace("en: signed}", "en: it is signed}"))

    outcome = noted.migrate("format: gongkai-migration/1\nkind: permit\nfrom: 3\nto: 4\nreason: 改名\n")

    assert (outcome.moved, outcome.refused) == (1, 0)
    noted.all_is_well()


def test_a_tried_migration_names_each_step_that_will_count_for_another_persons(noted: Permits, tmp_path: Path) -> None:
    noted.office.does("zhaoyun", "remark", noted.filed())
    noted.install(SIGNED)
    (tmp_path / "plan.yaml").write_text(PLAN, "utf-8")
    tried = [
        "definitions",
        "migrate",
        str(tmp_path / "plan.yaml"),
        "--dry-run",
        "--as",
        "admin",
        "--db",
        noted.office.url,
    ]

    assert (
        "! what was done as “remark” will count as “sign” (another person signs it)"
        in call_with([*tried, "--lang", "en"]).out
    )
    assert "! 已办的“记录”将算作“签署”（须经另一人签署）" in call_with([*tried, "--lang", "zh"]).out
