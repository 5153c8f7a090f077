"""Which statement line proves which transfer that a customer told of, and how surely. Pure: it decides nothing.

What recognition left to people stays theirs; here is only said what they may look at together (U3, K3).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

from billing.bank import recognition

# Banks book a transfer of Friday evening on Monday, and people write the day before or after.
DAYS_BEFORE, DAYS_AFTER = 1, 5
# Another amount of the same sender is told of up to here: a slip of the keyboard, a fee, PPh 23.
NEAR_AT_LEAST, NEAR_SHARE = Decimal(10_000), Decimal("0.05")

AMOUNT, NUMBER, SENDER, BUYER = "amount", "number", "sender", "buyer"
WEIGHTS = {AMOUNT: 40, NUMBER: 30, SENDER: 20, BUYER: 15}
SAME_DAY = 3


@dataclass(frozen=True)
class Claim:
    """A transfer that a customer told of, for one invoice or several (C4). ``id`` is the first confirmation's."""

    id: int
    account: int
    amount: Decimal
    on: date
    at: datetime
    sender: frozenset[str]
    buyer: frozenset[str]
    # Of each invoice, its sequence and its whole number.
    numbers: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Seen:
    """Money that came in, as the bank says it."""

    id: int
    account: int
    amount: Decimal
    on: date
    text: str

    @cached_property
    def words(self) -> frozenset[str]:
        return recognition.words(self.text)

    @cached_property
    def sequences(self) -> set[int]:
        return recognition.sequences_in(self.text)

    def mentions(self, claim: Claim) -> bool:
        """Whether the text has the number of one of its invoices."""
        told = (number for sequence, number in claim.numbers if sequence in self.sequences)
        return any(recognition.mentions(self.text, number) for number in told)


@dataclass(frozen=True)
class Fit:
    """A line that may be the transfer: which signs speak for it, the days from the one to the other, what is too much.

    ``contested``: another transfer that has no line of its own fits it as well.
    """

    claim: int
    line: int
    signs: frozenset[str]
    days: int
    difference: Decimal
    contested: bool = False

    @property
    def sure(self) -> bool:
        """The very amount, and the text says whose or what for."""
        return AMOUNT in self.signs and len(self.signs) > 1 and not self.contested

    @property
    def weight(self) -> int:
        return sum(WEIGHTS[sign] for sign in self.signs) + max(0, SAME_DAY - abs(self.days))


def fit(claim: Claim, line: Seen) -> Fit | None:
    """``None`` where nothing says that the line is the transfer."""
    days = (line.on - claim.on).days
    if line.account != claim.account or not -DAYS_BEFORE <= days <= DAYS_AFTER:
        return None
    difference = line.amount - claim.amount
    signs = {
        AMOUNT: not difference,
        NUMBER: line.mentions(claim),
        SENDER: bool(claim.sender) and claim.sender <= line.words,
        BUYER: bool(claim.buyer) and claim.buyer <= line.words,
    }
    near = abs(difference) <= max(NEAR_AT_LEAST, claim.amount * NEAR_SHARE)
    if not (signs[AMOUNT] or signs[NUMBER] or (near and (signs[SENDER] or signs[BUYER]))):
        return None
    return Fit(claim.id, line.id, frozenset(sign for sign, there in signs.items() if there), days, difference)


def fits(claims: Iterable[Claim], lines: Iterable[Seen]) -> Iterator[Fit]:
    """Every line that may be one of the transfers; each is compared with those alone that share something with it."""
    index = _Index(claims)
    for line in lines:
        for claim in index.near(line):
            found = fit(claim, line)
            if found is not None:
                yield found


def pair(claims: Sequence[Claim], lines: Iterable[Seen]) -> Mapping[int, Fit]:
    """For each transfer at most one line, and no line twice: what fits best first, then who waits longest."""
    since = {claim.id: claim.at for claim in claims}
    found = sorted(fits(claims, lines), key=lambda one: (-one.weight, since[one.claim], one.claim, one.line))
    pairs: dict[int, Fit] = {}
    taken: set[int] = set()
    for one in found:
        if one.claim not in pairs and one.line not in taken:
            pairs[one.claim] = one
            taken.add(one.line)
    rivals = {(one.line, one.weight) for one in found if one.claim not in pairs}
    return {claim: replace(one, contested=(one.line, one.weight) in rivals) for claim, one in pairs.items()}


class _Index:
    """The transfers by what a line can share with them."""

    def __init__(self, claims: Iterable[Claim]) -> None:
        self._by_amount: dict[tuple[int, Decimal], list[Claim]] = defaultdict(list)
        self._by_word: dict[str, list[Claim]] = defaultdict(list)
        self._by_sequence: dict[int, list[Claim]] = defaultdict(list)
        for claim in claims:
            self._by_amount[claim.account, claim.amount].append(claim)
            for name in (claim.sender, claim.buyer):
                if name:
                    self._by_word[max(name, key=lambda word: (len(word), word))].append(claim)
            for sequence, _number in claim.numbers:
                self._by_sequence[sequence].append(claim)

    def near(self, line: Seen) -> Iterable[Claim]:
        found = {claim.id: claim for claim in self._by_amount.get((line.account, line.amount), ())}
        for word in line.words:
            found |= {claim.id: claim for claim in self._by_word.get(word, ())}
        for sequence in line.sequences:
            found |= {claim.id: claim for claim in self._by_sequence.get(sequence, ())}
        return found.values()
