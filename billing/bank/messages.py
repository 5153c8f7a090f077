"""Statements in the standard formats: SWIFT MT940, and ISO 20022 CAMT.053."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import mt940
from django.utils.translation import gettext as _
from lxml import etree
from pycamt.parser import Camt053ParseError, Camt053Parser

from billing.bank.rows import Row, StatementError
from billing.bank.tables import decode

CAMT = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.053")
# Of an entry: booked, as later versions of the format spell it or the first ones.
BOOKED = ("BOOK", "Book")
MT940 = re.compile(rb"^\s*(\{1:|:20:)", re.MULTILINE)


def is_camt(content: bytes) -> bool:
    return bool(CAMT.search(content[:4_000]))


def is_mt940(content: bytes) -> bool:
    return bool(MT940.search(content[:4_000]))


def read_mt940(content: bytes) -> list[Row]:
    """Raises ``StatementError`` for what the format does not allow."""
    try:
        transactions = mt940.parse(decode(content))
        return [_of_mt940(one.data) for one in transactions]
    except Exception as error:  # The parser lets its own, attrs' and decimal's errors through.
        raise StatementError(_("Berkas MT940 ini tidak terbaca: %(error)s") % {"error": error}) from error


def _of_mt940(data: dict) -> Row:
    amount = data["amount"]
    return Row(
        booked_on=date(*data["date"].timetuple()[:3]),
        amount=Decimal(amount.amount),
        text=_one_line(data.get("transaction_details"), data.get("extra_details")),
        payer=_one_line(data.get("applicant_name")),
        bank_id=_reference(data.get("bank_reference")),
        currency=amount.currency or "IDR",
    )


def _reference(written: str | None) -> str:
    """Banks without a number of their own write one of these for every line."""
    return "" if (written or "").upper() in {"", "NONREF"} else str(written)


def read_camt(content: bytes) -> list[Row]:
    """Raises ``StatementError``. A document type declaration is refused: it could name files of this machine."""
    if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        raise StatementError(_("Berkas ini memuat deklarasi yang tidak diizinkan. Unduh lagi dari bank."))
    try:
        return list(_of_camt(_Camt(content).get_transactions()))
    except (etree.Error, Camt053ParseError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise StatementError(_("Berkas CAMT.053 ini tidak terbaca: %(error)s") % {"error": error}) from error


class _Camt(Camt053Parser):
    def _extract_transaction_details(self, tx_detail: etree._Element) -> dict:
        """Without what the detail leaves out: there the entry's own value holds, the amount first of all."""
        found = super()._extract_transaction_details(tx_detail)
        return {name: value for name, value in found.items() if value is not None}


def _of_camt(transactions: list[dict]) -> Iterator[Row]:
    for one in transactions:
        if one.get("Status") not in (None, *BOOKED):
            continue
        amount = Decimal(one["Amount"])
        yield Row(
            booked_on=datetime.fromisoformat(one.get("BookingDate") or one["ValueDate"]).date(),
            amount=amount if one["CreditDebitIndicator"] == "CRDT" else -amount,
            text=_one_line(one.get("RemittanceInformationFull"), one.get("AdditionalEntryInformation")),
            payer=_one_line(one.get("DebtorName")),
            bank_id=_one_line(one.get("AccountServicerReference") or one.get("TransactionID")),
            currency=one.get("Currency") or "IDR",
        )


def _one_line(*parts: str | None) -> str:
    return " ".join(" ".join(part.split()) for part in parts if part)
