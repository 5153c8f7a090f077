"""From when on a service is to be paid for: follows from the periods that were invoiced and what became of the invoices."""

from collections.abc import Iterable

from django.db import models
from django.db.models import F
from django.db.models.functions import Coalesce

from accounts.models import User
from billing.models import Invoice, InvoiceLine, Service


def settle_dates(services: models.QuerySet[Service]) -> None:
    """``next_due`` is the first period that is still to pay; where none is, the first that is not invoiced.

    Call it when a renewal invoice is paid or cancelled: what was cancelled is waived.
    """
    open_periods = InvoiceLine.objects.filter(
        service=models.OuterRef("pk"), kind="renewal", replaced=False, invoice__status=Invoice.Status.UNPAID
    ).order_by("period_start")
    first = models.Subquery(open_periods.values("period_start")[:1])
    services.filter(renews_from__isnull=False).update(next_due=Coalesce(first, F("renews_from")))


def services_of(invoice: Invoice) -> models.QuerySet[Service]:
    """The services that the invoice renews."""
    renewed = InvoiceLine.objects.filter(invoice=invoice, kind="renewal", service__isnull=False)
    return Service.objects.filter(pk__in=renewed.values("service"))


def renewal_voided(invoice: Invoice, _actor: User | None) -> None:
    """What was cancelled is waived; but for periods that were asked for before their time: those are invoiced in theirs."""
    if invoice.early:
        lines = list(invoice.lines.filter(replaced=False))
        InvoiceLine.objects.filter(pk__in=[line.pk for line in lines]).update(replaced=True)
        give_back(lines)
    settle_dates(services_of(invoice))


def give_back(lines: Iterable[InvoiceLine]) -> None:
    """The lines' periods are not invoiced any more, and the discounted renewals that they used are there again (D2)."""
    for line in lines:
        service = Service.objects.filter(pk=line.service_id)
        service.filter(renews_from__gt=line.period_start).update(renews_from=line.period_start, renewed_on=None)
        if line.discount:
            service.filter(discounted_renewals_left__isnull=False).update(
                discounted_renewals_left=F("discounted_renewals_left") + 1
            )
