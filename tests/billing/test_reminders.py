"""Reminders: once for each of their days, never for who waits for us, and one for all that were missed (S5, K2)."""

from datetime import date, timedelta

import pytest

from accounts.models import Shop
from billing import reminders
from billing.models import InvoiceReminder
from tests import factories
from tests.billing.shop import confirm, emails, place
from tests.billing.years import active_order, on, pay, renewals, run

pytestmark = pytest.mark.django_db

DUE = date(2026, 2, 10)


@pytest.fixture
def invoice(customer, account):
    active_order(customer, date(2026, 1, 10), factories.product())
    run(DUE - timedelta(days=14))
    return renewals(customer)[0]


def remind(day: date) -> int:
    with on(day):
        return reminders.remind_due(day).sent


def sent() -> list[int]:
    return list(InvoiceReminder.objects.order_by("pk").values_list("offset", flat=True))


def test_s5_a_reminder_goes_out_on_each_of_its_days(invoice):
    for number in range(-12, 40):
        remind(DUE + timedelta(days=number))
    assert sent() == [-7, -3, -1, 0, 1, 3, 7]
    assert len(emails("payment_reminder")) == 7


def test_s5_running_again_sends_nothing_again(invoice):
    day = DUE - timedelta(days=7)
    assert [remind(day) for _time in range(3)] == [1, 0, 0]


def test_s5_of_missed_days_only_the_last_is_made_up_for(invoice):
    assert [remind(DUE + timedelta(days=number)) for number in (2, 3)] == [1, 1]
    assert sent() == [1, 3]


def test_s5_nobody_is_reminded_within_a_day_of_the_invoice_s_making(customer, account):
    with on(date(2026, 1, 10)):
        place(customer, factories.product())
    assert [remind(date(2026, 1, day)) for day in (10, 11)] == [0, 1]
    assert sent() == [-3]


def test_a_paid_invoice_is_not_reminded_of(invoice):
    pay(invoice, DUE - timedelta(days=8))
    assert remind(DUE - timedelta(days=7)) == 0


def test_k2_nobody_is_reminded_while_a_confirmation_waits_for_us(invoice):
    with on(DUE - timedelta(days=8)):
        confirm(invoice)
    assert remind(DUE - timedelta(days=7)) == 0
    assert sent() == []


def test_staff_choose_the_days(invoice):
    shop = Shop.current()
    shop.reminder_days = "-2,5"
    shop.save()
    assert [remind(DUE + timedelta(days=number)) for number in (-7, -2, 0, 5)] == [0, 1, 0, 1]
    shop.reminder_days = ""
    shop.save()
    assert remind(DUE + timedelta(days=8)) == 0


def test_a_month_old_invoice_is_not_written_about_any_more(invoice):
    assert remind(DUE + timedelta(days=38)) == 0
