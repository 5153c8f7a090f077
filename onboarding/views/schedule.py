"""What was agreed with the customer: the schedule of a case, and its calendar files."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from billing.downloads import as_file
from onboarding import calendars, digests, ratings, schedules
from onboarding.forms.digests import DigestForm
from onboarding.models import Case
from onboarding.views.lookups import of_case

ICS = f"{calendars.CONTENT_TYPE}; charset=utf-8"


@require_safe
@of_case
def schedule(request: HttpRequest, case: Case) -> HttpResponse:
    context = {"case": case, "schedule": schedules.of_case(case), "open_ratings": ratings.open_subjects(case)}
    return render(request, "onboarding/schedule.html", context)


@require_safe
@of_case
def calendar(request: HttpRequest, case: Case) -> HttpResponse:
    """Everything in one file."""
    return as_file(calendars.of_case(case), f"{case.number}.ics", ICS)


@require_safe
@of_case
def appointment(request: HttpRequest, case: Case, pk: int) -> HttpResponse:
    found = get_object_or_404(case.appointments.select_related("case"), pk=pk)
    return as_file(calendars.of_appointment(found), calendars.file_name(found), ICS)


@require_POST
def digest(request: HttpRequest) -> HttpResponse:
    """One email a day, or one for each change: the person's own choice, for all of their cases."""
    form = DigestForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Pilih satu email per hari, atau satu email per perubahan."))
        return redirect("onboarding:cases")
    digests.choose(actor=request.user, **form.cleaned_data)
    daily = form.cleaned_data["daily"]
    messages.success(
        request,
        _("Mulai sekarang Anda menerima satu ringkasan per hari.")
        if daily
        else _("Mulai sekarang Anda menerima email untuk setiap perubahan."),
    )
    return redirect("onboarding:cases")
