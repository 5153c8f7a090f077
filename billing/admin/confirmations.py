"""Confirmations in the admin: the archive, and the action that accepts several at once where nothing is unusual."""

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import ReadOnlyAdmin
from billing import confirmations, doubts, payments
from billing.admin.columns import HistoryInline, money, page_of, status
from billing.admin.desk import VERIFY, Comparison, DeskPages
from billing.models import ConfirmationEvent, PaymentConfirmation
from catalog.money import format_money


class ConfirmationHistory(HistoryInline):
    model = ConfirmationEvent


@admin.register(PaymentConfirmation)
class PaymentConfirmationAdmin(DeskPages, ReadOnlyAdmin):
    list_display = [
        "invoice", "customer", status, money("amount", _("menurut pelanggan")), "balance", "sender_name", "submitted_at",
        "decided_by",
    ]  # fmt: skip
    list_filter = ["status", "bank_account", "submitted_at"]
    list_select_related = ["invoice__customer", "decided_by"]
    search_fields = ["invoice__number", "invoice__customer__name", "sender_name", "sender_number"]
    change_list_template = "admin/billing/confirmations.html"
    inlines = [ConfirmationHistory]
    actions = ["approve_exact"]
    fields = [
        page_of("invoice", _("tagihan")), "customer", status, money("amount", _("menurut pelanggan")),
        money("withheld", _("PPh 23 dipotong")), "balance", "bank_account", "sender_bank", "sender_number", "sender_name",
        "transferred_on", "note", "proofs_shown", "submitted_by", "submitted_at", "decided_by", "decided_at", "reason",
        page_of("payment", _("pembayaran")),
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("invoice__customer", "bank_account", "payment")

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        """Whoever may decide does so at the desk; others read."""
        if request.user.has_perm(VERIFY) and object_id.isdecimal():
            return redirect("admin:billing_desk_confirmation", int(object_id))
        return super().change_view(request, object_id, *args, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: PaymentConfirmation | None = None) -> bool:
        return request.user.has_perm(VERIFY) or super().has_view_permission(request, obj)

    def has_verify_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(VERIFY)

    @admin.action(description=_("Terima yang jumlahnya pas dan tanpa peringatan"), permissions=["verify"])
    def approve_exact(self, request: HttpRequest, queryset: QuerySet) -> None:
        """Each in its own transaction: one that fails stops no other, and each that is passed over is named."""
        accepted = 0
        for confirmation in queryset.order_by("submitted_at", "pk"):
            problem = self._why_not(confirmation) or self._accept(request, confirmation)
            if problem:
                messages.warning(request, f"{confirmation.invoice}: {problem}")
            else:
                accepted += 1
        words = ngettext("%(count)d konfirmasi diterima.", "%(count)d konfirmasi diterima.", accepted)
        messages.success(request, words % {"count": accepted})

    def _why_not(self, confirmation: PaymentConfirmation) -> str:
        """The reason to look at it on its own page, or nothing."""
        if confirmation.status == PaymentConfirmation.Status.SUBMITTED:
            if confirmation.transfer:
                return gettext("bagian dari satu transfer untuk beberapa tagihan, jadi dilewati.")
            comparison = Comparison.of([confirmation])
            if not comparison.exact:
                return gettext("%(difference)s dari sisa tagihan, jadi dilewati.") % {"difference": comparison.words}
            if confirmation.withheld:
                return gettext("memotong PPh 23, jadi dilewati.")
            if doubts.about(confirmation):
                return gettext("ada peringatan, jadi dilewati.")
        return ""

    def _accept(self, request: HttpRequest, confirmation: PaymentConfirmation) -> str:
        try:
            confirmations.approve(confirmation=confirmation, amount=confirmation.amount, actor=request.user)
        except (confirmations.ConfirmationRefused, payments.PaymentRefused, ValidationError) as refusal:
            return str(refusal)
        self.log_change(request, confirmation, gettext("Diterima"))
        return ""

    @admin.display(description=_("pelanggan"), ordering="invoice__customer__name")
    def customer(self, confirmation: PaymentConfirmation) -> str:
        return confirmation.invoice.customer.name

    @admin.display(description=_("sisa tagihan"))
    def balance(self, confirmation: PaymentConfirmation) -> str:
        return format_money(confirmation.invoice.balance, confirmation.invoice.currency)

    @admin.display(description=_("bukti"))
    def proofs_shown(self, confirmation: PaymentConfirmation) -> SafeString | str:
        links = [
            (reverse("admin:billing_desk_proof", args=[proof.pk]), proof.name) for proof in confirmation.proofs.all()
        ]
        return format_html_join(" ", '<a class="block" href="{}">{}</a>', links) or "–"
