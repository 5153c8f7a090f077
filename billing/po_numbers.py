"""The buyer's own number for an invoice: whoever pays may still write it while the invoice is open."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from billing import transitions
from billing.models import Invoice


class CannotSet(Exception):
    """The invoice keeps the number it has; the words say why."""


@transaction.atomic
def set_number(*, invoice: Invoice, po_number: str, actor: User) -> None:
    """Write or take away an unpaid invoice's PO number; the same again changes nothing. Its PDF is made anew when asked for.

    Raises ``CannotSet``.
    """
    transitions.hold(invoice)
    if invoice.status != Invoice.Status.UNPAID:
        raise CannotSet(_("Nomor PO hanya dapat diubah selama tagihan belum dibayar."))
    before, wanted = invoice.po_number, po_number.strip()
    if wanted == before:
        return
    Invoice.objects.filter(pk=invoice.pk).update(po_number=wanted)
    invoice.po_number = wanted
    transitions.remark(invoice, "po_number_changed", actor=actor, note=f"{before or '–'} → {wanted or '–'}")
