"""K6 on the staff's pages: an attachment becomes a Konfirmasi Pembayaran, and is decided in the ticket."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from billing.models import Invoice, Payment, PaymentConfirmation
from tests import factories
from tests.billing.shop import picture, unpaid_invoice
from tests.tickets.desk import fresh, open_one, open_with_payment
from tests.tickets.staff import page, text, thread
from tickets.models import Ticket, TicketConfirmation

pytestmark = pytest.mark.django_db
Status = PaymentConfirmation.Status


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def invoice(customer):
    return unpaid_invoice(customer)


@pytest.fixture
def ticket(customer, billing, invoice):
    return open_one(customer, billing, invoice=invoice, files=[picture()])


@pytest.fixture
def at_work(client, billing_staff):
    client.force_login(billing_staff)
    return client


def transfer(ticket: Ticket, **changes) -> dict:
    """What staff types beside the proof."""
    account = factories.bank_account()
    fields = {
        "attachments": [one.pk for message in ticket.messages.all() for one in message.attachments.all()],
        "bank_account": account.pk,
        "amount": "150.000",
        "sender_bank": "BCA",
        "sender_name": "PT Contoh",
        "transferred_on": timezone.localdate().isoformat(),
    }
    return fields | changes


def decide(client, ticket: Ticket, decision: str, **fields):
    confirmation = TicketConfirmation.objects.get(ticket=ticket).confirmation
    named = {f"confirmation-{confirmation.pk}-{name}": value for name, value in fields.items()}
    return client.post(page("decide", ticket, confirmation.pk), {"decision": decision, **named})


def told(response) -> list[str]:
    return [str(one) for one in get_messages(response.wsgi_request)]


def test_k6_an_attachment_becomes_the_customers_confirmation_and_is_accepted_in_the_ticket(
    at_work, ticket, invoice, owner, billing_staff
):
    assert "Jadikan konfirmasi pembayaran" in text(thread(at_work, ticket))
    assert at_work.post(page("confirm", ticket), transfer(ticket)).url == page("thread", ticket)
    confirmation = PaymentConfirmation.objects.get()
    assert (confirmation.status, confirmation.submitted_by) == (Status.SUBMITTED, owner)
    assert "Terima" in text(thread(at_work, ticket))
    decided = decide(at_work, ticket, "approve", amount="150.000")
    assert decided.url == page("thread", ticket)
    assert (fresh(confirmation).status, fresh(confirmation).decided_by) == (Status.APPROVED, billing_staff)
    assert (fresh(invoice).status, fresh(ticket).status) == (Invoice.Status.PAID, "answered")
    assert "sudah kami terima" in fresh(ticket).messages.last().body


def test_k6_a_ticket_that_came_with_the_transfer_is_decided_without_another_step(at_work, invoice, billing):
    ticket = open_with_payment(invoice, billing)
    decide(at_work, ticket, "approve", amount="150.000")
    assert fresh(invoice).status == Invoice.Status.PAID


def test_k4_a_rejection_in_the_ticket_reaches_the_customer_with_its_reason(at_work, invoice, billing):
    ticket = open_with_payment(invoice, billing)
    decide(at_work, ticket, "reject", preset="unreadable", detail="Tanggalnya terpotong.")
    confirmation = PaymentConfirmation.objects.get()
    assert confirmation.status == Status.REJECTED
    assert "Tanggalnya terpotong." in fresh(ticket).messages.last().body
    assert fresh(invoice).status == Invoice.Status.UNPAID


@pytest.mark.parametrize(("decision", "fields"), [("approve", {"amount": "nol"}), ("reject", {})])
def test_a_decision_that_says_nothing_is_asked_again_and_nothing_moves(at_work, invoice, billing, decision, fields):
    ticket = open_with_payment(invoice, billing)
    assert decide(at_work, ticket, decision, **fields).status_code == 422
    assert (PaymentConfirmation.objects.get().status, Payment.objects.count()) == (Status.SUBMITTED, 0)


def test_a_second_decision_does_nothing_and_says_who_was_faster(at_work, client, invoice, billing):
    ticket = open_with_payment(invoice, billing)
    decide(at_work, ticket, "approve", amount="150.000")
    slower = factories.staff("tickets.answer_ticket", "billing.verify_payment")
    billing.staff.add(slower)
    client.force_login(slower)
    assert "Kirana Keuangan" in told(decide(client, ticket, "reject", preset="not_found"))[-1]
    assert (PaymentConfirmation.objects.get().status, Payment.objects.count()) == (Status.APPROVED, 1)


def test_k3_support_may_hand_a_proof_on_but_not_decide(client, customer, support, support_staff, invoice):
    ticket = open_one(customer, support, invoice=invoice, files=[picture()])
    client.force_login(support_staff)
    client.post(page("confirm", ticket), transfer(ticket))
    assert "Menunggu keputusan bagian keuangan" in text(thread(client, ticket))
    assert decide(client, ticket, "approve", amount="150.000").status_code == 403
    assert (PaymentConfirmation.objects.get().status, Payment.objects.count()) == (Status.SUBMITTED, 0)


def test_a_decision_is_not_found_by_way_of_another_ticket(at_work, ticket, invoice, customer, billing):
    other = unpaid_invoice(customer)
    open_with_payment(other, billing)
    confirmation = PaymentConfirmation.objects.get()
    assert at_work.post(page("decide", ticket, confirmation.pk), {"decision": "approve"}).status_code == 404
    assert fresh(confirmation).status == Status.SUBMITTED


@pytest.mark.parametrize(
    "changes", [{"attachments": []}, {"amount": "0"}, {"bank_account": 0}, {"transferred_on": "2999-01-01"}]
)
def test_an_incomplete_confirmation_is_asked_again_and_nothing_is_made(at_work, ticket, changes):
    assert at_work.post(page("confirm", ticket), transfer(ticket, **changes)).status_code == 422
    assert PaymentConfirmation.objects.count() == 0


def test_files_of_other_tickets_prove_nothing_here(at_work, ticket, customer, billing):
    other = open_one(customer, billing, files=[picture()])
    answered = at_work.post(page("confirm", ticket), transfer(other))
    assert answered.status_code == 422
    assert PaymentConfirmation.objects.count() == 0


def test_another_unpaid_invoice_of_the_customer_can_be_chosen_but_no_strangers(at_work, ticket, customer, stranger):
    other, foreign = unpaid_invoice(customer), unpaid_invoice(stranger.customers.first())
    assert at_work.get(page("confirm", ticket), {"invoice": other.slug}).context["invoice"] == other
    assert at_work.get(page("confirm", ticket), {"invoice": foreign.slug}).context["invoice"] == ticket.invoice


def test_without_an_unpaid_invoice_the_page_says_so(at_work, customer, billing):
    ticket = open_one(customer, billing, files=[picture()])
    assert "tidak punya tagihan yang belum dibayar" in text(at_work.get(page("confirm", ticket)))


def test_the_proof_is_looked_at_where_it_is_decided_and_only_there(at_work, client, invoice, billing):
    ticket = open_with_payment(invoice, billing)
    [proof] = PaymentConfirmation.objects.get().proofs.all()
    shown = f'<img src="{reverse("admin:billing_desk_proof", args=[proof.pk])}"'
    assert shown in text(thread(at_work, ticket))
    reader = factories.staff("tickets.view_ticket")
    billing.staff.add(reader)
    client.force_login(reader)
    assert shown not in text(thread(client, ticket))


def test_a_proof_that_is_confirmed_is_not_offered_again_until_it_is_rejected(at_work, invoice, billing):
    offer = "Jadikan konfirmasi pembayaran"
    ticket = open_with_payment(invoice, billing)
    assert offer not in text(thread(at_work, ticket))
    decide(at_work, ticket, "reject", preset="unreadable")
    assert offer in text(thread(at_work, ticket))
