"""Orders that are paid in parts: split exactly, active with the first part, ended together."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import outbox
from accounts.models import OutboxEmail, Shop
from billing import instalments, invoicing, ledger, lifecycle, ordering, reminders, unpaid_orders
from billing.forms import PlanField
from billing.instalments import Instalment
from billing.models import Invoice, InvoiceLine, NumberCounter, Order
from catalog.cycles import Cycle
from catalog.selection import Selection
from catalog.tax import TaxTerms, settle
from tests import factories
from tests.billing.shop import confirm, emails, pay, place, rupiah

pytestmark = pytest.mark.django_db

PPN = TaxTerms("PPN", Decimal(12), 11, 12, "04")
PLAN = [Instalment(50, 3), Instalment(30, 33), Instalment(20, 63)]


@pytest.fixture
def order(customer, account, ppn):
    """P9's price: 297.500 net with PPN 32.725."""
    product = factories.product(prices={Cycle.MONTHLY: (150_000, 50_000)}, name_id="Hosting")
    factories.quantity_option(product, prices={Cycle.MONTHLY: 12_500})
    factories.promotion(code="HEMAT", recurring=True)
    chosen = {product: Selection(cycle=Cycle.MONTHLY, options={"users": 10})}
    with time_machine.travel("2026-11-21T03:00:00Z"):
        made = place(
            customer,
            selections=chosen,
            promotion_code="HEMAT",
            plan=PLAN,
            expected_total=rupiah(330_225),
            po_number="PO-7",
        )
    OutboxEmail.objects.update(status="sent", sent_at=timezone.now())
    return made


def parts(order: Order) -> list[Invoice]:
    return [Invoice.objects.get(pk=one.pk) for one in instalments.parts_of(order)]


def test_the_parts_are_issued_together_and_sum_to_what_was_agreed(order):
    first, second, third = parts(order)
    assert [one.number[-5:] for one in (first, second, third)] == ["00001", "00002", "00003"]
    assert [(one.kind, one.order_id, one.instalment_of_id, one.instalment) for one in (first, second, third)] == [
        ("order", order.pk, None, None),
        ("instalment", None, order.pk, 2),
        ("instalment", None, order.pk, 3),
    ]
    assert [one.due_on for one in (first, second, third)] == [date(2026, 11, 24), date(2026, 12, 24), date(2027, 1, 23)]
    assert [(one.subtotal, one.discount, one.tax) for one in (first, second, third)] == [
        (162_500, 13_750, 16_363),
        (97_500, 8_250, 9_818),
        (65_000, 5_500, 6_544),
    ]
    assert sum(one.total for one in (first, second, third)) == 330_225
    assert [instalments.label(one) for one in (first, second, third)] == [
        "Termin 1 dari 3",
        "Termin 2 dari 3",
        "Termin 3 dari 3",
    ]
    assert {one.po_number for one in (first, second, third)} == {"PO-7"}
    assert [event.to_status for event in third.events.all()] == ["draft", "unpaid"]
    assert list(ledger.verify()) == []


def test_each_line_is_split_exactly_and_says_its_share(order):
    lines = InvoiceLine.objects.filter(invoice__in=parts(order))
    by_kind = {kind: [line.amount for line in lines.filter(kind=kind).order_by("pk")] for kind in ("product", "setup")}
    assert by_kind == {"product": [75_000, 45_000, 30_000], "setup": [25_000, 15_000, 10_000]}
    second = lines.get(kind="product", invoice__instalment=2)
    assert second.detail == "30% dari Rp150.000"
    assert (second.quantity, second.unit_price, second.period_start) == (1, 45_000, date(2026, 11, 21))


def test_the_order_is_active_with_the_first_part(order, verifier):
    first, second, third = parts(order)
    pay(first, verifier)
    order.refresh_from_db()
    assert (order.status, order.services.get().status) == ("active", "active")
    assert [one.status for one in parts(order)] == ["paid", "unpaid", "unpaid"]
    pay(second, verifier)
    pay(third, verifier)
    assert [one.status for one in parts(order)] == ["paid", "paid", "paid"]
    assert order.events.filter(to_status="active").count() == 1
    assert list(ledger.verify()) == []


def test_a_later_part_that_is_paid_first_starts_nothing(order, verifier):
    first, second, _third = parts(order)
    pay(second, verifier)
    order.refresh_from_db()
    assert (order.status, order.services.get().status) == ("pending", "pending")
    assert list(ledger.verify()) == []
    pay(first, verifier)
    order.refresh_from_db()
    assert (order.status, order.services.get().status) == ("active", "active")
    assert list(ledger.verify()) == []


@pytest.mark.parametrize("which", [0, 1, 2])
def test_cancelling_any_part_of_an_unpaid_order_cancels_all(order, verifier, which):
    invoicing.cancel(invoice=parts(order)[which], actor=verifier, note="Batal")
    order.refresh_from_db()
    assert (order.status, order.services.get().status) == ("cancelled", "cancelled")
    assert [one.status for one in parts(order)] == ["cancelled"] * 3
    assert list(ledger.verify()) == []


def test_i6_an_order_with_money_on_a_later_part_is_not_cancelled(order, verifier):
    pay(parts(order)[1], verifier)
    with pytest.raises(lifecycle.MoneyAllocated):
        lifecycle.cancel_order(order=order, actor=verifier)
    order.refresh_from_db()
    assert (order.status, [one.status for one in parts(order)]) == ("pending", ["unpaid", "paid", "unpaid"])


def test_i6_nor_one_of_which_a_later_part_waits_for_verification(order, verifier):
    confirm(parts(order)[2])
    with pytest.raises(lifecycle.ConfirmationWaiting):
        lifecycle.cancel_order(order=order, actor=verifier)
    assert [one.status for one in parts(order)] == ["unpaid"] * 3


def test_a_later_part_of_an_active_order_is_cancelled_alone(order, verifier):
    pay(parts(order)[0], verifier)
    invoicing.cancel(invoice=parts(order)[2], actor=verifier, note="Diringankan")
    order.refresh_from_db()
    assert (order.status, [one.status for one in parts(order)]) == ("active", ["paid", "unpaid", "cancelled"])


def run_unpaid_orders(day: date) -> tuple[int, int]:
    with time_machine.travel(f"{day}T03:00:00Z"):
        report = unpaid_orders.cancel_unpaid(day)
    return report.warned, report.cancelled


def test_o3_the_first_part_decides_when_an_unpaid_order_is_cancelled(order):
    # Due on the 24th, 7 days and 2 more for a bank transfer.
    assert run_unpaid_orders(date(2026, 12, 2)) == (1, 0)
    assert run_unpaid_orders(date(2026, 12, 3)) == (0, 1)
    assert [one.status for one in parts(order)] == ["cancelled"] * 3


def test_o3_an_order_with_a_later_part_paid_or_confirmed_is_left_alone(order, verifier):
    confirmation = confirm(parts(order)[1])
    assert run_unpaid_orders(date(2026, 12, 5)) == (0, 0)
    pay(parts(order)[1], verifier, confirmation=confirmation)
    assert run_unpaid_orders(date(2026, 12, 5)) == (0, 0)


def test_s5_each_part_is_reminded_of_by_its_own_due_date(order, verifier):
    with time_machine.travel("2026-11-22T05:00:00Z"):
        pay(parts(order)[0], verifier)
    with time_machine.travel("2026-12-24T03:00:00Z"):
        assert reminders.remind_due(date(2026, 12, 24)).sent == 1
    assert {mail.arguments["invoice_id"] for mail in emails("payment_reminder")} == {parts(order)[1].pk}


def refused(customer, product, plan) -> str:
    with pytest.raises(ordering.PlanRefused) as refusal:
        place(customer, product, plan=plan)
    left = (Order.objects.count(), Invoice.objects.count(), NumberCounter.objects.count(), emails("order_received"))
    assert left == (0, 0, 0, [])
    return str(refusal.value)


def test_a_plan_that_makes_no_sense_orders_nothing(customer, account):
    product = factories.product()
    assert (
        refused(customer, product, [Instalment(50, 3), Instalment(49, 33)])
        == "Persen semua termin harus berjumlah 100."
    )
    assert (
        refused(customer, product, [Instalment(120, 3), Instalment(-20, 33)])
        == "Persen semua termin harus berjumlah 100."
    )
    assert refused(customer, product, [Instalment(50, 33), Instalment(50, 3)]).startswith("Setiap termin jatuh tempo")
    assert refused(customer, product, [Instalment(5, 3)] * 20) == "Bagi paling banyak menjadi 12 termin."


def test_what_is_too_little_is_not_split(customer, account):
    free = factories.product(prices={Cycle.MONTHLY: 0})
    assert refused(customer, free, PLAN) == "Pesanan ini terlalu kecil untuk dibayar dalam beberapa termin."


def test_one_part_is_an_order_with_another_due_date(customer, account):
    with time_machine.travel("2026-11-21T03:00:00Z"):
        order = place(customer, factories.product(), plan=[Instalment(100, 30)])
    assert (order.invoice.due_on, order.invoice.instalment_count) == (date(2026, 12, 21), 0)
    assert (order.instalments.count(), order.invoice.lines.get().quantity) == (0, 1)


def test_the_order_email_tells_of_the_later_parts(order):
    sent = emails("order_received")
    assert len(sent) == 2
    text = outbox.render(sent[0].template, sent[0].arguments, "id", reveal=False).text
    assert "Termin: 1 dari 3" in text
    assert "Termin 2 dari 3: Rp99.068, jatuh tempo 24 Desember 2026" in text
    assert "Termin 3 dari 3: Rp66.044, jatuh tempo 23 Januari 2027" in text


@pytest.mark.parametrize(
    ("typed", "plan"),
    [
        ("", []),
        ("50, 30, 20", PLAN),
        ("50% 3; 50", None),
        ("50:0, 30:14, 20:45", [Instalment(50, 0), Instalment(30, 14), Instalment(20, 45)]),
        ("100", [Instalment(100, 3)]),
        ("60, 30", None),
        ("abc", None),
        ("0, 100", None),
    ],
)
def test_staff_types_a_plan(typed, plan):
    assert Shop.current().invoice_due_days == 3
    field = PlanField()
    if plan is None:
        with pytest.raises(Exception, match=r"contoh|berjumlah"):
            field.clean(typed)
    else:
        assert field.clean(typed) == plan


@settings(max_examples=60, deadline=None)
@given(
    amounts=st.lists(st.tuples(st.integers(0, 5_000_000), st.integers(0, 100)), min_size=1, max_size=6),
    cuts=st.lists(st.integers(1, 99), min_size=1, max_size=5, unique=True),
)
def test_whatever_the_plan_lines_tax_and_total_sum_exactly(amounts, cuts):
    lines = [
        InvoiceLine(amount=Decimal(amount), discount=Decimal(amount * percent // 100), taxable=number % 3 < 2)
        for number, (amount, percent) in enumerate(amounts)
    ]
    edges = [0, *sorted(cuts), 100]
    plan = [Instalment(upper - lower, 30 * number) for number, (lower, upper) in enumerate(itertools.pairwise(edges))]
    whole = settle(lines, tax=PPN)
    try:
        divided = instalments.divide(lines, whole, PPN, plan, "IDR")
    except instalments.TooLittle:
        # Parts of which one asks for nothing: only where there is next to nothing to split.
        assert whole.total < 200 * len(lines) * len(plan)
        return
    for number, line in enumerate(lines):
        shares = [part.lines[number] for part in divided]
        assert sum(share.amount for share in shares) == line.amount
        assert sum(share.discount for share in shares) == line.discount
        assert all(0 <= share.discount <= share.amount for share in shares)
    assert sum(part.totals.total for part in divided) == whole.total
    assert sum(part.totals.tax for part in divided) == whole.tax
    for part in divided[:-1]:
        assert part.totals == settle(part.lines, tax=PPN)
