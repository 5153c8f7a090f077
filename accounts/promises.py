"""How a piece of work stands against the time that the shop promised for it (RULES K7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Shop
from accounts.office_hours import OfficeHours, due_at, minutes_between

# Staff is warned when less than a quarter of the promised time is left.
WARN_AT = 0.25
# Enough of what was done lately for a fair picture of how quick we are, few enough to count on every visit.
MOST_MEASURED = 100
MINUTES_OF_A_LONG_WAIT = 120


@dataclass(frozen=True)
class Promise:
    """Work that came in at ``since`` and is promised by ``due``; ``left`` is in office minutes, negative when late."""

    since: datetime
    due: datetime
    left: int
    minutes: int

    @classmethod
    def of(cls, since: datetime, minutes: int, *, shop: Shop, now: datetime | None = None) -> "Promise":
        hours = OfficeHours.of_shop(shop)
        return cls.until(due_at(since, minutes, hours), since=since, minutes=minutes, hours=hours, now=now)

    @classmethod
    def until(
        cls, due: datetime, *, since: datetime, minutes: int, hours: OfficeHours, now: datetime | None = None
    ) -> "Promise":
        """A promise whose end was fixed when it was made, such as a ticket's."""
        now = now or timezone.now()
        left = minutes_between(now, due, hours) if now <= due else -max(1, minutes_between(due, now, hours))
        return cls(since, due, left, minutes)

    @property
    def is_late(self) -> bool:
        return self.left < 0

    @property
    def tone(self) -> str:
        if self.is_late:
            return "danger"
        return "warning" if self.left <= self.minutes * WARN_AT else "success"

    @property
    def words(self) -> str:
        """Such as "sisa 45 menit" or "terlambat 3 jam": office time, as the promise is."""
        span = _span(abs(self.left))
        return _("terlambat %(span)s") % {"span": span} if self.is_late else _("sisa %(span)s") % {"span": span}


def usual_minutes(spans: Sequence[tuple[datetime, datetime]], hours: OfficeHours) -> int | None:
    """The median of how long things took, in office minutes (K7); ``None`` for nothing yet."""
    return round(median(minutes_between(start, end, hours) for start, end in spans)) if spans else None


def _span(minutes: int) -> str:
    if minutes < MINUTES_OF_A_LONG_WAIT:
        return ngettext("%(count)d menit", "%(count)d menit", minutes) % {"count": minutes}
    hours = minutes // 60
    return ngettext("%(count)d jam kerja", "%(count)d jam kerja", hours) % {"count": hours}
