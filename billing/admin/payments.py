"""Money in the admin: what came in, what it paid, customers' credit. Rows are never edited; a reversal answers them."""

from django import forms, urls
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.dates import short_moment
from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ReadOnlyInline, ServiceButtons, StaffForm, link_to
from billing import payments, receipts, transitions
from billing.admin.columns import money, page_of
from billing.models import Allocation, CreditEntry, Payment
from billing.views.receipts import of_payment


class ReversalForm(StaffForm):
    reason = forms.CharField(label=_("Alasan"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    sure = forms.BooleanField(
        label=_("Saya yakin: tagihan yang dibayarnya terbuka lagi, dan kreditnya ditarik. Layanan tidak berubah.")
    )


def reverse(payment: Payment, actor: User, cleaned: dict) -> str:
    payments.reverse(payment=payment, reason=cleaned["reason"], actor=actor)
    return gettext("Pembayaran %(payment)s dibatalkan.") % {"payment": payment}


class AllocationInline(ReadOnlyInline):
    model = Allocation
    fields = readonly_fields = [page_of("invoice", _("tagihan")), money("amount", _("jumlah")), "on"]
    verbose_name = verbose_name_plural = _("membayar tagihan")

    @admin.display(description=_("dicatat"))
    def on(self, allocation: Allocation) -> str:
        return short_moment(allocation.created_at)

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("invoice")


class CreditInline(ReadOnlyInline):
    model = CreditEntry
    fields = readonly_fields = [money("amount", _("jumlah")), "note", "actor"]
    verbose_name = verbose_name_plural = _("kredit dari pembayaran ini")


@admin.register(Payment)
class PaymentAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = [
        "__str__",
        "customer",
        money("amount", _("jumlah")),
        "receipt",
        "source",
        "received_on",
        "recorded_by",
        "reversed",
    ]
    list_filter = ["source", "method", "received_on"]
    list_select_related = ["customer", "recorded_by", "reversal"]
    search_fields = ["reference", "customer__name", "allocations__invoice__number"]
    inlines = [AllocationInline, CreditInline]
    fields = [
        page_of("customer", _("pelanggan")), money("amount", _("jumlah")), "receipt", "source", "method", "received_on",
        "reference", "confirmed_by", "recorded_by", "recorded_at", "reversal_shown",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="reverse",
            label=_("Batalkan pembayaran"),
            permission=payments.VERIFY,
            tone="danger",
            explain=_("Untuk pembayaran yang ternyata tidak masuk. Pembayaran tetap tercatat, dengan lawannya."),
            form=ReversalForm,
            run=reverse,
            shown=lambda payment: not hasattr(payment, "reversal"),
            refusals=(payments.PaymentRefused, transitions.InvalidTransition),
        )
    ]

    def get_queryset(self, request: HttpRequest):
        related = ["customer", "method", "recorded_by", "reversal__actor"]
        return super().get_queryset(request).select_related(*related)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.download_receipt)
        return [path("<int:object_id>/receipt/", view, name="billing_payment_receipt"), *super().get_urls()]

    def download_receipt(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        return of_payment(get_object_or_404(self.get_queryset(request), pk=object_id))

    @admin.display(description=_("kuitansi"))
    def receipt(self, payment: Payment) -> SafeString | str:
        number = receipts.number_of(payment)
        address = urls.reverse("admin:billing_payment_receipt", args=[payment.pk])
        return format_html('<a href="{}">{}</a>', address, number) if number else "–"

    @admin.display(description=_("konfirmasi"))
    def confirmed_by(self, payment: Payment) -> SafeString | str:
        links = [(link_to(one),) for one in payment.confirmations.select_related("invoice")]
        return format_html_join("", '<span class="block">{}</span>', links) or "–"

    @admin.display(description=_("dibatalkan"), boolean=True)
    def reversed(self, payment: Payment) -> bool:
        return hasattr(payment, "reversal")

    @admin.display(description=_("pembatalan"))
    def reversal_shown(self, payment: Payment) -> str:
        reversal = getattr(payment, "reversal", None)
        if reversal is None:
            return "–"
        return gettext("%(when)s oleh %(who)s: %(reason)s") % {
            "when": f"{reversal.created_at:%d-%m-%Y %H.%M}",
            "who": reversal.actor or gettext("sistem"),
            "reason": reversal.reason,
        }


@admin.register(CreditEntry)
class CreditEntryAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "customer", money("amount", _("jumlah")), "note", "payment", "invoice"]
    list_select_related = ["customer", "payment", "invoice"]
    search_fields = ["customer__name", "note", "invoice__number"]
    fields = [
        page_of("customer", _("pelanggan")), money("amount", _("jumlah")), "note", page_of("payment", _("pembayaran")),
        page_of("invoice", _("tagihan")), "actor", "created_at",
    ]  # fmt: skip
    readonly_fields = fields
