import pytest

from billing import gateways
from billing.gateways.base import NotSupported
from billing.models import BankAccount, PaymentAttempt
from tests import factories
from tests.billing.shop import place

pytestmark = pytest.mark.django_db


@pytest.fixture
def invoice(customer, account):
    return place(customer, factories.product(), method=account.method).invoice


def test_a8_a_transfer_names_the_exact_amount_the_accounts_and_the_invoice_as_remark(invoice, account):
    second = factories.bank_account(account.method, bank="Mandiri", sort=1)
    factories.bank_account(account.method, bank="BNI", active=False)
    factories.bank_account(factories.bank_transfer(name_id="Lain"), bank="BRI")
    instructions = gateways.for_method(invoice.payment_method).instructions(invoice)
    assert (instructions.amount, instructions.reference) == (invoice.total, invoice.number)
    assert instructions.accounts == (account, second)


def test_a_partly_paid_invoice_asks_for_the_rest(invoice):
    invoice.amount_paid = 50_000
    assert gateways.for_method(invoice.payment_method).instructions(invoice).amount == 100_000


def test_a_transfer_is_confirmed_by_the_customer_and_takes_days(invoice):
    gateway = gateways.for_method(invoice.payment_method)
    assert (gateway.supports_confirmation, gateway.is_slow, gateway.channels) == (True, True, ())


@pytest.mark.parametrize(
    "ask",
    [
        lambda gateway: gateway.start(PaymentAttempt(), None),
        lambda gateway: gateway.status(PaymentAttempt(), None),
        lambda gateway: gateway.expire(PaymentAttempt(), None),
        lambda gateway: gateway.refund(PaymentAttempt(), 1, key="1", reason="", wire=None),
    ],
)
def test_what_a_gateway_cannot_do_it_says(ask):
    with pytest.raises(NotSupported):
        ask(gateways.registry["bank_transfer"])


def test_a_method_whose_gateway_is_gone_is_named():
    with pytest.raises(gateways.UnknownGateway):
        gateways.for_method(factories.bank_transfer(gateway="hilang"))


def test_staff_choose_a_gateway_by_its_name():
    assert gateways.choices() == [
        ("bank_transfer", "Transfer bank"),
        ("qris", "QRIS milik toko"),
        ("midtrans_va", "Virtual account (Midtrans)"),
        ("midtrans_snap", "Halaman pembayaran Midtrans"),
        ("xendit_va", "Virtual account (Xendit)"),
        ("xendit_invoice", "Halaman pembayaran Xendit"),
    ]
    assert BankAccount.objects.count() == 0
