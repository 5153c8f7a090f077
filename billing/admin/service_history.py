"""A service's whole history in the admin: its newest part on the service's page, all of it on a page of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from accounts.models import User
from billing import service_history
from billing.admin.wording import what_happened
from billing.models import CreditNote, InvoiceEvent, Service, ServiceChange, ServiceEvent
from billing.service_history import Happening
from catalog.money import format_money

SHOWN_ON_THE_SERVICE = 10


@dataclass(frozen=True)
class Entry:
    """One happening in words; ``url`` where it has a page in the admin."""

    at: datetime
    words: str
    actor: User | str | None = None
    note: str = ""
    url: str = ""


def _of_event(event: ServiceEvent, service: Service) -> Entry:
    words = what_happened(event)
    if event.service_id != service.pk:
        words = f"{event.service}: {words}"
    return Entry(event.at, words, event.actor, event.note)


def _of_invoice(event: InvoiceEvent, service: Service) -> Entry:
    words = _("Tagihan %(invoice)s: %(what)s") % {"invoice": event.invoice, "what": what_happened(event)}
    return Entry(
        event.at, words, event.actor, event.note, reverse("admin:billing_invoice_change", args=[event.invoice_id])
    )


def _of_credit_note(note: CreditNote, service: Service) -> Entry:
    amount = format_money(note.total, note.currency)
    words = _("Nota kredit %(note)s: %(amount)s") % {"note": note, "amount": amount}
    return Entry(
        note.created_at,
        words,
        note.issued_by,
        note.reason,
        reverse("admin:billing_invoice_change", args=[note.invoice_id]),
    )


def _of_change(change: ServiceChange, service: Service) -> Entry:
    price = format_money(change.recurring_net, change.currency)
    words = _("Perubahan diminta: %(product)s, perpanjangan %(price)s") % {"product": change.product, "price": price}
    url = reverse("admin:billing_invoice_change", args=[change.invoice_id]) if change.invoice_id else ""
    return Entry(change.requested_at, words, change.requested_by, url=url)


Describe = Callable[..., Entry]
_WORDS: dict[str, Describe] = {
    "event": _of_event,
    "invoice": _of_invoice,
    "credit_note": _of_credit_note,
    "change": _of_change,
}


def say(key: str, describe: Describe) -> None:
    """How the rows of a source that another app added (``service_history.also``) are told."""
    _WORDS[key] = describe


def entries(page, service: Service) -> list[Entry]:
    return [_entry(one, service) for one in page.object_list]


def _entry(one: Happening, service: Service) -> Entry:
    return _WORDS[one.key](one.row, service)


class HistoryPages(admin.ModelAdmin):
    """Adds the histories to the admin of services."""

    change_form_template = "admin/billing/service.html"

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.whole_history)
        return [path("<int:object_id>/timeline/", view, name="billing_service_timeline"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: Mapping, *args, obj: Service | None = None, **kwargs):
        if obj is not None:
            page = service_history.page_of(obj, request.user, 1, SHOWN_ON_THE_SERVICE)
            context |= {"happened": entries(page, obj), "happenings": page.paginator.count}
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def whole_history(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        service = Service.objects.select_related("customer").filter(pk=object_id).first()
        if service is None:
            raise Http404
        page = service_history.page_of(service, request.user, request.GET.get("p"))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Riwayat layanan"),
            "subtitle": str(service),
            "opts": self.model._meta,
            "service": service,
            "page": page,
            "happened": entries(page, service),
        }
        return TemplateResponse(request, "admin/billing/service_timeline.html", context)
