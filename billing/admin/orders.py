"""Orders in the admin: what was ordered, and the buttons that end it unpaid."""

from django import forms
from django.contrib import admin
from django.db.models import Sum
from django.http import HttpRequest
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
    link_to,
)
from billing import instalments, lifecycle, transitions
from billing.admin.columns import HistoryInline, money, page_of, status
from billing.admin.new_order import OrderPages
from billing.models import Invoice, Order, OrderEvent, PromotionRedemption, Service
from catalog.money import ZERO, format_money


class ReasonForm(StaffForm):
    note = forms.CharField(label=_("Alasan"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))


def cancel(order: Order, actor: User, cleaned: dict) -> str:
    lifecycle.cancel_order(order=order, actor=actor, note=cleaned["note"])
    return gettext("Pesanan %(order)s dibatalkan; pelanggan diberi tahu.") % {"order": order}


def mark_fraud(order: Order, actor: User, cleaned: dict) -> str:
    lifecycle.mark_fraud(order=order, actor=actor, note=cleaned["note"])
    return gettext("Pesanan %(order)s ditandai sebagai penipuan.") % {"order": order}


def is_pending(order: Order) -> bool:
    return order.status == Order.Status.PENDING


REFUSALS = (transitions.InvalidTransition, lifecycle.CannotCancel)


class ServiceInline(ReadOnlyInline):
    model = Service
    fields = readonly_fields = [
        "page",
        status,
        "cycle",
        "quantity",
        money("recurring_net", _("perpanjangan (neto)")),
        "next_due",
    ]

    @admin.display(description=_("layanan"))
    def page(self, service: Service) -> SafeString:
        return link_to(service)


class LaterPartInline(ReadOnlyInline):
    model = Invoice
    fk_name = "instalment_of"
    fields = readonly_fields = ["page", status, money("total", _("total")), "due_on"]
    verbose_name = verbose_name_plural = _("termin berikutnya")

    @admin.display(description=_("tagihan"))
    def page(self, invoice: Invoice) -> SafeString:
        return link_to(invoice, f"{invoice} ({instalments.label(invoice)})")

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).with_awaiting_verification().order_by("instalment")


class OrderHistory(HistoryInline):
    model = OrderEvent


@admin.register(Order)
class OrderAdmin(OrderPages, ServiceButtons, ReadOnlyAdmin):
    list_display = ["name", "customer", status, "total", "payment_method", "created_at"]
    list_filter = ["status", "payment_method", "created_at"]
    list_select_related = ["customer", "invoice", "payment_method"]
    search_fields = ["customer__name", "customer__billing_email", "invoice__number", "po_number", "placed_by__email"]
    inlines = [ServiceInline, LaterPartInline, OrderHistory]
    change_list_template = "admin/billing/orders.html"
    fields = [
        "name", status, page_of("customer", _("pelanggan")), page_of("invoice", _("tagihan")), "total", "payment_method",
        "promotion", "placed_by", "created_at", "po_number", "terms", "terms_accepted_at", "ip_address", "notes",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="cancel",
            label=_("Batalkan pesanan"),
            permission="billing.change_order",
            tone="danger",
            explain=_(
                "Pesanan, tagihan, dan layanannya dibatalkan; stok dan promo dilepas; pelanggan diberi tahu lewat email."
            ),
            form=ReasonForm,
            run=cancel,
            shown=is_pending,
            refusals=REFUSALS,
        ),
        Button(
            name="fraud",
            label=_("Tandai penipuan"),
            permission="billing.change_order",
            tone="danger",
            explain=_("Seperti pembatalan, tetapi pelanggan tidak menerima email apa pun."),
            form=ReasonForm,
            run=mark_fraud,
            shown=is_pending,
            refusals=REFUSALS,
        ),
    ]

    def get_queryset(self, request: HttpRequest):
        related = ["customer", "invoice", "payment_method", "placed_by", "redemption__promotion"]
        orders = super().get_queryset(request).select_related(*related)
        return orders.annotate(total_of_later_parts=Sum("instalments__total"))

    @admin.display(description=_("pesanan"), ordering="pk")
    def name(self, order: Order) -> str:
        return str(order)

    @admin.display(description=_("total"), ordering="invoice__total")
    def total(self, order: Order) -> str:
        """Of all its parts, where it is paid in several."""
        if not hasattr(order, "invoice"):
            return "–"
        return format_money(order.invoice.total + (order.total_of_later_parts or ZERO), order.currency)

    @admin.display(description=_("promo"))
    def promotion(self, order: Order) -> str:
        redemption: PromotionRedemption | None = getattr(order, "redemption", None)
        return f"{redemption.promotion} ({redemption.get_status_display()})" if redemption else "–"


@admin.register(PromotionRedemption)
class PromotionRedemptionAdmin(ReadOnlyAdmin):
    """Which orders used a promotion (D4)."""

    list_display = ["promotion", page_of("order", _("pesanan")), "customer", "status", "created_at"]
    list_display_links = None
    list_filter = ["status", "promotion"]
    list_select_related = ["promotion", "order", "customer"]
    search_fields = ["promotion__code", "customer__name"]
    fields = ["promotion", page_of("order", _("pesanan")), "customer", "status", "created_at"]
    readonly_fields = fields
