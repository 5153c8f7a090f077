"""The life of orders and services: activated once, by the product's rule; ended with all that belongs to them."""

from collections.abc import Iterable, Sequence

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import crypto
from accounts.models import User
from billing import effects, instalments, notices, transfer_codes, transitions
from billing.models import Invoice, Order, PaymentConfirmation, PromotionRedemption, Service
from catalog.cycles import Cycle
from catalog.models import Product, Promotion


class CannotCancel(Exception):
    """The invoice has to stay open (I6); nothing was changed."""


class MoneyAllocated(CannotCancel):
    def __init__(self, invoice: Invoice) -> None:
        super().__init__(_("Tagihan %(invoice)s sudah dibayar sebagian atau seluruhnya.") % {"invoice": invoice})


class ConfirmationWaiting(CannotCancel):
    def __init__(self, invoice: Invoice) -> None:
        super().__init__(_("Konfirmasi pembayaran untuk %(invoice)s menunggu verifikasi.") % {"invoice": invoice})


class BilledAndUnpaid(CannotCancel):
    """The customer would pay for what was cancelled: the order or the invoice has to go first."""

    def __init__(self, service: Service, invoice: Invoice) -> None:
        super().__init__(
            _("%(service)s ada di tagihan %(invoice)s yang belum dibayar. Batalkan pesanan atau tagihannya dahulu.")
            % {"service": service, "invoice": invoice}
        )


class NotOneTime(Exception):
    """Only a service that is paid one time can be completed; others go on until they are ended."""

    def __init__(self, service: Service) -> None:
        super().__init__(_("%(service)s bukan layanan sekali bayar.") % {"service": service})


@transaction.atomic
def activate(*, service: Service, actor: User | None, login_details: str = "") -> None:
    """Make a pending service active, keep its login details encrypted, and email them (S1, S8).

    Raises ``transitions.InvalidTransition`` where it is no longer pending: a second activation changes nothing.
    """
    _activate(service, actor, login_details)
    notices.service_active(service)


def _activate(service: Service, actor: User | None, login_details: str = "") -> None:
    changes = {"login_details_encrypted": crypto.encrypt(login_details)} if login_details else {}
    transitions.move(
        service,
        Service.Status.ACTIVE,
        actor=actor,
        only_if=models.Q(status=Service.Status.PENDING),
        activated_at=timezone.now(),
        activation_due_since=None,
        **changes,
    )


@transaction.atomic
def set_login_details(*, service: Service, actor: User, login_details: str) -> None:
    """Replace a service's login details; the event says that they changed, never what they are."""
    Service.objects.filter(pk=service.pk).update(login_details_encrypted=crypto.encrypt(login_details))
    service.refresh_from_db(fields=["login_details_encrypted"])
    transitions.remark(service, "login_details_changed", actor=actor)


def start_ordered(*, order: Order, actor: User | None) -> None:
    """Activate what its product's rule activates as soon as it is ordered."""
    _start(_pending(order.services), [Product.Activation.ON_ORDER], actor)


@transaction.atomic
def start_paid(*, invoice: Invoice, actor: User | None) -> None:
    """An invoice is paid: its order is active, its promotion used, and each of its services active or on staff's list.

    A later part of an order starts nothing: the first does.
    """
    if invoice.instalment_of_id:
        return
    order = invoice.order
    if order and order.status == Order.Status.PENDING:
        transitions.move(order, Order.Status.ACTIVE, actor=actor)
        PromotionRedemption.objects.filter(order=order, status=PromotionRedemption.Status.RESERVED).update(
            status=PromotionRedemption.Status.COMMITTED
        )
    services = Service.objects.filter(models.Q(order=order) | models.Q(invoice_lines__invoice=invoice)).distinct()
    waiting = _pending(services)
    _start(waiting, [Product.Activation.ON_ORDER, Product.Activation.ON_PAYMENT], actor)
    for service in waiting:
        if service.activation == Product.Activation.BY_STAFF:
            _await_staff(service, actor)


def _pending(services: models.QuerySet[Service]) -> list[Service]:
    """Parents before their children, and always in this order, so that two transactions cannot wait for each other."""
    return list(services.filter(status=Service.Status.PENDING).select_related("customer").order_by("pk"))


def _start(services: Sequence[Service], rules: Iterable[str], actor: User | None) -> None:
    """Activate those of the services whose rule is named. A child that starts with its parent needs no email of its own."""
    starting = [service for service in services if service.activation in rules]
    started = {service.pk for service in starting}
    for service in starting:
        _activate(service, actor)
        if service.parent_id not in started:
            notices.service_active(service)


def _await_staff(service: Service, actor: User | None) -> None:
    """Put a paid service on the list of those that staff activates, once."""
    due = Service.objects.filter(pk=service.pk, status=Service.Status.PENDING, activation_due_since=None)
    if due.update(activation_due_since=timezone.now()):
        transitions.remark(service, "activation_due", actor=actor)


@transaction.atomic
def start_added(*, service: Service, actor: User | None) -> None:
    """An add-on joined a service that runs, and is paid for: it starts by its rule, or goes on staff's list.

    Who added it tells the customer.
    """
    if service.activation == Product.Activation.BY_STAFF:
        _await_staff(service, actor)
    else:
        _activate(service, actor)


@transaction.atomic
def end_part(*, service: Service, actor: User | None, note: str) -> None:
    """End a part of a service that goes on without it; what is billed for it is the caller's matter.

    Raises ``transitions.InvalidTransition``.
    """
    to = Service.Status.TERMINATED if service.status == Service.Status.SUSPENDED else Service.Status.CANCELLED
    ended = {"ended_at": timezone.now(), "activation_due_since": None, "renews_from": None}
    transitions.move(service, to, actor=actor, note=note, suspended_at=None, suspended_because="", **ended)


@transaction.atomic
def complete(*, service: Service, actor: User | None, note: str = "") -> None:
    """A one-time service is delivered. Raises ``NotOneTime`` and ``transitions.InvalidTransition``."""
    if service.is_recurring:
        raise NotOneTime(service)
    transitions.move(
        service,
        Service.Status.COMPLETED,
        actor=actor,
        note=note,
        only_if=models.Q(cycle=Cycle.ONE_TIME),
        ended_at=timezone.now(),
    )


@transaction.atomic
def cancel_service(*, service: Service, actor: User | None, note: str = "") -> None:
    """Cancel a pending or active service, and with it everything that is part of it (P6).

    Raises ``BilledAndUnpaid`` and ``transitions.InvalidTransition``.
    """
    _cancel_service(service, actor, note)
    children = service.children.filter(status__in=transitions.sources(Service, Service.Status.CANCELLED))
    cancelled = [service, *children.order_by("pk")]
    for child in cancelled[1:]:
        _cancel_service(child, actor, note)
    billed = Invoice.objects.open().filter(lines__service__in=cancelled).first()
    if billed:
        raise BilledAndUnpaid(service, billed)


def _cancel_service(service: Service, actor: User | None, note: str) -> None:
    transitions.move(
        service,
        Service.Status.CANCELLED,
        actor=actor,
        note=note,
        ended_at=timezone.now(),
        activation_due_since=None,
        renews_from=None,
    )


@transaction.atomic
def cancel_order(*, order: Order, actor: User | None, note: str = "") -> None:
    """Cancel an unpaid order with its invoice and services; stock and promotion are free again, the customer is told.

    Raises ``CannotCancel`` while money or a confirmation is there, and ``transitions.InvalidTransition``.
    """
    _end_order(order, Order.Status.CANCELLED, actor, note)
    notices.order_cancelled(order)


@transaction.atomic
def mark_fraud(*, order: Order, actor: User, note: str) -> None:
    """As ``cancel_order``, for an order that nobody should hear of again: no email."""
    _end_order(order, Order.Status.FRAUD, actor, note)


def _end_order(order: Order, to: str, actor: User | None, note: str) -> None:
    # The invoice first: its row is what a payment or a confirmation that comes at the same time waits for.
    for invoice in instalments.parts_of(order):
        void(invoice=invoice, actor=actor, note=note)
    transitions.move(order, to, actor=actor, note=note)
    for service in order.services.filter(status__in=transitions.sources(Service, Service.Status.CANCELLED)).order_by(
        "pk"
    ):
        _cancel_service(service, actor, note)
    # In the order in which orders take them, so that the two cannot wait for each other.
    _release_promotion(order)
    _release_stock(order)


def void(*, invoice: Invoice, actor: User | None, note: str = "") -> None:
    """Cancel the document alone, in the caller's transaction. Raises ``CannotCancel`` (I6)."""
    try:
        transitions.move(invoice, Invoice.Status.CANCELLED, actor=actor, note=note, only_if=models.Q(amount_paid=0))
    except transitions.InvalidTransition:
        if invoice.amount_paid:
            raise MoneyAllocated(invoice) from None
        raise
    transfer_codes.close(invoice)
    effects.of(invoice).voided(invoice, actor)
    # Asked after the update: a confirmation that was sent meanwhile held this row, so it is seen here.
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        raise ConfirmationWaiting(invoice)


def _release_stock(order: Order) -> None:
    for service in order.services.filter(stock_held__gt=0).order_by("product_id", "pk"):
        if Service.objects.filter(pk=service.pk, stock_held=service.stock_held).update(stock_held=0):
            Product.objects.filter(pk=service.product_id).update(
                stock_taken=models.F("stock_taken") - service.stock_held
            )


def _release_promotion(order: Order) -> None:
    redemption = PromotionRedemption.objects.filter(order=order).first()
    if redemption and PromotionRedemption.objects.filter(
        pk=redemption.pk, status=PromotionRedemption.Status.RESERVED
    ).update(status=PromotionRedemption.Status.RELEASED):
        Promotion.objects.filter(pk=redemption.promotion_id).update(uses=models.F("uses") - 1)
