"""Product groups and products."""

from collections.abc import Sequence

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import copying, previews, snapshots
from catalog.admin.base import CatalogAdmin, price_table, prices_shown
from catalog.forms import ProductForm
from catalog.models import Price, Product, ProductGroup


@admin.register(ProductGroup)
class ProductGroupAdmin(CatalogAdmin):
    list_display = ["name_id", "sort", "hidden", "slug", "store_link"]
    list_editable = ["sort", "hidden"]
    list_display_links = ["name_id"]
    prepopulated_fields = {"slug": ["name_id"]}
    search_fields = ["name_id", "name_en", "slug"]
    fieldsets = [
        (None, {"fields": [("name_id", "name_en"), ("tagline_id", "tagline_en"), "slug"]}),
        (_("Di toko"), {"fields": [("sort", "hidden")]}),
    ]

    @admin.display(description=_("di toko"))
    def store_link(self, group: ProductGroup) -> str:
        return "" if group.hidden else _link(reverse("catalog:group", args=[group.slug]), _("Buka"))


def _link(address: str, words: str) -> str:
    return format_html('<a href="{}" target="_blank" rel="noopener">{}</a>', address, words)


class SaleFilter(admin.SimpleListFilter):
    title = _("penjualan")
    parameter_name = "sale"

    def lookups(self, request: HttpRequest, model_admin) -> list:
        return [("listed", _("Dijual")), ("hidden", _("Tersembunyi")), ("retired", _("Tidak dijual lagi"))]

    def queryset(self, request: HttpRequest, queryset):
        conditions = {
            "listed": {"hidden": False, "retired": False},
            "hidden": {"hidden": True, "retired": False},
            "retired": {"retired": True},
        }
        return queryset.filter(**conditions.get(self.value(), {}))


@admin.register(Product)
class ProductAdmin(CatalogAdmin):
    form = ProductForm
    list_display = ["name_id", "group", "sort", "sale", "stock_shown", "price_list"]
    list_editable = ["sort"]
    list_filter = [SaleFilter, "group"]
    list_select_related = ["group"]
    search_fields = ["name_id", "name_en", "slug"]
    prepopulated_fields = {"slug": ["name_id"]}
    readonly_fields = ["in_store", "stock_taken", "preview_link"]
    read_instead = {"option_groups": "option_groups_read", "addons": "addons_read"}
    change_form_template = "admin/product.html"
    # Other apps add theirs (``also``).
    inlines: Sequence[type[admin.TabularInline]] = []
    actions = ["copy_products", "hide", "show", "retire", "bring_back"]
    fieldsets = [
        (None, {"fields": ["group", ("name_id", "name_en"), "slug", ("tagline_id", "tagline_en")]}),
        (_("Di toko"), {"fields": ["in_store", "preview_link", ("sort", "featured"), ("hidden", "retired")]}),
        price_table(),
        (_("Uraian"), {"fields": [("features_id", "features_en"), ("description_id", "description_en")]}),
        (_("Opsi dan layanan tambahan"), {"fields": ["option_groups", "addons"]}),
        (
            _("Domain"),
            {
                "fields": [("domain_register", "domain_transfer", "domain_own"), "subdomain_of"],
                "description": _("Bila tidak ada yang dipilih, produk ini tidak meminta domain."),
            },
        ),
        (_("Pemesanan"), {"fields": ["activation", "quantity_mode", ("stock", "stock_taken")]}),
        (_("Periode pertama dan perubahan"), {"fields": [("proration_day", "proration_cutoff"), "changes_to"]}),
        (_("Pajak"), {"fields": [("taxable", "pph23")]}),
    ]

    def get_queryset(self, request: HttpRequest):
        return super().get_queryset(request).prefetch_related(Prefetch("prices", Price.objects.order_by("pk")))

    @admin.display(description=_("harga"))
    def price_list(self, product: Product) -> str:
        return prices_shown(product)

    @admin.display(description=_("penjualan"))
    def sale(self, product: Product) -> str:
        if product.retired:
            return _("Tidak dijual lagi")
        if product.hidden or product.group.hidden:
            return _("Tersembunyi")
        return _("Habis") if product.stock_left == 0 else _("Dijual")

    @admin.display(description=_("sisa stok"))
    def stock_shown(self, product: Product) -> str:
        return "∞" if product.stock_left is None else str(product.stock_left)

    @admin.display(description=_("terlihat di toko"))
    def in_store(self, product: Product) -> str:
        if not product.pk:
            return _("Belum disimpan.")
        if product.hidden or product.retired or product.group.hidden:
            return _("Tidak; hanya pemegang tautan pratinjau yang melihatnya.")
        return _link(reverse("catalog:group", args=[product.group.slug]), _("Ya, buka halamannya"))

    @admin.display(description=_("tautan pratinjau"))
    def preview_link(self, product: Product) -> str:
        if not product.pk:
            return "–"
        return _link(previews.link(product), _("Buka pratinjau (berlaku 7 hari, boleh dibagikan)"))

    @admin.display(description=_("kelompok opsi"))
    def option_groups_read(self, product: Product) -> str:
        return ", ".join(str(group) for group in product.option_groups.all()) or "–"

    @admin.display(description=_("layanan tambahan"))
    def addons_read(self, product: Product) -> str:
        return ", ".join(str(addon) for addon in product.addons.all()) or "–"

    def render_change_form(self, request: HttpRequest, context: dict, *args, obj: Product | None = None, **kwargs):
        context["preview_address"] = previews.link(obj) if obj else None
        context["may_copy"] = obj is not None and self.has_add_permission(request)
        return super().render_change_form(request, context, *args, obj=obj, **kwargs)

    def save_related(self, request: HttpRequest, form, formsets, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if isinstance(form, ProductForm):
            form.save_links()

    def has_delete_permission(self, request: HttpRequest, obj: Product | None = None) -> bool:
        """A product that customers have is retired instead."""
        return super().has_delete_permission(request, obj) and not (obj and obj.services.exists())

    def get_actions(self, request: HttpRequest) -> dict:
        """Deleting many at once would pass by the products that customers have."""
        actions = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    @admin.action(description=_("Salin (tersembunyi, dengan harga, opsi, dan tambahannya)"), permissions=["add"])
    def copy_products(self, request: HttpRequest, queryset) -> HttpResponseRedirect | None:
        copies = [copying.copy_product(product=product) for product in queryset.select_related("group")]
        for copy in copies:
            self.log_addition(request, copy, [{"added": {}}])
        snapshots.forget()
        self.message_user(
            request,
            ngettext("%d salinan dibuat dan tersembunyi.", "%d salinan dibuat dan tersembunyi.", len(copies))
            % len(copies),
            messages.SUCCESS,
        )
        if len(copies) == 1:
            return HttpResponseRedirect(reverse("admin:catalog_product_change", args=[quote(copies[0].pk)]))
        return None

    def _set(self, request: HttpRequest, queryset, **values: bool) -> None:
        for product in queryset:
            for name, value in values.items():
                setattr(product, name, value)
            product.save(update_fields=list(values))
            self.log_change(request, product, [{"changed": {"fields": list(values)}}])
        snapshots.forget()
        self.message_user(request, _("Tersimpan."), messages.SUCCESS)

    @admin.action(description=_("Sembunyikan"), permissions=["change"])
    def hide(self, request: HttpRequest, queryset) -> None:
        self._set(request, queryset, hidden=True)

    @admin.action(description=_("Tampilkan"), permissions=["change"])
    def show(self, request: HttpRequest, queryset) -> None:
        self._set(request, queryset, hidden=False)

    @admin.action(description=_("Berhenti menjual"), permissions=["change"])
    def retire(self, request: HttpRequest, queryset) -> None:
        self._set(request, queryset, retired=True)

    @admin.action(description=_("Jual lagi"), permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset) -> None:
        self._set(request, queryset, retired=False)


def also(inline: type[admin.TabularInline]) -> None:
    """Show what another app keeps of a product on the product's page."""
    ProductAdmin.inlines = [*ProductAdmin.inlines, inline]
