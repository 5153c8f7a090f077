"""Adding funds: an invoice without tax that, once paid, is the customer's credit (C3). Credit itself never pays it."""

import functools
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Customer, Shop, User
from billing import books, drafting, failures, lifecycle, payments, paymethods, transitions
from billing.models import Invoice, InvoiceEvent, InvoiceLine, Payment, PaymentMethod
from catalog.money import DEFAULT_CURRENCY, ZERO, format_money

STEP = "funds"


class CannotAdd(Exception):
    """No invoice was made; the words say why."""


@transaction.atomic
def add(*, customer: Customer, amount: Decimal, actor: User, payment_method: PaymentMethod | None = None) -> Invoice:
    """An invoice for so much credit; where the same amount is being added already, that one: two presses are one wish.

    Raises ``CannotAdd`` where it is less or more than the shop allows.
    """
    shop = Shop.current()
    least, most = shop.add_funds_minimum, shop.add_funds_maximum
    if not payments.is_payable(amount, DEFAULT_CURRENCY) or not least <= amount <= most:
        words = _("Isi jumlah antara %(least)s dan %(most)s.")
        raise CannotAdd(words % {"least": format_money(least), "most": format_money(most)})
    books.hold_credit(customer.pk)
    open_ones = Invoice.objects.issued().open().filter(customer=customer, kind=Invoice.Kind.ADD_FUNDS, total=amount)
    same = open_ones.filter(amount_paid=ZERO).first()
    if same:
        return same
    with translation.override(customer.language):
        line = InvoiceLine(
            kind=Invoice.Kind.ADD_FUNDS,
            description=_("Isi saldo kredit"),
            currency=DEFAULT_CURRENCY,
            unit_price=amount,
            amount=amount,
            taxable=False,
        )
    return drafting.invoice_of(
        customer=customer,
        kind=Invoice.Kind.ADD_FUNDS,
        lines=[line],
        today=timezone.localdate(),
        currency=DEFAULT_CURRENCY,
        actor=actor,
        payment_method=payment_method or next(iter(paymethods.active()), None),
        taxed=False,
    )


def deposit(invoice: Invoice, actor: User | None) -> None:
    """It is paid: what each payment paid of it is credit."""
    cause = _cause(invoice)
    for payment, amount in _paid_by(invoice):
        books.enter(payment, amount, cause=f"{cause}:{payment.pk}", actor=actor, invoice=invoice, note=invoice.number)


def take_back(invoice: Invoice, actor: User | None) -> None:
    """A payment was taken back, its credit with it: what the others had paid is no credit any more, either.

    Raises ``payments.CreditAlreadyUsed`` where that is spent.
    """
    books.hold_credit(invoice.customer_id)
    left = dict(books.left_by_payment(invoice.customer_id, invoice.currency))
    cause = _cause(invoice)
    for payment, amount in _paid_by(invoice):
        if left.get(payment.pk, ZERO) < amount:
            raise payments.CreditAlreadyUsed(
                _("Kredit dari tagihan %(invoice)s sudah dipakai. Kembalikan dahulu pemakaiannya.")
                % {"invoice": invoice}
            )
        books.enter(
            payment, -amount, cause=f"{cause}:{payment.pk}:back", actor=actor, invoice=invoice, note=invoice.number
        )


def _cause(invoice: Invoice) -> str:
    times = InvoiceEvent.objects.filter(invoice=invoice, to_status=Invoice.Status.PAID).count()
    return f"deposit:{invoice.pk}:{times}"


def _paid_by(invoice: Invoice) -> list[tuple[Payment, Decimal]]:
    paid = books.paid_by_payments(invoice)
    return [(payment, paid[payment.pk]) for payment in Payment.objects.filter(pk__in=paid).order_by("pk")]


def may_be_dropped(invoice: Invoice) -> bool:
    """Whether its customer may cancel it: nobody owes it, and nothing came in."""
    return (
        invoice.kind == Invoice.Kind.ADD_FUNDS
        and invoice.status == Invoice.Status.UNPAID
        and invoice.amount_paid == ZERO
    )


def drop(*, invoice: Invoice, actor: User) -> None:
    """The customer does not want to add these funds any more. Raises ``lifecycle.CannotCancel`` and
    ``transitions.InvalidTransition``.
    """
    if invoice.kind != Invoice.Kind.ADD_FUNDS:
        raise transitions.InvalidTransition(invoice, Invoice.Status.CANCELLED)
    with transaction.atomic():
        lifecycle.void(invoice=invoice, actor=actor)


@dataclass
class Report:
    cancelled: int = 0
    failed: int = 0


def cancel_forgotten(today: date) -> Report:
    """Nobody owes them: they are cancelled as unpaid orders are, so many days after they were due, and not reminded of."""
    report = Report()
    for pk, customer_id in list(_forgotten(today).values_list("pk", "customer_id")):
        act = functools.partial(cancel_one, pk, today)
        done = failures.guarded(STEP, f"invoice:{pk}", act, customer_id=customer_id)
        report.cancelled += done or 0
        report.failed += done is None
    return report


def cancel_one(invoice_id: int, today: date) -> int:
    """Cancel one; 0 where it was paid or confirmed meanwhile."""
    invoice = _forgotten(today).filter(pk=invoice_id).first()
    if invoice is None:
        return 0
    try:
        with transaction.atomic():
            lifecycle.void(invoice=invoice, actor=None, note="unpaid")
    except (lifecycle.CannotCancel, transitions.InvalidTransition):
        return 0
    return 1


def _forgotten(today: date):
    last_due = today - timedelta(days=Shop.current().cancel_unpaid_after_days)
    unpaid = Invoice.objects.open().filter(kind=Invoice.Kind.ADD_FUNDS, amount_paid=ZERO, due_on__lte=last_due)
    return unpaid.exclude(confirmations__status="submitted").order_by("pk")
