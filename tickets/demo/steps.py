"""What may happen in a demo ticket: each step is one call of the service that does it in earnest."""

import uuid
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from billing import confirmations
from billing.models import PaymentConfirmation
from tickets import arranging, closing, merging, reading, replies
from tickets.models import Ticket

Step = Callable[[Ticket], object]


def staff(name: str) -> User:
    return User.objects.get(email=f"{name}@nusa.example")


def person(address: str) -> User:
    return User.objects.get(email=address)


def log_file() -> SimpleUploadedFile:
    lines = [f"2026-11-20 02:0{minute}:12 ERROR backup: token expired (401)" for minute in range(3)]
    return SimpleUploadedFile("pencadangan.log", "\n".join(lines).encode(), "text/plain")


def ask(address: str, body: str) -> Step:
    return lambda ticket: replies.reply_as_customer(ticket=ticket, actor=person(address), body=body, key=uuid.uuid4())


def answer(name: str, body: str, then: str = Ticket.Status.ANSWERED) -> Step:
    def step(ticket: Ticket) -> None:
        newest = ticket.messages.order_by("-pk").values_list("pk", flat=True)[0]
        replies.reply_as_staff(
            ticket=ticket, actor=staff(name), body=body, key=uuid.uuid4(), seen_message_id=newest, then=then
        )

    return step


def note(name: str, body: str) -> Step:
    return lambda ticket: replies.add_note(ticket=ticket, actor=staff(name), body=body)


def take(name: str) -> Step:
    return lambda ticket: arranging.take(ticket=ticket, actor=staff(name))


def status(name: str, to: str) -> Step:
    return lambda ticket: arranging.set_status(ticket=ticket, status=to, actor=staff(name))


def see(address: str) -> Step:
    return lambda ticket: reading.mark_seen(ticket=ticket, user=person(address), until=ticket.last_message_at)


def close(name: str) -> Step:
    return lambda ticket: closing.close(ticket=ticket, actor=staff(name))


def close_as_customer(address: str) -> Step:
    return lambda ticket: closing.close(ticket=ticket, actor=person(address))


def rate(address: str, *, good: bool, comment: str = "") -> Step:
    return lambda ticket: closing.rate(ticket=ticket, actor=person(address), good=good, comment=comment)


def merge_into(name: str, key: uuid.UUID) -> Step:
    return lambda ticket: merging.merge(ticket=ticket, into=Ticket.objects.get(submission_key=key), actor=staff(name))


def approve(name: str) -> Step:
    def step(ticket: Ticket) -> None:
        confirmation = PaymentConfirmation.objects.get(ticket_link__ticket=ticket)
        confirmations.approve(confirmation=confirmation, amount=confirmation.amount, actor=staff(name))

    return step
