"""The demo's appointments are agreed for days to come, whatever the day and hour at which the demo is loaded."""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils import timezone

from onboarding.demo import steps

# Days from today and how far the case is moved into the past afterwards, as the stories have them.
AGREED = [
    (-42, 44),
    (-39, 41),
    (-29, 33),
    (-27, 29),
    (-18, 20),
    (-13, 15),
    (-11, 13),
    (-9, 11),
    (-6, 8),
    (1, 1),
    (40, 19),
]


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize(("days", "moved"), AGREED)
def test_an_appointment_is_agreed_for_a_day_to_come(weekday, days, moved):
    with time_machine.travel(f"{date(2026, 11, 23) + timedelta(days=weekday)}T16:59:00Z"):
        assert steps.agreed_day(days, timedelta(days=moved)) > timezone.localdate()
