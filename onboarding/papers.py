"""Quotations and URDs as PDF, in the case's language. Rendering takes time: call it outside of a transaction."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import User
from accounts.texts import Text
from billing import pdf, quoted
from billing.models import PaymentMethod
from billing.uploads import AcceptedFile
from catalog.cycles import PER
from catalog.money import format_money
from catalog.pricing import Quote
from onboarding.models import Case


def as_file(name: str, content: bytes) -> AcceptedFile:
    """A PDF that the shop made, as files that people send are kept."""
    digest = hashlib.sha256(content).hexdigest()
    return AcceptedFile(name=name, content=content, content_type="application/pdf", sha256=digest, sent_sha256=digest)


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
            "lines": [quoted.line_words(line, currency) for line in self.quote.lines],
            "totals": pdf.shown_totals(quoted.totals(self.quote), currency),
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
    return {**pdf.letterhead(case.customer), "product": case.name}


def _pdf(template: str, context: dict) -> bytes:
    return pdf.render_html(render_to_string(template, context))
