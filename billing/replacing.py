"""Issued invoices never change: one that says too much is cancelled, and a new one holds what is left of it."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from billing import drafting, lifecycle, periods
from billing.models import Invoice, InvoiceLine, Service


class CreditedInPart(lifecycle.CannotCancel):
    """A new invoice would ask again for what a credit note took off."""

    def __init__(self, invoice: Invoice) -> None:
        super().__init__(_("Tagihan %(invoice)s sudah dikoreksi dengan nota kredit.") % {"invoice": invoice})


@transaction.atomic
def take_out(*, invoice: Invoice, services: Collection[Service], actor: User | None) -> Invoice | None:
    """Take the services' lines off an unpaid renewal invoice: it is cancelled, and the other lines get a new invoice.

    Returns the new invoice, due as the old one was, or ``None`` where nothing is left. Raises ``lifecycle.CannotCancel``
    where money, a credit note or a confirmation is there, and ``transitions.InvalidTransition``; then nothing was changed.
    """
    if invoice.amount_credited:
        raise CreditedInPart(invoice)
    gone = {service.pk for service in services}
    lines = list(invoice.lines.all())
    kept = [line for line in lines if line.service_id not in gone]
    InvoiceLine.objects.filter(invoice=invoice).update(replaced=True)
    periods.give_back(line for line in lines if line.service_id in gone)
    lifecycle.void(invoice=invoice, actor=actor, note=", ".join(str(service) for service in services))
    if not kept:
        return None
    for line in kept:
        line.pk, line.replaced = None, False
    again = drafting.invoice_of(
        customer=invoice.customer,
        kind=invoice.kind,
        lines=kept,
        today=timezone.localdate(),
        currency=invoice.currency,
        actor=actor,
        note=invoice.number,
        language=invoice.language,
        payment_method=invoice.payment_method,
        due_on=invoice.due_on,
        early=invoice.early,
    )
    periods.settle_dates(periods.services_of(again))
    return again
