"""Invoices: drafted from priced lines, issued once, and from then on unchanged."""

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Customer, Shop, User
from billing import instalments, lifecycle, numbering, transitions
from billing.models import Invoice, InvoiceLine, Order, Service
from billing.provisioning import ServicesOfOrder, Share
from catalog import pricing


def drafts_of_order(
    order: Order, priced: pricing.Quote, services: ServicesOfOrder, today: date, plan: instalments.Plan = ()
) -> list[Invoice]:
    """The drafts of an order's invoices, one for each part of its plan, their lines in the order's language.

    In the caller's transaction. Raises ``instalments.TooLittle``.
    """
    with translation.override(order.language):
        lines = [
            _line(order, service, share, priced.promotion, sort)
            for sort, (service, share) in enumerate(services.shares)
        ]
        parts = instalments.divide(lines, priced.settlement, priced.tax_terms, plan, order.currency)
    return [_draft(order, part, priced.tax_terms, today) for part in parts]


def _draft(order: Order, part: instalments.Part, tax: pricing.TaxTerms | None, today: date) -> Invoice:
    first = {"order": order}
    later = {"kind": Invoice.Kind.INSTALMENT, "instalment_of": order, "instalment": part.number}
    invoice = Invoice.objects.create(
        customer=order.customer,
        instalment_count=part.count if part.count > 1 else 0,
        due_on=None if part.due_in_days is None else today + timedelta(days=part.due_in_days),
        language=order.language,
        payment_method=order.payment_method,
        po_number=order.po_number,
        currency=order.currency,
        subtotal=part.totals.subtotal,
        discount=part.totals.discount,
        tax=part.totals.tax,
        total=part.totals.total,
        tax_base=part.totals.tax_base,
        **(first if part.number == 1 else later),
        **tax_facts(tax),
    )
    for line in part.lines:
        line.invoice = invoice
    InvoiceLine.objects.bulk_create(part.lines)
    return invoice


def tax_facts(tax: pricing.TaxTerms | None) -> dict:
    """The invoice's columns of the rule in force on its date (T1)."""
    if tax is None:
        return {}
    return {
        "tax_name": tax.name,
        "tax_rate": tax.rate,
        "tax_base_numerator": tax.base_numerator,
        "tax_base_denominator": tax.base_denominator,
        "tax_code": tax.code,
    }


def _line(
    order: Order,
    service: Service,
    share: Share,
    promotion: pricing.PromotionTerms | None,
    sort: int,
) -> InvoiceLine:
    line = share.line
    return InvoiceLine(
        service=service,
        kind=line.kind,
        description=str(line.label)[:300],
        detail=_detail(service, line)[:300],
        period_start=line.period and line.period.first,
        period_end=line.period and line.period.last,
        currency=order.currency,
        quantity=share.quantity,
        unit_price=line.unit_price,
        amount=share.amount,
        discount=share.discount,
        taxable=line.taxable,
        pph23=line.pph23,
        promotion_id=promotion.id if promotion and share.discount else None,
        sort=sort,
    )


def _detail(service: Service, line: pricing.Line) -> str:
    """What was chosen, or the domain, and how much of a cycle the price is for."""
    chosen = str(line.detail) or (service.domain if line.kind == "product" else "")
    return ", ".join(part for part in (chosen, _part(line.period)) if part)


def _part(period: pricing.Period | None) -> str:
    if period is None or not period.is_part:
        return ""
    return _("prorata %(days)d dari %(whole)d hari") % {"days": period.days, "whole": period.whole_days}


@transaction.atomic
def issue(*, invoice: Invoice, actor: User | None, on: date | None = None) -> None:
    """Give a draft its number and date and copy buyer and seller onto it (I2, I3). Due ``Shop.invoice_due_days`` later (I7).

    ``on`` is a day of the company's time zone, today unless given. The number is taken as late as can be; raises
    ``transitions.InvalidTransition`` where the invoice is no draft, and then no number is used.
    """
    shop = Shop.current()
    on = on or timezone.localdate()
    facts = {
        "due_on": invoice.due_on or on + timedelta(days=shop.invoice_due_days),
        **facts_at_issue(invoice.customer, on),
    }
    number = numbering.take(invoice.series, on)
    transitions.move(
        invoice,
        Invoice.Status.UNPAID,
        actor=actor,
        number=number.text,
        slug=number.slug,
        period=number.period,
        sequence=number.sequence,
        **facts,
    )


def facts_at_issue(customer: Customer, on: date) -> dict:
    """What is copied onto an invoice when it is issued (I3)."""
    return {"issued_on": on, "buyer": buyer_of(customer), "seller": seller_of(Shop.current())}


@transaction.atomic
def cancel(*, invoice: Invoice, actor: User | None, note: str = "") -> None:
    """Cancel a draft or unpaid invoice; the pending order that it is for goes with it.

    Raises ``lifecycle.CannotCancel`` while money is allocated or a confirmation waits (I6), and
    ``transitions.InvalidTransition``.
    """
    order = instalments.order_of(invoice)
    if order and order.status == Order.Status.PENDING:
        lifecycle.cancel_order(order=order, actor=actor, note=note)
        invoice.refresh_from_db()
    else:
        lifecycle.void(invoice=invoice, actor=actor, note=note)


def buyer_of(customer: Customer) -> dict:
    return {
        "name": customer.name,
        "kind": customer.kind,
        "address_lines": customer.address_lines,
        "npwp": customer.npwp,
        "nik": customer.nik,
        "email": customer.billing_email,
        "phone": customer.phone,
    }


def seller_of(shop: Shop) -> dict:
    return {
        "name": shop.name,
        "legal_name": shop.legal_name,
        "address_lines": [line.strip() for line in shop.address.splitlines() if line.strip()],
        "npwp": shop.npwp,
        "email": shop.email,
        "phone": shop.phone,
    }
