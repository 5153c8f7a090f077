"""Credit notes, refunds and customers' credit in the admin: rows to look at, and the button that pays credit out."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import DecimalField, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.dates import short_moment
from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ReadOnlyInline, ServiceButtons, link_to
from billing import documents, payments, pdf, refunds, uploads
from billing.admin.columns import money, page_of
from billing.admin.corrections import TransferForm, transfer_of
from billing.admin.files import shown_or_downloaded
from billing.admin.provider_refunds import SEND_BACK
from billing.downloads import as_file
from billing.forms import RupiahField
from billing.models import CreditAccount, CreditEntry, CreditNote, CreditNoteLine, Refund
from catalog.money import DEFAULT_CURRENCY, ZERO, format_money


class NoteLineInline(ReadOnlyInline):
    model = CreditNoteLine
    fields = readonly_fields = ["invoice_line", money("amount", _("jumlah (neto)"))]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("invoice_line")


@admin.register(CreditNote)
class CreditNoteAdmin(ReadOnlyAdmin):
    list_display = ["number", "invoice", "customer", money("total", _("total")), "issued_on", "issued_by"]
    list_filter = ["issued_on"]
    list_select_related = ["invoice__customer", "issued_by"]
    search_fields = ["number", "invoice__number", "invoice__customer__name", "reason"]
    inlines = [NoteLineInline]
    fields = [
        "number", page_of("invoice", _("mengoreksi tagihan")), "issued_on", "reason", money("subtotal", _("subtotal")),
        money("tax", _("pajak")), money("total", _("total")), "issued_by", "created_at", "document",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("invoice__customer", "issued_by")

    @admin.display(description=_("pelanggan"))
    def customer(self, note: CreditNote) -> str:
        return str(note.invoice.customer)

    @admin.display(description=_("dokumen"))
    def document(self, note: CreditNote) -> str:
        return format_html('<a href="{}">PDF</a>', reverse("admin:billing_creditnote_pdf", args=[note.pk]))

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.download)
        return [path("<int:object_id>/pdf/", view, name="billing_creditnote_pdf"), *super().get_urls()]

    def download(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        note = self.get_object(request, str(object_id))
        if note is None:
            raise Http404
        return as_file(pdf.of_credit_note(note), f"{note.slug}.pdf", "application/pdf")


@admin.register(Refund)
class RefundAdmin(ReadOnlyAdmin):
    list_display = ["paid_on", "customer", money("amount", _("jumlah")), "bank", "number", "holder", "recorded_by"]
    list_filter = ["paid_on"]
    list_select_related = ["customer", "recorded_by"]
    search_fields = ["customer__name", "holder", "number", "reason", "credit_note__number"]
    fields = [
        page_of("customer", _("pelanggan")), money("amount", _("jumlah")), "paid_on", "bank", "number", "holder", "reason",
        page_of("credit_note", _("nota kredit")), "proof_shown", "recorded_by", "recorded_at",
    ]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("customer", "credit_note", "recorded_by")

    @admin.display(description=_("bukti transfer"))
    def proof_shown(self, refund: Refund) -> str:
        if not refund.file:
            return link_to(refund.sent_by)
        address = reverse("admin:billing_refund_proof", args=[refund.pk])
        return format_html('<a href="{}">{}</a>', address, refund.name)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.proof)
        return [path("<int:object_id>/proof/", view, name="billing_refund_proof"), *super().get_urls()]

    def proof(self, request: HttpRequest, object_id: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        refund = self.get_object(request, str(object_id))
        if refund is None or not refund.file:
            raise Http404
        return shown_or_downloaded(refund)


class PayOutForm(TransferForm):
    """Credit that staff has transferred back."""

    amount = RupiahField(label=_("Jumlah yang ditransfer"))
    reason = forms.CharField(label=_("Alasan"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}))

    def set_up(self) -> None:
        super().set_up()
        available = payments.credit_balance(self.subject)
        self.fields["amount"].initial = available
        self.fields["amount"].help_text = gettext("Saldo kredit: %(amount)s.") % {"amount": format_money(available)}
        self.fields["holder"].initial = self.subject.name
        self.order_fields(["amount", "reason"])


def pay_out(customer: CreditAccount, actor: User, cleaned: dict) -> str:
    refund = refunds.pay_out(
        customer=customer,
        amount=cleaned["amount"],
        transfer=transfer_of(cleaned),
        reason=cleaned["reason"],
        cause=f"staff:{cleaned['once']}",
        actor=actor,
    )
    return gettext("%(amount)s tercatat sebagai dikembalikan.") % {
        "amount": format_money(refund.amount, refund.currency)
    }


class EntryInline(ReadOnlyInline):
    model = CreditEntry
    fk_name = "customer"
    fields = readonly_fields = ["on", "words", money("amount", _("jumlah")), page_of("invoice", _("tagihan")), "actor"]
    verbose_name = verbose_name_plural = _("riwayat saldo kredit")
    ordering = ["-pk"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("invoice", "actor")

    @admin.display(description=_("waktu"))
    def on(self, entry: CreditEntry) -> str:
        return short_moment(entry.created_at)

    @admin.display(description=_("keterangan"))
    def words(self, entry: CreditEntry) -> str:
        return documents.credit_words(entry)


@admin.register(CreditAccount)
class CreditAccountAdmin(ServiceButtons, ReadOnlyAdmin):
    """Customers with their credit, the largest balance first."""

    list_display = ["name", "balance", "billing_email"]
    search_fields = ["name", "billing_email"]
    inlines = [EntryInline]
    fields = readonly_fields = ["name", "billing_email", "balance"]
    buttons = [
        Button(
            name="pay-out",
            label=_("Bayarkan kredit"),
            permission=refunds.PAY,
            tone="primary",
            explain=_("Untuk saldo kredit yang sudah Anda transfer kembali. Pelanggan mendapat email dan buktinya."),
            form=PayOutForm,
            run=pay_out,
            shown=lambda customer: payments.credit_balance(customer) > ZERO,
            refusals=(refunds.CannotRefund, payments.NotAllowed, uploads.CannotStore),
        ),
        SEND_BACK,
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        entries = CreditEntry.objects.filter(customer=OuterRef("pk"), currency=DEFAULT_CURRENCY).order_by()
        sums = entries.values("customer").annotate(sum=Sum("amount")).values("sum")
        balance = Coalesce(Subquery(sums), ZERO, output_field=DecimalField(max_digits=16, decimal_places=2))
        # Not Django's own, which would order by the balance before it is there.
        return CreditAccount.objects.annotate(credit=balance).order_by(*self.get_ordering(request))

    def get_ordering(self, request: HttpRequest) -> list[str]:
        return ["-credit", "pk"]

    @admin.display(description=_("saldo"), ordering="credit")
    def balance(self, customer: CreditAccount) -> str:
        return format_money(customer.credit)
