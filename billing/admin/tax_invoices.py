"""Tax invoices for staff: what customers ask for, filing the PDF or saying why not, and the month's tables for Coretax."""

from dataclasses import replace
from datetime import date

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import spreadsheets
from accounts.models import User
from accounts.staff_pages import Button, ReadOnlyAdmin, ServiceButtons, StaffForm
from billing import tax_export, tax_invoices, uploads
from billing.admin.columns import page_of
from billing.admin.files import shown_or_downloaded
from billing.downloads import as_file
from billing.forms import DayInput
from billing.models import Invoice, TaxInvoice

FILE = tax_invoices.FILE


class FileForm(StaffForm):
    """The PDF that Coretax made, with its number and day. ``replaces`` is when the one was filed that staff sees."""

    number = forms.CharField(
        label=_("Nomor seri faktur pajak"),
        max_length=25,
        help_text=_("17 angka dari Coretax, contoh 04002600012345678."),
    )
    issued_on = forms.DateField(label=_("Tanggal faktur"), widget=DayInput)
    document = forms.FileField(
        label=_("Berkas PDF"), widget=forms.ClearableFileInput(attrs={"accept": "application/pdf"})
    )
    replaces = forms.DateTimeField(required=False, widget=forms.HiddenInput)

    def set_up(self) -> None:
        filed = filed_of(self.subject)
        self.fields["issued_on"].initial = timezone.localdate
        # To the microsecond, which Django's own format leaves out.
        self.fields["replaces"].initial = filed.filed_at.isoformat() if filed and filed.filed_at else ""

    def clean_number(self) -> str:
        try:
            return tax_invoices.read_number(self.cleaned_data["number"])
        except ValueError as error:
            raise ValidationError(_("Isi 17 angka nomor seri (16 untuk faktur lama).")) from error

    def clean_document(self) -> uploads.AcceptedFile:
        return uploads.accept(self.cleaned_data["document"], kinds=[uploads.PDF])


class RefuseForm(StaffForm):
    reason = forms.CharField(
        label=_("Alasan untuk pelanggan"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


def filed_of(subject: Invoice | TaxInvoice) -> TaxInvoice | None:
    """The buttons stand on an invoice's page and on that of its tax invoice."""
    return subject if isinstance(subject, TaxInvoice) else getattr(subject, "tax_invoice", None)


def invoice_of(subject: Invoice | TaxInvoice) -> Invoice:
    return subject if isinstance(subject, Invoice) else subject.invoice


def file_it(subject: Invoice | TaxInvoice, actor: User, cleaned: dict) -> str:
    invoice = invoice_of(subject)
    tax_invoices.file(invoice=invoice, actor=actor, **cleaned)
    return gettext("Faktur pajak %(invoice)s tersimpan dan dikirim ke pelanggan.") % {"invoice": invoice}


def refuse(subject: TaxInvoice, actor: User, cleaned: dict) -> str:
    tax_invoices.refuse(invoice=subject.invoice, reason=cleaned["reason"], actor=actor)
    return gettext("Permintaan %(invoice)s ditolak; pelanggan menerima alasannya.") % {"invoice": subject.invoice}


FILE_BUTTON = Button(
    name="tax-invoice",
    label=_("Unggah faktur pajak"),
    permission=FILE,
    tone="primary",
    explain=_("Berkas yang Anda buat di Coretax. Pelanggan menerimanya lewat email dan di halaman tagihan."),
    form=FileForm,
    run=file_it,
    shown=lambda subject: tax_invoices.is_taxed(invoice_of(subject)),
    refusals=(tax_invoices.CannotFile, uploads.CannotStore),
)
# On an invoice's page it is one of many.
INVOICE_BUTTONS = [replace(FILE_BUTTON, tone="")]


class AnswerFilter(admin.SimpleListFilter):
    title = _("keadaan")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [("waiting", gettext("Menunggu")), ("filed", gettext("Terbit")), ("refused", gettext("Ditolak"))]

    def queryset(self, request: HttpRequest, queryset):
        return {
            "waiting": queryset.filter(filed_at=None, refused_at=None),
            "filed": queryset.filter(filed_at__isnull=False),
            "refused": queryset.filter(refused_at__isnull=False),
        }.get(self.value(), queryset)


class ExportForm(forms.Form):
    """Of which month, and which of its tables."""

    month = forms.DateField(
        label=_("Bulan"),
        input_formats=["%Y-%m"],
        widget=forms.DateInput(attrs={"type": "month"}, format="%Y-%m"),
        error_messages={"invalid": _("Isi bulan, contoh: 2026-11.")},
    )
    table = forms.ChoiceField(
        label=_("Tabel"),
        choices=[
            ("faktur", _("Faktur: satu baris per tagihan")),
            ("detail", _("DetailFaktur: satu baris per baris tagihan")),
            ("nota-kredit", _("Nota kredit bulan itu")),
        ],
        widget=forms.RadioSelect,
        initial="faktur",
    )


@admin.register(TaxInvoice)
class TaxInvoiceAdmin(ServiceButtons, ReadOnlyAdmin):
    list_display = ["invoice", "customer", "answer", "number", "issued_on", "requested_at", "filed_by"]
    list_filter = [AnswerFilter, "issued_on"]
    list_select_related = ["invoice__customer", "filed_by"]
    search_fields = ["number", "invoice__number", "invoice__customer__name"]
    change_list_template = "admin/billing/tax_invoices.html"
    fields = [
        page_of("invoice", _("tagihan")), "customer", "tax_id", "answer", "requested_by", "requested_at", "number",
        "issued_on", "document", "filed_by", "filed_at", "refused_at", "reason",
    ]  # fmt: skip
    readonly_fields = fields
    buttons = [
        FILE_BUTTON,
        Button(
            name="refuse",
            label=_("Tolak"),
            permission=FILE,
            tone="danger",
            explain=_("Pelanggan membaca alasannya dan dapat meminta lagi."),
            form=RefuseForm,
            run=refuse,
            shown=lambda asked: bool(asked.requested_at) and asked.filed_at is None and asked.refused_at is None,
            refusals=(tax_invoices.CannotFile,),
        ),
    ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).select_related("invoice__customer", "requested_by", "filed_by")

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("export/", view(self.export), name="billing_taxinvoice_export"),
            path("<int:object_id>/file/", view(self.download), name="billing_taxinvoice_file"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, object_id: int) -> FileResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        filed = get_object_or_404(TaxInvoice, pk=object_id, filed_at__isnull=False)
        return shown_or_downloaded(filed, download=True)

    def export(self, request: HttpRequest) -> HttpResponse:
        """The page that asks for month and table; with both in its address, the table itself."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = ExportForm(request.GET or None, initial={"month": _last_month()})
        if form.is_bound and form.is_valid():
            month, table = form.cleaned_data["month"], form.cleaned_data["table"]
            content = spreadsheets.as_csv(tax_export.TABLES[table](month))
            return as_file(content, f"{table}-{month:%Y-%m}.csv", spreadsheets.CONTENT_TYPE)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Ekspor faktur pajak untuk Coretax"),
            "opts": self.model._meta,
            "form": form,
        }
        status = 422 if form.is_bound else 200
        return TemplateResponse(request, "admin/billing/tax_export.html", context, status=status)

    @admin.display(description=_("pelanggan"), ordering="invoice__customer__name")
    def customer(self, row: TaxInvoice) -> str:
        return row.invoice.customer.name

    @admin.display(description=_("NPWP/NIK pembeli"))
    def tax_id(self, row: TaxInvoice) -> str:
        return row.invoice.buyer.get("npwp") or row.invoice.buyer.get("nik") or "–"

    @admin.display(description=_("keadaan"))
    def answer(self, row: TaxInvoice) -> str:
        if row.filed_at:
            return gettext("Terbit")
        return gettext("Ditolak") if row.refused_at else gettext("Menunggu")

    @admin.display(description=_("berkas"))
    def document(self, row: TaxInvoice) -> SafeString | str:
        address = reverse("admin:billing_taxinvoice_file", args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, row.name) if row.filed_at else "–"


def _last_month() -> date:
    today = timezone.localdate()
    return date(today.year - (today.month == 1), (today.month - 2) % 12 + 1, 1)
