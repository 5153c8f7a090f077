"""Attempts and their messages on the staff's pages."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts import jobs
from billing import attempts, crediting, payments, provider_refunds, refunds
from billing.admin.attempts import LONGEST_BODY, readable
from billing.attempts import refunding, reports, working
from billing.gateways.wire import Unreachable
from billing.models import CreditAccount, GatewayMessage, PaymentAttempt, PaymentMethod, ProviderRefund, Refund
from tests import factories
from tests.billing import credited
from tests.billing.shop import unpaid_invoice
from tests.billing_attempts.pretend import invoice_by
from tests.staff.desk import superuser
from tests.staff.test_documents import press, told

pytestmark = pytest.mark.django_db

LIST = reverse("admin:billing_paymentattempt_changelist")
REFUNDS = reverse("admin:billing_providerrefund_changelist")
MESSAGES = reverse("admin:billing_gatewaymessage_changelist")
Status = PaymentAttempt.Status


@pytest.fixture(autouse=True)
def _nobody_works(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    monkeypatch.setattr("accounts.outbox.tell_worker", lambda *_arguments: None)
    monkeypatch.setattr("accounts.models.shop.CACHE_SECONDS", 3600)


@pytest.fixture
def boss(client):
    client.force_login(superuser())
    return client


def page_of(attempt) -> str:
    return reverse("admin:billing_paymentattempt_change", args=[attempt.pk])


def message(attempt=None, **fields) -> GatewayMessage:
    defaults = {"provider": "pretend", "direction": "in", "kind": "webhook", "outcome": "accepted", "attempt": attempt}
    return GatewayMessage.objects.create(**{**defaults, **fields})


def review(attempt, page) -> PaymentAttempt:
    page.pays(attempt, amount=Decimal(100_000))
    reports.apply(attempt, page.says)
    return attempt


def found(client, query: str) -> set[str]:
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200
    return {attempt.order_id for attempt in response.context["cl"].result_list}


def test_an_attempt_is_found_by_every_number_that_somebody_may_name(boss, customer, va, attempt, invoice):
    other = invoice_by(va, customer)
    account = attempts.begin(invoice=other, channel="bca", actor=None)
    working.run(account.pk)
    account.refresh_from_db()
    assert account.facts["number"] == "70012345678901"
    for words in ("70012345678901", account.provider_id, account.order_id, other.number):
        assert found(boss, f"q={words}") == {account.order_id}, words
    assert found(boss, f"q={invoice.number}") == {attempt.order_id}


def test_attempts_are_narrowed_to_a_status_a_provider_and_to_trouble(boss, attempt, page):
    assert found(boss, "status__exact=queued") == {attempt.order_id}
    assert found(boss, "provider=midtrans") == set()
    assert found(boss, "trouble=0") == {attempt.order_id}
    assert found(boss, "trouble=1") == set()
    PaymentAttempt.objects.update(silent_since=timezone.now())
    assert found(boss, "trouble=1") == {attempt.order_id}
    PaymentAttempt.objects.update(silent_since=None)
    review(attempt, page)
    assert found(boss, "trouble=1&status__exact=review") == {attempt.order_id}


def test_the_page_tells_facts_history_and_messages_and_renders_none_of_them(boss, attempt, page, invoice):
    working.run(attempt.pk)
    message(attempt, received=b'{"nama":"<script>alert(1)</script>","rincian":[1]}', detail="<b>x</b>")
    message(attempt, received=b"not json <img src=x>", at=timezone.now() - timedelta(hours=1))
    attempt.refresh_from_db()
    page.pays(attempt)
    reports.apply(attempt, page.says)
    text = boss.get(page_of(attempt)).text
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<img src=x>" not in text
    assert text.index("not json") < text.index("&quot;rincian&quot;: [\n")
    assert invoice.number in text
    assert reverse("admin:billing_payment_change", args=[attempt.received.get().payment_id]) in text


@pytest.mark.parametrize(
    "body",
    [
        "[" * 5_000,
        "[" * 900 + "]" * 900,
        '{"a": "\\ud800"}',
        "\x00\x01",
        "9" * 10_000,
        "x" * 100_000,
        '{"a":"' + "y" * 100_000 + '"}',
    ],
)
def test_whatever_was_sent_can_be_shown(boss, body):
    shown = readable(body)
    assert len(shown) <= LONGEST_BODY + 100
    one = message(received=body.encode(), outcome="forged")
    response = boss.get(reverse("admin:billing_gatewaymessage_change", args=[one.pk]))
    assert (response.status_code, "\x00" in response.text) == (200, False)


def test_raw_messages_are_for_those_who_may_see_them(client, attempt):
    message(attempt, received=b'{"rahasia":1}')
    client.force_login(factories.staff("billing.view_paymentattempt"))
    assert "rahasia" not in client.get(page_of(attempt)).text
    assert client.get(MESSAGES).status_code == 403
    client.force_login(factories.staff("billing.view_paymentattempt", "billing.view_gatewaymessage"))
    assert "rahasia" in client.get(page_of(attempt)).text


def test_messages_are_narrowed_by_what_became_of_them(boss, attempt):
    message(outcome="forged", detail="palsu")
    message(attempt)
    rows = boss.get(f"{MESSAGES}?outcome__exact=forged").context["cl"].result_list
    assert [row.detail for row in rows] == ["palsu"]


def test_staff_has_the_provider_asked_closes_and_decides(client, verifier, attempt, page):
    client.force_login(factories.staff("billing.verify_payment", "billing.view_paymentattempt"))
    assert told(press(client, attempt, "ask")) == ["Pretend sedang ditanya. Muat ulang halaman ini sebentar lagi."]
    assert attempt.wakes == 1
    press(client, attempt, "close", note="Diminta pelanggan")
    assert (attempt.status, attempt.events.last().note) == (Status.CANCELLED, "Diminta pelanggan")
    review(attempt, page)
    assert press(client, attempt, "dismiss", note="").status_code == 422
    [words] = told(press(client, attempt, "accept"))
    assert (words, attempt.status) == (f"Rp100.000 dicatat untuk {attempt.invoice}.", Status.PAID)
    # The other one comes too late, and is told.
    assert told(press(client, attempt, "accept"))[-1:] == ["Tindakan ini tidak berlaku lagi: keadaannya sudah berubah."]


def test_who_may_only_look_does_nothing(client, attempt, page):
    client.force_login(factories.staff("billing.view_paymentattempt"))
    review(attempt, page)
    for button in ("ask", "close", "accept", "dismiss"):
        assert press(client, attempt, button, note="x").status_code == 403
    assert (attempt.status, attempt.wakes) == (Status.REVIEW, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_the_lists_cost_the_same_for_one_and_three(boss, customer, page, count, django_assert_num_queries):
    for _number in range(count):
        for attempt in invoice_by(page, customer).payment_attempts.all():
            message(attempt)
    boss.get(LIST)
    with django_assert_num_queries(7):
        boss.get(LIST)
    with django_assert_num_queries(8):
        boss.get(MESSAGES)


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_costs_the_same_for_one_message_and_three(boss, attempt, count, django_assert_num_queries):
    for _number in range(count):
        message(attempt, received=b"{}")
    boss.get(page_of(attempt))
    with django_assert_num_queries(9):
        boss.get(page_of(attempt))


def test_the_start_page_counts_what_is_to_be_reviewed_and_names_the_oldest(client, customer, page):
    who = factories.staff("billing.verify_payment", "billing.view_paymentattempt")
    client.force_login(who)
    assert "Pembayaran online perlu ditinjau" not in client.get(reverse("admin:index")).text
    old, young = (review(invoice_by(page, customer).payment_attempts.get(), page) for _number in range(2))
    PaymentAttempt.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=3))
    card = next(one for one in client.get(reverse("admin:index")).context["work"] if one.key == "attempts")
    assert (card.count, card.rows[0].url, card.rows[1].url) == (2, page_of(old), page_of(young))


def test_the_invoice_leads_to_its_attempts(boss, invoice, attempt):
    assert page_of(attempt) in boss.get(reverse("admin:billing_invoice_change", args=[invoice.pk])).text


def test_a_method_without_keys_says_which_settings_it_wants(boss, settings):
    for gateway in ("midtrans_va", "xendit_invoice", "bank_transfer"):
        PaymentMethod.objects.create(gateway=gateway, name_id=gateway)
    text = boss.get(reverse("admin:billing_paymentmethod_changelist")).text
    assert "Tidak ditawarkan: isi MIDTRANS_SERVER_KEY" in text
    assert "Tidak ditawarkan: isi XENDIT_SECRET_KEY, XENDIT_CALLBACK_TOKEN" in text
    assert ">Ditawarkan<" in text


def health(client) -> dict[str, tuple[str, str]]:
    context = client.get(reverse("admin:health")).context
    return {finding.name: (finding.tone, finding.detail) for finding in context["findings"]}


def test_the_health_page_tells_of_providers_and_of_their_silence(boss, attempt, monkeypatch, settings):
    parts = health(boss)
    assert parts["Pembayaran online"] == ("warning", "Belum pernah berjalan.")
    assert parts["Midtrans"] == ("success", "Tidak dipakai. Untuk memakainya isi MIDTRANS_SERVER_KEY.")
    jobs.record(jobs.SWEEP_ATTEMPTS)
    monkeypatch.setattr("billing.gateways.midtrans.Midtrans.is_configured", lambda self: True)
    assert health(boss)["Midtrans"] == ("success", "Sandbox; belum ada webhook")
    message(provider="midtrans")
    PaymentAttempt.objects.update(
        provider="midtrans", silent_since=timezone.now() - timedelta(minutes=14), error="ReadTimeout"
    )
    assert health(boss)["Midtrans"][0] == "success"
    PaymentAttempt.objects.update(silent_since=timezone.now() - timedelta(minutes=16))
    tone, detail = health(boss)["Midtrans"]
    assert (tone, "1 pembayaran tidak terjawab lebih dari 15 menit: ReadTimeout" in detail) == ("danger", True)
    assert health(boss)["Pembayaran online"][0] == "success"


@pytest.fixture
def payer(db):
    return factories.staff(
        "billing.view_creditaccount", "billing.view_providerrefund", "billing.view_refund", "billing.view_invoice",
        refunds.PAY, crediting.ISSUE,
    )  # fmt: skip


@pytest.fixture
def rich(attempt, page, customer):
    """50.000 of credit that came through the provider."""
    page.pays(attempt, amount=Decimal(200_000))
    reports.take(attempt, page.says, actor=None)
    return CreditAccount.objects.get(pk=customer.pk)


def back(attempt, amount: str = "30.000", **fields) -> dict:
    received = attempt.received.get()
    return {"payment": received.pk, "amount": amount, "reason": "Batal", "once": str(uuid.uuid4()), **fields}


def test_credit_is_sent_back_from_the_customers_credit(client, payer, rich, attempt, page):
    client.force_login(payer)
    address = reverse("admin:billing_creditaccount_press", args=[rich.pk, "send-back"])
    assert "Pretend gopay" in client.get(address).text
    data = back(attempt)
    for _time in range(2):
        response = press(client, rich, "send-back", **data)
    assert told(response)[0].startswith("Rp30.000 sedang dikembalikan lewat Pretend.")
    refund = ProviderRefund.objects.get()
    assert (refund.amount, refund.asked_by, payments.credit_balance(rich)) == (30_000, payer, 20_000)
    refunding.run(refund.pk)
    refund.refresh_from_db()
    listed = client.get(reverse("admin:billing_refund_change", args=[refund.refund_id])).text
    assert reverse("admin:billing_providerrefund_change", args=[refund.pk]) in listed
    assert client.get(reverse("admin:billing_refund_proof", args=[refund.refund_id])).status_code == 404


def test_more_than_came_by_the_payment_is_refused_in_words(client, payer, rich, attempt):
    client.force_login(payer)
    assert told(press(client, rich, "send-back", **back(attempt, "60.000"))) == [
        "Dari pembayaran ini hanya Rp50.000 yang dapat dikembalikan."
    ]
    assert press(client, rich, "send-back", **back(attempt, payment="0")).status_code == 422
    assert not ProviderRefund.objects.exists()


def test_without_credit_of_a_provider_nothing_is_offered(client, payer, customer):
    client.force_login(payer)
    account = CreditAccount.objects.get(pk=customer.pk)
    page = client.get(reverse("admin:billing_creditaccount_change", args=[account.pk])).text
    assert "send-back" not in page


def test_a_credit_note_offers_the_providers_way_where_the_money_came_by_it(client, payer, rich, attempt, invoice):
    client.force_login(payer)
    invoice.refresh_from_db()
    form = client.get(reverse("admin:billing_invoice_press", args=[invoice.pk, "credit-note"])).text
    assert "kembalikan lewat Pretend" in form
    line = invoice.lines.get()
    data = {f"line_{line.pk}": "40.000", "reason": "Salah harga", "way": "provider", "once": str(uuid.uuid4())}
    [words] = told(press(client, invoice, "credit-note", **data))
    assert words == "Nota kredit dibuat, dan Rp40.000 sedang dikembalikan lewat penyedia."
    assert (ProviderRefund.objects.get().amount, payments.credit_balance(rich)) == (40_000, 50_000)


def test_a_credit_note_of_money_that_was_transferred_does_not(client, payer, customer):
    client.force_login(payer)
    invoice = unpaid_invoice(customer)
    credited.pay(customer, 150_000, invoice)
    form = client.get(reverse("admin:billing_invoice_press", args=[invoice.pk, "credit-note"])).text
    assert "sudah kami transfer ke rekening pelanggan" in form
    assert "kembalikan lewat" not in form


def test_the_start_page_tells_of_refunds_that_did_not_go(client, rich, attempt, payer):
    client.force_login(payer)

    def card():
        return next((one for one in client.get(reverse("admin:index")).context["work"] if one.key == "sent-back"), None)

    refund = provider_refunds.send_back(
        received=attempt.received.get(), amount=Decimal(10_000), reason="x", cause="c", actor=payer
    )
    assert card() is None
    ProviderRefund.objects.update(asked_at=timezone.now() - timedelta(hours=2))
    assert card().count == 1
    provider_refunds.refuse(refund, "Tidak bisa")
    assert (card().count, card().rows[0].detail) == (1, "Tidak bisa")
    ProviderRefund.objects.update(asked_at=timezone.now() - timedelta(days=4))
    assert card() is None


def test_staff_settles_an_open_refund_on_its_page(client, payer, rich, attempt, page):
    client.force_login(payer)
    press(client, rich, "send-back", **back(attempt))
    refund = ProviderRefund.objects.get()
    assert "stayed" not in client.get(reverse("admin:billing_providerrefund_change", args=[refund.pk])).text
    page.raises["refund"] = [Unreachable("ReadTimeout")]
    refunding.run(refund.pk)
    text = client.get(reverse("admin:billing_providerrefund_change", args=[refund.pk])).text
    assert ("ReadTimeout" in text, "stayed" in text, "went-back" in text) == (True, True, True)
    press(client, refund, "stayed", note="Tidak ada di dasbor")
    assert (refund.status, refund.error, payments.credit_balance(rich)) == ("refused", "Tidak ada di dasbor", 50_000)


def test_the_customer_reads_what_went_back_and_how(client, owner, rich, attempt, payer):
    for number, refused in enumerate((False, True)):
        refund = provider_refunds.send_back(
            received=attempt.received.get(), amount=Decimal(10_000), reason="x", cause=f"c:{number}", actor=payer
        )
        if refused:
            provider_refunds.refuse(refund, "Tidak bisa")
        else:
            refunding.run(refund.pk)
    client.force_login(owner)
    text = client.get(reverse("billing:credit")).text
    assert text.count("Dikembalikan lewat Pretend") == 2
    assert "Tidak dapat dikembalikan lewat Pretend" in text
    overview = client.get(reverse("billing:billing-overview")).text
    assert "Pretend gopay" in overview
    assert "Bukti transfer" not in overview
    assert client.get(reverse("billing:refund-proof", args=[Refund.objects.get().pk])).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_refunds_costs_the_same_for_one_and_three(boss, customer, page, count, django_assert_num_queries):
    payer = factories.staff(refunds.PAY)
    for number in range(count):
        attempt = invoice_by(page, customer).payment_attempts.get()
        page.pays(attempt, amount=Decimal(200_000), transaction=f"t-{number}")
        reports.take(attempt, page.says, actor=None)
        provider_refunds.send_back(
            received=attempt.received.get(), amount=Decimal(1_000), reason="x", cause=f"c:{number}", actor=payer
        )
    boss.get(REFUNDS)
    with django_assert_num_queries(7):
        boss.get(REFUNDS)
