"""Copying a product with everything that staff set up for it."""

from django.db import transaction

from catalog import pricetables
from catalog.models import Product

# What belongs to the original alone.
_NOT_COPIED = {"id", "slug", "name_id", "name_en", "hidden", "retired", "featured", "stock_taken"}


@transaction.atomic
def copy_product(*, product: Product) -> Product:
    """A hidden copy beside the original: texts, prices, options and add-ons; nothing sold is counted to it."""
    fields = {field.attname for field in Product._meta.concrete_fields} - _NOT_COPIED
    copy = Product.objects.create(
        **{name: getattr(product, name) for name in fields},
        slug=_free_slug(product),
        name_id=f"{product.name_id} (salinan)"[:120],
        name_en=f"{product.name_en} (copy)"[:120] if product.name_en else "",
        hidden=True,
    )
    pricetables.copy(product, copy)
    copy.option_groups.set(product.option_groups.all())
    copy.addons.set(product.addons.all())
    return copy


def _free_slug(product: Product) -> str:
    taken = set(Product.objects.filter(group=product.group_id).values_list("slug", flat=True))
    number = 1
    while True:
        ending = "-salinan" if number == 1 else f"-salinan-{number}"
        slug = product.slug[: Product._meta.get_field("slug").max_length - len(ending)] + ending
        if slug not in taken:
            return slug
        number += 1
