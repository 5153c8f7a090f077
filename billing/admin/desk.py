"""The verification desk: what waits, oldest first, and one page for each confirmation with its proof beside the invoice."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop, User
from accounts.office_hours import OfficeHours
from accounts.promises import MOST_MEASURED, Promise, usual_minutes
from billing import confirmations, documents, doubts, payments, transfer_codes, transfer_groups
from billing.admin.files import SHOWN_INLINE, shown_or_downloaded
from billing.admin.wording import what_happened
from billing.forms import RupiahField
from billing.models import Invoice, PaymentConfirmation, ProofFile
from catalog.money import ZERO, format_money, total_of

VERIFY = payments.VERIFY
PAGE_SIZE = 50

# In the customer's language when sent; staff may add to it.
REASONS = {
    "not_found": _("Transfer ini belum kami temukan di mutasi rekening kami."),
    "other_amount": _("Jumlah di bukti tidak sama dengan jumlah yang Anda isi."),
    "unreadable": _("Bukti tidak terbaca. Kirim tangkapan layar atau foto yang lebih jelas."),
    "other_account": _("Transfer pada bukti bukan ke rekening kami."),
    "used": _("Bukti ini sudah dipakai untuk tagihan lain."),
    "slip": _("Bukti potong PPh 23 tidak terbaca atau tidak cocok dengan tagihan ini."),
}


class ApproveForm(forms.Form):
    amount = RupiahField(
        label=_("Jumlah yang benar-benar masuk"), help_text=_("Ubah bila mutasi rekening menunjukkan jumlah lain.")
    )


class RejectForm(forms.Form):
    preset = forms.ChoiceField(
        label=_("Alasan"), choices=lambda: list(REASONS.items()), widget=forms.RadioSelect, required=False
    )
    detail = forms.CharField(
        label=_("Penjelasan untuk pelanggan"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def clean(self) -> dict:
        cleaned = super().clean()
        if not cleaned.get("preset") and not cleaned.get("detail", "").strip():
            raise ValidationError(_("Pilih alasan atau tulis penjelasan: pelanggan akan membacanya."))
        return cleaned

    def reason(self, language: str) -> str:
        with translation.override(language):
            preset = str(REASONS.get(self.cleaned_data["preset"], ""))
        return " ".join(part for part in (preset, self.cleaned_data["detail"].strip()) if part)


@dataclass(frozen=True)
class Comparison:
    """What the invoice still asks for, less PPh 23 that is kept back, against what the customer says was sent."""

    expected: Decimal
    claimed: Decimal
    currency: str

    @classmethod
    def of(cls, group: Sequence[PaymentConfirmation]) -> "Comparison":
        """Of all the invoices that one transfer pays."""
        expected = transfer_codes.asked_for([one.invoice for one in group])
        if group[0].status == PaymentConfirmation.Status.SUBMITTED:
            expected -= total_of(one.withheld for one in group)
        return cls(expected, transfer_groups.total(group), group[0].currency)

    @property
    def difference(self) -> Decimal:
        return self.claimed - self.expected

    @property
    def exact(self) -> bool:
        return self.difference == ZERO

    @property
    def tone(self) -> str:
        if self.exact:
            return "good"
        return "bad" if self.difference < ZERO else "warn"

    @property
    def words(self) -> str:
        if self.exact:
            return gettext("Pas")
        amount = format_money(abs(self.difference), self.currency)
        return (
            gettext("Kurang %(amount)s") % {"amount": amount}
            if self.difference < ZERO
            else gettext("Lebih %(amount)s") % {"amount": amount}
        )


@dataclass(frozen=True)
class Waiting:
    confirmation: PaymentConfirmation
    invoices: Sequence[Invoice]
    promise: Promise
    comparison: Comparison


@dataclass(frozen=True)
class Neighbours:
    """Where a confirmation stands in the queue; without ``position`` it is no longer in it."""

    previous: int | None
    following: int | None
    position: int | None
    count: int


def groups_of(leading: Iterable[PaymentConfirmation]) -> list[list[PaymentConfirmation]]:
    """Those of each transfer, by one query for all."""
    leading = list(leading)
    others = PaymentConfirmation.objects.filter(transfer__in={one.transfer for one in leading if one.transfer})
    by_transfer: dict[uuid.UUID, list[PaymentConfirmation]] = {}
    for one in others.select_related("invoice").order_by("pk"):
        by_transfer.setdefault(one.transfer, []).append(one)
    return [by_transfer[one.transfer] if one.transfer else [one] for one in leading]


def neighbours(confirmation: PaymentConfirmation) -> Neighbours:
    queue = list(PaymentConfirmation.objects.waiting().values_list("submitted_at", "pk"))
    here = (confirmation.submitted_at, confirmation.pk)
    before = [pk for at, pk in queue if (at, pk) < here]
    after = [pk for at, pk in queue if (at, pk) > here]
    position = len(before) + 1 if (here in queue) else None
    return Neighbours(before[-1] if before else None, after[0] if after else None, position, len(queue))


def may_see_proofs(user: User) -> bool:
    return user.has_perm(VERIFY) or user.has_perm("billing.view_paymentconfirmation")


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
        shop = Shop.current()
        queue = (
            PaymentConfirmation.objects.waiting()
            .select_related("invoice__customer", "bank_account")
            .prefetch_related("invoice__transfer_codes")
        )
        page = Paginator(queue, PAGE_SIZE).get_page(request.GET.get("p"))
        rows = [
            Waiting(
                one,
                [each.invoice for each in group],
                Promise.of(one.submitted_at, shop.verification_minutes, shop=shop),
                Comparison.of(group),
            )
            for one, group in zip(page, groups_of(page), strict=True)
        ]
        decided = PaymentConfirmation.objects.filter(decided_at__isnull=False, payment__isnull=False)
        spans = list(decided.order_by("-decided_at").values_list("submitted_at", "decided_at")[:MOST_MEASURED])
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Meja verifikasi pembayaran"),
            "opts": self.model._meta,
            "page": page,
            "rows": rows,
            "promised_minutes": shop.verification_minutes,
            "usual_minutes": usual_minutes(spans, OfficeHours.of_shop(shop)),
        }
        return TemplateResponse(request, "admin/billing/desk.html", context)

    def decide(self, request: HttpRequest, confirmation_id: int) -> HttpResponse:
        _require_verifier(request)
        related = [
            "invoice__customer",
            "invoice__order",
            "bank_account__method",
            "submitted_by",
            "decided_by",
            "payment",
        ]
        confirmation = get_object_or_404(PaymentConfirmation.objects.select_related(*related), pk=confirmation_id)
        group = transfer_groups.of(confirmation)
        if group[0] != confirmation:
            return redirect("admin:billing_desk_confirmation", group[0].pk)
        decision = request.POST.get("decision")
        claimed = {"amount": transfer_groups.total(group)}
        approve = ApproveForm(request.POST if decision == "approve" else None, initial=claimed)
        reject = RejectForm(request.POST if decision == "reject" else None)
        if approve.is_bound and approve.is_valid():
            return self._approve(request, confirmation, approve.cleaned_data["amount"])
        if reject.is_bound and reject.is_valid():
            return self._reject(request, confirmation, reject.reason(confirmation.invoice.customer.language))
        return self._page(request, group, approve, reject)

    def _page(
        self, request: HttpRequest, group: Sequence[PaymentConfirmation], approve: ApproveForm, reject: RejectForm
    ) -> HttpResponse:
        shop = Shop.current()
        confirmation = group[0]
        invoice = confirmation.invoice
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Verifikasi %(invoice)s") % {"invoice": invoice},
            "opts": self.model._meta,
            "confirmation": confirmation,
            "invoice": invoice,
            "lines": invoice.lines.all(),
            "totals": documents.totals(invoice),
            "proofs": [(proof, proof.content_type in SHOWN_INLINE) for proof in confirmation.proofs.all()],
            "comparison": Comparison.of(group),
            "group": group,
            "promise": Promise.of(confirmation.submitted_at, shop.verification_minutes, shop=shop),
            "warnings": doubts.about(confirmation),
            "history": [(event, what_happened(event)) for event in confirmation.events.select_related("actor")],
            "earlier": invoice.confirmations.exclude(pk=confirmation.pk).select_related("decided_by"),
            "waits": confirmation.status == PaymentConfirmation.Status.SUBMITTED,
            "own": confirmation.submitted_by_id == request.user.pk,
            "queue": neighbours(confirmation),
            "approve": approve,
            "reject": reject,
        }
        wrong = approve.is_bound or reject.is_bound
        return TemplateResponse(request, "admin/billing/desk_confirmation.html", context, status=422 if wrong else 200)

    def _approve(self, request: HttpRequest, confirmation: PaymentConfirmation, amount: Decimal) -> HttpResponse:
        try:
            confirmations.approve(confirmation=confirmation, amount=amount, actor=request.user)
        except (confirmations.ConfirmationRefused, payments.PaymentRefused) as refusal:
            return _told(request, confirmation, refusal)
        self.log_change(request, confirmation, gettext("Diterima"))
        words = {"amount": format_money(amount, confirmation.currency), "invoice": _names(confirmation)}
        messages.success(request, gettext("%(amount)s diterima untuk %(invoice)s.") % words)
        return _next(confirmation)

    def _reject(self, request: HttpRequest, confirmation: PaymentConfirmation, reason: str) -> HttpResponse:
        try:
            confirmations.reject(confirmation=confirmation, reason=reason, actor=request.user)
        except confirmations.ConfirmationRefused as refusal:
            return _told(request, confirmation, refusal)
        self.log_change(request, confirmation, gettext("Ditolak"))
        words = {"invoice": _names(confirmation)}
        messages.success(request, gettext("%(invoice)s ditolak; pelanggan menerima alasannya lewat email.") % words)
        return _next(confirmation)

    def proof(self, request: HttpRequest, proof_id: int) -> FileResponse:
        if not may_see_proofs(request.user):
            raise PermissionDenied
        proof = get_object_or_404(ProofFile, pk=proof_id)
        return shown_or_downloaded(proof, download="download" in request.GET)


def _require_verifier(request: HttpRequest) -> None:
    if not request.user.has_perm(VERIFY):
        raise PermissionDenied


def _names(confirmation: PaymentConfirmation) -> str:
    return ", ".join(str(one.invoice) for one in transfer_groups.of(confirmation))


def _told(request: HttpRequest, confirmation: PaymentConfirmation, refusal: Exception) -> HttpResponse:
    """Say why nothing was done, on the page that shows how it stands now."""
    own = isinstance(refusal, confirmations.AlreadyDecided) and confirmation.decided_by_id == request.user.pk
    # A second press of one's own button is no fault.
    messages.add_message(request, messages.INFO if own else messages.ERROR, str(refusal))
    return redirect(reverse("admin:billing_desk_confirmation", args=[confirmation.pk]))


def _next(confirmation: PaymentConfirmation) -> HttpResponse:
    """The one that follows in the queue, else its first, else the empty queue."""
    later = Q(submitted_at__gt=confirmation.submitted_at) | Q(
        submitted_at=confirmation.submitted_at, pk__gt=confirmation.pk
    )
    queue = PaymentConfirmation.objects.waiting()
    following = queue.filter(later).first() or queue.first()
    if following is None:
        return redirect("admin:billing_desk")
    return redirect("admin:billing_desk_confirmation", following.pk)
