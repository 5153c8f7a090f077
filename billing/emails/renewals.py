"""The emails of renewals: the invoice, its reminders, and what happens to a service that is not paid for."""

from datetime import timedelta

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import dates, outbox
from accounts.roles import Ability
from billing.emails.about import account_of, facts_of, how_to_pay, invoice_of, is_confirmed, link, pdf_of, sample
from billing.models import Invoice, Service


def _to_pay(invoice: Invoice) -> dict:
    return {
        "invoice": invoice,
        "buyer": invoice.buyer["name"],
        "pay_facts": how_to_pay(invoice),
        "confirms": is_confirmed(invoice),
        "link": link(invoice.get_absolute_url()),
        "to_pay": invoice.status == Invoice.Status.UNPAID,
    }


@outbox.email(
    "billing/renewal_invoice",
    sample=sample(lambda: Invoice.objects.filter(kind=Invoice.Kind.RENEWAL, total__gt=0), invoice_id="pk"),
)
def renewal_invoice(*, invoice_id: int, reveal: bool) -> outbox.Content:
    """The bill. When credit has paid it already it says so instead of asking."""
    invoice = invoice_of(invoice_id)
    return outbox.Content({**_to_pay(invoice), "facts": account_of(invoice)}, pdf_of(invoice, reveal))


@outbox.email(
    "billing/payment_reminder",
    sample=sample(lambda: Invoice.objects.open().issued(), invoice_id="pk"),
)
def payment_reminder(*, invoice_id: int, reveal: bool) -> outbox.Content:
    """The words follow the day on which it is sent: a retry may be later than the run that promised it."""
    invoice = invoice_of(invoice_id)
    context = {
        **_to_pay(invoice),
        "facts": facts_of(invoice),
        "when": dates.relative_days(invoice.due_on),
        "overdue": invoice.is_overdue,
    }
    return outbox.Content(context, pdf_of(invoice, reveal))


@outbox.email(
    "billing/service_suspended",
    sample=sample(lambda: Invoice.objects.filter(lines__kind="renewal"), invoice_id="pk", service_id="lines__service"),
)
def service_suspended(*, service_id: int, invoice_id: int, reveal: bool) -> outbox.Content:
    invoice = invoice_of(invoice_id)
    service = Service.objects.get(pk=service_id)
    return outbox.Content({**_to_pay(invoice), "service": service, "facts": facts_of(invoice)})


@outbox.email(
    "billing/service_unsuspended",
    sample=sample(lambda: Service.objects.filter(status=Service.Status.ACTIVE), service_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def service_unsuspended(*, service_id: int, reveal: bool) -> outbox.Content:
    service = Service.objects.select_related("customer").get(pk=service_id)
    facts = [(_("Jatuh tempo berikutnya"), dates.long_date(service.next_due))] if service.next_due else []
    context = {"service": service, "customer": service.customer, "facts": facts}
    return outbox.Content({**context, "link": link(service.get_absolute_url())})


@outbox.email(
    "billing/end_requested",
    sample=sample(lambda: Service.objects.filter(ends_on__isnull=False), service_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def end_requested(*, service_id: int, reveal: bool) -> outbox.Content:
    return _about_service(service_id)


@outbox.email(
    "billing/service_ended",
    sample=sample(lambda: Service.objects.filter(ended_at__isnull=False), service_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def service_ended(*, service_id: int, reveal: bool) -> outbox.Content:
    return _about_service(service_id)


def _about_service(service_id: int) -> outbox.Content:
    """Its last day with us is the day before ``ends_on``."""
    service = Service.objects.select_related("customer").get(pk=service_id)
    facts = [(pgettext("satu layanan", "Layanan"), str(service))]
    if service.ends_on:
        facts.append((_("Hari terakhir"), dates.full_date(service.ends_on - timedelta(days=1))))
    context = {"service": service, "customer": service.customer, "facts": facts}
    return outbox.Content({**context, "link": link(service.get_absolute_url())})
