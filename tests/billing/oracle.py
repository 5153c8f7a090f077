"""What must happen to a service, written from the business rules alone: nothing of the shop is imported or looked at.

One service of one customer, day by day: each day first the shop's run, later the customer's payment. Amounts are rupiah.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

MONTHS = {"monthly": 1, "quarterly": 3, "semiannually": 6, "annually": 12}
# S5: renewal invoice 14 days before due, yearly cycles 30; suspended 7 days after. I7: any new invoice is due in 3 days.
AHEAD, AHEAD_YEARLY, GRACE, AT_LEAST = 14, 30, 7, 3
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Life:
    """``delays`` are the days from each renewal invoice to its payment, ``None`` for never; ``ends_asked`` when the customer
    asks to end with the period. ``upgrade``: on a day to another price, paid at once. ``announced``: on a day, from
    another on, a new price. These two belong to lives without a discount."""

    cycle: str
    ordered: date
    price: int
    discount: int
    discounted_renewals: int | None
    delays: tuple[int | None, ...]
    ends_asked: date | None = None
    upgrade: tuple[date, int] | None = None
    announced: tuple[date, date, int] | None = None


@dataclass
class Bill:
    issued: date
    due: date
    start: date
    end: date
    net: int
    tax: int
    pays: date | None
    state: str = "unpaid"

    @property
    def facts(self) -> tuple:
        return (self.issued, self.due, self.start, self.end, self.net, self.tax, self.state)


def later(day: date, months: int, anchor: int) -> date:
    """S2: so many months later, on the anchor day or the month's last."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    first_of_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_of_next - ONE_DAY).day
    return date(year, month + 1, min(anchor, last))


def tax_on(net: int) -> int:
    """T3: 12 % on 11/12 of the price, half up."""
    return (net * 11 * 2 + 100) // 200


def half_up(amount: Fraction) -> int:
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


@dataclass
class Course:
    """What comes of a life: its renewal invoices, its upgrades (day, net, tax), and when its state changed to what."""

    life: Life
    bills: list[Bill] = field(default_factory=list)
    changes: list[tuple[date, str]] = field(default_factory=list)
    state: str = "active"
    over_on: date | None = None
    upgrades: list[tuple[date, int, int]] = field(default_factory=list)
    to_come: tuple[date, int] | None = None

    def __post_init__(self) -> None:
        self.months = MONTHS[self.life.cycle]
        self.left = self.life.discounted_renewals
        self.price = self.life.price
        self.start = self.next(self.life.ordered)
        self.first_end = self.start - ONE_DAY

    def next(self, day: date) -> date:
        return later(day, self.months, self.life.ordered.day)

    def unpaid(self) -> list[Bill]:
        return [bill for bill in self.bills if bill.state == "unpaid"]

    def become(self, state: str, day: date) -> None:
        self.state = state
        self.changes.append((day, state))

    def run(self, day: date) -> None:
        if self.over_on and day >= self.over_on:
            for bill in self.unpaid():
                bill.state = "cancelled"
            self.become("terminated" if self.state == "suspended" else "cancelled", day)
            return
        ahead = timedelta(days=AHEAD_YEARLY if self.months >= 12 else AHEAD)
        goes_on = self.over_on is None or self.start < self.over_on
        if self.state == "active" and goes_on and self.start - ahead <= day:
            self.bill(day)
        waiting = self.unpaid()
        if self.state == "active" and waiting and waiting[0].start <= day - timedelta(days=GRACE):
            self.become("suspended", day)

    def bill(self, day: date) -> None:
        discounted = self.left is None or self.left > 0
        self.left = self.left if self.left is None else max(self.left - 1, 0)
        if self.to_come and self.start >= self.to_come[0]:
            self.price, self.to_come = self.to_come[1], None
        net = self.price - (self.life.discount if discounted else 0)
        delay = self.life.delays[len(self.bills) % len(self.life.delays)]
        due = self.start if self.start > day else day + timedelta(days=AT_LEAST)
        pays = None if delay is None else day + timedelta(days=delay)
        after = self.next(self.start)
        self.bills.append(Bill(day, due, self.start, after - ONE_DAY, net, tax_on(net), pays))
        self.start = after

    def pay(self, day: date) -> None:
        for bill in self.unpaid():
            if bill.pays == day:
                bill.state = "paid"
                overdue = [one for one in self.unpaid() if one.start <= day]
                if self.state == "suspended" and not overdue:
                    self.become("active", day)

    def announce(self, day: date, effective: date, price: int) -> None:
        """P7: what is invoiced stays; each period that begins on the day or later costs the new price."""
        if self.over_on is None:
            self.to_come = (effective, price)

    def change(self, day: date, price: int) -> None:
        """S6: the rest of every period that is paid, at the new price less what is left of the old; renewals follow."""
        if self.state != "active" or self.over_on or self.unpaid():
            return
        paid = [(self.life.ordered, self.first_end, self.life.price)]
        paid += [(bill.start, bill.end, bill.net) for bill in self.bills if bill.state == "paid"]
        left = [
            (Fraction((end - max(start, day)).days + 1, (end - start).days + 1), net)
            for start, end, net in paid
            if end >= day
        ]
        unused = half_up(sum((share * net for share, net in left), Fraction(0)))
        charged = half_up(sum((share * price for share, _net in left), Fraction(0)))
        self.upgrades.append((day, charged - unused, tax_on(charged - unused)))
        self.price = price

    def ask_to_end(self, day: date) -> None:
        waiting = self.unpaid()
        self.over_on = max(waiting[0].start if waiting else self.start, day + ONE_DAY)
        for bill in waiting:
            if bill.start >= self.over_on:
                bill.state = "cancelled"
                self.start = min(self.start, bill.start)


def live(life: Life, until: date) -> Course:
    course, day = Course(life), life.ordered + ONE_DAY
    while day <= until and course.state in {"active", "suspended"}:
        course.run(day)
        if course.state in {"active", "suspended"}:
            course.pay(day)
            if life.announced and life.announced[0] == day:
                course.announce(*life.announced)
            if life.upgrade and life.upgrade[0] == day:
                course.change(*life.upgrade)
            if life.ends_asked == day:
                course.ask_to_end(day)
        day += ONE_DAY
    return course
