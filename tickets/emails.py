"""The emails of tickets, threaded and answerable; the words stand in ``templates/email/tickets/``."""

import re

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import dates, delivery, outbox
from accounts.models import OutboxEmail
from accounts.roles import Ability
from tickets import addresses, notices, promises
from tickets.models import EscalationRun, Message

# As many earlier Message-IDs as a header line holds comfortably.
MOST_REFERENCES = 12
_MESSAGE_ID = re.compile(r"<[^\s<>]+>")


def _email(template: str):
    """Registered for those who may read every ticket of the customer, and for its addressee; the last one is the sample."""

    def sample() -> outbox.Arguments | None:
        last = OutboxEmail.objects.filter(template=template).order_by("-pk").first()
        return last and last.arguments

    return outbox.email(template, sample=sample, ability=Ability.SEE_ALL_TICKETS, addressee=True)


def _message(message_id: int) -> Message:
    related = ("author", "ticket__department", "ticket__customer", "ticket__service", "ticket__invoice")
    return Message.objects.select_related(*related).get(pk=message_id)


@_email("tickets/ticket_opened")
def ticket_opened(*, message_id: int, user_id: int, reveal: bool) -> outbox.Content:
    message = _message(message_id)
    ticket = message.ticket
    # When the email is sent, not when it was promised: "today" may have become yesterday.
    return _content(message, user_id, promise=promises.answer_words(ticket), facts=_facts(message))


@_email("tickets/ticket_replied")
def ticket_replied(*, message_id: int, user_id: int, reveal: bool, closed: int = 0) -> outbox.Content:
    message = _message(message_id)
    return _content(message, user_id, who=_staff_name(message), closed=bool(closed))


@_email("tickets/payment_decided")
def payment_decided(*, message_id: int, user_id: int, reveal: bool) -> outbox.Content:
    return _content(_message(message_id), user_id)


@_email("tickets/ticket_closed")
def ticket_closed(*, message_id: int, user_id: int, reveal: bool) -> outbox.Content:
    return _content(_message(message_id), user_id)


@_email("tickets/ticket_news")
def ticket_news(*, message_id: int, user_id: int, reveal: bool) -> outbox.Content:
    return _content(_message(message_id), user_id)


def _newest_run() -> outbox.Arguments | None:
    run = EscalationRun.objects.order_by("-pk").first()
    return run and {"run_id": run.pk}


@outbox.email("tickets/ticket_escalated", sample=_newest_run)
def ticket_escalated(*, run_id: int, reveal: bool) -> outbox.Content:
    """To staff: what waits and since when, and not a word of what was written."""
    run = EscalationRun.objects.select_related("rule", "ticket__department", "ticket__customer").get(pk=run_id)
    ticket = run.ticket
    facts = [
        (_("Nomor tiket"), ticket.number),
        (_("Judul"), ticket.subject),
        (_("Departemen"), ticket.department.name),
        (_("Pelanggan"), ticket.customer.name if ticket.customer else str(ticket.opened_by or "–")),
        (_("Menunggu sejak"), dates.long_moment(run.waiting_since)),
        (_("Prioritas"), ticket.get_priority_display()),
    ]
    context = {"ticket": ticket, "rule": run.rule.name, "facts": facts}
    return outbox.Content({**context, "link": outbox.absolute(addresses.staff_page(ticket))})


def _content(message: Message, user_id: int, **context: object) -> outbox.Content:
    ticket = message.ticket
    return outbox.Content(
        {
            "ticket": ticket,
            "message": message,
            "attachments": list(message.attachments.values_list("name", flat=True)),
            "reopen_days": ticket.department.reopen_days,
            "can_answer": bool(settings.TICKETS_INBOUND_DOMAIN),
            "link": outbox.absolute(ticket.get_absolute_url()),
            **context,
        },
        headers=thread_headers(message, user_id),
        reply_to=addresses.reply_address(ticket),
    )


def thread_headers(message: Message, user_id: int) -> dict[str, str]:
    """``References`` and ``In-Reply-To``: the thread, what was emailed to this person before, and what they sent."""
    ticket = message.ticket
    roots = [addresses.thread_id(one) for one in [ticket, *ticket.merged.order_by("pk")]]
    earlier = list(ticket.messages.filter(pk__lt=message.pk).order_by("-pk")[:MOST_REFERENCES])
    keys = {notices.key_of(one.pk, user_id): one.pk for one in earlier}
    sent = {keys[row.key]: delivery.message_id(row) for row in OutboxEmail.objects.filter(key__in=keys)}
    ids = [sent.get(one.pk) or one.email_message_id for one in reversed(earlier)]
    references = [*roots, *(one for one in ids if _MESSAGE_ID.fullmatch(one))]
    return {"References": " ".join(references), "In-Reply-To": references[-1]}


def _facts(message: Message) -> list[tuple[str, str]]:
    ticket = message.ticket
    facts = [
        (_("Nomor tiket"), ticket.number),
        (_("Judul"), ticket.subject),
        (_("Departemen"), ticket.department.name),
    ]
    if ticket.service:
        facts.append((pgettext("satu layanan", "Layanan"), str(ticket.service)))
    if ticket.invoice:
        facts.append((_("Nomor tagihan"), ticket.invoice.number))
    return facts


def _staff_name(message: Message) -> str:
    """A person's name and never their address, which an account without a name would show."""
    return (message.author and message.author.name) or _("Tim kami")
