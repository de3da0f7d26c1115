"""`gongkai law` as it is typed: what rests on which source, what is unchecked, and what a changed number moves."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from storage.versions import SHIPPED
from tests.cli.calling import Type, call_with, everything

LIMITS = (SHIPPED / "catalogues" / "limits.yaml").read_text("utf-8")
SHORTER = LIMITS.replace("{limit: 20 working days, extend: 20 working days, basis: 条例 33", "{limit: 18 working days, extend: 20 working days, basis: 条例 33")  # fmt: skip


@pytest.fixture
def shorter(tmp_path: Path) -> str:
    """The catalogue with two working days less for a reply."""
    place = tmp_path / "limits.yaml"
    place.write_text(SHORTER, "utf-8")
    return str(place)


@pytest.fixture
def received(types: Type) -> str:
    """A request that was received on the day before."""
    data = (
        "channel=counter",
        "submitted_on=2026-02-27",
        "applicant_name=张三",
        "applicant_kind=natural",
        "subject=2025年部门决算",
    )
    words = [word for each in (*data, "id_kind=resident_id", "id_number=11010519491231002X", "contact=13800000000", "form_wanted=paper") for word in ("--set", each)]  # fmt: skip
    begun = types("start", "request", "--title", "2025年部门决算", *words)
    assert begun.code == 0, begun.said
    return begun.out.strip()


def test_each_limit_is_shown_with_its_versions_its_place_and_who_uses_it(types: Type) -> None:
    told = types("law", "show", "reply", "--json").json["law"]

    assert [(each["limit"], each["verified"], each["used_by"]) for each in told] == [
        ("20 working days", True, ["request.reply"]),
        ("15 working days", False, ["request.reply"]),
    ]
    lines = LIMITS.splitlines()
    assert all(f"limit: {each['limit']}" in lines[each["line"] - 1] for each in told)
    assert told[1]["in_force"] == {"from": "2008-05-01", "until": "2019-05-14"}


def test_without_a_database_the_shipped_law_is_shown() -> None:
    told = call_with(["law", "show", "预算法", "--lang", "zh"])

    assert told.code == 0
    assert "budget_publication" in told.out
    assert "20日" in told.out


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_is_not_there_is_not_found(types: Type, lang: str) -> None:
    assert types("law", "show", "no such thing", lang=lang).code == 4


def test_all_that_is_unchecked_is_listed_with_file_and_line(types: Type) -> None:
    told = types("law", "unverified", "--json").json["unverified"]

    assert {each["kind"] for each in told} == {"limit", "value", "tariff", "notice", "hours"}
    assert not [each for each in told if each["verified"]]
    for each in told:
        text = (SHIPPED.parent / each["file"]).read_text("utf-8").splitlines()[each["line"] - 1]
        assert "verified: false" in text, each
    assert {"by_page", "R13-1", "2026", "fee_payment"} <= {each["name"] for each in told}


@pytest.mark.parametrize(("lang", "said"), [("zh", "试运行，没有写入"), ("en", "tried only, nothing written")])
def test_a_changed_number_is_tried_and_writes_nothing(
    types: Type, db: Path, received: str, shorter: str, lang: str, said: str
) -> None:
    before = everything(db)

    told = types("law", "adopt", shorter, "--dry-run", by="admin", lang=lang)

    assert told.code == 0, told.said
    assert said in told.out
    assert f"{received}  " in told.out
    assert "2026-03-26 → 2026-03-24" in told.out
    assert everything(db) == before


def test_adopted_it_moves_those_dates_and_init_and_doctor_are_content(types: Type, received: str, shorter: str) -> None:
    tried = types("law", "adopt", shorter, "--dry-run", "--json", by="admin").json["kinds"]

    done = types("law", "adopt", shorter, "--json", by="admin").json["kinds"]
    again = types("law", "adopt", shorter, "--json", by="admin").json["kinds"]

    assert done == tried
    assert [each["kind"] for each in done] == ["request"]
    assert received in [each["case"] for each in done[0]["dates"]]
    assert again == []
    assert types("verify").code == 0
    assert types("init", "--sandbox", by=None).code == 0
    names = [each["name"] for each in types("doctor", "--json").json["checks"] if not each["ok"]]
    assert "definition" not in names


def test_a_number_corrected_beside_the_program_is_adopted_and_init_and_doctor_know_it(
    types: Type, tmp_path: Path, received: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SHIPPED, tmp_path / "definitions")
    (tmp_path / "definitions" / "catalogues" / "limits.yaml").write_text(SHORTER, "utf-8")
    monkeypatch.setattr("storage.versions.SHIPPED", tmp_path / "definitions")
    ill = [each["name"] for each in types("doctor", "--json").json["checks"] if not each["ok"]]

    done = types("law", "adopt", "--json", by="admin").json["kinds"]

    assert "definition" in ill
    assert received in [each["case"] for each in done[0]["dates"]]
    assert types("init", "--sandbox", by=None).code == 0
    assert "definition" not in [each["name"] for each in types("doctor", "--json").json["checks"] if not each["ok"]]
    assert types("law", "adopt", "--json", by="admin").json["kinds"] == []


def test_only_the_administrator_adopts(types: Type, shorter: str) -> None:
    assert types("law", "adopt", shorter).code == 4


@pytest.mark.parametrize(("lang", "said"), [("zh", "没有任何版本"), ("en", "no version")])
def test_a_number_of_next_year_is_not_applied_today(
    types: Type, received: str, tmp_path: Path, lang: str, said: str
) -> None:
    """The 30 days of a coming law were taken for a request received this year."""
    place = tmp_path / "limits.yaml"
    begun = SHORTER.replace('verified: true, in_force: {from: "2019-05-15"}', 'verified: true, in_force: {from: "2027-01-01"}', 1)  # fmt: skip
    place.write_text(begun.replace(',\n     versions: [{in_force: {from: "2008-05-01"', '}\n  # {in_force: {from: "2008-05-01"', 1), "utf-8")  # fmt: skip

    told = types("law", "adopt", str(place), by="admin", lang=lang)

    assert told.code != 0
    assert said in told.said
    assert "limits.yaml:14" in told.said


def test_a_number_adopted_is_not_undone_by_the_next_version_of_a_definition(
    types: Type, shorter: str, tmp_path: Path
) -> None:
    """The shipped catalogue still says 20 days: whoever installed a further version by it brought them back unseen."""
    text = (SHIPPED / "request.yaml").read_text("utf-8")
    version = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("version:"))
    further = tmp_path / "request.yaml"
    further.write_text(text.replace(f"version: {version}", f"version: {version + 2}", 1), "utf-8")
    types("law", "adopt", shorter, by="admin")

    shown = types("law", "show", "reply", by="admin")
    checks = [each for each in types("doctor", "--json", by="admin").json["checks"] if each["name"] == "law"]
    refused = types("definitions", "install", str(further), by="admin")
    held = types("definitions", "list", "--json", by="admin").out
    meant = types("definitions", "install", str(further), "--revert-adopted", by="admin")

    said = "本库现行 18个工作日"
    assert said in shown.out
    assert any(said in each["zh"] for each in checks)
    assert refused.code == 2
    assert said in refused.said
    assert "--revert-adopted" in refused.said
    assert f'"version": {version + 2}' not in held
    assert meant.code == 0, meant.said
    assert said not in types("law", "show", "reply", by="admin").out


def test_a_version_by_the_adopted_number_is_installed_without_a_word(
    types: Type, shorter: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    types("law", "adopt", shorter, by="admin")
    shutil.copytree(SHIPPED, tmp_path / "definitions")
    (tmp_path / "definitions" / "catalogues" / "limits.yaml").write_text(SHORTER, "utf-8")
    monkeypatch.setattr("storage.versions.SHIPPED", tmp_path / "definitions")
    text = (SHIPPED / "request.yaml").read_text("utf-8")
    version = next(int(line.split()[1]) for line in text.splitlines() if line.startswith("version:"))
    further = tmp_path / "request.yaml"
    further.write_text(text.replace(f"version: {version}", f"version: {version + 2}", 1), "utf-8")

    done = types("definitions", "install", str(further), by="admin")

    assert done.code == 0, done.said
    assert "!" not in types("law", "show", "reply", by="admin").out


def test_a_catalogue_that_nothing_uses_is_no_law_to_adopt(types: Type, tmp_path: Path) -> None:
    place = tmp_path / "limits.yaml"
    place.write_text(SHORTER.replace("id: limits", "id: limit", 1), "utf-8")

    told = types("law", "adopt", str(place), "--dry-run", by="admin")

    assert told.code == 2
    assert "“limit”" in told.said


def test_half_an_adoption_is_not_said_to_differ_in_more_than_numbers(
    types: Type, received: str, shorter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the new version stood and before its cases went over: by the file they are where they belong."""

    def killed(*_args: object, **_said: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("storage.migrate.Migrations.carry_out", killed)
        types("law", "adopt", shorter, by="admin")

    (tried,) = types("law", "adopt", "--dry-run", "--json", by="admin").json["kinds"]
    (whole,) = types("law", "adopt", shorter, "--dry-run", "--json", by="admin").json["kinds"]

    assert (tried["behind"], tried["moved"]) == ([], 0)
    assert received in [each["case"] for each in whole["dates"]]
