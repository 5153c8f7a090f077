"""The outbox while Redis, the mail server or the process itself fails (RELIABILITY, email and tasks; faults)."""

import os
import signal
import socket
import subprocess
import threading
import time

import pytest
import redis
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts import delivery, outbox
from accounts.models import OutboxEmail
from accounts.tasks import sweep_outbox
from config.cache import ForgivingRedisCache
from config.celery import app as celery_app
from tests import factories
from tests.accounts import smtp
from tests.accounts.test_outbox import enqueue

pytestmark = pytest.mark.fault
Status = OutboxEmail.Status

WEB_TIMEOUTS = {"socket_timeout": 0.5, "socket_connect_timeout": 0.5}
SECONDS_AT_MOST = 2.5
SECONDS_OF_A_REQUEST = 5


@pytest.fixture
def clock(time_machine):
    """A clock that goes on, and can be put forward."""
    time_machine.move_to(timezone.now())
    return time_machine


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def _answers(port: int) -> bool:
    try:
        return redis.Redis(port=port, socket_timeout=1).ping()
    except redis.RedisError:
        return False


@pytest.fixture
def broker(settings):
    """A Redis of the test's own as the broker, with tasks put there instead of run at once."""
    port = _free_port()
    process = subprocess.Popen(
        ["redis-server", "--port", str(port), "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL
    )
    kept = {name: celery_app.conf[name] for name in ("broker_url", "broker_transport_options", "task_always_eager")}
    celery_app.conf.update(
        broker_url=f"redis://127.0.0.1:{port}/0", broker_transport_options={}, task_always_eager=False
    )
    settings.NUDGE_TRANSPORT_OPTIONS = WEB_TIMEOUTS
    outbox._broker_down_until = 0.0
    while not _answers(port):
        assert process.poll() is None
    # The first task of a process also imports the transport.
    outbox.nudge(0)
    yield process
    celery_app.conf.update(kept)
    outbox._broker_down_until = 0.0
    process.kill()
    process.wait()


def _freeze(broker: subprocess.Popen) -> None:
    os.kill(broker.pid, signal.SIGSTOP)


def _stop(broker: subprocess.Popen) -> None:
    broker.terminate()
    broker.wait()


def _ask_and_commit() -> tuple[list[OutboxEmail], float]:
    """Three emails in one transaction, and how long the commit and its nudges took."""
    with transaction.atomic():
        rows = [enqueue(key=f"test:{number}") for number in range(3)]
        began = time.monotonic()
    return rows, time.monotonic() - began


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fail", [_freeze, _stop], ids=["frozen", "refusing"])
def test_a_broken_broker_costs_a_request_little_and_the_sweep_delivers(broker, fail, mailoutbox, clock):
    fail(broker)
    rows, seconds = _ask_and_commit()
    assert seconds < SECONDS_AT_MOST
    assert set(OutboxEmail.objects.values_list("status", flat=True)) == {Status.QUEUED}
    clock.shift(61)
    celery_app.conf.task_always_eager = True
    assert sweep_outbox() == len(rows) == len(mailoutbox)
    assert set(OutboxEmail.objects.values_list("status", flat=True)) == {Status.SENT}


@pytest.fixture
def cached_there(broker, settings, monkeypatch):
    """The broker's Redis as the cache too, as a shop has it."""
    monkeypatch.setattr(ForgivingRedisCache, "_down_until", 0.0)
    settings.CACHES = {
        **settings.CACHES,
        "default": {
            "BACKEND": "config.cache.ForgivingRedisCache",
            "LOCATION": celery_app.conf.broker_url,
            "OPTIONS": WEB_TIMEOUTS,
        },
    }
    return broker


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fail", [_freeze, _stop], ids=["frozen", "refusing"])
def test_people_sign_up_and_in_while_redis_is_away(cached_there, fail, client):
    factories.user(email="sari@example.com", password="kata sandi panjang")
    fail(cached_there)
    forms = {
        "account_signup": {"name": "Budi", "email": "budi@example.com", "password1": "kata sandi panjang"},
        "account_login": {"login": "sari@example.com", "password": "kata sandi panjang"},
    }
    for door, fields in forms.items():
        began = time.monotonic()
        client.post(reverse(door), fields)
        assert time.monotonic() - began < SECONDS_OF_A_REQUEST
    assert "_auth_user_id" in client.session
    assert OutboxEmail.objects.get(to="budi@example.com").status == Status.QUEUED


@pytest.mark.django_db(transaction=True)
def test_control_with_celerys_own_time_outs_a_frozen_broker_holds_the_request(broker, settings):
    settings.NUDGE_TRANSPORT_OPTIONS = {}
    outbox.nudge(0)
    _freeze(broker)
    nudging = threading.Thread(target=outbox.nudge, args=(0,), daemon=True)
    nudging.start()
    nudging.join(SECONDS_AT_MOST)
    held = nudging.is_alive()
    os.kill(broker.pid, signal.SIGCONT)
    nudging.join()
    assert held


@pytest.mark.django_db(transaction=True)
def test_a_process_killed_between_commit_and_nudge_loses_no_email(monkeypatch, mailoutbox, clock):
    def die(email_id: int) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    connection.close()
    child = os.fork()
    if not child:
        monkeypatch.setattr(outbox, "nudge", die)
        enqueue()
        os._exit(1)
    _pid, status = os.waitpid(child, 0)
    assert os.WTERMSIG(status) == signal.SIGKILL
    row = OutboxEmail.objects.get()
    assert row.status == Status.QUEUED
    clock.shift(61)
    assert sweep_outbox() == 1
    row.refresh_from_db()
    assert row.status == Status.SENT
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_sending_is_followed_by_another_with_the_same_message_id(mail_port, clock, monkeypatch):
    monkeypatch.setattr(outbox, "nudge", lambda email_id: None)
    row = enqueue()
    with smtp.running(mail_port) as server:
        connection.close()
        child = os.fork()
        if not child:
            delivery._mark_sent = lambda row, kept: os.kill(os.getpid(), signal.SIGKILL)
            delivery.deliver(row.pk)
            os._exit(1)
        _pid, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGKILL
        row.refresh_from_db()
        assert row.status == Status.SENDING
        clock.shift(121)
        assert sweep_outbox() == 1
    row.refresh_from_db()
    assert row.status == Status.SENT
    assert len(server.received) == 2
    assert all(f"Message-ID: {delivery.message_id(row)}" in message for message in server.received)


@pytest.fixture
def mail_port(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", _free_port()
    settings.EMAIL_USE_TLS = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    return settings.EMAIL_PORT


@pytest.mark.django_db(transaction=True)
def test_after_an_hour_without_a_mail_server_everything_goes_out(mail_port, clock):
    rows = [enqueue(key=f"test:{number}") for number in range(3)]
    for _minute in range(60):
        clock.shift(60)
        sweep_outbox()
    assert set(OutboxEmail.objects.values_list("status", flat=True)) == {Status.QUEUED}
    assert "ConnectionRefusedError" in OutboxEmail.objects.first().last_error
    clock.shift(delivery.LONGEST_WAIT.total_seconds())
    with smtp.running(mail_port) as server:
        assert sweep_outbox() == len(rows)
    assert len(server.received) == len(rows)
    assert set(OutboxEmail.objects.values_list("status", flat=True)) == {Status.SENT}


@pytest.mark.django_db(transaction=True)
def test_an_address_refused_for_good_fails_alone(mail_port):
    refused = {"gone@example.com": "550 no such user", "later@example.com": "450 try later"}
    with smtp.running(mail_port, refused) as server:
        for address in ("gone@example.com", "later@example.com", "sari@example.com"):
            enqueue(key=address, to=address)
    statuses = dict(OutboxEmail.objects.values_list("to", "status"))
    assert statuses == {
        "gone@example.com": Status.FAILED,
        "later@example.com": Status.QUEUED,
        "sari@example.com": Status.SENT,
    }
    assert len(server.received) == 1
    later = OutboxEmail.objects.get(to="later@example.com")
    assert later.due_at > timezone.now()
