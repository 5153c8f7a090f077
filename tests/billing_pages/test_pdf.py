"""The invoice and its receipt on paper."""

import io
import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage, default_storage
from django.urls import reverse
from pypdf import PdfReader
from weasyprint.urls import FatalURLFetchingError, URLFetcher

from accounts.models import Shop
from billing import documents, pdf
from billing.models import Invoice
from catalog.selection import Selection
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import pay


def pages(content: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def words(content: bytes) -> str:
    return " ".join(" ".join(pages(content)).split())


def usual_invoice(customer) -> Invoice:
    """Five lines, taxed: what a company orders."""
    factories.ppn()
    products = [factories.product(name_id=f"Paket {number}", prices={"monthly": 450_000}) for number in range(5)]
    return shop.place(customer, *products).invoice


def test_an_unpaid_invoice_says_who_what_how_much_and_how_to_pay_on_one_page(customer, account):
    invoice = usual_invoice(customer)
    content = pdf.current(invoice)
    assert len(pages(content)) == 1
    text = words(content)
    for expected in (
        invoice.number,
        customer.name,
        "BELUM DIBAYAR",
        "Paket 4",
        "Rp2.250.000",
        "DPP nilai lain (11/12)",
        "PPN 12%",
        "Rp2.497.500",
        "BCA",
        "123 456 7890",
        "PT Nusa Layanan Digital",
    ):
        assert expected in text
    assert "LUNAS" not in text


def test_mo2_a_paid_invoice_is_a_kuitansi_with_the_amount_in_words(customer, account):
    invoice = pay(usual_invoice(customer))
    content = pdf.current(invoice)
    assert len(pages(content)) == 1
    text = words(content)
    assert "LUNAS" in text
    assert "KUITANSI" in text
    assert "Dua juta empat ratus sembilan puluh tujuh ribu lima ratus rupiah" in text
    assert "Rp2.497.500,00" in text
    assert "123 456 7890" not in text


def test_an_invoice_in_english_has_english_dates_and_words(customer, account):
    invoice = pay(shop.place(customer, factories.product(taxable=False), language="en").invoice)
    Invoice.objects.filter(pk=invoice.pk).update(issued_on=date(2026, 8, 1))
    invoice.refresh_from_db()
    text = words(pdf.current(invoice))
    assert f"Invoice {invoice.number}" in text
    assert "Tagihan" not in text
    assert "1 August 2026" in text
    assert "One hundred and fifty thousand rupiah" in text


def test_it_is_kept_and_made_again_only_when_what_it_says_has_changed(invoice):
    first = pdf.current(invoice)
    kept = invoice.pdf.name
    assert pdf.current(Invoice.objects.get(pk=invoice.pk)) == first
    assert Invoice.objects.get(pk=invoice.pk).pdf.name == kept
    pay(invoice)
    pdf.current(invoice)
    assert invoice.pdf.name != kept
    assert (default_storage.exists(kept), default_storage.exists(invoice.pdf.name)) == (False, True)


def test_another_colour_of_the_shop_makes_it_again(invoice):
    pdf.current(invoice)
    before = invoice.pdf_fingerprint
    current = Shop.current()
    current.colour = "#117733"
    current.save()
    pdf.current(invoice)
    assert invoice.pdf_fingerprint != before


def _made_of(name: str) -> set[str]:
    """The template and what it extends and includes."""
    text = (Path(settings.BASE_DIR) / "templates" / "pdf" / name).read_text()
    parts = re.findall(r'{% (?:extends|include) "pdf/([^"]+)"', text)
    return {name}.union(*map(_made_of, parts))


def test_a_change_of_any_part_of_the_template_makes_it_again():
    assert set(pdf.PARTS) == _made_of("invoice.html") | {"invoice.css"}


def test_a_kept_file_that_was_lost_is_made_again(invoice):
    pdf.current(invoice)
    default_storage.delete(invoice.pdf.name)
    assert pdf.current(Invoice.objects.get(pk=invoice.pk)).startswith(b"%PDF-")
    assert default_storage.exists(Invoice.objects.get(pk=invoice.pk).pdf.name)


def test_where_it_cannot_be_kept_it_is_handed_out_all_the_same(invoice, monkeypatch):
    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", full)
    assert pdf.current(invoice).startswith(b"%PDF")
    assert Invoice.objects.get(pk=invoice.pk).pdf.name == ""


def test_of_two_that_are_made_at_once_one_is_kept(invoice):
    other = Invoice.objects.get(pk=invoice.pk)
    pdf.current(invoice)
    pdf.current(other)
    _folders, files = default_storage.listdir("invoices")
    assert [f"invoices/{name}" for name in files] == [Invoice.objects.get(pk=invoice.pk).pdf.name]


@pytest.mark.parametrize(
    "typed",
    [
        '<img src="file:///etc/passwd">',
        '<link rel="attachment" href="file:///etc/hostname">',
        "<style>body{background:url(http://127.0.0.1:9/x)}</style>",
    ],
)
def test_what_people_type_is_text_and_fetches_nothing(customer, account, typed, monkeypatch):
    fetched = _watch_fetches(monkeypatch)
    customer.name = typed[:150]
    customer.save()
    content = pdf.current(shop.unpaid_invoice(customer))
    assert typed.replace(" ", "") in words(content).replace(" ", "")
    assert fetched == set()


@pytest.mark.parametrize(
    "address", ["file:///etc/passwd", "http://127.0.0.1:9/x", "https://example.com/x", "ftp://x/y"]
)
def test_even_html_of_our_own_reads_no_file_and_calls_no_server(address, monkeypatch):
    opened = []
    monkeypatch.setattr("urllib.request.OpenerDirector.open", lambda *arguments, **more: opened.append(arguments))
    html = f'<img src="{address}"><link rel="attachment" href="{address}"><link rel="stylesheet" href="{address}">'
    with pytest.raises(FatalURLFetchingError):
        pdf.render_html(html)
    assert opened == []


def _watch_fetches(monkeypatch) -> set[str]:
    """The addresses, but for data:, that the renderer asks for."""
    asked = set()
    original = URLFetcher.fetch

    def fetch(self, url, headers=None):
        if not url.startswith("data:"):
            asked.add(url)
        return original(self, url, headers)

    monkeypatch.setattr(URLFetcher, "fetch", fetch)
    return asked


def test_the_logo_stands_in_the_head(invoice):
    current = Shop.current()
    current.logo.save("logo.png", shop.picture("navy", size=(120, 40)))
    content = pdf.current(invoice)
    assert len(PdfReader(io.BytesIO(content)).pages[0].images) == 1


def test_a_very_long_invoice_goes_on_to_a_second_page(invoice):
    invoice.lines.model.objects.bulk_create(
        invoice.lines.model(invoice=invoice, kind="product", description=f"Baris {n}", unit_price=0, amount=0, sort=n)
        for n in range(60)
    )
    found = pages(pdf.current(invoice))
    assert len(found) > 1
    assert "2 / " in found[1].replace("2/", "2 /")


def test_the_download_is_made_at_once_where_no_worker_made_it_and_is_named_for_the_invoice(signed_in, invoice):
    response = signed_in.get(reverse("billing:invoice-pdf", args=[invoice.slug]))
    assert response.content.startswith(b"%PDF-")
    assert response.headers["Content-Disposition"] == f'attachment; filename="{invoice.slug}.pdf"'
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert Invoice.objects.get(pk=invoice.pk).pdf


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("paid", [False, True], ids=["unpaid", "paid"])
def test_a_usual_invoice_is_one_page_with_everything_it_may_carry(customer, account, language, paid):
    """Eight lines, each with its small print, a discount, a partial tax base, three accounts, every fact of the buyer."""
    factories.ppn()
    for bank in ("Mandiri", "BNI"):
        factories.bank_account(account.method, bank=bank)
    customer.npwp = "0900000000000000"
    customer.save()
    factories.promotion(code="HEMAT10")
    products = [factories.product(name_id=f"Paket {number}", prices={"monthly": 450_000}) for number in range(8)]
    invoice = shop.place(customer, *products, promotion_code="HEMAT10", language=language).invoice
    content = pdf.current(pay(invoice) if paid else invoice)
    assert len(pages(content)) == 1
    assert "−Rp360.000" in words(content)


def test_an_option_that_costs_nothing_more_is_called_included(signed_in, customer, account):
    product = factories.product(taxable=False)
    factories.choice_option(product, key="os", choices={"linux": {"monthly": 0}})
    selection = Selection(cycle="monthly", options={"os": "linux"})
    free = factories.product(name_id="Konsultasi gratis", prices={"monthly": 0})
    made = shop.place(customer, selections={product: selection, free: Selection(cycle="monthly")}).invoice
    assert documents.line_amount(made.lines.get(kind="option")) == "termasuk"
    assert documents.line_amount(made.lines.get(description="Konsultasi gratis")) == "Rp0"
    assert "termasuk" in words(pdf.current(made))
    assert "termasuk" in signed_in.get(made.get_absolute_url()).content.decode()
