"""K3, U3: a confirmation accepted by the line that proves it: the money once, with the line as its proof."""

from decimal import Decimal

import pytest
from django.utils import timezone

from billing import confirmations, payments, together
from billing.bank import proving, recorded, settling
from billing.models import Invoice, Payment, PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.billing.shop import came_in
from tests.billing.years import disagreements
from tests.billing_bank.proofs import accepted_before, stands, waiting

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nobody_sends")]


def test_the_line_is_the_proof_of_the_money_and_both_are_settled(customer, account, staff):
    confirmation, line = waiting(customer), came_in(account, 150_000)

    payment = proving.accept(confirmation=confirmation, line=line, actor=staff)

    assert (stands(confirmation), stands(line), stands(confirmation.invoice)) == ("approved", "assigned", "paid")
    payment.refresh_from_db()
    assert (payment.source, payment.amount, payment.statement_line) == ("statement", 150_000, line)
    assert (confirmation.decided_by, confirmation.payment) == (staff, payment)
    assert disagreements() == []


def test_what_came_in_is_recorded_whatever_the_customer_said(customer, account, staff):
    confirmation, line = waiting(customer), came_in(account, 149_000)

    proving.accept(confirmation=confirmation, line=line, actor=staff)

    confirmation.invoice.refresh_from_db()
    assert (confirmation.invoice.status, confirmation.invoice.balance) == ("unpaid", 1_000)
    assert "dikoreksi" in confirmation.events.get(to_status="approved").note
    assert disagreements() == []


def test_t6_the_line_and_the_pph23_that_was_kept_back_pay_it_together(account, staff):
    factories.ppn()
    company = factories.customer(factories.user())
    product = factories.product(prices={"monthly": 1_000_000}, pph23=True)
    slips = {"withholds": True, "withholding_slips": [shop.picture("navy")]}
    confirmation = shop.confirm(shop.place(company, product).invoice, amount=Decimal(1_090_000), **slips)

    proving.accept(confirmation=confirmation, line=came_in(account, 1_090_000), actor=staff)

    invoice = Invoice.objects.get(pk=confirmation.invoice_id)
    assert (invoice.status, invoice.amount_withheld) == ("paid", 20_000)
    assert disagreements() == []


def test_t6_a_line_that_staff_assigns_settles_the_pph23_that_the_customer_told_of(account, staff):
    factories.ppn()
    company = factories.customer(factories.user())
    product = factories.product(prices={"monthly": 1_000_000}, pph23=True)
    slips = {"withholds": True, "withholding_slips": [shop.picture("navy")]}
    confirmation = shop.confirm(shop.place(company, product).invoice, amount=Decimal(1_090_000), **slips)
    line = came_in(account, 1_090_000)

    parts = [settling.Part(company, Decimal(1_090_000), (confirmation.invoice,))]
    settling.assign(line=line, parts=parts, actor=staff)

    assert (stands(confirmation), stands(confirmation.invoice)) == ("approved", "paid")
    assert disagreements() == []


def transfer_for_two(customer, account) -> list[PaymentConfirmation]:
    invoices = [shop.unpaid_invoice(customer), shop.unpaid_invoice(customer, 90_000)]
    return together.submit(
        invoices=invoices, actor=customer.users.first(), bank_account=account, sender_bank="BCA", sender_number="",
        sender_name="PT Contoh", transferred_on=timezone.localdate(), amount=Decimal(240_000), note="",
        proofs=[shop.picture()],
    )  # fmt: skip


def test_c4_one_line_pays_all_invoices_of_the_transfer(customer, account, staff):
    group, line = transfer_for_two(customer, account), came_in(account, 240_000)

    proving.accept(confirmation=group[0], line=line, actor=staff)

    assert [stands(one.invoice) for one in group] == ["paid", "paid"]
    assert [stands(one) for one in group] == ["approved", "approved"]
    assert Payment.objects.get().statement_line == line
    assert disagreements() == []


def test_c4_where_a_line_proved_a_part_of_the_transfer_the_rest_waits_alone(customer, account, staff):
    first, second = transfer_for_two(customer, account)
    settling.recognise_one(came_in(account, 150_000, first.invoice.number).pk)

    assert list(PaymentConfirmation.objects.waiting()) == [second]
    confirmations.approve(confirmation=second, amount=Decimal(90_000), actor=staff)
    assert [stands(first.invoice), stands(second.invoice)] == ["paid", "paid"]
    assert disagreements() == []


def test_who_may_not_decide_may_not_by_a_line_either_and_nothing_moves(customer, account):
    confirmation, line = waiting(customer), came_in(account, 150_000)
    submitter = factories.staff("billing.verify_payment")
    own = waiting(factories.customer(submitter))

    with pytest.raises(confirmations.NotAllowed):
        proving.accept(confirmation=confirmation, line=line, actor=factories.staff())
    with pytest.raises(confirmations.NotAllowed):
        proving.accept(confirmation=own, line=line, actor=submitter)
    assert [stands(confirmation), stands(own), stands(line)] == ["submitted", "submitted", "review"]
    assert not Payment.objects.exists()


def test_a_line_of_another_account_proves_nothing(customer, account, staff):
    confirmation = waiting(customer)
    line = came_in(factories.bank_account(bank="Mandiri", number="999"), 150_000)

    with pytest.raises(settling.CannotSettle, match="rekening lain"):
        proving.accept(confirmation=confirmation, line=line, actor=staff)
    assert [stands(confirmation), stands(line)] == ["submitted", "review"]


def test_a_line_that_was_used_is_told_with_what_who_and_when(customer, account, staff):
    other = shop.unpaid_invoice(factories.customer(factories.user()))
    confirmation, line = waiting(customer), came_in(account, 150_000)
    settling.assign(line=line, parts=[settling.Part(other.customer, Decimal(150_000), (other,))], actor=staff)
    at = timezone.localtime(line.events.get(to_status="assigned").at)

    with pytest.raises(settling.CannotSettle) as refusal:
        proving.accept(confirmation=confirmation, line=line, actor=staff)
    words = f"dipakai untuk {other}: Ditetapkan staf oleh {staff} pada {at:%d-%m-%Y %H.%M.%S}"
    assert words in str(refusal.value)
    assert (stands(confirmation), Payment.objects.count()) == ("submitted", 1)


def test_taken_back_the_line_waits_again_and_can_pay_anew(customer, account, staff):
    confirmation, line = waiting(customer), came_in(account, 150_000)
    proving.accept(confirmation=confirmation, line=line, actor=staff)

    settling.undo(line=line, reason="Salah orang", actor=staff)
    again = shop.confirm(Invoice.objects.get(pk=confirmation.invoice_id))
    proving.accept(confirmation=again, line=line, actor=staff)

    assert (stands(line), stands(again.invoice)) == ("assigned", "paid")
    assert disagreements() == []


def test_a_line_that_comes_later_becomes_the_proof_of_what_was_recorded_and_no_money_moves(customer, account, staff):
    payment, line = accepted_before(customer, staff), came_in(account, 150_000, "PT CONTOH")
    assert [one.payment for one in recorded.of([line])[line.pk]] == [payment]

    proving.link(line=line, payment=payment, actor=staff)

    payment.refresh_from_db()
    assert (stands(line), payment.statement_line, Payment.objects.count()) == ("assigned", line, 1)
    assert payments.credit_balance(customer) == 0
    assert recorded.of([line]) == {}
    assert disagreements() == []


def test_taking_such_a_line_back_leaves_the_payment(customer, account, staff):
    payment, line = accepted_before(customer, staff), came_in(account, 150_000, "PT CONTOH")
    proving.link(line=line, payment=payment, actor=staff)

    settling.undo(line=line, reason="Bukan itu", actor=staff)

    payment.refresh_from_db()
    assert (stands(line), payment.statement_line, hasattr(payment, "reversal")) == ("review", None, False)
    assert disagreements() == []


def test_a_payment_with_its_line_is_taken_back_by_the_line_alone(customer, account, staff):
    confirmation, line = waiting(customer), came_in(account, 150_000)
    payment = proving.accept(confirmation=confirmation, line=line, actor=staff)

    with pytest.raises(payments.PaymentRefused, match="mutasi rekening"):
        payments.reverse(payment=payment, reason="Salah", actor=staff)
    assert stands(confirmation.invoice) == "paid"
    settling.undo(line=line, reason="Salah", actor=staff)
    assert stands(confirmation.invoice) == "unpaid"
    assert disagreements() == []


def test_what_is_another_amount_or_has_its_line_cannot_be_linked_and_nothing_moves(customer, account, staff):
    payment, line = accepted_before(customer, staff), came_in(account, 150_000, "PT CONTOH")
    other, second = came_in(account, 149_000), came_in(account, 150_000)

    with pytest.raises(settling.CannotSettle, match="tidak sama"):
        proving.link(line=other, payment=payment, actor=staff)
    with pytest.raises(settling.CannotSettle, match="berhak"):
        proving.link(line=line, payment=payment, actor=factories.staff())
    proving.link(line=line, payment=payment, actor=staff)
    for again in (second, line):
        with pytest.raises(settling.CannotSettle):
            proving.link(line=again, payment=payment, actor=staff)
    assert [stands(one) for one in (line, other, second)] == ["assigned", "review", "review"]
    assert disagreements() == []
