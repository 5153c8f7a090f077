"""The documents of a customer's onboardings: the list with its invoices, one with its versions, signing, downloads."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import CharField, QuerySet, Value
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts import limits
from accounts.roles import Ability
from billing import uploads
from billing.models import Invoice
from billing.ordering import PriceChanged
from billing.views.confirmations import download
from billing.views.lookups import abilities_at
from onboarding import access, quoting, signing
from onboarding.forms.documents import FORMS, INVOICE, DocumentFilterForm, SignForm
from onboarding.models import Case, Document, DocumentVersion, Signature
from onboarding.refusals import OnboardingRefused
from onboarding.views.lookups import no_access

PER_PAGE = 20
Status = Document.Status


@dataclass(frozen=True)
class Row:
    """A line of the list: a document, or an invoice beside them."""

    thing: Document | Invoice
    at: datetime

    @property
    def is_invoice(self) -> bool:
        return isinstance(self.thing, Invoice)


@require_safe
def all_documents(request: HttpRequest) -> HttpResponse:
    """Those of the customer that the person acts for; who may see none of it is told whom to ask."""
    customer = request.customer.pk if request.customer else None
    of_customer = Case.objects.filter(customer=customer)
    visible = list(of_customer.visible_to(request.user).order_by("pk"))
    sees_invoices = customer is not None and Ability.SEE_INVOICES in abilities_at(request, customer)
    hidden = list(of_customer.exclude(pk__in=[one.pk for one in visible]).select_related("product"))
    if hidden and not visible and not sees_invoices:
        return no_access(request, customer, *{one.product_id: one.product for one in hidden}.values())
    form = DocumentFilterForm(request.GET)
    form.offer({one.number: f"{one.name} ({one.number})" for one in visible}, invoices=sees_invoices)
    form.full_clean()
    page = Paginator(_found(form.cleaned_data, visible, customer, sees_invoices), PER_PAGE).get_page(
        request.GET.get("page")
    )
    context = {
        "filter": form,
        "filtered": any(form.cleaned_data.values()),
        "page_obj": page,
        "rows": _rows(page.object_list),
        "cases": visible,
        "hidden": {one.product_id: one.product for one in hidden}.values(),
    }
    return render(request, "onboarding/documents.html", context)


def _found(asked: dict, visible: list[Case], customer: int | None, sees_invoices: bool) -> QuerySet:
    """What kind of thing, which row and since when, newest first: documents and invoices in one query."""
    papers = Document.objects.filter(case__in=[one.pk for one in visible]).exclude(status=Status.WITHDRAWN)
    invoices = Invoice.objects.issued().filter(customer=customer) if sees_invoices else Invoice.objects.none()
    kind, state = asked.get("kind"), asked.get("state")
    if kind == INVOICE:
        papers = papers.none()
    elif kind or state:
        invoices = invoices.none()
        papers = papers.filter(kind=kind) if kind else papers
    if state:
        papers = papers.filter(status__in=[Status.SENT] if state == "sign" else [Status.SIGNED, Status.RECEIVED])
        invoices = invoices.none()
    if asked.get("case"):
        papers = papers.filter(case__number=asked["case"].upper())
        invoices = invoices.filter(order__services__onboarding_case__number=asked["case"].upper()).distinct()
    if words := asked.get("q", "").strip():
        papers, invoices = papers.filter(title__icontains=words), invoices.filter(number__icontains=words)
    both = _named(papers, "document").union(_named(invoices, INVOICE), all=True)
    return both.order_by("-created_at", "-pk")


def _named(rows: QuerySet, name: str) -> QuerySet:
    return rows.order_by().annotate(thing=Value(name, CharField())).values_list("thing", "pk", "created_at")


def _rows(found) -> list[Row]:
    found = list(found)
    papers = Document.objects.select_related("case").in_bulk([pk for name, pk, _at in found if name != INVOICE])
    invoices = Invoice.objects.with_awaiting_verification().in_bulk([pk for name, pk, _at in found if name == INVOICE])
    return [Row((invoices if name == INVOICE else papers)[pk], at) for name, pk, at in found]


def _of_document(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the document of the address. Others' and those that were taken back are not found (404); a role that
    does not see the tracker gets the page that says so (M1b)."""

    @wraps(view)
    def wrapped(request: HttpRequest, pk: int, **kwargs) -> HttpResponse:
        mine = Document.objects.filter(case__in=Case.objects.of_members(request.user))
        kept = mine.exclude(status=Status.WITHDRAWN).select_related("case__customer", "case__product", "stage")
        return _seen(request, get_object_or_404(kept, pk=pk), view, **kwargs)

    return wrapped


def _seen(request: HttpRequest, document: Document, view: Callable[..., HttpResponse], **kwargs) -> HttpResponse:
    case = document.case
    if not Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return no_access(request, case.customer_id, case.product)
    return view(request, document, **kwargs)


@require_safe
@_of_document
def document(request: HttpRequest, found: Document) -> HttpResponse:
    return _page(request, _page_of(request, found))


def _page(request: HttpRequest, context: dict, status: int = 200) -> HttpResponse:
    """With dates as they are where the customer is; what is valid until when was asked before, of the company's clock."""
    with timezone.override(ZoneInfo(context["case"].time_zone)):
        return render(request, "onboarding/document.html", context, status=status)


def _page_of(request: HttpRequest, found: Document, form: SignForm | None = None) -> dict:
    """``form`` came back with errors."""
    versions = list(found.versions.prefetch_related("signatures__signer").order_by("-number"))
    quotation = signing.quotation_of(found)
    may_sign = access.may_sign(request.user, found.case)
    signable = found.status == Status.SENT and found.case.status != Case.Status.STOPPED
    expired = quotation is not None and quotation.order_id is None and quotation.is_expired
    page = {
        "document": found,
        "case": found.case,
        "version": versions[0],
        "versions": versions,
        "quotation": quotation,
        "expired": expired,
        "may_sign": may_sign,
        "refusal": signing.refusal_words(found),
        "form": form,
    }
    if signable and may_sign and not expired:
        page |= _forms(request, versions[0], quotation, form)
    return page


def _forms(request: HttpRequest, version: DocumentVersion, quotation, came_back: SignForm | None) -> dict:
    total = quoting.total_today(quotation) if quotation else None
    initial = {"version": version.number, "total": total, "name": request.user.name}
    made = {way: form(initial=initial) for way, form in FORMS.items()}
    if came_back is not None:
        made[came_back.way] = came_back
    return {
        "sign_forms": made,
        "total_today": total if quotation and total != quotation.total else None,
        "terms": quoting.current_terms() if quotation else None,
    }


@require_http_methods(["GET", "HEAD", "POST"])
@_of_document
def sign(request: HttpRequest, found: Document) -> HttpResponse:
    if request.method != "POST":
        return redirect(f"{found.get_absolute_url()}#sign")
    chosen = FORMS.get(request.POST.get("way", ""))
    if chosen is None:
        raise Http404
    form = chosen(request.POST, request.FILES)
    if request.FILES and not limits.allow("upload", request.user.pk):
        form.add_error(None, _("Terlalu banyak unggahan dalam waktu singkat. Coba lagi beberapa menit lagi."))
    if form.is_valid() and _sign(request, found, form):
        return redirect(found)
    found.refresh_from_db()
    return _page(request, _page_of(request, found, form), status=422)


def _sign(request: HttpRequest, found: Document, form: SignForm) -> bool:
    """Whether it is signed now; what was refused stands in the form as its errors."""
    given = form.cleaned_data
    who = {
        "document": found,
        "version": given["version"],
        "signer": request.user,
        "name": given["name"],
        "ip_address": limits.client_ip(request),
    }
    try:
        if form.way == Signature.Way.UPLOADED:
            signing.sign_by_upload(**who, file=given["file"])
            messages.success(request, _("Terima kasih. Berkas Anda kami periksa; kami kabari lewat email."))
        else:
            signing.sign_by_name(**who, expected_total=given["total"])
            messages.success(request, _("Terima kasih. Dokumen ini sudah ditandatangani."))
    except PriceChanged as changed:
        form.data = form.data.copy()
        form.data[form.add_prefix("total")] = str(changed.quote.total)
        form.add_error(None, _("Pajak berubah sejak penawaran ini dibuat. Periksa totalnya, lalu tanda tangani lagi."))
    except (OnboardingRefused, uploads.CannotStore) as refusal:
        form.add_error(None, str(refusal))
    return form.is_valid()


@require_safe
def version(request: HttpRequest, pk: int) -> HttpResponse:
    """A version's file as a download: older ones too, for whoever may read the document."""
    found = get_object_or_404(DocumentVersion.objects.select_related("document"), pk=pk)
    return _of_document(lambda _request, _document: download(found))(request, pk=found.document_id)


@require_safe
def signature_file(request: HttpRequest, pk: int) -> HttpResponse:
    """What was sent signed."""
    sent = Signature.objects.exclude(file="").select_related("version")
    found = get_object_or_404(sent, pk=pk)
    return _of_document(lambda _request, _document: download(found.as_sent))(request, pk=found.version.document_id)
