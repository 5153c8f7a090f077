"""K3, U3 under races: a confirmation and its line are settled once, whoever else wants either; each with its control."""

from decimal import Decimal

import pytest

from billing import confirmations, payments
from billing.bank import proving, settling
from billing.models import Payment, PaymentConfirmation, StatementLine
from tests import factories
from tests.billing.races import at_once, meeting
from tests.billing.shop import came_in
from tests.billing.years import disagreements
from tests.billing_bank.proofs import accepted_before, stands, waiting

pytestmark = [
    pytest.mark.race,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("nobody_sends"),
]


def tie_blindly(line, payment) -> bool:
    return bool(Payment.objects.filter(pk=payment.pk).update(statement_line=line))


class TestAtOnce:
    def race(self, *acts, guarded: bool = True) -> list[str]:
        """What each came to: "done", or the name of its refusal."""
        outcomes = at_once(*acts, guarded=guarded)
        return [type(one.error).__name__ if one.error else "done" for one in outcomes]

    def by_line(self, confirmation, line, actor, meet=lambda: None):
        """As a browser does: with rows read of its own."""

        def act():
            rows = {
                "confirmation": PaymentConfirmation.objects.get(pk=confirmation.pk),
                "line": StatementLine.objects.get(pk=line.pk),
            }
            meet()
            proving.accept(**rows, actor=actor)

        return act

    def test_two_staff_on_one_pair_record_it_once(self, customer, account, staff):
        confirmation, line = waiting(customer), came_in(account, 150_000)
        colleague = factories.staff("billing.verify_payment")

        outcomes = self.race(self.by_line(confirmation, line, staff), self.by_line(confirmation, line, colleague))

        assert sorted(outcomes) == ["CannotSettle", "done"]
        assert (Payment.objects.count(), stands(confirmation), stands(line)) == (1, "approved", "assigned")
        assert disagreements() == []

    def test_one_line_for_two_confirmations_pays_one(self, customer, account, staff):
        first, second = waiting(customer), waiting(customer)
        line = came_in(account, 150_000)

        outcomes = self.race(self.by_line(first, line, staff), self.by_line(second, line, staff))

        assert sorted(outcomes) == ["CannotSettle", "done"]
        assert sorted([stands(first), stands(second)]) == ["approved", "submitted"]
        assert disagreements() == []

    def test_control_without_the_conditional_move_one_line_pays_two(self, customer, account, staff, monkeypatch):
        first, second = waiting(customer), waiting(customer)
        line = came_in(account, 150_000)
        move = proving.transitions.move

        def move_blindly(thing, to, **fields):
            if isinstance(thing, StatementLine):
                StatementLine.objects.filter(pk=thing.pk).update(status=StatementLine.Status.REVIEW)
            move(thing, to, **fields)

        monkeypatch.setattr(proving.transitions, "move", move_blindly)
        outcomes = self.race(self.by_line(first, line, staff), self.by_line(second, line, staff), guarded=False)

        assert outcomes == ["done", "done"]
        assert [stands(first), stands(second)] == ["approved", "approved"]
        assert "V2" in {breach.rule for breach in disagreements()}

    def test_accepting_by_a_line_against_assigning_it(self, customer, account, staff):
        confirmation, line = waiting(customer), came_in(account, 150_000)
        other = factories.customer(factories.user())

        def assign():
            fresh = StatementLine.objects.get(pk=line.pk)
            settling.assign(line=fresh, parts=[settling.Part(other, Decimal(150_000))], actor=staff)

        outcomes = self.race(self.by_line(confirmation, line, staff), assign)

        assert sorted(outcomes) == ["CannotSettle", "done"]
        by_line = outcomes[0] == "done"
        assert stands(confirmation) == ("approved" if by_line else "submitted")
        assert payments.credit_balance(other) == (0 if by_line else 150_000)
        assert disagreements() == []

    def test_accepting_by_a_line_against_taking_it_back(self, customer, account, staff):
        confirmation, line = waiting(customer), came_in(account, 150_000)
        other = factories.customer(factories.user())
        settling.assign(line=line, parts=[settling.Part(other, Decimal(150_000))], actor=staff)

        def undo():
            settling.undo(line=StatementLine.objects.get(pk=line.pk), reason="Salah", actor=staff)

        outcomes = self.race(self.by_line(confirmation, line, staff), undo)

        assert outcomes[1] == "done"
        accepted = outcomes[0] == "done"
        assert (stands(confirmation), stands(line)) == (
            ("approved", "assigned") if accepted else ("submitted", "review")
        )
        assert payments.credit_balance(other) == 0
        assert disagreements() == []

    def test_accepting_by_a_line_against_rejecting(self, customer, account, staff):
        confirmation, line = waiting(customer), came_in(account, 150_000)
        colleague = factories.staff("billing.verify_payment")

        def reject():
            fresh = PaymentConfirmation.objects.get(pk=confirmation.pk)
            confirmations.reject(confirmation=fresh, reason="Tidak ada", actor=colleague)

        outcomes = self.race(self.by_line(confirmation, line, staff), reject)

        assert sorted(outcomes) == ["AlreadyDecided", "done"]
        accepted = outcomes[0] == "done"
        assert (stands(confirmation), stands(line)) == (
            ("approved", "assigned") if accepted else ("rejected", "review")
        )
        assert Payment.objects.count() == int(accepted)
        assert disagreements() == []

    def test_accepting_by_a_line_against_accepting_without_it(self, customer, account, staff):
        confirmation, line = waiting(customer), came_in(account, 150_000)
        colleague = factories.staff("billing.verify_payment")

        def approve():
            fresh = PaymentConfirmation.objects.get(pk=confirmation.pk)
            confirmations.approve(confirmation=fresh, amount=Decimal(150_000), actor=colleague)

        outcomes = self.race(self.by_line(confirmation, line, staff), approve)

        assert sorted(outcomes) == ["AlreadyDecided", "done"]
        assert stands(line) == ("assigned" if outcomes[0] == "done" else "review")
        assert Payment.objects.count() == 1
        assert disagreements() == []

    def linking_against_reversing(self, customer, account, staff, guarded: bool = True) -> list[str]:
        payment, line = accepted_before(customer, staff), came_in(account, 150_000, "PT CONTOH")

        def link():
            proving.link(line=StatementLine.objects.get(pk=line.pk), payment=payment, actor=staff)

        def reverse():
            payments.reverse(payment=Payment.objects.get(pk=payment.pk), reason="Bank", actor=staff)

        outcomes = self.race(link, reverse, guarded=guarded)
        assert stands(line) == ("assigned" if outcomes[0] == "done" else "review")
        return outcomes

    def test_linking_a_line_against_taking_its_payment_back(self, customer, account, staff):
        outcomes = self.linking_against_reversing(customer, account, staff)

        assert outcomes in (["done", "PaymentRefused"], ["CannotSettle", "done"])
        assert disagreements() == []

    def test_control_without_the_check_a_line_is_left_without_its_money(self, customer, account, staff, monkeypatch):
        monkeypatch.setattr(payments, "_check_no_line_says_so", lambda payment: None)
        monkeypatch.setattr(proving.recorded, "tie", tie_blindly)
        outcomes = self.linking_against_reversing(customer, account, staff)

        assert outcomes == ["done", "done"]
        assert "V2" in {breach.rule for breach in disagreements()}

    def test_control_without_the_claim_who_comes_second_is_not_told(self, customer, account, staff, monkeypatch):
        confirmation, line = waiting(customer), came_in(account, 150_000)
        monkeypatch.setattr(confirmations, "_claim", lambda group, actor: None)

        def approve():
            fresh = PaymentConfirmation.objects.get(pk=confirmation.pk)
            meet()
            confirmations.approve(confirmation=fresh, amount=Decimal(150_000), actor=staff)

        meet = meeting(2)
        outcomes = self.race(self.by_line(confirmation, line, staff, meet), approve, guarded=False)

        assert "AlreadyDecided" not in outcomes
