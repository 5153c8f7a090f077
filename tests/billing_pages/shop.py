"""What the tests of billing's pages do again and again."""

import io
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfWriter

from billing import confirmations, tax_invoices, uploads
from billing.models import Invoice, PaymentConfirmation, Service, TaxInvoice
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


def tax_paper(name: str = "faktur.pdf") -> SimpleUploadedFile:
    """An empty page, as Coretax makes it."""
    content = io.BytesIO()
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(content)
    return SimpleUploadedFile(name, content.getvalue(), "application/pdf")


def file_tax_invoice(invoice: Invoice, number: str = "04002600012345678") -> TaxInvoice:
    return tax_invoices.file(
        invoice=invoice,
        number=number,
        issued_on=timezone.localdate(),
        document=uploads.accept(tax_paper(), kinds=[uploads.PDF]),
        actor=factories.staff("billing.change_taxinvoice"),
    )


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
