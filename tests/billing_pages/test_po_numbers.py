"""The buyer's own number: given with the order, written later, on page, PDF and email, and found by it."""

import pytest
from django.urls import reverse

from accounts import outbox
from accounts.roles import Role
from billing import pdf, po_numbers
from billing.models import Invoice
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import pay

WHERE = "billing:invoice-po"


def write(client, invoice, number):
    return client.post(reverse(WHERE, args=[invoice.slug]), {"po_number": number})


def test_it_comes_with_the_order_onto_page_pdf_and_email(signed_in, customer, account):
    order = shop.place(customer, factories.product(), po_number="PO/2026/77")
    assert (order.po_number, order.invoice.po_number) == ("PO/2026/77", "PO/2026/77")
    assert "PO PO/2026/77" in signed_in.get(order.invoice.get_absolute_url()).content.decode()
    assert pdf.describe(order.invoice)["po_number"] == "PO/2026/77"
    [mail, *_] = shop.emails("order_received")
    assert "Nomor PO: PO/2026/77" in outbox.render(mail.template, mail.arguments, "id", reveal=False).text
    in_english = outbox.render(mail.template, mail.arguments, "en", reveal=False).text
    assert "Invoice number" in in_english
    assert "PO/2026/77" in in_english


def test_the_customer_writes_it_while_the_invoice_is_open(signed_in, owner, invoice):
    before = pdf.fingerprint_of(pdf.describe(invoice))
    assert write(signed_in, invoice, " PO-1 ").status_code == 302
    invoice.refresh_from_db()
    assert invoice.po_number == "PO-1"
    assert pdf.fingerprint_of(pdf.describe(invoice)) != before
    event = invoice.events.get(kind="po_number_changed")
    assert (event.actor, event.note) == (owner, "– → PO-1")
    write(signed_in, invoice, "PO-1")
    assert invoice.events.filter(kind="po_number_changed").count() == 1
    write(signed_in, invoice, "")
    assert Invoice.objects.get(pk=invoice.pk).po_number == ""


def test_a_paid_invoice_keeps_it(signed_in, owner, invoice):
    write(signed_in, invoice, "PO-1")
    pay(invoice)
    write(signed_in, invoice, "PO-2")
    assert Invoice.objects.get(pk=invoice.pk).po_number == "PO-1"
    with pytest.raises(po_numbers.CannotSet):
        po_numbers.set_number(invoice=invoice, po_number="PO-2", actor=owner)
    assert 'id="po"' not in signed_in.get(invoice.get_absolute_url()).content.decode()


def test_what_is_no_line_is_refused_beside_the_field(signed_in, invoice):
    response = write(signed_in, invoice, "PO\x00-1")
    assert response.status_code == 422
    assert response.context["po_form"].errors.keys() == {"po_number"}
    assert write(signed_in, invoice, "P" * 61).status_code == 422
    assert Invoice.objects.get(pk=invoice.pk).po_number == ""


@pytest.mark.parametrize(("role", "status"), [(Role.BILLING, 302), (Role.VIEWER, 403), (Role.TECHNICAL, 403)])
def test_who_may_write_it(client, customer, invoice, role, status):
    client.force_login(factories.member(customer, role=role).user)
    assert write(client, invoice, "PO-1").status_code == status
    assert Invoice.objects.filter(po_number="PO-1").exists() == (status == 302)


def shown(client, **filters) -> set[str]:
    return {one.number for one in client.get(reverse("billing:invoices"), filters).context["page_obj"]}


def test_the_list_is_filtered_by_number_po_kind_and_period(signed_in, customer, account):
    first, second, third = [shop.unpaid_invoice(customer) for _number in range(3)]
    Invoice.objects.filter(pk=first.pk).update(po_number="PO-77", issued_on="2026-01-31")
    Invoice.objects.filter(pk=second.pk).update(kind="renewal", issued_on="2026-02-01")
    Invoice.objects.filter(pk=third.pk).update(issued_on="2026-03-01")
    assert shown(signed_in, number="po-77") == {first.number}
    assert shown(signed_in, number=second.number[-5:]) == {second.number}
    assert shown(signed_in, kind="renewal") == {second.number}
    assert shown(signed_in, first="2026-02-01") == {second.number, third.number}
    assert shown(signed_in, first="2026-02-01", last="2026-02-28") == {second.number}
    assert shown(signed_in, kind="order", last="2026-02-28", state="open") == {first.number}


def test_what_is_not_understood_filters_nothing(signed_in, customer, account):
    invoice = shop.unpaid_invoice(customer)
    assert shown(signed_in, kind="x", first="kemarin", state="y") == {invoice.number}
