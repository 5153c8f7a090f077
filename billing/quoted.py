"""Quotes on the staff's pages: of the items that are being configured, and as people read them, in the active language."""

from django.utils.translation import gettext as _

from accounts.models import Customer
from billing import ordering
from billing.documents import TotalRow, tax_rows
from catalog.cycles import Cycle
from catalog.item_forms import ItemsOnPage
from catalog.lines import Line
from catalog.money import format_money
from catalog.pricing import Quote
from catalog.promotions import PromotionRefused


def totals(quote: Quote) -> list[TotalRow]:
    rows = [TotalRow(_("Subtotal"), quote.subtotal)]
    if quote.discount:
        rows.append(TotalRow(_("Potongan"), -quote.discount, "minus"))
    if quote.tax_terms and quote.tax:
        rows += tax_rows(quote.tax_terms, quote.tax_base, quote.tax)
    return [*rows, TotalRow(_("Total"), quote.total, "total")]


def line_words(line: Line, currency: str) -> dict[str, str | int]:
    """A priced line as people read it, in the active language."""
    included = line.kind == "option" and not line.amount
    cycle = "" if line.kind in {"setup", "option"} else str(Cycle(line.cycle).label)
    return {
        "description": str(line.label),
        "detail": ", ".join(part for part in (str(line.detail), cycle) if part),
        "quantity": "" if included else line.quantity,
        "unit_price": "" if included else format_money(line.unit_price, currency),
        "amount": _("termasuk") if included else format_money(line.amount, currency),
    }


def of_page(items: ItemsOnPage, *, customer: Customer, promotion_code: str) -> tuple[Quote | None, list[str]]:
    """What those of the page's items cost the customer that are in order; and what the promotion is refused for."""
    ready = [item for item, edited in zip(items.read(), items.items, strict=True) if not edited.form.errors]
    if not ready:
        return None, []
    try:
        return ordering.quote(customer=customer, items=ready, promotion_code=promotion_code.strip()), []
    except PromotionRefused as refusal:
        return ordering.quote(customer=customer, items=ready), [str(refusal)]
