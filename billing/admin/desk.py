"""The payment desk: one queue of what customers told of and what the bank says, and one page for each confirmation."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext

from accounts.models import Shop, User
from accounts.office_hours import OfficeHours
from accounts.promises import MOST_MEASURED, Promise, usual_minutes
from billing import confirmations, desk, documents, doubts, payments, transfer_groups
from billing.admin import desk_rows
from billing.admin.desk_forms import ApproveForm, RejectForm
from billing.admin.desk_lines import Evidence
from billing.admin.desk_rows import Comparison, address, show_of
from billing.admin.files import SHOWN_INLINE, shown_or_downloaded
from billing.admin.wording import what_happened
from billing.bank import proving, settling
from billing.models import Payment, PaymentConfirmation, ProofFile, StatementLine
from catalog.money import format_money

VERIFY = payments.VERIFY
PAGE_SIZE = 50
REFUSALS = (
    confirmations.ConfirmationRefused,
    payments.PaymentRefused,
    settling.CannotSettle,
)


def may_see_proofs(user: User) -> bool:
    return user.has_perm(VERIFY) or user.has_perm("billing.view_paymentconfirmation")


@dataclass(frozen=True)
class Decision:
    """A confirmation that is being decided, by whom, and in which part of the queue."""

    group: Sequence[PaymentConfirmation]
    queue: desk.Queue
    show: str
    approve: ApproveForm
    reject: RejectForm

    @property
    def confirmation(self) -> PaymentConfirmation:
        return self.group[0]


class DeskPages(ModelAdmin):
    """Adds the desk to the admin of confirmations."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("desk/", view(self.desk), name="billing_desk"),
            path("desk/<int:confirmation_id>/", view(self.decide), name="billing_desk_confirmation"),
            path("proof/<int:proof_id>/", view(self.proof), name="billing_desk_proof"),
            *super().get_urls(),
        ]

    def desk(self, request: HttpRequest) -> HttpResponse:
        _require_verifier(request)
        show, queue, shop = show_of(request), desk.read(), Shop.current()
        shown = queue.shown(show)
        page = Paginator(shown, PAGE_SIZE).get_page(request.GET.get("p"))
        decided = PaymentConfirmation.objects.filter(decided_at__isnull=False, payment__isnull=False)
        spans = list(decided.order_by("-decided_at").values_list("submitted_at", "decided_at")[:MOST_MEASURED])
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Meja verifikasi pembayaran"),
            "opts": self.model._meta,
            "page": page,
            "rows": desk_rows.rows(page.object_list, show),
            "first": desk_rows.address_of(shown[0], show) if shown else "",
            "show": show,
            "tabs": desk_rows.tabs(queue, show),
            "promised_minutes": shop.verification_minutes,
            "usual_minutes": usual_minutes(spans, OfficeHours.of_shop(shop)),
            "recognised": desk.recognised_lately(),
            "days_measured": desk.DAYS_MEASURED,
        }
        return TemplateResponse(request, "admin/billing/desk.html", context)

    def decide(self, request: HttpRequest, confirmation_id: int) -> HttpResponse:
        _require_verifier(request)
        related = [
            "invoice__customer", "invoice__order", "bank_account__method", "submitted_by", "decided_by",
            "payment__statement_line",
        ]  # fmt: skip
        confirmation = get_object_or_404(PaymentConfirmation.objects.select_related(*related), pk=confirmation_id)
        group, show = transfer_groups.of(confirmation), show_of(request)
        if group[0] != confirmation:
            return redirect(address("billing_desk_confirmation", show, group[0].pk))
        decision = request.POST.get("decision")
        approve = ApproveForm(
            request.POST if decision == "approve" else None, initial={"amount": transfer_groups.total(group)}
        )
        reject = RejectForm(request.POST if decision == "reject" else None)
        at_hand = Decision(group, desk.read(), show, approve, reject)
        if decision == "line":
            return self._approve_by_line(request, at_hand)
        if approve.is_bound and approve.is_valid():
            amount = approve.cleaned_data["amount"]
            return self._approve(
                request,
                at_hand,
                lambda: confirmations.approve(confirmation=confirmation, amount=amount, actor=request.user),
            )
        if reject.is_bound and reject.is_valid():
            return self._reject(request, at_hand)
        return self._page(request, at_hand)

    def _page(self, request: HttpRequest, at_hand: Decision) -> HttpResponse:
        shop, group, confirmation = Shop.current(), at_hand.group, at_hand.confirmation
        invoice = confirmation.invoice
        waits = confirmation.status == PaymentConfirmation.Status.SUBMITTED
        own = confirmation.submitted_by_id == request.user.pk
        comparison, warnings = Comparison.of(group), doubts.about(confirmation)
        evidence = Evidence.of(group, at_hand.queue) if waits else None
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Verifikasi %(invoice)s") % {"invoice": invoice},
            "opts": self.model._meta,
            "confirmation": confirmation,
            "invoice": invoice,
            "lines": invoice.lines.all(),
            "totals": documents.totals(invoice),
            "proofs": [(proof, proof.content_type in SHOWN_INLINE) for proof in confirmation.proofs.all()],
            "comparison": comparison,
            "evidence": evidence,
            # One press accepts where nothing is unusual.
            "press_line": bool(evidence and evidence.is_plain and not warnings),
            "press_approve": bool(evidence and not evidence.speaks_against and comparison.exact and not warnings),
            "group": group,
            "promise": Promise.of(confirmation.submitted_at, shop.verification_minutes, shop=shop),
            "warnings": warnings,
            "history": [(event, what_happened(event)) for event in confirmation.events.select_related("actor")],
            "earlier": invoice.confirmations.exclude(pk=confirmation.pk).select_related("decided_by"),
            "waits": waits,
            "own": own,
            "may_decide": waits and not own,
            "queue": desk_rows.around(at_hand.queue, desk.key_of(confirmation), at_hand.show),
            "desk": address("billing_desk", at_hand.show),
            "approve": at_hand.approve,
            "reject": at_hand.reject,
        }
        wrong = at_hand.approve.is_bound or at_hand.reject.is_bound
        return TemplateResponse(request, "admin/billing/desk_confirmation.html", context, status=422 if wrong else 200)

    def _approve_by_line(self, request: HttpRequest, at_hand: Decision) -> HttpResponse:
        pk = request.POST.get("line", "")
        lines = StatementLine.objects.select_related("account__method")
        line = get_object_or_404(lines, pk=int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0)
        return self._approve(
            request,
            at_hand,
            lambda: proving.accept(confirmation=at_hand.confirmation, line=line, actor=request.user),
        )

    def _approve(self, request: HttpRequest, at_hand: Decision, act: Callable[[], Payment]) -> HttpResponse:
        names = _names(at_hand.group)
        try:
            payment = act()
        except REFUSALS as refusal:
            return _told(request, at_hand, str(refusal), refusal)
        except ValidationError as refusal:
            return _told(request, at_hand, " ".join(refusal.messages), refusal)
        self.log_change(request, at_hand.confirmation, gettext("Diterima"))
        words = {"amount": format_money(payment.amount, payment.currency), "invoice": names}
        messages.success(request, gettext("%(amount)s diterima untuk %(invoice)s.") % words)
        return _next(at_hand)

    def _reject(self, request: HttpRequest, at_hand: Decision) -> HttpResponse:
        confirmation = at_hand.confirmation
        reason, names = at_hand.reject.reason(confirmation.invoice.customer.language), _names(at_hand.group)
        try:
            confirmations.reject(confirmation=confirmation, reason=reason, actor=request.user)
        except confirmations.ConfirmationRefused as refusal:
            return _told(request, at_hand, str(refusal), refusal)
        self.log_change(request, confirmation, gettext("Ditolak"))
        words = {"invoice": names}
        messages.success(request, gettext("%(invoice)s ditolak; pelanggan menerima alasannya lewat email.") % words)
        return _next(at_hand)

    def proof(self, request: HttpRequest, proof_id: int) -> FileResponse:
        if not may_see_proofs(request.user):
            raise PermissionDenied
        proof = get_object_or_404(ProofFile, pk=proof_id)
        return shown_or_downloaded(proof, download="download" in request.GET)


def _require_verifier(request: HttpRequest) -> None:
    if not request.user.has_perm(VERIFY):
        raise PermissionDenied


def _names(group: Sequence[PaymentConfirmation]) -> str:
    return ", ".join(str(one.invoice) for one in group)


def _told(request: HttpRequest, at_hand: Decision, words: str, refusal: Exception) -> HttpResponse:
    """Say why nothing was done, on the page that shows how it stands now."""
    confirmation = at_hand.confirmation
    own = isinstance(refusal, confirmations.AlreadyDecided) and refusal.confirmation.decided_by_id == request.user.pk
    # A second press of one's own button is no fault.
    messages.add_message(request, messages.INFO if own else messages.ERROR, words)
    return redirect(address("billing_desk_confirmation", at_hand.show, confirmation.pk))


def _next(at_hand: Decision) -> HttpResponse:
    """The one that follows in the queue, else its first, else the empty queue."""
    following = desk.read().next_after(desk.key_of(at_hand.confirmation), at_hand.show)
    return redirect(desk_rows.address_of(following, at_hand.show))
