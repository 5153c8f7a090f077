"""Asking for a change, and what becomes of it: paid it takes effect, unpaid it is cancelled (S6).

While a change waits to be paid its service is not renewed: the next period is invoiced at the new price, or at the old one
once the change came to nothing. Locks are taken in the order of all: invoices, customer, services, stock, number.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db import models, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import Customer, Shop, User
from billing import crediting, drafting, lifecycle, notices, payments, replacing, transitions
from billing.changes import applying, quotes, remaining, selections, stocks, words
from billing.changes.quotes import ChangeQuote, Charge
from billing.changes.selections import Family
from billing.models import Invoice, InvoiceLine, Order, PaymentConfirmation, Service, ServiceChange, ServiceTransfer
from catalog import kept_offers, offers
from catalog.selection import Selection


class CannotChange(Exception):
    """The service stays as it is; the words say why."""


class NothingChanges(CannotChange):
    def __init__(self) -> None:
        super().__init__(_("Belum ada yang diubah. Pilih dahulu paket atau opsi yang lain."))


class PriceChanged(CannotChange):
    """The price is no longer the one that was seen: show ``quote`` and ask again."""

    def __init__(self, quote: ChangeQuote) -> None:
        self.quote = quote
        super().__init__(_("Harga berubah sejak Anda melihatnya. Periksa totalnya, lalu simpan lagi."))


@dataclass(frozen=True)
class Seen:
    """What somebody agreed to: net, so that it is the same whichever tax is in force."""

    due: Decimal
    given_back: Decimal
    renewal: Decimal

    @classmethod
    def of(cls, quote: ChangeQuote) -> "Seen":
        return cls(quote.due, quote.given_back, quote.renewal.total)


def can_be_asked(service: Service) -> bool:
    """Whether it is a service of the kind that can change: a product's own, that runs and renews. No query."""
    return (
        service.status == Service.Status.ACTIVE
        and service.is_recurring
        and service.parent_id is None
        and service.kind == Service.Kind.PRODUCT
        and service.product_id is not None
        and service.ends_on is None
    )


def open_change(service: Service) -> ServiceChange | None:
    return ServiceChange.objects.open().filter(service=service).select_related("invoice").first()


def check(service: Service, today: date) -> None:
    """Raises ``CannotChange`` where the service cannot be changed now, with what stands in the way."""
    if not can_be_asked(service):
        raise CannotChange(_("Hanya layanan yang aktif dan diperpanjang yang dapat diubah."))
    if open_change(service):
        raise CannotChange(_("Masih ada perubahan yang menunggu pembayaran. Bayar atau batalkan dahulu."))
    if ServiceTransfer.objects.to_answer(timezone.now()).filter(service=service).exists():
        raise CannotChange(_("Layanan ini sedang ditawarkan kepada pelanggan lain. Tarik dahulu penawarannya."))
    if service.order.status != Order.Status.ACTIVE:
        raise CannotChange(_("Bayar dahulu tagihan pesanannya, lalu ubah layanannya."))
    _check_invoices(service, today)


def _check_invoices(service: Service, today: date) -> None:
    """A renewal that nobody began to pay makes way; anything else that is unpaid has to be paid first."""
    submitted = PaymentConfirmation.objects.filter(
        invoice=models.OuterRef("pk"), status=PaymentConfirmation.Status.SUBMITTED
    )
    for invoice in open_invoices(Family.of(service)).annotate(confirmed=models.Exists(submitted)):
        if invoice.confirmed or invoice.amount_paid:
            words = _("Tagihan %(invoice)s sedang dibayar. Ubah layanannya setelah tagihan itu lunas.")
            raise CannotChange(words % {"invoice": invoice})
        if invoice.kind != Invoice.Kind.RENEWAL or invoice.early or service.next_due <= today:
            raise CannotChange(_("Bayar dahulu tagihan %(invoice)s, lalu ubah layanannya.") % {"invoice": invoice})
    if service.next_due <= today:
        raise CannotChange(_("Periode layanan ini sudah habis. Tunggu tagihan perpanjangannya, lalu coba lagi."))


def open_invoices(family: Family) -> models.QuerySet[Invoice]:
    named = InvoiceLine.objects.filter(service__in=family.ids).values("invoice")
    return Invoice.objects.open().filter(pk__in=named).order_by("due_on", "pk")


@transaction.atomic
def request(
    *, service: Service, product_id: int, selection: Selection, key: uuid.UUID, seen: Seen | None, actor: User
) -> ServiceChange:
    """Change the service: at once where nothing is to pay, else as soon as the change's invoice is paid.

    The same ``key`` again returns the first change. Prices are computed anew; where they are not what was ``seen``
    (``None``: staff, who sees them afterwards) the buyer has to look again. Raises ``CannotChange``, ``stocks.SoldOut`` and
    ``catalog.pricing.ConfigurationError``; then nothing was changed, reserved or sent.
    """
    today = timezone.localdate()
    held = _hold(service, today)
    made = ServiceChange.objects.filter(key=key).first()
    if made:
        if made.service_id != service.pk:
            raise CannotChange(_("Halaman ini sudah tidak berlaku. Muat ulang, lalu coba lagi."))
        return made
    check(service, today)
    family = Family.of(service)
    renewals = list(open_invoices(family))
    if not {one.pk for one in renewals} <= {one.pk for one in held}:
        raise CannotChange(_("Tagihan baru untuk layanan ini baru saja terbit. Muat ulang halaman, lalu coba lagi."))
    quote = _quote(family, product_id, selection, today)
    if seen is not None and Seen.of(quote) != seen:
        raise PriceChanged(quote)
    change = _write(quote, key, actor)
    if quote.due:
        _make_way(family, renewals, actor, today)
        _invoice(change, quote, actor)
        notices.change_requested(change)
    else:
        applying.apply(change, family, actor)
        _make_way(family, renewals, actor, None)
        _give_back(change, quote, actor)
    return change


def _hold(service: Service, today: date) -> list[Invoice]:
    """Every row that the change may touch, in the order of all; returns the invoices."""
    family = Family.of(service)
    paid = [one.line.invoice for one in remaining.lines_left(family.ids, today)]
    invoices = payments.in_locking_order([*open_invoices(family), *paid])
    for invoice in invoices:
        transitions.hold(invoice)
    Customer.objects.filter(pk=service.customer_id).update(name=F("name"))
    _hold_services(family)
    return invoices


def _hold_services(family: Family) -> None:
    for one in (family.service, *family.addons):
        transitions.hold(one)


def _quote(family: Family, product_id: int, selection: Selection, today: date) -> ChangeQuote:
    """Raises ``CannotChange`` for a product that is no choice (any more), and ``ConfigurationError``."""
    service = family.service
    if product_id not in {offer.id for offer in selections.targets(service)}:
        raise CannotChange(_("Produk ini tidak dapat dipilih untuk layanan Anda. Pilih yang lain."))
    fresh = offers.load([product_id], service.currency).get(product_id)
    if fresh is None or fresh.retired:
        raise CannotChange(_("Produk ini tidak dijual lagi. Pilih yang lain."))
    quote = quotes.quote(family, selections.adapted(fresh), selection, today)
    if not words.of(quote):
        raise NothingChanges
    return quote


def _write(quote: ChangeQuote, key: uuid.UUID, actor: User) -> ServiceChange:
    """The row, with the stock that it reserves."""
    service = quote.service
    domain = selections.of_service(quote.family, quote.offer).domain
    kept = Selection(
        quote.selection.cycle, quote.selection.quantity, quote.selection.options, quote.selection.addons, domain
    )
    return ServiceChange.objects.create(
        service=service,
        product_id=quote.offer.id,
        selection=kept.to_json(),
        offered=kept_offers.to_json([quote.offer]),
        words=words.of(quote),
        currency=quote.currency,
        unused=quote.unused,
        charged=quote.charged,
        once=quote.once,
        recurring_net=quote.main.recurring_net,
        parts=[
            {"key": part.key, "what": part.what, "service": part.service and part.service.pk, "value": f"{value:f}"}
            for part, value in zip(quote.parts, quote.values, strict=True)
        ],
        stock_held=stocks.reserve(service, quote.offer, quote.selection),
        key=key,
        period_start=quote.today,
        period_end=service.next_due - timedelta(days=1),
        requested_by=actor,
    )


def _make_way(family: Family, renewals: Sequence[Invoice], actor: User, today: date | None) -> None:
    """Take the next periods off their unpaid renewals: they are invoiced anew, at the price of then.

    ``today`` keeps a run that has read the service already from renewing it before it knows of the change.
    """
    everything = [family.service, *family.addons]
    for invoice in renewals:
        try:
            replacing.take_out(invoice=invoice, services=everything, actor=actor)
        except (lifecycle.CannotCancel, transitions.InvalidTransition) as refusal:
            raise CannotChange(str(refusal)) from refusal
    _renewed_on(family, today)


def _renewed_on(family: Family, day: date | None) -> None:
    Service.objects.filter(pk__in=family.ids).update(renewed_on=day)


def _invoice(change: ServiceChange, quote: ChangeQuote, actor: User) -> None:
    service, shop = quote.service, Shop.current()
    with translation.override(service.customer.language):
        lines = [_line(change, quote, charge) for charge in quote.charges]
    change.invoice = drafting.invoice_of(
        customer=service.customer,
        kind=Invoice.Kind.CHANGE,
        lines=lines,
        today=quote.today,
        currency=quote.currency,
        actor=actor,
        payment_method=service.order.payment_method,
        due_on=min(quote.today + timedelta(days=shop.invoice_due_days), change.period_end),
    )
    change.save(update_fields=["invoice"])


def _line(change: ServiceChange, quote: ChangeQuote, charge: Charge) -> InvoiceLine:
    service, line = charge.part.service or quote.service, charge.line
    name = _("Perubahan: %(name)s") % {"name": charge.part.name} if charge.recurring else str(line.label)
    period = {"period_start": change.period_start, "period_end": change.period_end} if charge.recurring else {}
    return InvoiceLine(
        service=service,
        kind=remaining.LINE_KIND if charge.recurring else line.kind,
        description=name[:300],
        detail=quote.service.domain if charge.part is quote.main else "",
        currency=quote.currency,
        unit_price=charge.amount,
        amount=charge.amount,
        discount=charge.discount,
        taxable=line.taxable,
        pph23=line.pph23,
        **period,
    )


def _give_back(change: ServiceChange, quote: ChangeQuote, actor: User) -> None:
    """What got cheaper becomes credit, by credit notes on the invoices that were paid for it, the latest period first."""
    amounts: dict[Invoice, dict[int, Decimal]] = defaultdict(dict)
    rest = quote.given_back
    for left in remaining.lines_left(quote.family.ids, quote.today):
        if part := min(rest, left.at_most):
            amounts[left.line.invoice][left.line.pk] = part
            rest -= part
    for invoice in payments.in_locking_order(list(amounts)):
        crediting.credit(
            invoice=invoice,
            amounts=amounts[invoice],
            reason=applying.summary(change),
            cause=f"{remaining.CAUSE}{change.pk}:invoice:{invoice.pk}",
            actor=actor,
        )
    change.credited = quote.given_back - rest
    change.save(update_fields=["credited"])


def paid(invoice: Invoice, actor: User | None) -> None:
    """The change's invoice is paid: it takes effect."""
    change = ServiceChange.objects.filter(invoice=invoice).select_related("service__customer", "service__order").first()
    if change is None:
        return
    family = Family.of(change.service)
    _hold_services(family)
    if applying.apply(change, family, actor):
        _renewed_on(family, None)


def voided(invoice: Invoice, actor: User | None) -> None:
    """The change's invoice is cancelled: the service goes on as it was, and is renewed again."""
    change = ServiceChange.objects.filter(invoice=invoice).select_related("service").first()
    if change is None:
        return
    family = Family.of(change.service)
    _hold_services(family)
    if not ServiceChange.objects.open().filter(pk=change.pk).update(cancelled_at=timezone.now()):
        return
    stocks.release(change)
    _renewed_on(family, None)
    transitions.remark(change.service, "change_cancelled", actor=actor, note=applying.summary(change))


@transaction.atomic
def cancel(*, change: ServiceChange, actor: User | None, note: str = "") -> None:
    """Take back a change that is not paid, with its invoice. Raises ``CannotChange`` where that is under way or done."""
    try:
        if change.invoice is None:
            raise CannotChange(_("Perubahan ini sudah berlaku."))
        lifecycle.void(invoice=change.invoice, actor=actor, note=note)
    except lifecycle.CannotCancel as refusal:
        raise CannotChange(str(refusal)) from refusal
    except transitions.InvalidTransition:
        raise CannotChange(_("Perubahan ini sudah berlaku atau sudah dibatalkan.")) from None
