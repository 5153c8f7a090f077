"""Appointments as calendar files (iCalendar, RFC 5545; what attendees are told of changes by, RFC 5546)."""

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from icalendar import Calendar, Event, vCalAddress, vText

from accounts import outbox
from accounts.models import Shop, User
from onboarding.models import Appointment, Case

CONTENT_TYPE = "text/calendar"
# For people who open the file themselves; in emails: an invitation or its change, and that it is off.
PUBLISH, REQUEST, CANCEL = "PUBLISH", "REQUEST", "CANCEL"


def of_appointment(appointment: Appointment, method: str = PUBLISH, attendee: User | None = None) -> bytes:
    """One appointment in the language of the moment; ``attendee`` is who gets it by email, which ``REQUEST`` asks for."""
    return _calendar([appointment], method, attendee)


def of_case(case: Case) -> bytes:
    """Everything agreed with the customer, what is over or off included: imported again, it brings calendars up to date."""
    return _calendar(case.appointments.select_related("case"), PUBLISH)


def method_of(appointment: Appointment) -> str:
    """What an email about the appointment says to a calendar."""
    return CANCEL if appointment.status == Appointment.Status.CANCELLED else REQUEST


def file_name(appointment: Appointment) -> str:
    """``ON-7KQ2M9XA-12.ics``: another for each appointment, so that several fit into one folder."""
    return f"{appointment.case.number}-{appointment.pk}.ics"


def _calendar(appointments: Iterable[Appointment], method: str, attendee: User | None = None) -> bytes:
    shop = Shop.current()
    calendar = Calendar()
    calendar.add("prodid", f"-//{shop.name}//Onboarding//ID")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    found = list(appointments)
    for appointment in found:
        calendar.add_component(_event(appointment, shop, attendee))
    if found:
        # The zones' rules of the years that are needed: none of Indonesia's changes its clocks.
        years = [moment.year for one in found for moment in (one.starts_at, one.ends_at)]
        calendar.add_missing_timezones(first_date=date(min(years) - 1, 1, 1), last_date=date(max(years) + 2, 1, 1))
    return calendar.to_ical()


def _event(appointment: Appointment, shop: Shop, attendee: User | None) -> Event:
    event = Event()
    event.add("uid", f"{appointment.uid}@{urlsplit(settings.BASE_URL).hostname}")
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", timezone.now())
    # By the clock of its own zone: 09.00 WITA stays 09.00 WITA in calendars that show zones.
    event.add("dtstart", appointment.starts_at.astimezone(appointment.zone))
    event.add("dtend", appointment.ends_at.astimezone(appointment.zone))
    event.add("summary", f"{appointment.title} ({appointment.case.name})")
    event.add("description", _description(appointment))
    event.add("status", "CANCELLED" if appointment.status == Appointment.Status.CANCELLED else "CONFIRMED")
    if where := appointment.place or appointment.link:
        event.add("location", where)
    if appointment.link:
        event.add("url", appointment.link)
    event["organizer"] = _address(shop.email, shop.name)
    if attendee:
        invited = _address(attendee.email, attendee.name)
        invited.params["role"] = vText("REQ-PARTICIPANT")
        invited.params["rsvp"] = vText("FALSE")
        event.add("attendee", invited, encode=0)
    return event


def _description(appointment: Appointment) -> str:
    page = outbox.absolute(appointment.case.get_absolute_url())
    lines = [_("Rapat: %(link)s") % {"link": appointment.link}] if appointment.link else []
    return "\n".join([*lines, _("Onboarding Anda: %(page)s") % {"page": page}])


def _address(email: str, name: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{email}")
    if name:
        address.params["cn"] = vText(name)
    return address
