"""Handing a service over to another customer: offered to an address, agreed to by whoever holds the link sent there.

The service moves with all its parts and its login details. What was invoiced, paid, asked and signed stays with the old
customer; a renewal that is not paid is taken back and invoiced anew to the new one.
"""

import functools
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import crypto, invitations, outbox
from accounts.models import Customer, User
from billing import failures, lifecycle, notices, payments, replacing, signals, transitions
from billing.models import Invoice, Order, Service, ServiceChange, ServiceTransfer

STEP = "transfer"
DAYS_TO_ANSWER = 14


class CannotTransfer(Exception):
    """The service stays where it is; the words say why."""


@dataclass
class Report:
    expired: int = 0
    failed: int = 0


def can_be_offered(service: Service) -> bool:
    """Whether it can be handed over: it runs, goes on, and is no part of another."""
    return service.status == Service.Status.ACTIVE and service.parent_id is None and service.ends_on is None


def open_of(service: Service) -> ServiceTransfer | None:
    """The offer that waits for an answer."""
    return ServiceTransfer.objects.to_answer(timezone.now()).filter(service=service).first()


def find(token: str) -> ServiceTransfer | None:
    """The offer that a link's token opens, answered ones too."""
    found = ServiceTransfer.objects.select_related("service", "from_customer", "to_customer")
    return found.filter(token_hash=invitations.hash_of(token)).first()


@transaction.atomic
def offer(*, service: Service, email: str, actor: User) -> ServiceTransfer:
    """Offer the service to an address, known here or not: the answer is the same. Good for 14 days.

    Raises ``CannotTransfer``.
    """
    transitions.hold(service)
    _require_free(service)
    if open_of(service):
        raise CannotTransfer(_("Layanan ini sudah ditawarkan. Tarik dahulu tawaran itu."))
    # One whose days are over and that no run has closed yet.
    ServiceTransfer.objects.unanswered().filter(service=service).update(withdrawn_at=timezone.now())
    token = secrets.token_urlsafe(32)
    made = ServiceTransfer.objects.create(
        service=service,
        from_customer=service.customer,
        email=email.strip().lower(),
        token_hash=invitations.hash_of(token),
        offered_by=actor,
        expires_at=_midnight_after(timezone.localdate() + timedelta(days=DAYS_TO_ANSWER)),
    )
    transitions.remark(service, "transfer_offered", actor=actor, note=made.email)
    address = outbox.absolute(reverse("billing:transfer", args=[token]))
    notices.transfer_offered(made, crypto.encrypt(address))
    return made


def _midnight_after(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


def _require_free(service: Service) -> None:
    """Raises ``CannotTransfer`` where something about the service is still open. The service's row is held."""
    if not can_be_offered(service):
        raise CannotTransfer(_("Hanya layanan yang berjalan dan tidak berhenti yang dapat dipindahkan."))
    if service.order.status == Order.Status.PENDING:
        raise CannotTransfer(_("Pesanan layanan ini belum dibayar."))
    unpaid = _open_invoices(service).exclude(kind=Invoice.Kind.RENEWAL).order_by("due_on", "pk").first()
    if unpaid:
        raise CannotTransfer(_("Bayar dahulu tagihan %(number)s untuk layanan ini.") % {"number": unpaid})
    if ServiceChange.objects.filter(service=service, applied_at=None, cancelled_at=None).exists():
        raise CannotTransfer(_("Perubahan layanan ini belum selesai. Bayar atau batalkan dahulu."))
    signals.service_transferring.send(sender=Service, service=service)


def _open_invoices(service: Service) -> models.QuerySet[Invoice]:
    of_service = Q(lines__service=service) | Q(lines__service__parent=service)
    return Invoice.objects.open().filter(of_service).distinct()


@transaction.atomic
def accept(*, transfer: ServiceTransfer, customer: Customer, actor: User) -> Service:
    """Move the service with its parts to the customer for whom the actor agrees.

    Raises ``CannotTransfer`` where the offer is answered, withdrawn or over, the service is that customer's already, or
    something about it is open, such as a renewal that somebody is paying just now.
    """
    service = Service.objects.select_related("customer", "order").get(pk=transfer.service_id)
    renewals = payments.in_locking_order(list(_open_invoices(service)))
    for invoice in renewals:
        transitions.hold(invoice)
    parts = _held(service)
    if {one.pk for one in _open_invoices(service)} - {one.pk for one in renewals}:
        raise CannotTransfer(_("Layanan ini baru saja ditagih. Coba lagi."))
    if service.customer_id == customer.pk:
        raise CannotTransfer(_("Layanan ini sudah milik %(customer)s.") % {"customer": customer})
    _require_free(service)
    _answer(transfer, accepted_at=timezone.now(), to_customer=customer, accepted_by=actor)
    _take_back(renewals, parts, actor)
    Service.objects.filter(pk__in=[part.pk for part in parts]).update(customer=customer)
    note = f"{transfer.from_customer} → {customer}"
    for part in parts:
        transitions.remark(part, "transferred", actor=actor, note=note)
    signals.service_transferred.send(sender=Service, service=service, from_customer=transfer.from_customer)
    notices.transfer_accepted(transfer)
    service.refresh_from_db()
    return service


def _held(service: Service) -> list[Service]:
    """The service and its parts, each row kept until the transaction ends."""
    transitions.hold(service)
    parts = [service, *service.children.order_by("pk")]
    for part in parts[1:]:
        transitions.hold(part)
    return parts


def _take_back(renewals: Sequence[Invoice], parts: Sequence[Service], actor: User) -> None:
    for invoice in renewals:
        if invoice.status != Invoice.Status.UNPAID:
            continue
        try:
            replacing.take_out(invoice=invoice, services=parts, actor=actor)
        except lifecycle.CannotCancel:
            words = _("Tagihan %(number)s untuk layanan ini sedang dibayar. Coba lagi sesudah lunas.")
            raise CannotTransfer(words % {"number": invoice}) from None


def _answer(transfer: ServiceTransfer, **changes) -> None:
    """The update decides who answers first. Raises ``CannotTransfer``."""
    if not ServiceTransfer.objects.to_answer(timezone.now()).filter(pk=transfer.pk).update(**changes):
        raise CannotTransfer(_("Tawaran ini sudah dijawab, ditarik, atau lewat waktunya."))
    transfer.refresh_from_db()


@transaction.atomic
def decline(*, transfer: ServiceTransfer, actor: User) -> None:
    """The receiver says no; the giver is told. Raises ``CannotTransfer``."""
    service = Service.objects.get(pk=transfer.service_id)
    transitions.hold(service)
    _answer(transfer, declined_at=timezone.now())
    transitions.remark(service, "transfer_declined", actor=actor)
    notices.transfer_not_taken(transfer, "declined")


@transaction.atomic
def withdraw(*, transfer: ServiceTransfer, actor: User) -> None:
    """The giver takes the offer back; the receiver is told. Raises ``CannotTransfer``."""
    service = Service.objects.get(pk=transfer.service_id)
    transitions.hold(service)
    _answer(transfer, withdrawn_at=timezone.now())
    transitions.remark(service, "transfer_withdrawn", actor=actor)
    notices.transfer_withdrawn(transfer)


def expire_due(today: date) -> Report:
    """Close the offers whose days are over by ``today``, and tell their givers. One failure stops no other."""
    report = Report()
    over = ServiceTransfer.objects.unanswered().filter(expires_at__lte=_midnight_after(today - timedelta(days=1)))
    for pk, customer_id in list(over.order_by("pk").values_list("pk", "from_customer")):
        act = functools.partial(expire, pk, today)
        done = failures.guarded(STEP, f"transfer:{pk}", act, customer_id=customer_id)
        report.expired += done or 0
        report.failed += done is None
    return report


@transaction.atomic
def expire(transfer_id: int, today: date) -> int:
    """Close one offer; 0 where it was answered meanwhile."""
    transfer = ServiceTransfer.objects.select_related("service").get(pk=transfer_id)
    transitions.hold(transfer.service)
    if not ServiceTransfer.objects.unanswered().filter(pk=transfer.pk).update(withdrawn_at=timezone.now()):
        return 0
    transitions.remark(transfer.service, "transfer_expired", actor=None)
    notices.transfer_not_taken(transfer, "expired")
    return 1
