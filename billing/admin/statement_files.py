"""Bank statements in the admin: a file uploaded and looked at, or one that arrived and waits; taken in, or put aside."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import ReadOnlyAdmin
from billing import payments
from billing.admin.bank import require_verifier
from billing.admin.bank_forms import AccountForm, ColumnsForm, UploadForm
from billing.admin.columns import page_of
from billing.bank import delivery, importing, settling, whose
from billing.bank.rows import StatementError
from billing.models import StatementImport, StatementLine

ROWS_SHOWN = 15
# Recognised while staff waits; more of them are left to a worker.
RECOGNISED_AT_ONCE = 200
WAITING, IMPORTED, ASIDE = "waiting", "imported", "aside"


class ImportPages(admin.ModelAdmin):
    """Upload a file or open one that waits, look at how it is understood, take it in, and see what became of it."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("upload/", view(self.upload), name="billing_statement_upload"),
            path("upload/<int:import_id>/", view(self.preview), name="billing_statement_preview"),
            path("upload/<int:import_id>/result/", view(self.outcome), name="billing_statement_result"),
            *super().get_urls(),
        ]

    def upload(self, request: HttpRequest) -> HttpResponse:
        require_verifier(request)
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
        require_verifier(request)
        imported = get_object_or_404(StatementImport.objects.select_related("account__method"), pk=import_id)
        if imported.imported_at:
            return redirect("admin:billing_statementimport_change", imported.pk)
        decision = request.POST.get("decision", "")
        if decision == "aside":
            return self._put_aside(request, imported)
        if not imported.file:
            return self._page(request, imported, {"problem": imported.problem})
        if imported.account is None:
            return self._say_whose(request, imported)
        reading, form, problem = _understood(imported, request)
        ready = reading is not None and bool(reading.rows) and not problem
        if decision == "import" and ready:
            return self._take_in(request, imported, reading)
        context = {
            "form": form,
            "problem": problem,
            "doubt": _doubt(imported),
            "ready": ready,
            "rows": reading.rows[:ROWS_SHOWN] if reading else [],
            "count": len(reading.rows) if reading else 0,
            "incoming": sum(row.amount > 0 for row in reading.rows) if reading else 0,
        }
        return self._page(request, imported, context, wrong=request.method == "POST" and not ready)

    def _page(
        self, request: HttpRequest, imported: StatementImport, more: dict, *, wrong: bool = False
    ) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Periksa %(file)s") % {"file": imported.source},
            "opts": self.model._meta,
            "imported": imported,
            **more,
        }
        return TemplateResponse(request, "admin/billing/statement_preview.html", context, status=422 if wrong else 200)

    def _say_whose(self, request: HttpRequest, imported: StatementImport) -> HttpResponse:
        form = AccountForm(request.POST or None)
        if form.is_valid():
            importing.say_whose(imported=imported, account=form.cleaned_data["account"])
            return redirect("admin:billing_statement_preview", imported.pk)
        return self._page(request, imported, {"whose": form, "problem": imported.problem}, wrong=form.is_bound)

    def _put_aside(self, request: HttpRequest, imported: StatementImport) -> HttpResponse:
        if importing.put_aside(imported=imported, actor=request.user):
            self.log_change(request, imported, gettext("Disisihkan"))
            messages.success(request, gettext("%(file)s disisihkan.") % {"file": imported.source})
        return _to_what_waits()

    def _take_in(self, request: HttpRequest, imported: StatementImport, reading: importing.Reading) -> HttpResponse:
        ids = importing.take_in(imported=imported, reading=reading, actor=request.user)
        self.log_change(request, imported, gettext("Diimpor"))
        if reading.columns:
            delivery.tell_worker_of_columns(imported.account_id)
        if len(ids) > RECOGNISED_AT_ONCE:
            settling.tell_worker(imported.pk)
            return redirect("admin:billing_statement_result", imported.pk)
        settling.recognise_import(imported.pk)
        imported.refresh_from_db()
        words = ngettext(
            "%(new)d mutasi masuk, %(matched)d dikenali sendiri.",
            "%(new)d mutasi masuk, %(matched)d dikenali sendiri.",
            len(ids),
        )
        messages.success(request, words % {"new": len(ids), "matched": imported.counts.get("matched", 0)})
        if StatementImport.objects.to_decide().exists():
            return _to_what_waits()
        if StatementLine.objects.to_review().exists():
            return redirect("admin:billing_desk")
        return redirect("admin:billing_statementimport_change", imported.pk)

    def outcome(self, request: HttpRequest, import_id: int) -> HttpResponse:
        """What became of an import, asked again by itself while a worker recognises its lines."""
        require_verifier(request)
        imported = get_object_or_404(StatementImport.objects.select_related("account"), pk=import_id)
        if not imported.imported_at:
            return redirect("admin:billing_statement_preview", imported.pk)
        lines = imported.lines.all()
        context = {
            "imported": imported,
            "lines": lines.count(),
            "matched": lines.exclude(status=StatementLine.Status.REVIEW).count(),
            "left": lines.filter(status=StatementLine.Status.REVIEW).count(),
        }
        page = {**self.admin_site.each_context(request), "title": imported.source, "opts": self.model._meta}
        part = "admin/billing/_statement_outcome.html"
        response = (
            TemplateResponse(request, part, context)
            if request.htmx
            else TemplateResponse(request, "admin/billing/statement_result.html", page | context)
        )
        patch_vary_headers(response, ["HX-Request"])
        return response


def _to_what_waits() -> HttpResponse:
    return redirect(reverse("admin:billing_statementimport_changelist", query={"state": WAITING}))


def _doubt(imported: StatementImport) -> str:
    """Whether the file itself says that it is of another account: a person may know better."""
    try:
        whose.agrees(importing.content_of(imported), imported.account)
    except whose.Unclear as unclear:
        return str(unclear)
    return ""


def _understood(
    imported: StatementImport, request: HttpRequest
) -> tuple[importing.Reading | None, ColumnsForm | None, str]:
    """The file as it is read now, the form of its columns where it is a table, and why it cannot be read."""
    content = importing.content_of(imported)
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


class StateFilter(admin.SimpleListFilter):
    title = _("keadaan")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(WAITING, _("Menunggu keputusan")), (IMPORTED, _("Sudah diimpor")), (ASIDE, _("Disisihkan"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        if self.value() == WAITING:
            return queryset.filter(pk__in=StatementImport.objects.to_decide().order_by())
        if self.value() == IMPORTED:
            return queryset.filter(imported_at__isnull=False)
        return queryset.filter(put_aside_at__isnull=False) if self.value() == ASIDE else queryset


@admin.register(StatementImport)
class StatementImportAdmin(ImportPages, ReadOnlyAdmin):
    list_display = ["source", "result", "account", "road", "uploaded_at"]
    list_filter = [StateFilter, "road", "account", "imported_at"]
    list_select_related = ["account__method"]
    search_fields = ["source"]
    fields = readonly_fields = [
        "source", "road", page_of("account", _("rekening")), "uploaded_at", "uploaded_by", "imported_at", "result",
        "sha256",
    ]  # fmt: skip
    change_list_template = "admin/billing/statements.html"

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        waiting = StatementImport.objects.to_decide().count() if request.user.has_perm(payments.VERIFY) else 0
        return super().changelist_view(request, {**(extra_context or {}), "waiting": waiting})

    @admin.display(description=_("hasil"))
    def result(self, imported: StatementImport) -> str:
        if imported.put_aside_at:
            return gettext("disisihkan")
        if not imported.imported_at:
            return imported.problem or gettext("belum diimpor")
        counts = {"new": 0, "known": 0, "ignored": 0, "matched": 0} | imported.counts
        words = (
            gettext("%(new)d baru, %(matched)d dikenali, %(known)d sudah ada, %(ignored)d bukan uang masuk") % counts
        )
        return words if imported.recognised_at else gettext("%(words)s; sedang dicocokkan") % {"words": words}

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict | None = None):
        imported = self.get_object(request, object_id)
        if imported and not imported.imported_at and request.user.has_perm(payments.VERIFY):
            return redirect(reverse("admin:billing_statement_preview", args=[imported.pk]))
        return super().change_view(request, object_id, form_url, extra_context)
