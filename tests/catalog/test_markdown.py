import pytest

from catalog.markdown import render
from tests import factories


def test_markdown_becomes_html_with_headings_below_the_pages_own():
    assert render("# Isi\n\n**Cepat** dan [aman](https://contoh.co.id)") == (
        "<h2>Isi</h2>\n<p><strong>Cepat</strong> dan "
        '<a href="https://contoh.co.id" rel="noopener noreferrer">aman</a></p>\n'
    )
    assert "<table>" in render("| a | b |\n|---|---|\n| 1 | 2 |")


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[klik](javascript:alert(1))",
        "![foto](https://jahat.example/x.png)",
        "<style>*{display:none}</style>",
        "[klik](data:text/html;base64,PHNjcmlwdD4=)",
        '<a href="https://a.example" style="x" onclick="y">z</a>',
    ],
)
def test_nothing_that_runs_or_loads_gets_through(text):
    html = render(text)

    for tag in ("<script", "<img", "<style", "<a ", 'javascript:alert(1)"', 'href="data:'):
        assert tag not in html


@pytest.mark.django_db
def test_a_products_description_is_rendered_where_it_is_ordered(client):
    product = factories.product(
        description_id="**Garansi** 30 hari<script>alert(1)</script>", description_en="**Guaranteed**"
    )
    address = f"/store/{product.group.slug}/{product.slug}/"

    shown = client.get(address).content.decode()
    assert "<strong>Garansi</strong> 30 hari" in shown
    assert "<script>alert" not in shown
    assert "<strong>Guaranteed</strong>" in client.get(address, headers={"accept-language": "en"}).content.decode()
