"""Who is told of a message by email: one row in the outbox for each person, written with the message (V5).

Customers' people only, and never what staff notes for itself: ``StaffNote`` is not even imported here.
"""

from collections.abc import Iterable

from django.db.models import Q

from accounts import outbox
from accounts.models import User
from accounts.roles import Ability, roles_with
from tickets.models import Message, Ticket


def opened(message: Message) -> None:
    """To the person who opened the ticket: it is here, and when to expect the answer."""
    _tell("tickets/ticket_opened", message, [message.author])


def replied(message: Message, *, closed: bool) -> None:
    """Staff's reply, which may have closed the ticket as well."""
    _tell("tickets/ticket_replied", message, people(message.ticket), closed=int(closed))


def decided(message: Message) -> None:
    """What staff decided on a payment that was confirmed by the ticket."""
    _tell("tickets/payment_decided", message, people(message.ticket))


def closed(message: Message) -> None:
    _tell("tickets/ticket_closed", message, people(message.ticket))


def news(message: Message) -> None:
    """Anything else that the shop itself says in a ticket: merged, split, about to be closed."""
    _tell("tickets/ticket_news", message, people(message.ticket))


def people(ticket: Ticket) -> list[User]:
    """Whoever opened the ticket or wrote in it as a customer, as long as the person may open tickets and sees this one."""
    took_part = Q(pk=ticket.opened_by_id) | Q(ticket_messages__ticket=ticket, ticket_messages__from_staff=False)
    found = User.objects.filter(took_part, is_active=True).distinct().order_by("pk")
    if ticket.customer_id:
        roles = roles_with(Ability.OPEN_TICKETS)
        found = found.filter(memberships__customer=ticket.customer_id, memberships__role__in=roles)
    return [person for person in found if Ticket.objects.visible_to(person).filter(pk=ticket.pk).exists()]


def key_of(message_id: int, user_id: int) -> str:
    return f"message:{message_id}:user:{user_id}"


def _tell(template: str, message: Message, to: Iterable[User | None], **arguments: int) -> None:
    told = []
    for person in to:
        if person is None or not person.is_active:
            continue
        outbox.enqueue(
            key=key_of(message.pk, person.pk),
            to=person.email,
            template=template,
            arguments={"message_id": message.pk, "user_id": person.pk, **arguments},
            language=person.language,
            user=person,
            customer=message.ticket.customer,
        )
        told.append(person.pk)
    message.told = told
    message.save(update_fields=["told"])
