"""What the emails of billing say of an invoice, and where their examples come from."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from accounts import dates, outbox
from billing import documents, gateways, instalments, pdf, qris, receipts
from billing.models import Invoice, Payment
from catalog import money


def invoice_of(invoice_id: int) -> Invoice:
    return Invoice.objects.select_related("customer", "payment_method", "order").get(pk=invoice_id)


def sample(queryset, **arguments: str):
    """The arguments of the newest row: ``arguments`` names the field that each is read from."""

    def read() -> dict | None:
        row = queryset().order_by("-pk").first()
        return row and {name: getattr(row, field) for name, field in arguments.items()}

    return read


def pdf_of(invoice: Invoice, reveal: bool) -> tuple[outbox.Attachment, ...]:
    """The document, for the copy that is sent; the copy that is kept needs no second one."""
    if not reveal:
        return ()
    return (outbox.Attachment(f"{invoice.slug}.pdf", pdf.current(invoice), "application/pdf"),)


def receipts_of(payments: Iterable[Payment], reveal: bool) -> tuple[outbox.Attachment, ...]:
    """A receipt for each in which money came in, for the copy that is sent."""
    if not reveal:
        return ()
    return tuple(
        outbox.Attachment(receipts.file_name(one), receipts.as_pdf(one), "application/pdf")
        for one in payments
        if receipts.number_of(one)
    )


def names_of(invoice: Invoice) -> list[tuple[str, str]]:
    """What the invoice is called: its number, the buyer's own for it, and which part of an order it is."""
    names = [(_("Nomor tagihan"), invoice.number)]
    if invoice.po_number:
        names.append((_("Nomor PO"), invoice.po_number))
    if invoice.instalment_count:
        names.append((_("Termin"), instalments.place(invoice)))
    return names


def facts_of(invoice: Invoice) -> list[tuple[str, str]]:
    total = (_("Total"), money.format_money(invoice.total, invoice.currency))
    return [*names_of(invoice), total, *_still_due(invoice)]


def _still_due(invoice: Invoice) -> Iterator[tuple[str, str]]:
    if documents.asks_for_a_rest(invoice):
        yield _("Sisa yang harus dibayar"), money.format_money(invoice.balance, invoice.currency)
    if invoice.status == Invoice.Status.UNPAID:
        yield _("Jatuh tempo"), dates.full_date(invoice.due_on)


def account_of(invoice: Invoice) -> list[tuple[str, str]]:
    """The whole bill: numbers and due date, the lines, and what they sum to."""
    lines = [(line.description, documents.line_amount(line)) for line in invoice.lines.all()]
    sums = [
        (row.label, money.format_money(row.amount, invoice.currency))
        for row in documents.totals(invoice)
        if row.kind != "note"
    ]
    return [*names_of(invoice), *_still_due(invoice), *lines, *sums]


def how_to_pay(invoice: Invoice) -> list[tuple[str, str]]:
    """What the invoice's way of paying asks for, as facts."""
    if not invoice.payment_method:
        return []
    gateway = gateways.for_method(invoice.payment_method)
    if gateway.provider:
        return [
            (invoice.payment_method.name, _("Bayar di halaman tagihan; kami tahu sendiri begitu pembayaran masuk."))
        ]
    asked = gateway.instructions(invoice)
    accounts = [(one.bank, f"{one.number}, {one.holder}") for one in asked.accounts]
    if not accounts:
        return []
    amount = money.format_money(asked.amount, asked.currency)
    with_code = _("%(amount)s, termasuk kode unik %(code)03d") % {"amount": amount, "code": asked.code}
    if asked.scan:
        return [] if asked.scan.refusal else _how_to_scan(asked.scan, with_code if asked.code else amount)
    exact = [(_("Transfer tepat"), with_code)] if asked.code else []
    return [*exact, *accounts, (_("Berita transfer"), asked.reference)]


def _how_to_scan(scan: qris.Scan, amount: str) -> list[tuple[str, str]]:
    return [
        (_("Bayar tepat"), amount),
        (_("QRIS"), _("Pindai kodenya di halaman tagihan atau di PDF-nya.")),
        (_("Nama penerima"), scan.code.merchant),
    ]


def is_confirmed(invoice: Invoice) -> bool:
    """Whether its payer tells of the transfer, with a proof (RULES K)."""
    method = invoice.payment_method
    return method is not None and gateways.for_method(method).supports_confirmation


def link(path: str) -> str:
    return outbox.absolute(path)
