"""Choosing the customer that a new document is for: the page before the editors of invoices and orders."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer

MOST = 20
SEARCHED = ("name", "billing_email", "npwp", "phone", "memberships__user__email")


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Cari pelanggan"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=_("Nama, email, NPWP, atau telepon."),
    )
    customer = forms.IntegerField(required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class Door:
    """Where a chosen customer leads: by a link, or by a form that makes something."""

    address: Callable[[Customer], str]
    label: str
    posts: bool = False


def choose_customer(request: HttpRequest, *, title: str, door: Door, opts) -> HttpResponse:
    """The newest customers, or those that the search finds; ``?customer=`` names one."""
    form = SearchForm(request.GET)
    form.is_valid()
    found = Customer.objects.order_by("-created_at", "-pk")
    if form.cleaned_data.get("customer"):
        found = found.filter(pk=form.cleaned_data["customer"])
    text = form.cleaned_data.get("q", "").strip()
    if text:
        matches = Q()
        for field in SEARCHED:
            matches |= Q(**{f"{field}__icontains": text})
        found = found.filter(matches).distinct()
    customers = list(found[: MOST + 1])
    context = {
        **admin.site.each_context(request),
        "title": title,
        "opts": opts,
        "form": form,
        "door": door,
        "rows": [(one, door.address(one)) for one in customers[:MOST]],
        "more": len(customers) > MOST,
        "asked": text,
    }
    return TemplateResponse(request, "admin/choose_customer.html", context)
