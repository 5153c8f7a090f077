"""From when on a service is to be paid for: follows from the periods that were invoiced and what became of the invoices."""

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
    settle_dates(services_of(invoice))
