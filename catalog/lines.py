"""A configured product and the priced lines it becomes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from django.utils.functional import Promise

from accounts.texts import Text
from catalog.cycles import Cycle
from catalog.money import ZERO, spread
from catalog.offers import ProductOffer
from catalog.selection import Selection


class ConfigurationError(Exception):
    """``problems`` says what to do by field: cycle, quantity, option:<key>, addon:<key>, domain; ``item`` is the index."""

    def __init__(self, problems: Mapping[str, str | Promise], item: int = 0) -> None:
        super().__init__("; ".join(str(message) for message in problems.values()))
        self.problems = dict(problems)
        self.item = item


@dataclass(frozen=True)
class Item:
    """A product and how it was configured."""

    offer: ProductOffer
    selection: Selection


@dataclass(frozen=True)
class Period:
    """What a first payment is for: ``first`` to ``last``, in a cycle of ``whole_days`` that renews on ``anchor_day``."""

    first: date
    last: date
    anchor_day: int
    whole_days: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def is_part(self) -> bool:
        return self.days < self.whole_days

    @property
    def share(self) -> Fraction:
        return Fraction(self.days, self.whole_days)

    @property
    def next_due(self) -> date:
        return self.last + timedelta(days=1)


@dataclass(frozen=True)
class Line:
    """One priced part of an item: ``amount = unit_price × quantity``, net of tax once it stands in a quote.

    ``kind`` is product, option, addon, domain, setup or part; ``key`` is unique in its item: ``product``,
    ``option:users``, ``addon:managed``, ``domain``, ``setup:addon:managed``, ``part:product``. ``recurring_amount`` is what
    one renewal of a recurring line costs: a domain renews at another price than it was registered for.

    ``period`` is known of what recurs and was priced for a day. Where that is a part of a cycle, ``amount`` is its share
    (S9); a line of kind part is the days before the whole cycle that its own line is for.
    """

    item: int
    kind: str
    key: str
    label: Text
    detail: Text
    cycle: str
    quantity: int
    unit_price: Decimal
    amount: Decimal
    taxable: bool
    pph23: bool
    recurring_amount: Decimal = ZERO
    discount: Decimal = ZERO
    recurring_discount: Decimal = ZERO
    period: Period | None = None

    @property
    def share(self) -> Fraction:
        """How much of a full price it asks for."""
        return self.period.share if self.period and self.period.is_part else Fraction(1)

    @property
    def net(self) -> Decimal:
        return self.amount - self.discount

    @property
    def recurring(self) -> bool:
        return self.cycle != Cycle.ONE_TIME

    @property
    def recurring_net(self) -> Decimal:
        return self.recurring_amount - self.recurring_discount

    @property
    def belongs_to(self) -> str:
        """The key of the line that a setup fee or a part of a cycle is for; any other line's own key."""
        return self.key.removeprefix("setup:").removeprefix("part:")

    def shares(self, count: int) -> list[tuple[Decimal, Decimal, Decimal, Decimal]]:
        """(amount, discount, recurring amount, recurring discount) of each of ``count`` separate services (P5).

        They sum exactly to the line's own.
        """
        even = [Decimal(1)] * count
        columns = (self.amount, self.discount, self.recurring_amount, self.recurring_discount)
        return list(zip(*(spread(total, even) for total in columns), strict=True))


@dataclass(frozen=True)
class Described:
    """One thing that was configured, for people: shown in the cart and kept with the service."""

    key: str
    name: Text
    value: Text
