"""C4: one transfer pays several invoices; its confirmations are sent, decided and taken back as one."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts import outbox
from accounts.models import OutboxEmail
from billing import confirmations, doubts, ledger, together
from billing.models import Allocation, Payment, PaymentConfirmation, ProofFile
from tests import factories
from tests.billing.shop import confirm, emails, picture, rupiah, unpaid_invoice

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoices(customer, account):
    """150.000, 200.000 and 50.000, the last one due first."""
    made = [unpaid_invoice(customer, total) for total in (150_000, 200_000, 50_000)]
    for invoice, days in zip(made, (5, 9, 2), strict=True):
        invoice.due_on = timezone.localdate() + timedelta(days=days)
        invoice.save(update_fields=["due_on"])
    OutboxEmail.objects.update(status="sent", sent_at=timezone.now())
    return made


def send(invoices, actor, account, amount=400_000, **fields):
    defaults = {
        "bank_account": account,
        "sender_bank": "Mandiri",
        "sender_number": "137",
        "sender_name": "PT Contoh",
        "transferred_on": timezone.localdate(),
        "note": "",
        "proofs": [picture(), picture("black", "lain.png")],
    }
    return together.submit(invoices=invoices, actor=actor, amount=rupiah(amount), **{**defaults, **fields})


def states() -> list[str]:
    return sorted(PaymentConfirmation.objects.values_list("status", flat=True))


def test_each_invoice_gets_its_confirmation_with_its_share_and_the_proofs(owner, account, invoices):
    first, second, third = send(invoices, owner, account)
    assert [one.invoice for one in (first, second, third)] == [invoices[2], invoices[0], invoices[1]]
    assert [one.amount for one in (first, second, third)] == [50_000, 150_000, 200_000]
    assert first.transfer is not None
    assert {one.transfer for one in (first, second, third)} == {first.transfer}
    assert [one.proofs.count() for one in (first, second, third)] == [2, 2, 2]
    assert len({proof.file.name for proof in ProofFile.objects.all()}) == 6
    assert list(ledger.verify()) == []


def test_the_customer_and_staff_hear_of_it_once(owner, account, invoices):
    first, _second, _third = send(invoices, owner, account)
    sent = emails("confirmation_received")
    assert {mail.arguments["confirmation_id"] for mail in sent} == {first.pk}
    in_indonesian = outbox.render(sent[0].template, sent[0].arguments, "id", reveal=False)
    assert "Jumlah yang ditransfer: Rp400.000" in in_indonesian.text
    assert all(invoice.number in in_indonesian.text for invoice in invoices)
    assert all(invoice.number in in_indonesian.subject for invoice in invoices)
    assert list(PaymentConfirmation.objects.waiting()) == [first]
    assert doubts.about(first) == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_whichever_is_approved_one_payment_pays_all(owner, account, invoices, verifier, which):
    group = send(invoices, owner, account)
    payment = confirmations.approve(confirmation=group[which], amount=rupiah(400_000), actor=verifier)
    assert Payment.objects.get() == payment
    assert {one.invoice_id: one.amount for one in payment.allocations.all()} == {
        invoices[0].pk: 150_000,
        invoices[1].pk: 200_000,
        invoices[2].pk: 50_000,
    }
    assert [invoice.status for invoice in reread(invoices)] == ["paid"] * 3
    assert set(PaymentConfirmation.objects.values_list("status", "payment")) == {("approved", payment.pk)}
    assert list(ledger.verify()) == []
    with pytest.raises(confirmations.AlreadyDecided):
        confirmations.approve(confirmation=group[0], amount=rupiah(400_000), actor=verifier)
    assert Payment.objects.count() == 1


def reread(invoices):
    return [type(invoice).objects.get(pk=invoice.pk) for invoice in invoices]


def test_a_corrected_amount_pays_the_oldest_due_first(owner, account, invoices, verifier):
    group = send(invoices, owner, account)
    confirmations.approve(confirmation=group[0], amount=rupiah(210_000), actor=verifier)
    assert [(invoice.status, invoice.balance) for invoice in reread(invoices)] == [
        ("paid", 0),
        ("unpaid", 190_000),
        ("paid", 0),
    ]
    note = "Jumlah dikoreksi dari Rp400.000 menjadi Rp210.000"
    assert [one.events.get(to_status="approved").note for one in group] == [note] * 3
    assert len({mail.arguments["invoice_id"] for mail in emails("partially_paid")}) == 1
    assert list(ledger.verify()) == []


def test_what_was_sent_too_much_is_credit(owner, account, invoices, verifier, customer):
    group = send(invoices, owner, account, amount=450_000)
    assert [one.amount for one in group] == [50_000, 150_000, 250_000]
    confirmations.approve(confirmation=group[0], amount=rupiah(450_000), actor=verifier)
    assert customer.credit_entries.get().amount == 50_000


def test_rejecting_one_rejects_all_and_is_told_once(owner, account, invoices, verifier):
    group = send(invoices, owner, account)
    confirmations.reject(confirmation=group[1], reason="Belum masuk", actor=verifier)
    assert states() == ["rejected"] * 3
    assert {mail.arguments["confirmation_id"] for mail in emails("confirmation_rejected")} == {group[0].pk}
    assert not Payment.objects.exists()
    assert list(ledger.verify()) == []


def test_taking_one_back_takes_all_back(owner, account, invoices, verifier):
    group = send(invoices, owner, account)
    confirmations.withdraw(confirmation=group[2], actor=owner)
    assert states() == ["withdrawn"] * 3
    with pytest.raises(confirmations.AlreadyDecided):
        confirmations.approve(confirmation=group[0], amount=rupiah(400_000), actor=verifier)
    assert len(send(invoices, owner, account)) == 3


def refused(kind, invoices, actor, account, **fields) -> Exception:
    before = (PaymentConfirmation.objects.count(), len(default_storage.listdir("proofs")[1]) if kept() else 0)
    with pytest.raises(kind) as refusal:
        send(invoices, actor, account, **fields)
    assert (PaymentConfirmation.objects.count(), len(default_storage.listdir("proofs")[1]) if kept() else 0) == before
    return refusal.value


def kept() -> bool:
    return default_storage.exists("proofs")


def test_too_little_for_the_last_is_refused(owner, account, invoices):
    error = refused(ValidationError, invoices, owner, account, amount=200_000)
    assert list(error.message_dict) == ["amount"]
    assert [one.amount for one in send(invoices, owner, account, amount=200_001)] == [50_000, 150_000, 1]


def test_one_invoice_many_or_another_customers_are_refused(owner, account, invoices):
    refused(together.CannotGoTogether, invoices[:1], owner, account)
    refused(together.CannotGoTogether, invoices * 1 + [unpaid_invoice(factories.customer(owner))], owner, account)
    refused(together.CannotGoTogether, [invoices[0], invoices[0]], owner, account)


def test_one_that_waits_already_or_is_paid_stops_all(owner, account, invoices, verifier):
    waiting = confirm(invoices[0], owner)
    assert refused(confirmations.AlreadySubmitted, invoices, owner, account).confirmation == waiting
    confirmations.approve(confirmation=waiting, amount=rupiah(150_000), actor=verifier)
    invoices[0].refresh_from_db()
    refused(confirmations.NothingToConfirm, invoices, owner, account)


def test_a_viewer_may_not(customer, account, invoices):
    viewer = factories.member(customer).user
    refused(confirmations.NotAllowed, invoices, viewer, account)


def test_k1_the_fields_are_checked_as_for_one(owner, account, invoices):
    error = refused(ValidationError, invoices, owner, account, transferred_on=timezone.localdate() + timedelta(days=1))
    assert list(error.message_dict) == ["transferred_on"]
    error = refused(ValidationError, invoices, owner, account, proofs=[])
    assert list(error.message_dict) == ["proofs"]


def test_k3_nobody_decides_on_a_transfer_of_their_own(customer, account, invoices):
    both = factories.staff("billing.verify_payment")
    factories.member(customer, both, "owner")
    group = send(invoices, both, account)
    with pytest.raises(confirmations.NotAllowed):
        confirmations.approve(confirmation=group[0], amount=rupiah(400_000), actor=both)
    assert states() == ["submitted"] * 3


def test_k5_the_same_proof_in_another_transfer_is_doubted(owner, account, invoices, customer):
    send(invoices[:2], owner, account, amount=350_000)
    [one] = [confirm(invoices[2], owner, proofs=[picture()])]
    assert {doubt.kind for doubt in doubts.about(one)} == {"same_file"}


def test_c5_taking_the_payment_back_opens_all_of_them(owner, account, invoices, verifier):
    from billing import payments

    group = send(invoices, owner, account)
    payment = confirmations.approve(confirmation=group[0], amount=rupiah(400_000), actor=verifier)
    payments.reverse(payment=payment, reason="Salah", actor=verifier)
    assert [invoice.status for invoice in reread(invoices)] == ["unpaid"] * 3
    assert Allocation.objects.filter(payment=payment).count() == 6
    assert list(ledger.verify()) == []


def test_k2_an_order_of_the_group_is_not_cancelled_meanwhile(owner, account, customer):
    from billing import unpaid_orders

    with time_machine.travel("2026-11-01T03:00:00Z"):
        invoices = [unpaid_invoice(customer), unpaid_invoice(customer)]
        send(invoices, owner, account, amount=300_000)
    with time_machine.travel("2026-11-20T03:00:00Z"):
        report = unpaid_orders.cancel_unpaid(date(2026, 11, 20))
    assert (report.warned, report.cancelled) == (0, 0)
