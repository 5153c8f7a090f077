"""C4 in the browser: several invoices are ticked, one page shows their sum, one form confirms the transfer."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from billing.models import Invoice, PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import confirmation_fields, pay

QUERIES_OF_PAGE = 3


@pytest.fixture
def invoices(customer, account):
    return [shop.unpaid_invoice(customer, total) for total in (150_000, 200_000, 50_000)]


def page(client, *invoices):
    return client.get(reverse("billing:confirm-together"), {"invoice": [invoice.slug for invoice in invoices]})


def send(client, *invoices, **changes):
    fields = confirmation_fields(invoices[0], **{"amount": "400.000", **changes})
    slugs = [invoice.slug for invoice in invoices]
    return client.post(reverse("billing:confirm-together"), {**fields, "invoice": slugs})


def test_the_page_shows_the_sum_and_the_invoices(signed_in, invoices):
    html = page(signed_in, *invoices).content.decode()
    assert "Rp400.000" in html
    assert all(html.count(f'name="invoice" value="{invoice.slug}"') == 1 for invoice in invoices)
    assert ", ".join(invoice.number for invoice in invoices) in html


def test_one_form_confirms_all_and_each_invoice_says_so(signed_in, invoices):
    response = send(signed_in, *invoices)
    assert response.url == reverse("billing:invoices")
    assert PaymentConfirmation.objects.filter(status="submitted").count() == 3
    html = signed_in.get(invoices[1].get_absolute_url()).content.decode()
    assert "Satu transfer untuk" in html
    assert all(invoice.number in html for invoice in invoices)


def test_o2_pressing_twice_sends_once(signed_in, invoices):
    assert [send(signed_in, *invoices).status_code for _time in range(2)] == [302, 302]
    assert PaymentConfirmation.objects.count() == 3


def test_a_refused_form_keeps_what_was_typed_and_the_invoices(signed_in, invoices):
    response = send(signed_in, *invoices, sender_bank="", sender_name="PT Lain")
    html = response.content.decode()
    assert response.status_code == 422
    assert "<title>Kesalahan:" in html
    assert 'value="PT Lain"' in html
    assert html.count('name="invoice"') == 3
    assert not PaymentConfirmation.objects.exists()


def test_too_little_is_said_at_the_amount(signed_in, invoices):
    response = send(signed_in, *invoices, amount="350.000")
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {"amount"}


def test_one_ticked_leads_to_its_own_page_and_none_back_to_the_choice(signed_in, invoices):
    assert page(signed_in, invoices[0]).url == f"{invoices[0].get_absolute_url()}#confirm"
    assert page(signed_in).url == reverse("billing:confirm")


def test_what_is_paid_waiting_or_another_customers_is_not_taken(signed_in, customer, invoices):
    paid, waiting = pay(shop.unpaid_invoice(customer)), shop.confirm(invoices[0]).invoice
    foreign = shop.unpaid_invoice(factories.customer(factories.user()))
    for other in (paid, waiting, foreign):
        assert page(signed_in, invoices[1], invoices[2], other).url == reverse("billing:confirm")
        assert send(signed_in, invoices[1], invoices[2], foreign).status_code == 302
    assert PaymentConfirmation.objects.filter(invoice__in=invoices[1:]).count() == 0


@pytest.mark.parametrize(("role", "status"), [(Role.OWNER, 302), (Role.BILLING, 302), (Role.VIEWER, 403)])
def test_who_may_confirm_together(client, customer, invoices, role, status):
    client.force_login(factories.member(customer, role=role).user)
    assert send(client, *invoices).status_code == status
    assert PaymentConfirmation.objects.exists() == (status == 302)


@pytest.mark.parametrize("where", ["billing:invoices", "billing:billing-overview", "billing:confirm"])
def test_the_lists_offer_it_where_several_can_be_paid(signed_in, invoices, where):
    html = signed_in.get(reverse(where)).content.decode()
    assert reverse("billing:confirm-together") in html
    assert html.count('name="invoice"') == 3
    Invoice.objects.filter(pk__in=[one.pk for one in invoices[1:]]).update(status="cancelled")
    response = signed_in.get(reverse(where), follow=True)
    assert reverse("billing:confirm-together") not in response.content.decode()


def test_viewers_are_not_offered_it(client, customer, invoices):
    client.force_login(factories.member(customer, role=Role.VIEWER).user)
    assert reverse("billing:confirm-together") not in client.get(reverse("billing:invoices")).content.decode()


@pytest.mark.parametrize("count", [2, 3])
def test_the_page_costs_the_same_for_any_number_of_invoices(signed_in, invoices, count, django_assert_num_queries):
    page(signed_in, *invoices)
    with django_assert_num_queries(QUERIES_OF_PAGE):
        assert page(signed_in, *invoices[:count]).status_code == 200
