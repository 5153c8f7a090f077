"""Changes of services in the admin: what waits to be paid, what is in effect, and another plan for a customer."""

import uuid
from collections.abc import Iterator

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ReadOnlyInline, ServiceButtons, StaffForm
from accounts.texts import Text
from billing import changes
from billing.admin.columns import money, page_of
from billing.changes.quotes import ChangeQuote
from billing.models import Service, ServiceChange
from catalog.cycles import Cycle
from catalog.money import format_money
from catalog.pricing import ConfigurationError
from catalog.selection import Selection

PERMISSION = "billing.change_service"


class PlanForm(StaffForm):
    """Every plan and cycle that the customer could choose, with what each costs today; options stay where they can."""

    wanted = forms.ChoiceField(label=_("Paket dan siklus"), widget=forms.RadioSelect)

    def set_up(self) -> None:
        field = self.fields["wanted"]
        try:
            changes.check(self.subject, timezone.localdate())
        except changes.CannotChange as refusal:
            field.choices, field.help_text = [], str(refusal)
        else:
            field.choices = [(key, _offered(quote)) for key, quote in self.quotes.items()]

    @cached_property
    def quotes(self) -> dict[str, ChangeQuote]:
        return {f"{quote.offer.id}:{quote.selection.cycle}": quote for quote in _quotes(self.subject)}

    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("wanted"):
            cleaned["quote"] = self.quotes[cleaned["wanted"]]
        return cleaned


def _quotes(service: Service) -> Iterator[ChangeQuote]:
    family, today = changes.Family.of(service), timezone.localdate()
    for offer in changes.targets(service):
        for cycle in offer.cycles:
            now = changes.of_service(family, offer)
            kept = changes.carried_over(Selection(cycle, now.quantity, now.options, now.addons, now.domain), offer)
            try:
                quote = changes.quote(family, offer, kept, today)
            except ConfigurationError:
                # It asks for something that only the customer can say.
                continue
            if changes.words_of(quote):
                yield quote


def _offered(quote: ChangeQuote) -> str:
    names = {
        "plan": quote.offer.name,
        "cycle": Cycle(quote.selection.cycle).label,
        "renewal": format_money(quote.renewal.total, quote.currency),
        "total": format_money(quote.total, quote.currency),
        "credit": format_money(quote.given_back, quote.currency),
    }
    if quote.given_back:
        return gettext("%(plan)s, %(cycle)s: menjadi kredit %(credit)s, perpanjangan %(renewal)s") % names
    return gettext("%(plan)s, %(cycle)s: bayar hari ini %(total)s, perpanjangan %(renewal)s") % names


def _change(service: Service, actor: User, cleaned: dict) -> str:
    quote = cleaned["quote"]
    made = changes.request(
        service=service,
        product_id=quote.offer.id,
        selection=quote.selection,
        key=uuid.uuid4(),
        seen=changes.Seen.of(quote),
        actor=actor,
    )
    if made.invoice:
        return gettext("Perubahan berlaku begitu tagihan %(invoice)s lunas.") % {"invoice": made.invoice}
    return gettext("Perubahan sudah berlaku; pelanggan diberi tahu.")


BUTTON = Button(
    name="change-plan",
    label=_("Ubah paket atau siklus"),
    permission=PERMISSION,
    explain=_(
        "Atas permintaan pelanggan. Yang lebih mahal berlaku begitu tagihannya lunas, yang lebih murah langsung. "
        "Opsi lain diubah pelanggan di halaman layanannya."
    ),
    form=PlanForm,
    run=_change,
    shown=changes.can_be_asked,
    refusals=(changes.CannotChange, changes.SoldOut),
)


def _cancel(change: ServiceChange, actor: User, cleaned: dict) -> str:
    changes.cancel(change=change, actor=actor, note=cleaned["note"])
    return gettext("Perubahan dan tagihannya dibatalkan.")


class CancelForm(StaffForm):
    note = forms.CharField(label=_("Alasan"), max_length=300)


class State(admin.SimpleListFilter):
    title = _("keadaan")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [
            ("open", gettext("Menunggu pembayaran")),
            ("applied", gettext("Berlaku")),
            ("cancelled", gettext("Dibatalkan")),
        ]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        chosen = {
            "open": queryset.open(),
            "applied": queryset.filter(applied_at__isnull=False),
            "cancelled": queryset.filter(cancelled_at__isnull=False),
        }
        return chosen.get(self.value(), queryset)


@admin.display(description=_("keadaan"))
def state_of(change: ServiceChange) -> str:
    if change.is_open:
        return gettext("Menunggu pembayaran")
    return gettext("Berlaku") if change.applied_at else gettext("Dibatalkan")


@admin.display(description=_("isi perubahan"))
def contents(change: ServiceChange) -> SafeString | str:
    rows = [
        [Text(one[f"{part}_id"], one[f"{part}_en"]) for part in ("name", "before", "after")] for one in change.words
    ]
    return format_html_join("", '<span class="block">{}: {} → {}</span>', rows) or "–"


class ChangeInline(ReadOnlyInline):
    model = ServiceChange
    fields = readonly_fields = [
        "requested_at", "requested_by", contents, page_of("invoice", _("tagihan")), state_of, "applied_at",
        "cancelled_at",
    ]  # fmt: skip

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("requested_by", "invoice")


@admin.register(ServiceChange)
class ServiceChangeAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = ["service", "customer", contents, state_of, page_of("invoice", _("tagihan")), "requested_at"]
    list_filter = [State, "requested_at"]
    list_select_related = ["service__customer", "invoice"]
    search_fields = ["service__name_id", "service__domain", "service__customer__name", "invoice__number"]
    fields = [
        page_of("service", _("layanan")), "customer", state_of, contents, page_of("invoice", _("tagihan")),
        money("unused", _("sisa yang sudah dibayar")), money("charged", _("sisa periode dengan harga baru")),
        money("once", _("sekali bayar")), money("credited", _("dikembalikan (neto)")),
        money("recurring_net", _("harga perpanjangan baru (neto)")), "period_start", "period_end",
        "requested_by", "requested_at", "applied_at", "cancelled_at",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="cancel",
            label=_("Batalkan perubahan"),
            permission=PERMISSION,
            tone="danger",
            explain=_("Tagihannya ikut batal; layanan berjalan seperti sebelumnya."),
            form=CancelForm,
            run=_cancel,
            shown=lambda change: change.is_open,
            refusals=(changes.CannotChange,),
        )
    ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("service__customer", "invoice", "requested_by")

    @admin.display(description=_("pelanggan"), ordering="service__customer__name")
    def customer(self, change: ServiceChange) -> str:
        return change.service.customer.name
