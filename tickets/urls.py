"""Addresses of tickets and of the knowledge base. They stand in emails and bookmarks: they do not change."""

from django.urls import path

from tickets.views import help as knowledge
from tickets.views import lists, new, thread, webhooks

app_name = "tickets"
urlpatterns = [
    path("client/tickets/", lists.tickets, name="tickets"),
    path("client/tickets/new/", new.new, name="new"),
    path("client/tickets/new/suggestions/", knowledge.suggestions, name="suggestions"),
    path("client/tickets/<str:number>/", thread.ticket, name="ticket"),
    path("client/tickets/<str:number>/reply/", thread.reply, name="reply"),
    path("client/tickets/<str:number>/close/", thread.close, name="close"),
    path("client/tickets/<str:number>/reopen/", thread.reopen, name="reopen"),
    path("client/tickets/<str:number>/rate/", thread.rate, name="rate"),
    path("client/tickets/<str:number>/attachments/<int:pk>/", thread.attachment, name="attachment"),
    path("tickets/new/", new.new_short, name="new-short"),
    path("submitticket.php", new.new_legacy, name="new-legacy"),
    path("help/", knowledge.home, name="help"),
    path("help/<slug:category_slug>/", knowledge.category, name="help-category"),
    path("help/<slug:category_slug>/<slug:article_slug>/", knowledge.article, name="article"),
    path("help/<slug:category_slug>/<slug:article_slug>/vote/", knowledge.vote, name="article-vote"),
    path("webhooks/inbound/<slug:provider>/", webhooks.inbound, name="inbound-webhook"),
]
