"""Calls, meetings, training sessions and reviews (ON6)."""

import uuid
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import dates
from accounts.texts import validate_one_line
from billing.models.events import Event
from onboarding.models.cases import TIME_ZONES, Case, Stage


class Appointment(models.Model):
    """``sequence`` is iCalendar's (RFC 5545): it grows with each change that attendees must know.

    ``outcome`` is written for the customer, such as what a review found.
    """

    class Kind(models.TextChoices):
        CALL = "call", _("Panggilan")
        MEETING = "meeting", _("Pertemuan")
        TRAINING = "training", _("Sesi pelatihan")
        ADOPTION_REVIEW = "adoption_review", _("Adoption review")
        BUSINESS_REVIEW = "business_review", _("Business review")

    class Status(models.TextChoices):
        SCHEDULED = "scheduled", _("Terjadwal")
        DONE = "done", _("Selesai")
        MISSED = "missed", _("Tidak terlaksana")
        CANCELLED = "cancelled", _("Dibatalkan")

    REVIEWS = (Kind.ADOPTION_REVIEW, Kind.BUSINESS_REVIEW)

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appointments")
    stage = models.ForeignKey(Stage, verbose_name=_("tahap"), on_delete=models.PROTECT, related_name="appointments")
    submission_key = models.UUIDField(unique=True, null=True, editable=False)
    uid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    sequence = models.PositiveIntegerField(default=0, editable=False)
    kind = models.CharField(_("jenis"), max_length=15, choices=Kind.choices)
    title = models.CharField(_("judul"), max_length=150, validators=[validate_one_line])
    starts_at = models.DateTimeField(_("mulai"))
    ends_at = models.DateTimeField(_("selesai"))
    time_zone = models.CharField(_("zona waktu"), max_length=20, choices=TIME_ZONES, default="Asia/Jakarta")
    place = models.CharField(_("tempat"), max_length=200, blank=True, validators=[validate_one_line])
    link = models.URLField(_("tautan rapat"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.SCHEDULED)
    outcome = models.TextField(_("hasil"), blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    reminded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("jadwal")
        verbose_name_plural = _("jadwal")
        ordering = ["starts_at", "pk"]
        indexes = [
            models.Index(fields=["case", "starts_at"], name="appointments_of_case"),
            models.Index(fields=["starts_at"], condition=Q(status="scheduled"), name="appointments_to_come"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="an_appointment_ends_after_it_starts",
                violation_error_message=_("Isi waktu selesai yang lebih lambat daripada waktu mulai."),
            ),
            models.CheckConstraint(
                condition=~Q(place="") | ~Q(link=""),
                name="an_appointment_has_a_place_or_a_link",
                violation_error_message=_("Isi tempat atau tautan rapatnya."),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def when(self) -> str:
        """``Selasa, 1 Desember 2026, 09.00–11.00 WITA``, by the clock of its own time zone."""
        with timezone.override(self.zone):
            return dates.span(self.starts_at, self.ends_at)

    @property
    def days_until(self) -> str:
        """``besok``, ``3 hari lagi``, by its own calendar."""
        with timezone.override(self.zone):
            return dates.relative_days(self.starts_at)


class AppointmentEvent(Event):
    """States, and ``rescheduled`` (the note holds the moments before)."""

    appointment = models.ForeignKey(Appointment, on_delete=models.CASCADE, related_name="events")
