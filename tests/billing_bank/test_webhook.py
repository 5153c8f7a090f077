"""The webhook of mutation services: signed, kept, and taken in once however often and however it comes."""

import json
import os
import shutil
import subprocess
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.conf import settings
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing.bank import importing, mutations, settling
from billing.models import GatewayMessage, Payment, StatementImport, StatementLine
from tests import factories
from tests.billing import races, shop
from tests.racing import at_once

pytestmark = pytest.mark.django_db

ADDRESS = "/webhooks/mutations/"
SECRET = "rahasia-yang-cukup-panjang-untuk-hmac-1"
OLDER = "rahasia-lama-yang-masih-berlaku-sebentar"


@pytest.fixture(autouse=True)
def _secrets(settings):
    settings.BANK_MUTATION_SECRETS = [SECRET, OLDER]


@pytest.fixture
def account(db):
    return factories.bank_account(bank="BCA", number="098-765-4321")


def mutation(**fields) -> dict:
    told = {
        "id": "mut-1",
        "booked_at": f"{timezone.localdate():%Y-%m-%d}T09:15:00+07:00",
        "type": "credit",
        "amount": "150017",
        "description": "TRSF E-BANKING CR BUDI",
        "payer": "BUDI",
        "balance": "1150017",
    }
    return told | fields


def call(*told: dict, **fields) -> dict:
    return {"account": "0987654321", "bank": "BCA", "mutations": list(told or [mutation()])} | fields


def send(data: object, *, secret: str = SECRET, at: int | None = None, client: Client | None = None, **headers):
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    timestamp = str(int(timezone.now().timestamp()) if at is None else at)
    signature = mutations.sign(timestamp.encode() + b"." + body, secret).decode()
    return (client or Client(enforce_csrf_checks=True)).post(
        ADDRESS, body, "application/json", headers={"X-Timestamp": timestamp, "X-Signature": signature} | headers
    )


def kept() -> list[tuple[str, int | None]]:
    return list(GatewayMessage.objects.order_by("pk").values_list("outcome", "http_status"))


def test_the_address_is_the_one_that_services_know_with_or_without_its_slash(account):
    assert reverse("billing:mutations-webhook") == ADDRESS
    assert Client().post(ADDRESS.rstrip("/")).status_code == 403


def test_money_that_came_in_is_written_and_what_went_out_is_not(account):
    answer = send(call(mutation(), mutation(id="mut-2", type="debit", amount=6500)))

    assert (answer.status_code, answer.json()) == (200, {"new": 1, "known": 0, "ignored": 1})
    line = StatementLine.objects.get()
    assert (line.account, line.feed, line.amount, line.payer) == (account, "webhook", 150_017, "BUDI")
    assert (line.booked_on, line.balance, line.status) == (timezone.localdate(), Decimal(1_150_017), "review")
    assert [event.to_status for event in line.events.all()] == ["review"]
    row = StatementImport.objects.get()
    assert (row.road, row.counts) == ("webhook", {"new": 1, "known": 0, "ignored": 1})
    message = GatewayMessage.objects.get()
    assert (message.provider, message.direction, message.outcome) == ("mutations", "in", "accepted")
    assert json.loads(message.received_text)["account"] == "0987654321"
    assert message.detail == "new 1, known 0, ignored 1"


def test_it_pays_the_invoice_it_names_after_the_commit(account, customer, django_capture_on_commit_callbacks):
    invoice = shop.unpaid_invoice(customer)
    with django_capture_on_commit_callbacks(execute=True):
        send(call(mutation(amount=150_000, description=f"LUNAS {invoice.number}")))
    invoice.refresh_from_db()
    assert (invoice.status, Payment.objects.get().source) == ("paid", "statement")
    assert StatementImport.objects.get().counts["matched"] == 1


def test_the_same_call_again_answers_with_nothing_new(account):
    data = call(mutation(), mutation(id="mut-2"))
    assert send(data).json() == {"new": 2, "known": 0, "ignored": 0}
    assert send(data).json() == {"new": 0, "known": 2, "ignored": 0}
    assert send(call(mutation(), mutation(id="mut-3"))).json() == {"new": 1, "known": 1, "ignored": 0}
    assert (StatementLine.objects.count(), StatementImport.objects.count()) == (3, 2)
    assert kept() == [("accepted", 200)] * 3


def test_the_id_alone_says_that_it_is_the_same_movement(account):
    send(call())
    yesterday = timezone.localdate() - timedelta(days=1)
    later = mutation(booked_at=f"{yesterday}", description="Keterangan yang dilengkapi", payer="", balance=None)
    assert send(call(later)).json() == {"new": 0, "known": 1, "ignored": 0}
    assert StatementLine.objects.get().text == "TRSF E-BANKING CR BUDI"


def test_an_id_that_comes_with_another_amount_is_left_to_people_once(account, customer):
    invoice = shop.unpaid_invoice(customer)
    send(call())
    otherwise = call(mutation(amount=150_000, description=f"LUNAS {invoice.number}"))

    assert send(otherwise).json() == {"new": 1, "known": 0, "ignored": 0}
    assert send(otherwise).json() == {"new": 0, "known": 1, "ignored": 0}

    line = StatementLine.objects.get(amount=150_000)
    assert (line.by_hand, settling.recognise_one(line.pk)) == (True, 0)
    assert "dengan jumlah lain" in line.events.get().note
    assert not Payment.objects.exists()


def test_a_call_of_nothing_is_fine(account):
    assert send(call(mutations=[])).json() == {"new": 0, "known": 0, "ignored": 0}
    assert not StatementImport.objects.exists()


@pytest.mark.parametrize("secret", [SECRET, OLDER])
def test_every_secret_opens_while_they_are_changed(account, secret):
    assert send(call(), secret=secret).status_code == 200


def test_without_a_secret_there_is_no_such_address(account, settings):
    settings.BANK_MUTATION_SECRETS = []
    assert send(call(), secret="").status_code == 404
    assert not GatewayMessage.objects.exists()


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_posts_are_taken(client, method):
    assert getattr(client, method)(ADDRESS).status_code == 405


FORGED = {
    "another secret": {"secret": "x" * 40},
    "no signature": {"X-Signature": ""},
    "letters beyond ASCII": {"X-Signature": "sha256=é"},
    "no time": {"X-Timestamp": ""},
    "no number as time": {"X-Timestamp": "kemarin"},
    "another time than was signed": {"X-Timestamp": str(int(timezone.now().timestamp()) + 1)},
    "too old": {"at": -301},
    "from the future": {"at": 302},
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_or_old_call_is_refused_and_writes_nothing(account, how):
    changed = dict(FORGED[how])
    if "at" in changed:
        changed["at"] += int(timezone.now().timestamp())

    answer = send(call(), **changed)

    assert answer.status_code == 403
    assert not StatementLine.objects.exists()
    assert kept() == [("forged", 403)]


def test_a_call_that_was_altered_on_its_way_is_refused(account):
    body = json.dumps(call()).encode()
    timestamp = str(int(timezone.now().timestamp()))
    signature = mutations.sign(f"{timestamp}.".encode() + body, SECRET).decode()
    answer = Client().post(
        ADDRESS,
        body.replace(b"150017", b"950017"),
        "application/json",
        headers={"X-Timestamp": timestamp, "X-Signature": signature},
    )
    assert (answer.status_code, kept()) == (403, [("forged", 403)])
    assert not StatementLine.objects.exists()


def test_of_a_forged_call_only_the_beginning_is_kept(account):
    send(call(mutation(description="x" * 5_000)), secret="x" * 40)
    assert len(GatewayMessage.objects.get().received) == 2_000


@pytest.mark.skipif(not shutil.which("openssl"), reason="the README signs with openssl")
def test_the_call_that_the_readme_shows_is_signed_as_the_shop_asks(account):
    shown = (settings.BASE_DIR / "README.md").read_text().partition("```sh\nbody=")[2].partition("curl ")[0]
    script = f'body={shown}printf \'%s\\n%s\\n%s\' "$time" "$signature" "$body"'
    run = subprocess.run(
        ["/bin/sh", "-c", script], env=os.environ | {"BANK_MUTATION_SECRET": SECRET}, capture_output=True, check=True
    )
    timestamp, signature, body = run.stdout.decode().split("\n", 2)

    data = json.loads(body) | {"account": "0987654321"}
    signed = {"timestamp": timestamp, "signature": f"sha256={signature}"}
    assert mutations.is_signed(body.encode(), **signed, now=timezone.now())
    assert send(data).json() == {"new": 1, "known": 0, "ignored": 0}


MISSHAPEN = {
    b"{": "bukan JSON",
    b"[]": "satu objek JSON",
    b'{"account": NaN, "mutations": []}': "account",
    b"[" * 100_000: "bukan JSON",
    json.dumps(call(account="")).encode(): "account: Wajib diisi.",
    json.dumps(call(mutations={})).encode(): "mutations: Harus berupa daftar.",
    json.dumps(call(mutations=["x"])).encode(): "mutations[0]: Harus berupa objek JSON.",
    json.dumps(call(mutation(), mutation(id=""))).encode(): "mutations[1].id: Wajib diisi.",
    json.dumps(call(mutation(id=1.5))).encode(): "mutations[0].id: Harus berupa teks.",
    json.dumps(call(mutation(id="x" * 201))).encode(): "mutations[0].id: Paling panjang",
    json.dumps(call(mutation(), mutation(amount=1))).encode(): "mutations[1].id: Nomor ini dipakai dua kali",
    json.dumps(call(mutation(type="CR"))).encode(): "mutations[0].type",
    json.dumps(call(mutation(amount=150017.0))).encode(): "mutations[0].amount: Jumlah harus teks atau bilangan bulat",
    json.dumps(call(mutation(amount=True))).encode(): "mutations[0].amount",
    json.dumps(call(mutation(amount=None))).encode(): "mutations[0].amount",
    json.dumps(call(mutation(amount="150.0"))).encode(): "mutations[0].amount: Jumlah ini tidak terbaca",
    json.dumps(call(mutation(amount="1.2,3"))).encode(): "mutations[0].amount",
    json.dumps(call(mutation(amount="150000.50"))).encode(): "mutations[0].amount",
    json.dumps(call(mutation(amount=-5))).encode(): "mutations[0].amount",
    json.dumps(call(mutation(amount=0))).encode(): "mutations[0].amount: Harus lebih dari nol",
    json.dumps(call(mutation(amount=10**13))).encode(): "mutations[0].amount: Jumlah ini terlalu besar.",
    json.dumps(call(mutation(balance=1.5))).encode(): "mutations[0].balance",
    json.dumps(call(mutation(booked_at="kemarin"))).encode(): "mutations[0].booked_at: Tulis seperti",
    json.dumps(call(mutation(booked_at="2026-02-30"))).encode(): "mutations[0].booked_at",
    json.dumps(call(mutation(booked_at="2999-01-01"))).encode(): "mutations[0].booked_at: Tanggal ini belum tiba.",
    json.dumps(call(mutation(booked_at=None))).encode(): "mutations[0].date: Wajib diisi.",
    json.dumps(call(mutation(description=["x"]))).encode(): "mutations[0].description: Harus berupa teks.",
    json.dumps(call(mutations=[mutation(id=str(n)) for n in range(1001)])).encode(): "mutations: Paling banyak 1000",
}


@pytest.mark.parametrize("body", MISSHAPEN, ids=list(MISSHAPEN.values()))
def test_a_call_that_is_not_as_agreed_is_refused_by_the_fields_name(account, body):
    answer = send(body)
    assert (answer.status_code, kept()) == (400, [("unreadable", 400)])
    assert MISSHAPEN[body] in answer.json()["error"]
    assert not StatementLine.objects.exists()


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1.250.000", 1_250_000), ("Rp 1.250.000,00", 1_250_000), ("1250000.00", 1_250_000), (1_250_000, 1_250_000)],
)
def test_amounts_mean_what_they_mean_everywhere(account, written, amount):
    assert send(call(mutation(amount=written))).status_code == 200
    assert StatementLine.objects.get().amount == amount


@pytest.mark.parametrize(
    ("told", "day"),
    [
        ({"booked_at": None, "date": "2026-11-08"}, date(2026, 11, 8)),
        ({"booked_at": "2026-11-08T23:30:00"}, date(2026, 11, 8)),
        ({"booked_at": "2026-11-07T20:00:00Z"}, date(2026, 11, 8)),
        ({"booked_at": "2026-11-08 01:00:00+08:00"}, date(2026, 11, 8)),
    ],
)
def test_a_movement_is_of_its_day_in_the_companys_time_zone(account, told, day):
    assert send(call(mutation(**told))).status_code == 200
    assert StatementLine.objects.get().booked_on == day


def test_what_no_database_keeps_is_left_out_of_texts(account):
    send(call(mutation(description="A\x00B\ud800C\n D" + "x" * 1_000, payer="y" * 200)))
    line = StatementLine.objects.get()
    assert line.text.startswith("A B C Dxxx")
    assert (len(line.text), len(line.payer)) == (600, 140)


@pytest.mark.parametrize("told", [{"account": "111"}, {"bank": "BNI"}])
def test_an_account_that_is_not_the_shops_is_told(account, told):
    answer = send(call(**told))
    assert (answer.status_code, kept()) == (422, [("unknown", 422)])
    assert "account" in answer.json()["error"]
    assert not StatementLine.objects.exists()


def test_the_bank_tells_two_accounts_with_one_number_apart(account):
    other = factories.bank_account(bank="Mandiri", number="0987654321")
    assert send(call(bank="")).status_code == 422
    assert send(call(bank="mandiri")).status_code == 200
    assert StatementLine.objects.get().account == other


def test_a_huge_call_is_refused_before_it_is_read(account):
    answer = send(b"x" * (1024 * 1024 + 1))
    assert (answer.status_code, GatewayMessage.objects.count()) == (413, 0)


def test_a_caller_that_never_stops_is_told_to_slow_down(account, monkeypatch):
    monkeypatch.setattr("accounts.limits.allow", lambda action, *who: False)
    assert (send(call()).status_code, GatewayMessage.objects.count()) == (429, 0)


def test_a_database_that_is_locked_asks_to_try_again_and_then_it_works(account, monkeypatch):
    def locked(account):
        raise OperationalError("database is locked")

    monkeypatch.setattr(importing, "hold", locked)
    answer = send(call())
    assert (answer.status_code, answer.headers["Retry-After"], kept()) == (503, "30", [("failed", 503)])
    assert not StatementLine.objects.exists()

    monkeypatch.undo()
    # What the fixture gave went with the lock.
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("django.conf.settings.BANK_MUTATION_SECRETS", [SECRET])
        assert send(call()).json()["new"] == 1


def test_a_database_that_is_away_asks_to_try_again(account, monkeypatch):
    def away(**fields):
        raise OperationalError("connection refused")

    monkeypatch.setattr(GatewayMessage.objects, "create", away)
    assert send(call()).status_code == 503


def _a_hundred(account) -> list[int]:
    timestamp = int(timezone.now().timestamp())
    data = call(mutation(), mutation(id="mut-2"))
    return [answer.status_code for _n in range(4) for answer in at_once(25, lambda: send(data, at=timestamp))]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_a_hundred_of_the_same_call_write_its_lines_once(account):
    assert _a_hundred(account) == [200] * 100

    assert StatementLine.objects.count() == 2
    assert StatementImport.objects.count() == 1
    assert kept() == [("accepted", 200)] * 100


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_without_holding_the_account_both_find_the_line_missing(account, monkeypatch):
    meet, sort_out = races.meeting(2), importing.sort_out

    def sort_out_together(account, feed, keyed):
        found = sort_out(account, feed, keyed)
        if keyed:
            meet()
        return found

    monkeypatch.setattr(importing, "hold", lambda account: None)
    monkeypatch.setattr(importing, "sort_out", sort_out_together)
    outcomes = races.at_once(*[lambda: send(call())] * 2, guarded=False)

    # Only the database's own rule still keeps the second line out: its caller meets an error.
    statuses = [outcome.value.status_code if outcome.value else 500 for outcome in outcomes]
    assert sorted(statuses) != [200, 200]
    assert StatementLine.objects.count() == 1
