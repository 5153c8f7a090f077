"""The staff's reports as pages: charts with their tables, files for spreadsheets, and what is kept for some minutes."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from billing.admin import charts
from billing.models import Invoice, Service
from tests import factories
from tests.billing import shop
from tests.staff import desk

PAGES = ["reports", "report_revenue", "report_recurring", "report_receivables"]


@pytest.fixture
def customer(db):
    return factories.customer(factories.user(), name="=PT Rumus")


@pytest.fixture
def at_work(client, db):
    client.force_login(factories.staff("billing.see_reports"))
    return client


@pytest.fixture
def sold(customer) -> Invoice:
    """A month of a service, paid; its days reach into the next month, mostly."""
    invoice = shop.unpaid_invoice(customer)
    desk.pay(invoice)
    return invoice


def page(client, name: str, **query) -> str:
    return client.get(reverse(f"admin:{name}"), query).content.decode()


def table(client, name: str, **query) -> list[list[str]]:
    answer = client.get(reverse(f"admin:{name}"), {"as": "csv", **query})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment")
    return [row.split(";") for row in answer.content.decode().lstrip("\ufeff").splitlines()]


@pytest.mark.parametrize("name", PAGES)
def test_every_report_stands_also_in_an_empty_shop(at_work, name):
    assert "Laporan" in page(at_work, name)


def test_revenue_is_charted_tabled_and_exported(at_work, sold):
    this_month = timezone.localdate()
    share = int(table(at_work, "report_revenue", anew="1")[-1][4])
    shown = page(at_work, "report_revenue")
    assert 'class="chart-bar is-main"' in shown
    assert f"Rp{share:,}".replace(",", ".") in shown
    head, *rows = table(at_work, "report_revenue", months="24")
    assert (len(rows), rows[-1][0], head[0]) == (24, f"{this_month:%Y-%m}", "Bulan")
    later = table(at_work, "report_revenue", until=f"{this_month + timedelta(days=62):%Y-%m}", months="6")
    assert sum(int(row[4]) for row in later[1:]) == 150_000


def test_recurring_revenue_shows_what_was_won_lost_and_runs(at_work, customer, sold):
    other = shop.unpaid_invoice(customer, total=90_000)
    desk.pay(other)
    Service.objects.filter(order=other.order).update(status="terminated", ended_at=timezone.now())
    shown = page(at_work, "report_recurring")
    assert "Rp150.000" in shown
    assert 'class="chart-bar is-good"' in shown
    assert 'class="chart-bar is-bad"' in shown
    assert table(at_work, "report_recurring")[-1][1:6] == ["0", "2", "1", "1", ""]


def test_what_is_owed_is_shown_and_every_invoice_exported_without_formulas(at_work, customer, sold):
    late = shop.unpaid_invoice(customer)
    Invoice.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=45))
    shown = page(at_work, "report_receivables")
    assert "31–60 hari" in shown
    rows = table(at_work, "report_receivables")[1:]
    assert [(row[0], row[1], row[4], row[6]) for row in rows] == [(late.number, "'=PT Rumus", "45", "150000")]
    assert "Rp150.000" in page(at_work, "reports")


def test_a_report_is_kept_for_some_minutes_unless_it_is_asked_for_anew(at_work, customer, sold):
    before = page(at_work, "report_recurring")
    desk.pay(shop.unpaid_invoice(customer))
    assert page(at_work, "report_recurring").count("Rp300.000") == before.count("Rp300.000")
    assert page(at_work, "report_recurring", anew="1").count("Rp300.000") > before.count("Rp300.000")


@pytest.mark.parametrize("until", ["kemarin", "2026-13", "2026", "2026-1"])
def test_what_is_no_month_is_said_at_the_field(at_work, until):
    answer = at_work.get(reverse("admin:report_revenue"), {"until": until})
    assert answer.status_code == 422
    assert "Isi bulan seperti 2026-12" in answer.content.decode()


def test_without_a_month_asked_for_it_is_the_last_year(at_work, sold):
    assert f'value="{timezone.localdate():%Y-%m}"' in page(at_work, "report_revenue")
    assert len(table(at_work, "report_revenue")) == 13


def test_the_start_page_leads_to_reports_for_those_who_may_see_them(client, at_work):
    assert reverse("admin:reports") in at_work.get(reverse("admin:index")).content.decode()
    client.force_login(factories.staff("billing.view_invoice"))
    assert reverse("admin:reports") not in client.get(reverse("admin:index")).content.decode()


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("report_revenue", 8), ("report_recurring", 7), ("report_receivables", 6)]
)
def test_reports_cost_the_same_for_one_and_three(at_work, customer, django_assert_num_queries, count, name, queries):
    for _number in range(count):
        desk.pay(shop.unpaid_invoice(customer))
    page(at_work, name)
    with django_assert_num_queries(queries):
        page(at_work, name, anew="1")


def chart(*values: int) -> charts.Chart:
    return charts.stacked("x", [str(number) for number in range(len(values))], [charts.Series("a", "main", values)])


def test_a_chart_ends_on_round_numbers_and_draws_nothing_for_nothing():
    drawn = chart(1_350_000, 0, 900_000)
    assert [mark.words for mark in drawn.lines] == ["Rp0", "Rp500 rb", "Rp1 jt", "Rp1,5 jt"]
    assert len(drawn.bars) == 2
    assert chart(0, 0).bars == ()
    assert chart().bars == ()


def test_bars_stand_on_the_line_and_hang_under_it():
    drawn = chart(1_000_000, -1_000_000)
    (zero,) = [mark.at for mark in drawn.lines if mark.is_zero]
    above, below = drawn.bars
    assert (above.y + above.height, below.y) == (zero, zero)
    assert above.height == below.height


def test_of_many_bars_only_some_are_named():
    assert [mark.words for mark in chart(*range(36)).labels] == [str(number) for number in range(0, 36, 3)]
    assert len(chart(*range(12)).labels) == 12


def test_series_stand_on_each_other():
    drawn = charts.stacked("x", ["a"], [charts.Series("a", "main", [1_000]), charts.Series("b", "second", [2_000])])
    lower, upper = drawn.bars
    assert upper.y + upper.height == lower.y
    assert upper.height - 2 * lower.height in {-1, 0, 1}
