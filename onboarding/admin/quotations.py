"""Quotations for staff: products of the catalog with their options, priced as they are filled in, previewed and sent."""

from dataclasses import dataclass, field

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import state
from billing import ordering, quoted, uploads
from billing.documents import TotalRow
from catalog import item_forms
from catalog.item_forms import ItemsOnPage
from catalog.money import format_money
from catalog.pricing import ConfigurationError, Quote
from catalog.promotions import PromotionRefused
from onboarding import access, documents, quoting
from onboarding.admin.lookup import require_permission
from onboarding.admin.papers import PapersAdmin
from onboarding.forms.quotation import TermsForm
from onboarding.models import Case, Quotation
from onboarding.refusals import OnboardingRefused

REFUSALS = (OnboardingRefused, PromotionRefused, uploads.CannotStore)


@dataclass
class Editor:
    """What the page knows of the quotation that is being written."""

    case: Case
    quotation: Quotation | None
    items: ItemsOnPage
    terms: TermsForm
    quote: Quote | None = None
    problems: list[str] = field(default_factory=list)

    @property
    def amounts(self) -> list[TotalRow]:
        return quoted.totals(self.quote) if self.quote else []

    @property
    def lines(self) -> list[dict]:
        return [quoted.line_words(line, self.quote.currency) for line in self.quote.lines] if self.quote else []

    @property
    def chosen(self) -> list[ordering.Choice]:
        """After ``items.read``."""
        return self.items.chosen


class QuotationPages(admin.ModelAdmin):
    """Adds the editor and the preview to the admin of quotations."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("case/<int:case_id>/edit/", view(self.edit), name="onboarding_quotation_edit"),
            path("case/<int:case_id>/preview/", view(self.preview), name="onboarding_quotation_preview"),
            *super().get_urls(),
        ]

    def edit(self, request: HttpRequest, case_id: int) -> HttpResponse:
        case, quotation = _find(request, case_id)
        if request.method != "POST":
            return self._opened(request, case, quotation)
        sends = request.POST.get("action") == "send"
        editor = _posted(request, case, quotation, complete=sends)
        _price(editor, request, complete=sends)
        if sends and not editor.problems and editor.terms.is_valid() and (sent := self._send(request, editor)):
            return redirect("admin:onboarding_document", sent.document_id)
        return self._page(request, editor, status=422 if sends else 200)

    def _opened(self, request: HttpRequest, case: Case, quotation: Quotation | None) -> HttpResponse:
        editor = Editor(
            case,
            quotation,
            ItemsOnPage.of(quoting.choices(quotation)) if quotation else ItemsOnPage.starting_with(case.product_id),
            TermsForm(quotation=quotation, seen=_seen(quotation)),
        )
        _price(editor, request, complete=False)
        editor.items.blame_nothing()
        return self._page(request, editor)

    def preview(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """The PDF as it would be sent; what stands in its way is said on the editor."""
        case, quotation = _find(request, case_id)
        if request.method != "POST":
            return redirect("admin:onboarding_quotation_edit", case_id)
        editor = _posted(request, case, quotation, complete=True)
        _price(editor, request, complete=True)
        if editor.problems or not editor.terms.is_valid():
            return self._page(request, editor, status=422)
        proposal = editor.terms.proposal(editor.chosen)
        try:
            content = quoting.preview(case=case, proposal=proposal, actor=request.user)
        except REFUSALS as refusal:
            editor.problems.append(str(refusal))
            return self._page(request, editor, status=422)
        response = HttpResponse(content, content_type="application/pdf")
        response["Content-Disposition"] = 'inline; filename="pratinjau.pdf"'
        response["X-Content-Type-Options"] = "nosniff"
        return response

    def _send(self, request: HttpRequest, editor: Editor) -> Quotation | None:
        """The quotation that was sent; what was refused is said on the page."""
        terms = editor.terms.cleaned_data
        given = {"proposal": editor.terms.proposal(editor.chosen), "actor": request.user}
        try:
            if editor.quotation and terms["seen"]:
                quotation = quoting.revise(quotation=editor.quotation, seen=terms["seen"], **given)
            else:
                quotation = quoting.make(case=editor.case, key=terms["key"], **given)
        except ConfigurationError as error:
            editor.problems += map(str, error.problems.values())
        except REFUSALS as refusal:
            editor.problems.append(str(refusal))
        else:
            words = gettext("%(number)s dikirim: pelanggan menerimanya lewat email dan di menu Dokumen.")
            messages.success(request, words % {"number": quotation})
            return quotation
        return None

    def _page(self, request: HttpRequest, editor: Editor, *, status: int = 200) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Ubah %(number)s") % {"number": editor.quotation}
            if editor.quotation
            else gettext("Buat penawaran"),
            "opts": Quotation._meta,
            "case": editor.case,
            "editor": editor,
            "form": editor.terms,
            "products": item_forms.products(),
            "here": reverse("admin:onboarding_quotation_edit", args=[editor.case.pk]),
        }
        return TemplateResponse(request, "admin/onboarding/quotation.html", context, status=status)


def _find(request: HttpRequest, case_id: int) -> tuple[Case, Quotation | None]:
    """A case of the person or their team and its quotation. Raises ``PermissionDenied`` and ``Http404``."""
    require_permission(request, quoting.MAY_QUOTE, access.WORK)
    case = access.find_for_staff(request.user, case_id)
    quotation = Quotation.objects.filter(case=case).select_related("document", "payment_method", "order").first()
    return case, quotation


def _seen(quotation: Quotation | None) -> int | None:
    return documents.newest_version(quotation.document).number if quotation else None


def _posted(request: HttpRequest, case: Case, quotation: Quotation | None, *, complete: bool) -> Editor:
    known = {"quotation": quotation, "seen": _seen(quotation)}
    terms = TermsForm(request.POST, **known) if complete else TermsForm.as_typed(request.POST, **known)
    return Editor(case, quotation, ItemsOnPage.posted(request.POST), terms)


def _price(editor: Editor, request: HttpRequest, *, complete: bool) -> None:
    """Read the items and price those that are in order; ``complete`` says what the others lack."""
    code = request.POST.get("terms-promotion_code", editor.quotation.promotion_code if editor.quotation else "")
    editor.quote, refusals = quoted.of_page(editor.items, customer=editor.case.customer, promotion_code=code)
    if complete:
        if not editor.items.items:
            editor.problems.append(gettext("Tambahkan produk yang ditawarkan."))
        editor.problems += [problem for item in editor.items.items for problem in item.problems]
    editor.problems += refusals


@admin.register(Quotation)
class QuotationAdmin(QuotationPages, PapersAdmin):
    """The list of quotations; each leads to its document."""

    list_display = ["number", "customer", "total_words", "valid_until", "document_state", "order"]
    list_select_related = ["case__customer", "document", "order"]
    list_filter = ["document__status", "valid_until"]
    search_fields = ["number", "case__customer__name", "case__number"]

    def document_id_of(self, paper: Quotation) -> int:
        return paper.document_id

    @admin.display(description=_("total"), ordering="total")
    def total_words(self, quotation: Quotation) -> str:
        return format_money(quotation.total, quotation.currency)

    @admin.display(description=_("status"), ordering="document__status")
    def document_state(self, quotation: Quotation) -> str:
        return state(quotation.document)
