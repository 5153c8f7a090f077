"""The invoice list and the invoice page, as members of a customer see them."""

from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.roles import Role
from billing import lifecycle, payments
from billing.models import Invoice
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import pay, reject

QUERIES_OF_LIST = 4
QUERIES_OF_PAGE = {"new": 6, "waiting": 6, "rejected": 7, "paid": 6}


def page(client, invoice) -> str:
    return client.get(invoice.get_absolute_url()).content.decode()


def test_n5_the_page_opens_with_how_to_pay_the_exact_amount(signed_in, invoice):
    html = page(signed_in, invoice)
    assert f"Tagihan {invoice.number}" in html
    assert "Belum Dibayar" in html
    assert "(3 hari lagi)" in html
    for text in ("Rp150.000", "123 456 7890", "PT Nusa Layanan Digital", "Kirim konfirmasi"):
        assert text in html


def test_a8_every_fact_of_the_transfer_is_copied_by_one_press_as_a_bank_takes_it(signed_in, invoice):
    html = page(signed_in, invoice)
    for copied in ("150000", "1234567890", invoice.number):
        assert f'data-copy="{copied}"' in html


def test_k7_the_page_states_the_promised_times_and_office_hours(signed_in, invoice):
    html = page(signed_in, invoice)
    assert "Kami periksa paling lama 2 jam kerja." in html
    assert "layanan aktif paling lama 1 jam kerja" in html
    assert "Senin–Jumat 08.00–17.00 WIB" in html


def test_t3_the_page_prints_the_tax_and_the_base_it_is_taken_from(signed_in, customer, account):
    factories.ppn()
    product = factories.product(prices={"monthly": 149_500})
    html = page(signed_in, shop.place(customer, product).invoice)
    for text in ("DPP nilai lain (11/12)", "Rp137.042", "PPN 12%", "Rp16.445", "Rp165.945"):
        assert text in html


def test_i3_seller_and_buyer_are_those_of_the_day_it_was_issued(signed_in, invoice, customer):
    name = customer.name
    customer.name = "PT Nama Baru"
    customer.save()
    html = page(signed_in, invoice)
    assert f"<b>{name}</b>" in html
    assert "<b>PT Nama Baru</b>" not in html


def test_k4_a_rejection_stands_over_the_form_again(signed_in, invoice):
    reject(invoice, "Jumlahnya <b>lain</b>")
    html = page(signed_in, invoice)
    assert "Jumlahnya &lt;b&gt;lain&lt;/b&gt;" in html
    assert "Kirim konfirmasi" in html


def test_k2_while_a_confirmation_waits_the_page_says_until_when_and_takes_no_second(signed_in, invoice):
    shop.confirm(invoice)
    html = page(signed_in, invoice)
    assert "Menunggu verifikasi" in html
    assert "Jawaban kami paling lambat" in html
    assert "Tarik konfirmasi" in html
    assert "Kirim konfirmasi" not in html


def test_c2_a_partial_payment_asks_for_the_rest_only(signed_in, invoice):
    pay(invoice, amount=100_000)
    html = page(signed_in, invoice)
    assert "Masih kurang Rp50.000" in html
    assert 'data-copy="50000"' in html


def test_n5_a_paid_invoice_shows_its_receipt_and_no_way_to_pay(signed_in, customer, account):
    invoice = pay(shop.unpaid_invoice(customer, activation="by_staff"))
    html = page(signed_in, invoice)
    assert "Lunas" in html
    assert "seratus lima puluh ribu rupiah" in html
    assert "Kami aktifkan paling lambat" in html
    assert "data-copy" not in html


def test_a_cancelled_invoice_asks_for_nothing(signed_in, invoice):
    lifecycle.cancel_order(order=invoice.order, actor=None)
    html = page(signed_in, invoice)
    assert "Tidak ada yang perlu Anda bayar" in html
    assert "Kirim konfirmasi" not in html


def test_the_page_speaks_english(client, invoice, owner):
    owner.language = "en"
    owner.save()
    client.force_login(owner)
    html = client.get(invoice.get_absolute_url(), headers={"accept-language": "en"}).content.decode()
    assert f"{invoice.due_on:%A}" in html


@pytest.mark.parametrize(
    ("role", "status", "may_confirm"),
    [(Role.OWNER, 200, True), (Role.BILLING, 200, True), (Role.VIEWER, 200, False), (Role.TECHNICAL, 403, False)],
)
def test_roles_decide_who_sees_and_who_confirms(client, customer, invoice, role, status, may_confirm):
    client.force_login(factories.member(customer, role=role).user)
    response = client.get(invoice.get_absolute_url())
    assert response.status_code == status
    assert ("Kirim konfirmasi" in response.content.decode()) == may_confirm


def test_strangers_find_nothing(client, invoice):
    stranger = factories.user()
    factories.customer(stranger)
    client.force_login(stranger)
    assert client.get(invoice.get_absolute_url()).status_code == 404
    assert invoice.number not in client.get(reverse("billing:invoices")).content.decode()


def test_drafts_are_nobodys_business_yet(owner, customer, account, invoice):
    Invoice.objects.create(customer=customer)
    assert list(Invoice.objects.visible_to(owner)) == [invoice]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_for_any_number_of_rows(signed_in, customer, account, rows, django_assert_num_queries):
    for _ in range(rows):
        shop.unpaid_invoice(customer)
    signed_in.get(reverse("billing:invoices"))
    with django_assert_num_queries(QUERIES_OF_LIST):
        signed_in.get(reverse("billing:invoices"))


@pytest.mark.parametrize("state", QUERIES_OF_PAGE)
def test_the_page_asks_only_for_what_its_state_shows(signed_in, invoice, state, django_assert_num_queries):
    {"new": lambda _: None, "waiting": shop.confirm, "rejected": reject, "paid": pay}[state](invoice)
    page(signed_in, invoice)
    with django_assert_num_queries(QUERIES_OF_PAGE[state]):
        page(signed_in, invoice)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("", {"open", "overdue", "waiting", "paid", "cancelled"}),
        ("open", {"open", "overdue", "waiting"}),
        ("overdue", {"overdue"}),
        ("waiting", {"waiting"}),
        ("paid", {"paid"}),
        ("cancelled", {"cancelled"}),
        ("nonsense", {"open", "overdue", "waiting", "paid", "cancelled"}),
    ],
)
def test_the_list_is_filtered_by_state(signed_in, customer, account, state, found):
    made = {name: shop.unpaid_invoice(customer) for name in ("open", "overdue", "waiting", "paid", "cancelled")}
    Invoice.objects.filter(pk=made["overdue"].pk).update(due_on=timezone.localdate() - timezone.timedelta(days=2))
    shop.confirm(made["waiting"])
    pay(made["paid"])
    lifecycle.cancel_order(order=made["cancelled"].order, actor=None)
    html = signed_in.get(reverse("billing:invoices"), {"state": state}).content.decode()
    assert {name for name, invoice in made.items() if f">{invoice.number}<" in html} == found


def test_the_list_is_searched_by_number(signed_in, customer, account):
    first, second = shop.unpaid_invoice(customer), shop.unpaid_invoice(customer)
    html = signed_in.get(reverse("billing:invoices"), {"number": first.number[-5:]}).content.decode()
    assert f">{first.number}<" in html
    assert f">{second.number}<" not in html


def test_an_empty_list_leads_on(signed_in):
    assert reverse("catalog:store") in signed_in.get(reverse("billing:invoices")).content.decode()


def test_another_active_method_can_be_chosen_and_is_written_down(signed_in, invoice):
    other = factories.bank_transfer(name_id="BI-FAST")
    signed_in.post(reverse("billing:invoice-method", args=[invoice.slug]), {"payment_method": other.pk})
    invoice.refresh_from_db()
    assert invoice.payment_method == other
    assert invoice.events.last().kind == "payment_method_changed"


def test_a_method_that_staff_switched_off_is_refused_and_nothing_moves(signed_in, invoice):
    off = factories.bank_transfer(active=False)
    before = invoice.payment_method
    response = signed_in.post(reverse("billing:invoice-method", args=[invoice.slug]), {"payment_method": off.pk})
    invoice.refresh_from_db()
    assert (response.status_code, invoice.payment_method) == (422, before)


def test_k2_the_method_stays_while_a_confirmation_waits(signed_in, invoice):
    before = invoice.payment_method
    shop.confirm(invoice)
    other = factories.bank_transfer()
    signed_in.post(reverse("billing:invoice-method", args=[invoice.slug]), {"payment_method": other.pk})
    invoice.refresh_from_db()
    assert invoice.payment_method == before


def test_the_page_is_loaded_again_only_when_something_is_new(signed_in, invoice):
    confirmation = shop.confirm(invoice)
    address = reverse("billing:invoice-state", args=[invoice.slug])
    seen = signed_in.get(invoice.get_absolute_url()).context["seen"]
    assert "HX-Refresh" not in signed_in.get(address, {"seen": seen}).headers
    confirmation.invoice.refresh_from_db()
    from billing import confirmations

    confirmations.withdraw(confirmation=confirmation, actor=None)
    assert signed_in.get(address, {"seen": seen}).headers["HX-Refresh"] == "true"


def give_credit(customer, amount: int) -> None:
    payments.record(
        customer=customer,
        amount=Decimal(amount),
        currency="IDR",
        source="staff",
        cause=f"credit:{amount}",
        method=None,
        received_on=timezone.localdate(),
        reference="",
        actor=None,
    )


@pytest.mark.parametrize(("credit", "status", "left"), [(200_000, "paid", 50_000), (40_000, "unpaid", 0)])
def test_c3_an_open_invoice_is_paid_from_credit_as_far_as_it_goes(signed_in, customer, invoice, credit, status, left):
    give_credit(customer, credit)
    assert "Bayar dari kredit" in page(signed_in, invoice)
    signed_in.post(reverse("billing:invoice-credit", args=[invoice.slug]))
    invoice.refresh_from_db()
    assert (invoice.status, payments.credit_balance(customer)) == (status, left)
    assert invoice.amount_paid == min(credit, 150_000)


def test_c3_without_credit_nothing_is_offered_and_a_forged_post_is_refused(signed_in, invoice):
    assert "Bayar dari kredit" not in page(signed_in, invoice)
    answer = signed_in.post(reverse("billing:invoice-credit", args=[invoice.slug]), follow=True).content.decode()
    assert "Tidak ada kredit yang dapat dipakai untuk tagihan ini." in answer


def test_k2_credit_is_not_spent_while_a_confirmation_waits(signed_in, customer, invoice):
    give_credit(customer, 200_000)
    shop.confirm(invoice)
    answer = signed_in.post(reverse("billing:invoice-credit", args=[invoice.slug]), follow=True).content.decode()
    assert "Konfirmasi pembayaran Anda sedang diperiksa." in answer
    assert payments.credit_balance(customer) == 200_000
