"""Columns that many of billing's staff pages show."""

from collections.abc import Callable

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import ReadOnlyInline, link_to, state
from billing.admin.wording import what_happened
from catalog.money import format_money

Column = Callable[[models.Model], str]


def money(field: str, label: str) -> Column:
    """An amount in its row's currency."""

    @admin.display(description=label, ordering=field)
    def column(row: models.Model) -> str:
        return format_money(getattr(row, field), row.currency)

    column.__name__ = f"{field}_shown"
    return column


def page_of(field: str, label: str) -> Column:
    """The related row as a link to its page, or a dash."""

    @admin.display(description=label, ordering=field)
    def column(row: models.Model) -> str:
        return link_to(getattr(row, field, None))

    column.__name__ = f"{field}_page"
    return column


@admin.display(description=_("status"), ordering="status")
def status(row: models.Model) -> str:
    return state(row)


class HistoryInline(ReadOnlyInline):
    """The rows of an ``Event`` table, oldest first."""

    fields = readonly_fields = ["at", "happened", "actor", "note"]
    ordering = ["at", "pk"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description=_("kejadian"))
    def happened(self, event: models.Model) -> str:
        return what_happened(event)
