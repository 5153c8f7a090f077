"""What becomes of statement lines: recognised by themselves, or assigned, ignored and undone by staff (U3)."""

import functools
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import outbox
from accounts.models import Customer, User
from billing import failures, payments, signals, transitions, withholding
from billing.bank import recognition
from billing.models import (
    BankAccount,
    Invoice,
    Payment,
    PaymentConfirmation,
    StatementImport,
    StatementLine,
    TransferCode,
)
from catalog.money import format_money, total_of

STEP = "statement"
DAYS_TO_READ_AGAIN = 30
# After so many lines the worker says that it is alive, and reads anew who has something to pay.
RECOGNISED_IN_ONE_BREATH = 200
SWEPT_AFTER = timedelta(minutes=1)
SWEEP_SIZE = 50
Status = StatementLine.Status


class CannotSettle(Exception):
    """The line stays as it is; the words say why."""


@dataclass(frozen=True)
class Part:
    """What of a line is one payment of a customer: it pays the invoices, oldest due first, and the rest is credit."""

    customer: Customer
    amount: Decimal
    invoices: tuple[Invoice, ...] = ()


@dataclass
class Report:
    matched: int = 0
    failed: int = 0


def recognise_waiting(today: date) -> Report:
    """Read again what waits for review, but for what staff took in hand: its invoice or code may be there only now, or the
    import was stopped half-way."""
    since = today - timedelta(days=DAYS_TO_READ_AGAIN)
    waiting = StatementLine.objects.to_review().filter(by_hand=False, booked_on__gte=since)
    return recognise_all(list(waiting.values_list("pk", flat=True)))


def recognise_import(import_id: int) -> Report | None:
    """Settle what an import brought; ``None`` where that is done, or a worker has it in hand.

    Doing it twice settles nothing twice; a worker that dies is followed by another one (``left_over``).
    """
    free = StatementImport.objects.to_recognise(timezone.now()).filter(pk=import_id)
    if not free.update(recognition_at=timezone.now()):
        return None
    report = Report()
    lines = StatementLine.objects.filter(imported=import_id)
    ids = list(lines.filter(status=Status.REVIEW, by_hand=False).order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), RECOGNISED_IN_ONE_BREATH):
        part = recognise_all(ids[start : start + RECOGNISED_IN_ONE_BREATH])
        report.matched += part.matched
        report.failed += part.failed
        # Still alive: nobody else begins anew.
        StatementImport.objects.filter(pk=import_id).update(recognition_at=timezone.now())
    imported = StatementImport.objects.get(pk=import_id)
    imported.counts = {**imported.counts, "matched": lines.filter(status=Status.MATCHED).count()}
    imported.recognised_at = timezone.now()
    imported.save(update_fields=["counts", "recognised_at"])
    return report


def tell_worker(import_id: int) -> None:
    """Have an import recognised soon; the sweep finds it where no worker hears of it."""
    # Here and not above: the task calls this module.
    from billing.tasks import recognise_import

    outbox.tell_worker(recognise_import, import_id)


def left_over(now: datetime) -> list[int]:
    """The imports that wait for a worker for too long, or whose worker died."""
    waiting = StatementImport.objects.to_recognise(now).filter(imported_at__lte=now - SWEPT_AFTER)
    return list(waiting.order_by("imported_at", "pk").values_list("pk", flat=True)[:SWEEP_SIZE])


def recognise_all(ids: Sequence[int]) -> Report:
    """Settle each of the lines that can be read in one way only. One line's failure stops no other."""
    report = Report()
    names = buyers() if ids else None
    for pk in ids:
        done = failures.guarded(STEP, f"line:{pk}", functools.partial(recognise_one, pk, names))
        report.matched += done or 0
        report.failed += done is None
    return report


def buyers() -> recognition.Names:
    """Who has something to pay, as of now."""
    balance = models.F("total") - models.F("amount_paid") - models.F("amount_credited")
    return recognition.Names(
        Invoice.objects.open().order_by().values_list("pk", balance, "customer__name").iterator(chunk_size=5_000)
    )


@transaction.atomic
def recognise_one(line_id: int, names: recognition.Names | None = None) -> int:
    """1 where the line is settled by it, 0 where it is left to staff. ``names`` are the buyers, read now unless given."""
    line = StatementLine.objects.select_related("account__method").get(pk=line_id)
    transitions.hold(line)
    if line.status != Status.REVIEW or line.by_hand:
        return 0
    found = reading_of(line, names or buyers())
    if found is None:
        return 0
    invoices = _held(found.invoices)
    customers = {invoice.customer_id for invoice in invoices}
    # What was read may have been paid or cancelled while its rows were waited for.
    if len(customers) != 1 or any(invoice.status != Invoice.Status.UNPAID for invoice in invoices):
        return 0
    if total_of(invoice.balance for invoice in invoices) > line.amount:
        return 0
    _settle(line, [Part(invoices[0].customer, line.amount, tuple(invoices))], Status.MATCHED, found.rule, None)
    return 1


def reading_of(line: StatementLine, names: recognition.Names) -> recognition.Recognised | None:
    """Which invoices the line pays, as the rules read it now."""
    text = f"{line.payer} {line.text}"
    code = (
        TransferCode.objects.filter(account=line.account, payable=line.amount, closed_at=None, invoice__status="unpaid")
        .select_related("invoice")
        .first()
    )
    return recognition.recognise(
        recognition.Line(line.booked_on, line.amount, text),
        by_code=code and _open(code.invoice),
        mentioned=mentioned_by(text, line.currency),
        named=_named(names.near(line.amount, text), line.account),
    )


def _named(ids: Collection[int], account: BankAccount) -> list[recognition.Open]:
    if not ids:
        return []
    codes = TransferCode.objects.filter(invoice__in=ids, account=account, closed_at=None)
    payable = dict(codes.values_list("invoice", "payable"))
    found = Invoice.objects.open().filter(pk__in=ids)
    return [replace(_open(invoice), payable=payable.get(invoice.pk)) for invoice in found]


def mentioned_by(text: str, currency: str) -> list[recognition.Open]:
    """The open invoices whose numbers the text has."""
    sequences = recognition.sequences_in(text)
    if not sequences:
        return []
    found = Invoice.objects.open().filter(sequence__in=sequences, currency=currency)
    return recognition.mentioned_in(text, map(_open, found))


def _open(invoice: Invoice) -> recognition.Open:
    return recognition.Open(invoice.pk, invoice.number, invoice.balance, invoice.issued_on)


def _held(ids: Collection[int]) -> list[Invoice]:
    """The invoices, oldest due first, their rows held, and before them what customers told of them, as verifying does.

    Raises ``CannotSettle`` where a confirmation came in between: it is taken along the next time.
    """
    told = _told(ids)
    for confirmation in told:
        transitions.hold(confirmation)
    invoices = payments.in_locking_order(Invoice.objects.filter(pk__in=ids).select_related("customer"))
    for invoice in invoices:
        transitions.hold(invoice)
    if {one.pk for one in _told(ids)} - {one.pk for one in told}:
        raise CannotSettle(_("Pelanggan baru saja mengirim konfirmasi untuk tagihan ini. Coba lagi."))
    return invoices


def _told(ids: Collection[int]) -> list[PaymentConfirmation]:
    waiting = PaymentConfirmation.objects.filter(invoice__in=ids, status=PaymentConfirmation.Status.SUBMITTED)
    return list(waiting.select_related("invoice__customer").order_by("pk"))


@transaction.atomic
def assign(*, line: StatementLine, parts: Sequence[Part], actor: User) -> None:
    """Staff says whose money it is. Raises ``CannotSettle`` where the parts are not the line, or somebody was faster."""
    if not actor.has_perm(payments.VERIFY):
        raise CannotSettle(_("Anda tidak berhak memverifikasi pembayaran."))
    if total_of(part.amount for part in parts) != line.amount:
        raise CannotSettle(
            _("Jumlah bagiannya harus %(amount)s, tidak lebih dan tidak kurang.")
            % {"amount": format_money(line.amount, line.currency)}
        )
    transitions.hold(line)
    if line.status != Status.REVIEW:
        raise CannotSettle(why_taken(line))
    _held([invoice.pk for part in parts for invoice in part.invoices])
    try:
        _settle_withheld(parts, actor)
        _settle(line, parts, Status.ASSIGNED, StatementLine.Rule.STAFF, actor)
    except payments.PaymentRefused as refusal:
        raise CannotSettle(str(refusal)) from refusal


def _settle_withheld(parts: Sequence[Part], actor: User) -> None:
    """The PPh 23 that customers told of with a transfer, where the part that is given to their invoice leaves room (T6)."""
    for part in parts:
        for one in _told([invoice.pk for invoice in part.invoices]):
            if len(part.invoices) == 1 and part.amount + one.withheld <= one.invoice.balance:
                withholding.settle(one, actor)


def why_taken(line: StatementLine) -> str:
    """Who did what with a line that no longer waits, when, and what it pays."""
    last = line.events.exclude(to_status="").select_related("actor").order_by("pk").last()
    paid = Invoice.objects.filter(allocations__payment__in=line.payments.filter(reversal=None)).distinct()
    words = {
        "status": line.get_status_display(),
        "who": last.actor or _("sistem"),
        "when": f"{timezone.localtime(last.at):%d-%m-%Y %H.%M.%S}",
        "what": ", ".join(str(invoice) for invoice in paid),
    }
    if words["what"]:
        return _("Mutasi ini sudah dipakai untuk %(what)s: %(status)s oleh %(who)s pada %(when)s.") % words
    return _("Mutasi ini sudah diputuskan: %(status)s oleh %(who)s pada %(when)s.") % words


def _settle(line: StatementLine, parts: Iterable[Part], to: str, rule: str, actor: User | None) -> None:
    """Record the money and say what recognised it; the line and the invoices are held by this transaction."""
    transitions.move(line, to, actor=actor, rule=rule)
    for number, part in enumerate(parts, start=1):
        payment = payments.record(
            customer=part.customer,
            amount=part.amount,
            currency=line.currency,
            actor=actor,
            invoices=part.invoices,
            **origin_of(line, part=number),
        )
        Payment.objects.filter(pk=payment.pk).update(statement_line=line)
        _accept_confirmations(payment, actor)


def origin_of(line: StatementLine, *, part: int) -> payments.Origin:
    """Of the payment that is this part of a line which was just settled: each time that it is, its causes are new."""
    times = line.events.filter(to_status__in=[Status.MATCHED, Status.ASSIGNED]).count()
    return {
        "source": Payment.Source.STATEMENT,
        "cause": f"statement:{line.pk}:{times}:{part}",
        "method": line.account.method,
        "received_on": line.booked_on,
        "reference": f"{line.payer} {line.text}".strip(),
    }


def _accept_confirmations(payment: Payment, actor: User | None) -> None:
    """What customers told of this transfer is proven by it: nobody has to verify it any more."""
    told = PaymentConfirmation.objects.filter(
        invoice__allocations__payment=payment, status=PaymentConfirmation.Status.SUBMITTED
    ).distinct()
    for confirmation in told.order_by("pk"):
        transitions.move(
            confirmation,
            PaymentConfirmation.Status.APPROVED,
            actor=actor,
            note=str(payment.reference)[:200],
            payment=payment,
            decided_at=timezone.now(),
            decided_by=None if actor and confirmation.submitted_by_id == actor.pk else actor,
        )
        signals.confirmation_decided.send(sender=PaymentConfirmation, confirmation=confirmation)


@transaction.atomic
def undo(*, line: StatementLine, reason: str, actor: User) -> None:
    """Take back what a line paid: it is to be looked at again, and by people only.

    Raises ``CannotSettle`` where it pays nothing, or what it paid cannot be taken back.
    """
    transitions.hold(line)
    if line.status not in (Status.MATCHED, Status.ASSIGNED):
        raise CannotSettle(_("Mutasi ini tidak sedang membayar apa pun."))
    transitions.move(line, Status.REVIEW, actor=actor, note=reason, rule="", by_hand=True)
    # What was recorded on a customer's word stays recorded: only that this line proves it was wrong.
    line.payments.filter(source=Payment.Source.CONFIRMATION).update(statement_line=None)
    try:
        for payment in line.payments.filter(reversal=None).order_by("pk"):
            payments.reverse(payment=payment, reason=reason, actor=actor)
    except payments.PaymentRefused as refusal:
        raise CannotSettle(str(refusal)) from refusal


@transaction.atomic
def ignore(*, line: StatementLine, reason: str, actor: User) -> None:
    """No customer's money, such as interest. Raises ``CannotSettle`` and ``transitions.InvalidTransition``."""
    if not reason.strip():
        raise CannotSettle(_("Isi alasan mengapa mutasi ini bukan pembayaran pelanggan."))
    transitions.move(line, Status.IGNORED, actor=actor, note=reason.strip())


@transaction.atomic
def look_again(*, line: StatementLine, actor: User) -> None:
    """An ignored line is to be looked at again. Raises ``transitions.InvalidTransition``."""
    transitions.move(line, Status.REVIEW, actor=actor, only_if=models.Q(status=Status.IGNORED), by_hand=True)
