"""Paid services that staff sets up: the list, oldest first, and the page that takes login details and activates."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop
from accounts.office_hours import OfficeHours
from accounts.promises import MOST_MEASURED, Promise, usual_minutes
from billing import lifecycle, transitions
from billing.admin.wording import what_happened, who_and_when
from billing.models import Service, ServiceEvent

PERMISSION = "billing.change_service"
PAGE_SIZE = 50


class LoginDetailsForm(forms.Form):
    """What the customer needs to sign in; every field may stay empty where the service has no login."""

    url = forms.CharField(label=_("Alamat login"), max_length=300, required=False)
    username = forms.CharField(label=_("Nama pengguna"), max_length=150, required=False)
    # Shown while it is typed: staff copies it from another window and has to see that it is whole.
    password = forms.CharField(label=_("Kata sandi"), max_length=200, required=False)
    notes = forms.CharField(
        label=_("Catatan untuk pelanggan"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.update({"autocomplete": "off", "spellcheck": "false"})


class ActivationForm(LoginDetailsForm):
    without_login = forms.BooleanField(label=_("Layanan ini tidak memerlukan detail login"), required=False)

    def clean(self) -> dict:
        cleaned = super().clean()
        if not as_text(cleaned) and not cleaned.get("without_login"):
            raise ValidationError(_("Isi detail login, atau centang bahwa layanan ini tidak memerlukannya."))
        return cleaned


def as_text(cleaned: dict) -> str:
    """The details as the customer reads them, one line each."""
    labels = {"url": gettext("Alamat"), "username": gettext("Nama pengguna"), "password": gettext("Kata sandi")}
    lines = [f"{label}: {cleaned[name]}" for name, label in labels.items() if cleaned.get(name)]
    return "\n".join([*lines, *([cleaned["notes"]] if cleaned.get("notes") else [])])


@dataclass(frozen=True)
class Waiting:
    service: Service
    promise: Promise


def waiting() -> QuerySet[Service]:
    return (
        Service.objects.filter(activation_due_since__isnull=False, status=Service.Status.PENDING)
        .select_related("customer", "order__invoice", "product", "parent")
        .order_by("activation_due_since", "pk")
    )


class ActivationPages(ModelAdmin):
    """Adds the list and its page to the admin of services."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("waiting/", view(self.activations), name="billing_activations"),
            path("waiting/<int:service_id>/", view(self.activate), name="billing_activate"),
            *super().get_urls(),
        ]

    def activations(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        shop = Shop.current()
        page = Paginator(waiting(), PAGE_SIZE).get_page(request.GET.get("p"))
        rows = [Waiting(one, Promise.of(one.activation_due_since, shop.activation_minutes, shop=shop)) for one in page]
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Layanan menunggu aktivasi"),
            "opts": self.model._meta,
            "page": page,
            "rows": rows,
            "minutes": shop.activation_minutes,
            "usual_minutes": usual_minutes(_activated_lately(), OfficeHours.of_shop(shop)),
        }
        return TemplateResponse(request, "admin/billing/activations.html", context)

    def activate(self, request: HttpRequest, service_id: int) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        services = Service.objects.select_related("customer", "order__invoice", "order__placed_by", "parent")
        service = get_object_or_404(services, pk=service_id)
        form = ActivationForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            return self._activate(request, service, as_text(form.cleaned_data))
        shop = Shop.current()
        since = service.activation_due_since
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Aktifkan %(service)s") % {"service": service},
            "opts": self.model._meta,
            "service": service,
            "form": form,
            "promise": Promise.of(since, shop.activation_minutes, shop=shop) if since else None,
            "history": [(event, what_happened(event)) for event in service.events.select_related("actor")],
            "in_email": shop.login_details_in_email,
        }
        return TemplateResponse(request, "admin/billing/activate.html", context, status=422 if form.is_bound else 200)

    def _activate(self, request: HttpRequest, service: Service, login_details: str) -> HttpResponse:
        try:
            lifecycle.activate(service=service, actor=request.user, login_details=login_details)
        except transitions.InvalidTransition as refusal:
            messages.error(request, f"{refusal} {_last_change(service)}".strip())
        else:
            self.log_change(request, service, gettext("Diaktifkan"))
            messages.success(request, gettext("%(service)s aktif; pelanggan diberi tahu.") % {"service": service})
        if back := _back(request):
            return redirect(back)
        following = waiting().exclude(pk=service.pk).first()
        return redirect("admin:billing_activate", following.pk) if following else redirect("admin:billing_activations")


def _back(request: HttpRequest) -> str:
    """The page of ours that led here, such as a ticket; nothing without one."""
    address = request.GET.get("next", "")
    return address if url_has_allowed_host_and_scheme(address, allowed_hosts=None) else ""


def _activated_lately() -> list[tuple[datetime, datetime]]:
    """From paid to active, of what staff activated last (K7)."""
    due = ServiceEvent.objects.filter(kind="activation_due", service__activated_at__isnull=False)
    spans = due.order_by("-service__activated_at").values_list("at", "service__activated_at")
    return list(spans[:MOST_MEASURED])


def _last_change(service: Service) -> str:
    """Who was quicker, in words."""
    event = service.events.exclude(to_status="").select_related("actor").last()
    return who_and_when(event.actor, event.at) if event else ""
