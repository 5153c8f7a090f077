"""The knowledge base: what is found, who sees what, and whether it helped."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.tickets import help_rows
from tickets import knowledge
from tickets.models import Article, ArticleVote

pytestmark = pytest.mark.django_db


@pytest.fixture
def paying():
    return help_rows.article(
        slug="cara-membayar",
        title_id="Cara membayar tagihan dengan transfer",
        title_en="Paying an invoice by bank transfer",
        body_id="Buka halaman tagihan, lalu unggah bukti.",
        body_en="Open the invoice and upload the proof.",
    )


@pytest.fixture
def dns():
    return help_rows.article(
        slug="mengubah-dns",
        title_id="Mengubah DNS domain",
        title_en="Changing the DNS of a domain",
        body_id="Masuk ke panel. Tagihan tidak berubah.",
        body_en="Sign in to the panel. Error 1014 means a wrong record.",
    )


def found(text: str) -> list[str]:
    return [one.slug for one in knowledge.search(text, articles=Article.objects.all())]


def suggested(subject: str) -> list[str]:
    return [one.slug for one in knowledge.suggest(subject, articles=Article.objects.all())]


def text_of(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_a_search_finds_every_word_in_title_or_text_the_title_first(paying, dns):
    assert found("tagihan") == ["cara-membayar", "mengubah-dns"]
    assert found("tagihan bukti") == ["cara-membayar"]
    assert found("TRANSFER") == ["cara-membayar"]
    assert found("hosting") == []


def test_both_languages_are_searched_whatever_the_reader_speaks(paying, dns):
    assert found("invoice") == ["cara-membayar"]
    assert found("1014") == ["mengubah-dns"]


@pytest.mark.parametrize("text", ["", "   ", "'; --", "%", "_", "!!! & | :*", "<->", "\\", "a"])
def test_what_holds_no_word_finds_nothing(paying, dns, text):
    assert found(text) == []


@pytest.mark.parametrize("text", ["tagihan & | !", "tagihan:*", "(tagihan", "tagihan'", "tagihan %_ \\"])
def test_signs_of_a_query_language_are_no_commands(paying, text):
    assert found(text) == ["cara-membayar"]


def test_a_very_long_text_is_searched_by_its_first_words(paying):
    assert found("tagihan " + "x " * 5000) == ["cara-membayar"]


def test_a_subject_suggests_by_any_of_its_words_also_half_typed(paying, dns):
    assert suggested("Saya tidak bisa mengubah DNS") == ["mengubah-dns"]
    assert suggested("Bagaimana cara memba") == ["cara-membayar"]
    assert suggested("Mohon bantuan") == []


def test_no_more_is_suggested_than_one_reads(paying, dns):
    for _ in range(3):
        help_rows.article(title_id="Tagihan")
    assert len(suggested("tagihan")) == 3


def test_drafts_are_found_and_read_by_staff_only(client):
    draft = help_rows.article(title_id="Rahasia", published=False)
    for address in [reverse("tickets:help"), reverse("tickets:help", query={"q": "rahasia"})]:
        assert "Rahasia" not in client.get(address).content.decode()
    assert client.get(draft.get_absolute_url()).status_code == 404
    client.force_login(factories.user())
    assert client.get(draft.get_absolute_url()).status_code == 404
    assert client.get(reverse("tickets:suggestions", query={"subject": "rahasia"})).context["suggested"].count() == 0
    client.force_login(factories.staff("tickets.view_article"))
    assert "Belum terbit" in text_of(client.get(draft.get_absolute_url()))


def test_an_article_is_not_found_below_another_category(client, paying, dns):
    address = reverse("tickets:article", args=[dns.category.slug, paying.slug])
    assert client.get(address).status_code == 404


def test_articles_speak_the_readers_language_and_fall_back(client, paying):
    only_indonesian = help_rows.article(paying.category, title_id="Hanya Indonesia", title_en="")
    english = {"accept-language": "en"}
    assert "Paying an invoice" in text_of(client.get(paying.get_absolute_url(), headers=english))
    assert "Hanya Indonesia" in text_of(client.get(only_indonesian.get_absolute_url(), headers=english))


def test_markdown_is_shown_and_cannot_harm(client):
    article = help_rows.article(body_id="**Tebal** <script>alert(1)</script>")
    html = client.get(article.get_absolute_url()).content.decode()
    assert "<strong>Tebal</strong>" in html
    assert "<script>alert" not in html


def test_what_was_searched_is_shown_as_text(client, paying):
    html = client.get(reverse("tickets:help", query={"q": "<b>x</b>"})).content.decode()
    assert "<b>x</b>" not in html
    assert "&lt;b&gt;x&lt;/b&gt;" in html


def test_categories_without_anything_to_read_are_not_listed(client, paying):
    empty, drafts = help_rows.category(name_id="Kosong"), help_rows.category(name_id="Konsep")
    help_rows.article(drafts, published=False)
    html = client.get(reverse("tickets:help")).content.decode()
    assert paying.category.name_id in html
    assert empty.name_id not in html
    assert drafts.name_id not in html
    assert "Belum ada artikel di sini" in text_of(client.get(empty.get_absolute_url()))


def say(browser: Client, article: Article, helpful: str, **more):
    return browser.post(
        reverse("tickets:article-vote", args=[article.category.slug, article.slug]), {"helpful": helpful}, **more
    )


def counts(article: Article) -> tuple[int, int]:
    article.refresh_from_db()
    return article.helpful, article.unhelpful


def test_a_person_says_once_whether_an_article_helped(client, paying):
    client.force_login(factories.user())
    assert say(client, paying, "yes").status_code == 302
    say(client, paying, "no")
    assert counts(paying) == (1, 0)
    assert "Terima kasih" in text_of(client.get(paying.get_absolute_url()))


def test_a_visitor_says_so_once_for_each_browser(paying):
    first, second = Client(), Client()
    for browser, answer in [(first, "yes"), (first, "no"), (second, "no")]:
        assert say(browser, paying, answer).status_code == 302
    assert counts(paying) == (1, 1)
    assert "Apakah ini membantu?" not in text_of(first.get(paying.get_absolute_url()))
    assert "Apakah ini membantu?" in text_of(Client().get(paying.get_absolute_url()))
    # The key of a session opens an account; it is written down nowhere.
    keys = {browser.session.session_key for browser in (first, second)}
    assert keys.isdisjoint(ArticleVote.objects.values_list("session_hash", flat=True))


def test_a_vote_does_not_make_an_article_newer(client, paying):
    before = paying.updated_at
    say(client, paying, "yes")
    paying.refresh_from_db()
    assert paying.updated_at == before


def test_a_vote_that_says_nothing_is_refused(client, paying):
    assert say(client, paying, "maybe").status_code == 400
    assert counts(paying) == (0, 0)


def test_votes_from_one_address_are_limited(paying, monkeypatch):
    monkeypatch.setattr("accounts.limits.allow", lambda action, *_who: action != "vote")
    assert say(Client(), paying, "yes").status_code == 302
    assert counts(paying) == (0, 0)


def test_htmx_gets_the_part_with_the_thanks(client, paying):
    response = say(client, paying, "no", headers={"hx-request": "true"})
    assert "Maaf artikel ini belum membantu" in text_of(response)
    assert "<html" not in text_of(response)
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_cost_the_same_for_any_number_of_rows(client, rows, django_assert_num_queries):
    for _ in range(rows):
        category = help_rows.category()
        for _ in range(rows):
            article = help_rows.article(category, title_id="Tagihan")
    pages = {
        reverse("tickets:help"): 2,
        reverse("tickets:help", query={"q": "tagihan"}): 1,
        category.get_absolute_url(): 3,
        article.get_absolute_url(): 2,
    }
    for address, queries in pages.items():
        client.get(address)
        with django_assert_num_queries(queries):
            client.get(address)
