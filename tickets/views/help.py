"""The knowledge base, open to everybody; and what it suggests while a ticket is being written."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import limits
from tickets import knowledge
from tickets.forms.help import HelpSearchForm, SubjectForm, VoteForm
from tickets.models import Article, KnowledgeCategory

RESULTS = 20
# Of each category on the front page.
SHOWN = 5


@login_not_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The categories with their first articles, or what was searched for."""
    articles = Article.objects.visible_to(request.user)
    form = HelpSearchForm(request.GET)
    context = {"form": form, "words": form.words}
    if form.words:
        context["found"] = knowledge.search(form.words, articles=articles)[:RESULTS]
    else:
        context["categories"] = _categories(articles)
    return render(request, "tickets/help.html", context)


def _categories(articles) -> list[KnowledgeCategory]:
    """Those that have something to read, each with ``shown`` articles and how many there are."""
    found = KnowledgeCategory.objects.prefetch_related(
        Prefetch(
            "articles", queryset=articles.select_related("category").defer("body_id", "body_en"), to_attr="readable"
        )
    )
    categories = [one for one in found if one.readable]
    for category in categories:
        category.shown = category.readable[:SHOWN]
    return categories


@login_not_required
@require_safe
def category(request: HttpRequest, category_slug: str) -> HttpResponse:
    found = get_object_or_404(KnowledgeCategory, slug=category_slug)
    articles = Article.objects.visible_to(request.user)
    context = {
        "category": found,
        "articles": articles.filter(category=found).select_related("category"),
        "categories": KnowledgeCategory.objects.annotate(
            readable=Count("articles", filter=Q(articles__in=articles))
        ).filter(readable__gt=0),
        "form": HelpSearchForm(),
    }
    return render(request, "tickets/help_category.html", context)


@login_not_required
@require_safe
def article(request: HttpRequest, category_slug: str, article_slug: str) -> HttpResponse:
    found = _find(request, category_slug, article_slug)
    others = Article.objects.visible_to(request.user).filter(category=found.category).exclude(pk=found.pk)
    context = {
        "article": found,
        "others": others.select_related("category")[:SHOWN],
        "voted": knowledge.voted(article=found, **_voter(request)),
        "form": HelpSearchForm(),
    }
    return render(request, "tickets/help_article.html", context)


@login_not_required
@require_POST
@vary_on_headers("HX-Request")
def vote(request: HttpRequest, category_slug: str, article_slug: str) -> HttpResponse:
    """Once for each person or session; saying it again changes nothing and is thanked for as well."""
    found = _find(request, category_slug, article_slug)
    form = VoteForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest()
    helpful = form.cleaned_data["helpful"]
    if limits.allow("vote", limits.client_ip(request)):
        if not request.user.is_authenticated:
            # The session is to last beyond this request, and an empty one does not.
            request.session["voted"] = True
            request.session.save()
        knowledge.vote(article=found, helpful=helpful, **_voter(request))
    if request.htmx:
        context = {"article": found, "voted": True, "helpful": helpful}
        return render(request, "tickets/_vote.html", context)
    return HttpResponseRedirect(f"{found.get_absolute_url()}#vote")


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    """For the page of a new ticket: what may answer the question already."""
    subject = SubjectForm(request.GET).words
    found = knowledge.suggest(subject, articles=Article.objects.filter(published=True))
    return render(request, "tickets/_suggestions.html", {"suggested": found})


def _find(request: HttpRequest, category_slug: str, article_slug: str) -> Article:
    articles = Article.objects.visible_to(request.user).select_related("category")
    return get_object_or_404(articles, category__slug=category_slug, slug=article_slug)


def _voter(request: HttpRequest) -> dict:
    if request.user.is_authenticated:
        return {"actor": request.user}
    return {"actor": None, "session_key": request.session.session_key or ""}
