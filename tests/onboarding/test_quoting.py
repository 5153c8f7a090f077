"""Quotations: priced as the shop prices, promised until a day, ordered at that price when they are signed (M5, P1, O2)."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone

from billing.models import Invoice, Order
from billing.ordering import PriceChanged
from catalog.pricing import ConfigurationError
from catalog.promotions import PromotionRefused
from catalog.selection import DomainSelection, Selection
from onboarding import documents, quoting, signing
from onboarding.models import Case, Document, Quotation, QuotationCounter, Signature
from onboarding.refusals import (
    CannotOrder,
    CannotQuote,
    CaseStopped,
    MadeByTheShop,
    NewerVersion,
    NotAllowed,
    QuotationExpired,
)
from tests import factories
from tests.onboarding import journey
from tests.onboarding.signed import fresh, kinds, newer, quote, revise, send_signed, sign, stored, words_of

pytestmark = pytest.mark.django_db

MONTHLY = Selection(cycle="monthly")


@pytest.fixture
def product():
    """200.000 a month and 12.500 for each user."""
    made = journey.product_with_roles(prices={"monthly": (200_000, 50_000)})
    factories.quantity_option(made, prices={"monthly": 12_500}, required=False)
    return made


@pytest.fixture
def lead(customer, owner, product, sales):
    """Nothing was ordered yet; the customer's owner signs."""
    journey.give(customer, owner, product, "owner")
    case = journey.case_at("quotation", customer, product)
    journey.assign(case, sales)
    return case


@pytest.fixture
def sales():
    return factories.staff("onboarding.work_on_case", "onboarding.add_quotation", name="Rani Wijaya")


def nothing_was_made() -> bool:
    return (Quotation.objects.count(), Document.objects.count(), stored()) == (0, 0, 0)


@time_machine.travel("2026-11-21T03:00:00Z", tick=False)
def test_m5_a_quotation_is_priced_printed_numbered_and_sent(lead, sales):
    factories.ppn()
    quotation = quote(
        lead, sales, items=[(lead.product_id, Selection(cycle="monthly", options={"users": 10}))], note="Sesuai rapat."
    )

    assert quotation.number == "QT-2026-0001"
    assert (quotation.subtotal, quotation.tax, quotation.total) == (375_000, 41_250, 416_250)
    document = quotation.document
    assert (document.kind, document.status, document.stage.key) == ("quotation", "sent", "quotation")
    assert document.title == "Penawaran QT-2026-0001"
    assert kinds(lead) == ["document"]
    version = document.versions.get()
    assert version.name == "Penawaran-QT-2026-0001.pdf"
    words = words_of(version)
    for expected in (
        "QT-2026-0001", lead.customer.name, "Jurnal Plus", "10 akun", "Rp375.000", "DPP nilai lain (11/12)", "Rp416.250",
        "Berlaku sampai 5 Desember 2026", "Rani Wijaya", "Sesuai rapat.", "Rp360.750 per bulan sesudah periode pertama",
        "Tanda tangan",
    ):  # fmt: skip
        assert expected in words


def test_it_costs_what_the_shop_charges(lead, sales):
    """P1: the same function; the order that follows has the very same total."""
    factories.ppn()
    factories.promotion(code="HEMAT")
    quotation = quote(lead, sales, promotion_code="hemat")
    sign(quotation.document, lead.customer.users.get())
    assert fresh(quotation).order.invoice.total == quotation.total
    assert quotation.promotion_code == "HEMAT"


@time_machine.travel("2027-01-25T03:00:00Z", tick=False)
def test_s9_a_quotation_promises_whole_cycles_whatever_day_it_is_signed_on(lead, sales, product):
    type(product).objects.filter(pk=product.pk).update(proration_day=1, proration_cutoff=20)
    quotation = quote(lead, sales)
    sign(quotation.document, lead.customer.users.get())
    assert (quotation.total, fresh(quotation).order.invoice.total) == (250_000, 250_000)


@time_machine.travel("2026-11-21T03:00:00Z", tick=False)
def test_the_paper_is_in_the_language_of_the_case(lead, sales):
    lead.language = "en"
    lead.save()
    assert "5 December 2026" in words_of(quote(lead, sales).document.versions.get())


def test_numbers_count_up_by_year(lead, sales, customer, product):
    QuotationCounter.objects.create(year=timezone.localdate().year, value=141)
    assert quote(lead, sales).number.endswith("-0142")
    other = journey.case_at("quotation", factories.customer(), product)
    journey.assign(other, sales)
    assert quote(other, sales).number.endswith("-0143")


def test_the_same_form_again_is_the_first_quotation(lead, sales):
    key = uuid.uuid4()
    first = quote(lead, sales, key=key)
    assert quote(lead, sales, key=key) == first
    assert (Document.objects.count(), stored()) == (1, 1)


def test_a_case_has_one_quotation(lead, sales):
    quote(lead, sales)
    with pytest.raises(CannotQuote, match="versi"):
        quote(lead, sales)
    assert (Document.objects.count(), stored()) == (1, 1)


@pytest.mark.parametrize("permissions", [["onboarding.work_on_case"], ["onboarding.add_quotation"]])
def test_only_who_may_quote_and_works_on_the_case_does(lead, permissions):
    with pytest.raises(NotAllowed):
        quote(lead, factories.staff(*permissions))
    person = factories.staff("onboarding.work_on_case")
    journey.assign(lead, person, key="training")
    with pytest.raises(NotAllowed):
        quote(lead, person)
    assert nothing_was_made()


def test_what_cannot_be_quoted_makes_nothing(lead, sales):
    other = factories.product()
    today = timezone.localdate()
    ends = factories.promotion(code="SEBENTAR", ends_at=timezone.now() + timedelta(days=3))
    for refused, wrong in [
        (CannotQuote, {"items": [(other.pk, MONTHLY)]}),
        (CannotQuote, {"items": []}),
        (CannotQuote, {"valid_until": today - timedelta(days=1)}),
        (CannotQuote, {"promotion_code": ends.code}),
        (PromotionRefused, {"promotion_code": "TIDAKADA"}),
        (ConfigurationError, {"items": [(lead.product_id, Selection(cycle="annually"))]}),
    ]:
        with pytest.raises(refused):
            quote(lead, sales, **wrong)
    assert nothing_was_made()
    assert not QuotationCounter.objects.exists()


def test_a_stopped_case_gets_no_quotation(lead, sales):
    Case.objects.filter(pk=lead.pk).update(status="stopped", stopped_at=journey.START)
    with pytest.raises(CaseStopped):
        quote(lead, sales)
    assert nothing_was_made()


def test_a_preview_makes_nothing(lead, sales):
    proposal = quoting.Proposal([(lead.product_id, MONTHLY)], factories.bank_transfer(), timezone.localdate())
    assert quoting.preview(case=lead, proposal=proposal, actor=sales).startswith(b"%PDF")
    assert nothing_was_made()


# Accepting it


def test_a_signed_quotation_becomes_order_and_invoice(lead, owner, sales):
    terms = factories.terms()
    quotation = quote(lead, sales)

    sign(quotation.document, owner, ip_address="203.0.113.9")

    quotation.refresh_from_db()
    order = quotation.order
    assert order.checkout_key == quotation.checkout_key
    assert (order.customer, order.placed_by, order.ip_address) == (lead.customer, owner, "203.0.113.9")
    assert (order.terms, order.payment_method) == (terms, quotation.payment_method)
    assert (order.invoice.status, order.invoice.total) == ("unpaid", 250_000)
    assert quotation.accepted_at is not None
    assert fresh(quotation.document).status == "received"


def test_an_uploaded_signature_orders_when_staff_receives_it(lead, owner, sales):
    terms = factories.terms()
    quotation = quote(lead, sales)
    send_signed(quotation.document, owner)
    assert not Order.objects.exists()
    # What was published since is not what was agreed to.
    factories.terms(published_at=timezone.now() + timedelta(days=1))

    signing.receive(document=fresh(quotation.document), actor=sales)

    order = fresh(quotation).order
    assert (order.placed_by, order.terms, order.ip_address) == (owner, terms, "192.0.2.7")


def test_the_promised_price_holds_whatever_the_catalog_says(lead, owner, sales, product):
    quotation = quote(lead, sales, items=[(product.pk, Selection(cycle="monthly", options={"users": 2}))])
    product.prices.update(amount=900_000, setup_fee=0)
    product.option_groups.get().options.get().prices.update(amount=99_000)
    product.retired = True
    product.save()

    sign(quotation.document, owner)

    assert fresh(quotation).order.invoice.total == quotation.total == 275_000


def test_after_its_last_day_it_is_not_signed(lead, owner, sales):
    quotation = quote(lead, sales)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        for act in (sign, send_signed):
            with pytest.raises(QuotationExpired):
                act(quotation.document, owner)
    assert not Order.objects.exists()
    assert (fresh(quotation.document).status, stored("signatures")) == ("sent", 0)


def test_on_its_last_day_it_is_signed_and_received_later(lead, owner, sales):
    quotation = quote(lead, sales, valid_until=timezone.localdate())
    send_signed(quotation.document, owner)
    with time_machine.travel(timezone.now() + timedelta(days=3)):
        signing.receive(document=fresh(quotation.document), actor=sales)
    assert fresh(quotation).order.invoice.total == 250_000


def test_another_tax_is_confirmed_first(lead, owner, sales):
    quotation = quote(lead, sales)
    factories.ppn()

    with pytest.raises(PriceChanged) as changed:
        sign(quotation.document, owner)
    assert not Order.objects.exists()
    assert (fresh(quotation.document).status, Signature.objects.count()) == ("sent", 0)
    assert quoting.total_today(quotation) == changed.value.quote.total == 277_500

    sign(quotation.document, owner, expected_total=Decimal(277_500))
    assert fresh(quotation).order.invoice.total == 277_500


def test_staff_does_not_accept_another_total_for_the_customer(lead, owner, sales):
    quotation = quote(lead, sales)
    send_signed(quotation.document, owner)
    factories.ppn()
    with pytest.raises(PriceChanged):
        signing.receive(document=fresh(quotation.document), actor=sales)
    assert (fresh(quotation.document).status, Order.objects.count()) == ("signed", 0)


def test_what_cannot_be_ordered_any_more_is_not_signed(lead, owner, sales, product):
    product.stock = 1
    product.save()
    quotation = quote(lead, sales)
    product.stock_taken = 1
    product.save()
    with pytest.raises(CannotOrder, match="habis"):
        sign(quotation.document, owner)
    assert (fresh(quotation.document).status, Signature.objects.count(), Order.objects.count()) == ("sent", 0, 0)


def test_a_method_that_was_switched_off_asks_for_another_quotation(lead, owner, sales):
    quotation = quote(lead, sales)
    quotation.payment_method.active = False
    quotation.payment_method.save()
    with pytest.raises(CannotOrder):
        sign(quotation.document, owner)
    assert not Order.objects.exists()


def test_o2_signing_again_orders_nothing_more(lead, owner, sales):
    quotation = quote(lead, sales)
    sign(quotation.document, owner)
    sign(quotation.document, owner)
    assert (Order.objects.count(), Invoice.objects.count()) == (1, 1)


def test_codes_of_domains_are_kept_encrypted(lead, owner, sales, product):
    from catalog.models import DomainExtension

    DomainExtension.objects.create(extension=".id", register_price=1, transfer_price=250_000, renew_price=250_000)
    product.domain_transfer = True
    product.save()
    domain = DomainSelection("transfer", "contoh.id", "KODE-RAHASIA")
    quotation = quote(lead, sales, items=[(product.pk, Selection(cycle="monthly", domain=domain))])
    assert "KODE-RAHASIA" not in str(Quotation.objects.values().get())
    sign(quotation.document, owner)
    assert fresh(quotation).order.services.get(kind="domain").epp_code == "KODE-RAHASIA"


# Newer versions


def test_a_newer_version_has_its_own_prices_and_clears_the_signature(lead, owner, sales, product):
    quotation = quote(lead, sales)
    send_signed(quotation.document, owner)
    product.prices.update(amount=180_000)

    revise(quotation, sales, note="Harga khusus.")

    quotation.refresh_from_db()
    assert (quotation.total, quotation.note) == (230_000, "Harga khusus.")
    assert (quotation.document.status, quotation.document.versions.count()) == ("sent", 2)
    newest = documents.newest_version(quotation.document)
    assert newest.name == f"Penawaran-{quotation.number}-v2.pdf"
    assert "Versi 2" in words_of(newest)
    sign(quotation.document, owner)
    assert fresh(quotation).order.invoice.total == 230_000


def test_an_expired_one_is_renewed_by_a_newer_version(lead, owner, sales):
    quotation = quote(lead, sales)
    with time_machine.travel(timezone.now() + timedelta(days=15)):
        revise(quotation, sales, valid_until=timezone.localdate() + timedelta(days=7))
        sign(quotation.document, owner)
    assert fresh(quotation).order is not None


def test_a_version_that_was_not_seen_is_not_replaced(lead, sales):
    quotation = quote(lead, sales)
    revise(quotation, sales, note="Pertama")
    with pytest.raises(NewerVersion):
        revise(quotation, sales, note="Kedua", seen=1)
    assert (fresh(quotation).note, quotation.document.versions.count(), stored()) == ("Pertama", 2, 2)


def test_what_was_ordered_is_not_quoted_anew(lead, owner, sales):
    quotation = quote(lead, sales)
    sign(quotation.document, owner)
    with pytest.raises(CannotQuote):
        revise(quotation, sales)
    assert quotation.document.versions.count() == 1


def test_a_quotation_is_neither_withdrawn_nor_written_over_by_an_upload(lead, sales):
    """Its file and its prices are one."""
    quotation = quote(lead, sales)
    with pytest.raises(MadeByTheShop):
        newer(quotation.document, sales)
    with pytest.raises(MadeByTheShop):
        documents.withdraw(document=fresh(quotation.document), actor=sales)
    assert (fresh(quotation.document).status, quotation.document.versions.count(), stored()) == ("sent", 1, 1)
