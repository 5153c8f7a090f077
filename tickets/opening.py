"""A customer opens a ticket."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import limits
from accounts.access import may
from accounts.models import Customer, User
from accounts.roles import Ability
from accounts.texts import validate_one_line
from billing import uploads
from billing.models import Invoice, Service
from tickets import files as ticket_files
from tickets import notices, promises, transitions, writing
from tickets.models import Department, Message, Priority, Ticket
from tickets.refusals import NotAllowed, TooMany

LONGEST_SUBJECT = 150


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked, of which department, and about what. Without a ``customer`` the person asks on their own.

    ``continues`` is the ticket that was over when its customer replied.
    """

    customer: Customer | None
    department: Department
    subject: str
    language: str
    priority: int = Priority.NORMAL
    service: Service | None = None
    invoice: Invoice | None = None
    continues: Ticket | None = None


def find(submission_key: uuid.UUID, actor: User) -> Ticket | None:
    """The ticket that the person's form made, for whoever sends it again."""
    return Ticket.objects.filter(submission_key=submission_key, opened_by=actor).first()


def open_ticket(
    *,
    actor: User,
    question: Question,
    body: str,
    files: Sequence[UploadedFile] = (),
    submission_key: uuid.UUID,
    channel: str = Message.Channel.WEB,
    email_message_id: str = "",
) -> Ticket:
    """Begin a conversation (Q2); the same ``submission_key`` again returns the first ticket.

    Raises ``NotAllowed``, ``TooMany``, ``ValidationError`` by field and ``uploads.CannotStore``; then no row and no file is
    left.
    """
    made = find(submission_key, actor)
    if made:
        return made
    check(actor=actor, question=question)
    text = writing.clean_body(body)
    accepted = ticket_files.accept(files)
    try:
        with uploads.stored(accepted, ticket_files.FOLDER) as names, transaction.atomic():
            message = begin(
                actor=actor,
                question=question,
                submission_key=submission_key,
                channel=channel,
                email_message_id=email_message_id,
                body=text,
                accepted=accepted,
                names=names,
            )
    except writing.Repeated as again:
        return again.message.ticket
    return message.ticket


def check(*, actor: User, question: Question) -> None:
    """Whether the person may ask this, there, about that. Raises ``NotAllowed`` and ``ValidationError``."""
    customer = question.customer
    if customer is not None and not may(actor, customer, Ability.OPEN_TICKETS):
        raise NotAllowed(_("Peran Anda tidak boleh membuka tiket."))
    check_subject(question.subject)
    problems = _about_relations(actor, customer, question.service, question.invoice)
    offered = Department.objects.open_to(has_customer=customer is not None)
    # A conversation goes on where it was, even in a department that takes no new ones.
    if question.continues is None and not offered.filter(pk=question.department.pk).exists():
        problems["department"] = _("Pilih departemen dari daftar.")
    if question.priority not in Priority.values:
        problems["priority"] = _("Pilih prioritas dari daftar.")
    if problems:
        raise ValidationError(problems)


def check_subject(subject: str) -> str:
    """The subject as it is stored. Raises ``ValidationError`` for the field ``subject``."""
    subject = subject.strip()
    if not subject:
        raise ValidationError({"subject": _("Isi judul singkat.")})
    if len(subject) > LONGEST_SUBJECT:
        raise ValidationError(
            {"subject": _("Judul terlalu panjang: paling banyak %(most)d huruf.") % {"most": LONGEST_SUBJECT}}
        )
    try:
        validate_one_line(subject)
    except ValidationError as error:
        raise ValidationError({"subject": error}) from error
    return subject


def _about_relations(
    actor: User, customer: Customer | None, service: Service | None, invoice: Invoice | None
) -> dict[str, str]:
    """Related things must be the customer's own, and such as the person may see."""
    problems = {}
    if service is not None and (customer is None or service.customer_id != customer.pk):
        problems["service"] = _("Pilih layanan dari daftar.")
    if invoice is not None and (
        customer is None
        or invoice.customer_id != customer.pk
        or invoice.number is None
        or not may(actor, customer, Ability.SEE_INVOICES)
    ):
        problems["invoice"] = _("Pilih tagihan dari daftar.")
    return problems


def begin(
    *,
    actor: User,
    question: Question,
    submission_key: uuid.UUID,
    body: str,
    channel: str = Message.Channel.WEB,
    email_message_id: str = "",
    accepted: Sequence[uploads.AcceptedFile] = (),
    names: Sequence[str] = (),
) -> Message:
    """Write a checked ticket with its first message, in the caller's transaction.

    Raises ``writing.Repeated`` for a key or an email that is in already, and ``TooMany``.
    """
    writing.refuse_repeats(author=actor, key=None, email_message_id=email_message_id)
    ticket = _insert(actor, submission_key, question)
    # Counted by the first of many equal posts only: the others get its ticket.
    if not limits.allow("ticket", actor.pk):
        raise TooMany
    transitions.began(ticket, actor=actor)
    message = writing.insert(
        ticket=ticket,
        author=actor,
        body=body,
        channel=channel,
        email_message_id=email_message_id,
        accepted=accepted,
        names=names,
    )
    writing.update(
        ticket,
        message_count=1,
        last_message_at=message.created_at,
        last_customer_message_at=message.created_at,
    )
    notices.opened(message)
    return message


def _assignee(department: Department) -> User | None:
    person = department.default_assignee
    return person if person and person.is_active else None


def _insert(actor: User, submission_key: uuid.UUID, question: Question) -> Ticket:
    """The first statement that writes: a repeat waits here for the first to end, and gets its ticket."""
    department, now = question.department, timezone.now()
    asked = {**vars(question), "subject": check_subject(question.subject)}
    try:
        with transaction.atomic():
            return Ticket.objects.create(
                submission_key=submission_key,
                opened_by=actor,
                assignee=_assignee(department),
                created_at=now,
                last_message_at=now,
                waiting_since=now,
                answer_due_at=promises.answer_due(department, now),
                resolution_due_at=promises.resolution_due(department, now),
                **asked,
            )
    except IntegrityError:
        made = find(submission_key, actor)
        if made is None:
            raise
        raise writing.Repeated(made.messages.order_by("pk")[0]) from None
