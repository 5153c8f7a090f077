"""What staff arranges beside the daily work: a stage's PIC and day, stopping, reopening, and opening a case by hand."""

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.utils.translation import gettext

from accounts.models import Customer, User
from onboarding import access, opening, pics, progress, stopping, turns
from onboarding.admin.arrange_forms import OpenForm, ReasonForm, StageForm, StopForm
from onboarding.admin.lookup import find, page_of, require_permission
from onboarding.admin.wording import name_of
from onboarding.admin.work import REFUSALS
from onboarding.models import Case, PicAssignment, Stage

MOST_FOUND = 20


class ArrangePages(ModelAdmin):
    """Adds them to the admin of cases."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("open/", view(self.open), name="onboarding_open"),
            path("<int:case_id>/stages/<int:stage_id>/", view(self.stage), name="onboarding_stage"),
            path("<int:case_id>/stop/", view(self.stop), name="onboarding_stop"),
            path("<int:case_id>/reopen/", view(self.reopen), name="onboarding_reopen"),
            *super().get_urls(),
        ]

    def stage(self, request: HttpRequest, case_id: int, stage_id: int) -> HttpResponse:
        """Who looks after a stage, also one that is to come, and by when it is expected; who looked after it before."""
        case = find(request, case_id, to_work=True)
        stage = get_object_or_404(case.stages.select_related("pic_group"), pk=stage_id)
        stage.case = case
        form = StageForm(
            request.POST if request.method == "POST" else None,
            stage=stage,
            people=pics.candidates(stage),
            pic=pics.current(stage),
        )
        if form.is_valid() and done(form, lambda: _arrange(stage, form, request.user)):
            messages.success(request, gettext("Tahap “%(stage)s” disimpan.") % {"stage": name_of(stage)})
            still_mine = Case.objects.for_staff(request.user).filter(pk=case.pk).exists()
            return redirect(page_of(case) if still_mine else "admin:onboarding_board")
        assignments = PicAssignment.objects.filter(stage=stage).select_related("pic", "assigned_by").order_by("-pk")
        context = {"case": case, "stage": stage, "form": form, "assignments": assignments}
        return self.ask(request, "admin/onboarding/stage.html", name_of(stage), context)

    def stop(self, request: HttpRequest, case_id: int) -> HttpResponse:
        case = find(request, case_id, to_work=True)
        require_permission(request, access.STOP)
        invoice = turns.order_invoice(case)
        form = StopForm(request.POST if request.method == "POST" else None)
        if invoice is None or invoice.status != invoice.Status.UNPAID:
            del form.fields["cancel_order"]
        if form.is_valid() and done(form, lambda: stopping.stop(case=case, actor=request.user, **form.cleaned_data)):
            messages.success(request, gettext("Onboarding %(number)s dihentikan.") % {"number": case.number})
            return redirect(page_of(case))
        context = {"case": case, "form": form, "invoice": invoice}
        return self.ask(request, "admin/onboarding/stop.html", gettext("Hentikan onboarding"), context)

    def reopen(self, request: HttpRequest, case_id: int) -> HttpResponse:
        case = find(request, case_id, to_work=True)
        require_permission(request, access.STOP)
        form = ReasonForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and done(form, lambda: stopping.reopen(case=case, actor=request.user, **form.cleaned_data)):
            messages.success(request, gettext("Onboarding %(number)s dibuka lagi.") % {"number": case.number})
            return redirect(page_of(case))
        return self.ask(request, "admin/onboarding/reopen.html", gettext("Buka lagi"), {"case": case, "form": form})

    def open(self, request: HttpRequest) -> HttpResponse:
        """For a customer who has not ordered: looked for by GET, then the product."""
        require_permission(request, access.OPEN)
        words = request.GET.get("q", "").strip()[:100]
        customer = _customer(request)
        form = None
        if customer:
            form = OpenForm(request.POST if request.method == "POST" else None, customer=customer)
            opened: list[Case] = []
            if form.is_valid() and done(form, lambda: opened.append(_open(customer, form, request.user))):
                messages.success(request, gettext("Onboarding %(number)s dibuka.") % {"number": opened[0].number})
                mine = Case.objects.for_staff(request.user).filter(pk=opened[0].pk).exists()
                return redirect(page_of(opened[0]) if mine else "admin:onboarding_board")
        context = {"words": words, "found": _found(words), "customer": customer, "form": form}
        return self.ask(request, "admin/onboarding/open.html", gettext("Buka onboarding"), context)


def done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether it was done; else the form says why not."""
    try:
        act()
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False


@transaction.atomic
def _arrange(stage: Stage, form: StageForm, actor: User) -> None:
    """The day first: afterwards the case may be somebody else's."""
    given = form.cleaned_data
    if "due_on" in form.changed_data:
        progress.set_due(stage=stage, due_on=given["due_on"], actor=actor)
    if "pic" in form.changed_data:
        pics.assign(stage=stage, pic=given["pic"], actor=actor)


def _open(customer: Customer, form: OpenForm, actor: User) -> Case:
    given = form.cleaned_data
    return opening.open_by_hand(
        customer=customer,
        product=given["product"],
        actor=actor,
        key=given["key"],
        language=given["language"],
        time_zone=given["time_zone"],
    )


def _customer(request: HttpRequest) -> Customer | None:
    chosen = request.GET.get("customer", "")
    return get_object_or_404(Customer, pk=chosen) if chosen.isdecimal() else None


def _found(words: str) -> list[Customer]:
    """By name, email and telephone number, of the company or of its people."""
    if not words:
        return []
    fitting = (
        Q(name__icontains=words)
        | Q(billing_email__icontains=words)
        | Q(phone__icontains=words)
        | Q(memberships__user__email__icontains=words)
        | Q(memberships__user__name__icontains=words)
    )
    return list(Customer.objects.filter(fitting).distinct().order_by("name", "pk")[:MOST_FOUND])
