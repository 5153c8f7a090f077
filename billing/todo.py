"""What a customer needs to do about money, the most urgent first."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Customer
from billing.models import Invoice, PaymentConfirmation
from catalog.money import format_money

# One more than pages show, so that they know that there is more.
MOST = 6


@dataclass(frozen=True)
class Task:
    """``order`` puts rejected before unpaid before what only waits for us; ``action`` is empty where we are next."""

    order: int
    title: str
    text: str
    icon: str
    invoice: Invoice
    action: str = ""
    tone: str = ""
    primary: bool = False

    @property
    def about(self) -> str:
        return self.invoice.number

    @property
    def url(self) -> str:
        return self.invoice.get_absolute_url()


def todo_list(customer: Customer, *, can_pay: bool) -> list[Task]:
    """The customer's open invoices as tasks: two queries, however many there are."""
    invoices = list(
        Invoice.objects.issued()
        .open()
        .filter(customer=customer)
        .with_awaiting_verification()
        .order_by("due_on", "pk")[:MOST]
    )
    rejected = _rejections(invoices)
    tasks = [_task(invoice, rejected.get(invoice.pk), can_pay) for invoice in invoices]
    return sorted(tasks, key=lambda task: task.order)


def _rejections(invoices: Sequence[Invoice]) -> dict[int, PaymentConfirmation]:
    """The last word on each invoice where that was a rejection."""
    ids = [invoice.pk for invoice in invoices if not invoice.awaiting_verification]
    found = PaymentConfirmation.objects.filter(invoice__in=ids).order_by("submitted_at", "pk")
    decided = found.exclude(status=PaymentConfirmation.Status.WITHDRAWN)
    last = {confirmation.invoice_id: confirmation for confirmation in decided}
    return {pk: one for pk, one in last.items() if one.status == PaymentConfirmation.Status.REJECTED}


def _task(invoice: Invoice, rejected: PaymentConfirmation | None, can_pay: bool) -> Task:
    amount = format_money(invoice.balance, invoice.currency)
    if invoice.awaiting_verification:
        title = _("Pembayaran %(number)s sedang kami periksa") % {"number": invoice.number}
        return Task(2, title, amount, "clock", invoice)
    if rejected:
        title = _("Konfirmasi pembayaran %(number)s belum dapat kami terima") % {"number": invoice.number}
        action = _("Kirim lagi") if can_pay else _("Lihat")
        reason = Truncator(rejected.reason).chars(160)
        return Task(0, title, reason, "alert-triangle", invoice, action, "danger", can_pay)
    due = f"{dates.full_date(invoice.due_on)} ({dates.relative_days(invoice.due_on)})"
    return Task(
        order=1,
        title=_("Bayar tagihan %(number)s") % {"number": invoice.number},
        text=_("%(amount)s, jatuh tempo %(due)s") % {"amount": amount, "due": due},
        icon="receipt",
        invoice=invoice,
        action=_("Bayar") if can_pay else _("Lihat"),
        tone="warning" if invoice.is_overdue else "",
        primary=can_pay,
    )
