"""One ticket: what was said and noted, who asks, the reply, the note, and who else is here."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.core.exceptions import ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext

from accounts.roles import Role
from billing import uploads
from billing.admin.files import shown_or_downloaded
from tickets import access, canned, presence, promises, replies
from tickets.admin import deciding
from tickets.admin.customer import card_of
from tickets.admin.forms import NoteForm, PresenceForm, ReplyForm
from tickets.admin.lookup import find, require_look, thread_of
from tickets.models import Attachment, Message, StaffNote, Ticket
from tickets.refusals import SomebodyWasFaster, TicketRefused


@dataclass(frozen=True)
class Entry:
    """A line of the thread. ``kind`` is customer, staff, system or note; only notes are hidden from customers."""

    kind: str
    pk: int
    author: str
    at: datetime
    body: str
    by_email: bool = False
    attachments: Sequence[Attachment] = ()

    @classmethod
    def of_message(cls, message: Message) -> "Entry":
        system = message.channel == Message.Channel.SYSTEM
        side = "staff" if message.from_staff else "customer"
        return cls(
            kind="system" if system else side,
            pk=message.pk,
            author=str(message.author or "")
            or (gettext("sistem") if system else gettext("orang yang akunnya dihapus")),
            at=message.created_at,
            body=message.body,
            by_email=message.channel == Message.Channel.EMAIL,
            attachments=list(message.attachments.all()),
        )

    @classmethod
    def of_note(cls, note: StaffNote) -> "Entry":
        author = str(note.author or "") or gettext("orang yang akunnya dihapus")
        return cls(kind="note", pk=note.pk, author=author, at=note.created_at, body=note.body)


class ThreadPages(ModelAdmin):
    """Adds a ticket's page, and what is written on it, to the admin of tickets."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<int:ticket_id>/thread/", view(self.thread), name="tickets_thread"),
            path("<int:ticket_id>/reply/", view(self.reply), name="tickets_reply"),
            path("<int:ticket_id>/note/", view(self.note), name="tickets_note"),
            path("<int:ticket_id>/presence/", view(self.presence), name="tickets_presence"),
            path("<int:ticket_id>/canned/", view(self.canned), name="tickets_canned"),
            path("attachments/<int:attachment_id>/", view(self.attachment), name="tickets_attachment"),
            *super().get_urls(),
        ]

    def thread(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        ticket = find(request, ticket_id)
        if ticket.merged_into_id:
            words = {"number": ticket.number, "into": ticket.merged_into.number}
            messages.info(
                request, gettext("Tiket %(number)s sudah digabungkan ke %(into)s, yang terbuka di sini.") % words
            )
            return redirect(thread_of(ticket.merged_into))
        return self.page(request, ticket)

    def page(self, request: HttpRequest, ticket: Ticket, *, status: int = 200, **parts) -> HttpResponse:
        """The ticket's page, with forms that came back in ``parts``."""
        context = {
            **self.admin_site.each_context(request),
            "title": str(ticket),
            "opts": self.model._meta,
            **_context(request, ticket),
            **parts,
        }
        return TemplateResponse(request, "admin/tickets/thread.html", context, status=status)

    def reply(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        ticket = find(request, ticket_id, to_answer=True)
        if request.method != "POST":
            return redirect(thread_of(ticket))
        form = ReplyForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.page(request, ticket, reply=form, status=422)
        given = form.cleaned_data
        try:
            message = replies.reply_as_staff(
                ticket=ticket,
                actor=request.user,
                body=given["body"],
                files=given["files"],
                key=given["key"],
                seen_message_id=given["seen"],
                then=given["then"],
            )
        except SomebodyWasFaster as faster:
            return self._faster(request, ticket, given["seen"] or 0, faster)
        except ValidationError as error:
            form.add_error(None, error)
        except (TicketRefused, uploads.CannotStore) as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Balasan terkirim."))
            return _onwards(request, ticket, f"#message-{message.pk}")
        return self.page(request, ticket, reply=form, status=422)

    def _faster(self, request: HttpRequest, ticket: Ticket, seen: int, faster: SomebodyWasFaster) -> HttpResponse:
        """The new messages above the kept text; sent again from there, they count as read."""
        posted = request.POST.copy()
        posted[f"{ReplyForm.prefix}-seen"] = str(faster.message.pk)
        newer = ticket.messages.filter(pk__gt=seen).select_related("author").prefetch_related("attachments")
        parts = {
            "reply": ReplyForm(posted),
            "faster": faster,
            "newer": [Entry.of_message(one) for one in newer],
            "lost_files": bool(request.FILES),
        }
        return self.page(request, ticket, status=422, **parts)

    def note(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        ticket = find(request, ticket_id, to_answer=True)
        if request.method != "POST":
            return redirect(thread_of(ticket))
        form = NoteForm(request.POST)
        if not form.is_valid():
            return self.page(request, ticket, note=form, status=422)
        given = form.cleaned_data
        try:
            note = replies.add_note(ticket=ticket, actor=request.user, body=given["body"], key=given["key"])
        except ValidationError as error:
            form.add_error(None, error)
        except TicketRefused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, gettext("Catatan internal disimpan."))
            return redirect(f"{thread_of(ticket)}#note-{note.pk}")
        return self.page(request, ticket, note=form, status=422)

    def presence(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        """The page's sign of life; the answer says who else is here and whether there is news, if that is news itself."""
        ticket = find(request, ticket_id, to_answer=True)
        form = PresenceForm(request.POST)
        if request.method != "POST" or not form.is_valid():
            return redirect(thread_of(ticket))
        given = form.cleaned_data
        presence.be_here(ticket=ticket, user=request.user, writing=given["writing"])
        newest = ticket.messages.order_by("-pk").select_related("author").first()
        news = newest if newest and newest.pk > (given["seen"] or 0) else None
        context = {"others": presence.others(ticket=ticket, user=request.user), "news": news, "ticket": ticket}
        words = render_to_string("admin/tickets/_presence_words.html", context)
        shown = hashlib.sha256(words.encode()).hexdigest()[:16]
        if shown == given["shown"]:
            return HttpResponse(status=204)
        context |= {"words": words, "shown": shown, "seen": given["seen"]}
        return TemplateResponse(request, "admin/tickets/_presence.html", context)

    def canned(self, request: HttpRequest, ticket_id: int) -> HttpResponse:
        """The replies at hand, filled in for this ticket: beside the reply, or as a page that leads back to it."""
        ticket = find(request, ticket_id, to_answer=True)
        offered = [(one, canned.fill(one, ticket, request.user)) for one in canned.fitting(ticket)]
        context = {"ticket": ticket, "offered": offered}
        if request.htmx:
            return TemplateResponse(request, "admin/tickets/_canned.html", context)
        context |= {**self.admin_site.each_context(request), "title": gettext("Balasan siap pakai")}
        return TemplateResponse(request, "admin/tickets/canned.html", context)

    def attachment(self, request: HttpRequest, attachment_id: int) -> FileResponse:
        require_look(request)
        mine = Ticket.objects.for_staff(request.user)
        attachment = get_object_or_404(Attachment.objects.filter(message__ticket__in=mine), pk=attachment_id)
        return shown_or_downloaded(attachment, download="download" in request.GET)


def _onwards(request: HttpRequest, ticket: Ticket, anchor: str) -> HttpResponse:
    """Back to what was written, or to the next customer who waits."""
    if request.POST.get("go") == "next":
        following = Ticket.objects.for_staff(request.user).waiting().exclude(pk=ticket.pk).first()
        return redirect(thread_of(following) if following else "admin:tickets_inbox")
    return redirect(f"{thread_of(ticket)}{anchor}")


def _context(request: HttpRequest, ticket: Ticket) -> dict:
    said = list(ticket.messages.select_related("author").prefetch_related("attachments"))
    notes = ticket.notes.select_related("author")
    entries = [*map(Entry.of_message, said), *map(Entry.of_note, notes)]
    may_answer = request.user.has_perm(access.ANSWER)
    return {
        "ticket": ticket,
        "entries": sorted(entries, key=lambda entry: (entry.at, entry.pk)),
        "promise": promises.of_ticket(ticket),
        "may_answer": may_answer,
        "reply": _empty_reply(request, ticket, said) if may_answer else None,
        "note": NoteForm(),
        "seen": said[-1].pk if said else 0,
        "opener_role": Role(ticket.opener_role).label if ticket.opener_role else "",
        **card_of(request.user, ticket),
        **deciding.of_ticket(request.user, ticket, may_answer, said),
    }


def _empty_reply(request: HttpRequest, ticket: Ticket, said: list[Message]) -> ReplyForm:
    """With a canned reply in it where the page without scripts chose one."""
    body = ""
    chosen = request.GET.get("canned", "")
    if chosen.isdecimal():
        body = canned.fill(get_object_or_404(canned.fitting(ticket), pk=chosen), ticket, request.user)
    return ReplyForm(initial={"seen": max((one.pk for one in said), default=0), "body": body})
