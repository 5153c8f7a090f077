"""Whether a buyer may use a promotion code; what it takes off is ``catalog.pricing``'s (RULES D1, D5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from catalog.cycles import Cycle
from catalog.models import Promotion
from catalog.pricing import Item, PromotionTerms

MAX_CODE = 30


@dataclass(frozen=True)
class BuyerFacts:
    """What is known of the buyer; a guest has no id. ``orders`` counts those that were not cancelled."""

    customer_id: int | None = None
    orders: int = 0
    used_promotion_ids: frozenset[int] = field(default_factory=frozenset)
    active_product_ids: frozenset[int] = field(default_factory=frozenset)


GUEST = BuyerFacts()


class PromotionRefused(Exception):
    """``condition`` names the one that failed, ``message`` says it to the buyer (D5).

    Conditions: unknown, not_yet, expired, used_up, not_these_products, cycle, new_only, existing_only, once_per_customer,
    requires_product.
    """

    def __init__(self, condition: str, message: str) -> None:
        super().__init__(message)
        self.condition = condition
        self.message = message


def check(code: str, *, items: Sequence[Item], buyer: BuyerFacts, now: datetime) -> Promotion:
    """The promotion of the code, if the buyer may use it for these items. Raises ``PromotionRefused``."""
    promotion = find(code)
    if promotion is None:
        raise PromotionRefused("unknown", _("Kode promo ini tidak dikenal. Periksa ejaannya."))
    examine(promotion, items=items, buyer=buyer, now=now)
    return promotion


def find(code: str) -> Promotion | None:
    """The active promotion of a typed code, in any case, with its products and add-ons; offers to stay have no code."""
    code = code.strip()
    if not code or len(code) > MAX_CODE or not code.isprintable():
        return None
    promotions = Promotion.objects.filter(code__iexact=code, active=True, retention=False)
    return promotions.prefetch_related("products", "addons", "requires").first()


def examine(promotion: Promotion, *, items: Sequence[Item], buyer: BuyerFacts, now: datetime) -> None:
    """Check every condition; checkout does it again with the promotion's row locked (D4). Raises ``PromotionRefused``."""
    for problems in (_time_and_uses(promotion, now), _scope(promotion, items), _audience(promotion, items, buyer)):
        for condition, message in problems:
            raise PromotionRefused(condition, message)


Problems = Iterator[tuple[str, str]]


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F Y")


def _time_and_uses(promotion: Promotion, now: datetime) -> Problems:
    if promotion.starts_at and now < promotion.starts_at:
        yield "not_yet", _("Kode promo ini baru berlaku mulai %(day)s.") % {"day": _day(promotion.starts_at)}
    if promotion.ends_at and now >= promotion.ends_at:
        yield "expired", _("Kode promo ini sudah berakhir pada %(day)s.") % {"day": _day(promotion.ends_at)}
    if promotion.max_uses is not None and promotion.uses >= promotion.max_uses:
        yield "used_up", _("Kuota kode promo ini sudah habis.")


def _scope(promotion: Promotion, items: Sequence[Item]) -> Problems:
    terms = PromotionTerms.of(promotion)
    parts = [(item, part) for item in items for part in _parts(item)]
    covered = [(item, part) for item, part in parts if terms.covers(item, part)]
    if parts and not covered:
        yield "not_these_products", _("Kode promo ini tidak berlaku untuk produk di keranjang Anda.")
    elif parts and not any(terms.covers_cycle(item, part) for item, part in covered):
        cycles = ", ".join(str(Cycle(cycle).label) for cycle in Cycle.values if cycle in terms.cycles)
        yield "cycle", _("Kode promo ini hanya berlaku untuk siklus: %(cycles)s.") % {"cycles": cycles}


def _parts(item: Item) -> list[str]:
    return ["product", *(f"addon:{addon.key}" for addon in item.offer.addons if addon.key in item.selection.addons)]


def _audience(promotion: Promotion, items: Sequence[Item], buyer: BuyerFacts) -> Problems:
    if promotion.audience == Promotion.Audience.NEW and buyer.orders:
        yield "new_only", _("Kode promo ini hanya untuk pelanggan baru.")
    if promotion.audience == Promotion.Audience.EXISTING and not buyer.orders:
        yield (
            "existing_only",
            _("Kode promo ini hanya untuk pelanggan lama.")
            if buyer.customer_id
            else _("Kode promo ini hanya untuk pelanggan lama. Masuk ke akun Anda, lalu coba lagi."),
        )
    if promotion.once_per_customer and promotion.pk in buyer.used_promotion_ids:
        yield "once_per_customer", _("Kode promo ini sudah pernah Anda pakai.")
    required = {product.pk: product for product in promotion.requires.all()}
    if required and not required.keys() & (buyer.active_product_ids | {item.offer.id for item in items}):
        names = ", ".join(str(product.name) for product in required.values())
        yield "requires_product", _("Kode promo ini hanya untuk pelanggan %(products)s.") % {"products": names}
