"""Invoices made outside an order."""

from datetime import date
from decimal import Decimal

import pytest

from billing import drafting, effects, lifecycle, payments
from billing.models import Invoice, InvoiceLine

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def line(amount=100_000, **fields) -> InvoiceLine:
    return InvoiceLine(kind="manual", description="Pelatihan", unit_price=amount, amount=amount, **fields)


def test_it_is_settled_written_and_issued(customer, ppn):
    lines = [line(), line(50_000, taxable=False, discount=10_000)]
    invoice = drafting.invoice_of(
        customer=customer, kind=Invoice.Kind.MANUAL, lines=lines, today=TODAY, currency="IDR", po_number="PO-7"
    )
    invoice.refresh_from_db()
    assert (invoice.subtotal, invoice.discount, invoice.tax, invoice.total) == (150_000, 10_000, 11_000, 151_000)
    assert (invoice.status, invoice.issued_on, invoice.due_on) == ("unpaid", TODAY, date(2026, 11, 23))
    assert (invoice.number, invoice.po_number, invoice.language) == ("INV/2026/11/00001", "PO-7", customer.language)
    assert invoice.buyer["name"] == customer.name
    assert [one.sort for one in invoice.lines.all()] == [0, 1]
    assert [event.kind for event in invoice.events.all()] == ["created", "unpaid"]


def test_it_carries_no_tax_where_it_must_not(customer, ppn):
    invoice = drafting.invoice_of(
        customer=customer, kind=Invoice.Kind.ADD_FUNDS, lines=[line()], today=TODAY, currency="IDR", taxed=False
    )
    assert (invoice.tax, invoice.total, invoice.tax_name) == (0, 100_000, "")


def test_its_own_due_date_and_language_stand(customer):
    invoice = drafting.invoice_of(
        customer=customer,
        kind=Invoice.Kind.MANUAL,
        lines=[line()],
        today=TODAY,
        currency="IDR",
        due_on=date(2026, 12, 1),
        language="en",
    )
    assert (invoice.due_on, invoice.language) == (date(2026, 12, 1), "en")


@pytest.fixture
def seen(monkeypatch):
    """What happens to invoices of a kind that has no effects of its own in this test."""
    found = []
    watch = effects.Effects(
        paid=lambda invoice, actor: found.append(("paid", invoice.status, actor)),
        reopened=lambda invoice, actor: found.append(("reopened", invoice.status, actor)),
        voided=lambda invoice, actor: found.append(("voided", invoice.status, actor)),
    )
    monkeypatch.setitem(effects._BY_KIND, Invoice.Kind.MANUAL, watch)
    return found


@pytest.fixture
def invoice(customer):
    return drafting.invoice_of(customer=customer, kind=Invoice.Kind.MANUAL, lines=[line()], today=TODAY, currency="IDR")


def pay(invoice, amount, cause="bank:1"):
    return payments.record(
        customer=invoice.customer,
        amount=Decimal(amount),
        currency="IDR",
        source="manual",
        cause=cause,
        method=None,
        received_on=TODAY,
        reference="",
        actor=None,
        invoices=[invoice],
    )


def test_effects_follow_the_invoice_when_it_is_paid_and_open_again(seen, invoice, verifier):
    pay(invoice, 40_000)
    assert seen == []
    payment = pay(invoice, 60_000, "bank:2")
    assert seen == [("paid", "paid", None)]
    payments.reverse(payment=payment, reason="Salah catat", actor=verifier)
    assert seen[1:] == [("reopened", "unpaid", verifier)]


def test_effects_follow_the_invoice_when_it_is_cancelled(seen, invoice, verifier):
    lifecycle.void(invoice=invoice, actor=verifier)
    assert seen == [("voided", "cancelled", verifier)]


def test_no_kind_has_two_sets_of_effects():
    with pytest.raises(ValueError, match="registered twice"):
        effects.register(Invoice.Kind.RENEWAL, effects.Effects())
