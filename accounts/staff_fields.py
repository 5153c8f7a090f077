"""Fields of the staff's forms where Django's own would need a script or the words of a programmer."""

from collections.abc import Callable, Iterator
from itertools import groupby

from django import forms
from django.contrib.admin.widgets import AdminSplitDateTime
from django.contrib.auth.models import Permission
from django.db import models
from django.forms.models import ModelChoiceIterator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class _UnderHeadings(ModelChoiceIterator):
    def __iter__(self) -> Iterator:
        for heading, rows in groupby(self.queryset, key=self.field.heading_of):
            choices = [self.choice(row) for row in rows]
            yield from [(heading, choices)] if heading else choices


class Checkboxes(forms.CheckboxSelectMultiple):
    template_name = "admin/widgets/checkboxes.html"


def _no_heading(row: models.Model) -> str:
    return ""


class TickedRows(forms.ModelMultipleChoiceField):
    """Any number of rows, each with a box to tick, under the heading that ``heading_of`` gives to neighbouring rows."""

    iterator = _UnderHeadings
    widget = Checkboxes

    def __init__(
        self,
        *args,
        heading_of: Callable[[models.Model], str] = _no_heading,
        words_of: Callable[[models.Model], str] = str,
        **kwargs,
    ) -> None:
        self.heading_of = heading_of
        self.words_of = words_of
        super().__init__(*args, **kwargs)

    def label_from_instance(self, obj: models.Model) -> str:
        return self.words_of(obj)


_VERBS = {"view": _("Melihat"), "add": _("Menambah"), "change": _("Mengubah"), "delete": _("Menghapus")}


def permission_heading(permission: Permission) -> str:
    model = permission.content_type.model_class()
    return str(model._meta.verbose_name).capitalize() if model else permission.content_type.model


def permission_words(permission: Permission) -> str:
    """``Melihat`` for Django's four, and for others what the model says."""
    verb, _separator, model = permission.codename.partition("_")
    is_djangos = model == permission.content_type.model and verb in _VERBS
    return str(_VERBS[verb]) if is_djangos else permission.name


def label_date_and_time(field: forms.SplitDateTimeField) -> None:
    """Tell each half of a moment apart for screen readers; on the page the words stand beside them."""
    if isinstance(field.widget, AdminSplitDateTime):
        for half, words in zip(field.widget.widgets, (gettext("tanggal"), gettext("waktu")), strict=True):
            half.attrs["aria-label"] = f"{field.label}: {words}"
