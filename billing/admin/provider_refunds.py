"""Credit that goes back through the provider that it came through: the button that asks for it, the list, the odd ones."""

import uuid

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ServiceButtons, StaffForm
from billing import payments, provider_refunds, refunds
from billing.admin.attempts import NoteForm
from billing.admin.columns import HistoryInline, money, page_of, status
from billing.attempts import deciding, refunding
from billing.forms import RupiahField
from billing.models import CreditAccount, ProviderRefund, ProviderRefundEvent
from catalog.money import format_money

NOTHING_DONE = (refunds.CannotRefund, payments.NotAllowed)


class SendBackForm(StaffForm):
    """How much of the credit of which payment; ``once`` names this form, so that sending it twice does it once."""

    payment = forms.ChoiceField(label=_("Dari pembayaran"))
    amount = RupiahField(label=_("Jumlah yang dikembalikan"))
    reason = forms.CharField(label=_("Alasan"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))
    once = forms.UUIDField(widget=forms.HiddenInput)

    def set_up(self) -> None:
        self.possible = {str(one.received.pk): one for one in provider_refunds.of_customer(self.subject)}
        self.fields["payment"].choices = [(pk, _words(one)) for pk, one in self.possible.items()]
        self.fields["once"].initial = uuid.uuid4
        if len(self.possible) == 1:
            [only] = self.possible.values()
            self.fields["amount"].initial = only.left

    def clean(self) -> dict:
        cleaned = super().clean()
        chosen = self.possible.get(cleaned.get("payment", ""))
        cleaned["received"] = chosen and chosen.received
        return cleaned


def _words(one: provider_refunds.Refundable) -> str:
    return gettext("%(provider)s %(channel)s, %(invoice)s: paling banyak %(left)s") % {
        "provider": one.provider,
        "channel": one.received.channel,
        "invoice": one.received.attempt.invoice,
        "left": format_money(one.left, one.received.payment.currency),
    }


def send_back(customer: CreditAccount, actor: User, cleaned: dict) -> str:
    made = provider_refunds.send_back(
        received=cleaned["received"],
        amount=cleaned["amount"],
        reason=cleaned["reason"],
        cause=f"staff:{cleaned['once']}",
        actor=actor,
    )
    return gettext("%(amount)s sedang dikembalikan lewat %(provider)s. Pelanggan mendapat email setelah terkirim.") % {
        "amount": format_money(made.amount, made.currency),
        "provider": deciding.name_of(made.attempt.provider),
    }


SEND_BACK = Button(
    name="send-back",
    label=_("Kembalikan lewat penyedia"),
    permission=refunds.PAY,
    explain=_(
        "Penyedia mengirimnya ke cara pelanggan membayar. Kreditnya langsung dipotong; bila penyedia menolak, kreditnya "
        "kembali."
    ),
    form=SendBackForm,
    run=send_back,
    shown=lambda customer: bool(provider_refunds.of_customer(customer)),
    refusals=NOTHING_DONE,
)


def _settle(went_back: bool):
    def run(refund: ProviderRefund, actor: User, cleaned: dict) -> str:
        refunding.settle(refund=refund, went_back=went_back, note=cleaned["note"], actor=actor)
        return gettext("Pengembalian %(refund)s: %(status)s.") % {
            "refund": refund,
            "status": refund.get_status_display().lower(),
        }

    return run


def stays_open(refund: ProviderRefund) -> bool:
    return refund.status == ProviderRefund.Status.QUEUED and refund.tries > 0


class RefundHistory(HistoryInline):
    model = ProviderRefundEvent


@admin.register(ProviderRefund)
class ProviderRefundAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = [
        "__str__", "customer", money("amount", _("jumlah")), status, "provider", "asked_by", "asked_at", "error",
    ]  # fmt: skip
    list_filter = ["status", "asked_at"]
    list_select_related = ["attempt", "payment__customer", "asked_by"]
    search_fields = ["attempt__order_id", "payment__customer__name", "key", "provider_refund_id", "reason"]
    inlines = [RefundHistory]
    fields = [
        status, "error", "customer", money("amount", _("jumlah")), "reason", page_of("attempt", _("percobaan")),
        page_of("payment", _("pembayaran")), page_of("credit_note", _("nota kredit")),
        page_of("refund", _("pengembalian dana")), "key", "provider_refund_id", "tries", "asked_by", "asked_at",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="went-back",
            label=_("Sudah terkirim"),
            permission=refunds.PAY,
            explain=_("Hanya bila Anda melihat di dasbor penyedia bahwa uangnya sudah kembali ke pelanggan."),
            form=NoteForm,
            run=_settle(went_back=True),
            shown=stays_open,
            refusals=NOTHING_DONE,
        ),
        Button(
            name="stayed",
            label=_("Tidak terkirim"),
            permission=refunds.PAY,
            tone="danger",
            explain=_(
                "Hanya bila Anda melihat di dasbor penyedia bahwa uangnya tidak dikirim. Kreditnya kembali kepada pelanggan."
            ),
            form=NoteForm,
            run=_settle(went_back=False),
            shown=stays_open,
            refusals=NOTHING_DONE,
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        related = ["attempt", "payment__customer", "credit_note", "refund", "asked_by"]
        return super().get_queryset(request).select_related(*related)

    @admin.display(description=_("pelanggan"))
    def customer(self, refund: ProviderRefund) -> str:
        return page_of("customer", "")(refund.payment)

    @admin.display(description=_("penyedia"))
    def provider(self, refund: ProviderRefund) -> str:
        return deciding.name_of(refund.attempt.provider)
