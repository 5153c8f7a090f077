"""Tickets end, begin again, and are rated once."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import User
from tickets import access, notices, transitions, writing
from tickets.models import Ticket
from tickets.refusals import AlreadyRated, MergedAway, NotClosed, TooLateToReopen

Status = Ticket.Status


@transaction.atomic
def close(*, ticket: Ticket, actor: User | None, only_if: Q | None = None) -> None:
    """Customer, staff, or nobody (automation) ends the ticket; a closed one stays as it is.

    The customer's people are emailed unless one of them did it. Raises ``NotAllowed``, and ``InvalidTransition`` where
    ``only_if`` does not hold.
    """
    by_customer = actor is not None and not access.may_answer(actor, ticket)
    if by_customer:
        access.require_reply(actor, ticket)
    transitions.hold(ticket)
    if ticket.is_closed:
        return
    transitions.move(
        ticket,
        Status.CLOSED,
        actor=actor,
        only_if=only_if,
        closed_at=timezone.now(),
        resolution_due_at=None,
        **writing.answered(),
    )
    if not by_customer:
        notices.closed(writing.system(ticket=ticket, text=_farewell(ticket, by_itself=actor is None)))


def _farewell(ticket: Ticket, *, by_itself: bool) -> str:
    days = ticket.department.reopen_days
    with translation.override(ticket.language):
        why = _("Tiket ini ditutup karena lama tidak ada kabar.") if by_itself else _("Tiket ini kami tandai selesai.")
        how = ngettext(
            "Masih ada pertanyaan? Balas dalam %(days)d hari dan tiket ini terbuka lagi.",
            "Masih ada pertanyaan? Balas dalam %(days)d hari dan tiket ini terbuka lagi.",
            days,
        ) % {"days": days}
        return f"{why} {how}"


@transaction.atomic
def reopen(*, ticket: Ticket, actor: User) -> None:
    """Open a closed ticket again: staff whenever it likes, the customer within the department's ``reopen_days``.

    One that is open stays as it is. Raises ``NotAllowed``, ``MergedAway``, ``TooLateToReopen``.
    """
    by_staff = access.may_answer(actor, ticket)
    if not by_staff:
        access.require_reply(actor, ticket)
    writing.hold(ticket)
    if not ticket.is_closed:
        return
    now = timezone.now()
    if by_staff:
        transitions.move(ticket, Status.IN_PROGRESS, actor=actor, **writing.reopened(ticket))
        return
    if ticket.can_be_reopened_until < now:
        raise TooLateToReopen
    changes = {**writing.reopened(ticket), **writing.our_turn(ticket, now)}
    transitions.move(ticket, Status.CUSTOMER_REPLY, actor=actor, **changes)


@transaction.atomic
def rate(*, ticket: Ticket, actor: User, good: bool, comment: str = "") -> None:
    """Whether the shop helped, said once, when the ticket is closed (Q4).

    Raises ``NotAllowed``, ``NotClosed``, ``AlreadyRated``, ``MergedAway``.
    """
    access.require_reply(actor, ticket)
    rating = Ticket.Rating.GOOD if good else Ticket.Rating.BAD
    comment = writing.clean_body(comment) if comment.strip() else ""
    rated = Ticket.objects.filter(pk=ticket.pk, status=Status.CLOSED, rating=None, merged_into=None).update(
        rating=rating, rating_comment=comment, rated_at=timezone.now()
    )
    ticket.refresh_from_db()
    if not rated:
        raise _why_not_rated(ticket)
    transitions.remark(ticket, "rated", actor=actor, note=rating.label)


def _why_not_rated(ticket: Ticket) -> Exception:
    if ticket.merged_into_id:
        return MergedAway(ticket)
    return AlreadyRated() if ticket.rating is not None else NotClosed()
