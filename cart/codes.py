"""Promotion codes as visitors try them: every door counts what it refuses, so that codes cannot be guessed."""

from collections.abc import Sequence

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import limits
from accounts.models import Customer
from billing import ordering
from catalog import promotions
from catalog.models import Promotion
from catalog.pricing import Item
from catalog.promotions import PromotionRefused

TOO_MANY = "too_many"
SECONDS_OF_REST = 300


def check(code: str, *, items: Sequence[Item], customer: Customer | None, visitor: str) -> Promotion:
    """The promotion, if this buyer may use it for the items. Raises ``PromotionRefused``.

    ``visitor`` is the address that tries. Only refusals are counted: a page that shows an accepted code asks again at every
    change. After too many nobody there is told anything for a while, whether the code is good or not.
    """
    resting = f"promo-rest:{visitor}"
    if cache.get(resting):
        raise _too_many()
    try:
        return promotions.check(code, items=items, buyer=ordering.buyer_facts(customer), now=timezone.now())
    except PromotionRefused:
        if limits.allow("promo", visitor):
            raise
        cache.set(resting, 1, timeout=SECONDS_OF_REST)
        raise _too_many() from None


def _too_many() -> PromotionRefused:
    return PromotionRefused(TOO_MANY, _("Terlalu banyak percobaan. Tunggu beberapa menit, lalu coba lagi."))
