"""On track, at risk, delayed: said of one case and asked of the database, the same."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from onboarding import health
from onboarding.health import Level
from onboarding.models import Case
from tests import factories
from tests.onboarding import journey

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Jakarta"))


@pytest.fixture(autouse=True)
def _on_a_monday():
    with time_machine.travel(NOW, tick=False):
        yield


def found(**fields) -> str | None:
    """What is found of a case with these columns; the database has to find the same."""
    case = journey.case_at("training", factories.customer(), factories.product())
    defaults = {"pic": factories.staff(), "stage_due_on": TODAY + timedelta(days=9), "turn": "us"}
    Case.objects.filter(pk=case.pk).update(**{**defaults, **fields})
    case.refresh_from_db()
    level = health.of(case, TODAY).level
    by_database = [one for one in Level if health.filtered(Case.objects.filter(pk=case.pk), one, TODAY).exists()]
    assert by_database == ([level] if level else [])
    return level


@pytest.mark.parametrize(
    ("fields", "level"),
    [
        ({}, "on_track"),
        ({"stage_due_on": None}, "on_track"),
        ({"stage_due_on": TODAY + timedelta(days=3)}, "on_track"),
        ({"stage_due_on": TODAY + timedelta(days=2)}, "at_risk"),
        ({"stage_due_on": TODAY}, "at_risk"),
        ({"stage_due_on": TODAY - timedelta(days=1)}, "delayed"),
        ({"turn": "customer", "turn_due_on": TODAY}, "on_track"),
        ({"turn": "customer", "turn_due_on": TODAY - timedelta(days=1)}, "delayed"),
        ({"pic": None}, "at_risk"),
        ({"pic": None, "stage_due_on": None}, "at_risk"),
        ({"next_event_at": NOW - timedelta(days=1)}, "at_risk"),
        ({"next_event_at": NOW - timedelta(hours=1)}, "on_track"),
        ({"next_event_at": NOW - timedelta(days=1), "turn": "customer"}, "on_track"),
        ({"stage_due_on": TODAY - timedelta(days=1), "pic": None}, "delayed"),
        ({"status": "live", "live_at": NOW, "pic": None}, None),
        ({"status": "stopped", "stopped_at": NOW, "stage_due_on": TODAY - timedelta(days=1)}, None),
    ],
)
def test_the_level_of_a_case(fields, level):
    assert found(**fields) == level


def test_the_reasons_are_said_weightiest_first_and_each_once():
    case = Case(pic=None, stage_due_on=TODAY - timedelta(days=1), turn="us", turn_due_on=TODAY - timedelta(days=1))
    assert health.of(case, TODAY).reasons == ("Tahap melewati targetnya.", "Belum ada PIC.")
    case = Case(pic=factories.staff(), turn="customer", turn_due_on=TODAY - timedelta(days=1))
    assert health.of(case, TODAY).reasons == ("Pelanggan melewati tenggatnya.",)
