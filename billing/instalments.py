"""An order that is paid in parts: every line is split exactly, and the parts fall due one after the other.

The first part is the order's own invoice; the order is active and its services start when it is paid. The later parts are
invoices of the kind ``INSTALMENT``, issued with it. An order that ends unpaid takes all of them with it.
"""

import re
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _

from accounts import dates
from billing.models import Invoice, InvoiceLine, Order
from catalog.money import format_money, spread, total_of
from catalog.tax import Settlement, TaxTerms, settle

MOST = 12
# The later parts fall due a month after each other, unless the plan says other days.
EVERY_DAYS = 30
LATEST_DAYS = 3 * 366


@dataclass(frozen=True)
class Instalment:
    """``percent`` of every line, due so many days after the day of the order."""

    percent: int
    due_in_days: int


Plan = Sequence[Instalment]


class TooLittle(Exception):
    """Some part would ask for nothing."""


class CannotRead(ValueError):
    """What was typed is no plan; the words say what to type."""


def parse(text: str, *, first_due_in_days: int) -> list[Instalment]:
    """``50, 30, 20`` (percent), or ``50:0, 30:14, 20:45`` where the days after the order are said too. Nothing: no plan.

    Raises ``CannotRead``.
    """
    plan: list[Instalment] = []
    for number, part in enumerate(one for one in re.split(r"[,;\n]", text) if one.strip()):
        found = re.fullmatch(r"\s*(\d{1,3})\s*%?\s*(?::\s*(\d{1,4})\s*)?", part, re.ASCII)
        if found is None:
            raise CannotRead(_("Tulis persennya dipisah koma, contoh: 50, 30, 20."))
        days = first_due_in_days + number * EVERY_DAYS if found[2] is None else int(found[2])
        plan.append(Instalment(int(found[1]), days))
    problem = problem_with(plan)
    if problem:
        raise CannotRead(problem)
    return plan


def problem_with(plan: Plan) -> str:
    """Why nobody can be invoiced by the plan, or nothing. No parts are no plan, which is fine."""
    if not plan:
        return ""
    days = [part.due_in_days for part in plan]
    if len(plan) > MOST:
        return _("Bagi paling banyak menjadi %(most)d termin.") % {"most": MOST}
    if sum(part.percent for part in plan) != 100 or any(part.percent <= 0 for part in plan):
        return _("Persen semua termin harus berjumlah 100.")
    if days != sorted(days) or days[0] < 0 or days[-1] > LATEST_DAYS:
        return _("Setiap termin jatuh tempo pada hari yang sama dengan termin sebelumnya atau sesudahnya.")
    return ""


@dataclass(frozen=True)
class Part:
    """One of ``count`` invoices of an order; without ``due_in_days`` it is due as any new invoice."""

    number: int
    count: int
    due_in_days: int | None
    lines: Sequence[InvoiceLine]
    totals: Settlement


def divide(
    lines: Sequence[InvoiceLine], whole: Settlement, terms: TaxTerms | None, plan: Plan, currency: str
) -> list[Part]:
    """The parts of an order of these lines and totals; they sum exactly to what was agreed.

    Each is taxed as any invoice (T3), and the last takes the rest of the tax. Raises ``TooLittle``.
    """
    if len(plan) < 2:
        return [Part(1, 1, plan[0].due_in_days if plan else None, lines, whole)]
    parts: list[Part] = []
    for number, (instalment, its_lines) in enumerate(zip(plan, split(lines, plan, currency), strict=True), start=1):
        totals = settle(its_lines, tax=terms, currency=currency)
        if number == len(plan):
            totals = replace(
                totals,
                tax=whole.tax - total_of(part.totals.tax for part in parts),
                tax_base=whole.tax_base - total_of(part.totals.tax_base for part in parts),
            )
        if totals.tax < 0 or totals.tax_base < 0 or totals.total <= 0:
            raise TooLittle
        parts.append(Part(number, len(plan), instalment.due_in_days, its_lines, totals))
    return parts


def split(lines: Sequence[InvoiceLine], plan: Plan, currency: str) -> list[list[InvoiceLine]]:
    """The lines of each part, by largest remainder: those of one line sum exactly to it, its discount included.

    Lines that are not saved yet; what they say of their share is in the active language.
    """
    weights = [Decimal(part.percent) for part in plan]
    shares: list[list[InvoiceLine]] = [[] for _part in plan]
    for line in lines:
        nets = spread(line.net, weights, currency)
        discounts = spread(line.discount, weights, currency)
        for part, its_lines, net, discount in zip(plan, shares, nets, discounts, strict=True):
            its_lines.append(_share(line, part, net, discount))
    return shares


def _share(line: InvoiceLine, part: Instalment, net: Decimal, discount: Decimal) -> InvoiceLine:
    share = copy(line)
    share.amount = net + discount
    share.discount = discount
    if not discount:
        share.promotion_id = None
    if line.amount:
        share.quantity, share.unit_price = 1, share.amount
        of_all = {"percent": f"{part.percent}%", "amount": format_money(line.amount, line.currency)}
        words = _("%(percent)s dari %(amount)s") % of_all
        share.detail = ", ".join(one for one in (line.detail, words) if one)[:300]
    return share


def order_of(invoice: Invoice) -> Order | None:
    """The order that the invoice is for, the whole of it or a part."""
    return invoice.order or invoice.instalment_of


def parts_of(order: Order) -> list[Invoice]:
    """The invoices of an order, the first part first: so they are locked by everybody who needs all of them."""
    return [order.invoice, *order.instalments.order_by("instalment")]


def siblings(invoice: Invoice) -> list[Invoice]:
    """All the parts of what the invoice is a part of; nothing for one that is none."""
    if not invoice.instalment_count:
        return []
    order = order_of(invoice)
    found = Invoice.objects.filter(order=order) | Invoice.objects.filter(instalment_of=order)
    # A draft has neither a page nor a day; the first part has no number of its own.
    return sorted(found.issued().with_awaiting_verification(), key=lambda one: one.instalment or 1)


def place(invoice: Invoice) -> str:
    """``1 dari 3`` of a part."""
    return _("%(number)d dari %(count)d") % {"number": invoice.instalment or 1, "count": invoice.instalment_count}


def label(invoice: Invoice) -> str:
    """``Termin 1 dari 3``, or nothing."""
    return _("Termin %(place)s") % {"place": place(invoice)} if invoice.instalment_count else ""


def facts_of_later(invoice: Invoice) -> Iterator[tuple[str, str]]:
    """What follows after this part, for an email: which, how much, and when."""
    for other in siblings(invoice):
        if (other.instalment or 1) > (invoice.instalment or 1):
            amount = format_money(other.total, other.currency)
            yield (
                label(other),
                _("%(amount)s, jatuh tempo %(day)s")
                % {
                    "amount": amount,
                    "day": dates.long_date(other.due_on),
                },
            )
