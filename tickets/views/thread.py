"""One ticket: its messages, and what its customer can do with it."""

from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import limits
from accounts.roles import Ability
from billing import uploads
from billing.models import PaymentConfirmation
from billing.views.confirmations import download
from billing.views.invoice_page import answer_by
from billing.views.lookups import abilities_at
from tickets import access, closing, promises, reading, replies
from tickets.forms.messages import MessageForm, RatingForm
from tickets.models import Attachment, Message, Ticket
from tickets.refusals import TicketRefused

# More than nearly every ticket has; the others begin with their newest and a link to all.
MESSAGES_SHOWN = 100


@require_safe
def ticket(request: HttpRequest, number: str) -> HttpResponse:
    found = access.find(request.user, number)
    if found.merged_into_id:
        messages.info(request, _("Tiket %(number)s sudah digabungkan ke tiket ini.") % {"number": found.number})
        return redirect(replies.whole(found))
    page = _page_of(request, found)
    if request.method == "GET" and page["thread"]:
        reading.mark_seen(ticket=found, user=request.user, until=page["thread"][-1].created_at)
    return render(request, "tickets/ticket.html", page)


def _page_of(request: HttpRequest, found: Ticket, **forms) -> dict:
    """``forms`` are those that came back with errors, by their name in the template."""
    thread, more = _thread(found, everything="all" in request.GET)
    allowed = abilities_at(request, found.customer_id) if found.customer_id else frozenset()
    may_reply = not found.customer or Ability.OPEN_TICKETS in allowed
    rateable = may_reply and found.is_closed and found.rating is None
    return {
        "ticket": found,
        "thread": thread,
        "more_messages": more,
        "received": _received(found, request.user, thread),
        "first_unseen": _first_unseen(found, request.user, thread),
        "promise": promises.answer_words(found),
        "confirmations": _confirmations(found),
        "continued_by": found.continued_by.all(),
        "sees_invoices": Ability.SEE_INVOICES in allowed,
        "may_reply": may_reply,
        "is_over": replies.is_over(found),
        "form": (forms.get("form") or MessageForm()) if may_reply else None,
        "rating_form": (forms.get("rating_form") or RatingForm()) if rateable else None,
    }


def _thread(found: Ticket, *, everything: bool) -> tuple[list[Message], int]:
    """The messages to show, oldest first, and how many older ones there are."""
    newest_first = (
        found.messages.select_related("author").prefetch_related("attachments").order_by("-created_at", "-pk")
    )
    shown = list(newest_first if everything else newest_first[:MESSAGES_SHOWN])
    return shown[::-1], max(0, found.message_count - len(shown))


def _first_unseen(found: Ticket, user, thread: list[Message]) -> Message | None:
    """Where "Pesan baru" is drawn: the first message of staff since the person last looked."""
    seen = reading.seen_until(ticket=found, user=user)
    return next((one for one in thread if one.from_staff and (seen is None or one.created_at > seen)), None)


def _confirmations(found: Ticket) -> list[tuple[PaymentConfirmation, datetime]]:
    """Payments that were confirmed here, each with when its verification is promised (K7)."""
    links = found.confirmations.select_related("confirmation__invoice")
    return [(link.confirmation, answer_by(link.confirmation)) for link in links]


def _received(found: Ticket, user, thread: list[Message]) -> str:
    """The keys of what the person wrote: the browser may forget its drafts of them."""
    keys = [one.submission_key for one in thread if one.author_id == user.pk]
    if found.opened_by_id == user.pk:
        keys.append(found.submission_key)
    return " ".join(str(key) for key in keys if key)


def _find_to_write(request: HttpRequest, number: str) -> Ticket:
    """Raises ``PermissionDenied`` for who may only read it."""
    found = access.find(request.user, number)
    if not access.may_reply(request.user, found):
        raise PermissionDenied(Ability.OPEN_TICKETS.label)
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, number: str) -> HttpResponse:
    found = _find_to_write(request, number)
    if request.method != "POST":
        return redirect(f"{found.get_absolute_url()}#reply")
    form = MessageForm(request.POST, request.FILES)
    message = _send(request, form, found)
    if message is None:
        return render(request, "tickets/ticket.html", _page_of(request, found, form=form), status=422)
    if message.ticket != found:
        words = _("Tiket sebelumnya sudah lama selesai, jadi pesan Anda membuka tiket baru yang bersambung.")
        messages.info(request, words)
    return redirect(f"{message.ticket.get_absolute_url()}#message-{message.pk}")


def _send(request: HttpRequest, form: MessageForm, found: Ticket) -> Message | None:
    """Write the reply that the form holds; what is refused stands in it as errors."""
    if request.FILES and not limits.allow("upload", request.user.pk):
        form.add_error(None, _("Terlalu banyak unggahan dalam waktu singkat. Coba lagi beberapa menit lagi."))
    if not form.is_valid():
        return None
    fields = dict(form.cleaned_data)
    try:
        return replies.reply_as_customer(ticket=found, actor=request.user, key=fields.pop("submission_key"), **fields)
    except ValidationError as error:
        form.add_error(None, error)
    except (TicketRefused, uploads.CannotStore) as error:
        form.add_error(None, str(error))
    return None


@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    found = _find_to_write(request, number)
    return _done(request, found, closing.close, _("Tiket ditutup. Terima kasih."))


@require_POST
def reopen(request: HttpRequest, number: str) -> HttpResponse:
    found = _find_to_write(request, number)
    return _done(request, found, closing.reopen, _("Tiket dibuka lagi. Tulis apa yang masih perlu kami kerjakan."))


def _done(request: HttpRequest, found: Ticket, act, words: str) -> HttpResponse:
    try:
        act(ticket=found, actor=request.user)
        messages.success(request, words)
    except TicketRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    found = _find_to_write(request, number)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return render(request, "tickets/ticket.html", _page_of(request, found, rating_form=form), status=422)
    try:
        closing.rate(ticket=found, actor=request.user, **form.cleaned_data)
        messages.success(request, _("Terima kasih atas penilaian Anda."))
    except TicketRefused as refusal:
        messages.error(request, str(refusal))
    return redirect(found)


@require_safe
def attachment(request: HttpRequest, number: str, pk: int) -> FileResponse:
    """A file of a message as a download, for whoever may read the ticket: never shown inside a page of ours (Q3)."""
    found = _of_staff(request, number) or access.find(request.user, number)
    # The messages of a merged ticket moved on with their files.
    files = Attachment.objects.filter(message__ticket=replies.whole(found))
    return download(get_object_or_404(files, pk=pk))


def _of_staff(request: HttpRequest, number: str) -> Ticket | None:
    """The ticket, for who reads it in the admin."""
    if not request.user.has_perm("tickets.view_ticket"):
        return None
    return Ticket.objects.for_staff(request.user).filter(number=number.upper()).first()
