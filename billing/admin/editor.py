"""The editor of invoices that staff writes by hand: lines and sums on one page, computed by the server."""

from dataclasses import dataclass, field
from itertools import groupby

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accounts.admin.choosing import Door, choose_customer
from accounts.models import Customer
from billing import documents, editing
from billing.admin.editor_forms import AroundForm, LinesOnPage, price_label, prices
from billing.models import Invoice


@dataclass
class Editor:
    """What the page knows of the draft that is being written."""

    invoice: Invoice
    lines: LinesOnPage
    around: AroundForm
    problems: list[str] = field(default_factory=list)

    @property
    def totals(self) -> list[documents.TotalRow]:
        return editing.preview(self.lines.lines, self.invoice.currency)

    @property
    def has_errors(self) -> bool:
        return bool(self.problems or self.around.errors or any(form.errors for _number, form in self.lines.rows))


class InvoiceEditor(admin.ModelAdmin):
    """Adds choosing a customer, beginning a draft and writing it to the admin of invoices."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("new/", view(self.choose), name="billing_invoice_new"),
            path("new/<int:customer_id>/", view(require_POST(self.begin)), name="billing_invoice_begin"),
            path("<int:object_id>/edit/", view(self.edit), name="billing_invoice_edit"),
            *super().get_urls(),
        ]

    def choose(self, request: HttpRequest) -> HttpResponse:
        _require_may_write(request)
        door = Door(
            address=lambda customer: reverse("admin:billing_invoice_begin", args=[customer.pk]),
            label=gettext("Buat tagihan"),
            posts=True,
        )
        return choose_customer(request, title=gettext("Tagihan baru"), door=door, opts=self.model._meta)

    def begin(self, request: HttpRequest, customer_id: int) -> HttpResponse:
        _require_may_write(request)
        customer = get_object_or_404(Customer, pk=customer_id)
        return redirect("admin:billing_invoice_edit", editing.start(customer=customer, actor=request.user).pk)

    def edit(self, request: HttpRequest, object_id: int) -> HttpResponse:
        _require_may_write(request)
        invoice = Invoice.objects.select_related("customer").filter(pk=object_id, kind=Invoice.Kind.MANUAL).first()
        if invoice is None:
            raise Http404
        if not editing.is_draft(invoice):
            messages.warning(request, gettext("Tagihan yang sudah terbit tidak dapat diubah."))
            return redirect("admin:billing_invoice_change", invoice.pk)
        known = {"invoice": invoice, "seen": editing.version(invoice)}
        if request.method != "POST":
            return self._page(request, Editor(invoice, LinesOnPage.of(invoice), AroundForm(**known)))
        saves = request.POST.get("action") == "save"
        around = AroundForm(request.POST, **known) if saves else AroundForm.as_typed(request.POST, **known)
        editor = Editor(invoice, LinesOnPage.posted(request.POST, invoice), around)
        if not saves:
            # Read first: what is in order is summed up, what is not yet typed is no mistake.
            _summed = editor.lines.lines
            editor.lines.blame_nothing()
            return self._page(request, editor)
        return self._save(request, editor)

    def _save(self, request: HttpRequest, editor: Editor) -> HttpResponse:
        if not editor.lines.rows:
            editor.problems.append(gettext("Tulis paling sedikit satu baris."))
        if editor.around.is_valid() and editor.lines.is_valid and not editor.problems:
            content, seen = editor.around.content(editor.lines.lines), editor.around.cleaned_data["seen"]
            try:
                editing.rewrite(invoice=editor.invoice, content=content, seen=seen, actor=request.user)
            except editing.CannotEdit as refusal:
                editor.problems.append(str(refusal))
            else:
                self.log_change(request, editor.invoice, gettext("Konsep disimpan"))
                messages.success(request, gettext("Konsep disimpan. Periksa, lalu terbitkan."))
                return redirect("admin:billing_invoice_change", editor.invoice.pk)
        return self._page(request, editor, status=422)

    def _page(self, request: HttpRequest, editor: Editor, *, status: int = 200) -> HttpResponse:
        offered = groupby(prices(), key=lambda price: price.product.group)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Tulis tagihan"),
            "opts": self.model._meta,
            "editor": editor,
            "form": editor.around,
            "offered": [(group.name, [(one.pk, price_label(one)) for one in rows]) for group, rows in offered],
        }
        return TemplateResponse(request, "admin/billing/invoice_editor.html", context, status=status)


def _require_may_write(request: HttpRequest) -> None:
    if not request.user.has_perm(editing.MAY_WRITE):
        raise PermissionDenied
