"""A tax invoice that is asked for, filed and refused at once: one row, one answer."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import tax_invoices, uploads
from billing.models import Invoice, TaxInvoice
from tests import factories
from tests.billing.races import assert_books_agree, at_once
from tests.billing.shop import place
from tests.billing_pages.shop import tax_paper

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _nobody_sends(monkeypatch):
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)


@pytest.fixture
def invoice():
    factories.ppn()
    customer = factories.customer(factories.user(), npwp="0012345678901000")
    return place(customer, factories.product(), method=factories.bank_account().method).invoice


def fresh(invoice) -> Invoice:
    return Invoice.objects.get(pk=invoice.pk)


def test_asked_for_at_once_it_is_asked_for_once(invoice):
    owner = invoice.customer.users.get()
    outcomes = at_once(*[lambda: tax_invoices.ask(invoice=fresh(invoice), actor=owner) for _time in range(6)])
    assert [outcome.error for outcome in outcomes] == [None] * 6
    assert TaxInvoice.objects.get().requested_at > timezone.now() - timedelta(minutes=5)
    assert invoice.events.filter(kind="tax_invoice_requested").count() == 1


def test_of_several_answers_one_counts(invoice):
    clerk = factories.staff("billing.change_taxinvoice")
    tax_invoices.ask(invoice=invoice, actor=invoice.customer.users.get())
    paper = uploads.accept(tax_paper(), kinds=[uploads.PDF])

    def file(number: str):
        return tax_invoices.file(
            invoice=fresh(invoice), number=number, issued_on=timezone.localdate(), document=paper, actor=clerk
        )

    outcomes = at_once(
        lambda: file("04002600012345678"),
        lambda: file("04002600012345679"),
        lambda: tax_invoices.refuse(invoice=fresh(invoice), reason="NPWP tidak dikenal", actor=clerk),
    )
    errors = [outcome.error for outcome in outcomes if outcome.error]
    assert all(isinstance(error, tax_invoices.CannotFile) for error in errors)
    row = TaxInvoice.objects.get()
    # Filing answers a refused request too: one of the papers is always there in the end.
    assert row.filed_at is not None
    assert row.refused_at is None
    assert invoice.events.filter(kind="tax_invoice_filed").count() == 1
    assert_books_agree()
