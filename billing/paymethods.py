"""Choosing how an invoice is paid."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import transitions
from billing.models import Invoice, PaymentConfirmation, PaymentMethod


class CannotChoose(Exception):
    """The invoice's method stays as it is; the words say why."""


@transaction.atomic
def choose(*, invoice: Invoice, method: PaymentMethod, actor: User | None) -> None:
    """Pay an open invoice another way from now on; the same way again changes nothing. Raises ``CannotChoose``."""
    if method.pk == invoice.payment_method_id:
        return
    if not method.active:
        raise CannotChoose(_("Metode pembayaran ini tidak lagi tersedia."))
    changed = Invoice.objects.filter(pk=invoice.pk, status=Invoice.Status.UNPAID).update(payment_method=method)
    if not changed:
        raise CannotChoose(_("Tagihan ini tidak lagi menunggu pembayaran."))
    # Asked after the update: a confirmation that was sent meanwhile held this row, so it is seen here.
    if invoice.confirmations.filter(status=PaymentConfirmation.Status.SUBMITTED).exists():
        raise CannotChoose(_("Konfirmasi pembayaran Anda sedang diperiksa."))
    invoice.payment_method = method
    transitions.remark(invoice, "payment_method_changed", actor=actor, note=method.name_id)
