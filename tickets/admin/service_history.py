"""Tickets about a service, in its history: as far as the person's departments go."""

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from billing import service_history
from billing.admin.service_history import Entry, say
from billing.models import Service
from tickets.admin.lookup import may_look
from tickets.models import Ticket


def _opened(service: Service, user: User) -> models.QuerySet[Ticket]:
    if not may_look(user):
        return Ticket.objects.none()
    return Ticket.objects.for_staff(user).unmerged().filter(service=service)


def _in_words(ticket: Ticket, service: Service) -> Entry:
    words = _("Tiket %(number)s dibuka: %(subject)s") % {"number": ticket.number, "subject": ticket.subject}
    page = reverse("admin:tickets_thread", args=[ticket.pk])
    return Entry(ticket.created_at, words, ticket.opened_by, str(ticket.get_status_display()), page)


service_history.also(service_history.Source("ticket", Ticket, _opened, "created_at", ("opened_by",)))
say("ticket", _in_words)
