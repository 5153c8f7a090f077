"""The person's own data, the customer's data, and which customer to act for."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import customers, languages, people, verification
from accounts.access import may, require
from accounts.forms import CustomerForm, CustomerSettingsForm, PersonForm, SwitchForm
from accounts.middleware import SESSION_KEY, active_membership
from accounts.models import User
from accounts.roles import Ability


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, instance=User.objects.get(pk=request.user.pk))
    if request.method == "POST" and form.is_valid():
        people.update_person(user=request.user, **form.cleaned_data)
        with translation.override(form.cleaned_data["language"]):
            messages.success(request, _("Profil Anda tersimpan."))
        response = redirect("accounts:profile")
        languages.remember(response, form.cleaned_data["language"])
        return response
    return _profile_page(request, form, status=422 if form.is_bound else 200)


def _profile_page(request: HttpRequest, form: PersonForm, *, status: int) -> HttpResponse:
    membership = active_membership(request)
    context = {
        "form": form,
        "membership": membership,
        "address_confirmed": verification.is_confirmed(request.user),
        "may_edit": membership is not None and may(request.user, membership.customer, Ability.EDIT_CUSTOMER),
    }
    return render(request, "accounts/profile.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def customer(request: HttpRequest) -> HttpResponse:
    """Edit the active customer's data, or make a first one."""
    membership = active_membership(request)
    if membership is None:
        return _new_customer(request)
    require(request.user, membership.customer, Ability.EDIT_CUSTOMER)
    form = CustomerSettingsForm(request.POST or None, instance=membership.customer)
    if request.method == "POST" and form.is_valid():
        customers.update(customer=membership.customer, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Data pelanggan tersimpan. Tagihan yang sudah terbit tidak berubah."))
        return redirect("accounts:profile")
    return render(request, "accounts/customer.html", {"form": form}, status=422 if form.is_bound else 200)


def _new_customer(request: HttpRequest) -> HttpResponse:
    form = CustomerForm(request.POST or None, initial={"name": request.user.name, "billing_email": request.user.email})
    if request.method == "POST" and form.is_valid():
        people.create_customer(owner=request.user, language=request.user.language, **form.cleaned_data)
        messages.success(request, _("Data pelanggan tersimpan."))
        return redirect("client-home")
    return render(request, "accounts/no_customer.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def switch_customer(request: HttpRequest) -> HttpResponse:
    """The customers that a person belongs to; posting one acts for it from now on, in this browser."""
    if request.method == "POST":
        return _switch(request)
    memberships = request.user.memberships.select_related("customer").order_by("customer__name", "pk")
    context = {"memberships": memberships, "active": active_membership(request)}
    return render(request, "accounts/switch_customer.html", context)


def _switch(request: HttpRequest) -> HttpResponse:
    form = SwitchForm(request.POST, user=request.user)
    if not form.is_valid():
        raise Http404
    chosen = form.cleaned_data["customer"]
    request.session[SESSION_KEY] = chosen.pk
    messages.success(request, _("Anda sekarang bertindak untuk %(name)s.") % {"name": chosen.name})
    return redirect("client-home")
