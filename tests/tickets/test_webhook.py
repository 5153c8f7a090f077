"""The mail provider's webhook: anymail reads its format and checks its secret; this is what becomes of it."""

import base64
import json

import pytest
from django.test import Client
from django.urls import reverse

from tests.tickets import mails
from tests.tickets.desk import fresh, open_one
from tickets import addresses, inbound
from tickets.models import InboundEmail

pytestmark = pytest.mark.django_db

SECRET = "penyedia:rahasia-webhook"
AUTHORIZATION = f"Basic {base64.b64encode(SECRET.encode()).decode()}"


@pytest.fixture(autouse=True)
def _postmark(settings):
    settings.TICKETS_INBOUND_DOMAIN = mails.DOMAIN
    settings.ANYMAIL_PROVIDER = "postmark"
    settings.ANYMAIL = {"WEBHOOK_SECRET": SECRET}


@pytest.fixture
def ticket(customer, support):
    return open_one(customer, support)


def told(ticket, sender: str, **fields) -> dict:
    """What Postmark posts of an email."""
    defaults = {
        "FromFull": {"Email": sender, "Name": "Sari"},
        "ToFull": [{"Email": addresses.reply_address(ticket), "Name": ""}],
        "OriginalRecipient": addresses.reply_address(ticket),
        "Subject": "Re: Situs",
        "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
        "TextBody": "Sudah bisa.",
        "HtmlBody": "",
        "Headers": [{"Name": "Message-ID", "Value": "<satu@sinar.example>"}],
        "Attachments": [],
    }
    return {**defaults, **fields}


def post(body: dict, provider: str = "postmark", **headers):
    headers.setdefault("authorization", AUTHORIZATION)
    # As strict as the outside world: no form token.
    client = Client(enforce_csrf_checks=True)
    return client.post(
        reverse("tickets:inbound-webhook", args=[provider]),
        json.dumps(body),
        content_type="application/json",
        headers=headers,
    )


def process_all() -> list[str]:
    for pk in InboundEmail.objects.filter(outcome="received").values_list("pk", flat=True):
        inbound.process(pk)
    return list(InboundEmail.objects.order_by("pk").values_list("outcome", flat=True))


def test_an_email_that_the_provider_tells_of_becomes_a_reply(ticket, owner):
    assert post(told(ticket, owner.email)).status_code == 200
    assert process_all() == ["replied"]
    assert ticket.messages.order_by("pk").last().body == "Sudah bisa."


def test_the_provider_may_tell_twice(ticket, owner):
    for _ in range(2):
        assert post(told(ticket, owner.email)).status_code == 200
    process_all()
    assert ticket.messages.count() == 2


def test_a_worker_takes_it_after_the_commit(ticket, owner, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        post(told(ticket, owner.email))
    assert InboundEmail.objects.get().outcome == "replied"


@pytest.mark.parametrize("authorization", ["", "Basic eDp5", "Bearer x"])
def test_without_the_secret_nothing_is_taken_in(ticket, owner, authorization):
    assert post(told(ticket, owner.email), authorization=authorization).status_code == 400
    assert InboundEmail.objects.count() == 0


@pytest.mark.parametrize(
    "closed",
    [{"ANYMAIL": {}}, {"ANYMAIL_PROVIDER": "mailgun"}, {"ANYMAIL_PROVIDER": ""}, {"TICKETS_INBOUND_DOMAIN": ""}],
    ids=str,
)
def test_the_door_is_shut_unless_it_was_set_up(ticket, owner, settings, closed):
    body = told(ticket, owner.email)
    for name, value in closed.items():
        setattr(settings, name, value)
    assert post(body).status_code == 404
    assert InboundEmail.objects.count() == 0


def test_other_providers_are_not_found(ticket, owner, settings):
    assert post(told(ticket, owner.email), provider="mailgun").status_code == 404
    settings.ANYMAIL_PROVIDER = "no-such"
    assert post(told(ticket, owner.email), provider="no-such").status_code == 404


def test_a_large_picture_comes_through_and_a_huge_body_does_not(ticket, owner, monkeypatch):
    attachment = {
        "Name": "galat.log",
        "Content": base64.b64encode(b"ERROR\n" * 500_000).decode(),
        "ContentType": "text/plain",
        "ContentLength": 3_000_000,
    }
    body = told(ticket, owner.email, Attachments=[attachment])
    assert post(body).status_code == 200
    assert process_all() == ["replied"]
    assert ticket.messages.order_by("pk").last().attachments.get().size == 3_000_000

    monkeypatch.setattr("tickets.views.webhooks.MAX_BYTES", 1000)
    assert post(body).status_code == 413
    assert InboundEmail.objects.count() == 1


def test_what_the_provider_calls_spam_is_left_to_staff(ticket, owner):
    spam = [{"Name": "X-Spam-Status", "Value": "Yes"}, {"Name": "X-Spam-Score", "Value": "9"}]
    post(told(ticket, owner.email, Headers=spam))
    assert process_all() == ["ignored"]
    row = InboundEmail.objects.get()
    assert (row.sender, row.reason) == (owner.email, "Ditandai sebagai spam oleh penyedia email.")
    assert fresh(ticket).message_count == 1


def test_broken_posts_are_refused(ticket):
    client = Client()
    address = reverse("tickets:inbound-webhook", args=["postmark"])
    headers = {"authorization": AUTHORIZATION}
    client.raise_request_exception = False
    answer = client.post(address, b"{", content_type="application/json", headers=headers)
    assert answer.status_code == 500
    assert InboundEmail.objects.count() == 0


def test_reading_is_no_door(client):
    assert client.get(reverse("tickets:inbound-webhook", args=["postmark"])).status_code == 405
