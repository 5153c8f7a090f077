"""What a configuration or a cart costs now: catalog prices, the tax in force, the promotion, computed at each look (P1)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.crypto import CannotDecrypt
from accounts.models import Customer, Shop
from accounts.texts import Text
from billing import ordering
from cart import codes
from cart.models import Cart, CartItem
from catalog import offers, pricing, promotions, tax
from catalog.cycles import PER, Cycle
from catalog.models import Product, Promotion
from catalog.offers import ProductOffer
from catalog.pricing import ConfigurationError, Item, PromotionTerms, Quote
from catalog.promotions import PromotionRefused
from catalog.renewals import Renewal, renewals
from catalog.selection import Selection


def _conditions(promotion: Promotion | None, *, fresh: bool = False) -> dict[str, object]:
    terms_in_force = tax.in_force if fresh else tax.cached_in_force
    today = timezone.localdate()
    return {
        "on": today,
        "promotion": PromotionTerms.of(promotion) if promotion else None,
        "tax": terms_in_force(today),
        "tax_inclusive": Shop.current().prices_include_tax,
    }


# One configuration, while it is being made


@dataclass(frozen=True)
class Draft:
    """``quote`` leaves out what is not in order yet, named by ``problems``; ``None`` where nothing can be priced."""

    quote: Quote | None
    problems: Mapping[str, str]
    promotion: Promotion | None = None
    promo_refusal: str = ""

    @cached_property
    def renewals(self) -> list[Renewal]:
        return renewals(self.quote) if self.quote else []


def draft(offer: ProductOffer, selection: Selection, *, promo_code: str = "", visitor: str = "") -> Draft:
    """What a configuration costs so far: an unfilled domain or text does not hide the price of the rest.

    ``visitor`` is the address that names the code (``cart.codes``).
    """
    item = Item(offer, selection)
    promotion, refusal = None, ""
    if promo_code:
        try:
            promotion = codes.check(promo_code, items=[item], customer=None, visitor=visitor)
        except PromotionRefused as refused:
            refusal = refused.message
    priced = pricing.preview(item, **_conditions(promotion))
    return Draft(priced.quote, priced.problems, promotion, refusal)


# A cart


@dataclass(frozen=True)
class CartLine:
    """One item as the review shows it. ``problem`` says why it cannot be ordered and what to do; then it has no price."""

    item: CartItem
    offer: ProductOffer
    selection: Selection | None
    problem: str = ""
    quoted: pricing.ItemQuote | None = None

    @cached_property
    def described(self) -> tuple[pricing.Described, ...]:
        return pricing.describe(Item(self.offer, self.selection)) if self.selection else ()

    @property
    def addons(self) -> list[Text]:
        return [addon.name for addon in self.offer.addons if self.selection and addon.key in self.selection.addons]

    @property
    def cycle(self) -> str:
        """Its name, where it still has one."""
        known = self.selection and self.selection.cycle in Cycle.values
        return Cycle(self.selection.cycle).label if known else ""

    @property
    def recurring(self) -> list[tuple[Decimal, str]]:
        """What renews, without tax: amounts with the cycle that each is for."""
        by_cycle = self.quoted.recurring_by_cycle if self.quoted else {}
        return [(amount, PER[cycle]) for cycle, amount in by_cycle.items()]


@dataclass(frozen=True)
class CartQuote:
    lines: tuple[CartLine, ...]
    quote: Quote | None
    promotion: Promotion | None = None
    promo_refusal: str = ""

    @property
    def items(self) -> list[Item]:
        """What would be ordered, in the cart's order."""
        return [Item(line.offer, line.selection) for line in self.lines if not line.problem]

    @property
    def orderable(self) -> bool:
        """Something is in the cart and nothing stands in the way; a refused promotion only leaves the full price."""
        return bool(self.lines) and not any(line.problem for line in self.lines)

    @cached_property
    def renewals(self) -> list[Renewal]:
        return renewals(self.quote) if self.quote else []


def quote_cart(cart: Cart | None, customer: Customer | None, *, fresh: bool = False) -> CartQuote:
    """Price everything in the cart that can be ordered, with its promotion as this buyer would get it.

    ``fresh`` reads the catalog anew: when ordering. Pages may show what the process read a few seconds ago.
    """
    items = list(cart.items.all()) if cart else []
    return quote_items(items, customer=customer, promo_code=cart.promo_code if cart else "", fresh=fresh)


def quote_items(
    items: Sequence[CartItem], *, customer: Customer | None, promo_code: str = "", fresh: bool = False
) -> CartQuote:
    product_ids = {item.product_id for item in items}
    found = offers.load(product_ids) if fresh else offers.cached(product_ids)
    lines = [_line(item, found[item.product_id]) for item in items]
    _mark_missing_stock(lines)
    good = [Item(line.offer, line.selection) for line in lines if not line.problem]
    if not good:
        return CartQuote(tuple(lines), None)
    promotion, refusal = _promotion(promo_code, good, customer)
    quote = pricing.quote(good, **_conditions(promotion, fresh=fresh))
    quoted = iter(quote.items)
    return CartQuote(
        tuple(line if line.problem else replace(line, quoted=next(quoted)) for line in lines),
        quote,
        promotion,
        refusal,
    )


def _line(item: CartItem, offer: ProductOffer) -> CartLine:
    try:
        selection = Selection.from_json(item.selection)
    except (CannotDecrypt, KeyError):
        return CartLine(item, offer, None, _("Konfigurasi ini tidak terbaca lagi. Konfigurasikan ulang lewat Ubah."))
    if offer.retired:
        return CartLine(item, offer, selection, _("Produk ini tidak dijual lagi. Hapus, lalu pilih produk lain."))
    try:
        pricing.quote([Item(offer, selection)])
    except ConfigurationError as error:
        return CartLine(item, offer, selection, " ".join(str(message) for message in error.problems.values()))
    return CartLine(item, offer, selection)


def _mark_missing_stock(lines: list[CartLine]) -> None:
    """The lines of a product of which more are in the cart than are left now say so."""
    wanted = Counter()
    for line in lines:
        if line.offer.stock_left is not None and not line.problem:
            wanted[line.offer.id] += line.selection.quantity
    if not wanted:
        return
    left = {product.pk: product.stock_left for product in Product.objects.filter(pk__in=wanted)}
    for index, line in enumerate(lines):
        if not line.problem and line.offer.id in wanted and wanted[line.offer.id] > (left.get(line.offer.id) or 0):
            lines[index] = replace(line, problem=_stock_problem(left.get(line.offer.id) or 0))


def _stock_problem(left: int) -> str:
    if left > 0:
        return _("Stok tinggal %(left)d. Kurangi jumlahnya lewat Ubah atau Hapus.") % {"left": left}
    return _("Stok habis. Hapus, lalu pilih produk lain.")


def _promotion(code: str, items: list[Item], customer: Customer | None) -> tuple[Promotion | None, str]:
    if not code:
        return None, ""
    try:
        buyer = ordering.buyer_facts(customer)
        return promotions.check(code, items=items, buyer=buyer, now=timezone.now()), ""
    except PromotionRefused as refusal:
        return None, str(refusal)
