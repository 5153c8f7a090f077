"""Payments confirmed by ticket (K6, A8–A10): billing's queue, desk and decision, told in the ticket."""

import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage

from accounts.models import OutboxEmail
from billing import confirmations, doubts
from billing.models import PaymentConfirmation, ProofFile
from tests import factories
from tests.billing.shop import confirm, picture, rupiah, unpaid_invoice
from tests.tickets.desk import answer, ask, emails, fresh, open_one, open_with_payment, text_file, told, transfer
from tickets import closing, merging, payments
from tickets.models import Ticket, TicketConfirmation
from tickets.refusals import MergedAway, NotAllowed, TicketRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(customer):
    return unpaid_invoice(customer, 150_000)


@pytest.fixture
def paid_ticket(invoice, billing):
    return open_with_payment(invoice, billing)


def approve(ticket: Ticket, verifier, amount: int = 150_000) -> None:
    confirmation = ticket.confirmations.get().confirmation
    confirmations.approve(confirmation=confirmation, amount=rupiah(amount), actor=verifier)


def reject(ticket: Ticket, verifier, reason: str = "Bukti buram.") -> None:
    confirmations.reject(confirmation=ticket.confirmations.last().confirmation, reason=reason, actor=verifier)


def in_a_ticket(ticket: Ticket, invoice, **fields):
    defaults = {
        "actor": ticket.opened_by,
        "transfer": transfer(invoice),
        "body": "Saya kirim ulang.",
        "files": [picture("black")],
        "key": uuid.uuid4(),
    }
    return payments.confirm_in_ticket(ticket=fresh(ticket), invoice=invoice, **{**defaults, **fields})


def from_attachments(ticket: Ticket, invoice, actor, attachments=None, **fields) -> PaymentConfirmation:
    found = attachments if attachments is not None else list(ticket.messages.first().attachments.all())
    return payments.confirmation_from_attachments(
        ticket=fresh(ticket), attachments=found, invoice=invoice, transfer=transfer(invoice, **fields), actor=actor
    )


def no_confirmation() -> bool:
    return not PaymentConfirmation.objects.exists() and not ProofFile.objects.exists()


# By the form


def test_k6_the_ticket_is_a_confirmation_as_well(paid_ticket, invoice, owner):
    confirmation = PaymentConfirmation.objects.waiting().get()
    link = paid_ticket.confirmations.get()
    assert (link.confirmation, link.message) == (confirmation, paid_ticket.messages.get())
    assert (confirmation.submitted_by, confirmation.invoice, paid_ticket.invoice) == (owner, invoice, invoice)
    [proof], [attachment] = confirmation.proofs.all(), link.message.attachments.all()
    assert (proof.sha256, proof.sent_sha256) == (attachment.sha256, attachment.sent_sha256)
    assert proof.file.name != attachment.file.name
    assert told("ticket_opened") == [owner]
    assert OutboxEmail.objects.filter(template="billing/confirmation_received").count() == 2


def test_k6_the_form_asks_for_the_transfer_only_where_it_can_be_confirmed(invoice, billing, support):
    assert payments.takes_payments(billing, invoice)
    assert not payments.takes_payments(support, invoice)
    assert not payments.takes_payments(billing, None)
    confirm(invoice)
    assert not payments.takes_payments(billing, fresh(invoice))


def test_k6_both_or_neither(invoice, billing):
    with pytest.raises(ValidationError):
        open_with_payment(invoice, billing, transfer=transfer(invoice, amount=rupiah(0)))
    confirm(invoice)
    with pytest.raises(confirmations.AlreadySubmitted):
        open_with_payment(fresh(invoice), billing)
    assert (Ticket.objects.count(), PaymentConfirmation.objects.count()) == (0, 1)
    assert len(default_storage.listdir("proofs")[1]) == 1
    assert "tickets" not in default_storage.listdir("")[0]


@pytest.mark.parametrize("files", [[], [text_file()], [picture(name=f"{number}.png") for number in range(4)]])
def test_k1_proofs_are_one_to_three_pictures_or_documents(invoice, billing, files):
    with pytest.raises(ValidationError) as refusal:
        open_with_payment(invoice, billing, files=files)
    assert set(refusal.value.message_dict) == {"proofs"}
    assert not Ticket.objects.exists()
    assert no_confirmation()


def test_k6_only_the_department_for_payments_and_roles_that_pay(invoice, billing, support, technician, stranger):
    with pytest.raises(TicketRefused):
        open_with_payment(invoice, support)
    for person in (technician, stranger):
        with pytest.raises((ValidationError, NotAllowed)):
            open_with_payment(invoice, billing, person)
    assert not Ticket.objects.exists()
    assert no_confirmation()


def test_the_same_form_sent_again_shows_the_first_ticket(invoice, billing):
    key = uuid.uuid4()
    first = open_with_payment(invoice, billing, submission_key=key)
    assert open_with_payment(fresh(invoice), billing, submission_key=key) == first
    assert (Ticket.objects.count(), PaymentConfirmation.objects.count()) == (1, 1)


# The decision


def test_a10_an_approval_is_written_into_the_ticket_and_answers_it(paid_ticket, invoice, billing_staff):
    approve(paid_ticket, billing_staff)
    ticket, said = fresh(paid_ticket), paid_ticket.messages.last()
    assert fresh(invoice).status == "paid"
    assert said.body == f"Pembayaran Rp150.000 untuk tagihan {invoice.number} sudah kami terima. Terima kasih."
    assert (ticket.status, ticket.waiting_since, ticket.first_answered_at) == ("answered", None, said.created_at)
    assert ticket.events.last().actor == billing_staff
    assert told("payment_decided") == [paid_ticket.opened_by]


def test_k4_a_rejection_gives_its_reason_in_the_ticket_and_can_be_answered_there(paid_ticket, invoice, billing_staff):
    reject(paid_ticket, billing_staff)
    assert "Alasannya: Bukti buram." in paid_ticket.messages.last().body
    message = in_a_ticket(paid_ticket, invoice)
    assert (fresh(paid_ticket).status, paid_ticket.confirmations.count()) == ("customer_reply", 2)
    assert paid_ticket.confirmations.last().message == message
    reject(paid_ticket, billing_staff, "Masih buram.")
    assert len(emails("payment_decided")) == 2


def test_a_decision_speaks_the_tickets_language(invoice, billing, billing_staff):
    ticket = open_with_payment(invoice, billing, language="en")
    approve(ticket, billing_staff)
    assert "We have received your payment of Rp150.000" in ticket.messages.last().body


def test_a_decision_does_not_answer_what_was_asked_since(paid_ticket, billing_staff):
    ask(paid_ticket, body="Dan kapan layanan kami aktif?")
    approve(paid_ticket, billing_staff)
    ticket = fresh(paid_ticket)
    assert (ticket.status, ticket.waiting_since is not None) == ("open", True)
    assert len(emails("payment_decided")) == 1


def test_a_decision_is_written_into_a_closed_ticket_without_opening_it(paid_ticket, billing_staff, owner):
    closing.close(ticket=paid_ticket, actor=owner)
    approve(paid_ticket, billing_staff)
    assert (fresh(paid_ticket).status, paid_ticket.messages.count()) == ("closed", 2)


def test_a_decision_follows_a_merged_ticket(paid_ticket, customer, billing, billing_staff):
    other = open_one(customer, billing)
    merging.merge(ticket=paid_ticket, into=other, actor=billing_staff)
    confirmations.approve(confirmation=PaymentConfirmation.objects.get(), amount=rupiah(150_000), actor=billing_staff)
    assert "sudah kami terima" in other.messages.last().body


def test_a_withdrawal_is_written_and_emailed_to_nobody(paid_ticket, owner):
    confirmations.withdraw(confirmation=paid_ticket.confirmations.get().confirmation, actor=owner)
    assert "ditarik kembali" in paid_ticket.messages.last().body
    assert (fresh(paid_ticket).status, emails("payment_decided")) == ("open", [])


def test_confirmations_that_came_without_a_ticket_write_nothing(invoice, billing_staff):
    confirmations.approve(confirmation=confirm(invoice), amount=rupiah(150_000), actor=billing_staff)
    assert not Ticket.objects.exists()


# In a ticket


def test_confirming_twice_in_a_ticket_is_refused_and_the_same_form_is_the_first(customer, billing, invoice):
    ticket = open_one(customer, billing)
    key = uuid.uuid4()
    first = in_a_ticket(ticket, invoice, key=key)
    assert in_a_ticket(ticket, fresh(invoice), key=key) == first
    with pytest.raises(confirmations.AlreadySubmitted):
        in_a_ticket(ticket, fresh(invoice))
    assert (PaymentConfirmation.objects.count(), fresh(ticket).message_count) == (1, 2)


def test_a_closed_a_merged_and_a_strangers_ticket_take_no_confirmation(
    customer, billing, billing_staff, invoice, stranger
):
    ticket, other = open_one(customer, billing), open_one(customer, billing)
    theirs = unpaid_invoice(stranger.customers.get())
    with pytest.raises(NotAllowed):
        in_a_ticket(ticket, theirs)
    with pytest.raises(NotAllowed):
        in_a_ticket(ticket, invoice, actor=stranger)
    closing.close(ticket=ticket, actor=billing_staff)
    with pytest.raises(TicketRefused):
        in_a_ticket(ticket, invoice)
    closing.reopen(ticket=ticket, actor=billing_staff)
    stale = fresh(ticket)
    merging.merge(ticket=ticket, into=other, actor=billing_staff)
    with pytest.raises(MergedAway):
        payments.confirm_in_ticket(
            ticket=stale,
            actor=ticket.opened_by,
            invoice=invoice,
            transfer=transfer(invoice),
            body="Bukti",
            files=[picture()],
            key=uuid.uuid4(),
        )
    assert no_confirmation()
    assert not default_storage.exists("proofs") or default_storage.listdir("proofs")[1] == []


# By staff, from an attachment


@pytest.fixture
def with_proof(customer, billing):
    return open_one(customer, billing, files=[picture(), text_file()])


def proof_of(ticket: Ticket) -> list:
    return list(ticket.messages.first().attachments.filter(content_type="image/png"))


def test_k6_staff_makes_the_customers_confirmation_of_an_attachment(with_proof, invoice, billing_staff, owner):
    confirmation = from_attachments(with_proof, invoice, billing_staff, proof_of(with_proof))
    assert (confirmation.submitted_by, confirmation.status) == (owner, "submitted")
    assert confirmation.events.get().actor == billing_staff
    [attachment] = proof_of(with_proof)
    proof = confirmation.proofs.get()
    assert (proof.sha256, proof.sent_sha256, proof.name) == (
        attachment.sha256,
        attachment.sent_sha256,
        attachment.name,
    )
    assert fresh(with_proof).invoice == invoice
    # K3: whoever took the proof out of the message is not the one who sent it.
    confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=billing_staff)
    assert fresh(invoice).status == "paid"
    assert [message.channel for message in with_proof.messages.all()] == ["web", "system", "system"]


def test_k6_what_is_no_proof_of_this_customer_makes_no_confirmation(
    with_proof, invoice, billing, billing_staff, support_staff, stranger, customer
):
    [log] = with_proof.messages.first().attachments.filter(content_type="text/plain")
    elsewhere = proof_of(open_one(customer, billing, files=[picture()]))
    ours = list(answer(with_proof, billing_staff, files=[picture()]).attachments.all())
    for attachments in ([log], elsewhere, ours):
        with pytest.raises(TicketRefused):
            from_attachments(with_proof, invoice, billing_staff, attachments)
    with pytest.raises(ValidationError):
        from_attachments(with_proof, invoice, billing_staff, [])
    with pytest.raises(NotAllowed):
        from_attachments(with_proof, unpaid_invoice(stranger.customers.get()), billing_staff, proof_of(with_proof))
    with pytest.raises(NotAllowed):
        from_attachments(with_proof, invoice, support_staff, proof_of(with_proof))
    assert no_confirmation()
    assert not TicketConfirmation.objects.exists()


def test_k2_staff_makes_no_second_confirmation(with_proof, invoice, billing_staff):
    from_attachments(with_proof, invoice, billing_staff, proof_of(with_proof))
    with pytest.raises(confirmations.AlreadySubmitted):
        from_attachments(with_proof, fresh(invoice), billing_staff, proof_of(with_proof))
    assert PaymentConfirmation.objects.count() == 1


def test_k5_the_same_picture_is_known_again_whichever_way_it_came(with_proof, invoice, billing, billing_staff):
    from_attachments(with_proof, invoice, billing_staff, proof_of(with_proof))
    other = unpaid_invoice(invoice.customer, 99_000)
    ticket = open_with_payment(other, billing, transfer=transfer(other, sender_name="Orang lain", sender_number=""))
    [doubt] = doubts.about(ticket.confirmations.get().confirmation)
    assert doubt.kind == "same_file"


def test_a_person_without_a_customer_confirms_nothing(support, billing, invoice):
    ticket = open_one(None, billing, factories.user())
    with pytest.raises(NotAllowed):
        in_a_ticket(ticket, invoice)
    assert no_confirmation()
