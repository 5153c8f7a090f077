"""Carts in the admin: to look at, when a customer asks what became of theirs.

How an item was configured is not shown: a domain's transfer code may be among it.
"""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.dates import short_moment
from accounts.staff_pages import ReadOnlyAdmin, ReadOnlyInline
from cart.models import Cart, CartItem


class CartItemInline(ReadOnlyInline):
    model = CartItem
    fields = readonly_fields = ["product", "added"]

    @admin.display(description=_("dimasukkan"))
    def added(self, item: CartItem) -> str:
        return short_moment(item.created_at)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("product")


@admin.register(Cart)
class CartAdmin(ReadOnlyAdmin):
    list_display = ["owner", "item_count", "promo_code", "updated"]
    list_select_related = ["user"]
    search_fields = ["user__email", "user__name"]
    ordering = ["-updated_at", "-pk"]
    inlines = [CartItemInline]
    fields = readonly_fields = ["owner", "promo_code", "updated"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("user").annotate(item_total=Count("items"))

    @admin.display(description=_("milik"), ordering="user__name")
    def owner(self, cart: Cart) -> str:
        return str(cart.user) if cart.user else str(_("tamu"))

    @admin.display(description=_("isi"), ordering="item_total")
    def item_count(self, cart: Cart) -> int:
        return cart.item_total

    @admin.display(description=_("terakhir diubah"), ordering="updated_at")
    def updated(self, cart: Cart) -> str:
        return short_moment(cart.updated_at)
