"""One table for the whole product: status → label → tone. Pages show it by ``{% badge object %}``."""

from dataclasses import dataclass

from django.db.models import Model
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Invitation, OutboxEmail
from billing.models import Invoice, Order, PaymentAttempt, PaymentConfirmation, ProviderRefund, Service, StatementLine
from onboarding.models import Appointment, Case, Document, Requirement, Stage
from onboarding.models.templates import Completion
from tickets.models import Ticket


@dataclass(frozen=True)
class Badge:
    """``tone`` is a class of app.css (``tag-<tone>``), or empty for what needs no colour. The words alone say it all."""

    label: str | Promise
    tone: str = ""


BADGES: dict[type[Model], dict[str, Badge]] = {
    Invoice: {
        "draft": Badge(_("Konsep")),
        "unpaid": Badge(_("Belum Dibayar"), "warning"),
        "paid": Badge(_("Lunas"), "success"),
        "cancelled": Badge(_("Dibatalkan")),
        "refunded": Badge(_("Dikembalikan")),
        # Derived, never stored (RULES I1).
        "overdue": Badge(_("Lewat Jatuh Tempo"), "danger"),
        "partially_paid": Badge(_("Dibayar Sebagian"), "warning"),
        "awaiting": Badge(_("Menunggu Verifikasi"), "info"),
    },
    Order: {
        "pending": Badge(_("Menunggu pembayaran"), "warning"),
        "active": Badge(_("Aktif"), "success"),
        "cancelled": Badge(_("Dibatalkan")),
        "fraud": Badge(_("Ditahan"), "danger"),
    },
    Service: {
        "pending": Badge(_("Menunggu pembayaran"), "warning"),
        # Derived: paid for, and on the staff's list.
        "waiting_for_activation": Badge(_("Menunggu aktivasi"), "info"),
        "active": Badge(_("Aktif"), "success"),
        "suspended": Badge(_("Ditangguhkan"), "warning"),
        "terminated": Badge(_("Diakhiri")),
        "cancelled": Badge(_("Dibatalkan")),
        "completed": Badge(_("Selesai"), "success"),
    },
    PaymentConfirmation: {
        "submitted": Badge(_("Menunggu Verifikasi"), "info"),
        "approved": Badge(_("Diterima"), "success"),
        "rejected": Badge(_("Ditolak"), "danger"),
        "withdrawn": Badge(_("Ditarik")),
    },
    PaymentAttempt: {
        "queued": Badge(_("Disiapkan"), "info"),
        "open": Badge(_("Menunggu pembayaran"), "info"),
        "paid": Badge(_("Dibayar"), "success"),
        "expired": Badge(_("Kedaluwarsa")),
        "cancelled": Badge(_("Tidak dipakai lagi")),
        "failed": Badge(_("Gagal"), "danger"),
        "review": Badge(_("Perlu ditinjau"), "warning"),
    },
    ProviderRefund: {
        "queued": Badge(_("Diproses"), "info"),
        "done": Badge(_("Dikembalikan"), "success"),
        "refused": Badge(_("Tidak dikembalikan"), "danger"),
    },
    StatementLine: {
        "review": Badge(_("Perlu ditinjau"), "warning"),
        "matched": Badge(_("Dikenali"), "success"),
        "assigned": Badge(_("Ditetapkan staf"), "success"),
        "ignored": Badge(_("Diabaikan")),
    },
    OutboxEmail: {
        "queued": Badge(_("Menunggu dikirim"), "info"),
        "sending": Badge(_("Sedang dikirim"), "info"),
        "sent": Badge(_("Terkirim"), "success"),
        "failed": Badge(_("Gagal"), "danger"),
    },
    Invitation: {
        "open": Badge(_("Menunggu jawaban"), "info"),
        "accepted": Badge(_("Diterima"), "success"),
        "revoked": Badge(_("Dibatalkan")),
        "expired": Badge(_("Kedaluwarsa"), "warning"),
    },
    Ticket: {
        # What staff works with (``badge_for_staff``).
        "open": Badge(_("Baru"), "info"),
        "answered": Badge(_("Dijawab"), "success"),
        "customer_reply": Badge(_("Balasan pelanggan"), "warning"),
        "on_hold": Badge(_("Ditahan")),
        "in_progress": Badge(_("Dikerjakan"), "info"),
        "closed": Badge(_("Selesai")),
        # Derived: whose turn it is, for the customer.
        "turn_ours": Badge(_("Menunggu kami"), "info"),
        "turn_yours": Badge(_("Menunggu Anda"), "warning"),
    },
    Case: {
        "active": Badge(_("Berjalan"), "info"),
        "stopped": Badge(_("Berhenti"), "danger"),
        "live": Badge(_("Sudah live"), "success"),
    },
    Stage: {
        "upcoming": Badge(_("Belum mulai")),
        "current": Badge(_("Berjalan"), "info"),
        "done": Badge(_("Selesai"), "success"),
        "skipped": Badge(_("Dilewati")),
        # Derived: what the customer has of it.
        "planned": Badge(_("Terjadwal")),
        "signed": Badge(_("Ditandatangani"), "success"),
        "paid": Badge(_("Lunas"), "success"),
    },
    Appointment: {
        "scheduled": Badge(_("Terjadwal"), "info"),
        "done": Badge(_("Selesai"), "success"),
        "missed": Badge(_("Tidak terlaksana"), "warning"),
        "cancelled": Badge(_("Dibatalkan")),
    },
    Document: {
        "shared": Badge(_("Dibagikan")),
        "sent": Badge(_("Menunggu tanda tangan"), "warning"),
        "signed": Badge(_("Ditandatangani"), "info"),
        "received": Badge(_("Diterima"), "success"),
        "withdrawn": Badge(_("Ditarik")),
    },
    Requirement: {
        "draft": Badge(_("Menunggu isian"), "warning"),
        "submitted": Badge(_("Dikirim"), "success"),
    },
}


def badge_of(thing: Model) -> Badge:
    """The badge of an invoice, order, service, ticket, onboarding and so on, as its customer understands it.

    Lists of invoices come from ``Invoice.objects.with_awaiting_verification()``; without it each open invoice costs a query.
    """
    state = _DERIVED.get(type(thing), lambda it: it.status)(thing)
    return BADGES[type(thing)][state]


def badge_for_staff(thing: Model) -> Badge:
    """The badge of the state that is stored, such as a ticket's, where staff needs to know more than whose turn it is."""
    return BADGES[type(thing)][thing.status]


def _state_of_invoice(invoice: Invoice) -> str:
    if invoice.status != Invoice.Status.UNPAID:
        return invoice.status
    if _awaits_verification(invoice):
        return "awaiting"
    if invoice.is_overdue:
        return "overdue"
    return "partially_paid" if invoice.is_partially_paid else invoice.status


def _awaits_verification(invoice: Invoice) -> bool:
    if hasattr(invoice, "awaiting_verification"):
        return invoice.awaiting_verification
    return invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists()


def _state_of_service(service: Service) -> str:
    if service.status == Service.Status.PENDING and service.activation_due_since:
        return "waiting_for_activation"
    return service.status


def _state_of_invitation(invitation: Invitation) -> str:
    if invitation.accepted_at:
        return "accepted"
    if invitation.revoked_at:
        return "revoked"
    return "open" if invitation.expires_at > timezone.now() else "expired"


def _state_of_ticket(ticket: Ticket) -> str:
    turns = {Ticket.Status.CLOSED: Ticket.Status.CLOSED, Ticket.Status.ANSWERED: "turn_yours"}
    return turns.get(ticket.status, "turn_ours")


def _state_of_stage(stage: Stage) -> str:
    """``is_planned`` is set by pages that know the stage's appointments."""
    if stage.status == Stage.Status.DONE:
        return {Completion.DOCUMENT_SIGNED: "signed", Completion.INVOICE_PAID: "paid"}.get(stage.completion, "done")
    if stage.status == Stage.Status.UPCOMING and getattr(stage, "is_planned", False):
        return "planned"
    return stage.status


_DERIVED = {
    Invoice: _state_of_invoice,
    Service: _state_of_service,
    Invitation: _state_of_invitation,
    Ticket: _state_of_ticket,
    Stage: _state_of_stage,
}
