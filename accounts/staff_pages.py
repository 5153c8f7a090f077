"""What the admin's pages share: read-only models, and buttons that call services.

A button leads to a page that says what will happen and asks for what the service needs; only its POST acts::

    class InvoiceAdmin(ServiceButtons, ReadOnlyAdmin):
        buttons = [
            Button(
                name="cancel",
                label=_("Batalkan tagihan"),
                permission="billing.change_invoice",
                run=cancel,                      # (invoice, actor, cleaned_data) -> the sentence that staff reads afterwards
                shown=lambda invoice: invoice.status == "unpaid",
                refusals=(InvalidTransition,),
            )
        ]
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.staff_fields import TickedRows


class StaffForm(forms.Form):
    """A button's form; ``subject`` is the row that the button stands on, ``actor`` the person who presses it."""

    def __init__(self, *args, subject: models.Model, actor, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.subject = subject
        self.actor = actor
        self.set_up()

    def set_up(self) -> None:
        """Fit choices and initial values to the subject."""


def _always(subject: models.Model) -> bool:
    return True


@dataclass(frozen=True, kw_only=True)
class Button:
    """``refusals`` are the service's domain errors: their text is shown to staff and nothing is done."""

    name: str
    label: str
    permission: str
    run: Callable[[models.Model, models.Model, dict], str]
    explain: str = ""
    form: type[StaffForm] = StaffForm
    tone: str = ""
    shown: Callable[[models.Model], bool] = _always
    refusals: tuple[type[Exception], ...] = field(default_factory=tuple)


class TickBoxes(BaseModelAdmin):
    """Several rows are chosen by ticking them, without a script and without knowing what Ctrl does in a list.

    ``ticked`` gives the arguments of ``TickedRows`` by the model that is chosen from.
    """

    ticked: Mapping[type[models.Model], Mapping] = {}

    def formfield_for_manytomany(self, db_field: models.ManyToManyField, request: HttpRequest, **kwargs) -> forms.Field:
        chosen_from = self.ticked.get(db_field.remote_field.model, {})
        return db_field.formfield(**{**kwargs, "form_class": TickedRows, **chosen_from})

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, TickedRows):
            # Django puts a sign for adding rows around it, which would add none to the boxes.
            field.widget = field.widget.widget
        return field


class LabelledFields(TickBoxes):
    """Names every field for screen readers too: Django gives the cells of lists and inlines no label."""

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs) -> forms.Field | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # Each box to tick has its own words already.
        if field is not None and field.label and not isinstance(field, TickedRows):
            field.widget.attrs.setdefault("aria-label", field.label)
        return field


class ReadOnlyAdmin(admin.ModelAdmin):
    """A page to look at: nothing is added, edited or deleted here."""

    # The customer's own page of it is not theirs to see.
    view_on_site = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


class ReadOnlyInline(admin.TabularInline):
    """Rows of a page to look at."""

    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Whoever may see the page may see its rows."""
        return True


class ServiceButtons(admin.ModelAdmin):
    """Buttons on a row's page, each with a page of its own that asks before it acts."""

    buttons: Sequence[Button] = ()
    change_form_template = "admin/change_form_with_buttons.html"

    def get_urls(self) -> list:
        opts = self.model._meta
        return [
            path(
                "<int:object_id>/do/<slug:button>/",
                self.admin_site.admin_view(self.press),
                name=f"{opts.app_label}_{opts.model_name}_press",
            ),
            *super().get_urls(),
        ]

    def render_change_form(self, request: HttpRequest, context: dict, *args, obj: models.Model | None = None, **kwargs):
        context["buttons"] = [one for one in self.buttons if obj is not None and self.may_press(request, one, obj)]
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def may_press(self, request: HttpRequest, button: Button, subject: models.Model) -> bool:
        return request.user.has_perm(button.permission) and button.shown(subject)

    def press(self, request: HttpRequest, object_id: int, button: str) -> HttpResponse:
        pressed = next((one for one in self.buttons if one.name == button), None)
        if pressed is None:
            raise Http404
        if not request.user.has_perm(pressed.permission):
            raise PermissionDenied
        subject = get_object_or_404(self.model, pk=object_id)
        if not pressed.shown(subject):
            messages.warning(request, _("Tindakan ini tidak berlaku lagi: keadaannya sudah berubah."))
            return redirect(self._page_of(subject))
        posted = (request.POST, request.FILES) if request.method == "POST" else ()
        form = pressed.form(*posted, subject=subject, actor=request.user)
        if form.is_bound and form.is_valid():
            return self._run(request, pressed, subject, form.cleaned_data)
        return self._ask(request, pressed, subject, form)

    def _run(self, request: HttpRequest, button: Button, subject: models.Model, cleaned: dict) -> HttpResponse:
        try:
            done = button.run(subject, request.user, cleaned)
        except button.refusals as refusal:
            messages.error(request, str(refusal))
        else:
            self.log_change(request, subject, str(button.label))
            messages.success(request, done)
        return redirect(self._page_of(subject))

    def _ask(self, request: HttpRequest, button: Button, subject: models.Model, form: StaffForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "title": button.label,
            "subtitle": str(subject),
            "opts": self.model._meta,
            "button": button,
            "subject": subject,
            "form": form,
            "back": self._page_of(subject),
        }
        return TemplateResponse(request, "admin/press.html", context, status=422 if form.is_bound else 200)

    def _page_of(self, subject: models.Model) -> str:
        opts = subject._meta
        return reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[subject.pk])


def state(thing: models.Model) -> SafeString:
    """A row's status as the badge that the whole product shows for it."""
    return render_to_string("admin/_state.html", {"thing": thing})


def link_to(thing: models.Model | None, label: str = "") -> SafeString | str:
    """A link to a row's page in the admin."""
    if thing is None:
        return "–"
    opts = thing._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_change", args=[thing.pk])
    return format_html('<a href="{}">{}</a>', address, label or thing)
