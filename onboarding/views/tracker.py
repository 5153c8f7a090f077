"""A customer's onboarding: the list, the tracker, one stage."""

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.roles import Ability
from billing.downloads import RUNS_NOTHING
from billing.views.lookups import abilities_at
from onboarding import digests, news, ratings
from onboarding.forms.digests import DigestForm
from onboarding.models import Case, PicAssignment, StaffContact
from onboarding.tracker import Journey, Tracker
from onboarding.views.lookups import no_access, of_case

NEWS_SHOWN = 5
TEMPLATES = {
    Case.Status.ACTIVE: "onboarding/case.html",
    Case.Status.LIVE: "onboarding/live.html",
    Case.Status.STOPPED: "onboarding/stopped.html",
}
# Running ones first, among them those that wait for the customer.
_ORDER = {Case.Status.ACTIVE: 0, Case.Status.LIVE: 1, Case.Status.STOPPED: 2}


@require_safe
def cases(request: HttpRequest) -> HttpResponse:
    """Those of the customer that the person acts for; who may see none of them is told whom to ask."""
    of_customer = Case.objects.filter(customer=request.customer.pk) if request.customer else Case.objects.none()
    visible = of_customer.visible_to(request.user).select_related("service").prefetch_related("stages")
    found = sorted(visible, key=lambda one: (_ORDER[one.status], one.turn != Case.Turn.CUSTOMER))
    hidden = {one.product_id: one.product for one in _hidden(of_customer, found)}
    if hidden and not found:
        return no_access(request, request.customer.pk, *hidden.values())
    context = {"journeys": [Journey(one) for one in found], "hidden": list(hidden.values())}
    if found:
        context["digest_form"] = DigestForm(daily=digests.is_chosen_by(request.user))
    return render(request, "onboarding/cases.html", context)


def _hidden(of_customer, found: list[Case]):
    """Cases of the customer that the person's roles do not open."""
    return of_customer.exclude(pk__in=[one.pk for one in found]).select_related("product")


@require_safe
@of_case
def case(request: HttpRequest, found: Case) -> HttpResponse:
    page = _page_of(request, found)
    stages = [step.stage for step in page["tracker"].steps]
    known = {"news": news.latest(found, NEWS_SHOWN, stages), "open_ratings": ratings.open_subjects(found)}
    return render(request, TEMPLATES[found.status], page | known)


def _page_of(request: HttpRequest, found: Case) -> dict:
    sees_invoices = Ability.SEE_INVOICES in abilities_at(request, found.customer_id)
    tracker = Tracker(found, sees_invoices=sees_invoices)
    return {"case": found, "tracker": tracker, "current": tracker.current}


@require_safe
@of_case
def stage(request: HttpRequest, found: Case, key: str) -> HttpResponse:
    page = _page_of(request, found)
    step = next((one for one in page["tracker"].steps if one.stage.key == key), None)
    if step is None:
        raise Http404
    return render(request, "onboarding/stage.html", {**page, "step": step})


@require_safe
@of_case
def pic_photo(request: HttpRequest, found: Case, pk: int) -> FileResponse:
    """The picture of somebody who looks or looked after the case; ``pk`` is the contact's."""
    pics = PicAssignment.objects.filter(stage__case=found.pk).values("pic")
    contact = get_object_or_404(StaffContact.objects.exclude(photo=""), pk=pk, user__in=pics)
    headers = {**RUNS_NOTHING, "Cache-Control": "private, max-age=3600"}
    return FileResponse(contact.photo.open("rb"), content_type=contact.photo_type, headers=headers)
