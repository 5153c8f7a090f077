"""Orders, invoices, payments and terms in the admin: documents do not change, buttons call the services."""

import re
import uuid
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.messages import get_messages
from django.urls import reverse

from accounts.models import OutboxEmail
from billing import payments
from billing.admin import wording
from billing.models import CreditEntry, Invoice, Order, Payment, Service, TermsVersion
from cart.models import Cart
from catalog.money import ZERO
from tests import factories
from tests.billing import shop
from tests.staff.desk import pay, service_to_activate, waiting_confirmation

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(db):
    return factories.customer(factories.user())


def press(client, thing, button: str, **fields):
    opts = thing._meta
    address = reverse(f"admin:{opts.app_label}_{opts.model_name}_press", args=[thing.pk, button])
    response = client.post(address, fields)
    thing.refresh_from_db()
    return response


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


@pytest.mark.parametrize("model", [Order, Invoice, Payment, CreditEntry, Service])
def test_documents_of_money_are_neither_added_nor_edited_nor_deleted(boss, model, customer):
    payment = pay(shop.unpaid_invoice(customer), 160_000)
    row = {Payment: payment, Invoice: payment.allocations.get().invoice}.get(model) or model.objects.get()
    before = model.objects.filter(pk=row.pk).values().get()
    name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
    assert boss.get(reverse(f"{name}_add")).status_code == 403
    assert boss.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403
    assert (
        boss.post(reverse(f"{name}_change", args=[row.pk]), {"status": "cancelled", "amount": "1"}).status_code == 403
    )
    assert model.objects.filter(pk=row.pk).values().get() == before


def test_o1_cancelling_an_order_cancels_its_invoice_and_services(boss, customer, superuser):
    order = shop.unpaid_invoice(customer).order
    press(boss, order, "cancel", note="Diminta lewat telepon")
    assert (order.status, order.invoice.status, order.services.get().status) == ("cancelled",) * 3
    assert order.events.get(to_status="cancelled").actor == superuser


def test_a_button_needs_its_reason(boss, customer):
    order = shop.unpaid_invoice(customer).order
    assert press(boss, order, "cancel").status_code == 422
    assert order.status == Order.Status.PENDING


def test_i6_an_order_with_a_waiting_confirmation_is_not_cancelled_and_staff_reads_why(boss, customer):
    order = waiting_confirmation(customer).invoice.order
    [words] = told(press(boss, order, "cancel", note="Coba"))
    assert "menunggu verifikasi" in words
    assert order.status == Order.Status.PENDING


def test_looking_at_a_buttons_page_does_nothing(boss, customer):
    order = shop.unpaid_invoice(customer).order
    boss.get(reverse("admin:billing_order_press", args=[order.pk, "cancel"]))
    order.refresh_from_db()
    assert order.status == Order.Status.PENDING


def test_a_button_that_no_longer_applies_says_so(boss, customer):
    order = shop.unpaid_invoice(customer).order
    press(boss, order, "cancel", note="Sekali")
    [words] = [one for one in told(press(boss, order, "cancel", note="Lagi")) if "tidak berlaku" in one]
    assert order.events.filter(to_status="cancelled").count() == 1
    assert words


def test_c1_a_payment_recorded_by_hand_pays_once_however_often_the_form_is_sent(boss, customer, superuser):
    invoice = shop.unpaid_invoice(customer)
    form = {
        "amount": "150.000",
        "received_on": "2026-11-20",
        "reference": "mutasi 7",
        "once": str(uuid.uuid4()),
    }
    press(boss, invoice, "payment", **form)
    press(boss, invoice, "payment", **form)
    payment = Payment.objects.get()
    assert (payment.amount, payment.recorded_by, invoice.status) == (150_000, superuser, Invoice.Status.PAID)


def test_c1_money_from_tomorrow_is_refused(boss, customer):
    invoice = shop.unpaid_invoice(customer)
    form = {
        "amount": "150.000",
        "received_on": "2999-01-01",
        "reference": "x",
        "once": str(uuid.uuid4()),
    }
    assert press(boss, invoice, "payment", **form).status_code == 422
    assert (invoice.status, Payment.objects.count()) == (Invoice.Status.UNPAID, 0)


def test_c2_a_small_rest_is_closed_and_a_large_one_has_no_button(boss, customer):
    small, large = shop.unpaid_invoice(customer), shop.unpaid_invoice(customer)
    pay(small, 149_500)
    pay(large, 100_000)
    press(boss, small, "close-difference")
    press(boss, large, "close-difference")
    small.refresh_from_db()
    large.refresh_from_db()
    assert (small.status, large.status) == (Invoice.Status.PAID, Invoice.Status.UNPAID)


def test_t6_a_slip_that_comes_later_is_recorded_once_however_often_the_form_is_sent(boss, customer):
    product = factories.product(prices={"monthly": 1_000_000}, pph23=True, taxable=False)
    invoice, other = shop.place(customer, product).invoice, shop.unpaid_invoice(customer)
    pay(invoice, 980_000)
    fields = {"reference": "BP-2026-0001", "once": str(uuid.uuid4())}
    press(boss, invoice, "withheld", **fields)
    press(boss, invoice, "withheld", **fields)
    press(boss, other, "withheld", **fields)
    invoice.refresh_from_db()
    other.refresh_from_db()
    assert (invoice.status, invoice.amount_withheld) == (Invoice.Status.PAID, 20_000)
    assert (other.status, other.amount_paid) == (Invoice.Status.UNPAID, 0)
    assert Payment.objects.filter(source=Payment.Source.WITHHOLDING).count() == 1


def test_c5_a_reversal_wants_a_reason_and_a_yes_and_opens_the_invoice_again(boss, customer):
    invoice = shop.unpaid_invoice(customer)
    payment = pay(invoice)
    assert press(boss, payment, "reverse", reason="Salah catat").status_code == 422
    assert not hasattr(payment, "reversal")
    press(boss, payment, "reverse", reason="Salah catat", sure="on")
    invoice.refresh_from_db()
    assert (invoice.status, invoice.balance) == (Invoice.Status.UNPAID, invoice.total)
    assert payments.credit_balance(customer) == ZERO


def test_the_invoice_is_emailed_again_to_the_same_addresses(boss, customer):
    invoice = shop.unpaid_invoice(customer)
    OutboxEmail.objects.update(status="sent", sent_at=invoice.created_at)
    press(boss, invoice, "resend")
    copies = OutboxEmail.objects.filter(template="billing/order_received", status="queued")
    assert sorted(copies.values_list("to", flat=True)) == sorted(
        OutboxEmail.objects.filter(template="billing/order_received", status="sent").values_list("to", flat=True)
    )


# Making a PDF takes its time, and a request is no transaction: PostgreSQL would end one that idles so long.
@pytest.mark.django_db(transaction=True)
def test_the_invoices_pdf_is_downloaded(boss, customer):
    invoice = shop.unpaid_invoice(customer)
    response = boss.get(reverse("admin:billing_invoice_pdf", args=[invoice.pk]))
    assert response["Content-Disposition"] == f'attachment; filename="{invoice.slug}.pdf"'
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response.content.startswith(b"%PDF-")


def test_s1_cancelling_a_service_by_staff(boss):
    service = service_to_activate()
    press(boss, service, "cancel", note="Tidak jadi")
    assert (service.status, service.activation_due_since) == (Service.Status.CANCELLED, None)


def test_a_published_text_is_not_edited_and_the_next_version_begins_as_its_copy(boss):
    terms = factories.terms(body_id="Isi lama.")
    page = reverse("admin:billing_termsversion_change", args=[terms.pk])
    assert boss.post(page, {"body_id": "Isi baru."}).status_code == 403
    press(boss, terms, "copy")
    made = TermsVersion.objects.exclude(pk=terms.pk).get()
    assert (terms.body_id, made.body_id, made.published_at) == ("Isi lama.", "Isi lama.", None)
    assert boss.get(reverse("admin:billing_termsversion_change", args=[made.pk])).status_code == 200
    assert TermsVersion.current() == terms


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_invoices_costs_the_same_for_one_and_three(boss, customer, django_assert_num_queries, count):
    for _number in range(count):
        shop.unpaid_invoice(customer)
    boss.get(reverse("admin:billing_invoice_changelist"))
    with django_assert_num_queries(8):
        boss.get(reverse("admin:billing_invoice_changelist"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_orders_costs_the_same_for_one_and_three(boss, customer, django_assert_num_queries, count):
    for _number in range(count):
        shop.unpaid_invoice(customer)
    boss.get(reverse("admin:billing_order_changelist"))
    with django_assert_num_queries(8):
        boss.get(reverse("admin:billing_order_changelist"))


def test_a_cart_shows_what_is_in_it_but_not_how_it_was_configured(boss, customer):
    product = factories.product(name_id="Cloud Bisnis")
    cart = Cart.objects.create(user=customer.users.get())
    cart.items.create(product=product, selection={"cycle": "monthly", "domain": {"epp_code": "RAHASIA"}})
    page = boss.get(reverse("admin:cart_cart_change", args=[cart.pk])).content.decode()
    assert "Cloud Bisnis" in page
    assert "RAHASIA" not in page


def test_every_kind_of_event_that_changes_no_state_has_words():
    sources = [path.read_text() for path in (Path(settings.BASE_DIR) / "billing").rglob("*.py")]
    kinds = {kind for source in sources for kind in re.findall(r'remark\(\w+, "(\w+)"', source)}
    assert kinds
    assert kinds - set(wording.KINDS) == set()
