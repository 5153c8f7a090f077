"""Cases in the admin: Django's list and form give way to the board and the case's page."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.staff_pages import ReadOnlyAdmin
from onboarding.admin.arrange import ArrangePages
from onboarding.admin.board import BoardPages
from onboarding.admin.lookup import may_look
from onboarding.admin.meetings import MeetingPages
from onboarding.admin.reschedule import ReschedulePages
from onboarding.admin.today import TodayPages
from onboarding.admin.work import WorkPages
from onboarding.models import Case


@admin.register(Case)
class CaseAdmin(BoardPages, TodayPages, ReschedulePages, ArrangePages, MeetingPages, WorkPages, ReadOnlyAdmin):
    search_fields = ["number", "customer__name"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Case]:
        return super().get_queryset(request).for_staff(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Case | None = None) -> bool:
        return may_look(request.user)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if not may_look(request.user):
            raise PermissionDenied
        return redirect("admin:onboarding_board")

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        if object_id.isdecimal() and may_look(request.user):
            return redirect("admin:onboarding_work", int(object_id))
        return super().change_view(request, object_id, *args, **kwargs)
