"""Documents as PDF under one letterhead, and the invoice's: kept with it, and made again only when what it says has changed.

WeasyPrint may fetch ``data:`` addresses only, so nothing that a person typed can make it read a file or call a server.
The fonts and the stylesheet are read once per process and shared by every document.
"""

import atexit
import base64
import hashlib
import json
import logging
import mimetypes
import threading
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import dates, outbox
from accounts.models import Customer, Shop
from billing import documents, gateways, instalments, invoicing, qr_codes, qris, statements
from billing.documents import TotalRow
from billing.models import CreditNote, Invoice
from catalog import money

TEMPLATE = "pdf/invoice.html"
# What an invoice is made of: a change of one makes its PDF anew.
PARTS = ("base.html", "invoice.html", "_head.html", "_buyer.html", "_lines.html", "_totals.html", "invoice.css")
_FOLDER = Path(settings.BASE_DIR) / "templates" / "pdf"
_FONTS = [
    ("Inter", 400, "inter-latin-400.woff2"),
    ("Inter", 600, "inter-latin-600.woff2"),
    ("Inter Extended", 400, "inter-latin-ext-400.woff2"),
    ("Inter Extended", 600, "inter-latin-ext-600.woff2"),
]
logger = logging.getLogger(__name__)

_one_at_a_time = threading.Lock()


def current(invoice: Invoice) -> bytes:
    """The invoice's PDF as of now: the kept one where it still says the same, else a new one, which is kept.

    A storage that is full or away costs the time of making it again, not the document.
    """
    document = describe(invoice)
    fingerprint = fingerprint_of(document)
    if invoice.pdf and invoice.pdf_fingerprint == fingerprint and default_storage.exists(invoice.pdf.name):
        with invoice.pdf.open("rb") as kept:
            return kept.read()
    content = render(document)
    try:
        _keep(invoice, content, fingerprint)
    # Each storage has errors of its own.
    except Exception:
        logger.exception("The PDF of %s could not be kept", invoice)
    return content


def _keep(invoice: Invoice, content: bytes, fingerprint: str) -> None:
    """Keep the file. Of two that were made at once the row names one, and the other is deleted."""
    before = invoice.pdf.name
    name = default_storage.save(f"invoices/{invoice.slug}-{fingerprint[:12]}.pdf", ContentFile(content))
    won = Invoice.objects.filter(pk=invoice.pk, pdf_fingerprint=invoice.pdf_fingerprint, pdf=before).update(
        pdf=name, pdf_fingerprint=fingerprint
    )
    if won:
        invoice.pdf.name, invoice.pdf_fingerprint = name, fingerprint
    obsolete = before if won else name
    # A file that was lost comes back under its old name.
    if obsolete and obsolete != invoice.pdf.name:
        default_storage.delete(obsolete)


def describe(invoice: Invoice) -> dict:
    """Everything the document shows, as plain values in the invoice's language: the template adds only fixed words."""
    with translation.override(invoice.language):
        return _describe(invoice)


def _describe(invoice: Invoice) -> dict:
    paid = invoice.status in {Invoice.Status.PAID, Invoice.Status.REFUNDED}
    stamp, tone = _stamp(invoice)
    return {
        **_letterhead(invoice.seller, invoice.buyer),
        "number": invoice.number,
        "notes": invoice.notes,
        "stamp": stamp,
        "stamp_tone": tone,
        "po_number": invoice.po_number,
        "instalment": instalments.place(invoice) if invoice.instalment_count else "",
        "issued_on": dates.long_date(invoice.issued_on),
        "due_on": dates.long_date(invoice.due_on),
        "paid": paid,
        "paid_on": dates.long_date(invoice.paid_at) if invoice.paid_at else "",
        "lines": [_line(line) for line in invoice.lines.all()],
        "totals": shown_totals(
            documents.totals(invoice),
            invoice.currency,
            grand="balance" if documents.asks_for_a_rest(invoice) else "total",
        ),
        **(_how_to_pay(invoice) if invoice.status == Invoice.Status.UNPAID else {}),
        "receipt": _receipt(invoice) if invoice.status == Invoice.Status.PAID and documents.received(invoice) else None,
    }


def _stamp(invoice: Invoice) -> tuple[str, str]:
    if invoice.amount_written_off:
        return _("DITUTUP"), "cancelled"
    return {
        Invoice.Status.UNPAID: (_("BELUM DIBAYAR"), "open"),
        Invoice.Status.PAID: (_("LUNAS"), "paid"),
        Invoice.Status.CANCELLED: (_("DIBATALKAN"), "cancelled"),
        Invoice.Status.REFUNDED: (_("DIKEMBALIKAN"), "cancelled"),
    }[Invoice.Status(invoice.status)]


def _line(line) -> dict:
    return {
        "description": line.description,
        "detail": documents.detail(line),
        "quantity": "" if documents.is_included(line) else line.quantity,
        "unit_price": "" if documents.is_included(line) else money.format_money(line.unit_price, line.currency),
        "amount": documents.line_amount(line),
    }


def _how_to_pay(invoice: Invoice) -> dict:
    """The accounts to transfer to or the code to scan, and where there is a unique code (U1) the amount with it."""
    if not invoice.payment_method:
        return {}
    gateway = gateways.for_method(invoice.payment_method)
    if gateway.provider:
        return {"online": {"method": invoice.payment_method.name, "page": outbox.absolute(invoice.get_absolute_url())}}
    asked = gateway.instructions(invoice)
    amount = money.format_money(asked.amount, asked.currency)
    if asked.scan:
        return {} if asked.scan.refusal else {"scan": _scan(asked.scan, amount)}
    accounts = [{"bank": one.bank, "number": one.number, "holder": one.holder} for one in asked.accounts]
    return {"accounts": accounts, "transfer": asked.code and {"amount": amount, "code": f"{asked.code:03d}"}}


def _scan(scan: qris.Scan, amount: str) -> dict:
    drawing = qr_codes.drawing(scan.text)
    merchant = {"merchant": scan.code.merchant, "nmid": scan.code.nmid}
    return {"amount": amount, "size": drawing.size, "path": drawing.path, **merchant}


def _receipt(invoice: Invoice) -> dict:
    """The wording of a kuitansi: the amount with its sen, and in words (MO2)."""
    method = invoice.payment_method
    words = documents.in_words(invoice)
    return {
        "words": words[:1].upper() + words[1:],
        "amount": money.format_receipt(documents.received(invoice))
        if words
        else money.format_money(documents.received(invoice), invoice.currency),
        "method": method.name if method else "",
    }


def of_credit_note(note: CreditNote) -> bytes:
    """A credit note in the language of its invoice; it never changes, and is asked for so rarely that none is kept."""
    invoice = note.invoice
    with translation.override(invoice.language):
        document = {
            **_letterhead(note.seller, note.buyer),
            "number": note.number,
            "issued_on": dates.long_date(note.issued_on),
            "invoice_number": invoice.number,
            "invoice_issued_on": dates.long_date(invoice.issued_on),
            "reason": note.reason,
            "lines": [
                {
                    "description": line.invoice_line.description,
                    "detail": documents.detail(line.invoice_line),
                    "amount": money.format_money(line.amount, line.currency),
                }
                for line in note.lines.select_related("invoice_line")
            ],
            "totals": shown_totals(documents.totals_of_note(note), note.currency),
        }
        return render_html(render_to_string("pdf/credit_note.html", document))


def of_statement(statement: statements.Statement) -> bytes:
    """A statement of account in the active language; made anew each time, for its days may still change."""

    def shown(amount: Decimal) -> str:
        return money.format_money(amount, statement.currency)

    document = {
        **letterhead(statement.customer),
        "number": statements.period_words(statement),
        "made_on": dates.long_date(timezone.localdate()),
        "opening": shown(statement.opening),
        "closing": shown(statement.closing),
        "entries": [
            {
                "day": dates.short_date(one.day),
                "words": one.words,
                "reference": one.reference,
                "charge": shown(one.charge) if one.charge else "",
                "credit": shown(one.credit) if one.credit else "",
                "balance": shown(one.balance),
            }
            for one in statement.entries
        ],
        "totals": shown_totals(
            [
                TotalRow(_("Saldo awal"), statement.opening),
                TotalRow(_("Tagihan"), statement.charged),
                TotalRow(_("Pembayaran"), statement.credited),
                TotalRow(_("Saldo akhir"), statement.closing, "total"),
            ],
            statement.currency,
        ),
    }
    return render_html(render_to_string("pdf/statement.html", document))


def letterhead(customer: Customer) -> dict:
    """What the templates of a document show of the shop and the customer as they are today, in the active language."""
    # The NIK is for the tax office, which reads invoices only.
    return _letterhead(invoicing.seller_of(Shop.current()), {**invoicing.buyer_of(customer), "nik": ""})


def letterhead_of(invoice: Invoice) -> dict:
    """The same as they were when the invoice was issued (I3)."""
    return _letterhead(invoice.seller, {**invoice.buyer, "nik": ""})


def _letterhead(seller: dict, buyer: dict) -> dict:
    shop = Shop.current()
    return {
        "language": translation.get_language() or settings.LANGUAGE_CODE,
        "accent": shop.colour,
        "logo": _logo(shop),
        "seller": seller,
        "buyer": buyer,
    }


def shown_totals(rows: Iterable[TotalRow], currency: str, *, grand: str = "total") -> list[dict]:
    """What ``pdf/_totals.html`` shows; the rows of kind ``grand`` stand out."""
    return [
        {"label": row.label, "amount": money.format_money(row.amount, currency), "grand": row.kind == grand}
        for row in rows
    ]


def _logo(shop: Shop) -> str:
    """The shop's logo as a ``data:`` address, the only kind the renderer may read."""
    if not shop.logo:
        return ""
    content_type = mimetypes.guess_type(shop.logo.name)[0] or "image/png"
    with shop.logo.open("rb") as logo:
        return _data_address(content_type, logo.read())


def _data_address(content_type: str, content: bytes) -> str:
    return f"data:{content_type};base64,{base64.b64encode(content).decode()}"


def fingerprint_of(document: dict) -> str:
    """Changes when anything the document shows changes, or the template does."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(f"{_template_version()}{text}".encode()).hexdigest()


@cache
def _template_version() -> str:
    digest = hashlib.sha256()
    for name in PARTS:
        digest.update((_FOLDER / name).read_bytes())
    return digest.hexdigest()


def render(document: dict) -> bytes:
    with translation.override(document["language"]):
        html = render_to_string(TEMPLATE, document)
    return render_html(html)


def render_html(html: str) -> bytes:
    # WeasyPrint and its libraries take 40 MB: a web process pays for them only if it ever makes a PDF itself.
    from weasyprint import HTML

    # Pango's fonts are shared, and not made for two threads at once.
    with _one_at_a_time:
        fonts, stylesheet = _fonts_and_stylesheet()
        return HTML(string=html, url_fetcher=fetcher()).write_pdf(stylesheets=[stylesheet], font_config=fonts)


def fetcher():
    """What WeasyPrint may read: ``data:`` addresses (its default also reads the server's files)."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False, fail_on_errors=True)


@cache
def _fonts_and_stylesheet() -> tuple:
    from weasyprint import CSS
    from weasyprint.text.fonts import FontConfiguration

    fonts = FontConfiguration()
    faces = "".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight};'
        f" src: url({_data_address('font/woff2', (_FOLDER / 'fonts' / name).read_bytes())}); }}\n"
        for family, weight, name in _FONTS
    )
    text = faces + (_FOLDER / "invoice.css").read_text()
    return fonts, CSS(string=text, font_config=fonts, url_fetcher=fetcher())


# WeasyPrint deletes its copies of the fonts itself, as long as its libraries are still loaded.
atexit.register(_fonts_and_stylesheet.cache_clear)
