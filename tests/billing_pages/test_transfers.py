"""Handing a service over, on its page and on the page that the link opens."""

from datetime import date

import pytest
from django.urls import reverse

from accounts import crypto
from accounts.roles import Role
from billing.models import Service, ServiceTransfer
from tests import factories
from tests.billing.shop import emails
from tests.billing.years import active_order, on

TODAY = date(2026, 1, 20)


@pytest.fixture
def service(customer, account) -> Service:
    return active_order(customer, date(2026, 1, 10), factories.product(name_id="Hosting", taxable=False)).services.get()


@pytest.fixture
def browser(signed_in, owner):
    with on(TODAY):
        signed_in.force_login(owner)
        yield signed_in


@pytest.fixture
def receiver(db):
    return factories.user(email="penerima@example.com")


def offer(browser, service, email="penerima@example.com"):
    return browser.post(reverse("billing:service-transfer", args=[service.pk]), {"email": email}, follow=True)


def link() -> str:
    address = crypto.decrypt(emails("transfer_offer")[-1].arguments["secret"])
    return "/" + address.split("/", 3)[3]


def test_the_page_says_what_goes_and_what_stays_and_the_offer_can_be_withdrawn(browser, service):
    assert "Pindahkan layanan" in browser.get(service.get_absolute_url()).content.decode()
    form = browser.get(reverse("billing:service-transfer", args=[service.pk])).content.decode()
    assert "Yang tetap di sini: tagihan, pembayaran, kredit, tiket, dan dokumen onboarding." in form
    html = offer(browser, service).content.decode()
    assert "Tawaran dikirim ke penerima@example.com." in html
    assert "Ditawarkan kepada penerima@example.com. Menunggu jawaban sampai 3 Februari 2026." in html
    html = browser.post(reverse("billing:transfer-withdraw", args=[service.pk]), follow=True).content.decode()
    assert "Tawaran ditarik. Layanan tetap milik Anda." in html
    assert "sudah tidak berlaku" in browser.get(link()).content.decode()


@pytest.mark.parametrize("email", ["", "bukan-email", "a@b.id\nBcc: x@y.id"])
def test_no_address_no_offer(browser, service, email):
    response = browser.post(reverse("billing:service-transfer", args=[service.pk]), {"email": email})
    assert (response.status_code, ServiceTransfer.objects.count()) == (422, 0)


def test_the_receiver_chooses_for_whom_and_has_the_service(browser, service, receiver):
    first = factories.customer(receiver, name="PT Satu")
    factories.customer(receiver, name="PT Dua")
    factories.member(factories.customer(name="PT Hanya Lihat"), receiver, Role.VIEWER)
    offer(browser, service)
    browser.force_login(receiver)
    html = browser.get(link()).content.decode()
    assert ("PT Satu" in html, "PT Dua" in html) == (True, True)
    assert '">PT Hanya Lihat' not in html
    response = browser.post(link(), {"customer": first.pk, "action": "accept"}, follow=True)
    assert response.redirect_chain[-1][0] == service.get_absolute_url()
    assert "sekarang milik PT Satu" in response.content.decode()
    service.refresh_from_db()
    assert service.customer == first


def test_the_service_is_gone_for_who_gave_it(browser, service, receiver, owner):
    taker = factories.customer(receiver)
    offer(browser, service)
    browser.force_login(receiver)
    browser.post(link(), {"customer": taker.pk, "action": "accept"})
    browser.force_login(owner)
    assert browser.get(service.get_absolute_url()).status_code == 404
    assert browser.get(service.order.invoice.get_absolute_url()).status_code == 200


def test_nobody_takes_it_for_a_customer_that_is_not_theirs(browser, service, receiver):
    factories.customer(receiver)
    strangers = factories.customer(factories.user())
    offer(browser, service)
    browser.force_login(receiver)
    response = browser.post(link(), {"customer": strangers.pk, "action": "accept"})
    service.refresh_from_db()
    assert (response.status_code, service.customer == strangers) == (422, False)


def test_declined_nothing_moves(browser, service, receiver, customer):
    offer(browser, service)
    browser.force_login(receiver)
    assert "Anda belum bertindak untuk pelanggan" in browser.get(link()).content.decode()
    html = browser.post(link(), {"action": "decline"}, follow=True).content.decode()
    assert "Tawaran ditolak. Tidak ada yang berpindah." in html
    service.refresh_from_db()
    assert service.customer == customer
    assert "sudah tidak berlaku" in browser.post(link(), {"action": "decline"}).content.decode()


def test_who_is_not_signed_in_signs_in_first_and_a_wrong_link_leads_nowhere(browser, service, client):
    offer(browser, service)
    client.logout()
    assert client.get(link()).status_code == 302
    assert browser.get(reverse("billing:transfer", args=["salah"])).status_code in {302, 404}


def test_too_many_offers_are_refused(browser, service, monkeypatch):
    monkeypatch.setattr("accounts.limits.allow", lambda *_who: False)
    response = browser.post(reverse("billing:service-transfer", args=[service.pk]), {"email": "a@example.com"})
    assert (response.status_code, ServiceTransfer.objects.count()) == (422, 0)
