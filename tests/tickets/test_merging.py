"""Two tickets become one, one becomes two; no message is lost (Q4)."""

import pytest
from django.core.exceptions import ValidationError

from tests import factories
from tests.billing.shop import picture, unpaid_invoice
from tests.tickets.desk import answer, ask, emails, fresh, kinds, open_one, open_with_payment, told
from tickets import closing, merging, replies
from tickets.models import Message, StaffNote, Ticket
from tickets.refusals import MergedAway, NotAllowed, TicketRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support, subject="Masih mati", files=[picture()])


@pytest.fixture
def into(customer, support):
    return open_one(customer, support, subject="Situs mati")


def test_messages_notes_and_files_move_and_keep_their_rows(ticket, into, support_staff):
    replies.add_note(ticket=ticket, actor=support_staff, body="Sama dengan yang kemarin")
    before = set(Message.objects.values_list("pk", flat=True))
    kept = merging.merge(ticket=ticket, into=into, actor=support_staff)
    assert kept == into
    assert set(into.messages.exclude(channel="system").values_list("pk", flat=True)) == before
    assert (into.notes.count(), StaffNote.objects.count()) == (1, 1)
    gone, now = fresh(ticket), fresh(into)
    assert (gone.status, gone.merged_into, gone.messages.count(), gone.message_count) == ("closed", into, 0, 0)
    assert now.message_count == now.messages.count() == 3
    assert (kinds(ticket)[-1], kinds(into)[-1]) == ("closed", "merged")


def test_the_customer_is_told_in_the_ticket_that_stays(ticket, into, support_staff):
    merging.merge(ticket=ticket, into=into, actor=support_staff)
    assert f"Tiket {ticket.number} (Masih mati)" in into.messages.last().body
    assert told("ticket_news") == [ticket.opened_by]
    assert emails("ticket_closed") == []


def test_whoever_waited_longest_still_waits_since_then(ticket, into, support_staff):
    answer(into, support_staff)
    waits = (ticket.waiting_since, ticket.answer_due_at)
    merging.merge(ticket=ticket, into=fresh(into), actor=support_staff)
    now = fresh(into)
    assert (now.status, now.waiting_since, now.answer_due_at) == ("customer_reply", *waits)


def test_an_answered_ticket_makes_nobody_wait(ticket, into, support_staff):
    answer(into, support_staff)
    answer(ticket, support_staff)
    merging.merge(ticket=fresh(ticket), into=fresh(into), actor=support_staff)
    assert (fresh(into).status, fresh(into).waiting_since) == ("answered", None)


def test_a_chain_of_merged_tickets_leads_straight_to_the_last(ticket, into, customer, support, support_staff):
    last = open_one(customer, support)
    merging.merge(ticket=ticket, into=into, actor=support_staff)
    merging.merge(ticket=fresh(into), into=last, actor=support_staff)
    assert fresh(ticket).merged_into == fresh(into).merged_into == last
    assert replies.whole(fresh(ticket)) == last


def test_a_closed_ticket_can_be_merged_and_nothing_into_one(ticket, into, support_staff):
    closing.close(ticket=ticket, actor=support_staff)
    with pytest.raises(TicketRefused):
        merging.merge(ticket=into, into=fresh(ticket), actor=support_staff)
    assert fresh(into).merged_into is None
    merging.merge(ticket=fresh(ticket), into=into, actor=support_staff)
    assert fresh(ticket).merged_into == into


def test_a_merged_ticket_is_merged_once(ticket, into, customer, support, support_staff):
    merging.merge(ticket=ticket, into=into, actor=support_staff)
    for one, other in ((ticket, open_one(customer, support)), (open_one(customer, support), ticket)):
        with pytest.raises(MergedAway):
            merging.merge(ticket=one, into=other, actor=support_staff)
    assert fresh(ticket).merged_into == into


def test_other_customers_tickets_stay_apart(ticket, into, support, support_staff, stranger):
    theirs = open_one(stranger.customers.get(), support, stranger)
    for other in (theirs, open_one(None, support, factories.user()), ticket):
        with pytest.raises(TicketRefused):
            merging.merge(ticket=ticket, into=other, actor=support_staff)
    assert Ticket.objects.exclude(merged_into=None).count() == 0


def test_staff_merges_only_where_it_works(ticket, customer, support_staff, billing, billing_staff):
    theirs = open_one(customer, billing)
    for person in (support_staff, billing_staff):
        with pytest.raises(NotAllowed):
            merging.merge(ticket=ticket, into=theirs, actor=person)
    assert fresh(ticket).merged_into is None


# Split


def test_a_part_of_the_conversation_becomes_a_ticket_beside_it(into, support_staff):
    answer(into, support_staff)
    other = ask(into, body="Satu lagi: bagaimana menambah akun email?")
    made = merging.split(ticket=fresh(into), messages=[other], subject="Akun email", actor=support_staff)
    assert (made.subject, made.continues, made.opened_by, made.customer) == (
        "Akun email",
        into,
        other.author,
        into.customer,
    )
    assert [fresh(other).ticket, fresh(into).message_count, made.message_count] == [made, 3, 2]
    assert (made.status, fresh(made).waiting_since) == ("open", other.created_at)
    assert (fresh(into).status, fresh(into).waiting_since) == ("answered", None)
    assert kinds(into)[-2:] == ["answered", "split"]
    assert told("ticket_news") == [other.author]


def test_a_payment_goes_with_the_message_that_confirmed_it(customer, billing, billing_staff):
    ticket = open_with_payment(unpaid_invoice(customer), billing)
    ask(ticket, body="Hal lain")
    first = ticket.messages.first()
    made = merging.split(ticket=fresh(ticket), messages=[first], subject="Bayar", actor=billing_staff)
    assert made.confirmations.get().message == first
    assert fresh(ticket).confirmations.count() == 0


def test_a_split_needs_a_customers_message_and_leaves_one(into, support_staff, ticket):
    reply = answer(into, support_staff)
    everything = list(into.messages.all())
    for chosen in ([reply], everything, [], list(ticket.messages.all())):
        with pytest.raises(TicketRefused):
            merging.split(ticket=fresh(into), messages=chosen, subject="Lain", actor=support_staff)
    with pytest.raises(ValidationError):
        merging.split(ticket=fresh(into), messages=everything[:1], subject="", actor=support_staff)
    assert (Ticket.objects.count(), fresh(into).messages.count()) == (2, 2)


def test_splitting_a_closed_ticket_leaves_it_closed(into, support_staff):
    other = ask(into, body="Hal lain")
    closing.close(ticket=fresh(into), actor=support_staff)
    made = merging.split(ticket=fresh(into), messages=[other], subject="Hal lain", actor=support_staff)
    assert (fresh(into).status, fresh(made).status, fresh(made).waiting_since) == ("closed", "open", other.created_at)
