"""Late fees (C6): once per invoice, days after it was due, by the shop's rule."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts import outbox
from accounts.models import Shop
from billing import invoicing, late_fees
from billing.models import Invoice
from catalog.cycles import Cycle
from tests import factories
from tests.billing.shop import confirm, emails, unpaid_invoice
from tests.billing.test_crediting import fresh, pay
from tests.billing.years import active_order, on, run
from tests.billing.years import renewals as renewals_of

pytestmark = pytest.mark.django_db

ORDERED, INVOICED, DUE = date(2026, 1, 10), date(2026, 1, 27), date(2026, 2, 10)
LATE = DUE + timedelta(days=5)


def set_fee(**fields) -> None:
    shop = Shop.current()
    for name, value in {"late_fee": "percent", "late_fee_after_days": 5, "suspend_after_days": 30, **fields}.items():
        setattr(shop, name, value)
    shop.save()


@pytest.fixture
def renewal(customer, ppn):
    """1.110.000 with tax, due on 10 February."""
    factories.bank_account()
    active_order(customer, ORDERED, factories.product(prices={Cycle.MONTHLY: 1_000_000}))
    run(INVOICED)
    return renewals_of(customer)[0]


def fees() -> list[Invoice]:
    return list(Invoice.objects.filter(kind="late_fee").order_by("pk"))


def test_c6_off_by_default(renewal):
    assert late_fees.charge_due(LATE) == late_fees.Report()
    assert fees() == []


def test_c6_once_per_invoice_some_days_after_it_was_due(renewal):
    set_fee(late_fee_percent=Decimal(2))
    with on(LATE - timedelta(days=1)):
        assert late_fees.charge_due(LATE - timedelta(days=1)).charged == 0
    with on(LATE):
        assert [late_fees.charge_due(LATE).charged for _time in range(2)] == [1, 0]
    fee = fees()[0]
    assert (fee.total, fee.tax, fee.status, fee.late_fee_of) == (22_200, 0, "unpaid", renewal)
    assert (fee.issued_on, fee.number is not None) == (LATE, True)
    assert fee.lines.get().description == f"Denda keterlambatan tagihan {renewal.number}"
    assert [email.to for email in emails("late_fee")] == [renewal.customer.billing_email]


@pytest.mark.parametrize(
    ("fields", "outstanding", "fee"),
    [
        ({"late_fee": "percent", "late_fee_percent": Decimal(2)}, 1_110_000, 22_200),
        ({"late_fee": "percent", "late_fee_percent": Decimal("2.5")}, 333_333, 10_000),
        ({"late_fee": "percent", "late_fee_percent": Decimal("2.5"), "late_fee_minimum": 0}, 333_333, 8_333),
        ({"late_fee": "fixed", "late_fee_amount": 25_000}, 1_110_000, 25_000),
        ({"late_fee": "fixed", "late_fee_amount": 5_000, "late_fee_minimum": 7_000}, 1_110_000, 7_000),
    ],
)
def test_c6_percent_or_fixed_and_never_less_than_the_minimum(fields, outstanding, fee):
    set_fee(**fields)
    assert late_fees.fee_on(Decimal(outstanding), Shop.current()) == fee


def test_c6_only_what_is_outstanding_counts(renewal):
    set_fee(late_fee_percent=Decimal(2), late_fee_minimum=0)
    pay(renewal, 610_000)
    with on(LATE):
        late_fees.charge_due(LATE)
    assert [fee.total for fee in fees()] == [10_000]


def test_c6_no_fee_on_a_fee_and_none_again_where_one_was_let_go_of(renewal, verifier):
    set_fee()
    with on(LATE):
        late_fees.charge_due(LATE)
    invoicing.cancel(invoice=fees()[0], actor=verifier)
    assert late_fees.charge_due(LATE + timedelta(days=60)).charged == 0
    assert [fee.status for fee in fees()] == ["cancelled"]


def test_k2_no_fee_while_a_confirmation_waits(renewal):
    set_fee()
    confirm(renewal)
    assert late_fees.charge_due(LATE).charged == 0
    assert fees() == []


def test_an_order_that_nobody_paid_is_cancelled_instead(customer):
    set_fee()
    invoice = unpaid_invoice(customer)
    assert late_fees.charge_due(invoice.due_on + timedelta(days=30)).charged == 0
    assert fees() == []


def test_what_was_paid_meanwhile_is_not_late(renewal):
    set_fee()
    pay(renewal, 1_110_000)
    assert late_fees.charge(renewal.pk, LATE) == 0
    assert (fees(), fresh(renewal).status) == ([], "paid")


def test_the_step_asks_once_for_any_number_of_invoices_that_are_not_late(renewal, django_assert_num_queries):
    set_fee()
    pay(renewal, 1_110_000)
    Shop.current()
    with django_assert_num_queries(1):
        late_fees.charge_due(LATE)


@pytest.mark.parametrize(
    ("language", "words"), [("id", "satu kali untuk tagihan itu"), ("en", "once for that invoice")]
)
def test_the_email_says_for_which_invoice_and_how_to_pay(renewal, language, words):
    set_fee(late_fee_percent=Decimal(2))
    with on(LATE):
        late_fees.charge_due(LATE)
    [fee] = fees()
    sent = outbox.render("billing/late_fee", {"invoice_id": fee.pk}, language, reveal=True)
    for text in (words, renewal.number, fee.number, "Rp22.200", fee.get_absolute_url()):
        assert text in sent.text
    assert [one.name for one in sent.attachments] == [f"{fee.slug}.pdf"]
