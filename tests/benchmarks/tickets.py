"""A busy help desk: 100,000 tickets with 500,000 messages, one in twenty of them waiting for an answer."""

from collections.abc import Iterable
from datetime import timedelta

from django.utils import timezone

from accounts.models import Customer, Membership, User
from tests import factories
from tests.benchmarks.batches import in_batches
from tickets.models import Message, Ticket

TICKETS, MESSAGES_EACH, WAITING_OF = 100_000, 5, 20
STAFF = "dukungan@bench.example"
# The first customer has many, so that a page whose work grows with its rows is seen.
OF_THE_FIRST = 1_000


def fill() -> None:
    staff = factories.staff("tickets.view_ticket", "tickets.answer_ticket", email=STAFF)
    departments = [factories.department(staff) for _number in range(4)]
    pairs = list(Membership.objects.order_by("pk").values_list("customer", "user"))
    owners = [pairs[0] if n < OF_THE_FIRST else pairs[n % len(pairs)] for n in range(TICKETS)]
    in_batches(_tickets(owners, departments, staff))
    tickets = Ticket.objects.order_by("pk").values_list("pk", "opened_by", "created_at")
    in_batches(_messages(tickets.iterator(chunk_size=5_000), staff))


def _tickets(owners: list[tuple[int, int]], departments: list, staff: User) -> Iterable[Ticket]:
    now = timezone.now()
    for number, (customer, user) in enumerate(owners):
        waits = number % WAITING_OF == 0
        at = now - timedelta(minutes=number)
        yield Ticket(
            customer_id=customer,
            opened_by_id=user,
            department=departments[number % len(departments)],
            assignee=staff if number % 3 == 0 else None,
            status=Ticket.Status.CUSTOMER_REPLY if waits else Ticket.Status.CLOSED,
            subject=f"Pertanyaan {number}",
            created_at=at,
            last_message_at=at,
            last_customer_message_at=at,
            last_staff_message_at=at,
            first_answered_at=at,
            waiting_since=at if waits else None,
            answer_due_at=at + timedelta(hours=2) if waits else None,
            closed_at=None if waits else at,
            message_count=MESSAGES_EACH,
        )


def _messages(tickets: Iterable[tuple], staff: User) -> Iterable[Message]:
    for ticket, user, at in tickets:
        for number in range(MESSAGES_EACH):
            from_staff = number % 2 == 1
            yield Message(
                ticket_id=ticket,
                author_id=staff.pk if from_staff else user,
                from_staff=from_staff,
                body="Selamat pagi, situs kami **lambat** sejak kemarin.\n\n- sudah dicoba dari dua jaringan",
                created_at=at,
            )


def waiting_ticket_of(customer: Customer) -> Ticket:
    return Ticket.objects.filter(customer=customer).waiting().first()
