"""What all catalog pages of the admin share: amounts as people type them, price tables, and pages that forget at once.

Staff who may look but not edit get the same pages in words: a form's own fields have no value to show without the form.
"""

from collections.abc import Iterable, Mapping

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from accounts.staff_fields import label_date_and_time
from accounts.staff_pages import TickBoxes
from catalog import pricetables, snapshots
from catalog.cycles import Cycle
from catalog.forms import RowForm, RupiahField, price_field, setup_field
from catalog.models import Product
from catalog.money import MoneyField, format_money

FILLED_IN = {
    "slug": _("Bagian akhir alamat halamannya; terisi sendiri dari nama."),
    "key": _("Nama pendek di tautan pesanan; terisi sendiri dari nama."),
}
PRICES_HELP = _("Kosong: tidak ditawarkan untuk siklus itu. 0: gratis.")


def price_table(cycles: Iterable[str] = Cycle.values) -> tuple:
    """A fieldset with a row for each cycle: price and setup fee."""
    rows = [(price_field(cycle), setup_field(cycle)) for cycle in cycles]
    return (_("Harga"), {"fields": rows, "classes": ["price-table"], "description": PRICES_HELP})


def _read_instead(fieldsets: Iterable, instead: Mapping[str, str]) -> list:
    """The fieldsets with fields replaced by what shows their value; a price table becomes one line for each cycle."""
    seen = []
    for heading, options in fieldsets:
        if "price-table" in options.get("classes", ()):
            seen.append((heading, {"fields": ["prices_read"]}))
        else:
            seen.append((heading, {**options, "fields": _replaced(options["fields"], instead)}))
    return seen


def _replaced(fields: Iterable, instead: Mapping[str, str]) -> list:
    return [
        instead.get(field, field) if isinstance(field, str) else tuple(_replaced(field, instead)) for field in fields
    ]


def prices_shown(owner: models.Model) -> str:
    """A line for each cycle, for lists; the owner's prices are to be prefetched."""
    rows = [(words, format_money(tag.amount)) for words, tag in pricetables.as_words(pricetables.read(owner))]
    return format_html_join("", '<span class="price-line">{} {}</span>', rows) or _("belum ada")


def prices_in_words(owner: models.Model) -> str:
    """As ``prices_shown``, with the setup fees."""
    rows = [
        (words, format_money(tag.amount), _(" + setup %s") % format_money(tag.setup_fee) if tag.setup_fee else "")
        for words, tag in pricetables.as_words(pricetables.read(owner))
    ]
    return format_html_join("", '<span class="price-line">{}: {}{}</span>', rows) or _("belum ada")


class RememberedAdmin(admin.ModelAdmin):
    """Rows that processes remember between requests: every change makes them forget."""

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        snapshots.forget()

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        snapshots.forget()

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        super().delete_queryset(request, queryset)
        snapshots.forget()


class CatalogAdmin(TickBoxes, RememberedAdmin):
    """What the store's pages show."""

    save_on_top = True
    # For those who may not edit: what is shown in place of a field that only the form knows.
    read_instead: Mapping[str, str] = {}
    ticked = {
        Product: {
            "queryset": Product.objects.select_related("group"),
            "heading_of": lambda product: str(product.group),
        }
    }

    class Media:
        css = {"all": ["css/catalog-admin.css"]}

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest | None, **kwargs):
        if isinstance(db_field, MoneyField):
            return RupiahField(label=db_field.verbose_name, help_text=db_field.help_text, required=not db_field.blank)
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(field, forms.SplitDateTimeField):
            label_date_and_time(field)
        elif field is not None and db_field.name in FILLED_IN and not db_field.help_text:
            field.help_text = FILLED_IN[db_field.name]
        return field

    def get_fieldsets(self, request: HttpRequest, obj: models.Model | None = None) -> list:
        fieldsets = self.fieldsets_of(obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return _read_instead(fieldsets, self.read_instead)

    def fieldsets_of(self, obj: models.Model | None) -> list:
        return self.fieldsets

    @admin.display(description=_("harga"))
    def prices_read(self, owner: models.Model) -> str:
        return prices_in_words(owner)

    def get_changelist_form(self, request: HttpRequest, **kwargs):
        return super().get_changelist_form(request, **{"form": RowForm, **kwargs})

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if hasattr(form, "save_prices"):
            form.save_prices()
            # Written after what the base class saved.
            snapshots.forget()
