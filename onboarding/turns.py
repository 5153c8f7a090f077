"""Whose turn it is, and what for (ON7): the customer's to sign, pay or fill in; ours otherwise."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from billing.models import Invoice, PaymentConfirmation
from onboarding.models import Appointment, Case, Document, Requirement, Stage, StageKey
from onboarding.models.templates import Completion

SIGN = "sign"
PAY = "pay"
REQUIREMENTS = "requirements"
# Ours.
VERIFY = "verify"
RECEIVE = "receive"
ATTEND = "attend"
SCHEDULE = "schedule"
QUOTE = "quote"
PREPARE = "prepare"
ACTIVATE = "activate"
WORK = "work"

MINUTES_PER_QUESTION = 2
ROUNDED_TO = 5


@dataclass(frozen=True)
class Turn:
    """What ``settling.settle`` keeps on the case: ``who`` is a ``Case.Turn``, ``action`` one of the keys above."""

    who: str
    action: str = ""
    due_on: date | None = None


@dataclass(frozen=True)
class Action:
    """What is to do, in words. ``url`` leads the customer there and is empty where it is our turn."""

    key: str
    title: str
    url: str = ""
    due_on: date | None = None
    estimate: str = ""


def find(case: Case, stage: Stage | None) -> Turn:
    """Whose turn it is as the rows are now; ``stage`` is the case's current one. Of several the first named goes first."""
    if case.status == Case.Status.STOPPED:
        return Turn(Case.Turn.NOBODY)
    return _sign(case) or _pay(case, stage) or _requirements(case, stage) or _ours(case, stage)


def awaiting_signature(case: Case) -> Document | None:
    """The document that has waited longest for the customer's signature."""
    waiting = case.documents.filter(status=Document.Status.SENT, needs_signature=True)
    return waiting.select_related("stage", "quotation").order_by("sent_at", "pk").first()


def order_invoice(case: Case) -> Invoice | None:
    """That of the order of the case's service."""
    if case.service_id is None:
        return None
    return Invoice.objects.issued().filter(order__services=case.service_id).first()


def _sign(case: Case) -> Turn | None:
    document = awaiting_signature(case)
    if document is None:
        return None
    quotation = getattr(document, "quotation", None)
    due_on = quotation.valid_until if quotation else document.stage and document.stage.due_on
    return Turn(Case.Turn.CUSTOMER, SIGN, due_on)


def _pay(case: Case, stage: Stage | None) -> Turn | None:
    if stage is None or stage.completion != Completion.INVOICE_PAID:
        return None
    invoice = order_invoice(case)
    if invoice is None or invoice.status != Invoice.Status.UNPAID:
        return None
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        return Turn(Case.Turn.US, VERIFY)
    return Turn(Case.Turn.CUSTOMER, PAY, invoice.due_on)


def _requirements(case: Case, stage: Stage | None) -> Turn | None:
    if stage is None or stage.key != StageKey.REQUIREMENT_GATHERING:
        return None
    if not Requirement.objects.filter(case=case, status=Requirement.Status.DRAFT).exists():
        return None
    return Turn(Case.Turn.CUSTOMER, REQUIREMENTS, stage.due_on)


def _ours(case: Case, stage: Stage | None) -> Turn:
    action = _our_action(case, stage)
    if case.status == Case.Status.LIVE and action not in (RECEIVE, ATTEND):
        return Turn(Case.Turn.NOBODY)
    return Turn(Case.Turn.US, action, stage and stage.due_on)


def _our_action(case: Case, stage: Stage | None) -> str:
    if case.documents.filter(status=Document.Status.SIGNED).exists():
        return RECEIVE
    scheduled = case.appointments.filter(status=Appointment.Status.SCHEDULED)
    if (scheduled.filter(stage=stage) if stage else scheduled).exists():
        return ATTEND
    if stage is None:
        return WORK
    if stage.completion == Completion.DOCUMENT_SIGNED:
        return QUOTE if stage.key == StageKey.QUOTATION else PREPARE
    return {Completion.EVENTS_DONE: SCHEDULE, Completion.SERVICE_ACTIVE: ACTIVATE}.get(stage.completion, WORK)


def action_of(case: Case) -> Action:
    """What the case's row says is to do now, with the link for the customer. Of a settled case; reads little."""
    return Action(case.turn_action, _title(case.turn_action), _url(case), case.turn_due_on, _estimate(case))


def _title(key: str) -> str:
    return {
        SIGN: _("tanda tangani dokumen"),
        PAY: _("bayar tagihan"),
        REQUIREMENTS: _("isi formulir kebutuhan"),
        VERIFY: _("memverifikasi pembayaran Anda"),
        RECEIVE: _("memeriksa tanda tangan Anda"),
        ATTEND: _("bertemu pada jadwal"),
        SCHEDULE: _("menjadwalkan pertemuan"),
        QUOTE: _("menyiapkan penawaran"),
        PREPARE: _("menyiapkan dokumen"),
        ACTIVATE: _("mengaktifkan layanan"),
        WORK: _("mengerjakan tahap ini"),
    }.get(key, "")


def _url(case: Case) -> str:
    if case.turn_action == SIGN:
        document = awaiting_signature(case)
        return document.get_absolute_url() if document else ""
    if case.turn_action == PAY:
        invoice = order_invoice(case)
        return invoice.get_absolute_url() if invoice else ""
    return reverse("onboarding:requirements", args=[case.number]) if case.turn_action == REQUIREMENTS else ""


def _estimate(case: Case) -> str:
    requirement = getattr(case, "requirement", None) if case.turn_action == REQUIREMENTS else None
    return estimate(len(requirement.fields)) if requirement else ""


def estimate(questions: int) -> str:
    """How long it takes to answer so many: ``Perkiraan 20 menit.``"""
    minutes = max(ROUNDED_TO, -(-questions * MINUTES_PER_QUESTION // ROUNDED_TO) * ROUNDED_TO)
    return ngettext("Perkiraan %(count)d menit.", "Perkiraan %(count)d menit.", minutes) % {"count": minutes}
