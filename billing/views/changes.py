"""Changing a service: choose, see at once what it costs, agree (S6). The price is computed anew when it is agreed to."""

import uuid
from collections.abc import Container
from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import Ability
from billing import changes
from billing.changes.forms import ChangeForm
from billing.changes.quotes import Preview
from billing.models import Service, ServiceChange
from billing.views.lookups import find_service
from catalog import controls
from catalog.configure_form import ConfigureForm, data_of, default_data
from catalog.cycle_totals import cycle_totals
from catalog.offers import ProductOffer
from catalog.pricing import ConfigurationError
from catalog.selection import Selection


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def service_change(request: HttpRequest, pk: int) -> HttpResponse:
    found = find_service(request, pk, Ability.ORDER)
    try:
        changes.check(found, timezone.localdate())
    except changes.CannotChange as refusal:
        # Sent twice, the second finds what the first has made.
        made = _made(request, found)
        if made:
            return _done(request, made)
        messages.warning(request, str(refusal))
        return redirect(found)
    offered = changes.targets(found)
    if not offered:
        messages.warning(request, _("Belum ada paket atau opsi lain untuk layanan ini. Hubungi kami."))
        return redirect(found)
    if request.method == "POST":
        return _post(request, found, offered)
    return _page(request, offered, _opened(found, _chosen(request, found, offered)))


@never_cache
@require_safe
def service_change_quote(request: HttpRequest, pk: int) -> HttpResponse:
    """The summary for a form that is being filled in; with another cycle, its options and prices too."""
    found = find_service(request, pk, Ability.ORDER)
    offered = changes.targets(found)
    if not offered or not changes.can_be_asked(found):
        return HttpResponse(status=204)
    reading = _read(found, _chosen(request, found, offered), request.GET)
    context = _context(reading)
    context["other_cycle"] = request.GET.get("shown_cycle") != reading.form.chosen_cycle
    context["problem"] = reading.problem_of_filled_fields()
    return HttpResponse(render_to_string("billing/_change_live.html", context))


@require_POST
def service_change_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a change that is not paid."""
    found = find_service(request, pk, Ability.ORDER)
    waiting = changes.open_change(found)
    try:
        if waiting is None:
            raise changes.CannotChange(_("Perubahan ini sudah berlaku atau sudah dibatalkan."))
        changes.cancel(change=waiting, actor=request.user)
    except changes.CannotChange as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Perubahan dibatalkan. %(service)s berjalan seperti biasa.") % {"service": found})
    return redirect(found)


@dataclass(frozen=True)
class Reading:
    """A form, what it says was chosen, and what that costs."""

    service: Service
    form: ConfigureForm
    selection: Selection
    preview: Preview

    @property
    def offer(self) -> ProductOffer:
        return self.form.offer

    def problem_of_filled_fields(self) -> str:
        """What to say beside the numbers: the first problem with something that was filled in."""
        for problem, message in self.preview.problems.items():
            field = self.form.field_of(problem)
            if field is None or self.form.data.get(field):
                return str(message)
        return ""


def _chosen(request: HttpRequest, service: Service, offered: list[ProductOffer]) -> ProductOffer:
    """The product of the link or the form; the service's own, where it can be configured, for anything else."""
    wanted = str(request.POST.get("product") or request.GET.get("product") or service.product_id)
    return next((offer for offer in offered if str(offer.id) == wanted), offered[0])


def _opened(service: Service, offer: ProductOffer) -> Reading:
    """As the service is now, as far as the product has room for it; a page just opened accuses nobody."""
    now = changes.of_service(changes.Family.of(service), offer)
    kept = changes.carried_over(now, offer)
    data = default_data(offer, kept.cycle) | data_of(offer, kept)
    return _read(service, offer, data)


def _read(service: Service, offer: ProductOffer, data: Any, *, blame: Container[str] | None = ()) -> Reading:
    """``blame`` are the fields whose errors are shown; ``None`` for a form that was sent."""
    form = ConfigureForm(offer, data)
    form.is_valid()
    selection = form.selection()
    family = changes.Family.of(service)
    preview = changes.preview(family, offer, selection, timezone.localdate())
    form.refuse(preview.problems)
    if blame is not None:
        form.keep_errors_of([name for name in form.fields if name in blame and data.get(name)])
    return Reading(service, form, selection, preview)


def _post(request: HttpRequest, service: Service, offered: list[ProductOffer]) -> HttpResponse:
    offer = _chosen(request, service, offered)
    if request.POST.get("action") == "recalculate":
        return _page(request, offered, _read(service, offer, request.POST, blame=request.POST))
    reading = _read(service, offer, request.POST, blame=None)
    agreed = ChangeForm(request.POST)
    if not agreed.is_valid():
        reading.form.add_error(None, _("Halaman ini sudah tidak berlaku. Periksa totalnya, lalu simpan lagi."))
    if not reading.form.errors:
        try:
            made = changes.request(
                service=service,
                product_id=offer.id,
                selection=reading.selection,
                key=agreed.cleaned_data["key"],
                seen=agreed.seen,
                actor=request.user,
            )
        except ConfigurationError as error:
            reading.form.refuse(error.problems)
        except changes.PriceChanged as changed:
            # The page's own prices may be a few seconds older.
            reading = replace(reading, preview=Preview(changed.quote, {}))
            reading.form.add_error(None, str(changed))
        except (changes.CannotChange, changes.SoldOut) as refusal:
            reading.form.add_error(None, str(refusal))
        else:
            return _done(request, made)
    return _page(request, offered, reading, status=422)


def _made(request: HttpRequest, service: Service) -> ServiceChange | None:
    agreed = ChangeForm(request.POST)
    if request.method != "POST" or not agreed.is_valid():
        return None
    return ServiceChange.objects.filter(service=service, key=agreed.cleaned_data["key"]).first()


def _done(request: HttpRequest, made: ServiceChange) -> HttpResponse:
    if made.invoice and made.is_open:
        messages.success(request, _("Perubahan dicatat. Perubahan berlaku begitu tagihan ini lunas."))
        return redirect(made.invoice)
    messages.success(request, _("Perubahan sudah berlaku."))
    return redirect(made.service)


def _context(reading: Reading) -> dict[str, Any]:
    form, quote = reading.form, reading.preview.quote
    return {
        "service": reading.service,
        "offer": form.offer,
        "form": form,
        "quote": quote,
        "changed": changes.words_of(quote) if quote else [],
        "seen": {name: f"{value:f}" for name, value in vars(changes.Seen.of(quote)).items()} if quote else {},
        "days": (reading.service.next_due - timezone.localdate()).days,
        "cycles": cycle_totals(form.offer, reading.selection),
        "option_groups": controls.option_groups(form),
        "addons": controls.addons(form),
    }


def _page(request: HttpRequest, offered: list[ProductOffer], reading: Reading, *, status: int = 200) -> HttpResponse:
    context = _context(reading) | {"offered": offered, "key": uuid.uuid4()}
    return render(request, "billing/change_service.html", context, status=status)
