"""What a line that was not recognised may be for, each with the reasons that speak for it: staff decides."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import Customer
from billing import withholding
from billing.bank import recognition
from billing.models import Invoice, PaymentConfirmation, StatementLine, TransferCode
from catalog.money import format_money

SHOWN = 5
# Where more invoices than these ask for the same amount, the amount says nothing.
AMBIGUOUS = 20
FOUND = 20


@dataclass(frozen=True)
class Candidate:
    invoice: Invoice
    reasons: tuple[str, ...]
    weight: int


def of(line: StatementLine) -> list[Candidate]:
    """The nearest first, at most five; open invoices alone, but for those that the text names."""
    found: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for pk, weight, reason in _reasons(line):
        found[pk].append((weight, reason))
    invoices = Invoice.objects.with_awaiting_verification().select_related("customer").in_bulk(found)
    candidates = [
        Candidate(
            invoices[pk], tuple(reason for _weight, reason in sorted(said, reverse=True)), sum(w for w, _r in said)
        )
        for pk, said in found.items()
    ]
    return sorted(candidates, key=lambda one: (-one.weight, one.invoice.due_on, one.invoice.pk))[:SHOWN]


# An invoice's id, how much it says, and what.
Reason = tuple[int, int, str]


def _reasons(line: StatementLine) -> Iterator[Reason]:
    text = f"{line.payer} {line.text}"
    yield from _by_number(text, line)
    yield from _by_confirmation(text, line)
    yield from _by_code(line)
    yield from _by_amount_and_name(text, line)


def _by_number(text: str, line: StatementLine) -> Iterator[Reason]:
    sequences = recognition.sequences_in(text)
    issued = Invoice.objects.issued().filter(sequence__in=sequences, currency=line.currency) if sequences else ()
    for invoice in issued:
        if not recognition.mentions(text, invoice.number):
            continue
        if invoice.status == Invoice.Status.UNPAID:
            yield invoice.pk, 50, _difference(line.amount, invoice.balance)
        else:
            yield (
                invoice.pk,
                30,
                _("Nomornya ada di keterangan; tagihan ini %(status)s")
                % {"status": invoice.get_status_display().lower()},
            )


def _difference(amount: Decimal, balance: Decimal) -> str:
    if amount == balance:
        return _("Nomornya ada di keterangan")
    words = (
        _("Nomornya ada di keterangan; kurang %(amount)s")
        if amount < balance
        else _("Nomornya ada di keterangan; lebih %(amount)s")
    )
    return words % {"amount": format_money(abs(amount - balance))}


def _by_confirmation(text: str, line: StatementLine) -> Iterator[Reason]:
    """What customers told of that could be this transfer, by its amount or by who sent it."""
    told = PaymentConfirmation.objects.filter(
        status=PaymentConfirmation.Status.SUBMITTED, transferred_on__lte=line.booked_on, currency=line.currency
    )
    words = recognition.words(text)
    for one in told.filter(Q(amount=line.amount) | Q(bank_account=line.account)).order_by("-pk")[:200]:
        of_sender = recognition.words(one.sender_name)
        same_sender = bool(of_sender) and of_sender <= words
        if one.amount == line.amount and same_sender:
            yield one.invoice_id, 60, _("Konfirmasi pelanggan menyebut jumlah dan pengirim ini")
        elif one.amount == line.amount:
            yield one.invoice_id, 40, _("Konfirmasi pelanggan menyebut jumlah ini")
        elif same_sender:
            yield one.invoice_id, 20, _("Konfirmasi pelanggan menyebut pengirim ini")


def _by_code(line: StatementLine) -> Iterator[Reason]:
    near = TransferCode.objects.filter(
        account=line.account, closed_at=None, payable__range=(line.amount - 1_000, line.amount + 1_000)
    )
    for code in near:
        if code.payable == line.amount:
            yield code.invoice_id, 50, _("Jumlahnya tepat dengan kode unik")
        elif recognition.one_slip(f"{line.amount:.0f}", f"{code.payable:.0f}"):
            yield code.invoice_id, 10, _("Satu angka berbeda dari jumlah dengan kode unik")


def _by_amount_and_name(text: str, line: StatementLine) -> Iterator[Reason]:
    words = recognition.words(text)
    unpaid = _open(line).order_by("due_on")
    same = list(unpaid.filter(due=line.amount)[: AMBIGUOUS + 1])
    # Companies that keep PPh 23 back send two percent less than the net (T6).
    nearly = unpaid.filter(due__gt=line.amount, due__lte=line.amount * Decimal("1.02"), customer__kind="company")
    for invoice in same if len(same) <= AMBIGUOUS else _named(same, words):
        yield invoice.pk, 15, _("Sisa tagihannya sejumlah ini")
    for invoice in _named(unpaid.filter(due__gte=line.amount - 1_000)[:500], words):
        yield invoice.pk, 25, _("Nama pelanggan ada di keterangan")
    for invoice in nearly.prefetch_related("lines")[:AMBIGUOUS]:
        if invoice.balance - withholding.claimable(invoice) == line.amount:
            yield invoice.pk, 35, _("Sejumlah ini setelah dipotong PPh 23")


def nearest(lines: Sequence[StatementLine]) -> dict[int, Candidate]:
    """What each of many lines is most likely for, by two queries however many they are: the hint of a list.

    The page of a line (``of``) looks closer.
    """
    texts = {line.pk: f"{line.payer} {line.text}" for line in lines}
    amounts = {line.amount for line in lines}
    codes = TransferCode.objects.filter(closed_at=None, payable__in=amounts).select_related("invoice__customer")
    by_code = {(one.account_id, one.payable): one.invoice for one in codes}
    unpaid = Invoice.objects.open().annotate(due=F("total") - F("amount_credited") - F("amount_paid"))
    sequences = set().union(*map(recognition.sequences_in, texts.values()))
    unpaid = unpaid.filter(Q(sequence__in=sequences) | Q(due__in=amounts)).select_related("customer")
    by_sequence, by_amount = defaultdict(list), defaultdict(list)
    for invoice in unpaid.order_by("due_on", "pk"):
        by_sequence[invoice.sequence].append(invoice)
        by_amount[invoice.due].append(invoice)
    found = {}
    for line in lines:
        text = texts[line.pk]
        mentioned = [one for sequence in recognition.sequences_in(text) for one in by_sequence.get(sequence, ())]
        coded = by_code.get((line.account_id, line.amount))
        hints = [*_by_mention(mentioned, line, text), *_by_amount(by_amount.get(line.amount, []), text)]
        hints += [Candidate(coded, (_("Jumlahnya tepat dengan kode unik"),), 50)] if coded else []
        in_time = [one for one in hints if one.invoice.issued_on <= line.booked_on]
        if in_time:
            found[line.pk] = max(in_time, key=lambda one: one.weight)
    return found


def _by_mention(invoices: Sequence[Invoice], line: StatementLine, text: str) -> list[Candidate]:
    return [
        Candidate(one, (_difference(line.amount, one.balance),), 55)
        for one in invoices
        if recognition.mentions(text, one.number)
    ]


def _by_amount(same: Sequence[Invoice], text: str) -> list[Candidate]:
    """Of the invoices that ask for the very amount: those whose buyer is named, or the only one."""
    named = list(_named(same, recognition.words(text)))
    if named:
        return [Candidate(one, (_("Nama pelanggan ada di keterangan"),), 40) for one in named]
    return [Candidate(same[0], (_("Sisa tagihannya sejumlah ini"),), 15)] if len(same) == 1 else []


def _open(line: StatementLine) -> models.QuerySet[Invoice]:
    unpaid = Invoice.objects.open().filter(currency=line.currency, issued_on__lte=line.booked_on)
    return unpaid.annotate(due=F("total") - F("amount_credited") - F("amount_paid")).select_related("customer")


def _named(invoices: Iterable[Invoice], words: Collection[str]) -> Iterator[Invoice]:
    for invoice in invoices:
        of_name = recognition.words(invoice.customer.name)
        if of_name and of_name <= set(words):
            yield invoice


def search(text: str, line: StatementLine) -> tuple[list[Invoice], list[Customer]]:
    """Open invoices by number, customer or exact amount, and customers by name or address, whose credit it could be."""
    text = text.strip()
    if not text:
        return [], []
    digits = "".join(char for char in text if char.isdigit())
    by_amount = Q(due=Decimal(digits)) if digits and len(digits) < 15 else Q(pk=None)
    invoices = _open(line).filter(Q(number__icontains=text) | Q(customer__name__icontains=text) | by_amount)
    customers = Customer.objects.filter(Q(name__icontains=text) | Q(billing_email__iexact=text))
    return list(invoices.order_by("due_on", "pk")[:FOUND]), list(customers[:FOUND])
