"""Statements as CSV, which every bank lays out in its own way: by a mapping of its columns that is kept per account."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from billing.bank.rows import Row, StatementError
from catalog.money import AmountError, parse_rupiah

DELIMITERS = ";,\t|"
DATE_FORMATS = (
    "%d/%m/%Y", "%d/%m/%y", "%Y-%m-%d", "%d-%m-%Y", "%d-%m-%y", "%d.%m.%Y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y",
    "%Y%m%d", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H.%M.%S", "%Y-%m-%d %H:%M:%S", "%d/%m/%y %H:%M:%S", "%d/%m",
)  # fmt: skip
# "5 Mei 2026" as strptime knows it.
INDONESIAN_MONTHS = {"mei": "May", "agu": "Aug", "ags": "Aug", "okt": "Oct", "des": "Dec", "agt": "Aug"}
CREDIT_MARKS = ("CR", "C", "K", "KR", "KREDIT", "CREDIT", "+")
DEBIT_MARKS = ("DB", "D", "DR", "DEBET", "DEBIT", "-")
# Banks write it for a movement that they have not booked yet: it comes again, with its day.
PENDING = ("PEND", "PENDING")


@dataclass(frozen=True)
class Columns:
    """Where a statement's columns are, by their headings, compared without case and punctuation.

    Either ``amount``, with its direction in the amount itself or in ``direction``, or ``credit`` and ``debit``.
    """

    date: str = ""
    text: tuple[str, ...] = ()
    payer: str = ""
    amount: str = ""
    direction: str = ""
    credit: str = ""
    debit: str = ""
    balance: str = ""
    bank_id: str = ""

    def to_json(self) -> dict:
        return asdict(self) | {"text": list(self.text)}

    @classmethod
    def from_json(cls, data: Mapping) -> "Columns":
        """Raises ``TypeError`` for what is no mapping of columns."""
        return replace(cls(**data), text=tuple(data.get("text", ())))

    @property
    def needed(self) -> list[str]:
        """Without these there is no statement; a balance, a payer's name or the bank's number may be missing."""
        return [name for name in (self.date, *self.text, self.amount, self.direction, self.credit, self.debit) if name]


# As the banks' internet banking for companies heads its exports.
KNOWN = {
    "BCA": Columns(date="Tanggal", text=("Keterangan",), amount="Jumlah", balance="Saldo"),
    "BCA (transaksi)": Columns(date="Tanggal Transaksi", text=("Keterangan",), amount="Jumlah", balance="Saldo"),
    "Mandiri": Columns(
        date="Date", text=("Description", "Reference No."), credit="Credit", debit="Debit", balance="Balance"
    ),
    "Mandiri (MCM)": Columns(
        date="Post Date", text=("Remarks", "Additional Desc"), credit="Credit Amount", debit="Debit Amount",
        balance="Close Balance",
    ),
    "BNI": Columns(
        date="Post Date", text=("Description",), amount="Amount", direction="Db/Cr", balance="Balance",
        bank_id="Journal No.",
    ),
    "BRI": Columns(
        date="Tanggal Transaksi", text=("Uraian Transaksi",), credit="Kredit", debit="Debet", balance="Saldo"
    ),
    "BRI (CMS)": Columns(date="TGL_TRAN", text=("DESK_TRAN",), credit="MUTASI_KREDIT", debit="MUTASI_DEBET",
                         balance="SALDO_AKHIR_MUTASI"),
}  # fmt: skip


@dataclass(frozen=True)
class Table:
    """A CSV file as cells: the headings, each filled row below with its number in the file, and what stands above."""

    headings: tuple[str, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]
    before: str = ""

    def places(self, heading: str) -> list[int]:
        """Where it is: some banks use the same heading twice."""
        wanted = _plain(heading)
        return [place for place, name in enumerate(self.headings) if wanted and _plain(name) == wanted]

    def has(self, columns: "Columns") -> bool:
        return all(self.places(name) for name in columns.needed)


def _plain(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "", heading.lower())


def decode(content: bytes) -> str:
    """As text: UTF-8 or UTF-16 where the file says so, UTF-8 where it is, else what Windows writes."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def read_table(content: bytes) -> Table:
    """The cells of a CSV file. The headings are its first row with most cells filled, below what banks write on top.

    Raises ``StatementError`` where there is no table in it.
    """
    # No database keeps a NUL, and no bank means one.
    text = decode(content).replace("\x00", "")
    delimiter = max(DELIMITERS, key=lambda mark: sum(line.count(mark) for line in text.splitlines()[:60]))
    try:
        read = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise StatementError(_("Berkas ini tidak terbaca sebagai CSV: %(error)s") % {"error": error}) from error
    cells = [tuple(cell.strip().lstrip("'") for cell in row) for row in read]
    widths = [sum(bool(cell) for cell in row) for row in cells]
    for number, row in enumerate(cells):
        if _are_headings(row, widths[number:]):
            before = "\n".join(" ".join(above) for above in cells[:number])
            below = enumerate(cells[number + 1 :], start=number + 2)
            return Table(row, tuple((place, one) for place, one in below if any(one)), before)
    raise StatementError(_("Berkas ini tidak berisi tabel mutasi. Unduh lagi sebagai CSV dari internet banking."))


def _are_headings(row: Sequence[str], widths: Sequence[int]) -> bool:
    filled = [cell for cell in row if cell]
    wide_enough = len(filled) >= 3 and len(filled) >= max(widths[1:4], default=0) - 2
    return wide_enough and not any(re.fullmatch(r"[\d.,/:\s-]+", cell) for cell in filled)


def guess(table: Table) -> Columns | None:
    """The bank whose headings these are, the one with most of them first."""
    return max(filter(table.has, KNOWN.values()), key=lambda one: len(one.needed), default=None)


def read(table: Table, columns: Columns) -> list[Row]:
    """Every booked movement. Raises ``StatementError`` naming the row of the first that cannot be read; never guesses."""
    missing = [name for name in columns.needed if not table.places(name)]
    if missing or not columns.date or not (columns.amount or columns.credit):
        raise StatementError(_("Kolom ini tidak ada di berkas: %(names)s.") % {"names": ", ".join(missing) or "–"})
    return list(_rows(table, columns))


def _rows(table: Table, columns: Columns) -> Iterator[Row]:
    year = _year_in(table.before)
    for number, cells in table.rows:
        line = _Line(table, cells)
        written = line[columns.date]
        moves_money = any(line[name] for name in (columns.amount, columns.credit, columns.debit))
        if not written or written.upper() in PENDING or not moves_money:
            # Totals and notes below the table.
            continue
        try:
            yield Row(
                booked_on=_day(written, year),
                amount=_amount(line, columns),
                text=" ".join(filter(None, (line[name] for name in columns.text))),
                payer=line[columns.payer],
                balance=_balance(line[columns.balance]),
                bank_id=line[columns.bank_id],
            )
        except (ValueError, AmountError) as error:
            raise StatementError(
                _("Baris %(number)d tidak terbaca: “%(cell)s”.") % {"number": number, "cell": error}
            ) from error


class _Line:
    def __init__(self, table: Table, cells: Sequence[str]) -> None:
        self.table, self.cells = table, cells

    def __getitem__(self, heading: str) -> str:
        cells = (self.cells[place] for place in self.table.places(heading) if place < len(self.cells))
        return " ".join(" ".join(cells).split())


def _year_in(text: str) -> int | None:
    """Where rows give day and month only, the period on top of the statement says the year."""
    found = re.findall(r"\b(20\d\d)\b", text)
    return int(found[-1]) if found else None


def _day(written: str, year: int | None) -> date:
    words = re.sub(r"[A-Za-z]{3,}", lambda word: INDONESIAN_MONTHS.get(word[0].lower()[:3], word[0]), written)
    for form in DATE_FORMATS:
        # A day without a year is read in a leap year, and put into its own afterwards.
        text, pattern = (f"{words}/2000", f"{form}/%Y") if form == "%d/%m" else (words, form)
        try:
            day = datetime.strptime(text, pattern).date()
        except ValueError:
            continue
        if form != "%d/%m":
            return day
        if year is not None:
            return day.replace(year=year)
    raise ValueError(written)


def _amount(line: _Line, columns: Columns) -> Decimal:
    """Signed: positive where money came in."""
    if columns.credit:
        credit, debit = _number(line[columns.credit]), _number(line[columns.debit])
        if credit and debit:
            raise AmountError(f"{line[columns.credit]} / {line[columns.debit]}")
        return credit - debit
    written = line[columns.amount]
    mark = line[columns.direction].upper()
    for one in (*CREDIT_MARKS, *DEBIT_MARKS):
        if not mark and re.search(rf"\d\s*{re.escape(one)}$", written.upper()):
            mark, written = one, re.sub(rf"\s*{re.escape(one)}$", "", written, flags=re.IGNORECASE)
    if mark and mark not in (*CREDIT_MARKS, *DEBIT_MARKS):
        raise AmountError(mark)
    amount = _number(written)
    return -abs(amount) if mark in DEBIT_MARKS else amount


def _number(written: str) -> Decimal:
    """Rupiah and cents as banks write them, with a sign; nothing is zero."""
    if written in {"", "-", "–"}:
        return Decimal(0)
    sign = -1 if written.startswith(("-", "(")) else 1
    digits = written.strip("+-() ")
    return sign * parse_rupiah(f"0{digits}" if digits.startswith((".", ",")) else digits)


def _balance(written: str) -> Decimal | None:
    try:
        return _number(re.sub(r"\s*(CR|DB|C|D)$", "", written, flags=re.IGNORECASE)) if written else None
    except AmountError:
        # Interest may leave cents in a balance, and no rule depends on it: it only tells equal lines apart.
        return None
