from datetime import date

import pytest
from django.core.exceptions import ValidationError

from accounts.models import Shop, numbers
from billing import invoicing, ledger, numbering
from billing.models import Invoice

NOVEMBER = date(2026, 11, 21)


def set_format(number_format: str, resets: str = "yearly") -> None:
    shop = Shop.current()
    shop.invoice_number_format, shop.invoice_number_resets = number_format, resets
    shop.save()


@pytest.mark.parametrize(
    ("number_format", "text"),
    [
        ("INV/{YYYY}/{MM}/{N:5}", "INV/2026/11/00042"),
        ("{N:3}/INV/{ROMAN_MM}/{YY}", "042/INV/XI/26"),
        ("{YYYY}-{N}", "2026-42"),
    ],
)
def test_i2_a_format_is_written_by_its_tokens(number_format, text):
    assert numbers.write(number_format, NOVEMBER, 42) == text


def test_i2_a_number_has_a_form_that_is_safe_in_addresses():
    assert numbering.slug_of("INV/2026/11/00042") == "inv-2026-11-00042"


def test_i2_numbers_follow_each_other_and_begin_again_each_year(db):
    set_format("INV/{YYYY}/{N:5}")
    days = [NOVEMBER, date(2026, 12, 31), date(2027, 1, 1), date(2027, 2, 1)]
    assert [numbering.take("INV", day).text for day in days] == [
        "INV/2026/00001",
        "INV/2026/00002",
        "INV/2027/00001",
        "INV/2027/00002",
    ]


def test_i2_numbers_begin_again_each_month_where_the_shop_says_so(db):
    set_format("{YYYY}/{MM}/{N:2}", resets="monthly")
    days = [NOVEMBER, NOVEMBER, date(2026, 12, 1), NOVEMBER]
    assert [numbering.take("INV", day).text for day in days] == ["2026/11/01", "2026/11/02", "2026/12/01", "2026/11/03"]


def test_i2_each_series_counts_for_itself(db):
    assert [numbering.take(series, NOVEMBER).sequence for series in ("INV", "INV", "CN", "INV")] == [1, 2, 1, 3]


@pytest.mark.parametrize(
    ("number_format", "resets", "code"),
    [
        ("INV/{YYYY}", "yearly", "no_sequence"),
        ("INV/{N}/{N}/{YYYY}", "yearly", "no_sequence"),
        ("INV/{N}", "yearly", "no_year"),
        ("INV/{YYYY}/{N}", "monthly", "no_month"),
        ("INV/{YYY}/{N}", "yearly", "unknown_token"),
        ("INV#{YYYY}{N}", "yearly", "unknown_token"),
        ("A" * 50 + "{YYYY}{N:9}", "yearly", "too_long"),
    ],
)
def test_i2_a_format_that_would_repeat_numbers_is_refused(number_format, resets, code):
    with pytest.raises(ValidationError) as refusal:
        numbers.validate(number_format, resets)
    assert refusal.value.code == code


def test_i2_staff_cannot_save_a_format_that_would_repeat_numbers(db):
    shop = Shop.current()
    shop.invoice_number_format = "INV/{N:5}"
    with pytest.raises(ValidationError) as refusal:
        shop.full_clean()
    assert list(refusal.value.message_dict) == ["invoice_number_format"]


def test_i2_numbers_go_on_when_staff_changes_how_often_they_begin_again(customer):
    def issue() -> str:
        invoice = Invoice.objects.create(customer=customer)
        invoicing.issue(invoice=invoice, actor=None, on=NOVEMBER)
        return invoice.number

    set_format("INV/{YYYY}/{MM}/{N:2}")
    given = [issue(), issue()]
    set_format("INV/{YYYY}/{MM}/{N:2}", resets="monthly")
    given += [issue(), issue()]
    set_format("INV/{YYYY}/{MM}/{N:2}", resets="yearly")
    given += [issue(), issue()]
    assert given == [f"INV/2026/11/{number:02}" for number in range(1, 7)]
    assert list(ledger.verify({"V4": ledger.CHECKS["V4"]})) == []


def test_i2_the_shops_own_format_is_accepted():
    numbers.validate(Shop().invoice_number_format, "yearly")
    numbers.validate(Shop().invoice_number_format, "monthly")
