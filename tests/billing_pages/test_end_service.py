"""Ending a service on its page: when and why, told what follows, withdrawn by one press."""

from datetime import date

import pytest
from django.urls import reverse

from billing.models import CancellationRequest, Service
from catalog.cycles import Cycle
from tests import factories
from tests.billing.years import active_order, on

ORDERED = date(2026, 1, 10)
TODAY = date(2026, 1, 20)


@pytest.fixture
def service(customer, account) -> Service:
    return active_order(customer, ORDERED, factories.product(name_id="Hosting")).services.get()


@pytest.fixture
def browser(signed_in, owner):
    with on(TODAY):
        signed_in.force_login(owner)
        yield signed_in


def end(browser, service, **posted):
    return browser.post(reverse("billing:service-end", args=[service.pk]), posted, follow=True)


def test_the_page_leads_to_a_form_that_names_the_days(browser, service):
    assert "Berhenti berlangganan" in browser.get(service.get_absolute_url()).content.decode()
    form = browser.get(reverse("billing:service-end", args=[service.pk])).content.decode()
    assert "Pada akhir periode yang sudah dibayar: Senin, 9 Februari 2026" in form
    assert "Besok, tanpa menunggu akhir periode: Selasa, 20 Januari 2026" in form


def test_asked_it_says_the_last_day_and_can_be_kept(browser, service):
    html = end(browser, service, when="period_end", reason="price", comment="Mahal.").content.decode()
    assert "Hari terakhirnya 9 Februari 2026." in html
    asked = CancellationRequest.objects.get()
    assert (asked.reason, asked.comment, asked.withdrawn_at) == ("price", "Mahal.", None)
    html = browser.post(reverse("billing:service-keep", args=[service.pk]), follow=True).content.decode()
    assert "Hosting tetap berjalan seperti biasa." in html
    service.refresh_from_db()
    assert service.ends_on is None


def test_without_a_reason_nothing_is_asked_and_what_was_chosen_stays(browser, service):
    response = end(browser, service, when="now", reason="", comment="Pindah.")
    assert response.status_code == 422
    assert "Pindah." in response.content.decode()
    assert CancellationRequest.objects.count() == 0


def test_a_part_or_a_one_time_service_has_no_such_form(browser, customer, account):
    once = active_order(customer, ORDERED, factories.product(prices={Cycle.MONTHLY: 1}), method=account.method)
    Service.objects.filter(order=once).update(cycle="one_time", renews_from=None, next_due=None)
    made = once.services.get()
    assert "Berhenti berlangganan" not in browser.get(made.get_absolute_url()).content.decode()
    assert end(browser, made, when="now", reason="price").redirect_chain[-1][0] == made.get_absolute_url()
    assert CancellationRequest.objects.count() == 0


def test_a_suspended_service_says_why_it_stands_still(browser, service):
    Service.objects.filter(pk=service.pk).update(
        status="suspended", suspended_because="unpaid", suspended_at=service.created_at
    )
    html = browser.get(service.get_absolute_url()).content.decode()
    assert "Layanan ini ditangguhkan karena perpanjangannya belum dibayar." in html


def test_the_offer_to_stay_is_made_once_and_taken_by_one_press(browser, service):
    promotion = factories.promotion(code="TETAP", value=20, retention=True, recurring=True, renewals=3)
    address = reverse("billing:service-stay", args=[service.pk])
    form = browser.get(reverse("billing:service-end", args=[service.pk])).content.decode()
    assert "Kami beri potongan Rp30.000 untuk 3 perpanjangan berikutnya yang belum ditagih." in form
    html = browser.post(address, {"promotion": promotion.pk}, follow=True).content.decode()
    assert "Terima kasih. Perpanjangan berikutnya mendapat potongan itu." in html
    service.refresh_from_db()
    assert (service.ends_on, int(service.recurring_discount)) == (None, 30_000)
    assert address not in browser.get(reverse("billing:service-end", args=[service.pk])).content.decode()
    assert "Tawaran ini tidak berlaku lagi." in browser.post(address, {"promotion": "x"}, follow=True).content.decode()
