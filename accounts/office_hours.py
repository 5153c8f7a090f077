"""Minutes of work: promises such as "verified within 120 minutes" count only while the office is open (RULES K7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from django.utils import timezone

from accounts.models import Holiday, Shop


@dataclass(frozen=True)
class OfficeHours:
    """Open from ``opens`` to ``closes`` on ``days`` (1 is Monday, 7 is Sunday), not on ``holidays``; by ``zone``'s clock."""

    opens: time
    closes: time
    days: frozenset[int]
    zone: tzinfo
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if self.opens >= self.closes or not self.days:
            raise ValueError("an office opens before it closes, on at least one day")

    @classmethod
    def of_shop(cls, shop: Shop) -> "OfficeHours":
        return cls(
            opens=shop.office_opens,
            closes=shop.office_closes,
            days=frozenset(int(day) for day in shop.office_days.split(",")),
            zone=timezone.get_default_timezone(),
            holidays=Holiday.dates(),
        )

    def spans_from(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The open spans that end after ``moment``, the first one cut off at it, without end."""
        local = moment.astimezone(self.zone)
        day = local.date()
        while True:
            if day.isoweekday() in self.days and day not in self.holidays:
                opens = datetime.combine(day, self.opens, self.zone)
                closes = datetime.combine(day, self.closes, self.zone)
                if closes > local:
                    yield max(opens, local), closes
            day += timedelta(days=1)


def working_day_from(day: date, hours: OfficeHours) -> date:
    """``day``, or the next one on which the office is open."""
    while day.isoweekday() not in hours.days or day in hours.holidays:
        day += timedelta(days=1)
    return day


def due_at(start: datetime, minutes: int, hours: OfficeHours) -> datetime:
    """When ``minutes`` of office time after ``start`` are over; work that ends with the day is due at closing time."""
    left = timedelta(minutes=minutes)
    for opens, closes in hours.spans_from(start):
        if left <= closes - opens:
            return opens + left
        left -= closes - opens
    raise AssertionError("open spans never end")


def minutes_between(start: datetime, end: datetime, hours: OfficeHours) -> int:
    """How many whole minutes of office time passed from ``start`` to ``end``."""
    passed = timedelta()
    for opens, closes in hours.spans_from(start):
        if opens >= end:
            break
        passed += min(closes, end) - opens
    return int(passed.total_seconds() // 60)
