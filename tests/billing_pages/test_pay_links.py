"""The private link of the finance department: one invoice, for a time, until it is taken back."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from billing import paylinks
from billing.models import PayLink, PaymentConfirmation
from tests.billing import shop
from tests.billing_pages.shop import confirmation_fields, pay


@pytest.fixture
def token(invoice, owner):
    return paylinks.token_of(paylinks.share(invoice=invoice, actor=owner))


def visit(client, token):
    return client.get(reverse("billing:pay", args=[token]))


def test_the_button_makes_a_link_that_works_without_signing_in(signed_in, invoice):
    signed_in.post(reverse("billing:invoice-share", args=[invoice.slug]))
    address = signed_in.get(invoice.get_absolute_url()).context["pay_link_address"]
    signed_in.logout()
    response = signed_in.get(address.removeprefix("http://localhost:8000"))
    assert response.status_code == 200
    assert invoice.number in response.content.decode()
    assert [event.kind for event in invoice.events.all()][-1] == "pay_link_shared"


def test_it_shows_this_invoice_and_nothing_else_of_the_customer(client, invoice, customer, token):
    other = shop.unpaid_invoice(customer)
    html = visit(client, token).content.decode()
    assert other.number not in html
    assert "/client/" not in html
    assert "Bagikan tautan" not in html


def test_whoever_holds_it_confirms_the_payment(client, invoice, token):
    response = client.post(reverse("billing:pay", args=[token]), confirmation_fields(invoice))
    assert response.url == reverse("billing:pay", args=[token])
    sent = PaymentConfirmation.objects.get()
    assert (sent.invoice, sent.submitted_by) == (invoice, None)
    assert "Menunggu verifikasi" in visit(client, token).content.decode()


def test_a_refused_form_of_the_link_keeps_what_was_typed(client, invoice, token):
    response = client.post(
        reverse("billing:pay", args=[token]), confirmation_fields(invoice, amount="x", sender_bank="Bank Jago")
    )
    assert response.status_code == 422
    assert "Bank Jago" in response.content.decode()
    assert not PaymentConfirmation.objects.exists()


def test_it_serves_the_pdf(client, token):
    assert client.get(reverse("billing:pay-pdf", args=[token])).content.startswith(b"%PDF-")


def test_a_paid_invoice_still_shows_its_receipt_there(client, invoice, token):
    pay(invoice)
    assert "Lunas" in visit(client, token).content.decode()


def _changed(token: str) -> str:
    return token[:-1] + ("a" if token[-1] != "a" else "b")


def _of_another_invoice(token: str) -> str:
    return "999" + token


@pytest.mark.parametrize("forge", [_changed, _of_another_invoice, lambda token: "x", lambda token: token + ".x"])
def test_a_forged_link_shows_nothing(client, invoice, token, forge):
    response = visit(client, forge(token))
    assert response.status_code == 404
    assert invoice.number not in response.content.decode()


def test_one_invoices_key_does_not_open_another(client, customer, invoice, token):
    other = shop.unpaid_invoice(customer)
    stolen = PayLink(invoice=other, key=PayLink.objects.get().key)
    assert visit(client, paylinks.token_of(stolen)).status_code == 404


def test_it_ends_by_itself(client, token):
    with time_machine.travel(timezone.now() + timedelta(days=15), tick=False):
        assert visit(client, token).status_code == 404


def test_a_new_link_ends_the_old_one(client, invoice, owner, token):
    newer = paylinks.token_of(paylinks.share(invoice=invoice, actor=owner))
    assert [visit(client, one).status_code for one in (token, newer)] == [404, 200]


def test_it_can_be_taken_back(signed_in, invoice, token):
    signed_in.post(reverse("billing:invoice-unshare", args=[invoice.slug]))
    assert visit(signed_in, token).status_code == 404
    assert not PayLink.objects.exists()


def test_caches_and_robots_leave_it_alone(client, token):
    response = visit(client, token)
    assert response.headers["Cache-Control"] == "no-store"
    assert "noindex" in response.content.decode()
