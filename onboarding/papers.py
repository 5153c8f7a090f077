"""Quotations and URDs as PDF, in the case's language. Rendering takes time: call it outside of a transaction."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import Shop, User
from accounts.texts import Text
from billing import documents as billing_documents
from billing import invoicing, pdf
from billing.models import PaymentMethod
from billing.uploads import AcceptedFile
from catalog.cycles import PER, Cycle
from catalog.money import format_money
from catalog.pricing import Line, Quote
from onboarding.models import Case


def as_file(name: str, content: bytes) -> AcceptedFile:
    """A PDF that the shop made, as files that people send are kept."""
    digest = hashlib.sha256(content).hexdigest()
    return AcceptedFile(name=name, content=content, content_type="application/pdf", sha256=digest, sent_sha256=digest)


@dataclass(frozen=True)
class Amount:
    """A row under a quotation's lines. ``kind`` is plain, minus, note (part of no sum) or total."""

    label: str
    amount: Decimal
    kind: str = "plain"


def amounts(quote: Quote) -> list[Amount]:
    rows = [Amount(_("Subtotal"), quote.subtotal)]
    if quote.discount:
        rows.append(Amount(_("Potongan"), -quote.discount, "minus"))
    if quote.tax_terms and quote.tax:
        rows += _tax_rows(quote)
    return [*rows, Amount(_("Total"), quote.total, "total")]


def _tax_rows(quote: Quote) -> Iterable[Amount]:
    terms = quote.tax_terms
    if terms.base_numerator != terms.base_denominator:
        fraction = f"{terms.base_numerator}/{terms.base_denominator}"
        yield Amount(_("DPP nilai lain (%(fraction)s)") % {"fraction": fraction}, quote.tax_base, "note")
    yield Amount(f"{terms.name} {billing_documents.percent(terms.rate)}", quote.tax)


@dataclass(frozen=True)
class QuotationPaper:
    """What a version of a quotation says; ``number`` is empty on a preview."""

    case: Case
    quote: Quote
    number: str
    version: int
    made_on: date
    valid_until: date
    payment_method: PaymentMethod | None
    note: str
    pic: User | None

    def render(self) -> bytes:
        with translation.override(self.case.language):
            return _pdf("pdf/quotation.html", self._describe())

    @property
    def file_name(self) -> str:
        with translation.override(self.case.language):
            name = f"{_('Penawaran')}-{self.number}"
        return f"{name}.pdf" if self.version == 1 else f"{name}-v{self.version}.pdf"

    def _describe(self) -> dict:
        currency = self.quote.currency
        return {
            **_head(self.case),
            "number": self.number,
            "version": self.version,
            "made_on": dates.long_date(self.made_on),
            "valid_until": dates.long_date(self.valid_until),
            "lines": [line_words(line, currency) for line in self.quote.lines],
            "totals": [
                {"label": row.label, "amount": format_money(row.amount, currency), "grand": row.kind == "total"}
                for row in amounts(self.quote)
            ],
            "renewals": renewal_words(self.quote),
            "method": self.payment_method.name if self.payment_method else "",
            "note": self.note,
            "pic": str(self.pic or ""),
        }


def renewal_words(quote: Quote) -> list[str]:
    """``Rp1.665.000 per bulan sesudah periode pertama``: the day of the order is not known yet."""
    return [
        _("%(amount)s %(per)s sesudah periode pertama")
        % {"amount": format_money(one.total, quote.currency), "per": PER[one.cycle]}
        for one in quote.recurring
    ]


def line_words(line: Line, currency: str) -> dict[str, str | int]:
    """A priced line as people read it, in the active language."""
    included = line.kind == "option" and not line.amount
    cycle = "" if line.kind in {"setup", "option"} else str(Cycle(line.cycle).label)
    return {
        "description": str(line.label),
        "detail": ", ".join(part for part in (str(line.detail), cycle) if part),
        "quantity": "" if included else line.quantity,
        "unit_price": "" if included else format_money(line.unit_price, currency),
        "amount": _("termasuk") if included else format_money(line.amount, currency),
    }


@dataclass(frozen=True)
class RequirementPaper:
    """What was answered, as the customer signs it: questions and answers in the order of the form."""

    case: Case
    version: int
    submitted_on: date
    submitted_by: User | None
    answers: Sequence[tuple[Text, Text]]

    def render(self) -> bytes:
        with translation.override(self.case.language):
            return _pdf("pdf/urd.html", self._describe())

    @property
    def file_name(self) -> str:
        name = f"URD-{self.case.number}"
        return f"{name}.pdf" if self.version == 1 else f"{name}-v{self.version}.pdf"

    def _describe(self) -> dict:
        return {
            **_head(self.case),
            "number": self.case.number,
            "version": self.version,
            "submitted_on": dates.long_date(self.submitted_on),
            "submitted_by": str(self.submitted_by or ""),
            "answers": [(str(question), str(answer)) for question, answer in self.answers],
        }


def _head(case: Case) -> dict:
    shop = Shop.current()
    return {
        "language": case.language,
        "accent": shop.colour,
        "logo": pdf.logo_of(shop),
        "seller": invoicing.seller_of(shop),
        "buyer": invoicing.buyer_of(case.customer),
        "product": case.name,
    }


def _pdf(template: str, context: dict) -> bytes:
    return pdf.render_html(render_to_string(template, context))
