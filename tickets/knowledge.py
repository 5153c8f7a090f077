"""The knowledge base: finding articles, and whether they helped.

Both languages are searched whatever the reader speaks: people type product names and error messages as they see them.
"""

import functools
import operator
import re

from django.contrib.postgres.search import SearchQuery, SearchRank, SearchVector
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.utils.crypto import salted_hmac

from accounts.models import User
from tickets.models import Article, ArticleVote

# Enough for any question; more would only make the query slow.
MOST_WORDS = 8
SHORTEST_WORD = 2
SUGGESTED = 3
_WORD = re.compile(r"\w+")
# Words that a subject begins with and that stand in every article. PostgreSQL has no such list for Indonesian.
_FILLERS = frozenset(
    """
    yang dan atau di ke dari saya kami anda tidak bisa dapat untuk dengan ini itu apa ada apakah bagaimana cara mohon
    tolong bantuan the and or how can not for with my is are do does what to in on please help
    """.split()  # noqa: SIM905 — read as text
)
# By the language's forms of a word, and as it is typed: of a word that is half typed nobody knows the form.
_CONFIGURATIONS = {"indonesian": ("id",), "english": ("en",), "simple": ("id", "en")}
_WEIGHTS = (("title", "A"), ("body", "C"))
# How much a word in the title says beside one in the text.
_TITLE_COUNTS = 4


def words_of(text: str) -> list[str]:
    """What is searched for, each word once; words that say nothing are left out unless there are no others."""
    words = list(dict.fromkeys(word for word in _WORD.findall(text.lower()) if len(word) >= SHORTEST_WORD))
    return ([word for word in words if word not in _FILLERS] or words)[:MOST_WORDS]


def search(text: str, *, articles: QuerySet[Article]) -> QuerySet[Article]:
    """The articles that hold every word, or its beginning, the best first; none for a text without words."""
    return _found(words_of(text), articles, every_word=True)


def suggest(subject: str, *, articles: QuerySet[Article]) -> QuerySet[Article]:
    """A few articles that may answer a question by its subject, of which any word may match; its last may be half typed."""
    return _found(words_of(subject), articles, every_word=False)[:SUGGESTED]


def _found(words: list[str], articles: QuerySet[Article], *, every_word: bool) -> QuerySet[Article]:
    if not words:
        return articles.none()
    ranked = _by_full_text if connection.vendor == "postgresql" else _by_like
    return (
        ranked(words, articles, every_word).select_related("category").order_by("-rank", "category__sort", "sort", "pk")
    )


def _by_full_text(words: list[str], articles: QuerySet[Article], every_word: bool) -> QuerySet[Article]:
    """Words in any of their forms: "pembayaran" finds "bayar". A knowledge base is small: no column keeps the vectors."""
    # ``words_of`` left nothing in the words that the query's own language knows.
    typed = (" & " if every_word else " | ").join(f"{word}:*" for word in words)
    matches, ranks = [], []
    found = articles
    for configuration, languages in _CONFIGURATIONS.items():
        fields = [(f"{field}_{language}", weight) for language in languages for field, weight in _WEIGHTS]
        vectors = [SearchVector(field, weight=weight, config=configuration) for field, weight in fields]
        query = SearchQuery(typed, config=configuration, search_type="raw")
        found = found.annotate(**{configuration: functools.reduce(operator.add, vectors)})
        matches.append(Q(**{configuration: query}))
        ranks.append(SearchRank(F(configuration), query))
    return found.filter(functools.reduce(operator.or_, matches)).annotate(rank=functools.reduce(operator.add, ranks))


def _by_like(words: list[str], articles: QuerySet[Article], every_word: bool) -> QuerySet[Article]:
    in_title = [Q(title_id__icontains=word) | Q(title_en__icontains=word) for word in words]
    in_body = [Q(body_id__icontains=word) | Q(body_en__icontains=word) for word in words]
    anywhere = [title | body for title, body in zip(in_title, in_body, strict=True)]
    rank = functools.reduce(
        operator.add, [*(_one_if(title, _TITLE_COUNTS) for title in in_title), *(_one_if(body, 1) for body in in_body)]
    )
    return articles.filter(functools.reduce(operator.and_ if every_word else operator.or_, anywhere)).annotate(
        rank=rank
    )


def _one_if(condition: Q, worth: int) -> Case:
    return Case(When(condition, then=Value(worth)), default=Value(0), output_field=IntegerField())


def vote(*, article: Article, helpful: bool, actor: User | None, session_key: str = "") -> bool:
    """Count whether the article helped, once for each person, or for the session of somebody who is not signed in.

    False if they had said so before; then nothing was changed.
    """
    try:
        with transaction.atomic():
            ArticleVote.objects.create(article=article, helpful=helpful, **_voter(actor, session_key))
            field = "helpful" if helpful else "unhelpful"
            # Not ``save()``: a vote does not make the article newer.
            Article.objects.filter(pk=article.pk).update(**{field: F(field) + 1})
    except IntegrityError:
        return False
    return True


def voted(*, article: Article, actor: User | None, session_key: str = "") -> bool:
    return bool(actor or session_key) and article.votes.filter(**_voter(actor, session_key)).exists()


def _voter(actor: User | None, session_key: str) -> dict:
    """A session's key opens somebody's account: only its hash is written down."""
    if actor:
        return {"user": actor}
    return {"session_hash": salted_hmac("tickets.knowledge", session_key, algorithm="sha256").hexdigest()}
