"""Renewing before it is time, on the service's page."""

from datetime import date

import pytest
from django.urls import reverse

from billing.models import Invoice, Service
from tests import factories
from tests.billing.years import active_order, on, pay

QUERIES = 5


@pytest.fixture
def service(customer, account) -> Service:
    return active_order(customer, date(2026, 1, 10), factories.product(name_id="Hosting", taxable=False)).services.get()


@pytest.fixture
def browser(signed_in, owner):
    with on(date(2026, 1, 20)):
        signed_in.force_login(owner)
        yield signed_in


def page(browser, service) -> str:
    return browser.get(service.get_absolute_url()).content.decode()


def test_the_page_says_until_when_and_for_how_much(browser, service):
    assert "Perpanjang lebih awal" in page(browser, service)
    html = browser.get(reverse("billing:service-renew", args=[service.pk])).content.decode()
    assert "9 Maret 2026: Rp150.000" in html
    assert "9 April 2026: Rp300.000" in html


def test_the_invoice_is_made_shown_and_given_up(browser, service):
    response = browser.post(reverse("billing:service-renew", args=[service.pk]), {"periods": "2"}, follow=True)
    invoice = Invoice.objects.get(early=True)
    assert response.redirect_chain[-1][0] == invoice.get_absolute_url()
    html = page(browser, service)
    assert f"Perpanjangan lebih awal menunggu pembayaran: {invoice.number}, Rp300.000." in html
    assert f'href="{reverse("billing:service-renew", args=[service.pk])}"' not in html
    html = browser.post(reverse("billing:service-give-up", args=[service.pk]), follow=True).content.decode()
    assert f"Tagihan {invoice.number} dibatalkan." in html
    invoice.refresh_from_db()
    assert invoice.status == "cancelled"


def test_pressed_twice_it_is_one_invoice(browser, service):
    address = reverse("billing:service-renew", args=[service.pk])
    browser.post(address, {"periods": "2"})
    response = browser.post(address, {"periods": "2"}, follow=True)
    invoice = Invoice.objects.get(early=True)
    assert response.redirect_chain[-1][0] == invoice.get_absolute_url()
    assert f"Bayar dahulu tagihan {invoice.number}" in response.content.decode()


@pytest.mark.parametrize("periods", ["", "0", "99", "dua"])
def test_what_is_not_offered_makes_nothing(browser, service, periods):
    response = browser.post(reverse("billing:service-renew", args=[service.pk]), {"periods": periods})
    assert response.status_code == 422
    assert Invoice.objects.filter(early=True).count() == 0


def test_what_does_not_go_on_has_no_such_page(browser, service):
    Service.objects.update(ends_on=date(2026, 2, 10))
    response = browser.get(reverse("billing:service-renew", args=[service.pk]), follow=True)
    assert "tidak dapat diperpanjang lebih awal" in response.content.decode()


def test_paid_or_gone_there_is_nothing_to_give_up(browser, service):
    address = reverse("billing:service-give-up", args=[service.pk])
    assert "Tidak ada perpanjangan lebih awal" in browser.post(address, follow=True).content.decode()
    browser.post(reverse("billing:service-renew", args=[service.pk]), {"periods": "2"})
    pay(Invoice.objects.get(early=True), date(2026, 1, 20), 1_000)
    assert "sudah dibayar sebagian" in browser.post(address, follow=True).content.decode()
    assert Invoice.objects.get(early=True).status == "unpaid"


def test_35_periods_cost_no_more_queries_than_one(browser, service, django_assert_num_queries):
    address = reverse("billing:service-renew", args=[service.pk])
    browser.get(address)
    with django_assert_num_queries(QUERIES):
        assert len(browser.get(address).context["form"].fields["periods"].choices) == 35
