"""Credit sent back through the provider that it came through: never twice, never spent meanwhile, back where refused."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from billing import crediting, ledger, payments, provider_refunds, refunds, tasks
from billing.attempts import refunding, reports, working
from billing.gateways.base import Refused, State
from billing.gateways.wire import Unreachable
from billing.models import CreditEntry, CreditNote, Invoice, PaymentAttempt, ProviderRefund, Refund
from billing.payments import credit_balance
from tests import factories
from tests.billing.shop import emails, unpaid_invoice

Status = ProviderRefund.Status


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("no_worker")]


def paid(attempt: PaymentAttempt, page, came: int = 150_000) -> PaymentAttempt:
    page.pays(attempt, amount=Decimal(came))
    reports.take(attempt, page.says, actor=None)
    return attempt


@pytest.fixture
def received(attempt, page):
    """200.000 came for an invoice of 150.000: 50.000 of it are credit."""
    return paid(attempt, page, 200_000).received.get()


def send(received, amount: int, actor, cause: str = "staff:1") -> ProviderRefund:
    fresh = type(received).objects.get(pk=received.pk)
    return provider_refunds.send_back(received=fresh, amount=Decimal(amount), reason="Batal", cause=cause, actor=actor)


def work(refund: ProviderRefund) -> str:
    """A worker's turn, whenever it is due."""
    ProviderRefund.objects.filter(pk=refund.pk).update(due_at=timezone.now())
    assert refunding.run(refund.pk)
    refund.refresh_from_db()
    return refund.status


def agree() -> None:
    assert [str(breach) for breach in ledger.verify()] == []


def test_credit_is_out_at_once_and_in_the_books_when_the_provider_sent_it(received, page, customer, payer):
    refund = send(received, 30_000, payer)
    assert (refund.status, credit_balance(customer), Refund.objects.count(), page.kinds) == ("queued", 20_000, 0, [])
    assert len(emails("refund_paid")) == 0
    agree()
    assert work(refund) == Status.DONE
    told = refund.refund
    assert (told.amount, told.via, told.bank, told.number, told.recorded_by) == (
        30_000,
        "pretend",
        "Pretend",
        "gopay",
        payer,
    )
    assert (page.kinds, page.sent_back) == (["refund", "status"], {refund.key: 30_000})
    assert (credit_balance(customer), [one.to for one in emails("refund_paid")]) == (20_000, [customer.billing_email])
    assert [event.to_status for event in refund.events.all()] == ["queued", "done"]
    assert refunding.due() == []
    agree()


def test_our_own_refund_is_no_surprise_and_anothers_still_is(received, attempt, page, payer):
    refund = send(received, 30_000, payer)
    work(refund)
    attempt.refresh_from_db()
    assert (attempt.status, attempt.refunded) == (PaymentAttempt.Status.PAID, 30_000)
    page.sent_back["dashboard"] = Decimal(5_000)
    page.tells_of_refunds(attempt)
    reports.apply(attempt, page.says)
    assert (attempt.status, attempt.refunded) == (PaymentAttempt.Status.REVIEW, 35_000)
    assert "Rp5.000 dikembalikan di penyedia" in attempt.error
    assert provider_refunds.of_customer(attempt.invoice.customer) == []
    agree()


def test_a_report_that_comes_while_it_is_on_its_way_is_no_surprise(received, attempt, page, payer):
    refund = send(received, 30_000, payer)
    page.sent_back[refund.key] = Decimal(30_000)
    page.tells_of_refunds(attempt)
    reports.apply(attempt, page.says)
    assert attempt.status == PaymentAttempt.Status.PAID
    assert work(refund) == Status.DONE
    assert page.sent_back == {refund.key: 30_000}
    agree()


def test_refused_credit_comes_back_once_with_the_providers_words(received, page, customer, payer):
    page.raises["refund"] = [Refused("Metode ini tidak dapat dikembalikan")]
    refund = send(received, 30_000, payer)
    assert work(refund) == Status.REFUSED
    assert (refund.error, credit_balance(customer)) == ("Metode ini tidak dapat dikembalikan", 50_000)
    assert not refunding.run(refund.pk)
    entries = CreditEntry.objects.filter(provider_refund=refund).order_by("pk")
    assert list(entries.values_list("amount", flat=True)) == [-30_000, 30_000]
    assert (Refund.objects.count(), list(emails("refund_paid"))) == (0, [])
    agree()
    # And may be asked for again, or transferred.
    assert work(send(received, 50_000, payer, "staff:2")) == Status.DONE
    agree()


def test_without_an_answer_the_same_is_asked_again_and_the_credit_stays_out(received, page, customer, payer):
    refund = send(received, 30_000, payer)
    page.raises["refund"] = [Unreachable("ConnectTimeout"), Unreachable("HTTP 503")]
    for _time in range(2):
        assert (work(refund), credit_balance(customer)) == (Status.QUEUED, 20_000)
        agree()
    assert (refund.error, refund.tries) == ("HTTP 503", 2)
    assert refund.due_at - timezone.now() > timedelta(seconds=5)
    assert work(refund) == Status.DONE
    assert page.sent_back == {refund.key: 30_000}
    agree()


@pytest.mark.parametrize("second", [None, Refused("Sudah dikembalikan")])
def test_what_was_sent_while_the_answer_was_lost_is_not_sent_twice_nor_given_back(received, page, payer, second):
    refund = send(received, 30_000, payer)
    page.raises["refund"] = [Unreachable("ReadTimeout")]
    work(refund)
    page.sent_back[refund.key] = Decimal(30_000)
    page.tells_of_refunds(received.attempt)
    page.raises["refund"] = [second] if second else []
    assert work(refund) == Status.DONE
    assert (page.sent_back, page.kinds) == ({refund.key: 30_000}, ["refund", "status"])
    agree()


def test_a_refund_that_the_provider_takes_its_time_for_is_waited_for(received, page, payer, monkeypatch):
    monkeypatch.setattr(page, "tells_of_refunds", lambda _attempt: None)
    refund = send(received, 30_000, payer)
    assert work(refund) == Status.QUEUED
    assert (refund.provider_refund_id, "belum dikirim" in refund.error) == (f"r-{refund.key}", True)
    assert work(refund) == Status.QUEUED
    assert page.kinds.count("refund") == 1
    page.says = replace(page.says, state=State.REFUNDED, refunded=Decimal(30_000))
    assert work(refund) == Status.DONE


@pytest.mark.parametrize(
    ("went_back", "becomes", "left"), [(True, Status.DONE, 20_000), (False, Status.REFUSED, 50_000)]
)
def test_staff_settles_what_stays_open(received, page, customer, payer, went_back, becomes, left):
    refund = send(received, 30_000, payer)
    settle = {"refund": refund, "went_back": went_back, "actor": payer}
    with pytest.raises(refunds.CannotRefund):
        # Nobody asked the provider yet.
        refunding.settle(**settle, note="Dilihat di dasbor")
    page.raises["refund"] = [Unreachable("ReadTimeout")]
    work(refund)
    ProviderRefund.objects.update(claimed_at=timezone.now())
    with pytest.raises(refunds.CannotRefund):
        # A worker is just asking.
        refunding.settle(**settle, note="Dilihat di dasbor")
    ProviderRefund.objects.update(claimed_at=None)
    with pytest.raises(refunds.CannotRefund):
        refunding.settle(**settle, note=" ")
    with pytest.raises(payments.NotAllowed):
        refunding.settle(**{**settle, "actor": factories.staff()}, note="x")
    assert credit_balance(customer) == 20_000
    refunding.settle(**settle, note="Dilihat di dasbor")
    assert (refund.status, credit_balance(customer), refund.events.last().actor) == (becomes, left, payer)
    with pytest.raises(refunds.CannotRefund):
        refunding.settle(**{**settle, "went_back": not went_back}, note="x")
    agree()


@pytest.mark.parametrize("amount", [0, -1, 50_001])
def test_no_more_than_there_is_and_no_less_than_something(received, customer, payer, amount):
    with pytest.raises(refunds.CannotRefund):
        send(received, amount, payer)
    assert (ProviderRefund.objects.count(), credit_balance(customer)) == (0, 50_000)


def test_a_refund_needs_permission_a_reason_and_a_provider_that_gives_back(received, page, customer, payer):
    with pytest.raises(payments.NotAllowed):
        send(received, 1_000, factories.staff())
    with pytest.raises(refunds.CannotRefund):
        provider_refunds.send_back(received=received, amount=Decimal(1), reason=" ", cause="x", actor=payer)
    page.supports_refund = False
    with pytest.raises(refunds.CannotRefund):
        send(received, 1_000, payer)
    assert provider_refunds.of_customer(customer) == []
    assert (ProviderRefund.objects.count(), credit_balance(customer)) == (0, 50_000)


def test_credit_of_other_payments_is_not_offered(received, customer, payer):
    other = unpaid_invoice(customer, 10_000)
    payments.record(
        customer=customer, amount=Decimal(99_000), currency="IDR", source="staff", cause="x", method=None,
        received_on=timezone.localdate(), reference="", actor=None, invoices=[other],
    )  # fmt: skip
    [only] = provider_refunds.of_customer(customer)
    assert (only.received, only.left, credit_balance(customer)) == (received, 50_000, 139_000)
    with pytest.raises(refunds.CannotRefund):
        send(received, 60_000, payer)


def test_what_went_back_at_the_provider_cannot_go_back_again(received, attempt, page, customer, payer):
    page.sent_back["dashboard"] = Decimal(170_000)
    page.tells_of_refunds(attempt)
    reports.apply(attempt, page.says)
    PaymentAttempt.objects.update(status=PaymentAttempt.Status.PAID)
    assert [one.left for one in provider_refunds.of_customer(customer)] == [30_000]
    with pytest.raises(refunds.CannotRefund):
        send(received, 30_001, payer)


def test_c5_the_same_cause_again_changes_nothing(received, customer, payer):
    first = send(received, 30_000, payer)
    assert send(received, 30_000, payer) == first
    for amount, cause in ((20_000, "staff:1"), (20_000, "staff:2")):
        with pytest.raises(refunds.CannotRefund):
            # Another amount; another one while the first is on its way.
            send(received, amount, payer, cause)
    assert (ProviderRefund.objects.count(), credit_balance(customer)) == (1, 20_000)


def test_a_payment_on_its_way_back_is_not_taken_back(received, payer):
    send(received, 30_000, payer)
    with pytest.raises(payments.CreditAlreadyUsed):
        payments.reverse(payment=received.payment, reason="Bank", actor=payer)
    agree()


def test_a_note_and_its_refund_are_made_in_one_step_or_neither(received, invoice, page, customer, payer):
    amounts = crediting.left_of(invoice)
    arguments = {"invoice": invoice, "amounts": amounts, "reason": "Batal", "cause": "staff:x", "actor": payer}
    [refund] = provider_refunds.credit_and_send_back(**arguments)
    invoice.refresh_from_db()
    assert (refund.amount, refund.credit_note.total, invoice.status) == (150_000, 150_000, Invoice.Status.REFUNDED)
    assert credit_balance(customer) == 50_000
    agree()
    assert provider_refunds.credit_and_send_back(**arguments) == [refund]
    assert work(refund) == Status.DONE
    assert refund.refund.credit_note == refund.credit_note
    agree()
    # The rest of the same money follows.
    assert work(send(received, 50_000, payer, "staff:2")) == Status.DONE
    assert sum(page.sent_back.values()) == 200_000
    agree()


def test_where_nothing_came_through_a_provider_neither_note_nor_refund_is_made(customer, payer):
    invoice = unpaid_invoice(customer, 150_000)
    payments.record(
        customer=customer, amount=Decimal(150_000), currency="IDR", source="staff", cause="x", method=None,
        received_on=timezone.localdate(), reference="", actor=None, invoices=[invoice],
    )  # fmt: skip
    invoice.refresh_from_db()
    with pytest.raises(refunds.CannotRefund):
        provider_refunds.credit_and_send_back(
            invoice=invoice, amounts=crediting.left_of(invoice), reason="Batal", cause="staff:x", actor=payer
        )
    assert (CreditNote.objects.count(), ProviderRefund.objects.count(), credit_balance(customer)) == (0, 0, 0)


@pytest.mark.parametrize(
    "damage",
    [
        lambda: CreditEntry.objects.filter(provider_refund__isnull=False).delete(),
        lambda: Refund.objects.update(amount=1),
        lambda: ProviderRefund.objects.update(status=Status.REFUSED, refund=None),
    ],
)
def test_the_nightly_check_finds_what_was_planted(received, payer, damage):
    work(send(received, 30_000, payer))
    agree()
    damage()
    assert "V2" in {breach.rule for breach in ledger.verify()}


def test_the_sweep_hands_out_what_is_due(received, page, payer):
    refund = send(received, 30_000, payer)
    working.run(received.attempt_id)
    tasks.sweep_attempts()
    refund.refresh_from_db()
    assert refund.status == Status.DONE
