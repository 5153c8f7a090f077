"""What a product's onboarding consists of: stages and the questions of the requirement form."""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Q, QuerySet
from django.forms.models import BaseInlineFormSet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import LabelledFields
from onboarding import standard
from onboarding.models import Case, RequirementField, StageKey, Template, TemplateStage

COPIED = _("Onboarding yang sudah berjalan memakai salinannya sendiri: perubahan di sini berlaku untuk yang baru.")


class RowsFormSet(BaseInlineFormSet):
    """Rows with a key of their own each."""

    def rows(self) -> list[dict]:
        """What will be stored, in its order."""
        deleted = {id(form) for form in self.deleted_forms} if self.is_bound else set()
        kept = [form.cleaned_data for form in self.forms if id(form) not in deleted and form.cleaned_data.get("key")]
        return sorted(kept, key=lambda row: row.get("sort") or 0)

    def get_unique_error_message(self, unique_check) -> str:
        return gettext("Satu kunci dipakai lebih dari sekali. Beri setiap baris kunci yang berbeda.")

    def clean(self) -> None:
        super().clean()
        if not any(self.errors):
            self.check_rows(self.rows())

    def check_rows(self, rows: list[dict]) -> None:
        """Raises ``ValidationError`` for rows that do not go together."""


class StageFormSet(RowsFormSet):
    def check_rows(self, rows: list[dict]) -> None:
        keys = [row["key"] for row in rows]
        missing = [key for key in (StageKey.GO_LIVE, StageKey.POST_ACTIVATION) if key not in keys]
        if missing:
            raise ValidationError(
                _("Tambahkan tahap dengan kunci %(keys)s: tanpa itu onboarding tidak pernah selesai."),
                params={"keys": ", ".join(missing)},
            )
        if keys[-1] != StageKey.POST_ACTIVATION:
            raise ValidationError(_("Tahap post_activation harus yang terakhir. Beri urutan yang paling besar."))
        sorts = [row["sort"] for row in rows]
        if len(set(sorts)) < len(sorts):
            raise ValidationError(_("Dua tahap memakai urutan yang sama. Beri setiap tahap urutan yang berbeda."))
        ends = {row["key"]: row.get("optional") for row in rows}
        if ends[StageKey.GO_LIVE] or ends[StageKey.POST_ACTIVATION]:
            raise ValidationError(_("Tahap go_live dan post_activation tidak boleh dilewati."))


class FieldForm(forms.ModelForm):
    def clean(self) -> dict:
        cleaned = super().clean()
        if cleaned.get("kind") == RequirementField.Kind.CHOICE:
            offered = [line for line in cleaned.get("choices", "").splitlines() if line.strip()]
            if len(offered) == 1:
                self.add_error("choices", _("Isi sedikitnya dua pilihan, satu per baris."))
        return cleaned


class StageInline(LabelledFields, admin.StackedInline):
    model = TemplateStage
    formset = StageFormSet
    extra = 0
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("name_id", "name_en"),
                    ("key", "sort", "target_days"),
                    ("completion", "pic_group", "optional"),
                ]
            },
        ),
        (_("Keterangan untuk pelanggan"), {"fields": [("text_id", "text_en")], "classes": ["collapse"]}),
    ]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Groups are made by superusers, elsewhere.
            field.widget = field.widget.widget
        elif isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 3
        return field

    def get_queryset(self, request: HttpRequest) -> QuerySet[TemplateStage]:
        return super().get_queryset(request).select_related("pic_group")

    def get_extra(self, request: HttpRequest, obj: Template | None = None, **kwargs) -> int:
        """A new template begins with the usual stages."""
        return 0 if obj else len(standard.STAGES)


class FieldInline(LabelledFields, admin.StackedInline):
    model = RequirementField
    form = FieldForm
    formset = RowsFormSet
    extra = 0
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("label_id", "label_en"),
                    ("key", "kind", "required", "sort"),
                    ("help_id", "help_en"),
                    "choices",
                ]
            },
        )
    ]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field.widget, forms.Textarea):
            field.widget.attrs["rows"] = 3
        return field


@admin.register(Template)
class TemplateAdmin(LabelledFields, admin.ModelAdmin):
    list_display = ["product", "active", "stage_count", "running"]
    list_filter = ["active"]
    list_select_related = ["product"]
    search_fields = ["product__name_id", "product__name_en"]
    save_on_top = True
    inlines = [StageInline, FieldInline]
    fieldsets = [(None, {"fields": ["product", "active"], "description": COPIED})]

    class Media:
        css = {"all": ["css/onboarding-admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Template]:
        """Each counted by itself: joined, the two would multiply."""
        templates = super().get_queryset(request)
        if request.resolver_match and request.resolver_match.url_name == "onboarding_template_changelist":
            running = Count(
                "product__onboarding_cases",
                filter=Q(product__onboarding_cases__status=Case.Status.ACTIVE),
                distinct=True,
            )
            templates = templates.annotate(stage_total=Count("stages", distinct=True), running_total=running)
        return templates

    @admin.display(description=_("tahap"))
    def stage_count(self, template: Template) -> int:
        return template.stage_total

    @admin.display(description=_("sedang berjalan"))
    def running(self, template: Template) -> int:
        return template.running_total

    def get_readonly_fields(self, request: HttpRequest, obj: Template | None = None) -> list[str]:
        return ["product"] if obj else []

    def get_formset_kwargs(self, request: HttpRequest, obj: Template, inline, prefix: str) -> dict:
        """The usual stages stand in the empty form; posted, they are what was typed."""
        given = super().get_formset_kwargs(request, obj, inline, prefix)
        if isinstance(inline, StageInline) and obj.pk is None and request.method == "GET":
            given["initial"] = standard.stages()
        return given

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not (change and any(formset.has_changed() for formset in formsets)):
            return
        running = Case.objects.filter(product=form.instance.product, status=Case.Status.ACTIVE).count()
        if running:
            words = ngettext(
                "%(count)d onboarding yang sedang berjalan tetap memakai tahap dan pertanyaannya sendiri.",
                "%(count)d onboarding yang sedang berjalan tetap memakai tahap dan pertanyaannya sendiri.",
                running,
            )
            self.message_user(request, words % {"count": running}, messages.INFO)

    def delete_model(self, request: HttpRequest, obj: Template) -> None:
        super().delete_model(request, obj)
        self.message_user(
            request, gettext("Pesanan baru untuk %(product)s tidak memulai onboarding lagi.") % {"product": obj}
        )
