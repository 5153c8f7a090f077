"""The client area's first page, the overview of money, and the terms."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from billing.models import Invoice
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import pay, reject

QUERIES_OF_HOME = 7
QUERIES_OF_OVERVIEW = 10


def home(client) -> str:
    return client.get(reverse("client-home")).content.decode()


def test_what_needs_doing_comes_first_and_the_most_urgent_on_top(signed_in, customer, account):
    unpaid, rejected, waiting = (shop.unpaid_invoice(customer) for _ in range(3))
    reject(rejected, "Bukti buram")
    shop.confirm(waiting)
    tasks = signed_in.get(reverse("client-home")).context["todo"]
    assert [task.invoice for task in tasks] == [rejected, unpaid, waiting]
    assert [task.action for task in tasks] == ["Kirim lagi", "Bayar", ""]
    assert tasks[0].text == "Bukti buram"


def test_a_rejection_that_was_answered_is_no_task_any_more(signed_in, customer, account):
    invoice = shop.unpaid_invoice(customer)
    reject(invoice)
    shop.confirm(invoice)
    (task,) = signed_in.get(reverse("client-home")).context["todo"]
    assert task.action == ""


def test_nothing_to_do_is_said(signed_in, customer, account):
    pay(shop.unpaid_invoice(customer))
    html = home(signed_in)
    assert "Tidak ada yang perlu Anda lakukan sekarang" in html
    assert "Aktif" in html


def test_people_without_a_customer_get_a_friendly_start(client, db):
    client.force_login(factories.user(name="Budi Santoso"))
    html = home(client)
    assert "Halo, Budi" in html
    assert reverse("catalog:store") in html


def test_roles_see_their_part(client, customer, account):
    invoice = shop.unpaid_invoice(customer, name_id="Paket Bisnis")
    client.force_login(factories.member(customer, role=Role.TECHNICAL).user)
    html = home(client)
    assert "Paket Bisnis" in html
    assert invoice.number not in html
    client.force_login(factories.member(customer, role=Role.VIEWER).user)
    html = home(client)
    assert invoice.number in html
    assert "Bayar:" not in html


def test_strangers_see_nothing_of_it(client, customer, account):
    invoice = shop.unpaid_invoice(customer, name_id="Paket Bisnis")
    stranger = factories.user()
    factories.customer(stranger)
    client.force_login(stranger)
    html = home(client)
    assert invoice.number not in html
    assert "Paket Bisnis" not in html


@pytest.mark.parametrize("rows", [1, 3])
def test_home_costs_the_same_for_any_number_of_rows(signed_in, customer, account, rows, django_assert_num_queries):
    for _ in range(rows):
        shop.unpaid_invoice(customer)
    home(signed_in)
    with django_assert_num_queries(QUERIES_OF_HOME):
        home(signed_in)


def test_the_overview_sums_what_is_due_and_shows_payments_and_credit(signed_in, customer, account):
    shop.unpaid_invoice(customer, total=200_000)
    pay(shop.unpaid_invoice(customer), amount=100_000)
    pay(shop.unpaid_invoice(customer), amount=175_000)
    context = signed_in.get(reverse("billing:billing-overview")).context
    assert (context["due_now"], context["credit"]) == (250_000, 25_000)
    assert [payment.amount for payment in context["payments"]] == [175_000, 100_000]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_overview_costs_the_same_for_any_number_of_rows(
    signed_in, customer, account, rows, django_assert_num_queries
):
    for _ in range(rows):
        pay(shop.unpaid_invoice(customer), amount=175_000)
        shop.unpaid_invoice(customer)
    signed_in.get(reverse("billing:billing-overview"))
    with django_assert_num_queries(QUERIES_OF_OVERVIEW):
        signed_in.get(reverse("billing:billing-overview"))


@pytest.fixture
def old_and_new(db):
    yesterday = timezone.now() - timedelta(days=1)
    old = factories.terms(version="1.0", body_id="Aturan lama.", published_at=yesterday)
    return old, factories.terms(version="2.0", body_id="# Aturan\n\n<script>alert(1)</script> **baru**.")


def test_the_terms_in_force_are_shown_rendered_and_safe(client, old_and_new):
    html = client.get(old_and_new[1].get_absolute_url()).content.decode()
    assert "<strong>baru</strong>" in html
    assert "<script>alert" not in html
    assert "Versi 2.0" in html
    assert "Aturan lama." not in html


def test_what_was_agreed_to_can_always_be_read_again(client, old_and_new):
    old, _new = old_and_new
    html = client.get(reverse("billing:terms-version", args=[old.slug, "1.0"])).content.decode()
    assert "Aturan lama." in html
    assert "Ini versi lama." in html


@pytest.mark.parametrize("published_at", [None, "2999-01-01T00:00Z"])
def test_drafts_of_terms_are_not_public(client, db, published_at):
    draft = factories.terms(published_at=published_at)
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(reverse("billing:terms-version", args=[draft.slug, draft.version])).status_code == 404


def test_an_invoice_that_became_overdue_is_marked(signed_in, customer, account):
    invoice = shop.unpaid_invoice(customer)
    Invoice.objects.filter(pk=invoice.pk).update(due_on=timezone.localdate() - timedelta(days=1))
    (task,) = signed_in.get(reverse("client-home")).context["todo"]
    assert task.tone == "warning"
    assert "kemarin" in task.text
