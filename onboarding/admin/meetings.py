"""Appointments of a case: marked held or missed by one press, moved, called off, and what came of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from onboarding import appointments
from onboarding.admin.arrange_forms import OutcomeForm, SeenForm, TimesForm
from onboarding.admin.lookup import find, page_of, way_back
from onboarding.admin.work import REFUSALS
from onboarding.models import Appointment, Case
from onboarding.refusals import AppointmentChanged

Status = Appointment.Status


@dataclass(frozen=True)
class Act:
    """What can be done with an appointment in one of ``states``; ``done`` is what staff reads afterwards."""

    label: LazyText
    done: LazyText
    states: frozenset[str]
    run: Callable[[Appointment, User, Mapping], None]
    form: type[forms.Form] = SeenForm
    tone: str = ""


def _finish(appointment: Appointment, actor: User, given: Mapping) -> None:
    appointments.finish(appointment=appointment, actor=actor, seen=given["seen"], outcome=given["outcome"])


def _set_outcome(appointment: Appointment, actor: User, given: Mapping) -> None:
    appointments.set_outcome(appointment=appointment, actor=actor, seen=given["seen"], outcome=given["outcome"])


def _miss(appointment: Appointment, actor: User, given: Mapping) -> None:
    appointments.miss(appointment=appointment, actor=actor, seen=given["seen"])


def _cancel(appointment: Appointment, actor: User, given: Mapping) -> None:
    appointments.cancel(appointment=appointment, actor=actor, seen=given["seen"])


def _take_back(appointment: Appointment, actor: User, given: Mapping) -> None:
    appointments.take_back(appointment=appointment, actor=actor, seen=given["seen"])


def _reschedule(appointment: Appointment, actor: User, given: Mapping) -> None:
    appointments.reschedule(
        appointment=appointment,
        starts_at=given["starts_at"],
        ends_at=given["ends_at"],
        actor=actor,
        seen=given["seen"],
    )


_TO_COME = frozenset({Status.SCHEDULED})
_NOT_HELD = frozenset({Status.SCHEDULED, Status.MISSED})
ACTS: Mapping[str, Act] = {
    "finish": Act(_("Tandai terlaksana"), _("“%s” ditandai terlaksana."), _TO_COME, _finish, OutcomeForm, "primary"),
    "outcome": Act(
        _("Simpan hasil"), _("Hasil “%s” disimpan."), frozenset({Status.DONE}), _set_outcome, OutcomeForm, "primary"
    ),
    "reschedule": Act(_("Jadwalkan ulang"), _("“%s” dijadwalkan ulang."), _NOT_HELD, _reschedule, TimesForm),
    "miss": Act(_("Tidak terlaksana"), _("“%s” ditandai tidak terlaksana."), _TO_COME, _miss),
    "cancel": Act(_("Batalkan jadwal"), _("“%s” dibatalkan."), _NOT_HELD, _cancel, tone="danger"),
    "back": Act(
        _("Kembalikan ke terjadwal"),
        _("“%s” kembali terjadwal."),
        frozenset({Status.DONE, Status.MISSED}),
        _take_back,
    ),
}


class MeetingPages(ModelAdmin):
    """Adds them to the admin of cases."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        at = "<int:case_id>/appointments/<int:appointment_id>"
        return [
            path(f"{at}/", view(self.meeting), name="onboarding_meeting"),
            path(f"{at}/<slug:act>/", view(self.meet), name="onboarding_meet"),
            *super().get_urls(),
        ]

    def meeting(self, request: HttpRequest, case_id: int, appointment_id: int) -> HttpResponse:
        case = find(request, case_id, to_work=True)
        return self._meeting(request, case, _of(case, appointment_id))

    def meet(self, request: HttpRequest, case_id: int, appointment_id: int, act: str) -> HttpResponse:
        case = find(request, case_id, to_work=True)
        appointment = _of(case, appointment_id)
        chosen = ACTS.get(act)
        if chosen is None:
            raise Http404
        if request.method != "POST":
            return redirect("admin:onboarding_meeting", case.pk, appointment.pk)
        form = _form(chosen, appointment, request)
        if form.is_valid() and _done(chosen, appointment, request, form):
            messages.success(request, str(chosen.done) % appointment.title)
            return redirect(way_back(request, page_of(case)))
        return self._meeting(request, case, _of(case, appointment_id), **{act: form})

    def _meeting(self, request: HttpRequest, case: Case, appointment: Appointment, **returned: forms.Form):
        """The appointment with a form for each thing that can be done with it; of ``returned`` the one that came back."""
        forms_of_it = [
            (name, act, returned.get(name) or _form(act, appointment))
            for name, act in ACTS.items()
            if appointment.status in act.states or name in returned
        ]
        context = {
            "case": case,
            "appointment": appointment,
            "at": appointment.when,
            "acts": forms_of_it,
            # Those that ask for nothing stand side by side.
            "presses": [row for row in forms_of_it if not row[2].visible_fields()],
            "back": way_back(request, page_of(case)),
            "form": next(iter(returned.values()), None),
            "materials": appointment.materials.all(),
        }
        return self.ask(request, "admin/onboarding/meeting.html", gettext("Jadwal"), context)


def _of(case: Case, appointment_id: int) -> Appointment:
    appointment = get_object_or_404(case.appointments.select_related("stage"), pk=appointment_id)
    # The one that was found, with the rights that were looked at.
    appointment.case = case
    return appointment


def _form(act: Act, appointment: Appointment, request: HttpRequest | None = None) -> forms.Form:
    posted = request.POST if request else None
    if act.form is TimesForm:
        return TimesForm(posted, appointment=appointment, auto_id="times_%s")
    initial = {"seen": appointment.sequence, "outcome": appointment.outcome}
    return act.form(posted, initial=initial, auto_id=f"{act.run.__name__}_%s")


def _done(act: Act, appointment: Appointment, request: HttpRequest, form: forms.Form) -> bool:
    """Whether it was done; else the form says why not."""
    try:
        act.run(appointment, request.user, form.cleaned_data)
    except AppointmentChanged as changed:
        form.data = form.data.copy()
        form.data["seen"] = str(changed.appointment.sequence)
        form.add_error(None, str(changed))
    except ValidationError as error:
        form.add_error(None, [problem for problems in error.message_dict.values() for problem in problems])
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False
