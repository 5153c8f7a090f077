"""What staff arranges: take, close and reopen by one press; assign, move, raise, link, merge and split by a page each."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext

from accounts.models import User
from tickets import access, arranging, closing, merging
from tickets.admin.customer import earlier_tickets
from tickets.admin.forms import ArrangeForm, MergeForm, SplitForm
from tickets.admin.lookup import find, thread_of
from tickets.admin.wording import what_happened
from tickets.models import Ticket
from tickets.refusals import TicketRefused
from tickets.transitions import InvalidTransition

REFUSALS = (TicketRefused, InvalidTransition)


def take(ticket: Ticket, actor: User) -> str:
    arranging.take(ticket=ticket, actor=actor)
    return gettext("Tiket ini sekarang milik Anda.")


def close(ticket: Ticket, actor: User) -> str:
    closing.close(ticket=ticket, actor=actor)
    return gettext("Tiket %(number)s ditandai selesai.") % {"number": ticket.number}


def reopen(ticket: Ticket, actor: User) -> str:
    closing.reopen(ticket=ticket, actor=actor)
    return gettext("Tiket %(number)s dibuka lagi.") % {"number": ticket.number}


# What one press does, and what staff reads afterwards.
ACTS: Mapping[str, Callable[[Ticket, User], str]] = {"take": take, "close": close, "reopen": reopen}


@dataclass(frozen=True)
class Merging:
    """What will happen, before it does."""

    into: Ticket
    messages: int
    notes: int


class ArrangePages(ModelAdmin):
    """Adds them to the admin of tickets."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<int:ticket_id>/do/<slug:act>/", view(self.act), name="tickets_act"),
            path("<int:ticket_id>/arrange/", view(self.arrange), name="tickets_arrange"),
            path("<int:ticket_id>/merge/", view(self.merge), name="tickets_merge"),
            path("<int:ticket_id>/split/", view(self.split), name="tickets_split"),
            path("<int:ticket_id>/more/", view(self.more), name="tickets_more"),
            *super().get_urls(),
        ]

    def act(self, request: HttpRequest, ticket_id: int, act: str) -> HttpResponse:
        ticket = find(request, ticket_id, to_answer=True)
        if act not in ACTS:
            raise Http404
        if request.method == "POST":
            try:
                messages.success(request, ACTS[act](ticket, request.user))
            except REFUSALS as refusal:
                messages.error(request, str(refusal))
        return redirect(thread_of(ticket))

    def arrange(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        ticket = find(request, ticket_id, to_answer=True)
        form = ArrangeForm(request.POST if request.method == "POST" else None, ticket=ticket, actor=request.user)
        if form.is_valid() and _done(form, lambda: _arrange(ticket, request.user, form)):
            return self._arranged(request, ticket, form)
        context = {"ticket": ticket, "form": form}
        if request.htmx:
            return TemplateResponse(request, "admin/tickets/_arrange.html", context)
        return self._ask(request, "admin/tickets/arrange.html", gettext("Atur tiket"), ticket, context)

    def _arranged(self, request: HttpRequest, ticket: Ticket, form: ArrangeForm) -> HttpResponse:
        if form.has_changed():
            messages.success(request, gettext("Perubahan disimpan."))
        if Ticket.objects.for_staff(request.user).filter(pk=ticket.pk).exists():
            return redirect(thread_of(ticket))
        words = {"number": ticket.number, "department": ticket.department}
        messages.info(request, gettext("Tiket %(number)s sekarang milik departemen %(department)s.") % words)
        return redirect("admin:tickets_inbox")

    def merge(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        """A number is looked for by GET and shown with what will happen; the POST merges."""
        ticket = find(request, ticket_id, to_answer=True)
        asked = request.POST if request.method == "POST" else request.GET or None
        form = MergeForm(asked, ticket=ticket, actor=request.user)
        into = form.cleaned_data["number"] if form.is_valid() else None
        if into and request.method == "POST":
            act = lambda: merging.merge(ticket=ticket, into=into, actor=request.user)  # noqa: E731
            if _done(form, act):
                words = {"number": ticket.number, "into": into.number}
                messages.success(request, gettext("Tiket %(number)s digabungkan ke %(into)s.") % words)
                return redirect(thread_of(into))
        possible = arranging.mergeable_with(ticket).for_staff(request.user).select_related("department")
        context = {
            "ticket": ticket,
            "form": form,
            "plan": Merging(into, ticket.messages.count(), ticket.notes.count()) if into else None,
            "possible": possible.order_by("-last_message_at", "-pk")[:10],
        }
        return self._ask(request, "admin/tickets/merge.html", gettext("Gabungkan tiket"), ticket, context)

    def split(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        ticket = find(request, ticket_id, to_answer=True)
        form = SplitForm(request.POST if request.method == "POST" else None, ticket=ticket)
        made: list[Ticket] = []
        if form.is_valid() and _done(form, lambda: made.append(_split(ticket, request.user, form.cleaned_data))):
            words = {"number": made[0].number}
            messages.success(request, gettext("Pesan dipindahkan ke tiket baru %(number)s.") % words)
            return redirect(thread_of(made[0]))
        context = {"ticket": ticket, "form": form}
        return self._ask(request, "admin/tickets/split.html", gettext("Pisahkan tiket"), ticket, context)

    def more(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        """The customer's other tickets and this one's history: opened on its page, or a page of its own."""
        ticket = find(request, ticket_id)
        events = ticket.events.select_related("actor")
        context = {
            "ticket": ticket,
            "earlier_tickets": earlier_tickets(request.user, ticket),
            "history": [(event, what_happened(event)) for event in events],
        }
        if request.htmx:
            return TemplateResponse(request, "admin/tickets/_more.html", context)
        return self._ask(request, "admin/tickets/more.html", gettext("Tiket lain dan riwayat"), ticket, context)

    def _ask(self, request: HttpRequest, template: str, title: str, ticket: Ticket, context: dict) -> HttpResponse:
        form = context.get("form")
        wrong = request.method == "POST" and form is not None
        frame = {**self.admin_site.each_context(request), "title": title, "opts": self.model._meta}
        return TemplateResponse(request, template, {**frame, **context}, status=422 if wrong else 200)


def _done(form: forms.Form, act: Callable[[], object]) -> bool:
    """Whether it was done; else the form says why not."""
    try:
        act()
    except ValidationError as error:
        form.add_error(None, error)
    except REFUSALS as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False


@transaction.atomic
def _arrange(ticket: Ticket, actor: User, form: ArrangeForm) -> None:
    """All that was changed, or nothing. The department goes last: afterwards the ticket may not be the person's any more."""
    given, changed = form.cleaned_data, set(form.changed_data)
    if changed & {"service", "invoice"}:
        _link(ticket, actor, given, changed)
    if "priority" in changed:
        arranging.set_priority(ticket=ticket, priority=given["priority"], actor=actor)
    if "status" in changed:
        arranging.set_status(ticket=ticket, status=given["status"], actor=actor)
    if "department" in changed:
        arranging.move_to_department(ticket=ticket, department=given["department"], actor=actor)
    if "assignee" in changed and access.may_answer(actor, ticket):
        arranging.assign(ticket=ticket, assignee=given["assignee"], actor=actor)


def _link(ticket: Ticket, actor: User, given: Mapping, changed: Collection[str]) -> None:
    arranging.link(
        ticket=ticket,
        service=given["service"] if "service" in changed else ticket.service,
        invoice=given["invoice"] if "invoice" in changed else ticket.invoice,
        actor=actor,
    )


def _split(ticket: Ticket, actor: User, given: Mapping) -> Ticket:
    return merging.split(ticket=ticket, messages=given["messages"], subject=given["subject"], actor=actor)
