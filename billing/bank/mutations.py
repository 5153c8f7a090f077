"""Movements that a mutation service tells of as they happen: ``POST /webhooks/mutations/``, whoever the service is.

    {"account": "0123456789", "bank": "BCA", "mutations": [{
        "id": "mut-1042", "booked_at": "2026-11-28T09:15:00+07:00", "type": "credit", "amount": "150017",
        "description": "TRSF E-BANKING CR INV 2026 11 42", "payer": "BUDI", "balance": "1150017"}]}

``bank`` is needed only where two accounts have one number; ``payer`` and ``balance`` may be missing; ``date`` may stand for
``booked_at``. Amounts are strings or whole numbers and mean what they mean everywhere in the shop (MO3).
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.bank import importing, settling, whose
from billing.bank.rows import Row
from billing.models import BankAccount, Feed, StatementImport, StatementLine, StatementTwin
from catalog.money import AmountError, parse_rupiah

# How far the sender's clock may be off, and how old a call that somebody overheard may be.
CLOCK_SECONDS = 300
MOST_MUTATIONS = 1_000
LONGEST_ID = 200
# More has never come in at once, and fewer columns hold it.
MOST_MONEY = Decimal(10) ** 13


class Misshapen(Exception):
    """The call is not as agreed; the words name the field."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}" if field else problem)


class UnknownAccount(Exception):
    """None of the shop's accounts, or more than one, has this number."""


@dataclass(frozen=True)
class Mutation:
    id: str
    row: Row


@dataclass(frozen=True)
class Call:
    account: str
    bank: str
    mutations: Sequence[Mutation]


def is_signed(body: bytes, *, timestamp: str, signature: str, now: datetime) -> bool:
    """Whether one of the secrets signed the time and the body, and the time is about now."""
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(now.timestamp() - int(timestamp)) > CLOCK_SECONDS:
        return False
    given = signature.encode()
    message = timestamp.encode() + b"." + body
    return any(hmac.compare_digest(given, sign(message, secret)) for secret in settings.BANK_MUTATION_SECRETS)


def sign(message: bytes, secret: str) -> bytes:
    return b"sha256=" + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest().encode()


class _Fraction(str):
    """A number with a fraction as it was written: nobody may take it for money."""


def read(body: bytes) -> Call:
    """Raises ``Misshapen``."""
    try:
        data = json.loads(body, parse_float=_Fraction, parse_constant=_Fraction)
    except (ValueError, RecursionError) as error:
        raise Misshapen("", _("Isinya bukan JSON: %(error)s") % {"error": error}) from error
    if not isinstance(data, dict):
        raise Misshapen("", _("Isinya harus satu objek JSON."))
    told = data.get("mutations")
    if not isinstance(told, list):
        raise Misshapen("mutations", _("Harus berupa daftar."))
    if len(told) > MOST_MUTATIONS:
        raise Misshapen("mutations", _("Paling banyak %(count)d mutasi sekali kirim.") % {"count": MOST_MUTATIONS})
    mutations = [_mutation(f"mutations[{number}]", one) for number, one in enumerate(told)]
    amounts: dict[str, Decimal] = {}
    for number, one in enumerate(mutations):
        if amounts.setdefault(one.id, one.row.amount) != one.row.amount:
            raise Misshapen(f"mutations[{number}].id", _("Nomor ini dipakai dua kali dengan jumlah berbeda."))
    account = _text("account", data.get("account"), needed=True)
    return Call(account, _text("bank", data.get("bank")), mutations)


def _mutation(field: str, data: object) -> Mutation:
    if not isinstance(data, dict):
        raise Misshapen(field, _("Harus berupa objek JSON."))
    kind = _text(f"{field}.type", data.get("type"), needed=True).lower()
    if kind not in {"credit", "debit"}:
        raise Misshapen(f"{field}.type", _("Harus “credit” atau “debit”."))
    amount = _amount(f"{field}.amount", data.get("amount"))
    if amount <= 0:
        raise Misshapen(f"{field}.amount", _("Harus lebih dari nol; arahnya ada di “type”."))
    identity = _text(f"{field}.id", data.get("id"), needed=True)
    if len(identity) > LONGEST_ID:
        raise Misshapen(f"{field}.id", _("Paling panjang %(count)d huruf.") % {"count": LONGEST_ID})
    balance = data.get("balance")
    row = Row(
        booked_on=_day(field, data),
        amount=amount if kind == "credit" else -amount,
        text=_text(f"{field}.description", data.get("description")),
        payer=_text(f"{field}.payer", data.get("payer")),
        balance=None if balance in (None, "") else _amount(f"{field}.balance", balance, signed=True),
        bank_id=identity,
    )
    return Mutation(identity, row)


def _text(field: str, value: object, *, needed: bool = False) -> str:
    """On one line, without what no database keeps."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if value is not None and (not isinstance(value, str) or isinstance(value, _Fraction)):
        raise Misshapen(field, _("Harus berupa teks."))
    text = " ".join(re.sub(r"[\x00-\x1f\x7f\ud800-\udfff]", " ", value or "").split())
    if needed and not text:
        raise Misshapen(field, _("Wajib diisi."))
    return text


def _amount(field: str, value: object, *, signed: bool = False) -> Decimal:
    if isinstance(value, _Fraction | bool) or not isinstance(value, str | int):
        raise Misshapen(field, _('Jumlah harus teks atau bilangan bulat, misalnya "150000".'))
    written = str(value).strip()
    sign = -1 if signed and written.startswith("-") else 1
    try:
        amount = parse_rupiah(written.removeprefix("-") if signed else written)
    except AmountError as error:
        raise Misshapen(field, _("Jumlah ini tidak terbaca: “%(written)s”.") % {"written": written[:40]}) from error
    if amount >= MOST_MONEY:
        raise Misshapen(field, _("Jumlah ini terlalu besar."))
    return sign * amount


def _day(field: str, data: Mapping) -> date:
    """The day in the company's time zone."""
    name = "booked_at" if data.get("booked_at") else "date"
    written = _text(f"{field}.{name}", data.get(name), needed=True)
    try:
        day = _read_day(written)
    except (ValueError, OverflowError) as error:
        problem = _("Tulis seperti 2026-11-28 atau 2026-11-28T09:15:00+07:00.")
        raise Misshapen(f"{field}.{name}", problem) from error
    if day > timezone.localdate() + timedelta(days=1):
        raise Misshapen(f"{field}.{name}", _("Tanggal ini belum tiba."))
    return day


def _read_day(written: str) -> date:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
        return date.fromisoformat(written)
    moment = datetime.fromisoformat(written)
    return (moment.astimezone(timezone.get_default_timezone()) if moment.tzinfo else moment).date()


def account_of(call: Call) -> BankAccount:
    """Raises ``UnknownAccount``."""
    try:
        return whose.of_number(call.account, call.bank)
    except whose.Unclear as unclear:
        raise UnknownAccount(str(unclear)) from unclear


@transaction.atomic
def take_in(call: Call, *, account: BankAccount, body: bytes) -> dict[str, int]:
    """Write what came in and is not written yet, once for each id (U2), and have it recognised after the commit.

    Returns how many were new, known, and money that went out.
    """
    importing.hold(account)
    incoming = {_key(one.id): one.row for one in call.mutations if one.row.amount > 0}
    new, known = importing.sort_out(account, Feed.WEBHOOK, incoming)
    told_otherwise = _told_otherwise(account, incoming, new)
    corrected, _old = importing.sort_out(account, Feed.WEBHOOK, told_otherwise)
    counts = {
        "new": len(new) + len(corrected),
        "known": known - len(corrected),
        "ignored": sum(one.row.amount < 0 for one in call.mutations),
    }
    if counts["new"]:
        imported = StatementImport.objects.create(
            account=account,
            road=StatementImport.Road.WEBHOOK,
            source="webhook",
            size=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            imported_at=timezone.now(),
            counts=counts,
        )
        importing.write(imported, Feed.WEBHOOK, new, actor=None)
        note = _("Nomor mutasi ini sudah ada dengan jumlah lain. Periksa rekening korannya.")
        importing.write(imported, Feed.WEBHOOK, corrected, actor=None, by_hand=True, note=note)
        transaction.on_commit(lambda: settling.tell_worker(imported.pk))
    return counts


def _key(identity: str) -> str:
    return f"id:{hashlib.sha256(identity.encode()).hexdigest()}"


def _told_otherwise(account: BankAccount, incoming: Mapping[str, Row], new: Mapping[str, Row]) -> dict[str, Row]:
    """Known ids that now come with another amount: which of the two is right is for staff to say, so neither is dropped."""
    lines = StatementLine.objects.filter(account=account, key__in=incoming).values_list("key", "amount")
    twins = StatementTwin.objects.filter(account=account, key__in=incoming).values_list("key", "line__amount")
    amounts = dict([*lines, *twins])
    return {
        f"{key}:{row.amount:.0f}": row
        for key, row in incoming.items()
        if key not in new and key in amounts and amounts[key] != row.amount
    }
