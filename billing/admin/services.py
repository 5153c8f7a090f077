"""Services in the admin: what a customer has, and the buttons that begin and end it."""

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import (
    Button,
    ReadOnlyAdmin,
    ReadOnlyInline,
    ServiceButtons,
    StaffForm,
)
from billing import lifecycle, suspensions, transitions
from billing.admin import activation, changes, prices, repricing, transfers
from billing.admin.columns import money, page_of, status
from billing.admin.orders import ReasonForm
from billing.admin.service_history import HistoryPages
from billing.models import CancellationRequest, Retention, Service, ServiceComponent
from catalog.money import format_money


def complete(service: Service, actor: User, cleaned: dict) -> str:
    lifecycle.complete(service=service, actor=actor, note=cleaned["note"])
    return gettext("%(service)s selesai.") % {"service": service}


def cancel(service: Service, actor: User, cleaned: dict) -> str:
    lifecycle.cancel_service(service=service, actor=actor, note=cleaned["note"])
    return gettext("%(service)s dan semua bagiannya dibatalkan.") % {"service": service}


def set_login_details(service: Service, actor: User, cleaned: dict) -> str:
    lifecycle.set_login_details(service=service, actor=actor, login_details=activation.as_text(cleaned))
    return gettext("Detail login %(service)s diganti.") % {"service": service}


def suspend(service: Service, actor: User, cleaned: dict) -> str:
    suspensions.suspend(service=service, actor=actor, note=cleaned["note"])
    return gettext("%(service)s ditangguhkan. Pembayaran tidak mengaktifkannya lagi: itu keputusan staf.") % {
        "service": service
    }


def unsuspend(service: Service, actor: User, cleaned: dict) -> str:
    suspensions.unsuspend(service=service, actor=actor, note=cleaned["note"])
    return gettext("%(service)s berjalan lagi; pelanggan diberi tahu.") % {"service": service}


def terminate(service: Service, actor: User, cleaned: dict) -> str:
    suspensions.terminate(service=service, actor=actor, note=cleaned["note"])
    return gettext("%(service)s dan semua bagiannya diakhiri.") % {"service": service}


class LongUnpaid(admin.SimpleListFilter):
    """What is suspended for so long that staff should decide whether it ends (S4)."""

    title = _("usulan pengakhiran")
    parameter_name = "long_unpaid"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", gettext("Lama tidak dibayar"))]

    def queryset(self, request: HttpRequest, queryset: models.QuerySet) -> models.QuerySet:
        if self.value() != "1":
            return queryset
        return queryset.filter(pk__in=suspensions.to_terminate(timezone.localdate()).values("pk"))


class OptionalNoteForm(StaffForm):
    note = forms.CharField(label=_("Catatan"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))


class NewLoginDetailsForm(activation.LoginDetailsForm, StaffForm):
    """The old details are not shown: staff enters the new ones whole."""


class ComponentInline(ReadOnlyInline):
    model = ServiceComponent
    fields = readonly_fields = [
        "description_id", "quantity", money("unit_price", _("harga satuan")), money("amount", _("jumlah")),
    ]  # fmt: skip
    verbose_name = verbose_name_plural = _("rincian harga perpanjangan")


class EndInline(ReadOnlyInline):
    model = CancellationRequest
    fields = readonly_fields = ["requested_at", "requested_by", "when", "reason", "comment", "withdrawn_at", "done_at"]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("requested_by")


class RetentionInline(ReadOnlyInline):
    model = Retention
    fields = readonly_fields = ["promotion", "accepted_by", "accepted_at"]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("promotion", "accepted_by")


@admin.register(Service)
class ServiceAdmin(HistoryPages, activation.ActivationPages, prices.AnnouncesByPercent, ServiceButtons, ReadOnlyAdmin):
    list_display = ["__str__", "customer", status, "cycle", "recurring_price", "next_due", "created_at"]
    list_filter = [
        "status",
        LongUnpaid,
        ("ends_on", admin.EmptyFieldListFilter),
        "kind",
        "cycle",
        "activation",
        "product__group",
    ]
    list_select_related = ["customer"]
    search_fields = ["name_id", "name_en", "domain", "customer__name", "order__invoice__number"]
    inlines = [
        ComponentInline,
        changes.ChangeInline,
        EndInline,
        RetentionInline,
        prices.PriceChangeInline,
        transfers.TransferInline,
    ]
    fields = [
        status, page_of("customer", _("pelanggan")), page_of("order", _("pesanan")), page_of("parent", _("bagian dari")),
        "product", "domain", "domain_way", "configured", "quantity", "cycle", "recurring_price",
        money("recurring_discount", _("potongan per perpanjangan")), "next_due", "anchor_day", "activation",
        "activation_due_since", "activated_at",
        "suspended_at", "suspended_because", "ends_on", "ended_at", "login_details",
    ]  # fmt: skip
    readonly_fields = fields
    actions = ["reprice", "announce"]
    buttons = [
        changes.BUTTON,
        repricing.BUTTON,
        prices.BUTTON,
        Button(
            name="login-details",
            label=_("Ganti detail login"),
            permission="billing.change_service",
            explain=_("Detail login disimpan terenkripsi dan terlihat oleh anggota pelanggan yang berhak."),
            form=NewLoginDetailsForm,
            run=set_login_details,
            shown=lambda service: service.status in {Service.Status.ACTIVE, Service.Status.SUSPENDED},
        ),
        Button(
            name="suspend",
            label=_("Tangguhkan"),
            permission="billing.change_service",
            tone="danger",
            explain=_("Layanan dan bagiannya berhenti sampai staf mengaktifkannya lagi, juga bila tagihannya dibayar."),
            form=ReasonForm,
            run=suspend,
            shown=lambda service: service.status == Service.Status.ACTIVE and service.is_recurring,
            refusals=(transitions.InvalidTransition,),
        ),
        Button(
            name="unsuspend",
            label=_("Aktifkan lagi"),
            permission="billing.change_service",
            explain=_("Layanan dan yang ditangguhkan bersamanya berjalan lagi."),
            form=OptionalNoteForm,
            run=unsuspend,
            shown=lambda service: service.status == Service.Status.SUSPENDED,
            refusals=(transitions.InvalidTransition,),
        ),
        Button(
            name="terminate",
            label=_("Akhiri layanan"),
            permission="billing.change_service",
            tone="danger",
            explain=_(
                "Layanan dan bagiannya berakhir untuk selamanya, dan tagihan perpanjangannya yang belum dibayar batal."
            ),
            form=ReasonForm,
            run=terminate,
            shown=lambda service: service.status == Service.Status.SUSPENDED,
            refusals=(transitions.InvalidTransition, lifecycle.CannotCancel),
        ),
        Button(
            name="complete",
            label=_("Tandai selesai"),
            permission="billing.change_service",
            explain=_("Pekerjaan sekali bayar ini sudah diserahkan kepada pelanggan."),
            form=OptionalNoteForm,
            run=complete,
            shown=lambda service: service.status == Service.Status.ACTIVE and not service.is_recurring,
            refusals=(transitions.InvalidTransition, lifecycle.NotOneTime),
        ),
        Button(
            name="cancel",
            label=_("Batalkan layanan"),
            permission="billing.change_service",
            tone="danger",
            explain=_(
                "Layanan ini dan semua yang menjadi bagiannya berakhir. Tagihan yang sudah terbit tidak berubah."
            ),
            form=ReasonForm,
            run=cancel,
            shown=lambda service: service.status in {Service.Status.PENDING, Service.Status.ACTIVE},
            refusals=(transitions.InvalidTransition, lifecycle.CannotCancel),
        ),
    ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("customer", "order", "parent", "product")

    @admin.display(description=_("perpanjangan (neto)"), ordering="recurring_net")
    def recurring_price(self, service: Service) -> str:
        return format_money(service.recurring_net, service.currency) if service.is_recurring else "–"

    @admin.display(description=_("konfigurasi"))
    def configured(self, service: Service) -> SafeString | str:
        rows = [(one.get("name_id", ""), one.get("value_id", "")) for one in service.configuration]
        return format_html_join("", '<span class="block">{}: {}</span>', rows) or "–"

    @admin.display(description=_("detail login"))
    def login_details(self, service: Service) -> str:
        """Whether there are any; what they say is for the customer."""
        return gettext("tersimpan terenkripsi") if service.login_details_encrypted else gettext("belum ada")
