"""Which invoices a statement line pays (U3): by its exact amount, by the numbers in its text, else staff looks.

Nothing here is a guess: a line that fits two ways is left to people.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.money import total_of

CODE, NUMBER, NUMBERS = "code", "number", "numbers"
LONGEST_SEQUENCE = 7


@dataclass(frozen=True)
class Open:
    """An unpaid invoice: ``issued_on`` is the first day on which somebody could pay it; ``payable`` with its unique code."""

    id: int
    number: str
    balance: Decimal
    issued_on: date
    payable: Decimal | None = None


@dataclass(frozen=True)
class Recognised:
    """The invoices that the line pays, and the rule that says so."""

    rule: str
    invoices: tuple[int, ...]


@dataclass(frozen=True)
class Line:
    booked_on: date
    amount: Decimal
    text: str


def sequences_in(text: str) -> set[int]:
    """Every number that could end an invoice number in the text: each group of digits, and the ends of longer ones."""
    groups = re.findall(r"\d+", re.sub(r"(?<=\d)[\s./-]+(?=\d)", "", text)) + re.findall(r"\d+", text)
    ends = {group[-length:] for group in groups for length in range(1, min(len(group), LONGEST_SEQUENCE) + 1)}
    return {int(end) for end in ends} - {0}


def mentions(text: str, number: str) -> bool:
    """Whether the text has the invoice number, whatever its case, spaces, punctuation and leading zeros (U3)."""
    return bool(_pattern(number).search(text))


def _pattern(number: str) -> re.Pattern[str]:
    """Letters and digits of the number in their order; between them anything that is neither."""
    parts = re.findall(r"[A-Za-z]+|\d+", number)
    spelled = []
    for part in parts:
        if part.isdigit():
            spelled.append(r"(?:0[\W_]*)*" + r"[\W_]*".join(part.lstrip("0") or "0"))
        else:
            spelled.append(r"[\W_]*".join(part))
    before = r"(?<!\d)" if parts and parts[0].isdigit() else ""
    return re.compile(before + r"[\W_]*".join(spelled) + r"(?!\d)", re.IGNORECASE)


def recognise(
    line: Line, *, by_code: Open | None, mentioned: Sequence[Open], named: Sequence[Open] = ()
) -> Recognised | None:
    """The one reading of a line, or ``None`` where there is none or more than one.

    ``by_code`` is the open transfer of exactly this amount to this account; ``mentioned`` are the open invoices whose number
    the text has; ``named`` those of about this amount whose buyer the text names: where the line is one slip of the keyboard
    away from one of theirs, it may well be theirs.
    """
    found = _read(line, by_code, mentioned)
    if found is None or any(one.id in found.invoices for one in named):
        return found
    if found.rule == CODE:
        slipped = any(one.payable and one_slip(f"{line.amount:.0f}", f"{one.payable:.0f}") for one in named)
    else:
        numbers = [one.number for one in mentioned if one.id in found.invoices]
        slipped = any(one_slip(number, one.number) for number in numbers for one in named)
    return None if slipped else found


def one_slip(typed: str, meant: str) -> bool:
    """Whether one character was mistyped, left out or doubled, or two neighbours changed places."""
    if abs(len(typed) - len(meant)) == 1:
        longer, shorter = sorted((typed, meant), key=len, reverse=True)
        return any(longer[:place] + longer[place + 1 :] == shorter for place in range(len(longer)))
    places = [place for place, (one, other) in enumerate(zip(typed, meant, strict=False)) if one != other]
    if len(typed) != len(meant) or not places or len(places) > 2:
        return False
    first, last = places[0], places[-1]
    swapped = last == first + 1 and typed[first] == meant[last] and typed[last] == meant[first]
    return len(places) == 1 or swapped


def _read(line: Line, by_code: Open | None, mentioned: Sequence[Open]) -> Recognised | None:
    in_time = [one for one in mentioned if one.issued_on <= line.booked_on]
    exact = [one for one in in_time if one.balance == line.amount]
    if by_code is not None and by_code.issued_on <= line.booked_on:
        contradicted = in_time and by_code.id not in {one.id for one in in_time}
        return None if contradicted else Recognised(CODE, (by_code.id,))
    if len(in_time) > 1 and total_of(one.balance for one in in_time) == line.amount:
        return Recognised(NUMBERS, tuple(one.id for one in in_time))
    if len(exact) == 1:
        return Recognised(NUMBER, (exact[0].id,))
    return None


def mentioned_in(text: str, invoices: Iterable[Open]) -> list[Open]:
    return [one for one in invoices if mentions(text, one.number)]


# Words of a name that say nothing about whose it is.
FORMS = frozenset({"pt", "cv", "ud", "tbk", "toko", "yayasan", "koperasi", "persero", "bapak", "ibu", "sdr"})
# A unique code, twice: one that was typed wrongly may be less than the balance.
NEARLY = 1_998


def words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]{2,}", text.lower())) - FORMS


class Names:
    """The buyers of open invoices, found by the words of a statement's text."""

    def __init__(self, buyers: Iterable[tuple[int, Decimal, str]]) -> None:
        """``buyers``: an invoice's id, its balance, and the buyer's name."""
        self._by_word: dict[str, list[tuple[int, Decimal, frozenset[str]]]] = defaultdict(list)
        for pk, balance, name in buyers:
            of_name = words(name)
            if of_name:
                self._by_word[max(of_name, key=lambda word: (len(word), word))].append((pk, balance, of_name))

    def near(self, amount: Decimal, text: str) -> set[int]:
        """The invoices whose buyer the text names in full, and whose balance is at most a unique code away."""
        told = words(text)
        return {
            pk
            for word in told
            for pk, balance, of_name in self._by_word.get(word, ())
            if of_name <= told and abs(amount - balance) <= NEARLY
        }
