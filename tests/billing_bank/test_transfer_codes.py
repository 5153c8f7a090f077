"""U1: the smallest free code, its own amount on each account, stable until the invoice changes."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.template.loader import render_to_string
from django.utils import timezone

from billing import gateways, invoicing, payments, pdf, transfer_codes
from billing.admin.desk import Comparison
from billing.emails import about
from billing.models import Invoice, TransferCode
from tests import factories
from tests.billing import shop
from tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db):
    return factories.customer(factories.user())


@pytest.fixture
def account(db):
    return factories.bank_account(unique_codes=True)


def unpaid(customer, total: int = 150_000) -> Invoice:
    return shop.unpaid_invoice(customer, total)


def code(invoice: Invoice, *accounts) -> int:
    return transfer_codes.code_for(invoice, accounts)


def pay(invoice: Invoice, amount: int) -> None:
    payments.record(
        customer=invoice.customer, amount=Decimal(amount), currency="IDR", source="staff", cause=f"{invoice.pk}:{amount}",
        method=None, received_on=timezone.localdate(), reference="", actor=None, invoices=[invoice],
    )  # fmt: skip
    invoice.refresh_from_db()


def test_each_invoice_of_the_same_amount_has_the_next_code_and_keeps_it(customer, account):
    first, second, other = unpaid(customer), unpaid(customer), unpaid(customer, 90_000)

    assert [code(first, account), code(second, account), code(other, account)] == [1, 2, 1]
    assert [code(first, account), code(second, account)] == [1, 2]
    assert sorted(TransferCode.objects.values_list("payable", flat=True)) == [90_001, 150_001, 150_002]


def test_amounts_that_overlap_are_kept_apart(customer, account):
    first, nearly = unpaid(customer, 150_000), unpaid(customer, 149_999)

    assert (code(first, account), code(nearly, account)) == (1, 1)
    third = unpaid(customer, 149_998)
    assert code(third, account) == 1
    fourth = unpaid(customer, 150_000)
    assert code(fourth, account) == 2


def test_one_code_is_for_all_accounts_of_the_method_or_none_is(customer, account):
    also = factories.bank_account(account.method, unique_codes=True)
    code(unpaid(customer), account)

    invoice = unpaid(customer)
    assert code(invoice, account, also) == 2
    assert set(TransferCode.objects.filter(invoice=invoice).values_list("account", "code")) == {
        (account.pk, 2),
        (also.pk, 2),
    }
    without = factories.bank_account(account.method)
    assert code(unpaid(customer), account, without) == 0


def test_a_paid_invoices_code_rests_for_a_week(customer, account):
    first = unpaid(customer)
    code(first, account)
    pay(first, 150_001)

    assert not TransferCode.objects.filter(closed_at=None).exists()
    assert code(first, account) == 0
    assert code(unpaid(customer), account) == 2
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert code(unpaid(customer), account) == 1


def test_a_cancelled_invoice_gives_its_code_back(customer, account):
    invoice = unpaid(customer)
    code(invoice, account)

    invoicing.cancel(invoice=invoice, actor=None)

    assert not TransferCode.objects.filter(closed_at=None).exists()


def test_another_amount_gets_another_code(customer, account):
    invoice = unpaid(customer)
    code(invoice, account)
    pay(invoice, 50_000)

    assert transfer_codes.payable(invoice) == 100_000
    assert code(invoice, account) == 1
    assert transfer_codes.payable(invoice) == 100_001
    assert TransferCode.objects.filter(invoice=invoice, closed_at=None).count() == 1


def test_where_none_is_free_no_code_is_asked_for(customer, account, monkeypatch):
    monkeypatch.setattr(transfer_codes, "MOST", 2)

    assert [code(unpaid(customer), account) for _n in range(3)] == [1, 2, 0]


def test_the_bank_transfer_asks_for_the_amount_with_its_code(customer, account):
    invoice = unpaid(customer)

    asked = gateways.for_method(invoice.payment_method).instructions(invoice)

    assert (asked.amount, asked.code, asked.currency) == (150_001, 1, "IDR")


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_at_once_get_eight_amounts(customer, account):
    invoices = [unpaid(customer) for _n in range(8)]

    outcomes = race(*[lambda one=one: code(one, account) for one in invoices])

    assert sorted(outcomes) == [1, 2, 3, 4, 5, 6, 7, 8]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_eight_who_open_one_invoice_see_one_amount(customer, account):
    invoice = unpaid(customer)

    outcomes = race(*[lambda: code(Invoice.objects.get(pk=invoice.pk), account) for _n in range(8)])

    assert set(outcomes) == {1}
    assert TransferCode.objects.count() == 1


def test_page_email_and_document_ask_for_the_amount_with_its_code_and_explain_it(client, customer, account):
    invoice = unpaid(customer)
    client.force_login(customer.users.first())

    page = client.get(invoice.get_absolute_url()).text
    email = dict(about.how_to_pay(invoice))
    document = render_to_string(pdf.TEMPLATE, pdf.describe(invoice))

    assert "Rp150.<mark>001</mark>" in page
    assert "Termasuk kode unik 001" in page
    assert 'value="150.001"' in page
    assert email["Transfer tepat"] == "Rp150.001, termasuk kode unik 001"
    assert "Transfer tepat <strong>Rp150.001</strong>, termasuk kode unik 001" in document


def test_the_desk_expects_the_amount_with_its_code(customer, account):
    invoice = unpaid(customer)
    code(invoice, account)
    exact = shop.confirm(invoice, customer.users.first(), amount=Decimal(150_001))

    assert Comparison.of([exact]).exact
