"""Dates and times as people here write them (MO2)."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.template import engines
from django.utils import timezone, translation

from accounts import dates

# Ten past midnight in Jakarta, still the day before in UTC.
MOMENT = datetime(2026, 11, 20, 17, 10, tzinfo=UTC)
DAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("write", "indonesian"),
    [
        (dates.long_date, "21 November 2026"),
        (dates.full_date, "Sabtu, 21 November 2026"),
        (dates.short_date, "21 Nov 2026"),
    ],
)
def test_mo2_a_day_is_written_out(write, indonesian):
    assert write(DAY) == indonesian


@pytest.mark.parametrize("write", [dates.long_date, dates.full_date, dates.short_date])
def test_mo2_a_moment_falls_on_the_company_s_day(write):
    assert write(MOMENT) == write(DAY)


@pytest.mark.parametrize(
    ("zone", "written"),
    [("Asia/Jakarta", "00.10 WIB"), ("Asia/Makassar", "01.10 WITA"), ("Asia/Jayapura", "02.10 WIT")],
)
def test_mo2_a_time_carries_its_zone(zone, written):
    with timezone.override(zone):
        assert dates.clock(MOMENT) == written


def test_mo2_the_english_page_writes_the_same_day_in_english():
    with translation.override("en"):
        assert dates.full_date(DAY) == "Saturday, 21 November 2026"


@pytest.mark.parametrize(
    ("days", "written"),
    [(0, "hari ini"), (1, "besok"), (-1, "kemarin"), (3, "3 hari lagi"), (-3, "3 hari lalu"), (400, "400 hari lagi")],
)
def test_a_day_is_counted_from_today(days, written):
    assert dates.relative_days(timezone.localdate() + timedelta(days=days)) == written


def test_a_missing_date_is_written_as_nothing():
    assert engines["django"].from_string("{{ nothing|long_date }}").render({"nothing": None}) == ""
