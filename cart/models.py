"""Carts: products and how they are configured, never a price."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Product


class Cart(models.Model):
    """A person's cart, or a guest's, whose session knows its token."""

    token = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="cart"
    )
    promo_code = models.CharField(_("kode promo"), max_length=30, blank=True)
    # Goes with the order that this cart becomes; a new one is drawn when the cart is emptied by an order (O2).
    checkout_key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("keranjang")
        verbose_name_plural = _("keranjang")
        indexes = [models.Index(fields=["updated_at"], condition=Q(user=None), name="guest_carts_by_age")]

    def __str__(self) -> str:
        return str(self.token)


class CartItem(models.Model):
    """A product and its choices, as ``catalog.configuration.Selection`` writes and reads them."""

    cart = models.ForeignKey(Cart, on_delete=models.CASCADE, related_name="items")
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    selection = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("isi keranjang")
        verbose_name_plural = _("isi keranjang")
        ordering = ["pk"]

    def __str__(self) -> str:
        return str(self.product)
