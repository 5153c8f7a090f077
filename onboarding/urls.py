"""Addresses of onboarding. They stand in emails and bookmarks: they do not change."""

from django.urls import path

from onboarding.views import tracker

app_name = "onboarding"
_CASE = "client/onboarding/<str:number>/"

# The tracker, and who may see it.
_tracker = [
    path("client/onboarding/", tracker.cases, name="cases"),
    path(_CASE, tracker.case, name="case"),
    path(f"{_CASE}stages/<str:key>/", tracker.stage, name="stage"),
    path(f"{_CASE}pic/<int:pk>/photo/", tracker.pic_photo, name="pic-photo"),
]

# Documents, signatures, the requirement form.
_documents = []

# Schedule, calendars, ratings, emails.
_schedule = []

# "access", "emails" and so on are no case's number: fixed addresses go before those with a number.
urlpatterns = [*_documents, *_schedule, *_tracker]
