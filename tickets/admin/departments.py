"""Departments and their canned replies."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import LabelledFields
from tickets import texts
from tickets.models import CannedReply, Department


@admin.register(Department)
class DepartmentAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["name_id", "audience", "first_answer_minutes", "resolution_minutes", "active", "sort"]
    list_editable = ["active", "sort"]
    search_fields = ["name_id", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_id"]}
    filter_horizontal = ["staff"]
    save_on_top = True
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name_id", "name_en"),
                    ("description_id", "description_en"),
                    ("slug", "legacy_number"),
                    ("sort", "active"),
                    "audience",
                    ("handles_payments", "handles_services", "handles_orders"),
                ]
            },
        ),
        (
            _("Janji dan jam kerja"),
            {
                "fields": [("first_answer_minutes", "resolution_minutes"), ("opens", "closes"), ("days", "time_zone")],
                "description": _("Janji dihitung dalam jam kerja departemen ini; hari libur dilewati."),
            },
        ),
        (_("Penutupan"), {"fields": [("auto_close_days", "reopen_days")]}),
        (_("Staf"), {"fields": ["staff", "default_assignee"]}),
    ]

    def has_delete_permission(self, request: HttpRequest, obj: Department | None = None) -> bool:
        """One that has tickets is switched off instead."""
        return super().has_delete_permission(request, obj) and not (obj and obj.tickets.exists())

    def get_actions(self, request: HttpRequest) -> dict:
        """Deleting many at once would pass by the tickets."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions


@admin.register(CannedReply)
class CannedReplyAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["title", "department", "active", "sort"]
    list_editable = ["active", "sort"]
    list_filter = ["active", "department"]
    list_select_related = ["department"]
    search_fields = ["title", "body_id", "body_en"]
    fieldsets = [
        (None, {"fields": ["title", "department", ("active", "sort")]}),
        (
            _("Isi"),
            {
                "fields": [("body_id", "body_en")],
                "description": _("Diisi otomatis saat dipakai: %s")
                % ", ".join(f"{{{name}}}" for name in texts.PLACEHOLDERS),
            },
        ),
    ]
