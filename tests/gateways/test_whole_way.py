"""From the order to the paid invoice, through each gateway and back by its provider's calls, in whatever order they come."""

from decimal import Decimal

import pytest

from billing import attempts, gateways
from billing.attempts import working
from billing.models import GatewayMessage, Invoice, Payment, PaymentAttempt
from tests.billing.shop import TEMPLATES, register_missing_emails
from tests.billing_attempts.pretend import invoice_by, let_time_pass

register_missing_emails(TEMPLATES)
pytestmark = pytest.mark.django_db

GATEWAYS = [("midtrans_va", "mandiri"), ("midtrans_snap", ""), ("xendit_va", "bca"), ("xendit_invoice", "")]
each_gateway = pytest.mark.parametrize(("code", "channel"), GATEWAYS)


@pytest.fixture
def at_once(django_capture_on_commit_callbacks):
    """The worker does at once what the block leads to."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def notify(client, at_once):
    def deliver(path, body, headers):
        sent = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        with at_once():
            return client.post(path, body, content_type="application/json", **sent).status_code

    return deliver


@pytest.fixture
def opened(providers, customer, at_once):
    """An order's attempt that its provider opened, with the invoice."""

    def begin(code: str, channel: str) -> tuple[PaymentAttempt, Invoice]:
        with at_once():
            invoice = invoice_by(gateways.named(code), customer)
            if channel:
                attempts.begin(invoice=invoice, channel=channel, actor=None)
        return invoice.payment_attempts.get(), invoice

    return begin


def fake(providers, attempt):
    return getattr(providers, attempt.provider)


def choose(providers, attempt):
    """On Midtrans' page somebody has to choose a way before they can pay."""
    if attempt.gateway == "midtrans_snap":
        with providers.midtrans.lock:
            providers.midtrans.choose(providers.midtrans.sessions[attempt.provider_id], "gopay")


def standing(attempt, invoice):
    attempt.refresh_from_db()
    invoice.refresh_from_db()
    return attempt.status, invoice.status, Payment.objects.count()


@each_gateway
@pytest.mark.parametrize("mode", ["normal", "doubled", "reordered", "late"])
def test_a_payment_pays_the_invoice_once_however_it_is_told(providers, opened, code, channel, mode):
    attempt, invoice = opened(code, channel)
    assert standing(attempt, invoice) == ("open", "unpaid", 0)
    fake(providers, attempt).switches.turn(notify=mode)
    choose(providers, attempt)
    fake(providers, attempt).pay(attempt.order_id)
    answers = providers.deliver()
    assert set(answers) <= {200}
    assert standing(attempt, invoice) == ("paid", "paid", 1)
    payment = Payment.objects.get()
    assert (payment.amount, payment.currency, payment.source) == (invoice.total, "IDR", Payment.Source.GATEWAY)
    assert set(GatewayMessage.objects.filter(direction="in").values_list("outcome", flat=True)) == {"accepted"}


@each_gateway
def test_a_payment_that_nobody_tells_of_is_found_by_asking(providers, opened, code, channel):
    attempt, invoice = opened(code, channel)
    choose(providers, attempt)
    providers.deliver()
    fake(providers, attempt).switches.turn(notify="never")
    fake(providers, attempt).pay(attempt.order_id)
    assert standing(attempt, invoice) == ("open", "unpaid", 0)
    let_time_pass(attempt, minutes=11)
    working.run(attempt.pk)
    assert standing(attempt, invoice) == ("paid", "paid", 1)


@each_gateway
def test_another_amount_pays_nothing_and_waits_for_staff(providers, opened, code, channel):
    attempt, invoice = opened(code, channel)
    choose(providers, attempt)
    fake(providers, attempt).pay(attempt.order_id, invoice.total - 1)
    assert standing(attempt, invoice) == ("review", "unpaid", 0)


@each_gateway
def test_what_a_call_claims_wrongly_changes_nothing(providers, opened, notify, code, channel):
    attempt, invoice = opened(code, channel)
    choose(providers, attempt)
    claims = {"amount": 1, "currency": "USD", "status": "PAID"}
    if attempt.provider == "midtrans":
        claims = {"gross_amount": "1.00", "currency": "USD", "transaction_status": "settlement"}
    body, headers = fake(providers, attempt).notification(attempt.order_id, **claims)
    assert notify(f"/webhooks/{attempt.provider}/", body, headers) == 200
    assert "USD" in GatewayMessage.objects.filter(direction="in").latest("pk").detail
    assert standing(attempt, invoice) == ("open", "unpaid", 0)


@each_gateway
def test_a_forged_call_is_kept_and_refused(providers, opened, notify, code, channel):
    attempt, invoice = opened(code, channel)
    choose(providers, attempt)
    body, headers = fake(providers, attempt).notification(attempt.order_id)
    forged = body.replace(b'"signature_key": "', b'"signature_key": "0')
    assert notify(f"/webhooks/{attempt.provider}/", forged, {**headers, "x-callback-token": "tebakan"}) == 403
    assert GatewayMessage.objects.filter(direction="in").latest("pk").outcome == "forged"
    assert standing(attempt, invoice) == ("open", "unpaid", 0)


@each_gateway
def test_an_answer_that_was_lost_opens_nothing_twice_that_could_be_paid_twice(
    providers, customer, at_once, code, channel
):
    provider = getattr(providers, gateways.named(code).provider)
    provider.switches.turn(lost=True)
    with at_once():
        invoice = invoice_by(gateways.named(code), customer)
        if channel:
            attempts.begin(invoice=invoice, channel=channel, actor=None)
    attempt = invoice.payment_attempts.get()
    assert attempt.status == "queued"
    provider.switches.reset()
    for _time in range(2):
        attempt.refresh_from_db()
        let_time_pass(attempt, minutes=1)
        working.run(attempt.pk)
    attempt.refresh_from_db()
    assert attempt.status == "open"
    choose(providers, attempt)
    provider.pay(attempt.order_id)
    assert standing(attempt, invoice) == ("paid", "paid", 1)


@each_gateway
def test_an_invoice_that_is_not_wanted_any_more_is_closed_at_the_provider(providers, opened, at_once, code, channel):
    attempt, invoice = opened(code, channel)
    choose(providers, attempt)
    with at_once():
        attempts.cancel(attempt, actor=None)
    assert standing(attempt, invoice) == ("cancelled", "unpaid", 0)
    report = gateways.named(code).status(attempt, working.wire_for(attempt, "status"))
    closed = {"midtrans_va": "expire", "midtrans_snap": "expire", "xendit_va": "", "xendit_invoice": "EXPIRED"}
    assert report.detail == closed[code]
    if code == "xendit_va":
        assert providers.xendit.account(attempt.provider_id).status == "INACTIVE"


@each_gateway
def test_money_that_comes_after_the_end_still_pays(providers, opened, code, channel):
    attempt, invoice = opened(code, channel)
    choose(providers, attempt)
    fake(providers, attempt).expire(attempt.order_id)
    let_time_pass(attempt, days=2)
    working.run(attempt.pk)
    assert standing(attempt, invoice) == ("expired", "unpaid", 0)
    fake(providers, attempt).pay(attempt.order_id)
    assert standing(attempt, invoice) == ("paid", "paid", 1)


@pytest.mark.parametrize("code", ["midtrans_snap", "xendit_invoice"])
def test_a_refund_at_the_provider_is_seen_and_shown_to_staff(providers, opened, code):
    attempt, invoice = opened(code, "")
    choose(providers, attempt)
    if code == "xendit_invoice":
        providers.xendit.pay(attempt.order_id, channel="DANA")
    else:
        providers.midtrans.pay(attempt.order_id)
    fake(providers, attempt).refund(attempt.order_id, 1000)
    assert standing(attempt, invoice) == ("review", "paid", 1)
    assert attempt.refunded == Decimal(1000)


@each_gateway
def test_no_key_is_kept_with_the_exchanges(providers, opened, settings, code, channel):
    attempt, _invoice = opened(code, channel)
    choose(providers, attempt)
    fake(providers, attempt).pay(attempt.order_id)
    kept = b"".join(
        bytes(part) for message in GatewayMessage.objects.all() for part in (message.sent, message.received)
    )
    assert len(kept) > 500
    for key in (settings.MIDTRANS.server_key, settings.XENDIT.secret_key, settings.XENDIT.callback_token):
        assert key.encode() not in kept
