"""Billing's emails in both languages, with what each has to tell."""

import pytest
from django.utils import timezone

from accounts import outbox
from accounts.models import Shop
from billing import lifecycle, payments
from billing.models import Invoice, PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import pay, reject, service_of

BILLING_EMAILS = {
    "billing/order_received",
    "billing/confirmation_received",
    "billing/confirmation_rejected",
    "billing/payment_received",
    "billing/partially_paid",
    "billing/service_active",
    "billing/order_cancel_warning",
    "billing/order_cancelled",
    "billing/money_for_cancelled_invoice",
}


def test_every_email_that_billing_promises_is_registered():
    assert {one.template for one in outbox.all_registered()} >= BILLING_EMAILS


def render(template: str, language: str = "id", reveal: bool = True, **arguments) -> outbox.Rendered:
    return outbox.render(f"billing/{template}", arguments, language, reveal=reveal)


@pytest.fixture
def everything(customer, account):
    """Orders in every state that an email tells of."""
    shop.unpaid_invoice(customer)
    reject(shop.unpaid_invoice(customer))
    shop.confirm(shop.unpaid_invoice(customer))
    pay(shop.unpaid_invoice(customer))
    pay(shop.unpaid_invoice(customer), amount=100_000)
    lifecycle.cancel_order(order=shop.unpaid_invoice(customer).order, actor=None)


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("template", sorted(BILLING_EMAILS - {"billing/money_for_cancelled_invoice"}))
def test_staff_can_preview_every_email_in_both_languages(everything, template, language):
    shown = outbox.preview(template, language)
    assert shown.subject
    assert shown.text.strip()
    assert f'lang="{language}"' in shown.html
    assert shown.attachments == ()


def test_previews_wait_for_the_first_row(db):
    assert outbox.preview("billing/order_received", "id") is None


def test_n5_order_received_says_how_to_pay_and_carries_the_invoice(invoice, settings):
    settings.BASE_URL = "https://toko.example.co.id"
    sent = render("order_received", order_id=invoice.order_id, invoice_id=invoice.pk)
    assert invoice.number in sent.subject
    for text in (sent.text, sent.html):
        assert "Rp150.000" in text
        assert "123 456 7890, PT Nusa Layanan Digital" in text
        assert f"https://toko.example.co.id/client/invoices/{invoice.slug}/" in text
    assert [(one.name, one.content[:5]) for one in sent.attachments] == [(f"{invoice.slug}.pdf", b"%PDF-")]


def test_i5_an_order_that_costs_nothing_asks_for_no_payment(customer, account):
    invoice = shop.unpaid_invoice(customer, total=0)
    sent = render("order_received", order_id=invoice.order_id, invoice_id=invoice.pk)
    assert "123 456 7890" not in sent.text
    assert "tidak ada yang perlu Anda bayar" in sent.text


def test_k4_a_rejection_gives_the_reason_as_it_was_written(invoice):
    confirmation = reject(invoice, "Jumlah <b>kurang</b> & buram")
    sent = render("confirmation_rejected", confirmation_id=confirmation.pk)
    assert "Jumlah <b>kurang</b> & buram" in sent.text
    assert "Jumlah &lt;b&gt;kurang&lt;/b&gt; &amp; buram" in sent.html


def test_k7_confirmation_received_says_when_to_expect_the_answer(invoice):
    sent = render("confirmation_received", confirmation_id=shop.confirm(invoice).pk)
    assert "paling lambat" in sent.text
    assert "08.00–17.00 WIB" in sent.text


def test_an_email_of_a_payment_that_was_taken_back_before_it_was_sent_names_no_day_and_no_amount(invoice):
    verifier = factories.staff("billing.verify_payment")
    pay(invoice)
    payments.reverse(payment=invoice.allocations.get().payment, reason="Cek kosong", actor=verifier)
    sent = render("payment_received", invoice_id=invoice.pk)
    assert invoice.number in sent.text
    assert "Terbilang" not in sent.text


def test_n5_payment_received_carries_the_receipt_in_words(invoice):
    pay(invoice)
    sent = render("payment_received", invoice_id=invoice.pk)
    assert "seratus lima puluh ribu rupiah" in sent.text
    assert "Rp150.000,00" in sent.text
    assert sent.attachments[0].content.startswith(b"%PDF-")


def test_c2_partially_paid_names_what_is_missing(invoice):
    pay(invoice, amount=100_000)
    sent = render("partially_paid", invoice_id=invoice.pk)
    assert "Rp50.000" in sent.subject
    assert "Rp50.000" in sent.text


@pytest.mark.parametrize("in_email", [True, False])
def test_s8_login_details_are_in_the_email_only_where_the_shop_says_so(customer, account, in_email):
    current = Shop.current()
    current.login_details_in_email = in_email
    current.save()
    service = service_of(pay(shop.unpaid_invoice(customer, activation="by_staff")))
    lifecycle.activate(service=service, actor=None, login_details="user: budi\nsandi: rahasia-42")
    sent = render("service_active", service_id=service.pk)
    kept = render("service_active", reveal=False, service_id=service.pk)
    assert ("rahasia-42" in sent.text, "rahasia-42" in sent.html) == (in_email, in_email)
    assert "rahasia-42" not in kept.text + kept.html
    assert service.get_absolute_url() in sent.text


def test_i6_staff_hears_of_money_for_a_cancelled_invoice(customer, account):
    invoice = shop.unpaid_invoice(customer)
    lifecycle.cancel_order(order=invoice.order, actor=None)
    invoice.refresh_from_db()
    payment = payments.record(
        customer=customer,
        amount=invoice.total,
        currency="IDR",
        source="staff",
        cause="test:1",
        method=None,
        received_on=timezone.localdate(),
        reference="BCA",
        actor=factories.staff(),
        invoices=[invoice],
    )
    sent = render("money_for_cancelled_invoice", invoice_id=invoice.pk, payment_id=payment.pk)
    assert invoice.number in sent.subject
    assert customer.name in sent.text


def test_the_reader_of_an_english_email_gets_english_dates(invoice):
    sent = render("order_received", "en", order_id=invoice.order_id, invoice_id=invoice.pk)
    assert f"{invoice.due_on:%B}" in sent.text


def test_rows_stay_as_they_are_when_an_email_is_built(invoice):
    shop.confirm(invoice)
    outbox.preview("billing/confirmation_received", "id")
    assert Invoice.objects.get().status == Invoice.Status.UNPAID
    assert PaymentConfirmation.objects.get().status == PaymentConfirmation.Status.SUBMITTED
