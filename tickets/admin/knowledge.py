"""The knowledge base and the announcements, in both languages."""

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import LabelledFields
from tickets.models import Announcement, Article, KnowledgeCategory


@admin.register(KnowledgeCategory)
class KnowledgeCategoryAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["name_id", "name_en", "sort"]
    list_editable = ["sort"]
    search_fields = ["name_id", "name_en"]
    prepopulated_fields = {"slug": ["name_id"]}
    fieldsets = [(None, {"fields": [("name_id", "name_en"), ("slug", "sort")]})]


@admin.register(Article)
class ArticleAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["title_id", "category", "published", "helpful", "unhelpful", "updated_at", "sort"]
    list_editable = ["published", "sort"]
    list_filter = ["published", "category"]
    list_select_related = ["category"]
    search_fields = ["title_id", "title_en", "body_id", "body_en"]
    prepopulated_fields = {"slug": ["title_id"]}
    readonly_fields = ["helpful", "unhelpful", "updated_at"]
    save_on_top = True
    fieldsets = [
        (None, {"fields": ["category", ("title_id", "title_en"), ("slug", "sort"), "published"]}),
        (_("Isi"), {"fields": ["body_id", "body_en"]}),
        (_("Penilaian pembaca"), {"fields": [("helpful", "unhelpful"), "updated_at"]}),
    ]


class RunningFilter(admin.SimpleListFilter):
    title = _("masa tayang")
    parameter_name = "running"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list:
        return [("now", _("Tayang sekarang")), ("later", _("Belum mulai")), ("over", _("Sudah berakhir"))]

    def queryset(self, request: HttpRequest, queryset):
        now = timezone.now()
        if self.value() == "now":
            return queryset.current(has_customer=True)
        if self.value() == "later":
            return queryset.filter(starts_at__gt=now)
        return queryset.filter(ends_at__lte=now) if self.value() == "over" else queryset


@admin.register(Announcement)
class AnnouncementAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["title_id", "audience", "starts_at", "ends_at"]
    list_filter = [RunningFilter, "audience"]
    search_fields = ["title_id", "title_en"]
    fieldsets = [
        (None, {"fields": [("title_id", "title_en"), ("starts_at", "ends_at"), "audience"]}),
        (_("Isi"), {"fields": ["body_id", "body_en"]}),
    ]
