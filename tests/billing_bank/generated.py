"""Real-looking transfers with their right answer: exact ones, typed numbers, merged, split and mistyped ones (seeded)."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from billing.bank.recognition import Line, Names, Open, mentioned_in, recognise, sequences_in

DAY = date(2026, 11, 21)
PRICES = (99_000, 149_500, 150_000, 274_725, 330_225, 500_000, 1_110_000, 2_775_000)
GIVEN = ("BUDI", "SITI", "AGUS", "DEWI", "ANDI", "RINA", "JOKO", "WATI", "EKO", "MAYA", "RUDI", "LINA", "HADI", "NINA")
FAMILY = ("SANTOSO", "AMINAH", "WIJAYA", "LESTARI", "PRATAMA", "HARTONO", "SAPUTRA", "KUSUMA", "SIREGAR", "NASUTION")
STEMS = ("WI", "SU", "HAR", "PRA", "NU", "SA", "KUR", "RA", "DAR", "YU", "MAR", "SE", "TRI", "GUN")
ENDS = ("NTO", "RTI", "DI", "WAN", "TAMA", "NI", "LIA", "YONO", "NINGSIH", "MAN", "JAYA", "SIH")
FORMS = ("PT", "CV", "UD", "PT", "Koperasi")
CHANNELS = ("TRSF E-BANKING CR 2111/FTSCY/WS95031", "BI-FAST CR BIF TRANSFER DR", "SWITCHING CR TRF", "MCM InhouseTrf")
# How often what happens, in percent: what customers do who copy the amount from the invoice, and the rest.
MIX = {
    "code": 67, "code_and_number": 8, "number": 16, "merged": 6.5, "split": 0.6, "wrong_amount": 0.8,
    "mistyped_code": 0.3, "mistyped_number": 0.3, "twice": 0.3, "nothing": 0.2,
}  # fmt: skip


@dataclass(frozen=True)
class Owed:
    """An open invoice with its unique code and its buyer."""

    open: Open
    payable: Decimal
    buyer: str


@dataclass(frozen=True)
class Transfer:
    """``answer``: the invoices that it pays; none where only people can say."""

    kind: str
    amount: Decimal
    text: str
    answer: frozenset[int]


def owed(count: int, drawn: random.Random) -> list[Owed]:
    """Open invoices of few prices, one in ten with one of 140 names, so that many look alike."""
    codes: dict[int, int] = {}
    found = []
    for number in range(1, count + 1):
        price = drawn.choice(PRICES) + 1_000 * (number // 900)
        codes[price] = codes.get(price, 0) + 1
        buyer = _name(drawn)
        payable = Decimal(price + codes[price])
        found.append(Owed(Open(number, f"INV/2026/11/{number:05d}", Decimal(price), DAY, payable), payable, buyer))
    return found


def transfers(invoices: Sequence[Owed], drawn: random.Random) -> Iterator[Transfer]:
    """One after another until every invoice had its turn."""
    waiting = list(invoices)
    drawn.shuffle(waiting)
    while waiting:
        kind = drawn.choices(list(MIX), weights=list(MIX.values()))[0]
        taken = [waiting.pop() for _n in range(min(len(waiting), drawn.choice((2, 2, 3)) if kind == "merged" else 1))]
        yield from _OF_KIND[kind](kind, taken, drawn)


def _said(drawn: random.Random, *parts: str) -> str:
    return " ".join([drawn.choice(CHANNELS), *[part for part in parts if part]])


def _payer(one: Owed, drawn: random.Random) -> str:
    """Most pay from an account of the buyer's name; others from somebody else's."""
    return one.buyer if drawn.random() < 0.7 else _name(drawn)


def _name(drawn: random.Random) -> str:
    if drawn.random() < 0.1:
        return f"{drawn.choice(GIVEN)} {drawn.choice(FAMILY)}"
    made = [drawn.choice(STEMS) + drawn.choice(ENDS) for _n in range(2)]
    return " ".join([drawn.choice(FORMS), *made] if drawn.random() < 0.3 else made)


def spelled(number: str, drawn: random.Random) -> str:
    """As people type an invoice number."""
    letters, year, month, digits = number.split("/")
    digits = digits if drawn.random() < 0.6 else digits.lstrip("0")
    between = drawn.choice(("/", "/", " ", "-", ".", ""))
    if not between:
        digits = number.split("/")[3]
    text = between.join((letters, year, month, digits))
    return text.lower() if drawn.random() < 0.3 else text


def _mistyped(number: str, drawn: random.Random) -> str:
    place = drawn.randrange(len(number) - 4, len(number))
    digit = drawn.choice([one for one in "0123456789" if one != number[place]])
    return number[:place] + digit + number[place + 1 :]


def _code(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    one = taken[0]
    number = spelled(one.open.number, drawn) if kind == "code_and_number" else ""
    yield Transfer(kind, one.payable, _said(drawn, number, _payer(one, drawn)), frozenset({one.open.id}))


def _number(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    one = taken[0]
    text = _said(drawn, spelled(one.open.number, drawn), _payer(one, drawn))
    yield Transfer(kind, one.open.balance, text, frozenset({one.open.id}))


def _merged(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    numbers = drawn.choice((" ", ", ", " dan ", "+")).join(spelled(one.open.number, drawn) for one in taken)
    amount = sum(one.open.balance for one in taken)
    yield Transfer(kind, amount, _said(drawn, numbers, taken[0].buyer), frozenset(one.open.id for one in taken))


def _split(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    one = taken[0]
    first = Decimal(drawn.randrange(10_000, int(one.open.balance) - 10_000))
    for part in (first, one.open.balance - first):
        yield Transfer(kind, part, _said(drawn, spelled(one.open.number, drawn), one.buyer), frozenset())


def _wrong_amount(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    one = taken[0]
    amount = one.open.balance + drawn.choice((-2_500, -6_500, 2_500, 10_000, 100_000, -1))
    yield Transfer(kind, amount, _said(drawn, spelled(one.open.number, drawn), _payer(one, drawn)), frozenset())


def _mistyped_code(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    """One of the last three digits is wrong, or two changed places: such an amount is often somebody else's."""
    one = taken[0]
    digits = list(f"{one.payable:.0f}")
    place = drawn.randrange(len(digits) - 3, len(digits))
    if drawn.random() < 0.5:
        digits[place - 1], digits[place] = digits[place], digits[place - 1]
    else:
        digits[place] = drawn.choice("0123456789")
    amount = Decimal("".join(digits))
    if amount != one.payable:
        yield Transfer(kind, amount, _said(drawn, one.buyer), frozenset())


def _mistyped_number(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    one = taken[0]
    yield Transfer(kind, one.open.balance, _said(drawn, _mistyped(one.open.number, drawn), one.buyer), frozenset())


def _twice(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    """The second of two equal transfers pays nothing that is still open."""
    first = next(_code("code", taken, drawn))
    yield first
    yield replace(first, kind=kind, answer=frozenset())


def _nothing(kind: str, taken: list[Owed], drawn: random.Random) -> Iterator[Transfer]:
    yield Transfer(kind, Decimal(drawn.randrange(100, 9_000)), "BUNGA / JASA GIRO", frozenset())


_OF_KIND: dict[str, Callable[[str, list[Owed], random.Random], Iterator[Transfer]]] = {
    "code": _code, "code_and_number": _code, "number": _number, "merged": _merged, "split": _split,
    "wrong_amount": _wrong_amount, "mistyped_code": _mistyped_code, "mistyped_number": _mistyped_number,
    "twice": _twice, "nothing": _nothing,
}  # fmt: skip


@dataclass
class Score:
    """Over all transfers: how many were settled by themselves, rightly and wrongly, and how many could have been."""

    transfers: int = 0
    right: int = 0
    wrong: int = 0
    answerable: int = 0

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong)

    @property
    def recall(self) -> float:
        return self.right / self.answerable

    @property
    def by_themselves(self) -> float:
        return (self.right + self.wrong) / self.transfers


def played(count: int, seed: int) -> tuple[Score, list[Transfer]]:
    """Recognise transfers one after another as the shop does, each paid invoice closed; the wrong ones are returned."""
    drawn = random.Random(seed)
    invoices = owed(count, drawn)
    still_open = {one.open.id: one for one in invoices}
    by_payable = {one.payable: one for one in invoices}
    names = Names((one.open.id, one.open.balance, one.buyer) for one in invoices)
    score, wrong = Score(), []
    for transfer in transfers(invoices, drawn):
        read = _recognised(transfer, still_open, by_payable, names)
        score.transfers += 1
        score.answerable += bool(transfer.answer)
        if read is None:
            continue
        if read == transfer.answer:
            score.right += 1
        else:
            score.wrong += 1
            wrong.append(transfer)
        for pk in read:
            still_open.pop(pk, None)
    return score, wrong


def _recognised(
    transfer: Transfer, still_open: dict[int, Owed], by_payable: dict[Decimal, Owed], names: Names
) -> frozenset[int] | None:
    exact = by_payable.get(transfer.amount)
    ended_so = (still_open[pk].open for pk in sequences_in(transfer.text) if pk in still_open)
    found = recognise(
        Line(DAY, transfer.amount, transfer.text),
        by_code=exact.open if exact and exact.open.id in still_open else None,
        mentioned=mentioned_in(transfer.text, ended_so),
        named=[still_open[pk].open for pk in names.near(transfer.amount, transfer.text) if pk in still_open],
    )
    return found and frozenset(found.invoices)
