"""The emails of credit notes and of what becomes of credit."""

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import dates, outbox
from billing import pdf
from billing.emails.about import facts_of, how_to_pay, invoice_of, link, pdf_of, sample
from billing.models import CreditNote, Invoice, Refund
from catalog import money


@outbox.email("billing/credit_note", sample=sample(lambda: CreditNote.objects.all(), credit_note_id="pk"))
def credit_note(*, credit_note_id: int, reveal: bool) -> outbox.Content:
    """The words follow what the invoice asks for when it is sent."""
    note = CreditNote.objects.select_related("invoice").get(pk=credit_note_id)
    invoice = note.invoice
    facts = [
        (_("Nomor nota kredit"), note.number),
        (_("Mengoreksi tagihan"), invoice.number),
        (_("Tanggal terbit"), dates.long_date(note.issued_on)),
        (_("Jumlah"), money.format_money(note.total, note.currency)),
        (_("Alasan"), note.reason),
    ]
    if invoice.balance:
        facts.append((_("Sisa yang harus dibayar"), money.format_money(invoice.balance, invoice.currency)))
    context = {"note": note, "invoice": invoice, "buyer": note.buyer["name"], "facts": facts}
    return outbox.Content({**context, "link": link(note.get_absolute_url())}, _pdf_of(note, reveal))


def _pdf_of(note: CreditNote, reveal: bool) -> tuple[outbox.Attachment, ...]:
    """The document, for the copy that is sent; the copy that is kept needs no second one."""
    if not reveal:
        return ()
    return (outbox.Attachment(f"{note.slug}.pdf", pdf.of_credit_note(note), "application/pdf"),)


@outbox.email("billing/refund_paid", sample=sample(lambda: Refund.objects.all(), refund_id="pk"))
def refund_paid(*, refund_id: int, reveal: bool) -> outbox.Content:
    refund = Refund.objects.select_related("customer", "credit_note").get(pk=refund_id)
    to = [
        (_("Tanggal transfer"), dates.long_date(refund.paid_on)),
        (_("Rekening tujuan"), f"{refund.bank} {refund.number}, {refund.holder}"),
    ]
    if refund.via:
        to = [
            (_("Tanggal"), dates.long_date(refund.paid_on)),
            (_("Dikembalikan lewat"), f"{refund.bank}, {refund.number}"),
        ]
    facts = [(_("Jumlah"), money.format_money(refund.amount, refund.currency)), *to, (_("Alasan"), refund.reason)]
    if refund.credit_note:
        facts.insert(0, (_("Nomor nota kredit"), refund.credit_note.number))
    context = {"refund": refund, "buyer": refund.customer.name, "facts": facts}
    return outbox.Content({**context, "link": link(reverse("billing:billing-overview"))})


@outbox.email(
    "billing/late_fee",
    sample=sample(lambda: Invoice.objects.filter(kind=Invoice.Kind.LATE_FEE), invoice_id="pk"),
)
def late_fee(*, invoice_id: int, reveal: bool) -> outbox.Content:
    """For the invoice that is late, and the fee's own."""
    fee = invoice_of(invoice_id)
    late = fee.late_fee_of
    context = {
        "invoice": fee,
        "late": late,
        "buyer": fee.buyer["name"],
        "facts": facts_of(fee),
        "pay_facts": how_to_pay(fee),
        "to_pay": fee.status == Invoice.Status.UNPAID,
        "link": link(fee.get_absolute_url()),
    }
    return outbox.Content(context, pdf_of(fee, reveal))
