"""Orders, invoices and confirmations for tests, made through the shop's own services."""

import io
import uuid
from decimal import Decimal

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts import outbox
from accounts.models import Customer, OutboxEmail, User
from billing import confirmations, ordering, transfer_groups, transitions
from billing.models import (
    BankAccount,
    Invoice,
    Order,
    Payment,
    PaymentConfirmation,
    PaymentMethod,
    StatementImport,
    StatementLine,
)
from catalog.cycles import Cycle
from catalog.models import Product
from catalog.selection import Selection
from tests import factories

TEMPLATES = (
    "order_received",
    "order_cancel_warning",
    "order_cancelled",
    "confirmation_received",
    "confirmation_rejected",
    "partially_paid",
    "payment_received",
    "service_active",
    "money_for_cancelled_invoice",
    "credit_note",
    "refund_paid",
    "late_fee",
)


def register_missing_emails(names: tuple[str, ...]) -> None:
    for name in names:
        if f"billing/{name}" not in outbox._EMAILS:
            outbox.email(f"billing/{name}")(lambda **_arguments: outbox.Content({}))


def place(
    customer: Customer,
    *products: Product,
    method: PaymentMethod | None = None,
    selections: dict[Product, Selection] | None = None,
    **fields,
) -> Order:
    """Order each product monthly, or as ``selections`` says, by bank transfer."""
    method = method or PaymentMethod.objects.first() or factories.bank_account().method
    chosen = selections or {product: Selection(cycle=Cycle.MONTHLY) for product in products}
    defaults = {
        "actor": customer.users.first(),
        "payment_method": method,
        "terms": None,
        "ip_address": "192.0.2.7",
        "checkout_key": uuid.uuid4(),
        "expected_total": None,
    }
    items = fields.pop("items", None) or [(product.pk, selection) for product, selection in chosen.items()]
    return ordering.place_order(customer=customer, items=items, **{**defaults, **fields})


def unpaid_invoice(customer: Customer, total: int = 150_000, **fields) -> Invoice:
    """An invoice of exactly ``total``, untaxed, made by ordering one product."""
    product = factories.product(prices={Cycle.MONTHLY: total}, taxable=False, **fields)
    return place(customer, product).invoice


def picture(colour: str = "white", name: str = "bukti.png", size: tuple[int, int] = (40, 60)) -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, format="PNG")
    return SimpleUploadedFile(name, written.getvalue(), content_type="image/png")


def confirm(invoice: Invoice, actor: User | None = None, **fields) -> PaymentConfirmation:
    defaults = {
        "bank_account": BankAccount.objects.filter(method=invoice.payment_method).first()
        or factories.bank_account(invoice.payment_method),
        "sender_bank": "Mandiri",
        "sender_number": "1370001234567",
        "sender_name": "PT Contoh",
        "transferred_on": timezone.localdate(),
        "amount": invoice.total,
        "note": "",
        "proofs": [picture()],
    }
    actor = actor or invoice.customer.users.first()
    return confirmations.submit(invoice=invoice, actor=actor, **{**defaults, **fields})


def pay(invoice: Invoice, verifier: User, confirmation: PaymentConfirmation | None = None) -> Payment:
    """The invoice's whole balance, confirmed and approved."""
    confirmation = confirmation or confirm(invoice, amount=invoice.balance)
    return confirmations.approve(confirmation=confirmation, amount=invoice.balance, actor=verifier)


def pay_together(confirmation: PaymentConfirmation, verifier: User) -> Payment:
    """All that its transfer is said to hold (C4)."""
    amount = transfer_groups.total(transfer_groups.of(confirmation))
    return confirmations.approve(confirmation=confirmation, amount=amount, actor=verifier)


def came_in(
    account: BankAccount, amount: int | Decimal, text: str = "", payer: str = "BUDI", **fields
) -> StatementLine:
    """A line of an imported statement, as yet to be reviewed; of today unless told otherwise."""
    imported = StatementImport.objects.create(account=account, source="mutasi.csv", sha256="0" * 64)
    number = StatementLine.objects.count()
    line = StatementLine.objects.create(
        account=account,
        imported=imported,
        key=f"k{number}",
        amount=amount,
        text=text,
        payer=payer,
        **{"booked_on": timezone.localdate(), **fields},
    )
    transitions.began(line, actor=None)
    return line


def rupiah(amount: int | str) -> Decimal:
    return Decimal(amount)


def emails(template: str) -> list[OutboxEmail]:
    return list(OutboxEmail.objects.filter(template=f"billing/{template}").order_by("pk"))


def states(things) -> list[str]:
    return [thing.status for thing in things.order_by("pk")]
