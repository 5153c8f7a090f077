"""Bank statements in the admin: upload and look, take in, and review what was not recognised by itself."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.staff_pages import ReadOnlyAdmin, ReadOnlyInline
from billing import payments, transitions
from billing.admin.bank_forms import AssignForm, ColumnsForm, ReasonForm, UploadForm, first_split
from billing.admin.columns import HistoryInline, money, page_of, status
from billing.admin.wording import what_happened
from billing.bank import candidates, importing, settling
from billing.bank.rows import StatementError
from billing.models import Invoice, Payment, StatementImport, StatementLine, StatementLineEvent

PAGE_SIZE = 50
ROWS_SHOWN = 15


def _require_verifier(request: HttpRequest) -> None:
    if not request.user.has_perm(payments.VERIFY):
        raise PermissionDenied


class PaymentInline(ReadOnlyInline):
    model = Payment
    fields = readonly_fields = [page_of("customer", _("pelanggan")), money("amount", _("jumlah")), "paid_invoices"]
    verbose_name = verbose_name_plural = _("pembayaran dari mutasi ini")
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("customer").prefetch_related("allocations__invoice")

    @admin.display(description=_("tagihan"))
    def paid_invoices(self, payment: Payment) -> str:
        return ", ".join(sorted({str(one.invoice) for one in payment.allocations.all()})) or gettext("kredit")


class LineHistory(HistoryInline):
    model = StatementLineEvent


class ReviewPages(admin.ModelAdmin):
    """The queue of lines to review, and the page of one."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("review/", view(self.review), name="billing_lines_to_review"),
            path("review/<int:line_id>/", view(self.decide), name="billing_line_review"),
            *super().get_urls(),
        ]

    def review(self, request: HttpRequest) -> HttpResponse:
        _require_verifier(request)
        lines = StatementLine.objects.to_review().select_related("account")
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Mutasi yang perlu ditinjau"),
            "opts": self.model._meta,
            "page": Paginator(lines, PAGE_SIZE).get_page(request.GET.get("p")),
        }
        return TemplateResponse(request, "admin/billing/lines.html", context)

    def decide(self, request: HttpRequest, line_id: int) -> HttpResponse:
        _require_verifier(request)
        line = get_object_or_404(StatementLine.objects.select_related("account__method"), pk=line_id)
        decision = request.POST.get("decision", "")
        if decision == "again" and line.status == StatementLine.Status.IGNORED:
            return self._done(request, line, lambda: settling.look_again(line=line, actor=request.user))
        page = _Review(request, line)
        form = page.form_of(decision)
        if form is not None and form.is_valid():
            return self._done(request, line, lambda: _act(decision, line, form, request))
        return self._page(request, page, wrong=form is not None)

    def _done(self, request: HttpRequest, line: StatementLine, act) -> HttpResponse:
        try:
            act()
        except (settling.CannotSettle, transitions.InvalidTransition) as refusal:
            messages.error(request, str(refusal))
            return redirect("admin:billing_line_review", line.pk)
        line.refresh_from_db()
        self.log_change(request, line, line.get_status_display())
        messages.success(
            request, gettext("%(line)s: %(status)s.") % {"line": line, "status": line.get_status_display()}
        )
        following = StatementLine.objects.to_review().exclude(pk=line.pk).first()
        if following is None or line.status == StatementLine.Status.REVIEW:
            return redirect("admin:billing_lines_to_review")
        return redirect("admin:billing_line_review", following.pk)

    def _page(self, request: HttpRequest, page: "_Review", *, wrong: bool) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": str(page.line),
            "opts": self.model._meta,
            "line": page.line,
            "found": page.found,
            "asked": page.asked,
            "assign": page.assign,
            "ignore": page.ignore,
            "undo": page.undo,
            "waits": page.line.status == StatementLine.Status.REVIEW,
            "left": StatementLine.objects.to_review().count(),
            "payments": page.line.payments.select_related("customer", "reversal"),
            "history": [(event, what_happened(event)) for event in page.line.events.select_related("actor")],
        }
        return TemplateResponse(request, "admin/billing/line.html", context, status=422 if wrong else 200)


class _Review:
    """What the page of one line needs: the candidates, what the search found, and the forms of what can be decided."""

    def __init__(self, request: HttpRequest, line: StatementLine) -> None:
        self.line = line
        self.asked = request.GET.get("q", "").strip()[:100]
        waits = line.status == StatementLine.Status.REVIEW
        self.found = candidates.of(line) if waits else []
        searched, customers = candidates.search(self.asked, line) if waits else ([], [])
        chosen = _chosen(request)
        invoices = [one.invoice for one in self.found if one.invoice.status == Invoice.Status.UNPAID]
        self.invoices = list({one.pk: one for one in [*invoices, *searched, *chosen]}.values())
        owners = [one.customer for one in self.invoices]
        self.customers = list({one.pk: one for one in [*owners, *customers, *_chosen_customers(request)]}.values())
        self._data = request.POST if request.method == "POST" else None
        self.assign = self._assign(None)
        self.ignore, self.undo = ReasonForm(prefix="ignore"), ReasonForm(prefix="undo")

    def _assign(self, data) -> AssignForm:
        initial = first_split(self.line, self.invoices[0]) if self.found and self.invoices else {}
        return AssignForm(data, line=self.line, invoices=self.invoices, customers=self.customers, initial=initial)

    def form_of(self, decision: str) -> AssignForm | ReasonForm | None:
        """The form that was sent, bound."""
        if decision == "assign":
            self.assign = self._assign(self._data)
            return self.assign
        if decision in {"ignore", "undo"}:
            setattr(self, decision, ReasonForm(self._data, prefix=decision))
            return getattr(self, decision)
        return None


def _numbers(request: HttpRequest, prefix: str) -> list[int]:
    names = [name.removeprefix(prefix) for name in request.POST if name.startswith(prefix)]
    return [int(name) for name in names if name.isascii() and name.isdigit()]


def _chosen(request: HttpRequest) -> list[Invoice]:
    """The invoices whose amounts were sent: they may have come from a search."""
    return list(Invoice.objects.open().filter(pk__in=_numbers(request, "invoice_")).select_related("customer"))


def _chosen_customers(request: HttpRequest) -> list[Customer]:
    return list(Customer.objects.filter(pk__in=_numbers(request, "credit_")))


def _act(decision: str, line: StatementLine, form: AssignForm | ReasonForm, request: HttpRequest) -> None:
    if decision == "assign":
        settling.assign(line=line, parts=form.parts, actor=request.user)
    elif decision == "ignore":
        settling.ignore(line=line, reason=form.cleaned_data["reason"], actor=request.user)
    else:
        settling.undo(line=line, reason=form.cleaned_data["reason"], actor=request.user)


@admin.register(StatementLine)
class StatementLineAdmin(ReviewPages, ReadOnlyAdmin):
    list_display = ["booked_on", "payer", "text", money("amount", _("jumlah")), status, "rule", "account"]
    list_display_links = ["booked_on", "payer", "text"]
    list_filter = ["status", "account", "rule", "booked_on"]
    list_select_related = ["account__method"]
    search_fields = ["payer", "text", "payments__customer__name", "payments__allocations__invoice__number"]
    inlines = [PaymentInline, LineHistory]
    fields = [
        status, "booked_on", money("amount", _("jumlah")), "payer", "text", page_of("account", _("rekening")),
        page_of("imported", _("impor")), "rule", "by_hand", "created_at",
    ]  # fmt: skip
    readonly_fields = fields
    change_form_template = "admin/billing/line_seen.html"


class ImportPages(admin.ModelAdmin):
    """Upload a file, look at how it is understood, take it in."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload), name="billing_statement_upload"),
            path("upload/<int:import_id>/", view(self.preview), name="billing_statement_preview"),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        _require_verifier(request)
        form = UploadForm(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                imported = importing.upload(**form.cleaned_data, actor=request.user)
            except StatementError as refusal:
                form.add_error("file", str(refusal))
            else:
                return redirect("admin:billing_statement_preview", imported.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Unggah mutasi rekening"),
            "opts": self.model._meta,
            "form": form,
        }
        return TemplateResponse(
            request, "admin/billing/statement_upload.html", context, status=422 if form.is_bound else 200
        )

    def preview(self, request: HttpRequest, import_id: int) -> HttpResponse:
        _require_verifier(request)
        imported = get_object_or_404(StatementImport.objects.select_related("account__method"), pk=import_id)
        if imported.imported_at:
            return redirect("admin:billing_statementimport_change", imported.pk)
        reading, form, problem = _understood(imported, request)
        ready = reading is not None and bool(reading.rows) and not problem
        if request.method == "POST" and ready and request.POST.get("decision") == "import":
            return self._take_in(request, imported, reading)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Periksa %(file)s") % {"file": imported.source},
            "opts": self.model._meta,
            "imported": imported,
            "form": form,
            "problem": problem,
            "ready": ready,
            "rows": reading.rows[:ROWS_SHOWN] if reading else [],
            "count": len(reading.rows) if reading else 0,
            "incoming": sum(row.amount > 0 for row in reading.rows) if reading else 0,
        }
        wrong = request.method == "POST" and not ready
        return TemplateResponse(request, "admin/billing/statement_preview.html", context, status=422 if wrong else 200)

    def _take_in(self, request: HttpRequest, imported: StatementImport, reading: importing.Reading) -> HttpResponse:
        ids = importing.take_in(imported=imported, reading=reading, actor=request.user)
        matched = settling.recognise_all(ids).matched
        StatementImport.objects.filter(pk=imported.pk).update(counts={**imported.counts, "matched": matched})
        self.log_change(request, imported, gettext("Diimpor"))
        words = ngettext(
            "%(new)d mutasi masuk, %(matched)d dikenali sendiri.",
            "%(new)d mutasi masuk, %(matched)d dikenali sendiri.",
            len(ids),
        )
        messages.success(request, words % {"new": len(ids), "matched": matched})
        if StatementLine.objects.to_review().exists():
            return redirect("admin:billing_lines_to_review")
        return redirect("admin:billing_statementimport_change", imported.pk)


def _understood(
    imported: StatementImport, request: HttpRequest
) -> tuple[importing.Reading | None, ColumnsForm | None, str]:
    """The file as it is read now, the form of its columns where it is a table, and why it cannot be read."""
    with imported.file.open("rb") as file:
        content = file.read()
    try:
        reading = importing.read(content, imported.account)
    except StatementError as refusal:
        reading, problem = None, str(refusal)
    else:
        problem = ""
    try:
        table = importing.table_of(content)
    except StatementError:
        table = None
    if table is None:
        return reading, None, problem
    if request.method != "POST":
        initial = reading.columns.to_json() if reading and reading.columns else {}
        return reading, ColumnsForm(table=table, initial=initial), problem
    form = ColumnsForm(request.POST, table=table)
    if not form.is_valid():
        return None, form, ""
    try:
        return importing.read(content, imported.account, form.columns), form, ""
    except StatementError as refusal:
        return None, form, str(refusal)


@admin.register(StatementImport)
class StatementImportAdmin(ImportPages, ReadOnlyAdmin):
    list_display = ["uploaded_at", "source", "account", "uploaded_by", "imported_at", "result"]
    list_filter = ["account", "imported_at"]
    list_select_related = ["account__method", "uploaded_by"]
    fields = readonly_fields = [
        "source", page_of("account", _("rekening")), "uploaded_at", "uploaded_by", "imported_at", "result", "sha256",
    ]  # fmt: skip
    change_list_template = "admin/billing/statements.html"

    @admin.display(description=_("hasil"))
    def result(self, imported: StatementImport) -> str:
        if not imported.imported_at:
            return gettext("belum diimpor")
        counts = {"new": 0, "known": 0, "ignored": 0, "matched": 0} | imported.counts
        return gettext("%(new)d baru, %(matched)d dikenali, %(known)d sudah ada, %(ignored)d bukan uang masuk") % counts

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None):
        imported = self.get_object(request, object_id)
        if imported and not imported.imported_at and request.user.has_perm(payments.VERIFY):
            return redirect(reverse("admin:billing_statement_preview", args=[imported.pk]))
        return super().change_view(request, object_id, form_url, extra_context)
