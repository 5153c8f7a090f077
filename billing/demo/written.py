"""What staff did by hand in the demo shop: invoices that they wrote, and a check of the books."""

from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from accounts import demo as people
from accounts.models import Customer
from billing import checks, editing
from billing.demo import steps
from billing.editing import Content, WrittenLine
from billing.models import Invoice, LedgerCheck


def load() -> None:
    """Once; what was written before stays."""
    if not Invoice.objects.filter(kind=Invoice.Kind.MANUAL).exists():
        with transaction.atomic():
            _issue_written(Customer.objects.get(name=people.COFFEE["name"]))
            _write_draft(Customer.objects.get(name=people.BATIK["name"]))
    if not LedgerCheck.objects.exists():
        checks.check_books()


def _write_draft(customer: Customer) -> Invoice:
    """An invoice that staff prepare by hand and have not issued."""
    invoice = editing.start(customer=customer, actor=steps.verifier())
    lines = [
        WrittenLine("Pelatihan penggunaan sistem, 2 sesi", 2, Decimal(750_000), detail="Di kantor pelanggan"),
        WrittenLine("Perjalanan dan akomodasi", 1, Decimal(350_000), taxable=False),
    ]
    content = Content(lines, invoice.payment_method, po_number="PO-2026-0117", notes="Sesuai pembicaraan di telepon.")
    editing.rewrite(invoice=invoice, content=content, seen=editing.version(invoice), actor=steps.verifier())
    return invoice


def _issue_written(customer: Customer) -> None:
    """One that they issued, for the months to come."""
    invoice = editing.start(customer=customer, actor=steps.verifier())
    start = timezone.localdate()
    line = WrittenLine(
        "Pendampingan teknis", 1, Decimal(4_500_000), period_start=start, period_end=start + timedelta(days=89)
    )
    content = Content([line], invoice.payment_method)
    editing.rewrite(invoice=invoice, content=content, seen=editing.version(invoice), actor=steps.verifier())
    editing.issue(invoice=invoice, actor=steps.verifier())
