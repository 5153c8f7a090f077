"""The emails of tax invoices: the file, or why there is none."""

from django.utils.translation import gettext as _

from accounts import dates, outbox
from billing.emails.about import link, names_of, sample
from billing.models import TaxInvoice


def _about(tax_invoice_id: int) -> tuple[TaxInvoice, dict]:
    found = TaxInvoice.objects.select_related("invoice__customer").get(pk=tax_invoice_id)
    invoice = found.invoice
    context = {
        "invoice": invoice,
        "buyer": invoice.buyer["name"],
        "facts": names_of(invoice),
        "link": link(invoice.get_absolute_url()),
    }
    return found, context


@outbox.email(
    "billing/tax_invoice_filed",
    sample=sample(lambda: TaxInvoice.objects.filter(filed_at__isnull=False), tax_invoice_id="pk"),
)
def tax_invoice_filed(*, tax_invoice_id: int, reveal: bool) -> outbox.Content:
    filed, context = _about(tax_invoice_id)
    context["facts"] += [
        (_("Nomor faktur pajak"), filed.number),
        (_("Tanggal faktur pajak"), dates.long_date(filed.issued_on)),
    ]
    return outbox.Content(context, _file_of(filed) if reveal else ())


def _file_of(filed: TaxInvoice) -> tuple[outbox.Attachment, ...]:
    with filed.file.open("rb") as file:
        return (outbox.Attachment(filed.name, file.read(), filed.content_type),)


@outbox.email(
    "billing/tax_invoice_refused",
    sample=sample(lambda: TaxInvoice.objects.filter(refused_at__isnull=False), tax_invoice_id="pk"),
)
def tax_invoice_refused(*, tax_invoice_id: int, reveal: bool) -> outbox.Content:
    refused, context = _about(tax_invoice_id)
    return outbox.Content({**context, "reason": refused.reason})
