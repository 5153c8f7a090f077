"""Random lives of services, lived in the shop and by an oracle that knows only the rules: both tell the same story.

``LIVES`` and ``YEARS`` in the environment ask for more of them: ``LIVES=10000 YEARS=5`` takes hours.
"""

import os
import random
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine

from billing import cancellations, daily, payments, price_changes
from billing.models import Invoice, Service
from catalog.selection import Selection
from tests import factories
from tests.billing import changing, oracle
from tests.billing.shop import place
from tests.billing.years import disagreements

pytestmark = pytest.mark.django_db

LIVES = int(os.environ.get("LIVES", "12"))
DAYS = round(float(os.environ.get("YEARS", "1")) * 365)
SEED = int(os.environ.get("SEED", "20260131"))
FIRST = date(2027, 11, 1)


def draw(chance: random.Random) -> oracle.Life:
    ordered = FIRST + timedelta(days=chance.randrange(120))
    price, discount = chance.randrange(50, 900) * 500, chance.choice([0, 0, 10, 25])
    act = chance.choice(["upgrade", "announced", ""]) if not discount else ""
    day = ordered + timedelta(days=chance.randrange(1, DAYS))
    higher = price + chance.randrange(1, 400) * 500
    from_day = day + timedelta(days=chance.randrange(30, 90))
    return oracle.Life(
        cycle=chance.choice(list(oracle.MONTHS)) if chance.random() < 0.5 else "monthly",
        ordered=ordered,
        price=price,
        discount=discount,
        discounted_renewals=chance.choice([None, 1, 2, 5]),
        delays=tuple(chance.choice([0, 1, 5, 13, 14, 20, 21, 22, 30, 45, None]) for _number in range(7)),
        ends_asked=ordered + timedelta(days=chance.randrange(20, DAYS)) if chance.random() < 0.3 else None,
        upgrade=(day, higher) if act == "upgrade" else None,
        announced=(day, from_day, chance.choice([higher, price // 1_000 * 500])) if act == "announced" else None,
    )


def begin(life: oracle.Life) -> tuple[oracle.Life, Service]:
    """Ordered and paid on its day; the discount of a promotion is turned from percent into rupiah."""
    customer = factories.customer(factories.user())
    product = factories.product(prices={life.cycle: life.price})
    code = ""
    if life.discount:
        code = factories.promotion(recurring=True, renewals=life.discounted_renewals, value=life.discount).code
    order = place(customer, selections={product: Selection(cycle=life.cycle)}, promotion_code=code)
    pay(order.invoice)
    service = order.services.get()
    values = {**life.__dict__, "discount": int(service.recurring_discount)}
    return oracle.Life(**values), service


def pay(invoice: Invoice) -> None:
    payments.record(
        customer=invoice.customer,
        amount=invoice.balance,
        currency="IDR",
        source="staff",
        cause=f"life:{invoice.pk}",
        method=None,
        received_on=invoice.issued_on,
        reference="",
        actor=None,
        invoices=[invoice],
    )


def at(day: date, hour: int) -> time_machine.travel:
    """An hour in Jakarta."""
    return time_machine.travel(f"{day}T{hour - 7:02}:00:00Z", tick=False)


def told(service: Service) -> list[tuple]:
    bills = Invoice.objects.filter(customer=service.customer, kind="renewal").order_by("pk")
    return [
        (
            one.issued_on,
            one.due_on,
            one.lines.get().period_start,
            one.lines.get().period_end,
            one.subtotal - one.discount,
            one.tax,
            one.status,
        )
        for one in bills
    ]


def changes(service: Service) -> list[tuple]:
    moved = service.events.exclude(to_status="").exclude(from_status__in=["", "pending"]).order_by("pk")
    return [(one.at.date(), one.to_status) for one in moved]


def test_the_shop_and_the_oracle_tell_the_same_story(account):
    chance = random.Random(SEED)
    factories.ppn()
    drawn = [draw(chance) for _number in range(LIVES)]
    until = FIRST + timedelta(days=DAYS)
    lives: dict[int, tuple[oracle.Life, Service]] = {}
    to_pay: dict[date, list[int]] = defaultdict(list)
    seen: dict[int, int] = defaultdict(int)
    day = FIRST
    while day <= until:
        with at(day, 10):
            daily.run(day)
            for invoice in Invoice.objects.filter(kind="renewal", issued_on=day).order_by("pk"):
                life, _service = lives[invoice.customer_id]
                delay = life.delays[seen[invoice.customer_id] % len(life.delays)]
                seen[invoice.customer_id] += 1
                if delay is not None:
                    to_pay[day + timedelta(days=delay)].append(invoice.pk)
        with at(day, 12):
            for invoice in Invoice.objects.filter(pk__in=to_pay.pop(day, []), status="unpaid").order_by("pk"):
                pay(invoice)
        with at(day, 14):
            for life, service in lives.values():
                if day in {life.ends_asked, *(life.upgrade or ())[:1], *(life.announced or ())[:1]}:
                    service.refresh_from_db()
                    act(life, service, day)
            for life in [one for one in drawn if one.ordered == day]:
                lives.update({service.customer_id: (known, service) for known, service in [begin(life)]})
        day += timedelta(days=1)
    assert len(lives) == LIVES
    for life, service in lives.values():
        course = oracle.live(life, until)
        shop = (told(service), upgrades(service), changes(service))
        assert shop == ([bill.facts for bill in course.bills], course.upgrades, course.changes), life
    assert disagreements() == []


def upgrades(service: Service) -> list[tuple]:
    bills = Invoice.objects.filter(customer=service.customer, kind="change").order_by("pk")
    return [(one.issued_on, one.subtotal, one.tax) for one in bills]


def act(life: oracle.Life, service: Service, day: date) -> None:
    """What the life has for this day, in the oracle's order."""
    if life.announced and life.announced[0] == day:
        announce(service, *life.announced[1:])
    if life.upgrade and life.upgrade[0] == day:
        upgrade(service, day, life.upgrade[1])
    if life.ends_asked == day:
        service.refresh_from_db()
        ask(service)


def announce(service: Service, effective_from: date, price: int) -> None:
    if service.renews_from is None or service.ends_on is not None:
        return
    prices = {part.pk: Decimal(price) for part in service.components.all()}
    price_changes.announce(service=service, unit_prices=prices, effective_from=effective_from, note="", actor=None)


def upgrade(service: Service, day: date, price: int) -> None:
    """Asked for and paid at once, where nothing else is to pay."""
    waits = Invoice.objects.filter(customer=service.customer, status="unpaid").exists()
    if service.status != "active" or service.ends_on is not None or waits:
        return
    larger = factories.product(prices={service.cycle: price})
    changing.allow(service.product, larger)
    pay(changing.change(service, larger, day).invoice)


def ask(service: Service) -> None:
    if cancellations.can_be_asked(service):
        cancellations.request(service=service, when="period_end", reason="price", comment="", actor=None)
