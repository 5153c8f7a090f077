"""Tickets in the admin: Django's list and form give way to the inbox and the thread."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.staff_pages import ReadOnlyAdmin
from tickets.admin.arrange import ArrangePages
from tickets.admin.deciding import DecidingPages
from tickets.admin.inbox import InboxPages
from tickets.admin.lookup import may_look
from tickets.admin.measured import MeasuredPages
from tickets.admin.thread import ThreadPages
from tickets.models import Ticket


@admin.register(Ticket)
class TicketAdmin(InboxPages, ThreadPages, ArrangePages, DecidingPages, MeasuredPages, ReadOnlyAdmin):
    search_fields = ["number", "subject"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Ticket]:
        return super().get_queryset(request).for_staff(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Ticket | None = None) -> bool:
        return may_look(request.user)

    def changelist_view(self, request: HttpRequest, extra_context: dict | None = None) -> HttpResponse:
        if not may_look(request.user):
            raise PermissionDenied
        return redirect("admin:tickets_inbox")

    def change_view(self, request: HttpRequest, object_id: str, *args, **kwargs) -> HttpResponse:
        if object_id.isdecimal() and may_look(request.user):
            return redirect("admin:tickets_thread", int(object_id))
        return super().change_view(request, object_id, *args, **kwargs)
