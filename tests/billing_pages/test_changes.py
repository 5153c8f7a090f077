"""Changing a service on its pages: chosen, priced while choosing, agreed to, paid or taken back (S6)."""

import re
import uuid
from datetime import date

import pytest
from django.urls import reverse

from accounts import outbox
from billing.models import Service, ServiceChange
from catalog.cycles import Cycle
from catalog.selection import Selection
from tests import factories
from tests.billing.changing import allow, change
from tests.billing.years import active_order, on, pay

ORDERED, TODAY = date(2026, 6, 1), date(2026, 6, 13)
QUERIES_OF_LIST = 4


@pytest.fixture
def small(account):
    made = factories.product(
        name_id="Kecil", name_en="Small", prices={Cycle.MONTHLY: 300_000, Cycle.ANNUALLY: 3_000_000}, taxable=False
    )
    factories.quantity_option(made, prices={Cycle.MONTHLY: 10_000, Cycle.ANNUALLY: 100_000}, minimum=1, maximum=50)
    return made


@pytest.fixture
def large(small):
    made = factories.product(name_id="Besar", name_en="Large", prices={Cycle.MONTHLY: 500_000}, taxable=False)
    allow(small, made)
    return made


@pytest.fixture
def service(customer, small, large) -> Service:
    return active_order(
        customer, ORDERED, selections={small: Selection(Cycle.MONTHLY, options={"users": 2})}
    ).services.get()


@pytest.fixture
def browser(signed_in, owner):
    with on(TODAY):
        signed_in.force_login(owner)
        yield signed_in


def address(service, name="service-change") -> str:
    return reverse(f"billing:{name}", args=[service.pk])


def opened(browser, service, product=None) -> str:
    return browser.get(address(service), {"product": product.pk} if product else {}).content.decode()


def agreed(html: str) -> dict:
    """The hidden fields of the page: what it showed, and the key of the form."""
    return dict(re.findall(r'name="(change-\w+|product)" value="([^"]*)"', html.split('id="configure"')[1]))


def test_the_page_begins_as_the_service_is_and_leads_back(browser, service):
    assert address(service) in browser.get(service.get_absolute_url()).content.decode()
    html = opened(browser, service)
    assert re.search(r'name="users"[^>]*value="2"|value="2"[^>]*name="users"', html)
    assert "Belum ada yang diubah." in html
    assert "Jatuh temponya tetap 1 Juli 2026." in html
    assert "Paket Anda" in html


def test_s6_it_says_what_is_to_pay_and_what_renews_before_anything_is_asked(browser, service, large):
    html = opened(browser, service, large)
    # 18 of 30 days: 500.000 less 320.000.
    for words in ("Rp300.000", "−Rp192.000", "Rp108.000", "Perpanjangan Rp500.000 per bulan mulai 1 Juli 2026"):
        assert words in html
    assert not ServiceChange.objects.exists()


def test_the_summary_follows_the_form(browser, service, small):
    fields = {"product": small.pk, "cycle": "monthly", "users": "12", "shown_cycle": "monthly"}
    html = browser.get(address(service, "service-change-quote"), fields).content.decode()
    for words in ("Rp252.000", "−Rp192.000", "Rp60.000", "2 akun", "12 akun"):
        assert words in html
    assert 'id="options"' not in html
    other = browser.get(address(service, "service-change-quote"), fields | {"cycle": "annually"}).content.decode()
    assert 'id="options"' in other
    wrong = browser.get(address(service, "service-change-quote"), fields | {"users": "99"}).content.decode()
    assert "antara 1 dan 50" in wrong


def test_agreed_to_it_leads_to_the_invoice_and_waits(browser, service, large):
    html = opened(browser, service, large)
    response = browser.post(address(service), {**agreed(html), "cycle": "monthly"}, follow=True)
    made = ServiceChange.objects.get()
    assert response.redirect_chain == [(made.invoice.get_absolute_url(), 302)]
    assert "Perubahan berlaku begitu tagihan ini lunas." in response.content.decode()
    page = browser.get(service.get_absolute_url()).content.decode()
    for words in ("Perubahan menunggu pembayaran", "Besar", made.invoice.number, "Batalkan perubahan"):
        assert words in page
    assert address(service) + '"' not in page


def test_sent_twice_it_is_one_change_and_leads_to_the_same_invoice(browser, service, large):
    posted = {**agreed(opened(browser, service, large)), "cycle": "monthly"}
    first, second = (browser.post(address(service), posted) for _time in range(2))
    assert first.url == second.url == ServiceChange.objects.get().invoice.get_absolute_url()


def test_other_numbers_than_were_seen_are_shown_first(browser, service, large):
    posted = {**agreed(opened(browser, service, large)), "cycle": "monthly"}
    large.prices.update(amount=600_000)
    response = browser.post(address(service), posted)
    html = response.content.decode()
    assert response.status_code == 422
    assert "Harga berubah sejak Anda melihatnya." in html
    assert "Rp168.000" in html
    assert not ServiceChange.objects.exists()
    browser.post(address(service), {**agreed(html), "cycle": "monthly"})
    assert ServiceChange.objects.get().invoice.total == 168_000


def test_without_javascript_it_is_recalculated_by_a_button(browser, service, small):
    html = opened(browser, service)
    posted = {**agreed(html), "cycle": "monthly", "users": "12", "action": "recalculate"}
    response = browser.post(address(service), posted)
    assert response.status_code == 200
    assert "Rp60.000" in response.content.decode()
    assert not ServiceChange.objects.exists()


@pytest.mark.parametrize(
    ("forged", "words"),
    [
        ({"users": "99"}, "antara 1 dan 50"),
        ({"cycle": "quarterly"}, "siklus"),
        ({"change-key": "x"}, "tidak berlaku"),
        ({}, "Belum ada yang diubah"),
    ],
)
def test_what_cannot_be_is_refused_with_words_and_nothing_happens(browser, service, small, forged, words):
    posted = {**agreed(opened(browser, service)), "cycle": "monthly", "users": "2", **forged}
    response = browser.post(address(service), posted)
    assert response.status_code == 422
    assert words in response.content.decode()
    assert not ServiceChange.objects.exists()


def test_a_product_that_is_no_choice_shows_the_services_own(browser, service):
    stranger = factories.product(name_id="Rahasia", taxable=False)
    assert "Rahasia" not in opened(browser, service, stranger)


def test_what_stands_in_the_way_is_said(browser, service, large):
    Service.objects.filter(pk=service.pk).update(ends_on=date(2026, 7, 1))
    response = browser.get(address(service), follow=True)
    assert response.redirect_chain == [(service.get_absolute_url(), 302)]
    assert "Hanya layanan yang aktif" in response.content.decode()


def test_taken_back_the_service_goes_on(browser, service, large):
    made = change(service, large, TODAY)
    html = browser.post(address(service, "service-change-cancel"), follow=True).content.decode()
    assert "Kecil berjalan seperti biasa." in html
    made.refresh_from_db()
    assert (made.cancelled_at is not None, made.invoice.status) == (True, "cancelled")
    again = browser.post(address(service, "service-change-cancel"), follow=True).content.decode()
    assert "sudah berlaku atau sudah dibatalkan" in again


def test_what_gets_cheaper_is_in_effect_at_once(browser, service, small):
    html = browser.get(
        address(service, "service-change-quote"), {"product": small.pk, "cycle": "monthly", "users": "1"}
    ).content.decode()
    assert "Menjadi kredit Anda" in html
    posted = {**agreed('id="configure"' + html), "change-key": str(uuid.uuid4())}
    response = browser.post(
        address(service), {**posted, "product": small.pk, "cycle": "monthly", "users": "1"}, follow=True
    )
    assert response.redirect_chain == [(service.get_absolute_url(), 302)]
    assert "Perubahan sudah berlaku." in response.content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_marks_what_waits_in_as_many_queries(
    browser, customer, service, small, large, count, django_assert_num_queries
):
    chosen = {small: Selection(Cycle.MONTHLY, options={"users": 2})}
    for one in [
        service,
        *(active_order(customer, ORDERED, selections=chosen).services.get() for _ in range(count - 1)),
    ]:
        change(one, large, TODAY)
    browser.get(reverse("billing:services"))
    with django_assert_num_queries(QUERIES_OF_LIST):
        html = browser.get(reverse("billing:services")).content.decode()
    assert html.count("Perubahan menunggu pembayaran") == count


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_emails_say_what_changes_in_both_languages(service, large, language):
    small_to_large = {"id": "Kecil → Besar", "en": "Small → Large"}[language]
    asked = change(service, large, TODAY)
    sent = outbox.render("billing/change_requested", {"change_id": asked.pk}, language, reveal=True)
    for text in (sent.text, sent.html):
        assert small_to_large in text.replace("&gt;", ">")
        assert "Rp108.000" in text
        assert "123 456 7890" in text
    assert [one.name for one in sent.attachments] == [f"{asked.invoice.slug}.pdf"]
    pay(asked.invoice, TODAY)
    applied = outbox.render("billing/change_applied", {"change_id": asked.pk}, language, reveal=True)
    assert small_to_large in applied.text
    assert "Rp500.000" in applied.text
    assert service.get_absolute_url() in applied.text
    for name in ("change_cancelled", "change_to_carry_out"):
        shown = outbox.render(f"billing/{name}", {"change_id": asked.pk}, language, reveal=True)
        assert small_to_large in shown.text
        assert f'lang="{language}"' in shown.html
        assert shown.subject.strip()
