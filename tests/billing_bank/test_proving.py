"""K3, U3: a confirmation accepted by the line that proves it: the money once, with the line as its proof."""

from decimal import Decimal

import pytest
from django.utils import timezone

from billing import confirmations, payments, together
from billing.bank import proving, settling
from billing.models import Invoice, Payment, PaymentConfirmation, StatementLine
from tests import factories
from tests.billing import shop
from tests.billing.races import at_once, meeting
from tests.billing.shop import came_in
from tests.billing.years import disagreements

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    """The worker's turn comes after; here only the rows count."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def owner(db):
    return factories.user()


@pytest.fixture
def customer(owner):
    return factories.customer(owner)


@pytest.fixture
def account(db):
    return factories.bank_account()


@pytest.fixture
def staff(db):
    return factories.staff("billing.verify_payment", name="Dewi Verifikasi")


def waiting(customer, total: int = 150_000, **fields) -> PaymentConfirmation:
    return shop.confirm(shop.unpaid_invoice(customer, total), **fields)


def stands(row) -> str:
    return type(row).objects.get(pk=row.pk).status


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


race = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


class TestRaces:
    pytestmark = race

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
