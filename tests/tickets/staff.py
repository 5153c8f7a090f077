"""What staff does on the pages of tickets, through HTTP."""

import uuid

from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from tickets.models import Ticket


def inbox(client: Client, **query: object):
    return client.get(reverse("admin:tickets_inbox", query=query))


def page(name: str, ticket: Ticket, *more: object) -> str:
    return reverse(f"admin:tickets_{name}", args=[ticket.pk, *more])


def thread(client: Client, ticket: Ticket, **query: object):
    return client.get(f"{page('thread', ticket)}", query)


def reply(client: Client, ticket: Ticket, body: str = "Sudah kami perbaiki.", **fields: object):
    """Written on a page that showed every message there is, unless ``seen`` says otherwise."""
    newest = ticket.messages.order_by("-pk").first()
    given = {"body": body, "then": "answered", "key": uuid.uuid4(), "seen": newest.pk if newest else "", **fields}
    go = {"go": given.pop("go")} if "go" in given else {}
    return client.post(page("reply", ticket), {f"reply-{name}": value for name, value in given.items()} | go)


def note(client: Client, ticket: Ticket, body: str = "Sandi lama ada di brankas.", **fields: object):
    given = {"body": body, "key": uuid.uuid4(), **fields}
    return client.post(page("note", ticket), {f"note-{name}": value for name, value in given.items()})


def arrange(client: Client, ticket: Ticket, **changes: object):
    """The form as the page showed it, with these fields changed."""
    form = client.get(page("arrange", ticket)).context["form"]
    shown = {name: form.initial[name] for name in form.fields}
    hidden = {f"initial-{name}": value for name, value in shown.items()}
    return client.post(page("arrange", ticket), {**shown, **hidden, **changes})


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def text(response) -> str:
    return response.content.decode()
