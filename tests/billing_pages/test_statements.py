"""The statement of account and the next 60 days, as a member who sees invoices reads them."""

import csv
import io
from datetime import date, timedelta

import pytest
from django.urls import reverse
from pypdf import PdfReader

from billing import ahead, invoicing, payments, pdf, statements
from billing.models import Service
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.years import active_order, on, pay, renewals, run

ORDERED = date(2026, 1, 10)
DUE = date(2026, 2, 10)


@pytest.fixture
def product(account):
    return factories.product(prices={Cycle.MONTHLY: 100_000, Cycle.ANNUALLY: 1_000_000}, name_id="Hosting")


@pytest.fixture
def service(customer, product) -> Service:
    factories.ppn()
    made = active_order(customer, ORDERED, product).services.get()
    run(DUE - timedelta(days=14))
    return made


def rows(found: statements.Statement) -> list[tuple]:
    return [(one.day, one.charge, one.credit, one.balance) for one in found.entries]


def test_a_statement_adds_up_from_what_was_owed_before_to_what_is_owed_after(customer, service):
    pay(renewals(customer)[0], date(2026, 2, 3), 50_000)
    found = statements.of(customer, date(2026, 1, 20), date(2026, 2, 28))
    assert rows(found) == [(date(2026, 1, 27), 111_000, 0, 111_000), (date(2026, 2, 3), 0, 50_000, 61_000)]
    assert (found.opening, found.charged, found.credited, found.closing) == (0, 111_000, 50_000, 61_000)
    before = statements.of(customer, date(2026, 3, 1), date(2026, 3, 31))
    assert (before.opening, before.entries, before.closing) == (61_000, (), 61_000)


def test_what_was_paid_too_much_is_the_customer_s_and_a_payment_taken_back_is_owed_again(customer, service):
    pay(renewals(customer)[0], date(2026, 2, 3), 200_000)
    found = statements.of(customer, date(2026, 2, 1), date(2026, 2, 28))
    assert (found.opening, found.closing) == (111_000, -89_000)
    payment = customer.payments.order_by("-pk").first()
    with on(date(2026, 2, 5)):
        payments.reverse(payment=payment, reason="Tidak masuk.", actor=factories.staff("billing.verify_payment"))
    found = statements.of(customer, date(2026, 2, 1), date(2026, 2, 28))
    assert [one.balance for one in found.entries] == [-89_000, 111_000]
    assert statements.of(customer, date(2026, 2, 6), date(2026, 2, 28)).opening == 111_000


def test_another_customer_s_money_is_not_in_it(customer, service, product):
    active_order(factories.customer(factories.user()), date(2026, 1, 28), product)
    found = statements.of(customer, date(2026, 1, 1), date(2026, 12, 31))
    assert {one.invoice.customer for one in found.entries if one.invoice} == {customer}
    assert len(found.entries) == 3


def page(client, name: str = "statement", *args, **query):
    return client.get(reverse(f"billing:{name}", args=args), query)


def test_the_page_shows_the_month_until_today(signed_in, customer, service):
    with on(date(2026, 1, 31)):
        signed_in.force_login(customer.users.first())
        html = page(signed_in).content.decode()
    assert "1 Januari 2026 – 31 Januari 2026" in html
    assert html.count("Rp111.000") == 6
    assert renewals(customer)[0].number in html


def test_a_period_that_ends_before_it_begins_says_what_to_do(signed_in, service):
    response = page(signed_in, first="2026-02-01", last="2026-01-01")
    assert response.status_code == 422
    assert "Isi tanggal akhir yang sama dengan atau setelah tanggal awal." in response.content.decode()


@pytest.mark.parametrize("name", ["pdf", "csv"])
def test_a_file_of_a_wrong_period_is_refused_with_the_page(signed_in, service, name):
    assert page(signed_in, "statement-file", name, first="besok").status_code == 422


def test_the_csv_is_a_table_that_spreadsheets_read_and_never_run(signed_in, customer, service):
    payment = customer.payments.first()
    type(payment).objects.filter(pk=payment.pk).update(reference="=HYPERLINK(1)")
    response = page(signed_in, "statement-file", "csv", first="2026-01-01", last="2026-01-31")
    assert response["Content-Disposition"] == 'attachment; filename="rekening-2026-01-01-2026-01-31.csv"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    table = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))
    order, renewal = customer.invoices.order_by("pk")
    assert table == [
        ["Tanggal", "Keterangan", "Referensi", "Tagihan", "Pembayaran", "Saldo"],
        ["2026-01-01", "Saldo awal", "", "", "", "0"],
        ["2026-01-10", "Tagihan pesanan", order.number, "111000", "", "111000"],
        ["2026-01-10", "Pembayaran, Transfer bank", "'=HYPERLINK(1)", "", "111000", "0"],
        ["2026-01-27", "Tagihan perpanjangan", renewal.number, "111000", "", "111000"],
        ["2026-01-31", "Saldo akhir", "", "", "", "111000"],
    ]


def test_the_pdf_says_the_same(signed_in, customer, service):
    response = page(signed_in, "statement-file", "pdf", first="2026-01-01", last="2026-01-31")
    text = PdfReader(io.BytesIO(response.content)).pages[0].extract_text()
    for words in ("Rekening koran", "1 Januari 2026 – 31 Januari 2026", customer.name, "Rp111.000"):
        assert words in text


def test_the_nik_of_a_person_stands_on_their_invoices_and_on_no_other_document(customer):
    customer.kind, customer.npwp, customer.nik = "person", "", "3400000000000001"
    head = pdf.letterhead(customer)
    assert (head["buyer"]["name"], head["buyer"]["nik"]) == (customer.name, "")
    assert invoicing.buyer_of(customer)["nik"] == "3400000000000001"


def test_a_statement_costs_the_same_for_one_month_and_for_three(customer, service, django_assert_num_queries):
    for month in (2, 3):
        run(date(2026, month, 10))
    for last in (date(2026, 1, 31), date(2026, 4, 30)):
        with django_assert_num_queries(10):
            statements.of(customer, date(2026, 1, 1), last)


def test_the_next_60_days_hold_open_invoices_and_renewals_to_come(customer, service):
    found = ahead.expected(customer, date(2026, 1, 28))
    assert [(one.day, one.amount, one.invoice is None) for one in found] == [
        (DUE, 111_000, False),
        (date(2026, 3, 10), 111_000, True),
    ]
    assert ahead.total(found) == 222_000


def test_the_next_60_days_take_off_what_a_promotion_still_does(customer, product):
    factories.promotion(code="SATU", recurring=True, renewals=1)
    chosen = {product: Selection(cycle=Cycle.MONTHLY)}
    active_order(customer, ORDERED, selections=chosen, promotion_code="SATU")
    assert [one.amount for one in ahead.expected(customer, date(2026, 1, 20))] == [90_000, 100_000]


def test_what_falls_due_together_is_one_entry(customer, product, account):
    for _time in range(2):
        active_order(customer, ORDERED, product)
    entry, _next_month = ahead.expected(customer, date(2026, 1, 11))
    assert (entry.day, entry.amount, len(entry.words)) == (DUE, 200_000, 2)


def test_the_overview_shows_what_comes(signed_in, customer, service):
    with on(date(2026, 1, 28)):
        signed_in.force_login(customer.users.first())
        html = signed_in.get(reverse("billing:billing-overview")).content.decode()
    assert "60 hari ke depan" in html
    assert "Perpanjangan Hosting" in html
    assert "Rp222.000" in html
