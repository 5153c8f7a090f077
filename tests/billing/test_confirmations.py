from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.roles import Role
from billing import confirmations, doubts, invoicing, lifecycle, payments
from billing.models import Invoice, Payment, PaymentConfirmation, ProofFile
from tests import factories
from tests.billing.shop import confirm, emails, picture, rupiah, unpaid_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(customer, account):
    return unpaid_invoice(customer, 150_000)


@pytest.fixture
def confirmation(invoice):
    return confirm(invoice)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def stored_files() -> list[str]:
    return default_storage.listdir("proofs")[1] if default_storage.exists("proofs") else []


def test_k1_a_confirmation_is_kept_with_its_proofs(invoice, owner):
    confirmation = confirm(invoice, owner, proofs=[picture("white", "a.png"), picture("black", "b.png")])
    assert (confirmation.status, confirmation.submitted_by, confirmation.amount) == ("submitted", owner, 150_000)
    assert [proof.name for proof in confirmation.proofs.all()] == ["a.png", "b.png"]
    assert len(stored_files()) == 2
    assert {mail.to for mail in emails("confirmation_received")} == {owner.email, invoice.customer.billing_email}
    assert [event.to_status for event in confirmation.events.all()] == ["submitted"]
    assert fresh(invoice).status == "unpaid"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("transferred_on", timezone.localdate() + timedelta(days=1)),
        ("amount", rupiah(0)),
        ("proofs", []),
        ("proofs", [picture() for _number in range(4)]),
    ],
)
def test_k1_what_cannot_be_true_is_refused_by_field(invoice, field, value):
    with pytest.raises(ValidationError) as refusal:
        confirm(invoice, **{field: value})
    assert list(refusal.value.message_dict) == [field]
    assert PaymentConfirmation.objects.count() == 0
    assert stored_files() == []


def test_k1_an_account_that_is_switched_off_is_refused(invoice, account):
    account.active = False
    account.save()
    with pytest.raises(ValidationError) as refusal:
        confirm(invoice, bank_account=account)
    assert list(refusal.value.message_dict) == ["bank_account"]


def test_k2_a_second_confirmation_is_refused_while_one_waits_and_leaves_no_file(invoice, confirmation):
    with pytest.raises(confirmations.AlreadySubmitted) as refusal:
        confirm(invoice)
    assert refusal.value.confirmation == confirmation
    assert (PaymentConfirmation.objects.count(), ProofFile.objects.count(), len(stored_files())) == (1, 1, 1)


@pytest.mark.parametrize("role", [Role.TECHNICAL, Role.VIEWER])
def test_k1_a_role_that_may_not_confirm_is_refused(invoice, customer, role):
    colleague = factories.member(customer, role=role).user
    with pytest.raises(confirmations.NotAllowed):
        confirm(invoice, colleague)
    assert PaymentConfirmation.objects.count() == 0


def test_k1_a_stranger_is_refused(invoice):
    with pytest.raises(confirmations.NotAllowed):
        confirm(invoice, factories.user())
    assert stored_files() == []


def test_k1_a_paid_invoice_has_nothing_to_confirm(invoice, confirmation, verifier):
    confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=verifier)
    with pytest.raises(confirmations.NothingToConfirm):
        confirm(fresh(invoice))


def test_k3_approving_records_the_money_and_starts_the_service(invoice, confirmation, verifier):
    payment = confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=verifier)
    invoice, confirmation = fresh(invoice), fresh(confirmation)
    assert (payment.cause, payment.amount, payment.recorded_by) == (
        f"confirmation:{confirmation.pk}",
        150_000,
        verifier,
    )
    assert (confirmation.status, confirmation.payment, confirmation.decided_by) == ("approved", payment, verifier)
    assert confirmation.decided_at
    assert (invoice.status, invoice.order.services.get().status) == ("paid", "active")
    assert [event.to_status for event in confirmation.events.all()] == ["submitted", "approved"]


def test_k3_the_amount_may_be_corrected_and_the_history_says_so(invoice, confirmation, verifier):
    confirmations.approve(confirmation=confirmation, amount=rupiah(140_000), actor=verifier)
    assert fresh(invoice).balance == 10_000
    note = confirmation.events.get(to_status="approved").note
    assert "Rp150.000" in note
    assert "Rp140.000" in note
    assert fresh(confirmation).amount == 150_000


def test_k3_approving_twice_is_refused_and_changes_nothing(invoice, confirmation, verifier):
    confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=verifier)
    other = factories.staff("billing.verify_payment")
    with pytest.raises(confirmations.AlreadyDecided) as refusal:
        confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=other)
    assert str(verifier) in str(refusal.value)
    assert f"{timezone.localdate():%d-%m-%Y}" in str(refusal.value)
    assert (Payment.objects.count(), fresh(confirmation).decided_by) == (1, verifier)


def test_k3_nobody_approves_the_own_confirmation(invoice, customer):
    both = factories.staff("billing.verify_payment")
    factories.member(customer, both, Role.OWNER)
    confirmation = confirm(invoice, both)
    for decide in (
        lambda: confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=both),
        lambda: confirmations.reject(confirmation=confirmation, reason="Tidak", actor=both),
    ):
        with pytest.raises(confirmations.NotAllowed):
            decide()
    assert (fresh(confirmation).status, Payment.objects.count()) == ("submitted", 0)


def test_k3_approving_needs_the_permission(confirmation):
    with pytest.raises(confirmations.NotAllowed):
        confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=factories.staff())
    assert (fresh(confirmation).status, Payment.objects.count()) == ("submitted", 0)


def test_k4_a_rejection_tells_the_reason_and_the_customer_can_send_again(invoice, confirmation, verifier):
    confirmations.reject(confirmation=confirmation, reason=" Uang belum masuk ", actor=verifier)
    confirmation = fresh(confirmation)
    assert (confirmation.status, confirmation.reason, confirmation.decided_by) == (
        "rejected",
        "Uang belum masuk",
        verifier,
    )
    assert len(emails("confirmation_rejected")) == 2
    assert confirm(invoice).status == "submitted"


def test_k4_a_rejection_needs_a_reason(confirmation, verifier):
    with pytest.raises(ValidationError):
        confirmations.reject(confirmation=confirmation, reason="  ", actor=verifier)
    assert fresh(confirmation).status == "submitted"
    assert emails("confirmation_rejected") == []


def test_k2_the_customer_may_withdraw_and_staff_is_told_so(confirmation, owner, verifier):
    confirmations.withdraw(confirmation=confirmation, actor=owner)
    assert fresh(confirmation).status == "withdrawn"
    with pytest.raises(confirmations.AlreadyDecided):
        confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=verifier)
    assert Payment.objects.count() == 0


def test_k2_a_decided_confirmation_cannot_be_withdrawn(confirmation, owner, verifier):
    confirmations.reject(confirmation=confirmation, reason="Salah rekening", actor=verifier)
    with pytest.raises(confirmations.AlreadyDecided) as refusal:
        confirmations.withdraw(confirmation=confirmation, actor=owner)
    assert str(verifier) in str(refusal.value)


def test_k2_a_stranger_cannot_withdraw(confirmation):
    with pytest.raises(confirmations.NotAllowed):
        confirmations.withdraw(confirmation=confirmation, actor=factories.user())
    assert fresh(confirmation).status == "submitted"


def test_i6_an_invoice_is_not_cancelled_while_a_confirmation_waits(invoice, confirmation, verifier):
    with pytest.raises(lifecycle.ConfirmationWaiting):
        invoicing.cancel(invoice=invoice, actor=verifier)
    invoice = fresh(invoice)
    assert (invoice.status, invoice.order.status) == ("unpaid", "pending")


def test_i6_an_invoice_with_money_is_not_cancelled(invoice, confirmation, verifier):
    confirmations.approve(confirmation=confirmation, amount=rupiah(1), actor=verifier)
    with pytest.raises(lifecycle.MoneyAllocated):
        invoicing.cancel(invoice=fresh(invoice), actor=verifier)
    assert fresh(invoice).status == "unpaid"


def test_i1_cancelling_an_orders_invoice_cancels_the_order(invoice, verifier):
    invoicing.cancel(invoice=invoice, actor=verifier, note="Salah pesan")
    invoice = fresh(invoice)
    assert (invoice.status, invoice.order.status, invoice.order.services.get().status) == ("cancelled",) * 3


def test_k5_the_same_file_for_another_invoice_is_a_warning(invoice, confirmation):
    other = confirm(
        unpaid_invoice(factories.customer(factories.user()), 90_000), sender_name="Lain", proofs=[picture(name="x.png")]
    )
    [warning] = doubts.about(other)
    assert (warning.kind, warning.confirmation) == ("same_file", confirmation)
    assert invoice.number in warning.message


def test_k5_the_same_transfer_for_another_invoice_is_a_warning(confirmation):
    other = confirm(
        unpaid_invoice(factories.customer(factories.user()), 150_000),
        sender_bank="MANDIRI",
        sender_name="pt contoh",
        proofs=[picture("red")],
    )
    [warning] = doubts.about(other)
    assert (warning.kind, warning.confirmation) == ("same_transfer", confirmation)


def test_k5_another_transfer_with_another_file_warns_of_nothing(confirmation):
    other = confirm(
        unpaid_invoice(factories.customer(factories.user()), 150_000),
        sender_number="999",
        sender_name="CV Lain",
        proofs=[picture("red")],
    )
    assert doubts.about(other) == []


def test_k5_sending_again_after_a_rejection_warns_of_nothing(invoice, confirmation, verifier):
    confirmations.reject(confirmation=confirmation, reason="Buram", actor=verifier)
    assert doubts.about(confirm(invoice)) == []


def test_money_that_came_another_way_meanwhile_goes_to_credit(invoice, confirmation, customer, verifier):
    payments.record(
        customer=customer,
        amount=rupiah(150_000),
        currency="IDR",
        source="statement",
        cause="statement:1",
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=None,
        invoices=[invoice],
    )
    confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=verifier)
    assert (fresh(invoice).status, payments.credit_balance(customer)) == ("paid", 150_000)


def test_a_submitted_confirmation_through_the_private_link_has_no_sender(invoice, verifier):
    confirmation = confirmations.submit(
        invoice=invoice,
        actor=None,
        bank_account=invoice.payment_method.bank_accounts.first(),
        sender_bank="BNI",
        sender_number="",
        sender_name="Bagian Keuangan",
        transferred_on=timezone.localdate(),
        amount=rupiah(150_000),
        note="",
        proofs=[picture()],
    )
    assert confirmation.submitted_by is None
    confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=verifier)
    assert Invoice.objects.get(pk=invoice.pk).status == "paid"
