"""Dates and times as the shop writes them (RULES MO2), in the language of the page and the company's time zone."""

import functools
from datetime import date, datetime

from django.utils import formats, timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _


@functools.lru_cache(maxsize=4096)
def _written(day: date, form: str, language: str | None) -> str:
    """A day as one of the forms below: lists write the same few days again and again."""
    return formats.date_format(day, form)


def _day(value: date, form: str) -> str:
    local = _local(value)
    return _written(local.date() if isinstance(local, datetime) else local, form, get_language())


def _local(value: date) -> date:
    """A moment becomes the company's; a day stays what it is."""
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def long_date(value: date) -> str:
    """``21 November 2026``."""
    return _day(value, "j F Y")


def full_date(value: date) -> str:
    """``Sabtu, 21 November 2026``."""
    return _day(value, "l, j F Y")


def short_date(value: date) -> str:
    """``21 Nov 2026``, for tables."""
    return _day(value, "j M Y")


def clock(value: datetime) -> str:
    """``14.05 WIB`` in Indonesian, ``14:05 WIB`` in English; WITA and WIT where the company's time zone says so."""
    moment = _local(value)
    # Translators: how a time of day is written: hours and minutes, then the time zone's letters.
    return _("{hours}.{minutes} {zone}").format(
        hours=f"{moment:%H}", minutes=f"{moment:%M}", zone=moment.tzname() or ""
    )


def long_moment(value: datetime) -> str:
    """``21 November 2026, 14.05 WIB``."""
    return f"{long_date(value)}, {clock(value)}"


def short_moment(value: datetime) -> str:
    """``21 Nov 2026, 14.05 WIB``."""
    return f"{short_date(value)}, {clock(value)}"


def span(start: datetime, end: datetime) -> str:
    """``Selasa, 1 Desember 2026, 09.00–11.00 WITA``; with both days where it ends on another."""
    begins, ends = _local(start), _local(end)
    if begins.date() != ends.date():
        return f"{full_date(start)}, {clock(start)} – {full_date(end)}, {clock(end)}"
    # Translators: from when to when: hours and minutes of each, then the time zone's letters.
    hours = _("{start_hours}.{start_minutes}–{end_hours}.{end_minutes} {zone}").format(
        start_hours=f"{begins:%H}",
        start_minutes=f"{begins:%M}",
        end_hours=f"{ends:%H}",
        end_minutes=f"{ends:%M}",
        zone=begins.tzname() or "",
    )
    return f"{full_date(start)}, {hours}"


def day_span(first: date, last: date) -> str:
    """``15–31 Januari 2027``, ``25 Januari–14 Februari 2027``, and both years where they differ."""
    if first == last:
        return long_date(last)
    form = "j F Y" if first.year != last.year else "j F" if first.month != last.month else "j"
    return f"{_day(first, form)}–{long_date(last)}"


def relative_days(value: date) -> str:
    """``hari ini``, ``besok``, ``3 hari lagi``, ``kemarin``, ``3 hari lalu``."""
    day = _local(value)
    days = ((day.date() if isinstance(day, datetime) else day) - timezone.localdate()).days
    if days == 0:
        return _("hari ini")
    if days == 1:
        return _("besok")
    if days == -1:
        return _("kemarin")
    if days > 0:
        return ngettext("{days} hari lagi", "{days} hari lagi", days).format(days=days)
    return ngettext("{days} hari lalu", "{days} hari lalu", -days).format(days=-days)
