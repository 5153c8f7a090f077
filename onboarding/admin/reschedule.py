"""Many appointments moved at once: ticked in a list, looked at as they would be, then moved together or not at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts import dates
from accounts.models import User
from onboarding import access, agenda, appointments
from onboarding.admin.board import WHOSE
from onboarding.admin.forms import day_field
from onboarding.admin.lookup import require_permission
from onboarding.admin.wording import moment_of
from onboarding.admin.work import REFUSALS
from onboarding.models import Appointment, Case

PAGE_SIZE = 100
FURTHEST = 365


class FilterForm(forms.Form):
    """What the address asks for; what it asks for in vain is left out."""

    whose = forms.ChoiceField(choices=list(WHOSE.items()), required=False)
    since = day_field(label=_("Dari"), required=False)
    until = day_field(label=_("Sampai"), required=False)
    kind = forms.ChoiceField(choices=[("", _("Semua jenis")), *Appointment.Kind.choices], required=False)
    p = forms.IntegerField(min_value=1, max_value=10_000, required=False)


class ShiftForm(forms.Form):
    """``chosen`` holds ``id:sequence`` of each appointment as the page showed it."""

    chosen = forms.MultipleChoiceField(
        label=_("Jadwal"), error_messages={"required": _("Centang jadwal yang dipindahkan.")}
    )
    days = forms.IntegerField(
        label=_("Geser sekian hari"),
        min_value=-FURTHEST,
        max_value=FURTHEST,
        required=False,
        help_text=_("Contoh: 7 untuk seminggu kemudian, -1 untuk sehari lebih awal."),
    )
    day = day_field(label=_("Atau pindahkan ke tanggal"), required=False)
    skip_days_off = forms.BooleanField(
        label=_("Lewati akhir pekan dan hari libur"),
        required=False,
        initial=True,
        help_text=_("Yang jatuh pada hari libur pindah ke hari kerja berikutnya."),
    )

    def __init__(self, *args, offered: QuerySet[Appointment], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        asked = [one.partition(":")[0] for one in self.data.getlist("chosen")] if self.is_bound else []
        self.rows = {str(one.pk): one for one in offered.filter(pk__in=[one for one in asked if one.isdecimal()])}
        # What the page showed: whoever was faster is found out by the service.
        self.fields["chosen"].choices = [
            (one, one) for one in (self.data.getlist("chosen") if self.is_bound else []) if _is_token(one)
        ]

    def clean_chosen(self) -> list[Appointment]:
        found = []
        for token in self.cleaned_data["chosen"]:
            key, _separator, sequence = token.partition(":")
            if key not in self.rows:
                raise ValidationError(
                    _("Salah satu jadwal sudah selesai atau dibatalkan. Muat ulang, lalu pilih lagi.")
                )
            appointment = self.rows[key]
            appointment.sequence = int(sequence)
            found.append(appointment)
        return found

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and bool(cleaned.get("days")) == bool(cleaned.get("day")):
            raise ValidationError(_("Isi salah satu: geser sekian hari, atau pindahkan ke tanggal."))
        return cleaned


def _is_token(value: str) -> bool:
    key, _separator, sequence = value.partition(":")
    return key.isdecimal() and sequence.isdecimal()


@dataclass(frozen=True)
class Planned:
    """An appointment, and when it would be."""

    appointment: Appointment
    before: str
    after: str


class ReschedulePages(ModelAdmin):
    """Adds it to the admin of cases."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.reschedule)
        return [path("reschedule/", view, name="onboarding_reschedule"), *super().get_urls()]

    def reschedule(self, request: HttpRequest) -> HttpResponse:
        require_permission(request, access.WORK)
        asked = _asked(request)
        offered = _offered(request.user, asked)
        form = ShiftForm(request.POST if request.method == "POST" else None, offered=offered)
        plan: list[Planned] = []
        if form.is_valid():
            try:
                plan = _plan(form.cleaned_data, request.user, act=request.POST.get("act") == "move")
            except ValidationError as error:
                form.add_error(None, [words for many in error.message_dict.values() for words in many])
            except REFUSALS as refusal:
                form.add_error(None, str(refusal))
            else:
                if request.POST.get("act") == "move":
                    return _moved(request, plan)
        page = Paginator(offered, PAGE_SIZE).get_page(asked.get("p") or 1)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Pindahkan jadwal"),
            "here": gettext("Pindahkan jadwal"),
            "opts": self.model._meta,
            "asked": asked,
            "filter": FilterForm(initial=asked),
            "form": form,
            "plan": plan,
            "page": page,
            "rows": [(one, moment_of(one), f"{one.pk}:{one.sequence}") for one in page],
            "ticked": set(request.POST.getlist("chosen")),
        }
        status = 422 if form.is_bound and form.errors else 200
        return TemplateResponse(request, "admin/onboarding/reschedule.html", context, status=status)


def _moved(request: HttpRequest, plan: Sequence[Planned]) -> HttpResponse:
    words = ngettext("%(count)d jadwal dipindahkan.", "%(count)d jadwal dipindahkan.", len(plan))
    messages.success(request, words % {"count": len(plan)})
    return redirect(request.get_full_path())


def _asked(request: HttpRequest) -> dict:
    form = FilterForm(request.GET)
    form.is_valid()
    given = {key: value for key, value in form.cleaned_data.items() if value}
    return {"whose": agenda.MINE, "since": timezone.localdate(), **given}


def _offered(user: User, asked: dict) -> QuerySet[Appointment]:
    """Scheduled ones of the person's cases, the first first."""
    cases = agenda.of_whom(user, asked["whose"])
    going_on = cases.exclude(status=Case.Status.STOPPED)
    offered = Appointment.objects.filter(status=Appointment.Status.SCHEDULED, case__in=going_on)
    offered = offered.filter(starts_at__gte=_start_of(asked["since"]))
    if asked.get("until"):
        offered = offered.filter(starts_at__lt=_start_of(asked["until"] + timedelta(days=1)))
    if asked.get("kind"):
        offered = offered.filter(kind=asked["kind"])
    return offered.select_related("case__customer", "case__pic", "stage").order_by("starts_at", "pk")


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


class _OnlyLooked(Exception):
    """Undoes what was done to find out how it would be."""


def _plan(given: dict, actor: User, *, act: bool) -> list[Planned]:
    """Move them, all or none, and say from when to when; without ``act`` it is undone again, and nobody is told."""
    chosen: list[Appointment] = given["chosen"]
    before = [moment_of(one) for one in chosen]
    try:
        with transaction.atomic():
            for days, group in _by_days(chosen, given).items():
                appointments.shift(appointments=group, days=days, actor=actor, skip_days_off=given["skip_days_off"])
            plan = [Planned(one, was, _full(one)) for one, was in zip(chosen, before, strict=True)]
            if not act:
                raise _OnlyLooked
    except _OnlyLooked:
        pass
    return plan


def _by_days(chosen: Sequence[Appointment], given: dict) -> dict[int, list[Appointment]]:
    """To one day, each by as many days as it is away from it, by the clock of its own time zone."""
    if given["days"]:
        return {given["days"]: list(chosen)}
    groups: dict[int, list[Appointment]] = {}
    for one in chosen:
        local = one.starts_at.astimezone(ZoneInfo(one.time_zone)).date()
        groups.setdefault((given["day"] - local).days, []).append(one)
    return groups


def _full(appointment: Appointment) -> str:
    with timezone.override(ZoneInfo(appointment.time_zone)):
        return f"{dates.full_date(appointment.starts_at)}, {dates.clock(appointment.starts_at)}"
