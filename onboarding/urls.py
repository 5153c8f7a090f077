"""Addresses of onboarding. They stand in emails and bookmarks: they do not change."""

from django.urls import path

from onboarding.views import access_page, documents, ratings, requirements, schedule, tracker

app_name = "onboarding"
_CASE = "client/onboarding/<str:number>/"

# The tracker, and who may see it.
_tracker = [
    path("client/onboarding/", tracker.cases, name="cases"),
    path("client/onboarding/access/", access_page.access, name="access"),
    path(_CASE, tracker.case, name="case"),
    path(f"{_CASE}stages/<str:key>/", tracker.stage, name="stage"),
    path(f"{_CASE}pic/<int:pk>/photo/", tracker.pic_photo, name="pic-photo"),
]

# Documents, signatures, the requirement form.
_documents = [
    path("client/documents/", documents.all_documents, name="documents"),
    path("client/documents/<int:pk>/", documents.document, name="document"),
    path("client/documents/<int:pk>/sign/", documents.sign, name="sign"),
    path("client/documents/versions/<int:pk>/", documents.version, name="version"),
    path("client/documents/signatures/<int:pk>/", documents.signature_file, name="signature-file"),
    path(f"{_CASE}requirements/", requirements.requirement, name="requirements"),
]

# Schedule, calendars, ratings, emails.
_schedule = [
    path("client/onboarding/emails/", schedule.digest, name="digest"),
    path(f"{_CASE}schedule/", schedule.schedule, name="schedule"),
    path(f"{_CASE}calendar.ics", schedule.calendar, name="calendar"),
    path(f"{_CASE}appointments/<int:pk>.ics", schedule.appointment, name="appointment-ics"),
    path(f"{_CASE}rate/<str:subject>/", ratings.rate, name="rate"),
]

# "access", "emails" and so on are no case's number: fixed addresses go before those with a number.
urlpatterns = [*_documents, *_schedule, *_tracker]
