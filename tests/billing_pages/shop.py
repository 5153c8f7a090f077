"""What the tests of billing's pages do again and again."""

from decimal import Decimal

from django.utils import timezone

from billing import confirmations
from billing.models import Invoice, PaymentConfirmation, Service
from tests import factories
from tests.billing import shop


def pay(invoice: Invoice, amount: int | None = None) -> Invoice:
    """Confirm and approve, as customers and staff do."""
    verifier = factories.staff("billing.verify_payment")
    confirmation = shop.confirm(invoice)
    confirmations.approve(confirmation=confirmation, amount=Decimal(amount or invoice.total), actor=verifier)
    invoice.refresh_from_db()
    return invoice


def reject(invoice: Invoice, reason: str = "Buktinya tidak terbaca") -> PaymentConfirmation:
    confirmation = shop.confirm(invoice)
    confirmations.reject(confirmation=confirmation, reason=reason, actor=factories.staff("billing.verify_payment"))
    return confirmation


def service_of(invoice: Invoice) -> Service:
    return invoice.order.services.get(parent=None)


def confirmation_fields(invoice: Invoice, **changes) -> dict:
    """A filled-in confirmation form, as a browser posts it."""
    account = invoice.payment_method.bank_accounts.first()
    fields = {
        "bank_account": account.pk,
        "amount": "150.000",
        "sender_bank": "Mandiri",
        "sender_name": "PT Contoh",
        "sender_number": "1370001234567",
        "transferred_on": timezone.localdate().isoformat(),
        "note": "",
        "proofs": [shop.picture()],
    }
    return {**fields, **changes}
