"""What all catalog pages of the admin share: amounts as people type them, price tables, and pages that forget at once."""

from collections.abc import Iterable

from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from catalog import pricetables, snapshots
from catalog.cycles import Cycle
from catalog.forms import RowForm, RupiahField, price_field, setup_field
from catalog.money import MoneyField, format_money

PRICES_HELP = _("Kosong: tidak ditawarkan untuk siklus itu. 0: gratis.")


def price_table(cycles: Iterable[str] = Cycle.values) -> tuple:
    """A fieldset with a row for each cycle: price and setup fee."""
    rows = [(price_field(cycle), setup_field(cycle)) for cycle in cycles]
    return (_("Harga"), {"fields": rows, "classes": ["price-table"], "description": PRICES_HELP})


def prices_shown(owner: models.Model) -> str:
    """A line for each cycle, for lists; the owner's prices are to be prefetched."""
    rows = [(words, format_money(amount)) for words, amount in pricetables.as_words(pricetables.read(owner))]
    return format_html_join("", '<span class="price-line">{} {}</span>', rows) or _("belum ada")


class CatalogAdmin(admin.ModelAdmin):
    """Every change makes the store's pages forget what they remember."""

    save_on_top = True

    class Media:
        css = {"all": ["css/catalog-admin.css"]}

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **kwargs):
        if isinstance(db_field, MoneyField):
            return RupiahField(label=db_field.verbose_name, help_text=db_field.help_text, required=not db_field.blank)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_changelist_form(self, request: HttpRequest, **kwargs):
        return super().get_changelist_form(request, **{"form": RowForm, **kwargs})

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if hasattr(form, "save_prices"):
            form.save_prices()
        snapshots.forget()

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        snapshots.forget()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        super().delete_queryset(request, queryset)
        snapshots.forget()
