"""The month's taxed invoices as tables for Coretax, the tax office's system.

The columns are those of the sheets "Faktur" and "DetailFaktur" of the tax office's converter (Sample Faktur PK Template,
https://www.pajak.go.id/reformdjp/coretax/template-xml-dan-converter-excel-ke-xml), which makes of them the XML that Coretax
imports; behind those of "Faktur" stand the sums, for checking, and the serial number where it is filed already. Credit notes
have a table of their own: Coretax takes them in by hand. Amounts are the invoice's own, never computed anew (T3): "DPP nilai
lain" is the printed one, and the parts of its lines sum exactly to it and to its tax.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet

from accounts.spreadsheets import Cell
from billing.models import CreditNote, Invoice, InvoiceLine
from catalog.money import spread, total_of

FAKTUR = (
    "Baris", "Tanggal Faktur", "Jenis Faktur", "Kode Transaksi", "Keterangan Tambahan", "Dokumen Pendukung",
    "Period Dok Pendukung", "Referensi", "Cap Fasilitas", "ID TKU Penjual", "NPWP/NIK Pembeli", "Jenis ID Pembeli",
    "Negara Pembeli", "Nomor Dokumen Pembeli", "Nama Pembeli", "Alamat Pembeli", "Email Pembeli", "ID TKU Pembeli",
    "DPP", "DPP Nilai Lain", "Tarif PPN", "PPN", "Nomor Faktur Pajak",
)  # fmt: skip
DETAIL = (
    "Baris", "Barang/Jasa", "Kode Barang Jasa", "Nama Barang/Jasa", "Nama Satuan Ukur", "Harga Satuan",
    "Jumlah Barang Jasa", "Total Diskon", "DPP", "DPP Nilai Lain", "Tarif PPN", "PPN", "Tarif PPnBM", "PPnBM",
)  # fmt: skip
CREDIT_NOTES = (
    "Baris", "Tanggal Nota", "Nomor Nota", "Referensi", "Nomor Faktur Pajak", "NPWP/NIK Pembeli", "Nama Pembeli", "DPP",
    "DPP Nilai Lain", "Tarif PPN", "PPN",
)  # fmt: skip

# What is invoiced and not cancelled; what was given back stays in its month, its credit note in the month of that.
TAXED = (Invoice.Status.UNPAID, Invoice.Status.PAID, Invoice.Status.REFUNDED)
NORMAL = "Normal"
# "To other than collectors, DPP nilai lain": where the invoice's own rule names no code.
ANY_CODE = "04"
SERVICE, ANY_SERVICE, ANY_UNIT = "B", "000000", "UM.0033"
TIN, NATIONAL_ID, OTHER_ID = "TIN", "National ID", "Other ID"
NO_TIN = "0" * 16
_AT_ONCE = 500


def taxed_in(month: date) -> QuerySet[Invoice]:
    """The taxed invoices issued in the month, in the order of their numbers."""
    issued = Invoice.objects.filter(
        tax__gt=0, status__in=TAXED, issued_on__year=month.year, issued_on__month=month.month
    )
    return issued.select_related("tax_invoice").prefetch_related("lines").order_by("issued_on", "series", "sequence")


def invoices(month: date) -> Iterator[Sequence[Cell]]:
    """Sheet "Faktur": one row for each invoice."""
    yield FAKTUR
    for number, invoice in enumerate(taxed_in(month).iterator(chunk_size=_AT_ONCE), start=1):
        yield [
            number,
            _day(invoice.issued_on),
            NORMAL,
            invoice.tax_code or ANY_CODE,
            "",
            "",
            "",
            invoice.number,
            "",
            _place_of_business(invoice.seller.get("npwp", "")),
            *_buyer(invoice),
            total_of(line.net for line in _taxable(invoice)),
            invoice.tax_base,
            _rate(invoice),
            invoice.tax,
            _serial(invoice),
        ]


def lines(month: date) -> Iterator[Sequence[Cell]]:
    """Sheet "DetailFaktur": one row for each taxed line; ``Baris`` is that of its invoice."""
    yield DETAIL
    for number, invoice in enumerate(taxed_in(month).iterator(chunk_size=_AT_ONCE), start=1):
        taxable = [line for line in _taxable(invoice) if line.net]
        nets = [line.net for line in taxable]
        bases = spread(invoice.tax_base, nets, invoice.currency)
        taxes = spread(invoice.tax, nets, invoice.currency)
        for line, base, tax in zip(taxable, bases, taxes, strict=True):
            yield [
                number,
                SERVICE,
                ANY_SERVICE,
                line.description,
                ANY_UNIT,
                line.unit_price,
                line.quantity,
                line.discount,
                line.net,
                base,
                _rate(invoice),
                tax,
                0,
                0,
            ]


def credit_notes(month: date) -> Iterator[Sequence[Cell]]:
    """One row for each credit note of the month that takes tax back."""
    yield CREDIT_NOTES
    written = CreditNote.objects.filter(tax__gt=0, issued_on__year=month.year, issued_on__month=month.month)
    in_order = (
        written.select_related("invoice__tax_invoice")
        .prefetch_related("lines__invoice_line")
        .order_by("issued_on", "sequence")
    )
    for number, note in enumerate(in_order.iterator(chunk_size=_AT_ONCE), start=1):
        yield [
            number,
            _day(note.issued_on),
            note.number,
            note.invoice.number,
            _serial(note.invoice),
            _digits(note.buyer.get("npwp") or note.buyer.get("nik", "")),
            note.buyer.get("name", ""),
            total_of(line.amount for line in note.lines.all() if line.invoice_line.taxable),
            note.tax_base,
            _rate(note.invoice),
            note.tax,
        ]


TABLES = {"faktur": invoices, "detail": lines, "nota-kredit": credit_notes}


def _taxable(invoice: Invoice) -> list[InvoiceLine]:
    return [line for line in invoice.lines.all() if line.taxable]


def _buyer(invoice: Invoice) -> tuple[str, ...]:
    buyer = invoice.buyer
    npwp, nik = _npwp(buyer.get("npwp", "")), _digits(buyer.get("nik", ""))
    if npwp:
        identity = (npwp, TIN, "IDN", "")
    elif nik:
        identity = (NO_TIN, NATIONAL_ID, "IDN", nik)
    else:
        identity = (NO_TIN, OTHER_ID, "IDN", "")
    address = ", ".join(buyer.get("address_lines", []))
    place = _place_of_business(npwp) if npwp else "000000"
    return (*identity, buyer.get("name", ""), address, buyer.get("email", ""), place)


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text or "")


def _npwp(text: str) -> str:
    """Sixteen digits: an older number of fifteen gets a zero in front (PMK 112/2022)."""
    digits = _digits(text)
    return digits.zfill(16) if digits else ""


def _place_of_business(npwp: str) -> str:
    """The tax id of the head office's place of business."""
    return f"{_npwp(npwp)}000000" if _npwp(npwp) else ""


def _day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _rate(invoice: Invoice) -> Decimal:
    return invoice.tax_rate.normalize()


def _serial(invoice: Invoice) -> str:
    filed = getattr(invoice, "tax_invoice", None)
    return filed.number if filed else ""
