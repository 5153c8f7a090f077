"""Money in any order: whatever is paid, closed, cancelled and taken back, the books agree after every step (V2)."""

from contextlib import suppress
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from billing import (
    confirmations,
    credit,
    crediting,
    funds,
    invoicing,
    ledger,
    lifecycle,
    payments,
    refunds,
    returning,
    transitions,
    write_offs,
)
from billing.models import Invoice, Payment, PaymentConfirmation
from tests import factories
from tests.billing import credited
from tests.billing.shop import place

# Refusals are part of the game; anything else is a fault.
REFUSALS = (
    payments.PaymentRefused,
    confirmations.ConfirmationRefused,
    lifecycle.CannotCancel,
    transitions.InvalidTransition,
    crediting.CannotCredit,
    refunds.CannotRefund,
)
AMOUNTS = st.sampled_from([1, 500, 999, 75_000, 149_500, 150_000, 150_001, 400_000])


class Money(RuleBasedStateMachine):
    """One customer, any number of invoices of 150.000 or for funds, and everything that moves money."""

    invoices = Bundle("invoices")
    received = Bundle("received")

    def __init__(self) -> None:
        super().__init__()
        # Each run begins with empty books.
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        factories.bank_account()
        self.customer = factories.customer(factories.user())
        self.verifier = factories.staff("billing.verify_payment", refunds.PAY, write_offs.WRITE_OFF)
        self.product = factories.product(prices={"monthly": 150_000}, taxable=False)
        self.transfer = credited.transfer()
        self.causes = 0

    def teardown(self) -> None:
        assert_hold("V1", "V4", "V7", "V8")
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @rule(target=invoices)
    def order(self) -> int:
        return place(self.customer, self.product).invoice.pk

    @rule(target=received, chosen=st.lists(invoices, max_size=3), amount=AMOUNTS)
    def pay(self, chosen: list[int], amount: int) -> int:
        self.causes += 1
        return self._record(chosen, amount, f"bank:{self.causes}").pk

    def _record(self, chosen: list[int], amount: int, cause: str) -> Payment:
        return payments.record(
            customer=self.customer,
            amount=Decimal(amount),
            currency="IDR",
            source=Payment.Source.STATEMENT,
            cause=cause,
            method=None,
            received_on=timezone.localdate(),
            reference="",
            actor=None,
            invoices=list(Invoice.objects.filter(pk__in=chosen)),
        )

    @rule(payment=received, chosen=st.lists(invoices, max_size=2))
    def hear_of_it_again(self, payment: int, chosen: list[int]) -> None:
        first = Payment.objects.get(pk=payment)
        assert self._record(chosen, int(first.amount), first.cause) == first

    @rule(invoice=invoices, amount=AMOUNTS)
    def confirm_and_approve(self, invoice: int, amount: int) -> None:
        found = Invoice.objects.get(pk=invoice)
        if found.status != Invoice.Status.UNPAID:
            return
        confirmation = PaymentConfirmation.objects.create(
            invoice=found,
            bank_account=found.payment_method.bank_accounts.first(),
            sender_bank="BNI",
            sender_name="PT Contoh",
            transferred_on=timezone.localdate(),
            amount=amount,
        )
        transitions.began(confirmation, actor=None)
        confirmations.approve(confirmation=confirmation, amount=Decimal(amount), actor=self.verifier)

    @rule(invoice=invoices)
    def close_the_difference(self, invoice: int) -> None:
        with suppress(*REFUSALS):
            payments.close_small_difference(invoice=Invoice.objects.get(pk=invoice), actor=self.verifier)

    @rule(invoice=invoices)
    def cancel(self, invoice: int) -> None:
        with suppress(*REFUSALS):
            invoicing.cancel(invoice=Invoice.objects.get(pk=invoice), actor=self.verifier)

    @rule(invoice=invoices, amount=AMOUNTS)
    def credit_a_part(self, invoice: int, amount: int) -> None:
        found = Invoice.objects.get(pk=invoice)
        amounts = {found.lines.get().pk: Decimal(amount)}
        self.causes += 1
        with suppress(*REFUSALS):
            crediting.credit(
                invoice=found, amounts=amounts, reason="Salah", cause=f"note:{self.causes}", actor=self.verifier
            )

    @rule(invoice=invoices)
    def credit_what_is_left(self, invoice: int) -> None:
        found = Invoice.objects.get(pk=invoice)
        self.causes += 1
        with suppress(*REFUSALS):
            crediting.credit(
                invoice=found,
                amounts=crediting.left_of(found),
                reason="Batal",
                cause=f"note:{self.causes}",
                actor=self.verifier,
            )

    @rule(amount=AMOUNTS)
    def pay_out(self, amount: int) -> None:
        self.causes += 1
        with suppress(*REFUSALS):
            refunds.pay_out(
                customer=self.customer,
                amount=Decimal(amount),
                transfer=self.transfer,
                reason="Diminta",
                cause=f"refund:{self.causes}",
                actor=self.verifier,
            )

    @rule(target=invoices, amount=st.sampled_from([75_000, 150_000]))
    def add_funds(self, amount: int) -> int:
        return funds.add(customer=self.customer, amount=Decimal(amount), actor=None).pk

    @rule(invoice=invoices)
    def pay_from_credit(self, invoice: int) -> None:
        credit.spend(invoice=Invoice.objects.get(pk=invoice), actor=None)

    @rule(invoice=invoices)
    def write_off(self, invoice: int) -> None:
        with suppress(*REFUSALS):
            write_offs.write_off(invoice=Invoice.objects.get(pk=invoice), reason="x", actor=self.verifier)

    @rule(invoice=invoices)
    def release(self, invoice: int) -> None:
        with suppress(*REFUSALS):
            returning.release(invoice=Invoice.objects.get(pk=invoice), reason="x", actor=self.verifier)

    @rule(payment=received)
    def take_back(self, payment: int) -> None:
        with suppress(*REFUSALS):
            payments.reverse(payment=Payment.objects.get(pk=payment), reason="Bank", actor=self.verifier)

    @invariant()
    def every_rupiah_is_somewhere(self) -> None:
        assert_hold("V2")


def assert_hold(*rules: str) -> None:
    wanted = {rule: ledger.CHECKS[rule] for rule in rules}
    assert [str(breach) for breach in ledger.verify(wanted)] == []


@pytest.mark.usefixtures("_own_files", "_empty_caches")
class TestMoneyInAnyOrder(TestCase):
    def test_v2_holds_whatever_happens(self) -> None:
        run_state_machine_as_test(
            Money,
            settings=settings(
                max_examples=10,
                stateful_step_count=14,
                deadline=None,
                # Shrinking a failure would take minutes of database work; the steps as found are clear enough.
                phases=[Phase.reuse, Phase.generate],
                suppress_health_check=list(HealthCheck),
            ),
        )
