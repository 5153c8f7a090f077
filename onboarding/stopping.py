"""A case stops before it is live, and may be opened again (ON1, M1c). Reasons are for staff alone."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import lifecycle
from billing.models import Order, Service
from onboarding import access, appointments, changes, progress, settling, transitions
from onboarding.models import Case, Change
from onboarding.refusals import NotOpen, NotStopped, OrderStays, ReasonMissing, ServiceEnded


@transaction.atomic
def stop(*, case: Case, actor: User, reason: str, cancel_order: bool = False) -> None:
    """Stop a running case at the stage where it is; ``cancel_order``: its unpaid order is cancelled with it.

    Customers read that it stopped and when, never why. Raises ``NotAllowed``, ``NotOpen``, ``ReasonMissing``, and
    ``OrderStays`` where the order is paid or a payment waits to be verified; then nothing was changed.
    """
    access.require_stop(actor, case)
    if not reason.strip():
        raise ReasonMissing
    order = case.service.order if cancel_order and case.service else None
    if order is not None:
        # Billing's rows before the case, as a payment takes them.
        transitions.hold(order.invoice)
        for service in order.services.order_by("pk"):
            transitions.hold(service)
    _stop(case, actor, reason.strip())
    if order is not None:
        _cancel(order, case, actor)


@transaction.atomic
def reopen(*, case: Case, actor: User, reason: str) -> None:
    """Let a stopped case go on, at the first stage that is not over. Raises ``NotAllowed``, ``NotStopped``,
    ``ReasonMissing``, and ``ServiceEnded`` where its service was cancelled.
    """
    access.require_stop(actor, case)
    if not reason.strip():
        raise ReasonMissing
    transitions.hold(case)
    if case.status != Case.Status.STOPPED:
        raise NotStopped(case)
    if case.service and case.service.status in (Service.Status.CANCELLED, Service.Status.TERMINATED):
        raise ServiceEnded(case)
    transitions.move(case, Case.Status.ACTIVE, actor=actor, note=reason.strip(), stopped_at=None)
    changes.record(case=case, kind=Change.Kind.REOPENED, actor=actor)
    progress.reenter(case, actor)
    settling.settle(case)


@transaction.atomic
def stop_with_service(*, case: Case) -> None:
    """The service was cancelled before the case was live: nobody acts, and what is live or stopped stays so."""
    transitions.hold(case)
    if case.status == Case.Status.ACTIVE:
        _stop(case, None, _("Layanannya dibatalkan."))


def _stop(case: Case, actor: User | None, reason: str) -> None:
    transitions.hold(case)
    if case.status != Case.Status.ACTIVE:
        raise NotOpen(case)
    transitions.move(case, Case.Status.STOPPED, actor=actor, note=reason, stopped_at=timezone.now())
    appointments.cancel_coming(case=case, actor=actor)
    changes.record(case=case, kind=Change.Kind.STOPPED, actor=actor)
    settling.settle(case)


def _cancel(order: Order, case: Case, actor: User) -> None:
    """The service's end finds the case stopped already."""
    note = _("Onboarding %(number)s berhenti.") % {"number": case.number}
    try:
        lifecycle.cancel_order(order=order, actor=actor, note=note)
    except lifecycle.CannotCancel as error:
        raise OrderStays(str(error)) from error
    except transitions.InvalidTransition as error:
        raise OrderStays(_("Pesanan %(order)s tidak dapat dibatalkan lagi.") % {"order": order}) from error
