"""Days on which nobody works."""

from django.contrib import admin

from accounts.models import Holiday
from accounts.staff_pages import LabelledFields


@admin.register(Holiday)
class HolidayAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["date", "name"]
    date_hierarchy = "date"
    search_fields = ["name"]

    def delete_queryset(self, request, queryset) -> None:
        """One by one: what a promise remembers of the holidays is forgotten with each."""
        for holiday in queryset:
            holiday.delete()
