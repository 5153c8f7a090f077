"""The invoice's page while it is paid through a provider, for its members and for the holder of its private link."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts import outbox
from accounts.roles import Role
from billing import attempts, paylinks, payments, paymethods, pdf, transitions
from billing.attempts import reports, working
from billing.gateways.base import Refused, Report, State
from billing.gateways.wire import Unreachable
from billing.models import Invoice, PaymentAttempt
from tests import factories
from tests.billing.shop import place
from tests.billing_attempts.pretend import invoice_by, let_time_pass, method_of
from tests.billing_pages.test_pdf import words as words_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client, owner, customer):
    client.force_login(owner)
    return client


@pytest.fixture
def page_of(signed_in):
    def get(invoice: Invoice) -> str:
        return signed_in.get(invoice.get_absolute_url()).content.decode()

    return get


def start(client, invoice: Invoice, **data):
    return client.post(reverse("billing:invoice-pay", args=[invoice.slug]), data)


def test_n4_n5_a_bank_is_chosen_and_its_account_shown_with_everything_to_pay_by(client, page_of, customer, va):
    invoice = invoice_by(va, customer)
    choice = page_of(invoice)
    assert "Bayar dari bank mana?" in choice
    assert 'value="bca"' in choice
    assert start(client, invoice, channel="bca").url == f"{invoice.get_absolute_url()}#pay"
    assert "Menyiapkan nomor virtual account BCA" in page_of(invoice)
    working.run(invoice.payment_attempts.get().pk)
    shown = page_of(invoice)
    for copied in ('data-copy="70012345678901"', 'data-copy="150000"'):
        assert copied in shown
    for words in ("Virtual account BCA", "Bayar paling lambat", "ATM BCA", "BCA mobile", "KlikBCA", "Pakai bank lain"):
        assert words in shown
    assert "Masukkan nomor virtual account 70012345678901." in shown
    assert "tepat Rp150.000." in shown


def test_a_bill_of_mandiri_has_its_company_code(client, page_of, customer, va):
    invoice = invoice_by(va, customer)
    start(client, invoice, channel="mandiri")
    working.run(invoice.payment_attempts.get().pk)
    shown = page_of(invoice)
    for words in (
        'data-copy="70012"',
        "Nomor tagihan Mandiri",
        "Masukkan kode perusahaan 70012, lalu nomor tagihan 98765",
    ):
        assert words in shown


def test_a_payment_page_is_a_link_that_tells_the_provider_nothing_of_ours(page_of, invoice, attempt, page):
    assert "Menyiapkan halaman pembayaran" in page_of(invoice)
    working.run(attempt.pk)
    shown = page_of(invoice)
    assert f'href="https://pay.example/{attempt.order_id}" rel="noreferrer"' in shown
    assert "Percobaan: tidak ada uang sungguhan" in shown


def test_a_provider_that_is_down_is_said_and_other_ways_stay_open(page_of, invoice, attempt, page):
    factories.bank_account()
    page.raises["start"] = [Unreachable("ConnectTimeout")]
    working.run(attempt.pk)
    shown = page_of(invoice)
    assert "Penyedia pembayaran belum menjawab" in shown
    assert "Bayar dengan cara lain" in shown


def test_a_refusal_is_told_in_the_providers_words_and_can_be_tried_again(client, page_of, invoice, attempt, page):
    page.raises["start"] = [Refused("Channel is not active")]
    working.run(attempt.pk)
    shown = page_of(invoice)
    assert "Channel is not active" in shown
    assert "Siapkan pembayaran" in shown
    start(client, invoice)
    assert [one.status for one in invoice.payment_attempts.order_by("pk")] == ["failed", "queued"]


def test_an_expired_account_is_not_to_be_used_and_can_be_replaced(client, page_of, customer, va):
    invoice = invoice_by(va, customer)
    first = attempts.begin(invoice=invoice, channel="bca", actor=None)
    working.run(first.pk)
    va.reports(State.EXPIRED, first)
    let_time_pass(first, hours=24, minutes=2)
    working.run(first.pk)
    shown = page_of(invoice)
    assert "Jangan memakai nomor yang lama" in shown
    assert "70012345678901" not in shown
    va.says = None
    start(client, invoice, channel="bca")
    assert [one.status for one in invoice.payment_attempts.order_by("pk")] == ["expired", "queued"]


def test_an_amount_that_changed_withdraws_the_number_at_once(page_of, customer, va):
    invoice = invoice_by(va, customer)
    first = attempts.begin(invoice=invoice, channel="bca", actor=None)
    working.run(first.pk)
    payments.record(
        customer=customer, amount=50_000, currency="IDR", source="staff", cause="staff:1", method=None,
        received_on=invoice.issued_on, reference="", actor=None, invoices=[invoice],
    )  # fmt: skip
    assert "70012345678901" not in page_of(invoice)
    attempts.cancel_stale()
    shown = page_of(invoice)
    assert "karena jumlah tagihan berubah" in shown
    assert "Rp100.000" in shown


def test_a_payment_that_differs_is_said(page_of, invoice, attempt, page):
    working.run(attempt.pk)
    attempt.refresh_from_db()
    reports.apply(attempt, Report(State.PAID, 149_000, "IDR", "t-1"))
    assert "Jumlah yang masuk berbeda dari yang diminta" in page_of(invoice)


def test_a_payment_that_came_late_is_said_on_the_cancelled_invoice(page_of, invoice, attempt, page):
    working.run(attempt.pk)
    attempt.refresh_from_db()
    transitions.move(invoice, Invoice.Status.CANCELLED, actor=None)
    assert "setelah tagihan ini dibatalkan" not in page_of(invoice)
    reports.apply(attempt, Report(State.PAID, attempt.amount, "IDR", "t-1"))
    assert "Rp150.000 masuk setelah tagihan ini dibatalkan" in page_of(invoice)


def test_the_page_turns_paid_by_itself(client, page_of, invoice, attempt, page):
    state = reverse("billing:invoice-state", args=[invoice.slug])

    def polled(shown: str) -> str:
        assert f'hx-get="{state}?seen=' in shown
        return shown.partition(f"{state}?seen=")[2].partition('"')[0]

    def asked(seen: str):
        return client.get(f"{state}?seen={seen}")

    seen = polled(page_of(invoice))
    assert asked(seen).headers.get("HX-Refresh") is None
    working.run(attempt.pk)
    assert asked(seen)["HX-Refresh"] == "true"
    seen = polled(page_of(invoice))
    assert asked(seen).headers.get("HX-Refresh") is None
    page.pays(attempt)
    attempts.ask_now(attempt)
    working.run(attempt.pk)
    assert asked(seen)["HX-Refresh"] == "true"
    assert "Lunas" in page_of(invoice)


def test_who_may_not_pay_sees_how_but_begins_nothing(client, customer, va):
    invoice = invoice_by(va, customer)
    client.force_login(factories.member(customer, role=Role.VIEWER).user)
    assert "Minta anggota yang berhak membayar" in client.get(invoice.get_absolute_url()).content.decode()
    assert start(client, invoice, channel="bca").status_code == 403
    assert not PaymentAttempt.objects.exists()


def test_a_bank_that_is_not_offered_is_refused_in_words(signed_in, customer, va):
    invoice = invoice_by(va, customer)
    answer = start(signed_in, invoice, channel="bank-lain")
    assert [str(one) for one in get_messages(answer.wsgi_request)] == ["Pilih salah satu bank yang tersedia."]
    assert not PaymentAttempt.objects.exists()


def test_the_holder_of_a_private_link_pays_and_comes_back_to_it(client, customer, page):
    invoice = invoice_by(page, customer)
    PaymentAttempt.objects.all().delete()
    link = reverse(
        "billing:pay", args=[paylinks.token_of(paylinks.share(invoice=invoice, actor=customer.users.first()))]
    )
    assert "Siapkan pembayaran" in client.get(link).content.decode()
    assert client.post(f"{link}start/").url == f"{link}#pay"
    attempt = PaymentAttempt.objects.get()
    assert attempt.created_by is None
    working.run(attempt.pk)
    shown = client.get(link).content.decode()
    assert f"https://pay.example/{attempt.order_id}" in shown
    assert f'hx-get="{link}state/?seen=' in shown
    assert client.get(reverse("billing:invoice-returned", args=[attempt.order_id])).url == link
    client.cookies.clear()
    assert client.get(reverse("billing:invoice-returned", args=[attempt.order_id])).url == invoice.get_absolute_url()


def test_coming_back_asks_the_provider_and_believes_nothing_of_the_address(signed_in, invoice, attempt, page):
    working.run(attempt.pk)
    back = reverse("billing:invoice-returned", args=[attempt.order_id])
    answer = signed_in.get(f"{back}?order_id={attempt.order_id}&status_code=200&transaction_status=settlement")
    assert answer.url == invoice.get_absolute_url()
    invoice.refresh_from_db()
    assert (invoice.status, working.due()) == (Invoice.Status.UNPAID, [attempt.pk])
    assert signed_in.get(reverse("billing:invoice-returned", args=["nomor-lain"])).status_code == 404


def test_an_unpaid_invoice_costs_as_many_queries_whatever_was_tried(
    client, page_of, customer, va, django_assert_num_queries
):
    invoice = invoice_by(va, customer)
    attempt = attempts.begin(invoice=invoice, channel="bca", actor=None)
    working.run(attempt.pk)
    page_of(invoice)
    with django_assert_num_queries(7):
        page_of(invoice)
    for bank in ("mandiri", "bca"):
        working.run(attempts.begin(invoice=invoice, channel=bank, actor=None).pk)
    with django_assert_num_queries(7):
        page_of(invoice)


def test_the_pdf_leads_to_the_page_instead_of_an_account(customer, va, settings):
    factories.bank_account()
    invoice = invoice_by(va, customer)
    text = words_of(pdf.current(invoice))
    assert f"Pretend virtual account Bayar di halaman tagihan ini: {settings.BASE_URL}" in text
    assert "No. rekening" not in text


def test_the_email_of_the_order_asks_for_no_proof(customer, va):
    invoice = invoice_by(va, customer)
    email = outbox.render(
        "billing/order_received", {"order_id": invoice.order_id, "invoice_id": invoice.pk}, "id", reveal=False
    )
    assert "Bayar di halaman tagihan; kami tahu sendiri" in email.text
    assert "Setelah transfer" not in email.text


def test_choosing_a_provider_on_the_invoice_begins_nothing_until_it_is_asked_for(signed_in, owner, customer, page):
    account = factories.bank_account()
    invoice = place(customer, factories.product(), method=account.method).invoice
    method = method_of(page)
    paymethods.choose(invoice=invoice, method=method, actor=owner)
    assert "Siapkan pembayaran" in signed_in.get(invoice.get_absolute_url()).content.decode()
    assert not PaymentAttempt.objects.exists()
    start(signed_in, invoice)
    assert PaymentAttempt.objects.get().method == method
