"""Addresses of tickets and of the knowledge base."""

from django.urls import path

from tickets.views import help as knowledge

app_name = "tickets"
urlpatterns = [
    path("help/", knowledge.home, name="help"),
    path("help/<slug:category_slug>/", knowledge.category, name="help-category"),
    path("help/<slug:category_slug>/<slug:article_slug>/", knowledge.article, name="article"),
    path("help/<slug:category_slug>/<slug:article_slug>/vote/", knowledge.vote, name="article-vote"),
    path("client/tickets/new/suggestions/", knowledge.suggestions, name="suggestions"),
]
