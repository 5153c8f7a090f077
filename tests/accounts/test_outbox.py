from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts import crypto, delivery, outbox
from accounts.models import OutboxEmail
from accounts.tasks import sweep_outbox
from tests import factories

Status = OutboxEmail.Status
LINK = "https://shop.example/accounts/confirm-email/KEY/"


def enqueue(**changes) -> OutboxEmail:
    fields = {
        "key": "test:1",
        "to": "sari@example.com",
        "template": "accounts/confirm_email",
        "arguments": {"name": "Sari", "secret": crypto.encrypt(LINK), "signup": 1},
    }
    return outbox.enqueue(**{**fields, **changes})


@pytest.mark.django_db
def test_v5_one_key_makes_one_row_and_the_second_call_returns_it():
    assert enqueue() == enqueue(to="other@example.com")
    assert list(OutboxEmail.objects.values_list("to", "status")) == [("sari@example.com", Status.QUEUED)]


@pytest.mark.django_db
def test_an_email_nobody_registered_is_refused():
    with pytest.raises(LookupError, match="accounts/nothing"):
        enqueue(template="accounts/nothing")
    assert OutboxEmail.objects.count() == 0


@pytest.mark.django_db
def test_delivery_starts_after_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        enqueue()
        assert mail.outbox == []
    assert [sent.to for sent in mail.outbox] == [["sari@example.com"]]


@pytest.mark.django_db
def test_a_sent_email_shows_its_secret_to_the_reader_and_keeps_none():
    row = enqueue()
    assert delivery.deliver(row.pk)
    sent = mail.outbox[0]
    html = sent.alternatives[0].content
    assert LINK in sent.body
    assert LINK in html
    row.refresh_from_db()
    assert (row.status, row.attempts, row.subject) == (Status.SENT, 1, sent.subject)
    assert row.arguments == {"name": "Sari", "signup": 1}
    for kept in (row.text_body, row.html_body):
        assert LINK not in kept
        assert outbox.MASK in kept


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "subject"),
    [("id", "Konfirmasi alamat email Anda di Langganan"), ("en", "Confirm your email address at Langganan")],
)
def test_an_email_speaks_its_recipients_language_whatever_the_page_spoke(language, subject):
    row = enqueue(language=language)
    delivery.deliver(row.pk)
    assert f'<html lang="{language}">' in mail.outbox[0].alternatives[0].content
    assert mail.outbox[0].subject == subject


@pytest.mark.django_db
def test_names_cannot_add_headers_or_markup():
    row = enqueue(arguments={"name": "Sari\r\nBcc: x@example.com <b>&", "secret": "", "signup": 0})
    delivery.deliver(row.pk)
    message = mail.outbox[0].message()
    assert message["Bcc"] is None
    assert "<b>&" in mail.outbox[0].body
    assert "&lt;b&gt;&amp;" in mail.outbox[0].alternatives[0].content


@pytest.mark.django_db
def test_every_copy_of_a_row_carries_one_message_id_and_rows_differ():
    first, second = enqueue(), enqueue(key="test:2")
    assert delivery.message_id(first) == delivery.message_id(OutboxEmail.objects.get(pk=first.pk))
    assert delivery.message_id(first) != delivery.message_id(second)
    delivery.deliver(first.pk)
    assert mail.outbox[0].message()["Message-ID"] == delivery.message_id(first)


@pytest.mark.django_db
def test_a_sent_email_is_not_sent_again():
    row = enqueue()
    assert [delivery.deliver(row.pk) for _ in range(3)] == [True, False, False]
    assert len(mail.outbox) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "taken"),
    [
        ({"age": 61}, True),
        ({"age": 30}, False),
        ({"status": Status.SENDING, "claimed": 121}, True),
        ({"status": Status.SENDING, "claimed": 60}, False),
        ({"attempts": 1, "age": 1}, True),
        ({"attempts": 1, "age": -60}, False),
        ({"status": Status.FAILED, "age": 9999}, False),
    ],
    ids=["missed nudge", "just queued", "dead worker", "being sent", "retry due", "retry not due", "given up"],
)
def test_v5_the_sweep_takes_what_nobody_has_in_hand(fields, taken):
    row = enqueue()
    now = timezone.now()
    claimed = fields.get("claimed")
    OutboxEmail.objects.update(
        status=fields.get("status", Status.QUEUED),
        attempts=fields.get("attempts", 0),
        due_at=now - timedelta(seconds=fields.get("age", 0)),
        claimed_at=now - timedelta(seconds=claimed) if claimed else None,
    )
    assert sweep_outbox() == int(taken)
    row.refresh_from_db()
    assert (row.status == Status.SENT) == taken
    assert len(mail.outbox) == int(taken)


@pytest.mark.django_db
def test_a_broken_email_is_tried_again_and_given_up_after_a_day(time_machine):
    time_machine.move_to("2026-11-21T03:00:00Z", tick=False)
    row = enqueue(arguments={"name": "Sari", "secret": "not encrypted by us", "signup": 1})
    tries = 0
    while row.status != Status.FAILED:
        assert delivery.deliver(row.pk) is False
        tries += 1
        row.refresh_from_db()
        time_machine.move_to(max(row.due_at, timezone.now()), tick=False)
    assert timezone.now() <= row.created_at + timedelta(hours=24)
    assert timezone.now() > row.created_at + timedelta(hours=23)
    assert "CannotDecrypt" in row.last_error
    assert row.attempts == tries > 90
    assert mail.outbox == []


@pytest.mark.django_db
def test_staff_revive_a_failed_email_in_place():
    person = factories.user()
    row = enqueue()
    OutboxEmail.objects.update(status=Status.FAILED, attempts=97, retry_until=timezone.now() - timedelta(days=3))
    row.refresh_from_db()
    assert outbox.resend(row, person) == row
    assert delivery.deliver(row.pk)
    row.refresh_from_db()
    assert (row.status, row.resent_by, OutboxEmail.objects.count()) == (Status.SENT, person, 1)


@pytest.mark.django_db
def test_a_one_time_link_is_not_kept_and_so_not_sent_again():
    row = enqueue()
    delivery.deliver(row.pk)
    row.refresh_from_db()
    with pytest.raises(outbox.CannotResend):
        outbox.resend(row, factories.user())
    assert OutboxEmail.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("registered", outbox.all_registered(), ids=lambda one: one.template)
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_registered_email_has_its_three_templates(registered, language):
    rendered = outbox.preview(registered.template, language)
    if rendered is not None:
        assert rendered.subject
        assert rendered.text
        assert rendered.html.endswith("</html>\n")
