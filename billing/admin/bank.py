"""Lines of bank statements in the admin: the queue of what was not recognised by itself, and the page of one."""

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from accounts.staff_pages import ReadOnlyAdmin, ReadOnlyInline
from billing import confirmations, desk, payments, transitions
from billing.admin.bank_forms import AssignForm, ReasonForm, first_split
from billing.admin.columns import HistoryInline, money, page_of, status
from billing.admin.desk_lines import told_of
from billing.admin.desk_rows import address, address_of, around, reasons, show_of
from billing.admin.wording import what_happened
from billing.bank import candidates, proving, recorded, settling, twins
from billing.models import Invoice, Payment, PaymentConfirmation, StatementLine, StatementLineEvent

REFUSALS = (
    settling.CannotSettle,
    transitions.InvalidTransition,
    confirmations.ConfirmationRefused,
    payments.PaymentRefused,
)


def require_verifier(request: HttpRequest) -> None:
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
        """The lines of the payment desk's queue."""
        require_verifier(request)
        return redirect(address("billing_desk", desk.LINES))

    def decide(self, request: HttpRequest, line_id: int) -> HttpResponse:
        require_verifier(request)
        line = get_object_or_404(StatementLine.objects.select_related("account__method", "imported"), pk=line_id)
        decision = request.POST.get("decision", "")
        if decision == "again" and line.status == StatementLine.Status.IGNORED:
            return self._done(request, line, lambda: settling.look_again(line=line, actor=request.user))
        if decision == "confirm":
            told = _confirmation(request)
            return self._done(request, line, lambda: proving.accept(confirmation=told, line=line, actor=request.user))
        if decision == "same":
            payment = get_object_or_404(Payment, pk=_posted_id(request, "payment"))
            return self._done(request, line, lambda: proving.link(line=line, payment=payment, actor=request.user))
        page = _Review(request, line)
        form = page.form_of(decision)
        if form is not None and form.is_valid():
            return self._done(request, line, lambda: _act(decision, line, form, request))
        return self._page(request, page, wrong=form is not None)

    def _done(self, request: HttpRequest, line: StatementLine, act) -> HttpResponse:
        show = show_of(request)
        try:
            act()
        except REFUSALS as refusal:
            messages.error(request, str(refusal))
            return redirect(address("billing_line_review", show, line.pk))
        line.refresh_from_db()
        self.log_change(request, line, line.get_status_display())
        messages.success(
            request, gettext("%(line)s: %(status)s.") % {"line": line, "status": line.get_status_display()}
        )
        if line.status == StatementLine.Status.REVIEW:
            return redirect(address("billing_desk", desk.LINES))
        return redirect(address_of(desk.read().next_after(desk.key_of(line), show), show))

    def _page(self, request: HttpRequest, page: "_Review", *, wrong: bool) -> HttpResponse:
        show, queue = show_of(request), desk.read()
        waits = page.line.status == StatementLine.Status.REVIEW
        told = told_of(page.line, queue) if waits else []
        known = recorded.of([page.line]).get(page.line.pk, []) if waits else []
        recorded_as = list(page.line.payments.select_related("customer", "reversal"))
        context = {
            **self.admin_site.each_context(request),
            "title": str(page.line),
            "opts": self.model._meta,
            "line": page.line,
            "told": [(one, one.confirmation.submitted_by_id == request.user.pk) for one in told],
            "recorded": [(one, reasons(one.fit)) for one in known],
            "found": page.found,
            "asked": page.asked,
            "show": show,
            "assign": page.assign,
            "ignore": page.ignore,
            "undo": page.undo,
            "doubles": list(twins.possible(page.line)) if waits else [],
            "waits": waits,
            "queue": around(queue, desk.key_of(page.line), show),
            "desk": address("billing_desk", show),
            "payments": recorded_as,
            # Recorded on a customer's word before: taking the line back leaves them as they are.
            "linked": any(payment.source == Payment.Source.CONFIRMATION for payment in recorded_as),
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


def _confirmation(request: HttpRequest) -> PaymentConfirmation:
    related = PaymentConfirmation.objects.select_related("invoice__customer", "bank_account__method")
    return get_object_or_404(related, pk=_posted_id(request, "confirmation"))


def _posted_id(request: HttpRequest, name: str) -> int:
    """0, which no row has, where it is none."""
    said = request.POST.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0


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
        page_of("imported", _("impor")), "feed", "rule", "by_hand", "created_at",
    ]  # fmt: skip
    readonly_fields = fields
    change_form_template = "admin/billing/line_seen.html"
