"""What a customer needs to do about money, the most urgent first."""

from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Customer
from billing.models import Invoice, PaymentConfirmation
from catalog.money import format_money

Status = PaymentConfirmation.Status
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
    """The customer's open invoices as tasks, in one query."""
    sent = PaymentConfirmation.objects.filter(invoice=OuterRef("pk")).exclude(status=Status.WITHDRAWN)
    last = sent.order_by("-submitted_at", "-pk")
    invoices = Invoice.objects.issued().open().filter(customer=customer).order_by("due_on", "pk")
    told = invoices.annotate(last_word=Subquery(last.values("status")[:1]), reason=Subquery(last.values("reason")[:1]))
    return sorted((_task(invoice, can_pay) for invoice in told[:MOST]), key=lambda task: task.order)


def _task(invoice: Invoice, can_pay: bool) -> Task:
    """``last_word`` is the state of its last confirmation that was not withdrawn, ``reason`` why that was refused."""
    amount = format_money(invoice.balance, invoice.currency)
    if invoice.last_word == Status.SUBMITTED:
        title = _("Pembayaran %(number)s sedang kami periksa") % {"number": invoice.number}
        return Task(2, title, amount, "clock", invoice)
    if invoice.last_word == Status.REJECTED:
        title = _("Konfirmasi pembayaran %(number)s belum dapat kami terima") % {"number": invoice.number}
        action = _("Kirim lagi") if can_pay else _("Lihat")
        reason = Truncator(invoice.reason).chars(160)
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
