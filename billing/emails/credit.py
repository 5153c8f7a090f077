"""The emails of credit notes and of what becomes of credit."""

from django.utils.translation import gettext as _

from accounts import dates, outbox
from billing.emails.about import link, sample
from billing.models import CreditNote
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
    return outbox.Content({**context, "link": link(invoice.get_absolute_url())})
