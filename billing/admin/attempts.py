"""Attempts to be paid by a provider, in the admin: what was asked, what came, every message, and staff's decisions."""

import json
from contextlib import suppress

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ReadOnlyInline, ServiceButtons, StaffForm, link_to
from billing import attempts, gateways, payments, transitions
from billing.admin.columns import HistoryInline, money, page_of, status
from billing.attempts import deciding
from billing.models import AttemptPayment, GatewayMessage, PaymentAttempt, PaymentAttemptEvent, ProviderRefund
from catalog.money import format_money

Status = PaymentAttempt.Status
# What a page shows of one body, and how many messages; the rest is in the list of messages.
LONGEST_BODY = 20_000
MOST_MESSAGES = 100
MOST_NESTED = 1_000


def readable(body: str) -> str:
    """A message's body: JSON with its lines and indents, anything else as it came; never longer than a page bears.

    Anybody can send a webhook: what is nested so deep that its indents would fill the memory stays as it came.
    """
    if len(body) <= LONGEST_BODY and body.count("[") + body.count("{") <= MOST_NESTED:
        with suppress(ValueError, RecursionError):
            body = json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    # Half of a surrogate pair is JSON, and no text that can be sent.
    body = body.encode("utf-8", "replace").decode().replace("\x00", "\N{REPLACEMENT CHARACTER}")
    if len(body) <= LONGEST_BODY:
        return body
    cut = gettext("dipotong, %(count)d karakter") % {"count": len(body)}
    return f"{body[:LONGEST_BODY]}\n… {cut}"


class ProviderFilter(admin.SimpleListFilter):
    title = _("penyedia")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(provider.code, provider.name) for provider in gateways.providers.values()]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return rows.filter(provider=self.value()) if self.value() else rows


class TroubleFilter(admin.SimpleListFilter):
    title = _("masalah")
    parameter_name = "trouble"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("1", gettext("Bermasalah")), ("0", gettext("Tanpa masalah"))]

    def queryset(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        trouble = Q(status__in=[Status.REVIEW, Status.FAILED]) | Q(silent_since__isnull=False) & ~Q(job="")
        found = {"1": trouble, "0": ~trouble}.get(self.value())
        return rows if found is None else rows.filter(found)


class NoteForm(StaffForm):
    """What staff saw, kept in the history."""

    note = forms.CharField(
        label=_("Catatan"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Apa yang Anda periksa dan putuskan."),
    )


def ask_now(attempt: PaymentAttempt, actor: User, cleaned: dict) -> str:
    attempts.ask_now(attempt)
    return gettext("%(provider)s sedang ditanya. Muat ulang halaman ini sebentar lagi.") % {
        "provider": deciding.name_of(attempt.provider)
    }


def close(attempt: PaymentAttempt, actor: User, cleaned: dict) -> str:
    attempts.cancel(attempt, actor=actor, note=cleaned["note"])
    return gettext("Percobaan %(attempt)s ditutup.") % {"attempt": attempt}


def accept(attempt: PaymentAttempt, actor: User, cleaned: dict) -> str:
    payment = deciding.accept_difference(attempt=attempt, actor=actor)
    return gettext("%(amount)s dicatat untuk %(invoice)s.") % {
        "amount": format_money(payment.amount, payment.currency),
        "invoice": attempt.invoice,
    }


def dismiss(attempt: PaymentAttempt, actor: User, cleaned: dict) -> str:
    deciding.dismiss(attempt=attempt, note=cleaned["note"], actor=actor)
    return gettext("Tinjauan selesai: %(status)s.") % {"status": attempt.get_status_display().lower()}


def is_in_review(attempt: PaymentAttempt) -> bool:
    return attempt.status == Status.REVIEW


class ReceivedInline(ReadOnlyInline):
    model = AttemptPayment
    fields = readonly_fields = [page_of("payment", _("pembayaran")), "amount_shown", "transaction_id", "channel"]
    verbose_name = verbose_name_plural = _("uang yang masuk")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("payment")

    @admin.display(description=_("jumlah"))
    def amount_shown(self, received: AttemptPayment) -> str:
        return format_money(received.payment.amount, received.payment.currency)


class SentBackInline(ReadOnlyInline):
    model = ProviderRefund
    fields = readonly_fields = ["page", money("amount", _("jumlah")), status, "reason", "asked_by"]
    verbose_name = verbose_name_plural = _("dikembalikan lewat penyedia")

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("attempt", "asked_by")

    @admin.display(description=_("pengembalian"))
    def page(self, refund: ProviderRefund) -> SafeString | str:
        return link_to(refund)


class AttemptHistory(HistoryInline):
    model = PaymentAttemptEvent


class AttemptInline(ReadOnlyInline):
    """The attempts on the page of their invoice."""

    model = PaymentAttempt
    fields = readonly_fields = ["page", "provider_name", status, money("amount", _("jumlah")), "created_at", "error"]
    verbose_name = verbose_name_plural = _("pembayaran lewat penyedia")
    ordering = ["pk"]

    @admin.display(description=_("nomor pesanan di penyedia"))
    def page(self, attempt: PaymentAttempt) -> SafeString:
        address = reverse("admin:billing_paymentattempt_change", args=[attempt.pk])
        return format_html('<a href="{}">{}</a>', address, attempt.order_id)

    @admin.display(description=_("penyedia"))
    def provider_name(self, attempt: PaymentAttempt) -> str:
        return deciding.name_of(attempt.provider)


@admin.register(PaymentAttempt)
class PaymentAttemptAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = [
        "order_id", status, page_of("invoice", _("tagihan")), money("amount", _("jumlah")), "provider_name", "channel",
        "created_at", "error",
    ]  # fmt: skip
    list_filter = ["status", ProviderFilter, TroubleFilter, "created_at"]
    list_select_related = ["invoice"]
    search_fields = ["invoice__number", "order_id", "provider_id", "facts__number", "received__transaction_id"]
    inlines = [ReceivedInline, SentBackInline, AttemptHistory]
    change_form_template = "admin/billing/attempt.html"
    fields = [
        status, "error", page_of("invoice", _("tagihan")), "customer", "provider_name", "method", "channel", "order_id",
        "provider_id", money("amount", _("jumlah")), "pays_to", "expires_at", "paid_at",
        money("refunded", _("dikembalikan")), "next_step", "created_by", "created_at",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="ask",
            label=_("Tanya penyedia sekarang"),
            permission=payments.VERIFY,
            explain=_("Status percobaan ini ditanyakan di latar belakang; yang sudah dibayar langsung tercatat."),
            run=ask_now,
        ),
        Button(
            name="close",
            label=_("Tutup percobaan"),
            permission=payments.VERIFY,
            tone="danger",
            explain=_(
                "Nomor atau halaman pembayarannya ditutup di penyedia. Pelanggan dapat meminta yang baru selama tagihannya "
                "belum dibayar."
            ),
            form=NoteForm,
            run=close,
            shown=lambda attempt: attempt.is_live,
            refusals=(transitions.InvalidTransition,),
        ),
        Button(
            name="accept",
            label=_("Catat uang yang masuk"),
            permission=payments.VERIFY,
            tone="primary",
            explain=_(
                "Penyedia ditanya sekali lagi, dan jumlah yang benar-benar masuk dicatat. Bila kurang, tagihan dibayar "
                "sebagian; kelebihannya menjadi kredit pelanggan."
            ),
            run=accept,
            shown=is_in_review,
            refusals=(deciding.CannotDecide, payments.PaymentRefused),
        ),
        Button(
            name="dismiss",
            label=_("Selesai ditinjau"),
            permission=payments.VERIFY,
            explain=_("Tidak ada uang yang dicatat atau dipindahkan; tinjauannya ditutup dengan catatan Anda."),
            form=NoteForm,
            run=dismiss,
            shown=is_in_review,
            refusals=(deciding.CannotDecide, payments.NotAllowed),
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("invoice__customer", "method", "created_by")

    def render_change_form(self, request: HttpRequest, context: dict, *args, obj=None, **kwargs):
        if obj is not None and request.user.has_perm("billing.view_gatewaymessage"):
            # The newest that the page has room for, in the order in which they went.
            newest = list(obj.messages.order_by("-at", "-pk")[: MOST_MESSAGES + 1])
            context["exchange"] = [_as_shown(message) for message in reversed(newest[:MOST_MESSAGES])]
            context["more_messages"] = len(newest) > MOST_MESSAGES
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    @admin.display(description=_("pelanggan"))
    def customer(self, attempt: PaymentAttempt) -> SafeString | str:
        return page_of("customer", "")(attempt.invoice)

    @admin.display(description=_("penyedia"), ordering="provider")
    def provider_name(self, attempt: PaymentAttempt) -> str:
        return deciding.name_of(attempt.provider)

    @admin.display(description=_("dibayar ke"))
    def pays_to(self, attempt: PaymentAttempt) -> str:
        return " · ".join(str(value) for value in attempt.facts.values()) or attempt.redirect_url or "–"

    @admin.display(description=_("langkah berikutnya"))
    def next_step(self, attempt: PaymentAttempt) -> str:
        if attempt.job == PaymentAttempt.Job.NONE:
            return "–"
        words = gettext("%(job)s, percobaan ke-%(tries)d") % {
            "job": attempt.get_job_display(),
            "tries": attempt.tries + 1,
        }
        return words if attempt.tries else attempt.get_job_display()


def _as_shown(message: GatewayMessage) -> dict:
    """What the page says of one message: who spoke, what became of it, and both bodies."""
    return {
        "message": message,
        "sent": readable(message.sent_text) if message.sent else "",
        "received": readable(message.received_text) if message.received else "",
    }


@admin.register(GatewayMessage)
class GatewayMessageAdmin(ReadOnlyAdmin):
    """Every webhook and every call, raw: also what nobody knew or what somebody forged."""

    list_display = ["at", "provider_name", "direction", "kind", "outcome", "http_status", "attempt", "detail"]
    list_filter = ["outcome", "direction", ProviderFilter, "kind", "at"]
    list_select_related = ["attempt"]
    search_fields = ["attempt__order_id", "attempt__invoice__number", "detail"]
    fields = [
        "at", "provider_name", "direction", "kind", "url", "outcome", "http_status", "detail",
        page_of("attempt", _("percobaan")), "sent_shown", "received_shown",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        # Bodies are read where one is shown.
        return super().get_queryset(request).select_related("attempt").defer("sent", "received")

    @admin.display(description=_("penyedia"), ordering="provider")
    def provider_name(self, message: GatewayMessage) -> str:
        return deciding.name_of(message.provider)

    @admin.display(description=_("dikirim"))
    def sent_shown(self, message: GatewayMessage) -> SafeString | str:
        return _body(message.sent_text)

    @admin.display(description=_("diterima"))
    def received_shown(self, message: GatewayMessage) -> SafeString | str:
        return _body(message.received_text)


def _body(text: str) -> SafeString | str:
    return format_html('<pre class="mail-text">{}</pre>', readable(text)) if text else "–"
