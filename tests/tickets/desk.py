"""Tickets made by the services, with sensible defaults."""

import dataclasses
import uuid

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from accounts.models import Customer, OutboxEmail, User
from billing.confirmations import Transfer
from billing.models import BankAccount, Invoice
from tests.billing.shop import picture
from tickets import opening, payments, replies
from tickets.models import Department, Message, Ticket

_ASKED = {one.name for one in dataclasses.fields(opening.Question)}


def _asked(fields: dict) -> dict:
    """``fields`` with those of the question as one."""
    rest = {name: value for name, value in fields.items() if name not in _ASKED}
    return {**rest, "question": opening.Question(**{name: fields[name] for name in fields if name in _ASKED})}


def open_one(customer: Customer | None, department: Department, actor: User | None = None, **fields) -> Ticket:
    defaults = {
        "actor": actor or customer.users.first(),
        "customer": customer,
        "department": department,
        "subject": "Situs tidak dapat dibuka",
        "body": "Sejak semalam situs kami **tidak dapat dibuka**.",
        "language": "id",
        "submission_key": uuid.uuid4(),
    }
    return opening.open_ticket(**_asked({**defaults, **fields}))


def ask(ticket: Ticket, actor: User | None = None, body: str = "Ada kabar?", **fields) -> Message:
    """The customer writes."""
    fields.setdefault("key", uuid.uuid4())
    return replies.reply_as_customer(ticket=fresh(ticket), actor=actor or ticket.opened_by, body=body, **fields)


def answer(ticket: Ticket, staff: User, body: str = "Sudah kami perbaiki.", **fields) -> Message:
    """Staff answers, having seen everything."""
    newest = ticket.messages.order_by("-pk").first()
    fields.setdefault("seen_message_id", newest and newest.pk)
    fields.setdefault("key", uuid.uuid4())
    return replies.reply_as_staff(ticket=fresh(ticket), actor=staff, body=body, **fields)


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def transfer(invoice: Invoice, **fields) -> Transfer:
    defaults = {
        "bank_account": BankAccount.objects.filter(method=invoice.payment_method).first(),
        "sender_bank": "Mandiri",
        "sender_number": "1370001234567",
        "sender_name": "PT Contoh",
        "transferred_on": timezone.localdate(),
        "amount": invoice.total,
    }
    return Transfer(**{**defaults, **fields})


def open_with_payment(invoice: Invoice, department: Department, actor: User | None = None, **fields) -> Ticket:
    defaults = {
        "actor": actor or invoice.customer.users.first(),
        "customer": invoice.customer,
        "department": department,
        "invoice": invoice,
        "subject": "Sudah transfer",
        "body": "Bukti terlampir.",
        "transfer": transfer(invoice),
        "files": [picture()],
        "language": "id",
        "submission_key": uuid.uuid4(),
    }
    return payments.open_with_confirmation(**_asked({**defaults, **fields}))


def text_file(name: str = "galat.log", content: bytes = b"2026-11-23 ERROR disk full\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="text/plain")


def emails(template: str) -> list[OutboxEmail]:
    return list(OutboxEmail.objects.filter(template=f"tickets/{template}").order_by("pk"))


def told(template: str) -> list[User]:
    return [email.user for email in emails(template)]


def kinds(ticket: Ticket) -> list[str]:
    return list(ticket.events.order_by("pk").values_list("kind", flat=True))
