"""V5, V7, V9 of tickets: what was planted behind the services' back is found."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import OutboxEmail
from billing import confirmations, ledger, orphans
from tests.billing.shop import picture, rupiah, unpaid_invoice
from tests.tickets.desk import answer, ask, fresh, open_one, open_with_payment
from tickets import closing, merging
from tickets.models import Attachment, Ticket, TicketEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(customer, support, support_staff, billing, billing_staff):
    """Tickets of each fate."""
    answered = open_one(customer, support, files=[picture()])
    answer(answered, support_staff)
    ask(answered)
    closing.close(ticket=fresh(answered), actor=support_staff)
    into = open_one(customer, support)
    merging.merge(ticket=open_one(customer, support), into=into, actor=support_staff)
    paying = open_with_payment(unpaid_invoice(customer), billing)
    confirmation = paying.confirmations.get().confirmation
    confirmations.approve(confirmation=confirmation, amount=rupiah(150_000), actor=billing_staff)
    OutboxEmail.objects.update(status="sent", sent_at=timezone.now())


def test_the_books_of_a_help_desk_that_only_its_services_touched_agree(desk):
    assert [str(breach) for breach in ledger.verify()] == []


def _lose_an_email():
    OutboxEmail.objects.filter(template="tickets/ticket_replied").delete()


def _change_a_state_in_silence():
    Ticket.objects.filter(status="closed", merged_into=None).update(status="on_hold", closed_at=None)


def _tell_a_change_twice():
    event = TicketEvent.objects.filter(to_status="answered").first()
    event.pk = None
    event.save()


def _lose_a_file():
    default_storage.delete(Attachment.objects.first().file.name)


def _change_a_file():
    with default_storage.open(Attachment.objects.first().file.name, "r+b") as file:
        file.write(b"X")


@pytest.mark.parametrize(
    ("rule", "damage"),
    [
        ("V5", _lose_an_email),
        ("V7", _change_a_state_in_silence),
        ("V7", _tell_a_change_twice),
        ("V9", _lose_a_file),
        ("V9", _change_a_file),
    ],
)
def test_each_invariant_finds_what_was_planted(desk, rule, damage):
    damage()
    assert rule in {breach.rule for breach in ledger.verify()}


def test_files_that_no_message_names_are_removed_and_others_stay(desk):
    kept = Attachment.objects.first().file.name
    left = default_storage.save("tickets/tertinggal.png", picture())
    orphans.remove_orphans(timezone.now() + timedelta(days=2))
    assert (default_storage.exists(kept), default_storage.exists(left)) == (True, False)
