"""What an invoice says, as people read it: the same rows and words on its page, in its PDF and in its emails."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import dates
from accounts.models import Shop
from accounts.texts import speaks_english
from billing.models import CreditEntry, CreditNote, Invoice, InvoiceLine
from catalog import money
from catalog.money import DEFAULT_CURRENCY, format_money
from catalog.tax import TaxTerms


@dataclass(frozen=True)
class TotalRow:
    """One row under the lines. ``kind`` is plain, minus, note (part of no sum), total or balance."""

    label: str
    amount: Decimal
    kind: str = "plain"


def totals(invoice: Invoice) -> list[TotalRow]:
    rows = [TotalRow(_("Subtotal"), invoice.subtotal)]
    if invoice.discount:
        rows.append(TotalRow(_("Potongan"), -invoice.discount, "minus"))
    if invoice.tax:
        rows += tax_rows(invoice.tax_terms, invoice.tax_base, invoice.tax)
    rows.append(TotalRow(_("Total"), invoice.total, "total"))
    if invoice.amount_credited:
        rows.append(TotalRow(_("Nota kredit"), -invoice.amount_credited, "minus"))
    if invoice.amount_withheld:
        rows.append(TotalRow(_("PPh 23 dipotong"), -invoice.amount_withheld, "minus"))
    if invoice.amount_written_off:
        rows.append(TotalRow(_("Tidak ditagihkan lagi"), -invoice.amount_written_off, "minus"))
    if invoice.is_partially_paid:
        rows.append(TotalRow(_("Sudah dibayar"), -received(invoice), "minus"))
    if asks_for_a_rest(invoice):
        rows.append(TotalRow(_("Sisa yang harus dibayar"), invoice.balance, "balance"))
    elif invoice.amount_paid and (invoice.amount_withheld or invoice.amount_credited or invoice.amount_written_off):
        rows.append(TotalRow(_("Uang diterima"), received(invoice)))
    return rows


def totals_of_note(note: CreditNote) -> list[TotalRow]:
    """The same of a credit note, at the tax of its invoice."""
    taxes = tax_rows(note.invoice.tax_terms, note.tax_base, note.tax) if note.tax else []
    return [TotalRow(_("Subtotal"), note.subtotal), *taxes, TotalRow(_("Total"), note.total, "total")]


def credit_words(entry: CreditEntry) -> str:
    """What an entry of the credit is for, to its customer."""
    what, _colon, _rest = entry.cause.partition(":")
    if entry.refund_id:
        return _("Dikembalikan ke rekening %(account)s") % {"account": entry.note}
    if entry.provider_refund_id:
        if entry.amount > 0:
            return _("Tidak dapat dikembalikan lewat %(provider)s") % {"provider": entry.note}
        return _("Dikembalikan lewat %(provider)s") % {"provider": entry.note}
    if what == "credit_note":
        return _("Nota kredit %(number)s") % {"number": entry.note}
    if what == "deposit":
        return _("Isi saldo ditarik: pembayarannya dibatalkan") if entry.amount < 0 else _("Isi saldo")
    if what == "released":
        return _("Pembayaran dipindahkan dari tagihan")
    if what == "reversal":
        return _("Pembayaran dibatalkan")
    if what == "credit":
        return _("Dipakai untuk tagihan")
    return entry.note or _("Kelebihan bayar")


def asks_for_a_rest(invoice: Invoice) -> bool:
    """Whether what is to pay is less than its total."""
    return invoice.is_partially_paid or (invoice.status == Invoice.Status.UNPAID and bool(invoice.amount_credited))


def received(invoice: Invoice) -> Decimal:
    """The money that came in for the invoice: PPh 23 that was kept back is none (T6), nor is what was written off."""
    return invoice.amount_paid - invoice.amount_withheld - invoice.amount_written_off


def tax_rows(terms: TaxTerms, base: Decimal, tax: Decimal) -> Iterable[TotalRow]:
    """The tax, and where it is taken from a fraction of the price, the printed base (T3)."""
    if terms.base_numerator != terms.base_denominator:
        fraction = f"{terms.base_numerator}/{terms.base_denominator}"
        yield TotalRow(_("DPP nilai lain (%(fraction)s)") % {"fraction": fraction}, base, "note")
    yield TotalRow(f"{terms.name} {percent(terms.rate)}", tax)


def in_words(invoice: Invoice) -> str:
    """What was received, as a receipt says it in the active language (MO2); nothing for nothing and for other currencies."""
    if not received(invoice) or invoice.currency != DEFAULT_CURRENCY:
        return ""
    return money.in_words(received(invoice), "en" if speaks_english() else "id")


def percent(rate: Decimal) -> str:
    """``12%``, ``11,5%`` in Indonesian and ``11.5%`` in English, without zeros at the end."""
    digits = f"{Decimal(rate).normalize():f}"
    return f"{digits.replace('.', get_format('DECIMAL_SEPARATOR'))}%"


def period(line: InvoiceLine) -> str:
    """``21 Nov 2026–20 Des 2026``, or nothing for what has no period."""
    if not line.period_start or not line.period_end:
        return ""
    return f"{dates.short_date(line.period_start)}–{dates.short_date(line.period_end)}"


def detail(line: InvoiceLine) -> str:
    """The small print under a line: what was chosen, and for which period."""
    return ", ".join(part for part in (line.detail, period(line)) if part)


def is_included(line: InvoiceLine) -> bool:
    """An option that was chosen and costs nothing more: its quantity and price would only puzzle."""
    return line.kind == "option" and not line.amount


def line_amount(line: InvoiceLine) -> str:
    return _("termasuk") if is_included(line) else money_in(line.amount, line.currency)


def moment(at: datetime) -> str:
    """``Sabtu, 21 November 2026, 14.05 WIB``; today is called so."""
    if timezone.localdate(at) == timezone.localdate():
        return _("hari ini %(clock)s") % {"clock": dates.clock(at)}
    return f"{dates.full_date(at)}, {dates.clock(at)}"


def work_time(minutes: int) -> str:
    """``90 menit kerja``, ``2 jam kerja``: a promise that counts while the office is open."""
    if minutes % 60:
        return ngettext("%(number)d menit kerja", "%(number)d menit kerja", minutes) % {"number": minutes}
    hours = minutes // 60
    return ngettext("%(number)d jam kerja", "%(number)d jam kerja", hours) % {"number": hours}


def office_hours(shop: Shop) -> str:
    """``Senin–Jumat 08.00–17.00 WIB``."""
    days = sorted(int(day) for day in shop.office_days.split(","))
    runs = []
    for day in days:
        if runs and runs[-1][-1] == day - 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    names = ", ".join("–".join(str(WEEKDAYS[day - 1]) for day in sorted({run[0], run[-1]})) for run in runs)
    opens, closes = (
        datetime.combine(timezone.localdate(), at, timezone.get_default_timezone())
        for at in (shop.office_opens, shop.office_closes)
    )
    return f"{names} {dates.clock(opens).rpartition(' ')[0]}–{dates.clock(closes)}"


def digits(amount: Decimal) -> str:
    """What a bank's app takes: digits only, with a point before cents."""
    return f"{amount.normalize():f}"


def money_in(amount: Decimal, currency: str) -> str:
    """The amount in the currency of its document."""
    return format_money(amount, currency)
