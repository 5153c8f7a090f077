"""The knowledge base in a real browser: searched, read, and answered whether it helped, with scripts and without."""

import re

import pytest
from playwright.sync_api import expect

from tests.tickets import help_rows

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(live_server, settings) -> str:
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def paying(shop):
    category = help_rows.category(slug="pembayaran", name_id="Pembayaran", name_en="Payment")
    help_rows.article(category, slug="bukti", title_id="Bukti transfer yang diterima", title_en="Accepted proofs")
    return help_rows.article(
        category,
        slug="cara-membayar",
        title_id="Cara membayar tagihan dengan transfer",
        title_en="Paying an invoice by bank transfer",
        body_id="# Langkah\n\n1. Buka tagihan.\n2. Transfer **jumlah yang tepat**.\n3. Unggah bukti.\n\n> Salin nomornya.",
        body_en="# Steps\n\n1. Open the invoice.\n2. Transfer **the exact amount**.\n3. Upload the proof.\n\n> Copy it.",
    )


def title_of(article, language: str) -> str:
    return {"id": article.title_id, "en": article.title_en}[language]


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_visitor_finds_an_answer_and_says_that_it_helped(make_visitor, paying, language, scripts):
    visitor = make_visitor(scripts=scripts)
    visitor.visit("/")
    visitor.page.locator("footer").get_by_role("link", name=visitor.say("Bantuan")).click()
    visitor.check()
    visitor.fill("q", "transfer")
    visitor.press("Cari")
    visitor.press(title_of(paying, language))
    expect(visitor.page.locator("h1")).to_have_text(title_of(paying, language))
    visitor.find_button("Ya").click()
    expect(visitor.page.locator("#vote")).to_contain_text(visitor.say("Terima kasih atas penilaian Anda."))
    visitor.check()
    paying.refresh_from_db()
    assert (paying.helpful, paying.unhelpful) == (1, 0)


def test_the_other_pages_of_the_help_hold(visitor, paying, language):
    for path in ("/help/", "/help/pembayaran/", "/help/?q=zzz", f"/help/{help_rows.category().slug}/"):
        visitor.visit(path)
        expect(visitor.page.get_by_role("link", name=re.compile(visitor.say("Bantuan"))).first).to_be_attached()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_article_reads_in_both_themes(visitor, paying, theme):
    visitor.page.emulate_media(color_scheme=theme)
    visitor.visit(paying.get_absolute_url())
