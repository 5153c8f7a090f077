"""Faktur pajak on the invoice's page and on staff's pages."""

import pytest
from django.contrib.messages import get_messages
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from billing import tax_invoices
from billing.models import TaxInvoice
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import file_tax_invoice, tax_paper

NUMBER = "04002600012345678"


@pytest.fixture
def invoice(customer, account):
    factories.ppn()
    customer.npwp = "0012345678901000"
    customer.save()
    return shop.place(customer, factories.product()).invoice


@pytest.fixture
def clerk(db, client):
    person = factories.staff("billing.view_taxinvoice", "billing.change_taxinvoice", "billing.view_invoice")
    client.force_login(person)
    return client


def page(client, invoice) -> str:
    return client.get(invoice.get_absolute_url()).content.decode()


def ask(client, invoice):
    return client.post(reverse("billing:tax-invoice", args=[invoice.slug]))


def test_the_page_goes_from_asking_to_waiting_to_the_file(signed_in, invoice):
    assert "Minta faktur pajak" in page(signed_in, invoice)
    assert ask(signed_in, invoice).url == f"{invoice.get_absolute_url()}#tax-invoice"
    html = page(signed_in, invoice)
    assert "Kami mengirimnya lewat email begitu terbit" in html
    assert "Minta faktur pajak" not in html
    file_tax_invoice(invoice)
    assert reverse("billing:tax-invoice-file", args=[invoice.slug]) in page(signed_in, invoice)


def test_a_refusal_is_read_and_can_be_asked_again(signed_in, owner, invoice):
    tax_invoices.ask(invoice=invoice, actor=owner)
    tax_invoices.refuse(
        invoice=invoice, reason="NPWP tidak dikenal", actor=factories.staff("billing.change_taxinvoice")
    )
    html = page(signed_in, invoice)
    assert "NPWP tidak dikenal" in html
    assert "Minta lagi" in html


def test_without_a_tax_id_the_page_says_where_to_fill_it(signed_in, customer, account):
    factories.ppn()
    invoice = shop.place(customer, factories.product()).invoice
    html = page(signed_in, invoice)
    assert "Lengkapi data pelanggan" in html
    assert "Minta faktur pajak" not in html
    [message] = get_messages(ask(signed_in, invoice).wsgi_request)
    assert "NPWP atau NIK" in str(message)
    assert not TaxInvoice.objects.exists()


def test_an_untaxed_invoice_does_not_speak_of_it(signed_in, customer, account):
    assert "Faktur pajak" not in page(signed_in, shop.unpaid_invoice(customer))


def test_the_file_is_a_download_that_runs_nowhere(signed_in, invoice):
    filed = file_tax_invoice(invoice)
    response = signed_in.get(reverse("billing:tax-invoice-file", args=[invoice.slug]))
    assert b"".join(response.streaming_content) == filed.file.read()
    assert response.headers["Content-Disposition"] == 'attachment; filename="faktur.pdf"'
    assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("role", "status"), [(Role.BILLING, 302), (Role.VIEWER, 403), (Role.TECHNICAL, 403)])
def test_who_may_ask(client, customer, invoice, role, status):
    client.force_login(factories.member(customer, role=role).user)
    assert ask(client, invoice).status_code == status
    assert TaxInvoice.objects.exists() == (status == 302)


def test_the_private_link_shows_none_of_it(client, owner, invoice):
    from billing import paylinks

    file_tax_invoice(invoice)
    token = paylinks.token_of(paylinks.share(invoice=invoice, actor=owner))
    assert "Faktur pajak" not in client.get(reverse("billing:pay", args=[token])).content.decode()


# Staff


def press(client, of, button, **fields):
    model = type(of)._meta.model_name
    return client.post(reverse(f"admin:billing_{model}_press", args=[of.pk, button]), fields)


def test_staff_finds_the_request_and_files_the_pdf(clerk, owner, invoice):
    asked = tax_invoices.ask(invoice=invoice, actor=owner)
    html = clerk.get(reverse("admin:billing_taxinvoice_changelist"), {"answer": "waiting"}).content.decode()
    assert invoice.number in html
    fields = {"number": "040.026-00012345678", "issued_on": timezone.localdate().isoformat(), "document": tax_paper()}
    assert press(clerk, asked, "tax-invoice", **fields).status_code == 302
    asked.refresh_from_db()
    assert (asked.number, asked.name) == (NUMBER, "faktur.pdf")
    download = clerk.get(reverse("admin:billing_taxinvoice_file", args=[asked.pk]))
    assert download.headers["Content-Disposition"].startswith("attachment")


def test_staff_files_one_unasked_from_the_invoice_and_replaces_it(clerk, invoice):
    form = {"number": NUMBER, "issued_on": timezone.localdate().isoformat(), "document": tax_paper()}
    assert press(clerk, invoice, "tax-invoice", **form).status_code == 302
    filed = TaxInvoice.objects.get()
    shown = clerk.get(reverse("admin:billing_taxinvoice_press", args=[filed.pk, "tax-invoice"]))
    seen = shown.context["form"]["replaces"].value()
    assert press(clerk, filed, "tax-invoice", **{**form, "document": tax_paper("baru.pdf")}).status_code == 302
    filed.refresh_from_db()
    assert filed.name == "faktur.pdf"
    press(clerk, filed, "tax-invoice", **{**form, "document": tax_paper("baru.pdf"), "replaces": seen})
    filed.refresh_from_db()
    assert filed.name == "baru.pdf"


@pytest.mark.parametrize(("field", "value"), [("number", "12"), ("document", shop.picture()), ("issued_on", "besok")])
def test_what_is_wrong_is_said_beside_the_field(clerk, invoice, field, value):
    form = {"number": NUMBER, "issued_on": timezone.localdate().isoformat(), "document": tax_paper(), field: value}
    response = press(clerk, invoice, "tax-invoice", **form)
    assert response.status_code == 422
    assert response.context["form"].errors.keys() == {field}
    assert not TaxInvoice.objects.exists()


def test_the_start_page_counts_what_was_asked_for(clerk, owner, invoice):
    tax_invoices.ask(invoice=invoice, actor=owner)
    html = clerk.get(reverse("admin:index")).content.decode()
    assert "Permintaan faktur pajak" in html
    assert invoice.number in html


def test_the_export_asks_for_a_month_and_gives_a_table(clerk, invoice):
    address = reverse("admin:billing_taxinvoice_export")
    assert "Unduh CSV" in clerk.get(address).content.decode()
    month = f"{timezone.localdate():%Y-%m}"
    response = clerk.get(address, {"month": month, "table": "faktur"})
    assert response.headers["Content-Disposition"] == f'attachment; filename="faktur-{month}.csv"'
    assert invoice.number in response.content.decode()
    assert clerk.get(address, {"month": "kemarin", "table": "faktur"}).status_code == 422


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_one_and_three(clerk, customer, invoice, count, django_assert_num_queries):
    for number in range(count):
        file_tax_invoice(shop.place(customer, factories.product()).invoice, f"0400260001234567{number}")
    clerk.get(reverse("admin:billing_taxinvoice_changelist"))
    with django_assert_num_queries(8):
        clerk.get(reverse("admin:billing_taxinvoice_changelist"))
