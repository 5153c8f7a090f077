"""Each invariant finds a breach that was planted behind the services' back."""

import tracemalloc
from datetime import timedelta
from io import StringIO

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from accounts.models import OutboxEmail
from billing import confirmations, credit, funds, ledger, lifecycle, write_offs
from billing.models import (
    Allocation,
    ConfirmationEvent,
    CreditEntry,
    CreditNote,
    CreditNoteLine,
    Invoice,
    InvoiceEvent,
    InvoiceLine,
    NumberCounter,
    Order,
    Payment,
    PaymentConfirmation,
    PromotionRedemption,
    ProofFile,
    Refund,
    Service,
    ServiceEvent,
)
from catalog.models import Product, Promotion
from tests import factories
from tests.billing import credited
from tests.billing.shop import confirm, place, rupiah

pytestmark = pytest.mark.django_db


@pytest.fixture
def books(customer, account, verifier, ppn):
    """A shop with an order of each fate: paid, partly paid, waiting, cancelled, free."""
    factories.promotion(code="HEMAT", max_uses=5)
    product = factories.product(stock=9)
    orders = [place(customer, product, promotion_code="HEMAT") for _number in range(4)]
    for order, amount in zip(orders, (149_850, 50_000), strict=False):
        confirmation = confirm(order.invoice)
        confirmations.approve(confirmation=confirmation, amount=rupiah(amount), actor=verifier)
    confirmations.reject(confirmation=confirm(orders[2].invoice), reason="Buram", actor=verifier)
    confirm(orders[2].invoice)
    lifecycle.cancel_order(order=orders[3], actor=verifier)
    place(customer, factories.product(prices={"monthly": 0}, activation="by_staff"))
    OutboxEmail.objects.update(status="sent", sent_at=timezone.now())
    return orders


def broken_rules() -> set[str]:
    return {breach.rule for breach in ledger.verify()}


def test_the_books_of_a_shop_that_only_its_services_touched_agree(books):
    assert list(ledger.verify()) == []


def _without_constraints(table: str, sql: str) -> None:
    """Bypass a check constraint as a damaged database would."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SELECT conname FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", [table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
        cursor.execute(sql)
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


def _paid() -> Invoice:
    return Invoice.objects.filter(status="paid", total__gt=0).get()


def _lose_a_line():
    InvoiceLine.objects.filter(invoice=_paid()).delete()


def _mix_currencies():
    InvoiceLine.objects.filter(invoice=_paid()).update(currency="USD")


def _change_a_total():
    _without_constraints("billing_invoice", "UPDATE billing_invoice SET total = total + 5 WHERE status = 'unpaid'")


def _lose_an_allocation():
    Allocation.objects.filter(invoice=_paid()).delete()


def _call_money_tax():
    Invoice.objects.filter(pk=_paid().pk).update(amount_withheld=5)


def _invent_credit():
    CreditEntry.objects.create(customer=_paid().customer, cause="gift", amount=1)


def _pay_twice_from_one_payment():
    payment = Payment.objects.filter(amount=50_000).get()
    invoice = payment.allocations.get().invoice
    Allocation.objects.create(payment=payment, invoice=invoice, cause="again", amount=40_000)
    Invoice.objects.filter(pk=invoice.pk).update(amount_paid=90_000)


def _lose_an_invoice():
    Invoice.objects.filter(status="unpaid", amount_paid=0).update(order=None)


def _renew_twice():
    line = InvoiceLine.objects.filter(service__isnull=False).first()
    table = InvoiceLine._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute('DROP INDEX "one_renewal_line_per_service_and_period"')
        cursor.execute(f"UPDATE {table} SET kind = 'renewal' WHERE id = {line.pk}")  # noqa: S608
    InvoiceLine.objects.filter(pk=line.pk).update(kind="renewal")
    line.pk, line.kind = None, "renewal"
    line.save()


def _skip_a_number():
    Invoice.objects.filter(sequence=5).update(sequence=6)
    NumberCounter.objects.update(value=6)


def _turn_the_counter_back():
    NumberCounter.objects.update(value=2)


def _lose_an_email():
    OutboxEmail.objects.filter(key__startswith=f"invoice:{_paid().pk}:paid").delete()


def _leave_an_email_behind():
    OutboxEmail.objects.update(status="queued", due_at=timezone.now() - timedelta(minutes=6), attempts=0)


def _count_a_promotion_wrongly():
    Promotion.objects.update(uses=2)


def _use_a_promotion_too_often():
    Promotion.objects.update(max_uses=None)
    Promotion.objects.update(uses=3)
    _without_constraints("catalog_promotion", "UPDATE catalog_promotion SET max_uses = 2")


def _keep_a_cancelled_orders_promotion():
    PromotionRedemption.objects.filter(order__status="cancelled").update(status="reserved")


def _forget_taken_stock():
    Product.objects.filter(stock=9).update(stock_taken=0)


def _change_a_state_in_silence():
    Order.objects.filter(status="active", invoice__total__gt=0).update(status="pending")


def _tell_a_change_twice():
    event = InvoiceEvent.objects.filter(invoice=_paid(), to_status="paid").get()
    event.pk = None
    event.save()


def _decide_twice():
    event = ConfirmationEvent.objects.filter(to_status="rejected").get()
    event.pk = None
    event.save()


def _approve_the_own_proof():
    confirmation = PaymentConfirmation.objects.filter(status="approved").first()
    _without_constraints(
        "billing_paymentconfirmation",
        f"UPDATE billing_paymentconfirmation SET submitted_by_id = decided_by_id WHERE id = {confirmation.pk}",  # noqa: S608
    )


def _forget_a_paid_service():
    Service.objects.filter(activation="by_staff").update(activation_due_since=None)


def _activate_twice():
    event = ServiceEvent.objects.filter(to_status="active").first()
    for from_status, to_status in (("active", "pending"), ("pending", "active")):
        ServiceEvent.objects.create(service=event.service, kind="x", from_status=from_status, to_status=to_status)


def _lose_a_file():
    default_storage.delete(ProofFile.objects.first().file.name)


def _change_a_file():
    name = ProofFile.objects.first().file.name
    with default_storage.open(name, "r+b") as file:
        file.write(b"X")


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("V1", _lose_a_line),
        ("V1", _mix_currencies),
        ("V1", _change_a_total),
        ("V2", _lose_an_allocation),
        ("V2", _call_money_tax),
        ("V2", _invent_credit),
        ("V2", _pay_twice_from_one_payment),
        ("V3", _lose_an_invoice),
        ("V3", _renew_twice),
        ("V4", _skip_a_number),
        ("V4", _turn_the_counter_back),
        ("V5", _lose_an_email),
        ("V5", _leave_an_email_behind),
        ("V6", _count_a_promotion_wrongly),
        ("V6", _use_a_promotion_too_often),
        ("V6", _keep_a_cancelled_orders_promotion),
        ("V6", _forget_taken_stock),
        ("V7", _change_a_state_in_silence),
        ("V7", _tell_a_change_twice),
        ("V7", _decide_twice),
        ("V7", _approve_the_own_proof),
        ("V8", _forget_a_paid_service),
        ("V8", _activate_twice),
        ("V9", _lose_a_file),
        ("V9", _change_a_file),
    ],
)
def test_each_invariant_finds_what_was_planted(books, rule, damage):
    damage()
    assert rule in broken_rules()


@pytest.fixture
def credited_books(books, customer, verifier):
    """The same shop with a credit note, a refund, added funds that are spent in part, and an invoice that was given up."""
    credited.credit_note(_paid(), 50_000)
    credited.refund(customer, 30_000)
    added = funds.add(customer=customer, amount=rupiah(60_000), actor=None)
    credited.pay(customer, 60_000, added)
    credit.spend(invoice=place(customer, factories.product()).invoice, actor=None)
    accountant = factories.staff(write_offs.WRITE_OFF)
    write_offs.write_off(invoice=credited.bounced(customer), reason="Bangkrut", actor=accountant)
    OutboxEmail.objects.update(status="sent", sent_at=timezone.now())


def test_books_with_credit_notes_refunds_deposits_and_write_offs_agree(credited_books):
    assert [str(breach) for breach in ledger.verify()] == []


def _forget_a_note():
    CreditNoteLine.objects.all().delete()
    CreditNote.objects.all().delete()


def _note_more_than_its_lines():
    CreditNoteLine.objects.update(amount=49_999)


def _credit_a_line_twice():
    line = CreditNoteLine.objects.get().invoice_line
    CreditNoteLine.objects.update(amount=line.net + 1)


def _pay_out_in_silence():
    Refund.objects.update(amount=40_000)


def _lose_a_deposit():
    CreditEntry.objects.filter(cause__startswith="deposit:").delete()


def _write_off_more():
    Invoice.objects.filter(amount_written_off__gt=0).update(amount_written_off=5)


def _refund_without_a_note():
    _without_constraints(
        "billing_invoice",
        f"UPDATE billing_invoice SET status = 'refunded' WHERE id = {CreditNote.objects.get().invoice_id}",  # noqa: S608
    )


def _skip_a_note():
    CreditNote.objects.update(sequence=2)


def _tell_nobody_of_a_note():
    OutboxEmail.objects.filter(key__startswith="credit_note:").delete()


def _tell_nobody_of_a_refund():
    OutboxEmail.objects.filter(key__startswith="refund:").delete()


def _lose_the_proof_of_a_refund():
    default_storage.delete(Refund.objects.get().file.name)


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("V1", _forget_a_note),
        ("V1", _note_more_than_its_lines),
        ("V1", _credit_a_line_twice),
        ("V2", _pay_out_in_silence),
        ("V2", _lose_a_deposit),
        ("V2", _write_off_more),
        ("V2", _refund_without_a_note),
        ("V4", _skip_a_note),
        ("V5", _tell_nobody_of_a_note),
        ("V5", _tell_nobody_of_a_refund),
        ("V9", _lose_the_proof_of_a_refund),
    ],
)
def test_each_invariant_finds_what_was_planted_among_the_credit(credited_books, rule, damage):
    damage()
    assert rule in broken_rules()


def test_the_command_names_the_rows_and_ends_with_1(books):
    _change_a_total()
    out = StringIO()
    with pytest.raises(CommandError) as end:
        call_command("verify_ledger", "V1", stdout=out)
    assert end.value.returncode == 1
    for invoice in Invoice.objects.filter(status="unpaid"):
        assert f"V1 invoice {invoice.pk} ({invoice.number}): total {invoice.total}" in out.getvalue()


def test_the_command_says_that_all_is_well(books):
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert out.getvalue() == "V1, V2, V3, V4, V5, V6, V7, V8, V9 hold.\n"


def test_finding_more_takes_no_more_memory(customer):
    def peak_with(invoices: int) -> int:
        Invoice.objects.bulk_create(Invoice(customer=customer) for _number in range(invoices))
        tracemalloc.start()
        found = sum(1 for _breach in ledger.verify({"V7": ledger.CHECKS["V7"]}))
        _size, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert found == Invoice.objects.count()
        return peak

    few = peak_with(1_000)
    assert peak_with(4_000) < 1.5 * few
