"""How an invoice can be paid, and choosing it."""

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import gateways, transitions
from billing.models import Invoice, PaymentConfirmation, PaymentMethod
from catalog import snapshots


class CannotChoose(Exception):
    """The invoice's method stays as it is; the words say why."""


def active() -> Sequence[PaymentMethod]:
    """The methods that staff switched on and whose keys the shop has, in their order."""
    return [method for method in PaymentMethod.objects.filter(active=True) if gateways.is_offered(method)]


def offered() -> Sequence[PaymentMethod]:
    """The same as this process read them lately, to be shown."""
    return snapshots.remember("payment-methods", active)


def others(invoice: Invoice) -> Sequence[PaymentMethod]:
    """What an open invoice could be paid by instead, to be shown."""
    return [method for method in offered() if method.pk != invoice.payment_method_id and not _refusal(invoice, method)]


def _refusal(invoice: Invoice, method: PaymentMethod) -> str:
    return gateways.for_method(method).refusal(invoice.balance, invoice.currency)


@transaction.atomic
def choose(*, invoice: Invoice, method: PaymentMethod, actor: User | None) -> None:
    """Pay an open invoice another way from now on; the same way again changes nothing. Raises ``CannotChoose``."""
    if method.pk == invoice.payment_method_id:
        return
    if not gateways.is_offered(method):
        raise CannotChoose(_("Metode pembayaran ini tidak lagi tersedia."))
    refusal = _refusal(invoice, method)
    if refusal:
        raise CannotChoose(refusal)
    changed = Invoice.objects.filter(pk=invoice.pk, status=Invoice.Status.UNPAID).update(payment_method=method)
    if not changed:
        raise CannotChoose(_("Tagihan ini tidak lagi menunggu pembayaran."))
    # Asked after the update: a confirmation that was sent meanwhile held this row, so it is seen here.
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        raise CannotChoose(_("Konfirmasi pembayaran Anda sedang diperiksa."))
    invoice.payment_method = method
    transitions.remark(invoice, "payment_method_changed", actor=actor, note=method.name_id)
