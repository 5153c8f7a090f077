"""Paying through a provider as a newcomer does: at the fake providers, whose notifications reach the shop by HTTP."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from billing.models import Invoice, Payment, PaymentMethod
from config.providers import Midtrans, Xendit
from tests.acceptance import steps
from tests.acceptance.visitor import Visitor
from tests.providers import Providers, running
from tests.providers.__main__ import by_http

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def providers(shop: str, settings) -> Iterator[Providers]:
    """They speak with the shop, and it with them, until the browser is done."""
    with running(by_http(shop), background=True) as providers:
        asked = providers.environment()
        settings.PAYMENT_SANDBOX = True
        settings.MIDTRANS = Midtrans(*(asked[f"MIDTRANS_{name}"] for name in ("SERVER_KEY", "API_URL", "SNAP_URL")))
        settings.XENDIT = Xendit(*(asked[f"XENDIT_{name}"] for name in ("SECRET_KEY", "CALLBACK_TOKEN", "API_URL")))
        yield providers


def _order_paid_by(visitor: Visitor, gateway: str) -> None:
    """From the shelf to the page of an invoice that is to be paid in this way."""
    method, _is_new = PaymentMethod.objects.get_or_create(gateway=gateway, defaults={"name_id": gateway})
    steps.put_hosting_in_the_cart(visitor)
    steps.complete_order_as_newcomer(visitor, method=method)


def _is_paid(visitor: Visitor) -> None:
    """The invoice's page says so by itself, and one payment of the whole amount stands behind it."""
    expect(visitor.page.locator(".page-head .tag").first).to_have_text(visitor.say("Lunas"), timeout=30_000)
    visitor.check()
    invoice = Invoice.objects.get()
    assert (invoice.status, [payment.amount for payment in Payment.objects.all()]) == ("paid", [invoice.total])


@pytest.mark.parametrize(("gateway", "channel"), [("midtrans_va", "mandiri"), ("xendit_va", "bni")])
def test_a_virtual_account_is_paid_at_the_simulator_and_the_invoice_turns_paid(providers, visitor, gateway, channel):
    _order_paid_by(visitor, gateway)
    visitor.choose("channel", channel)
    visitor.press("Buat nomor virtual account")
    with visitor.context.expect_page() as opened:
        visitor.find_button("Bayar di simulator").click()
    opened.value.get_by_role("button", name="Bayar Rp").click()
    opened.value.get_by_text("Pembayaran sudah diterima.").wait_for()
    _is_paid(visitor)


def test_a_payment_page_leads_back_to_an_invoice_that_turns_paid(providers, visitor):
    _order_paid_by(visitor, "xendit_invoice")
    visitor.find_button("Bayar sekarang").click()
    visitor.page.get_by_label("QRIS").check()
    visitor.page.get_by_role("button", name="Bayar Rp").click()
    visitor.page.wait_for_url("**/client/invoices/**")
    _is_paid(visitor)


def test_a_card_that_was_refused_leaves_the_invoice_open_and_another_way_pays_it(providers, visitor):
    _order_paid_by(visitor, "midtrans_snap")
    page = visitor.page
    visitor.find_button("Bayar sekarang").click()
    page.get_by_label("Kartu kredit atau debit").check()
    page.get_by_role("button", name="Tolak").click()
    page.wait_for_url("**/client/invoices/**")
    assert Invoice.objects.get().status == "unpaid"
    visitor.find_button("Bayar sekarang").click()
    page.get_by_text("Pembayaran ditolak.").wait_for()
    page.get_by_label("GoPay").check()
    page.get_by_role("button", name="Bayar Rp").click()
    page.wait_for_url("**/client/invoices/**")
    _is_paid(visitor)
