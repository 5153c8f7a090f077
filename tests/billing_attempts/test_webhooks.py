"""A provider's calls: kept raw, checked in order, believed only as far as its own status goes."""

import pytest
from django.db import OperationalError
from django.urls import reverse

from accounts import limits
from billing.attempts import webhooks, working
from billing.gateways.base import State
from billing.models import GatewayMessage, Invoice, Payment, PaymentAttempt

pytestmark = pytest.mark.django_db

ADDRESS = "/webhooks/pretend/"


@pytest.fixture
def opened(attempt):
    working.run(attempt.pk)
    attempt.refresh_from_db()
    return attempt


@pytest.fixture
def call(client, django_capture_on_commit_callbacks):
    """Post a body; the worker does at once what it leads to. Returns the status."""

    def post(body: bytes, address: str = ADDRESS) -> int:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(address, body, content_type="application/json").status_code

    return post


def kept() -> tuple[str, bytes, int | None]:
    message = GatewayMessage.objects.filter(direction="in").latest("pk")
    return message.outcome, bytes(message.received), message.http_status


def test_the_address_is_the_one_that_providers_are_given():
    assert reverse("billing:webhook", args=["pretend"]) == ADDRESS


def test_a_call_makes_the_shop_ask_and_the_answer_pays(opened, page, call, invoice):
    page.pays(opened)
    body = f"sealed:{opened.order_id}:settlement:150000".encode()
    assert call(body) == 200
    invoice.refresh_from_db()
    assert (invoice.status, Payment.objects.count()) == (Invoice.Status.PAID, 1)
    assert kept() == ("accepted", body, 200)
    assert GatewayMessage.objects.get(direction="in").attempt == opened


def test_what_a_call_says_is_not_believed_where_the_provider_says_otherwise(opened, page, call, invoice):
    assert call(f"sealed:{opened.order_id}:settlement:150000".encode()) == 200
    invoice.refresh_from_db()
    opened.refresh_from_db()
    assert (invoice.status, opened.status, Payment.objects.count()) == (Invoice.Status.UNPAID, "open", 0)


@pytest.mark.parametrize("body", [b"", b"forged:1:settlement", b"\xff\x00\xfe", b"sealed", b"SEALED:1:x"])
def test_a_forged_call_is_kept_and_moves_nothing(opened, page, call, body):
    page.pays(opened)
    assert call(body) == 403
    assert kept() == ("forged", body, 403)
    assert (Payment.objects.count(), page.kinds) == (0, ["start"])


def test_a_signed_call_that_is_not_as_documented_is_kept_and_moves_nothing(opened, page, call):
    assert call(b"sealed:only") == 400
    assert kept() == ("unreadable", b"sealed:only", 400)
    assert page.kinds == ["start"]


def test_an_order_that_is_not_ours_is_kept_and_not_asked_for_again(opened, page, call):
    page.pays(opened)
    assert call(b"sealed:somebody-elses-1:settlement") == 200
    assert kept()[0] == "unknown"
    assert (Payment.objects.count(), page.kinds) == (0, ["start"])


@pytest.mark.parametrize("amount", ["149999", "1"])
def test_a_wrong_amount_in_a_call_is_noted_and_what_the_provider_says_counts(opened, page, call, amount):
    page.pays(opened)
    assert call(f"sealed:{opened.order_id}:settlement:{amount}".encode()) == 200
    message = GatewayMessage.objects.get(direction="in")
    assert message.detail == f"settlement dengan jumlah {amount} IDR"
    assert Payment.objects.get().amount == 150_000


def test_the_same_call_a_hundred_times_pays_once(opened, page, call):
    page.pays(opened)
    body = f"sealed:{opened.order_id}:settlement".encode()
    assert {call(body) for _ in range(100)} == {200}
    assert Payment.objects.count() == 1
    assert GatewayMessage.objects.filter(direction="in", outcome="accepted").count() == 100


def test_a_provider_that_cannot_be_asked_leaves_the_call_to_the_sweep(opened, page, call, invoice):
    from billing.gateways.wire import Unreachable

    page.raises["status"] = [Unreachable("ReadTimeout")]
    page.pays(opened)
    assert call(f"sealed:{opened.order_id}:settlement".encode()) == 200
    opened.refresh_from_db()
    assert (opened.status, opened.job, opened.error) == ("open", "ask", "ReadTimeout")
    PaymentAttempt.objects.update(due_at=opened.created_at)
    working.run(opened.pk)
    invoice.refresh_from_db()
    assert invoice.status == Invoice.Status.PAID


def test_an_expiry_after_the_payment_changes_nothing(opened, page, call, invoice):
    page.pays(opened)
    call(f"sealed:{opened.order_id}:settlement".encode())
    page.reports(State.EXPIRED, opened)
    call(f"sealed:{opened.order_id}:expire".encode())
    invoice.refresh_from_db()
    opened.refresh_from_db()
    assert (invoice.status, opened.status) == (Invoice.Status.PAID, "paid")


def test_a_database_that_fails_has_the_call_sent_again(opened, call, monkeypatch):
    def locked(*_arguments, **_fields):
        raise OperationalError("database is locked")

    with monkeypatch.context() as patched:
        patched.setattr(webhooks, "keep", locked)
        assert call(f"sealed:{opened.order_id}:settlement".encode()) == 503
    assert not GatewayMessage.objects.filter(direction="in").exists()
    with monkeypatch.context() as patched:
        patched.setattr("billing.attempts.ask_now", locked)
        assert call(f"sealed:{opened.order_id}:settlement".encode()) == 503
    assert kept()[0] == "failed"


def test_a_provider_without_keys_and_one_that_does_not_exist_have_no_address(call, monkeypatch):
    assert call(b"sealed:1:x", "/webhooks/nobody/") == 404
    monkeypatch.setattr("billing.gateways.is_open", lambda provider: False)
    assert call(b"sealed:1:x") == 404
    assert not GatewayMessage.objects.exists()


def test_a_call_that_is_too_large_is_not_read(call):
    assert call(b"x" * (webhooks.MOST_BYTES + 1)) == 413
    assert not GatewayMessage.objects.exists()


def test_of_a_long_forged_call_only_the_head_is_kept(call):
    assert call(b"forged" * 5_000) == 403
    assert kept() == ("forged", (b"forged" * 5_000)[: webhooks.FORGED_BYTES], 403)


def test_an_address_that_calls_too_often_is_asked_to_come_again(call, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "webhook", limits.Limit(2, 60))
    assert [call(b"forged") for _ in range(3)] == [403, 403, 429]
    assert GatewayMessage.objects.count() == 2


def test_only_posts_are_taken(client):
    assert client.get(ADDRESS).status_code == 405


def test_an_address_written_without_its_slash_works_too_for_a_redirect_would_lose_the_call(opened, page, call):
    page.pays(opened)
    assert call(f"sealed:{opened.order_id}:settlement".encode(), "/webhooks/pretend") == 200
    assert Payment.objects.count() == 1
