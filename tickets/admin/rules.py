"""What happens when customers wait too long."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import LabelledFields
from tickets.models import EscalationRule


@admin.register(EscalationRule)
class EscalationRuleAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["name", "department", "priority", "waiting_minutes", "active", "sort"]
    list_editable = ["active", "sort"]
    list_filter = ["active", "department"]
    list_select_related = ["department"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", ("active", "sort")]}),
        (_("Bila"), {"fields": ["waiting_minutes", ("department", "priority")]}),
        (_("Maka"), {"fields": ["set_priority", "assign_to", ("notify_user", "notify_group")]}),
    ]
