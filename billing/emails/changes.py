"""The emails of changed services: asked for, in effect, or cancelled because nobody paid."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import dates, outbox
from accounts.roles import Ability
from accounts.texts import Text
from billing.emails.about import account_of, how_to_pay, invoice_of, link, pdf_of, sample
from billing.models import Invoice, ServiceChange
from catalog.cycles import PER
from catalog.money import format_money


def _change(change_id: int) -> ServiceChange:
    return ServiceChange.objects.select_related("service__customer").get(pk=change_id)


def _changes(change: ServiceChange) -> list[tuple[str, str]]:
    """Each thing that changes, from what to what."""
    return [
        (str(_text(entry, "name")), f"{_text(entry, 'before')} → {_text(entry, 'after')}") for entry in change.words
    ]


def _text(entry: dict[str, str], name: str) -> Text:
    return Text(entry[f"{name}_id"], entry[f"{name}_en"])


@outbox.email(
    "billing/change_requested", sample=sample(lambda: ServiceChange.objects.exclude(invoice=None), change_id="pk")
)
def change_requested(*, change_id: int, reveal: bool) -> outbox.Content:
    """The bill of a change, with what it changes."""
    change = _change(change_id)
    invoice = invoice_of(change.invoice_id)
    context = {
        "service": change.service,
        "invoice": invoice,
        "buyer": invoice.buyer["name"],
        "facts": [*_changes(change), *account_of(invoice)],
        "pay_facts": how_to_pay(invoice),
        "link": link(invoice.get_absolute_url()),
        "to_pay": invoice.status == Invoice.Status.UNPAID,
    }
    return outbox.Content(context, pdf_of(invoice, reveal))


@outbox.email(
    "billing/change_applied",
    sample=sample(lambda: ServiceChange.objects.filter(applied_at__isnull=False), change_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def change_applied(*, change_id: int, reveal: bool) -> outbox.Content:
    change = _change(change_id)
    service = change.service
    price = f"{format_money(service.recurring_net, service.currency)} {PER[service.cycle]}"
    facts = [
        (pgettext("satu layanan", "Layanan"), str(service)),
        *_changes(change),
        (_("Harga perpanjangan (belum termasuk PPN)") if service.taxable else _("Harga perpanjangan"), price),
        (_("Jatuh tempo berikutnya"), dates.long_date(service.next_due)),
    ]
    if change.credited:
        facts.append((_("Menjadi kredit Anda (neto)"), format_money(change.credited, change.currency)))
    context = {"service": service, "customer": service.customer, "facts": facts}
    return outbox.Content({**context, "link": link(service.get_absolute_url())})


@outbox.email(
    "billing/change_cancelled",
    sample=sample(lambda: ServiceChange.objects.filter(cancelled_at__isnull=False), change_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def change_cancelled(*, change_id: int, reveal: bool) -> outbox.Content:
    change = _change(change_id)
    context = {
        "service": change.service,
        "customer": change.service.customer,
        "facts": [(pgettext("satu layanan", "Layanan"), str(change.service)), *_changes(change)],
    }
    return outbox.Content({**context, "link": link(change.service.get_absolute_url())})


@outbox.email(
    "billing/change_to_carry_out",
    sample=sample(lambda: ServiceChange.objects.filter(applied_at__isnull=False), change_id="pk"),
)
def change_to_carry_out(*, change_id: int, reveal: bool) -> outbox.Content:
    """To staff: the customer has paid for more, or less, than what was set up."""
    change = _change(change_id)
    facts = [(_("Pelanggan"), change.service.customer.name), *_changes(change)]
    return outbox.Content({"service": change.service, "facts": facts})
