"""Option groups, options with their choices and prices, and add-ons."""

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.staff_pages import link_to
from catalog import pricetables
from catalog.admin.base import CatalogAdmin, price_table, prices_in_words, prices_shown
from catalog.forms import AddonForm, ChoiceForm, OptionForm, OptionRowForm, price_fields, refuse_twin_keys
from catalog.models import Addon, Choice, Option, OptionGroup


class OptionGroupForm(forms.ModelForm):
    def clean_products(self):
        products = self.cleaned_data["products"]
        for product in products:
            others = product.option_groups.exclude(pk=self.instance.pk).values_list("pk", flat=True)
            refuse_twin_keys([*others, self.instance.pk])
        return products


class OptionInline(admin.TabularInline):
    """The group's options at a glance; each has a page of its own for its prices."""

    model = Option
    form = OptionRowForm
    fields = ["name_id", "name_en", "key", "kind", "required", "sort"]
    prepopulated_fields = {"key": ["name_id"]}
    extra = 1
    show_change_link = True
    change_link_words = _("Harga dan aturan")
    can_delete = False


@admin.register(OptionGroup)
class OptionGroupAdmin(CatalogAdmin):
    form = OptionGroupForm
    list_display = ["name_id", "sort", "options_shown"]
    list_editable = ["sort"]
    search_fields = ["name_id", "name_en"]
    inlines = [OptionInline]
    fieldsets = [(None, {"fields": [("name_id", "name_en"), "sort", "products"]})]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related("options")

    @admin.display(description=_("opsi"))
    def options_shown(self, group: OptionGroup) -> str:
        return ", ".join(option.name for option in group.options.all())


class ChoiceInline(admin.TabularInline):
    """The choices as a table: a row for each, two columns for each cycle that the option's products are sold in."""

    model = Choice
    extra = 1
    fields = ["name_id", "name_en", "key", "sort"]
    readonly_fields = ["prices_read"]
    prepopulated_fields = {"key": ["name_id"]}
    verbose_name_plural = _("pilihan dan harganya")

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related("prices")

    def get_formset(self, request: HttpRequest, obj: Option | None = None, **kwargs):
        self.form = type("ChoiceForm", (ChoiceForm,), self._columns(obj))
        return super().get_formset(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Option | None = None) -> list[str]:
        if not self.has_change_permission(request, obj):
            return [*self.fields, "prices_read"]
        return [*self.fields, *self._columns(obj)]

    @admin.display(description=_("harga"))
    def prices_read(self, choice: Choice) -> str:
        return prices_in_words(choice)

    def _columns(self, obj: Option) -> dict[str, forms.Field]:
        """Price and setup fee for each cycle that the option's products are sold in."""
        return price_fields(pricetables.cycles_of(obj.group.products.all()))


@admin.register(Option)
class OptionAdmin(CatalogAdmin):
    """An option is made in two steps: what it is, then what this kind of option needs."""

    form = OptionForm
    list_display = ["name_id", "group", "kind", "key", "required", "sort"]
    list_editable = ["sort"]
    list_filter = ["kind", "group"]
    list_select_related = ["group"]
    search_fields = ["name_id", "name_en", "key"]
    prepopulated_fields = {"key": ["name_id"]}
    read_instead = {"group": "group_read"}
    basics = [
        (
            None,
            {"fields": ["group", "kind", ("name_id", "name_en"), "key", ("help_id", "help_en"), ("required", "sort")]},
        )
    ]
    by_kind = {
        Option.Kind.CHOICE: [(_("Tampilan"), {"fields": ["as_radio"]})],
        Option.Kind.YES_NO: [price_table()],
        Option.Kind.QUANTITY: [
            (
                _("Jumlah"),
                {
                    "fields": [("unit_id", "unit_en"), ("minimum", "maximum", "step"), "included"],
                    "description": _("Harga di bawah berlaku untuk satu satuan di luar yang sudah termasuk."),
                },
            ),
            price_table(),
        ],
        Option.Kind.TEXT: [
            (
                _("Teks"),
                {
                    "fields": ["text_rule", "pattern", "example"],
                    "description": _("Opsi teks tidak berharga."),
                },
            )
        ],
    }

    def fieldsets_of(self, obj: Option | None) -> list:
        return [*self.basics, *(self.by_kind[obj.kind] if obj else [])]

    @admin.display(description=_("kelompok opsi"))
    def group_read(self, option: Option) -> str:
        return link_to(option.group)

    def get_readonly_fields(self, request: HttpRequest, obj: Option | None = None) -> list[str]:
        return ["kind"] if obj else []

    def get_inlines(self, request: HttpRequest, obj: Option | None = None) -> list:
        return [ChoiceInline] if obj and obj.kind == Option.Kind.CHOICE else []

    def save_formset(self, request: HttpRequest, form, formset, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        if formset.model is Choice:
            for one in formset.forms:
                if one.instance.pk and one not in formset.deleted_forms:
                    one.save_prices()

    def response_add(self, request: HttpRequest, obj: Option, post_url_continue: str | None = None) -> HttpResponse:
        """On to the second step."""
        request.POST = request.POST.copy()
        request.POST["_continue"] = "1"
        self.message_user(request, _("Lengkapi harga dan aturannya di bawah."), messages.INFO)
        return super().response_add(request, obj, post_url_continue)


@admin.register(Addon)
class AddonAdmin(CatalogAdmin):
    form = AddonForm
    list_display = ["name_id", "price_list", "activation", "retired", "sort"]
    list_editable = ["sort"]
    list_filter = ["retired"]
    search_fields = ["name_id", "name_en", "key"]
    prepopulated_fields = {"key": ["name_id"]}
    fieldsets = [
        (None, {"fields": [("name_id", "name_en"), "key", ("description_id", "description_en"), ("sort", "retired")]}),
        price_table(),
        (_("Produk"), {"fields": ["products"]}),
        (_("Pesanan dan pajak"), {"fields": ["activation", ("taxable", "pph23")]}),
    ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related("prices")

    @admin.display(description=_("harga"))
    def price_list(self, addon: Addon) -> str:
        return prices_shown(addon)

    def has_delete_permission(self, request: HttpRequest, obj: Addon | None = None) -> bool:
        """An add-on that customers have is retired instead."""
        return super().has_delete_permission(request, obj) and not (obj and obj.services.exists())

    def get_actions(self, request: HttpRequest) -> dict:
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions
