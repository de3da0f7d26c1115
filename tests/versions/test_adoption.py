"""A changed number of the law: seen before it is adopted, then adopted, each open case by one event and each once."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from storage import adoption, versions
from storage.adoption import Adopted, adopt
from tests.versions.permits import FIRST, Permits
from workflow.case import MIGRATE
from workflow.errors import BadDefinition, Denied
from workflow.loader import accept

LIMITS = (versions.SHIPPED / "catalogues" / "limits.yaml").read_text("utf-8")
LICENCE = "licence_decision:        {limit: 20 working days, extend: 10 working days"
SHORTER = LIMITS.replace(LICENCE, LICENCE.replace("20", "15"))
#: The permit of these tests with its statutory limit taken from the catalogue.
BY_LAW = FIRST.replace("limit: 10 working days", "limit: {law: licence_decision}").replace("basis: 某法 1, ", "")


@pytest.fixture
def permits(permits: Permits) -> Permits:
    permits.install(BY_LAW.replace("version: 1", "version: 2"))
    return permits


def adopted(permits: Permits, *texts: str, dry_run: bool = False, by: str = "admin") -> tuple[Adopted, ...]:
    desk, actor = permits.office.desk, permits.office.actor(by)
    return adopt(desk.migrations, actor, [(each, "limits.yaml") for each in texts or (SHORTER,)], dry_run=dry_run)


def dates(found: Iterable[Adopted]) -> list[tuple[str, str, str, str]]:
    return [
        (shift.number, shift.deadline, str(shift.from_on), str(shift.to_on))
        for each in found
        for migration in each.migrations
        for shift in migration.shifts
    ]


def test_what_a_changed_number_would_move_is_told_to_the_day_and_nothing_is_written(permits: Permits) -> None:
    filed, begun = permits.filed(), permits.begun()
    before = permits.office.case(filed), permits.office.case(begun), permits.office.desk.definitions()

    (told,) = [each for each in adopted(permits, dry_run=True) if each.after.id == "permit"]

    number = permits.office.case(filed).number
    assert dates([told]) == [(number, "whole", "2026-03-30", "2026-03-23")]
    (clock,) = told.clocks
    assert (clock.name, clock.before.zh, clock.after.zh) == ("whole", "20个工作日", "15个工作日")
    assert (told.before.version, told.after.version, told.is_new) == (2, 3, True)
    assert (permits.office.case(filed), permits.office.case(begun), permits.office.desk.definitions()) == before


def test_adopted_it_moves_what_the_trial_told_each_case_by_one_event(permits: Permits) -> None:
    filed, begun = permits.filed(), permits.begun()
    told = dates(adopted(permits, dry_run=True))
    permits.office.clock.forward(hours=1)

    done = adopted(permits)

    assert dates(done) == told
    assert permits.clocks(filed)["whole"] == "2026-03-23"
    for case in (filed, begun):
        (event,) = [each for each in permits.office.history(case) if each.transition == MIGRATE]
        assert event.comment == "法定期限改动：办理期限由20个工作日改为15个工作日"
    assert permits.office.desk.definition("permit").version == 3
    assert [each.text.en for each in permits.office.desk.verify().problems] == []


def test_adopting_twice_is_adopting_once(permits: Permits) -> None:
    filed = permits.filed()
    adopted(permits)
    case, known = permits.office.case(filed), permits.office.desk.definitions()
    permits.office.clock.forward(hours=1)

    again = adopted(permits)

    assert again == ()
    assert (permits.office.case(filed), permits.office.desk.definitions()) == (case, known)


def broken_off(permits: Permits, monkeypatch: pytest.MonkeyPatch, cases: int) -> list[str]:
    """So many cases, and a shorter limit whose adoption ended after the first two of them."""
    filed = [permits.filed() for _ in range(cases)]
    monkeypatch.setattr("storage.migrate.BATCH", 2)

    def pulled_out(seen: int, total: int) -> None:
        raise KeyboardInterrupt

    desk, admin = permits.office.desk, permits.office.actor("admin")
    with pytest.raises(KeyboardInterrupt):
        adopt(desk.migrations, admin, [(SHORTER, "limits.yaml")], progress=pulled_out)
    return filed


def test_what_was_broken_off_between_two_batches_is_finished_by_the_same_command(
    permits: Permits, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = broken_off(permits, monkeypatch, 5)
    halfway = sorted(permits.clocks(each)["whole"] for each in filed)

    (rest,) = [each for each in adopted(permits) if each.after.id == "permit"]

    assert halfway == ["2026-03-23"] * 2 + ["2026-03-30"] * 3
    assert (rest.is_new, sum(each.moved for each in rest.migrations), len(dates([rest]))) == (False, 3, 3)
    assert {permits.clocks(each)["whole"] for each in filed} == {"2026-03-23"}
    permits.all_is_well()


def test_half_an_adoption_that_is_taken_back_leaves_alone_what_had_not_moved(
    permits: Permits, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed = broken_off(permits, monkeypatch, 3)

    (back,) = [each for each in adopted(permits, LIMITS) if each.after.id == "permit"]

    assert (back.after.version, back.behind, sum(each.moved for each in back.migrations)) == (4, (), 2)
    assert {permits.clocks(each)["whole"] for each in filed} == {"2026-03-30"}
    versions_of = [permits.office.desk.definition_of(permits.office.case(each).definition).version for each in filed]
    assert sorted(versions_of) == [2, 4, 4]


def test_a_law_to_come_leaves_what_was_received_before_its_day_as_it_is(permits: Permits) -> None:
    """Regimes for every procedure: the old number stays among the versions of the limit, with its last day."""
    coming = LIMITS.replace(
        LICENCE, f'{LICENCE.replace("20", "15")}, in_force: {{from: "2026-04-01"}}, versions: [{{in_force: {{until: "2026-03-31"}}, '
        "limit: 20 working days, extend: 10 working days, basis: 行政许可法 42（修订前）, source: 行政许可法 42, verified: true}]",
    )  # fmt: skip
    old = permits.filed()

    (told,) = [each for each in adopted(permits, coming) if each.after.id == "permit"]
    permits.office.clock.forward(days=31)
    new = permits.filed()

    assert dates([told]) == []
    assert permits.office.desk.definition_of(permits.office.case(old).definition).version == 3
    assert permits.clocks(old)["whole"] == "2026-03-30"
    assert permits.office.case(new).deadlines[0].anchor_on.isoformat() == "2026-04-02"
    assert permits.clocks(new)["whole"] == "2026-04-24"
    permits.office.desk.sweep()
    assert [each.text.en for each in permits.office.desk.verify().problems] == []


def test_a_version_that_differs_in_more_than_numbers_keeps_its_cases_and_is_named(permits: Permits) -> None:
    older = permits.filed()
    permits.install(BY_LAW.replace("version: 1", "version: 3").replace("zh: 报送, en: file", "zh: 呈报, en: file"))

    (told,) = [each for each in adopted(permits) if each.after.id == "permit"]

    assert told.behind == ((2, 1),)
    assert dates([told]) == []
    assert permits.clocks(older)["whole"] == "2026-03-30"


def test_only_the_administrator_adopts_and_a_broken_file_changes_nothing(permits: Permits) -> None:
    known = permits.office.desk.definitions()

    with pytest.raises(Denied):
        adopted(permits, by="zhouju")
    with pytest.raises(BadDefinition):
        adopted(permits, SHORTER.replace("licence_decision", "licence_gone"))

    assert permits.office.desk.definitions() == known


def test_only_the_number_of_the_version_is_written_anew(permits: Permits) -> None:
    (held,) = [each for each in permits.office.desk.definitions() if each.id == "permit" and each.version == 2]
    said = accept(held.yaml, "permit.yaml", versions.catalogues())

    assert adoption.with_version(said, 12) == held.yaml.replace("version: 2", "version: 12")
