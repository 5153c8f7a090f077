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
from billing.confirmations import ConfirmationRefused
from billing.models import PaymentConfirmation
from billing.views.confirmations import download
from billing.views.invoice_page import answer_by
from billing.views.lookups import abilities_at
from tickets import access, closing, payments, promises, reading, replies
from tickets.forms.messages import MessageForm, RatingForm
from tickets.forms.transfers import MessageForms, TransferForm
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
    if request.method == "GET":
        _mark_seen(request, found, page)
    return render(request, "tickets/ticket.html", page)


def _mark_seen(request: HttpRequest, found: Ticket, page: dict) -> None:
    """Writes only where the page shows what the person had not seen."""
    until = page["thread"][-1].created_at if page["thread"] else None
    if until and (page["seen_until"] is None or page["seen_until"] < until):
        reading.mark_seen(ticket=found, user=request.user, until=until)


def _page_of(request: HttpRequest, found: Ticket, **forms) -> dict:
    """``forms`` are those that came back with errors, by their name in the template."""
    seen = reading.seen_until(ticket=found, user=request.user)
    thread, more = _thread(found, everything="all" in request.GET)
    allowed = abilities_at(request, found.customer_id) if found.customer_id else frozenset()
    may_reply = not found.customer or Ability.OPEN_TICKETS in allowed
    form = forms.get("form") or (_reply_forms(request, found) if may_reply else None)
    rateable = may_reply and found.is_closed and found.rating is None
    return {
        "ticket": found,
        "thread": thread,
        "more_messages": more,
        "received": _received(found, request.user, thread),
        "seen_until": seen,
        "first_unseen": _first_unseen(thread, seen),
        "promise": promises.answer_words(found),
        "confirmations": _confirmations(found),
        "continued_by": found.continued_by.all(),
        "sees_invoices": Ability.SEE_INVOICES in allowed,
        "may_reply": may_reply,
        "is_over": replies.is_over(found),
        "form": form,
        "rating_form": (forms.get("rating_form") or RatingForm()) if rateable else None,
    }


def _thread(found: Ticket, *, everything: bool) -> tuple[list[Message], int]:
    """The messages to show, oldest first, and how many older ones there are."""
    newest_first = (
        found.messages.select_related("author").prefetch_related("attachments").order_by("-created_at", "-pk")
    )
    shown = list(newest_first if everything else newest_first[:MESSAGES_SHOWN])
    return shown[::-1], max(0, found.message_count - len(shown))


def _first_unseen(thread: list[Message], seen: datetime | None) -> Message | None:
    """Where "Pesan baru" is drawn: the first message of staff since the person last looked."""
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
    forms = _reply_forms(request, found)
    message = _send(request, forms, found)
    if message is None:
        return render(request, "tickets/ticket.html", _page_of(request, found, form=forms), status=422)
    if message.ticket != found:
        words = _("Tiket sebelumnya sudah lama selesai, jadi pesan Anda membuka tiket baru yang bersambung.")
        messages.info(request, words)
    return redirect(f"{message.ticket.get_absolute_url()}#message-{message.pk}")


def _reply_forms(request: HttpRequest, found: Ticket) -> MessageForms:
    """With the transfer's fields where the ticket's invoice can be confirmed."""
    data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    allowed = abilities_at(request, found.customer_id) if found.customer_id else frozenset()
    confirms = (
        Ability.CONFIRM in allowed
        and not found.is_closed
        and payments.takes_payments(found.department, found.invoice)
        # A page that did not show these fields says nothing about a transfer.
        and (data is None or "transfer-amount" in data)
    )
    return MessageForms(MessageForm(data, files), TransferForm(data, invoice=found.invoice) if confirms else None)


def _send(request: HttpRequest, forms: MessageForms, found: Ticket) -> Message | None:
    """Write the reply that the forms hold; what is refused stands in them as errors."""
    if request.FILES and not limits.allow("upload", request.user.pk):
        forms.refuse(_("Terlalu banyak unggahan dalam waktu singkat. Coba lagi beberapa menit lagi."))
    if not forms.is_valid():
        return None
    fields = dict(forms.message.cleaned_data)
    who = {"ticket": found, "actor": request.user, "key": fields.pop("submission_key")}
    transfer = forms.transfer.transfer if forms.transfer else None
    try:
        if transfer:
            return payments.confirm_in_ticket(invoice=found.invoice, transfer=transfer, **who, **fields)
        return replies.reply_as_customer(**who, **fields)
    except ValidationError as error:
        forms.refuse(error)
    except (TicketRefused, ConfirmationRefused, uploads.CannotStore) as error:
        forms.refuse(str(error))
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
