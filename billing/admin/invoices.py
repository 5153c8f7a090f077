"""Invoices in the admin: documents to look at, and the buttons that issue, cancel, settle and send them."""

import uuid

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import outbox
from accounts.dates import short_moment
from accounts.models import OutboxEmail, Shop, User
from accounts.staff_pages import (
    Button,
    ReadOnlyAdmin,
    ReadOnlyInline,
    ServiceButtons,
    StaffForm,
    link_to,
)
from billing import documents, editing, instalments, invoicing, lifecycle, payments, pdf, transitions, withholding
from billing.admin import corrections, papers
from billing.admin.attempts import AttemptInline
from billing.admin.columns import HistoryInline, money, page_of, status
from billing.admin.editor import InvoiceEditor
from billing.admin.orders import ReasonForm
from billing.downloads import as_file
from billing.forms import RupiahField
from billing.models import Allocation, Invoice, InvoiceEvent, InvoiceLine, NumberCounter, Payment, PaymentMethod
from catalog.money import format_money

VERIFY = payments.VERIFY


class ManualPaymentForm(StaffForm):
    """Money that staff saw arrive. ``once`` names this form, so that sending it twice records one payment."""

    amount = RupiahField(label=_("Jumlah diterima"))
    received_on = forms.DateField(
        label=_("Tanggal diterima"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    method = forms.ModelChoiceField(PaymentMethod.objects.all(), label=_("Metode"), required=False)
    reference = forms.CharField(
        label=_("Referensi"), max_length=150, help_text=_("Misalnya nomor mutasi atau nama pengirim.")
    )
    once = forms.UUIDField(widget=forms.HiddenInput)

    def set_up(self) -> None:
        self.fields["amount"].initial = self.subject.balance
        self.fields["received_on"].initial = timezone.localdate
        self.fields["method"].initial = self.subject.payment_method_id
        self.fields["once"].initial = uuid.uuid4

    def clean_received_on(self):
        day = self.cleaned_data["received_on"]
        if day > timezone.localdate():
            raise forms.ValidationError(_("Tanggal tidak boleh di masa depan."))
        return day


class WithholdingForm(StaffForm):
    """The slip (bukti potong) that staff has seen; ``once`` as above."""

    reference = forms.CharField(label=_("Nomor bukti potong"), max_length=150)
    once = forms.UUIDField(widget=forms.HiddenInput)

    def set_up(self) -> None:
        self.fields["once"].initial = uuid.uuid4


def issue(invoice: Invoice, actor: User, cleaned: dict) -> str:
    editing.issue(invoice=invoice, actor=actor)
    return gettext("Tagihan %(invoice)s diterbitkan dan dikirim ke pelanggan.") % {"invoice": invoice}


def cancel(invoice: Invoice, actor: User, cleaned: dict) -> str:
    invoicing.cancel(invoice=invoice, actor=actor, note=cleaned["note"])
    return gettext("Tagihan %(invoice)s dibatalkan.") % {"invoice": invoice}


def record_payment(invoice: Invoice, actor: User, cleaned: dict) -> str:
    payment = payments.record(
        customer=invoice.customer,
        amount=cleaned["amount"],
        currency=invoice.currency,
        source=Payment.Source.STAFF,
        cause=f"staff:{cleaned['once']}",
        method=cleaned["method"],
        received_on=cleaned["received_on"],
        reference=cleaned["reference"],
        actor=actor,
        invoices=[invoice],
    )
    return gettext("%(amount)s dicatat untuk %(invoice)s.") % {
        "amount": format_money(payment.amount, payment.currency),
        "invoice": invoice,
    }


def close_difference(invoice: Invoice, actor: User, cleaned: dict) -> str:
    payment = payments.close_small_difference(invoice=invoice, actor=actor)
    return gettext("Selisih %(amount)s ditutup; tagihan lunas.") % {
        "amount": format_money(payment.amount, payment.currency)
    }


def record_withheld(invoice: Invoice, actor: User, cleaned: dict) -> str:
    payment = payments.record_withheld(
        invoice=invoice,
        amount=withholding.claimable(invoice),
        cause=f"staff:withheld:{cleaned['once']}",
        received_on=timezone.localdate(),
        reference=cleaned["reference"],
        actor=actor,
    )
    return gettext("PPh 23 %(amount)s dicatat untuk %(invoice)s.") % {
        "amount": format_money(payment.amount, payment.currency),
        "invoice": invoice,
    }


def emails_of(invoice: Invoice):
    """The emails that carried the invoice to the customer, the first copies of each address."""
    carried = {
        Invoice.Kind.ORDER: f"order:{invoice.order_id}:received:",
        Invoice.Kind.MANUAL: f"invoice:{invoice.pk}:issued:",
        Invoice.Kind.LATE_FEE: f"invoice:{invoice.pk}:late_fee:",
    }
    if invoice.kind not in carried:
        return OutboxEmail.objects.none()
    sent = OutboxEmail.objects.filter(key__startswith=carried[invoice.kind])
    return sent.exclude(key__contains=":again:")


def resend(invoice: Invoice, actor: User, cleaned: dict) -> str:
    addresses = sorted({outbox.resend(email, actor).to for email in emails_of(invoice)})
    return gettext("Tagihan dikirim ulang ke %(addresses)s.") % {"addresses": ", ".join(addresses)}


def is_unpaid(invoice: Invoice) -> bool:
    return invoice.status == Invoice.Status.UNPAID


def has_small_rest(invoice: Invoice) -> bool:
    return invoice.is_partially_paid and invoice.balance <= Shop.current().small_difference


class LineInline(ReadOnlyInline):
    model = InvoiceLine
    fields = readonly_fields = [
        "description", "small_print", "quantity", money("unit_price", _("harga satuan")), money("amount", _("jumlah harga")),
        money("discount", _("potongan")), page_of("service", _("layanan")),
    ]  # fmt: skip

    @admin.display(description=_("rincian"))
    def small_print(self, line: InvoiceLine) -> str:
        return documents.detail(line)

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("service")


class AllocationInline(ReadOnlyInline):
    model = Allocation
    fields = readonly_fields = [page_of("payment", _("pembayaran")), money("amount", _("jumlah")), "on"]
    verbose_name = verbose_name_plural = _("pembayaran tagihan ini")

    @admin.display(description=_("dicatat"))
    def on(self, allocation: Allocation) -> str:
        return short_moment(allocation.created_at)

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("payment")


class InvoiceHistory(HistoryInline):
    model = InvoiceEvent


@admin.register(Invoice)
class InvoiceAdmin(InvoiceEditor, ServiceButtons, ReadOnlyAdmin):
    list_display = [
        "__str__", "customer", status, money("total", _("total")), money("balance", _("sisa")), "issued_on", "due_on",
    ]  # fmt: skip
    list_filter = ["status", "kind", "issued_on", "due_on", "payment_method"]
    list_select_related = ["customer"]
    search_fields = ["number", "po_number", "customer__name", "customer__billing_email", "lines__description"]
    inlines = [LineInline, AllocationInline, corrections.CreditNoteInline, InvoiceHistory]
    change_form_template = "admin/billing/invoice.html"
    change_list_template = "admin/billing/invoices.html"
    fields = [
        status, "kind", page_of("customer", _("pelanggan")), "order_shown", "po_number", "issued_on", "due_on",
        "paid_at", "payment_method", "buyer_shown", "notes", money("subtotal", _("subtotal")),
        money("discount", _("potongan")), "tax_shown",
        money("total", _("total")), money("amount_paid", _("sudah dibayar")),
        money("amount_withheld", _("PPh 23 dipotong")), money("amount_credited", _("nota kredit")),
        money("amount_written_off", _("dihapusbukukan")), money("balance", _("sisa")),
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        Button(
            name="issue",
            label=_("Terbitkan"),
            permission=editing.MAY_ISSUE,
            tone="primary",
            explain=_(
                "Tagihan mendapat nomor dan tanggal hari ini dan dikirim ke pelanggan; setelah itu isinya tidak berubah."
            ),
            run=issue,
            shown=editing.is_draft,
            refusals=(editing.CannotEdit, transitions.InvalidTransition),
        ),
        Button(
            name="payment",
            label=_("Catat pembayaran"),
            permission=VERIFY,
            tone="primary",
            explain=_(
                "Untuk uang yang Anda lihat masuk tanpa konfirmasi pelanggan. Kelebihan menjadi kredit pelanggan."
            ),
            form=ManualPaymentForm,
            run=record_payment,
            shown=is_unpaid,
            refusals=(payments.PaymentRefused,),
        ),
        Button(
            name="withheld",
            label=_("Catat PPh 23"),
            permission=VERIFY,
            explain=_("Perusahaan pembeli memotong PPh 23 dan Anda sudah memeriksa bukti potongnya."),
            form=WithholdingForm,
            run=record_withheld,
            shown=withholding.claimable,
            refusals=(payments.PaymentRefused,),
        ),
        Button(
            name="close-difference",
            label=_("Tutup selisih kecil"),
            permission=VERIFY,
            explain=_("Sisa kecil dianggap lunas tanpa uang masuk; layanannya diaktifkan."),
            run=close_difference,
            shown=has_small_rest,
            refusals=(payments.PaymentRefused, transitions.InvalidTransition),
        ),
        Button(
            name="resend",
            label=_("Kirim ulang email"),
            permission="billing.change_invoice",
            explain=_("Email dengan tagihan ini dikirim sekali lagi ke alamat yang sama."),
            run=resend,
            shown=lambda invoice: is_unpaid(invoice) and emails_of(invoice).exists(),
            refusals=(outbox.CannotResend,),
        ),
        *papers.BUTTONS,
        *corrections.BUTTONS,
        Button(
            name="cancel",
            label=_("Batalkan"),
            permission="billing.change_invoice",
            tone="danger",
            explain=_("Pesanan yang belum dibayar dan layanannya ikut dibatalkan."),
            form=ReasonForm,
            run=cancel,
            shown=lambda invoice: invoice.status in {Invoice.Status.DRAFT, Invoice.Status.UNPAID},
            refusals=(transitions.InvalidTransition, lifecycle.CannotCancel),
        ),
    ]

    def get_inlines(self, request: HttpRequest, obj: Invoice | None) -> list:
        tried = obj is not None and obj.payment_attempts.exists()
        return [*self.inlines, AttemptInline] if tried else list(self.inlines)

    def get_queryset(self, request: HttpRequest):
        invoices = super().get_queryset(request).with_awaiting_verification()
        return invoices.select_related("customer", "order", "instalment_of", "payment_method")

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.download)
        return [path("<int:object_id>/pdf/", view, name="billing_invoice_pdf"), *super().get_urls()]

    def download(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        invoice = self.get_object(request, str(object_id))
        if invoice is None or invoice.number is None:
            raise Http404
        return as_file(pdf.current(invoice), f"{invoice.slug}.pdf", "application/pdf")

    @admin.display(description=_("pesanan"))
    def order_shown(self, invoice: Invoice) -> SafeString | str:
        order = instalments.order_of(invoice)
        part = instalments.label(invoice)
        return link_to(order, f"{order} ({part})" if part else "")

    @admin.display(description=_("pembeli di tagihan"))
    def buyer_shown(self, invoice: Invoice) -> SafeString | str:
        lines = [invoice.buyer.get("name", ""), *invoice.buyer.get("address_lines", [])]
        return format_html_join("", '<span class="block">{}</span>', [(line,) for line in lines if line]) or "–"

    @admin.display(description=_("pajak"))
    def tax_shown(self, invoice: Invoice) -> str:
        return f"{format_money(invoice.tax, invoice.currency)} {invoice.tax_name}".strip()


@admin.register(NumberCounter)
class NumberCounterAdmin(ReadOnlyAdmin):
    """The last number of each series: a gap in the books is explained here or nowhere."""

    list_display = ["series", "period", "value"]
