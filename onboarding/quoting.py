"""Quotations (M5): what a lead would pay, promised until a day; signed and received they become order and invoice.

Priced by the same function as the shop. The PDF is rendered before the transaction that writes the rest.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.dates import long_date
from accounts.models import User
from billing import ordering, uploads
from billing.models import Order, PaymentMethod, TermsVersion
from billing.ordering import Choice, OrderRefused, PriceChanged
from catalog import kept_offers, offers, pricing
from catalog.models import Promotion
from catalog.offers import ProductOffer
from catalog.pricing import ConfigurationError
from catalog.promotions import PromotionRefused
from catalog.selection import Selection
from onboarding import access, documents, numbering, papers, progress, transitions
from onboarding.models import Case, Document, Quotation, Signature, StageKey
from onboarding.refusals import CannotOrder, CannotQuote, CaseStopped, NotAllowed, QuotationExpired

MAY_QUOTE = "onboarding.add_quotation"


@dataclass(frozen=True)
class Proposal:
    """What staff offers. ``items`` are products and how they are configured, as a cart keeps them."""

    items: Sequence[Choice]
    payment_method: PaymentMethod
    valid_until: date
    promotion_code: str = ""
    note: str = ""


@dataclass(frozen=True)
class Priced:
    """A proposal at today's prices, and the offers that these are of."""

    proposal: Proposal
    quote: pricing.Quote
    offers: Sequence[ProductOffer]


def price(*, case: Case, proposal: Proposal) -> Priced:
    """What the case's customer would pay today.

    Raises ``CannotQuote``, ``ConfigurationError`` (with the item's index) and ``PromotionRefused``.
    """
    # Signed on whatever day, it costs what it says: a whole cycle from that day on, and no part of one (S9).
    loaded = offers.load({product_id for product_id, _selection in proposal.items})
    found = {pk: replace(offer, proration_day=None, proration_cutoff=None) for pk, offer in loaded.items()}
    if case.product_id not in found:
        raise CannotQuote(_("Masukkan %(product)s ke dalam penawaran.") % {"product": case.name})
    if any(product_id not in found or found[product_id].retired for product_id, _selection in proposal.items):
        raise CannotQuote(_("Salah satu produk tidak dijual lagi. Hapus dari penawaran, lalu coba lagi."))
    items = [pricing.Item(found[product_id], selection) for product_id, selection in proposal.items]
    quote = ordering.quote(customer=case.customer, items=items, promotion_code=proposal.promotion_code)
    _check_days(proposal, quote)
    return Priced(proposal, quote, list(found.values()))


def _check_days(proposal: Proposal, quote: pricing.Quote) -> None:
    if proposal.valid_until < timezone.localdate():
        raise CannotQuote(_("Pilih tanggal berlaku hari ini atau sesudahnya."))
    ends_at = quote.promotion and Promotion.objects.get(pk=quote.promotion.id).ends_at
    if ends_at and timezone.localdate(ends_at) <= proposal.valid_until:
        raise CannotQuote(
            _("Kode promo ini berakhir pada %(date)s. Pilih tanggal berlaku sebelum itu.")
            % {"date": long_date(ends_at)}
        )


def preview(*, case: Case, proposal: Proposal, actor: User) -> bytes:
    """The PDF as it would be sent, without a number. Raises what ``price`` raises."""
    return _paper(case, price(case=case, proposal=proposal), "", 1, actor).render()


def make(*, case: Case, proposal: Proposal, actor: User, key: uuid.UUID) -> Quotation:
    """Send a case's customer a quotation to sign. The same ``key`` again returns the first one.

    Raises ``OnboardingRefused``, ``ConfigurationError``, ``PromotionRefused`` and ``uploads.CannotStore``; then there is
    no quotation and no file.
    """
    _require_may_quote(actor, case)
    made = _made_before(case, key)
    if made:
        return made
    priced = price(case=case, proposal=proposal)
    number = numbering.take(timezone.localdate().year)
    paper = _paper(case, priced, number, 1, actor)
    file = papers.as_file(paper.file_name, paper.render())
    try:
        with uploads.stored([file], documents.FOLDER) as [name], transaction.atomic():
            return _insert(case, priced, number, file, name, actor, key)
    except _Repeated as again:
        return again.quotation


class _Repeated(Exception):
    """The same form was sent before: what was stored for this one goes."""

    def __init__(self, quotation: Quotation) -> None:
        self.quotation = quotation


def _made_before(case: Case, key: uuid.UUID) -> Quotation | None:
    """Raises ``CannotQuote`` where the case has another quotation, or needs none."""
    found = Quotation.objects.filter(case=case.pk).select_related("document").first()
    if found and found.checkout_key == key:
        return found
    if found:
        raise CannotQuote(_("Onboarding ini sudah punya penawaran %(number)s. Buat versi barunya.") % {"number": found})
    if case.service_id:
        raise CannotQuote(_("Produk ini sudah dipesan, jadi tidak perlu penawaran."))
    if case.status == Case.Status.STOPPED:
        raise CaseStopped(case)
    return None


def _insert(case: Case, priced: Priced, number: str, file, name: str, actor: User, key: uuid.UUID) -> Quotation:
    transitions.hold(case)
    made = _made_before(case, key)
    if made:
        raise _Repeated(made)
    with translation.override(case.language):
        title = _("Penawaran %(number)s") % {"number": number}
    document = documents.insert(
        case=case,
        kind=Document.Kind.QUOTATION,
        title=title,
        file=file,
        name=name,
        actor=actor,
        needs_signature=True,
        stage=case.stages.filter(key=StageKey.QUOTATION).first(),
        # The turn ends with the promise, which is written next.
        settle=False,
    )
    quotation = Quotation.objects.create(
        case=case, document=document, number=number, checkout_key=key, **_columns(priced)
    )
    progress.settle(case)
    return quotation


def revise(*, quotation: Quotation, proposal: Proposal, actor: User, seen: int) -> Quotation:
    """Send a newer version in place of the one that was ``seen`` (its number): what was signed is asked for again.

    The same again returns the quotation as it is. Raises what ``make`` raises, and ``NewerVersion`` where somebody was
    faster.
    """
    case = quotation.case
    _require_may_quote(actor, case)
    _require_open(quotation)
    if _is_revised(quotation, proposal, actor, seen):
        return quotation
    priced = price(case=case, proposal=proposal)
    paper = _paper(case, priced, quotation.number, seen + 1, actor)
    file = papers.as_file(paper.file_name, paper.render())
    with uploads.stored([file], documents.FOLDER) as [name], transaction.atomic():
        documents.hold(quotation.document, seen=seen)
        quotation.refresh_from_db()
        _require_open(quotation)
        for column, value in _columns(priced).items():
            setattr(quotation, column, value)
        quotation.save()
        documents.insert_version(
            document=quotation.document, file=file, name=name, actor=actor, seen=seen, by_hand=False
        )
    return quotation


def _is_revised(quotation: Quotation, proposal: Proposal, actor: User, seen: int) -> bool:
    """Whether the version after the one that was seen says just this, and is the same person's."""
    version = documents.newest_version(quotation.document)
    return (
        (version.number, version.created_by_id) == (seen + 1, actor.pk)
        and choices(quotation) == list(proposal.items)
        and quotation.payment_method_id == proposal.payment_method.pk
        and quotation.promotion_code.casefold() == proposal.promotion_code.casefold()
        and (quotation.valid_until, quotation.note) == (proposal.valid_until, proposal.note)
    )


def _require_may_quote(actor: User, case: Case) -> None:
    access.require_work(actor, case)
    if not actor.has_perm(MAY_QUOTE):
        raise NotAllowed(_("Anda tidak berhak membuat penawaran."))


def _require_open(quotation: Quotation) -> None:
    if quotation.order_id:
        raise CannotQuote(_("%(number)s sudah menjadi pesanan.") % {"number": quotation})
    if quotation.document.status == Document.Status.WITHDRAWN:
        raise CannotQuote(_("%(number)s sudah ditarik.") % {"number": quotation})
    if quotation.case.status == Case.Status.STOPPED:
        raise CaseStopped(quotation.case)


def _paper(case: Case, priced: Priced, number: str, version: int, actor: User) -> papers.QuotationPaper:
    return papers.QuotationPaper(
        case=case,
        quote=priced.quote,
        number=number,
        version=version,
        made_on=timezone.localdate(),
        valid_until=priced.proposal.valid_until,
        payment_method=priced.proposal.payment_method,
        note=priced.proposal.note,
        pic=case.pic or actor,
    )


def _columns(priced: Priced) -> dict[str, Any]:
    proposal, quote = priced.proposal, priced.quote
    return {
        "items": [{"product": product_id, "selection": chosen.to_json()} for product_id, chosen in proposal.items],
        "offers": kept_offers.to_json(priced.offers),
        "lines": [_line(line) for line in quote.lines],
        "promotion_code": quote.promotion.code if quote.promotion else "",
        "payment_method": proposal.payment_method,
        "note": proposal.note,
        "valid_until": proposal.valid_until,
        "currency": quote.currency,
        "subtotal": quote.subtotal,
        "discount": quote.discount,
        "tax": quote.tax,
        "total": quote.total,
    }


def _line(line: pricing.Line) -> dict[str, Any]:
    return {
        "label_id": line.label.id,
        "label_en": line.label.en,
        "detail_id": line.detail.id,
        "detail_en": line.detail.en,
        "cycle": line.cycle,
        "quantity": line.quantity,
        "unit_price": str(line.unit_price),
        "amount": str(line.amount),
        "discount": str(line.discount),
    }


def choices(quotation: Quotation) -> list[Choice]:
    """Its items as they are ordered."""
    return [(item["product"], Selection.from_json(item["selection"])) for item in quotation.items]


# What the customer does with it


def require_valid(quotation: Quotation) -> None:
    """Raises ``QuotationExpired`` after its last day."""
    if quotation.is_expired:
        raise QuotationExpired(quotation)


def total_today(quotation: Quotation) -> Decimal:
    """What accepting it today would cost: its prices, with today's tax. Its own total where that cannot be told."""
    offered = kept_offers.from_json(quotation.offers)
    items = [pricing.Item(offered[product_id], selection) for product_id, selection in choices(quotation)]
    try:
        return ordering.quote(
            customer=quotation.case.customer, items=items, promotion_code=quotation.promotion_code
        ).total
    except (ConfigurationError, PromotionRefused):
        return quotation.total


def accept(*, quotation: Quotation, signature: Signature, expected_total: Decimal | None) -> Order:
    """Order what was signed, at its prices, for the person who signed; in the caller's transaction, which holds the case.

    ``expected_total`` is what that person saw, the quotation's own total unless given. Raises
    ``billing.ordering.PriceChanged`` where today's tax makes it another, and ``CannotOrder``.
    """
    case = quotation.case
    try:
        order = ordering.place_order(
            actor=signature.signer,
            customer=case.customer,
            items=choices(quotation),
            promotion_code=quotation.promotion_code,
            payment_method=quotation.payment_method,
            terms=terms_at(signature.signed_at),
            ip_address=signature.ip_address,
            checkout_key=quotation.checkout_key,
            language=case.language,
            expected_total=quotation.total if expected_total is None else expected_total,
            offered=kept_offers.from_json(quotation.offers),
        )
    except PriceChanged:
        raise
    except (OrderRefused, ConfigurationError, PromotionRefused) as refusal:
        raise CannotOrder(refusal) from refusal
    quotation.order, quotation.accepted_at = order, timezone.now()
    quotation.save(update_fields=["order", "accepted_at"])
    return order


def current_terms() -> TermsVersion | None:
    """What signing today agrees to besides."""
    return terms_at(timezone.now())


def terms_at(moment: datetime) -> TermsVersion | None:
    """The terms of service that somebody who signed then agreed to."""
    published = TermsVersion.objects.filter(slug="ketentuan-layanan", published_at__lte=moment)
    return published.order_by("-published_at", "-pk").first()
