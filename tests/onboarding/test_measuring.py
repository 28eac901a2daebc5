"""What learning costs is measured on made-up people, and nothing of them stays."""

import pytest

from kb_site import learning_measuring as measuring
from onboarding.enums import StepKind
from onboarding.models import Employee, Event, ModulePage
from tests.factories import make_story


@pytest.mark.django_db
def test_learning_is_measured_and_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("RUNS", 1), ("MODULES", 2), ("TAUGHT", 4)):
        monkeypatch.setattr(measuring, name, value)
    with pytest.raises(LookupError, match="two stories"):
        measuring.learning(people=8, used_by=4)
    make_story(), make_story()
    report = measuring.learning(people=8, used_by=4)
    names = [row["name"] for row in report["pages"]]
    assert {f"{kind}: {state}" for kind in StepKind for state in ("asked", "answered")} < set(names)
    steps = [row for row in report["pages"] if row["limits"][0] == 14]
    assert all(0 < row["queries"] <= 14 for row in steps), steps
    gone = report["withdrawal"]
    assert (gone["replaced"], gone["people_worse_off"], gone["ledger_differs"]) == (8, 0, 0)
    assert gone["waived"] + gone["kept"] == 8
    assert not any(model.objects.exists() for model in (Employee, Event, ModulePage))
    assert f"{StepKind.READ}: asked" in measuring.as_text(report)
