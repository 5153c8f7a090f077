"""What onboarding does when billing tells of something, in the transaction of the event. Nobody acts: the system does."""

from collections.abc import Iterable

from django.dispatch import receiver
from django.utils.translation import gettext as _

from billing import signals
from billing.models import Invoice, Order, PaymentConfirmation, Service
from billing.transfers import CannotTransfer
from onboarding import opening, progress, stopping
from onboarding.models import Case
from onboarding.models.templates import Completion

_ENDED = (Service.Status.CANCELLED, Service.Status.TERMINATED)


@receiver(signals.order_placed, dispatch_uid="onboarding.open_cases")
def open_cases(*, order: Order, **_kwargs) -> None:
    opening.open_for_order(order=order, actor=order.placed_by)


@receiver(signals.invoice_paid, dispatch_uid="onboarding.move_paid_on")
def move_paid_on(*, invoice: Invoice, **_kwargs) -> None:
    for case in _cases_of(invoice):
        progress.satisfy(case=case, completion=Completion.INVOICE_PAID, actor=None)


@receiver(signals.payment_reversed, dispatch_uid="onboarding.move_unpaid_back")
def move_unpaid_back(*, invoice: Invoice, **_kwargs) -> None:
    for case in _cases_of(invoice):
        progress.undo_fact(case=case, completion=Completion.INVOICE_PAID, actor=None)


@receiver(signals.confirmation_submitted, dispatch_uid="onboarding.wait_for_verification")
@receiver(signals.confirmation_decided, dispatch_uid="onboarding.stop_waiting_for_verification")
def follow_the_confirmation(*, confirmation: PaymentConfirmation, **_kwargs) -> None:
    """Who said that they paid is not asked to pay, unless it was rejected."""
    for case in _cases_of(confirmation.invoice):
        progress.settle(case)


@receiver(signals.service_changed, dispatch_uid="onboarding.follow_the_service")
def follow_the_service(*, service: Service, to_status: str, **_kwargs) -> None:
    case = Case.objects.filter(service=service).first()
    if case is None:
        return
    if to_status == Service.Status.ACTIVE:
        progress.satisfy(case=case, completion=Completion.SERVICE_ACTIVE, actor=None)
    elif to_status in _ENDED:
        stopping.stop_with_service(case=case)


@receiver(signals.service_transferring, dispatch_uid="onboarding.keep_what_is_being_set_up")
def keep_what_is_being_set_up(*, service: Service, **_kwargs) -> None:
    """Documents, appointments and roles of a running case are its customer's: first that is done or stopped."""
    if Case.objects.filter(service=service, status=Case.Status.ACTIVE).exists():
        raise CannotTransfer(_("Onboarding layanan ini masih berjalan. Pindahkan setelah selesai."))


@receiver(signals.service_transferred, dispatch_uid="onboarding.let_go_of_the_service")
def let_go_of_the_service(*, service: Service, **_kwargs) -> None:
    """The case stays with the customer whose it was, and is not about the service any more."""
    Case.objects.filter(service=service).update(service=None)


def _cases_of(invoice: Invoice) -> Iterable[Case]:
    """Of an order's first invoice: renewals are paid when onboarding is over. Always in one order, for the locks."""
    if invoice.order_id is None:
        return []
    return list(Case.objects.filter(service__order=invoice.order_id).order_by("pk"))
