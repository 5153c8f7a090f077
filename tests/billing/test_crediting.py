"""Credit notes: what they take off, at which tax, and where the money goes that was paid."""

from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Shop
from billing import books, crediting, ledger, payments, returning
from billing import credit as spending
from billing.models import CreditEntry, CreditNote, Invoice, InvoiceLine, Payment
from catalog.cycles import Cycle
from tests import factories
from tests.billing.shop import emails, place, unpaid_invoice

pytestmark = pytest.mark.django_db


def pay(invoice: Invoice, amount: int, cause: str = "staff:1") -> Payment:
    return payments.record(
        customer=invoice.customer,
        amount=Decimal(amount),
        currency="IDR",
        source=Payment.Source.STAFF,
        cause=cause,
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=None,
        invoices=[invoice],
    )


def fresh(invoice: Invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


def credit(invoice: Invoice, amount: int | None = None, cause: str = "staff:note") -> CreditNote:
    """A note over so much of the first line, or over all that is left."""
    line = invoice.lines.first()
    amounts = crediting.left_of(invoice) if amount is None else {line.pk: Decimal(amount)}
    return crediting.credit(invoice=fresh(invoice), amounts=amounts, reason="Salah harga", cause=cause, actor=None)


def assert_the_books_agree() -> None:
    assert [
        str(breach) for breach in ledger.verify({rule: ledger.CHECKS[rule] for rule in ("V1", "V2", "V4", "V7")})
    ] == []


@pytest.fixture
def taxed(customer, ppn):
    """149.500 net, PPN 16.445 (T3)."""
    return place(customer, factories.product(prices={Cycle.MONTHLY: 149_500})).invoice


def test_an_unpaid_invoice_asks_for_less(taxed):
    note = credit(taxed, 100_000)

    taxed = fresh(taxed)
    assert (note.subtotal, note.tax, note.tax_base, note.total) == (100_000, 11_000, 91_667, 111_000)
    assert (taxed.status, taxed.amount_credited, taxed.balance) == ("unpaid", 111_000, 54_945)
    assert (note.number, note.issued_on) == (f"NK/{timezone.localdate():%Y/%m}/00001", timezone.localdate())
    assert note.buyer == taxed.buyer
    assert_the_books_agree()


def test_the_last_note_takes_what_is_left_of_the_tax(taxed):
    pay(taxed, 165_945)
    notes = [credit(taxed, 33_335, f"staff:{number}") for number in range(3)]
    notes.append(credit(taxed, cause="staff:last"))

    taxed = fresh(taxed)
    assert [note.tax for note in notes] == [3_667, 3_667, 3_667, 5_444]
    assert sum(note.tax_base for note in notes) == taxed.tax_base == 137_042
    assert sum(note.total for note in notes) == taxed.total == taxed.amount_credited
    assert (taxed.status, taxed.amount_paid) == ("refunded", 0)
    assert payments.credit_balance(taxed.customer) == 165_945
    assert_the_books_agree()


def test_what_was_paid_and_is_not_owed_becomes_credit(taxed):
    pay(taxed, 165_945)
    note = credit(taxed, 100_000)

    taxed = fresh(taxed)
    assert (taxed.status, taxed.amount_paid, taxed.amount_credited, taxed.balance) == ("paid", 54_945, 111_000, 0)
    entry = CreditEntry.objects.get()
    assert (entry.amount, entry.note, entry.invoice) == (111_000, note.number, taxed)
    assert_the_books_agree()


def test_the_newest_payment_goes_back_first(customer):
    invoice = unpaid_invoice(customer, 150_000)
    first, second = pay(invoice, 100_000), pay(fresh(invoice), 50_000, "staff:2")
    credit(invoice, 70_000)

    assert list(CreditEntry.objects.values_list("payment", "amount")) == [(second.pk, 50_000), (first.pk, 20_000)]
    assert books.left_by_payment(customer.pk, "IDR") == [(first.pk, 20_000), (second.pk, 50_000)]
    assert_the_books_agree()


def test_a_note_that_leaves_what_was_paid_closes_the_invoice_and_its_services_start(customer):
    invoice = unpaid_invoice(customer, 150_000)
    pay(invoice, 100_000)
    credit(invoice, 60_000)

    invoice = fresh(invoice)
    assert (invoice.status, invoice.amount_paid, payments.credit_balance(customer)) == ("paid", 90_000, 10_000)
    assert (invoice.order.status, invoice.order.services.get().status) == ("active", "active")
    assert len(emails("payment_received")) == 2
    assert_the_books_agree()


def test_nothing_of_tax_kept_back_is_ever_credit(customer, ppn):
    customer.kind = "company"
    customer.save()
    invoice = place(customer, factories.product(prices={Cycle.MONTHLY: 1_000_000}, pph23=True)).invoice
    payments.record_withheld(
        invoice=invoice, amount=Decimal(20_000), cause="w", received_on=timezone.localdate(), reference="", actor=None
    )
    pay(invoice, 1_090_000)
    line = invoice.lines.get()
    crediting.credit(invoice=invoice, amounts={line.pk: Decimal(990_000)}, reason="Batal", cause="a", actor=None)
    assert (fresh(invoice).amount_paid, fresh(invoice).amount_withheld) == (11_100, 11_100)
    assert payments.credit_balance(customer) == 1_090_000

    crediting.credit(invoice=invoice, amounts={line.pk: Decimal(10_000)}, reason="Batal", cause="b", actor=None)

    invoice = fresh(invoice)
    assert (invoice.status, invoice.amount_withheld) == ("refunded", 0)
    assert payments.credit_balance(customer) == 1_090_000
    assert_the_books_agree()


def test_a_small_difference_that_was_let_go_of_is_no_credit(customer, verifier):
    invoice = unpaid_invoice(customer, 150_000)
    pay(invoice, 149_500)
    payments.close_small_difference(invoice=invoice, actor=verifier)
    credit(invoice, 10_000)

    assert (fresh(invoice).amount_paid, payments.credit_balance(customer)) == (140_000, 9_500)
    assert_the_books_agree()


@pytest.mark.parametrize("paid", [0, 40_000])
def test_an_unpaid_invoice_is_cancelled_rather_than_credited_in_full(customer, paid):
    invoice = unpaid_invoice(customer, 150_000)
    if paid:
        pay(invoice, paid)
    with pytest.raises(crediting.CannotCredit):
        credit(invoice)
    assert (fresh(invoice).status, fresh(invoice).amount_paid) == ("unpaid", paid)
    assert (CreditNote.objects.count(), CreditEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize("amount", [0, -1, "0.5", 150_001])
def test_no_more_than_a_line_has_and_no_less_than_something(customer, amount):
    invoice = unpaid_invoice(customer, 150_000)
    pay(invoice, 150_000)
    with pytest.raises(crediting.CannotCredit):
        crediting.credit(
            invoice=invoice, amounts={invoice.lines.get().pk: Decimal(amount)}, reason="x", cause="x", actor=None
        )
    with pytest.raises(crediting.CannotCredit):
        crediting.credit(invoice=invoice, amounts={}, reason="x", cause="x", actor=None)
    assert (fresh(invoice).amount_credited, CreditNote.objects.count()) == (0, 0)


def test_another_invoices_line_is_nothing_to_credit(customer):
    invoice, other = unpaid_invoice(customer), unpaid_invoice(customer)
    amounts = {InvoiceLine.objects.get(invoice=other).pk: Decimal(1_000)}
    with pytest.raises(crediting.CannotCredit):
        crediting.credit(invoice=invoice, amounts=amounts, reason="x", cause="x", actor=None)
    assert CreditNote.objects.count() == 0


@pytest.mark.parametrize("status", ["draft", "cancelled"])
def test_only_what_was_issued_and_stands_is_corrected(customer, status):
    invoice = unpaid_invoice(customer)
    Invoice.objects.filter(pk=invoice.pk).update(status=status)
    with pytest.raises(crediting.CannotCredit):
        credit(invoice, 1_000)
    assert CreditNote.objects.count() == 0


def test_a_note_needs_a_reason(customer):
    invoice = unpaid_invoice(customer)
    with pytest.raises(crediting.CannotCredit):
        crediting.credit(
            invoice=invoice, amounts={invoice.lines.get().pk: Decimal(1)}, reason=" ", cause="x", actor=None
        )
    assert CreditNote.objects.count() == 0


def test_c5_the_same_cause_again_changes_nothing(customer):
    invoice = unpaid_invoice(customer, 150_000)
    pay(invoice, 150_000)
    first = credit(invoice, 50_000)
    assert credit(invoice, 50_000) == first
    with pytest.raises(crediting.CannotCredit):
        credit(invoice, 60_000)
    assert (CreditNote.objects.count(), fresh(invoice).amount_credited) == (1, 50_000)
    assert len(emails("credit_note")) == 2


def test_only_staff_who_may_issue_make_one(customer):
    invoice = unpaid_invoice(customer, 150_000)
    amounts = {invoice.lines.get().pk: Decimal(1_000)}
    with pytest.raises(payments.NotAllowed):
        crediting.issue(invoice=invoice, amounts=amounts, reason="x", cause="x", actor=factories.staff())
    assert CreditNote.objects.count() == 0
    note = crediting.issue(
        invoice=invoice, amounts=amounts, reason="x", cause="x", actor=factories.staff(crediting.ISSUE)
    )
    assert note.total == 1_000


def test_a_payment_that_is_taken_back_takes_its_credit_along(customer, verifier):
    invoice = unpaid_invoice(customer, 150_000)
    payment = pay(invoice, 150_000)
    credit(invoice, 50_000)
    payments.reverse(payment=payment, reason="Bank", actor=verifier)

    invoice = fresh(invoice)
    assert (invoice.status, invoice.balance, payments.credit_balance(customer)) == ("unpaid", 100_000, 0)
    assert_the_books_agree()


def test_credit_of_one_payment_spent_on_its_own_invoice_is_taken_back_in_one(customer, verifier):
    invoice = unpaid_invoice(customer, 150_000)
    payment = pay(invoice, 150_000)
    credit(invoice, 50_000)
    other = unpaid_invoice(customer, 80_000)
    payments.record(
        customer=customer,
        amount=Decimal(30_000),
        currency="IDR",
        source=Payment.Source.STAFF,
        cause="staff:other",
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=None,
        invoices=[other],
    )
    spending.spend(invoice=other, actor=None)
    assert fresh(other).status == "paid"
    payments.reverse(payment=payment, reason="Bank", actor=verifier)

    assert (fresh(other).status, fresh(other).amount_paid) == ("unpaid", 30_000)
    assert_the_books_agree()


def test_what_was_paid_in_part_is_released_so_that_the_invoice_can_be_cancelled(customer, verifier):
    invoice = unpaid_invoice(customer, 150_000)
    pay(invoice, 40_000)
    assert returning.release(invoice=invoice, reason="Tidak jadi", actor=verifier) == 40_000
    invoice = fresh(invoice)
    assert (invoice.amount_paid, invoice.balance, payments.credit_balance(customer)) == (0, 150_000, 40_000)
    with pytest.raises(payments.PaymentRefused):
        returning.release(invoice=invoice, reason="Tidak jadi", actor=verifier)
    with pytest.raises(payments.NotAllowed):
        returning.release(invoice=invoice, reason="Tidak jadi", actor=factories.staff())
    assert payments.credit_balance(customer) == 40_000
    assert_the_books_agree()


def test_v4_each_series_counts_for_itself_in_its_own_format(customer):
    shop = Shop.current()
    shop.credit_note_number_format = "{N:3}/CN/{ROMAN_MM}/{YYYY}"
    shop.save()
    invoices = [unpaid_invoice(customer, 150_000) for _count in range(2)]
    notes = [credit(invoice, 1_000, f"staff:{invoice.pk}") for invoice in invoices]
    assert [note.sequence for note in notes] == [1, 2]
    assert notes[0].number.startswith("001/CN/")
    assert [invoice.sequence for invoice in invoices] == [1, 2]
    assert_the_books_agree()
    CreditNote.objects.filter(pk=notes[1].pk).update(sequence=5)
    assert [breach.rule for breach in ledger.verify({"V4": ledger.CHECKS["V4"]})] == ["V4", "V4"]
