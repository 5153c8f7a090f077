"""The shop's QRIS code as staff pastes it: read, shown again, and tied to its method."""

import pytest
from django.urls import reverse

from billing import qr_codes, qris
from billing.demo.methods import QRIS_CODE
from billing.models import BankAccount, PaymentMethod
from tests import factories

ADD = reverse("admin:billing_bankaccount_add")
TIP = qris.build(qris.parse(QRIS_CODE) | {"55": "01"})


@pytest.fixture
def method(db) -> PaymentMethod:
    return PaymentMethod.objects.create(gateway="qris", name_id="QRIS")


def fields(method: PaymentMethod, **changes) -> dict:
    blank = {"method": method.pk, "bank": "", "number": "", "holder": "", "active": "on", "sort": 0}
    return blank | {"qris_payload": QRIS_CODE} | changes


def change(account: BankAccount) -> str:
    return reverse("admin:billing_bankaccount_change", args=[account.pk])


def errors(response) -> dict:
    return response.context["adminform"].form.errors


def test_what_is_left_empty_is_filled_in_from_the_code(boss, method):
    response = boss.post(ADD, fields(method, qris_payload=f"  {QRIS_CODE}\n"))
    assert response.status_code == 302
    account = BankAccount.objects.get()
    assert (account.bank, account.number, account.holder) == ("QRIS CONTOH", "ID1000000000000", "NUSA LAYANAN DIGITAL")
    assert account.qris_payload == QRIS_CODE


def test_what_staff_wrote_stays(boss, method):
    boss.post(ADD, fields(method, bank="QRIS Bank Kita", holder="PT Nusa"))
    account = BankAccount.objects.get()
    assert (account.bank, account.number, account.holder) == ("QRIS Bank Kita", "ID1000000000000", "PT Nusa")


def test_the_account_s_page_shows_the_code_and_what_it_says(boss):
    account = factories.qris_account()
    html = boss.get(change(account)).content.decode()
    assert f'd="{qr_codes.drawing(QRIS_CODE).path}"' in html
    for words in (
        "<b>NUSA LAYANAN DIGITAL</b>, SLEMAN",
        "NMID ID1000000000000 · CONTOH · statis",
        "aplikasi pembaca QR",
    ):
        assert words in html
    assert "meminta tip" not in html


def test_a_code_that_asks_for_a_tip_is_taken_and_says_what_becomes_of_it(boss):
    account = factories.qris_account(qris_payload=TIP)
    assert "Kode cetaknya meminta tip" in boss.get(change(account)).content.decode()


def test_accounts_of_banks_show_no_code(boss):
    assert "qris-code" not in boss.get(change(factories.bank_account())).content.decode()


@pytest.mark.parametrize(
    ("pasted", "words"),
    [
        (QRIS_CODE[:-1], qris.NOT_WHOLE),
        ("https://example.com", qris.NOT_QRIS),
        (qris.build(qris.parse(QRIS_CODE) | {"01": "12"}), qris.FOR_ONE_PAYMENT),
        ("", "Tempel teks kode QRIS: metode ini dibayar dengan memindainya."),
    ],
)
def test_a_code_that_cannot_be_scanned_is_refused_in_words(boss, method, pasted, words):
    response = boss.post(ADD, fields(method, qris_payload=pasted))
    assert errors(response) == {"qris_payload": [words]}
    assert not BankAccount.objects.exists()


def test_a_bank_account_has_no_code(boss):
    response = boss.post(ADD, fields(factories.bank_transfer(), bank="BCA", number="1", holder="PT"))
    assert list(errors(response)) == ["qris_payload"]
    assert not BankAccount.objects.exists()


def test_a_bank_account_without_bank_number_or_holder_is_refused_at_each(boss):
    response = boss.post(ADD, fields(factories.bank_transfer(), qris_payload="", bank="BCA"))
    assert set(errors(response)) == {"number", "holder"}
    assert not BankAccount.objects.exists()


def test_a_code_without_national_number_asks_staff_for_one(boss, method):
    without = {tag: value for tag, value in qris.parse(QRIS_CODE).items() if tag != "51"}
    response = boss.post(ADD, fields(method, qris_payload=qris.build(without)))
    assert list(errors(response)) == ["number"]
    assert boss.post(ADD, fields(method, qris_payload=qris.build(without), number="12")).status_code == 302


def test_the_same_merchant_twice_is_refused(boss, method):
    factories.qris_account(method)
    response = boss.post(ADD, fields(method))
    assert response.status_code == 200
    assert BankAccount.objects.count() == 1


def _with_accounts(gateway: str, *accounts: dict, existing: int = 0) -> dict:
    """The method's page as a browser posts it, with its table of accounts."""
    posted = {"gateway": gateway, "name_id": "QRIS", "active": "on", "sort": 0}
    posted |= {"bank_accounts-TOTAL_FORMS": len(accounts), "bank_accounts-INITIAL_FORMS": existing}
    for number, account in enumerate(accounts):
        posted |= {f"bank_accounts-{number}-{name}": value for name, value in account.items()}
    return posted


def test_method_and_account_are_made_on_one_page(boss):
    account = {"qris_payload": QRIS_CODE, "active": "on", "sort": 0}
    response = boss.post(reverse("admin:billing_paymentmethod_add"), _with_accounts("qris", account))
    assert response.status_code == 302
    made = BankAccount.objects.get()
    assert (made.method.gateway, made.number) == ("qris", "ID1000000000000")


@pytest.mark.parametrize("gateway", ["bank_transfer", "qris"])
def test_a_method_keeps_the_gateway_that_its_accounts_fit(boss, gateway):
    account = factories.qris_account() if gateway == "qris" else factories.bank_account()
    row = {name: getattr(account, name) for name in ("bank", "number", "holder", "qris_payload", "sort")}
    row |= {"id": account.pk, "method": account.method_id, "active": "on"}
    address = reverse("admin:billing_paymentmethod_change", args=[account.method_id])
    other = {"qris": "bank_transfer", "bank_transfer": "qris"}[gateway]
    assert boss.post(address, _with_accounts(other, row, existing=1)).status_code == 200
    assert PaymentMethod.objects.get().gateway == gateway
    assert boss.post(address, _with_accounts(gateway, row, existing=1)).status_code == 302
