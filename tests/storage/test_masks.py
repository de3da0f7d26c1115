"""Personal data: behind a mask wherever they are shown, whole to those whose post works with them."""

from __future__ import annotations

import pytest

from storage.views import event_json
from tests.factories import Office
from tests.storage.test_sub_cases import ERRAND, VIEW
from workflow.errors import Denied


@pytest.fixture
def errand(office: Office) -> str:
    for text, name in ((VIEW, "view.yaml"), (ERRAND, "errand.yaml")):
        office.desk.install_definition(office.actor("admin"), text, name)
    begun = office.desk.start(office.actor("wangmin"), "errand", title="一件", data={"applicant": "欧阳修远"})
    return begun.case.case.id


def test_a_name_is_masked_in_the_case_and_in_its_story(office: Office, errand: str) -> None:
    view = office.desk.case(office.actor("wangmin"), errand)
    first = office.history(errand)[0]

    assert view.to_json()["data"] == {"applicant": "欧***", "title": "一件"}
    assert event_json(first, view.definition)["data"] == {"applicant": "欧***", "title": "一件"}


def test_the_office_that_works_with_it_may_see_it_whole(office: Office, errand: str) -> None:
    view = office.desk.case(office.actor("zhaoyun"), errand, reveal=True)

    assert view.to_json()["data"] == {"applicant": "欧阳修远", "title": "一件"}


def test_others_are_told_whose_it_is_to_see(office: Office, errand: str) -> None:
    with pytest.raises(Denied) as denied:
        office.desk.case(office.actor("wangmin"), errand, reveal=True)

    assert [(each.role, each.people) for each in denied.value.reasons[0].who] == [("office", ("赵云", "钱伟"))]
