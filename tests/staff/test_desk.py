"""The verification desk (RULES K3 to K5), through HTTP as staff uses it."""

from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from billing import confirmations, together
from billing.admin.desk_forms import REASONS
from billing.models import Invoice, Payment, PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.staff.desk import waiting_confirmation

pytestmark = pytest.mark.django_db
Status = PaymentConfirmation.Status


def page_of(confirmation: PaymentConfirmation) -> str:
    return reverse("admin:billing_desk_confirmation", args=[confirmation.pk])


def accept(client: Client, confirmation: PaymentConfirmation, amount: str = "150.000"):
    return client.post(page_of(confirmation), {"decision": "approve", "amount": amount})


def refuse(client: Client, confirmation: PaymentConfirmation, **fields):
    return client.post(page_of(confirmation), {"decision": "reject", **fields})


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def sent_ago(confirmation: PaymentConfirmation, **span) -> PaymentConfirmation:
    PaymentConfirmation.objects.filter(pk=confirmation.pk).update(submitted_at=timezone.now() - timedelta(**span))
    confirmation.refresh_from_db()
    return confirmation


def test_k3_accepting_pays_the_invoice_and_leads_to_the_next_in_the_queue(at_desk, verifier):
    first, second = sent_ago(waiting_confirmation(), minutes=30), waiting_confirmation()
    response = accept(at_desk, first)
    assert response.url == page_of(second)
    first.refresh_from_db()
    assert (first.status, first.decided_by, first.invoice.status) == (Status.APPROVED, verifier, Invoice.Status.PAID)


def test_the_last_decision_leads_to_the_empty_desk(at_desk):
    response = accept(at_desk, waiting_confirmation())
    assert response.url == reverse("admin:billing_desk")
    assert "Semua konfirmasi pembayaran sudah diputuskan" in at_desk.get(response.url).content.decode()


def test_k3_a_corrected_amount_is_what_gets_recorded(at_desk):
    confirmation = waiting_confirmation()
    accept(at_desk, confirmation, "Rp 149.000")
    confirmation.refresh_from_db()
    assert (confirmation.payment.amount, confirmation.invoice.balance) == (149_000, 1_000)


@pytest.mark.parametrize("amount", ["", "0", "seratus ribu", "-5"])
def test_an_amount_that_is_none_is_refused_and_nothing_moves(at_desk, amount):
    confirmation = waiting_confirmation()
    response = accept(at_desk, confirmation, amount)
    assert response.status_code == 422
    assert "<title>Kesalahan:" in response.content.decode()
    confirmation.refresh_from_db()
    assert (confirmation.status, Payment.objects.count()) == (Status.SUBMITTED, 0)


def test_k4_a_preset_reason_reaches_the_customer_in_their_language(at_desk):
    customer = factories.customer(factories.user(), language="en")
    confirmation = waiting_confirmation(customer)
    refuse(at_desk, confirmation, preset="unreadable", detail="The date is cut off.")
    confirmation.refresh_from_db()
    assert confirmation.status == Status.REJECTED
    assert confirmation.reason.endswith("The date is cut off.")
    assert len(confirmation.reason) > len("The date is cut off.")
    assert len(shop.emails("confirmation_rejected")) == 2


def test_k4_a_reason_is_required(at_desk):
    confirmation = waiting_confirmation()
    response = refuse(at_desk, confirmation, detail="   ")
    assert response.status_code == 422
    confirmation.refresh_from_db()
    assert (confirmation.status, shop.emails("confirmation_rejected")) == (Status.SUBMITTED, [])


@pytest.mark.parametrize("preset", REASONS)
def test_each_preset_reason_is_enough(at_desk, preset):
    confirmation = waiting_confirmation()
    refuse(at_desk, confirmation, preset=preset)
    confirmation.refresh_from_db()
    assert confirmation.reason == str(REASONS[preset])


def test_k3_who_comes_second_is_told_who_was_first_and_when(at_desk):
    confirmation = waiting_confirmation()
    colleague = factories.staff("billing.verify_payment", name="Budi Cepat")
    confirmations.reject(confirmation=confirmation, reason="Tidak ditemukan.", actor=colleague)
    response = accept(at_desk, confirmation)
    assert response.url == page_of(confirmation)
    [words] = told(response)
    assert "Budi Cepat" in words
    assert f"{timezone.localtime(confirmation.decided_at):%d-%m-%Y %H.%M.%S}" in words
    assert Payment.objects.count() == 0
    assert "Budi Cepat" in at_desk.get(page_of(confirmation)).content.decode()


def test_k3_nobody_decides_on_their_own_confirmation(client):
    both = factories.staff("billing.verify_payment")
    confirmation = waiting_confirmation(factories.customer(both))
    client.force_login(both)
    page = client.get(page_of(confirmation)).content.decode()
    assert "orang lain yang harus memutuskannya" in page
    assert 'name="decision"' not in page
    accept(client, confirmation)
    confirmation.refresh_from_db()
    assert (confirmation.status, Payment.objects.count()) == (Status.SUBMITTED, 0)


def test_k5_the_same_proof_for_another_invoice_is_a_warning_and_no_block(at_desk):
    picture = shop.picture("red")
    first = waiting_confirmation(proofs=[picture])
    picture.seek(0)
    second = waiting_confirmation(proofs=[picture], total=90_000, sender_name="Lain", sender_number="")
    page = at_desk.get(page_of(second)).content.decode()
    assert f"Berkas yang sama sudah dikirim untuk {first.invoice}" in page
    assert 'data-key="a"' not in page
    accept(at_desk, second, "90000")
    second.refresh_from_db()
    assert second.status == Status.APPROVED


@pytest.mark.parametrize(
    ("claimed", "words"), [(150_000, "Pas"), (145_000, "Kurang Rp5.000"), (151_000, "Lebih Rp1.000")]
)
def test_the_difference_is_said_in_words(at_desk, claimed, words):
    confirmation = waiting_confirmation(amount=shop.rupiah(claimed))
    assert words in at_desk.get(page_of(confirmation)).content.decode()
    assert words in at_desk.get(reverse("admin:billing_desk")).content.decode()


def test_the_queue_begins_with_the_oldest(at_desk):
    young, old = waiting_confirmation(), sent_ago(waiting_confirmation(), hours=3)
    page = at_desk.get(reverse("admin:billing_desk")).content.decode()
    assert page.index(old.invoice.number) < page.index(young.invoice.number)


def test_previous_and_next_follow_the_queue(at_desk):
    first, second, third = (sent_ago(waiting_confirmation(), minutes=minutes) for minutes in (30, 20, 10))
    page = at_desk.get(page_of(second)).content.decode()
    assert f'data-key="p" href="{page_of(first)}"' in page
    assert f'data-key="n" href="{page_of(third)}"' in page
    assert "Nomor 2 dari 3 dalam antrean" in page


def test_bulk_accepts_what_fits_and_names_what_it_passes_over(at_desk):
    exact = waiting_confirmation()
    short = waiting_confirmation(amount=shop.rupiah(100_000), proofs=[shop.picture("red")])
    twin = waiting_confirmation(proofs=[shop.picture("blue")], sender_name="Kembar", sender_number="9")
    waiting_confirmation(proofs=[shop.picture("blue")], sender_name="Lain lagi", sender_number="8", total=70_000)
    decided = waiting_confirmation(proofs=[shop.picture("green")], sender_name="Sudah", sender_number="7")
    colleague = factories.staff("billing.verify_payment", name="Budi Cepat")
    confirmations.reject(confirmation=decided, reason="Tidak ditemukan.", actor=colleague)
    chosen = [exact, short, twin, decided]
    response = at_desk.post(
        reverse("admin:billing_paymentconfirmation_changelist"),
        {"action": "approve_exact", "_selected_action": [one.pk for one in chosen]},
    )
    assert [PaymentConfirmation.objects.get(pk=one.pk).status for one in chosen] == [
        Status.APPROVED,
        Status.SUBMITTED,
        Status.SUBMITTED,
        Status.REJECTED,
    ]
    words = told(response)
    assert "1 konfirmasi diterima." in words
    assert any(short.invoice.number in one and "Kurang Rp50.000" in one for one in words)
    assert any(twin.invoice.number in one and "peringatan" in one for one in words)
    assert any(decided.invoice.number in one and "Budi Cepat" in one for one in words)


def withholding_confirmation(amount: int = 1_090_000) -> PaymentConfirmation:
    """A company keeps 2 % of Rp1.000.000 back and transferred the rest of Rp1.110.000."""
    factories.ppn()
    customer = factories.customer(factories.user())
    product = factories.product(prices={"monthly": 1_000_000}, pph23=True)
    fields = {"withholds": True, "withholding_slips": [shop.picture("navy", name="bukti-potong.png")]}
    return shop.confirm(shop.place(customer, product).invoice, amount=shop.rupiah(amount), **fields)


def test_t6_the_desk_expects_the_rest_after_pph23_and_shows_the_slip(at_desk):
    confirmation = withholding_confirmation()
    html = at_desk.get(page_of(confirmation)).content.decode()
    assert "Sisa setelah PPh 23" in html
    assert "Rp20.000" in html
    assert "Bukti potong PPh 23: bukti-potong.png" in html
    assert "Pas" in html


def test_t6_accepting_settles_both_at_once(at_desk):
    confirmation = withholding_confirmation()
    at_desk.post(page_of(confirmation), {"decision": "approve", "amount": "1.090.000"})
    invoice = Invoice.objects.get(pk=confirmation.invoice_id)
    assert (invoice.status, invoice.amount_paid, invoice.amount_withheld) == ("paid", 1_110_000, 20_000)


def test_t6_bulk_leaves_slips_to_be_looked_at(at_desk):
    confirmation = withholding_confirmation()
    response = at_desk.post(
        reverse("admin:billing_paymentconfirmation_changelist"),
        {"action": "approve_exact", "_selected_action": [confirmation.pk]},
    )
    confirmation.refresh_from_db()
    assert confirmation.status == Status.SUBMITTED
    assert any("PPh 23" in one for one in told(response))


def test_bulk_is_not_offered_without_the_permission(client):
    client.force_login(factories.staff("billing.view_paymentconfirmation"))
    confirmation = waiting_confirmation()
    client.post(
        reverse("admin:billing_paymentconfirmation_changelist"),
        {"action": "approve_exact", "_selected_action": [confirmation.pk]},
    )
    confirmation.refresh_from_db()
    assert confirmation.status == Status.SUBMITTED


def test_a_picture_is_shown_where_nothing_can_run(at_desk):
    proof = waiting_confirmation().proofs.get()
    response = at_desk.get(reverse("admin:billing_desk_proof", args=[proof.pk]))
    assert b"".join(response.streaming_content) == proof.file.read()
    assert {name: response[name] for name in ("Content-Type", "X-Content-Type-Options", "Content-Security-Policy")} == {
        "Content-Type": "image/png",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    assert response["Content-Disposition"].startswith("inline")


def test_anything_but_a_picture_is_downloaded(at_desk):
    proof = waiting_confirmation().proofs.get()
    proof.content_type = "application/pdf"
    proof.save()
    response = at_desk.get(reverse("admin:billing_desk_proof", args=[proof.pk]))
    assert response["Content-Disposition"].startswith("attachment")
    assert response["Content-Type"] == "application/octet-stream"


def test_whoever_may_only_look_gets_the_record_and_no_buttons(client):
    client.force_login(factories.staff("billing.view_paymentconfirmation"))
    confirmation = waiting_confirmation()
    page = client.get(reverse("admin:billing_paymentconfirmation_change", args=[confirmation.pk]))
    assert page.status_code == 200
    assert accept(client, confirmation).status_code == 403
    confirmation.refresh_from_db()
    assert confirmation.status == Status.SUBMITTED


def transfer_for_two() -> list[PaymentConfirmation]:
    customer = factories.customer(factories.user())
    invoices = [shop.unpaid_invoice(customer), shop.unpaid_invoice(customer)]
    return together.submit(
        invoices=invoices,
        actor=customer.users.first(),
        bank_account=invoices[0].payment_method.bank_accounts.first(),
        sender_bank="BCA",
        sender_number="",
        sender_name="PT Contoh",
        transferred_on=timezone.localdate(),
        amount=shop.rupiah(300_000),
        note="",
        proofs=[shop.picture()],
    )


def test_c4_a_transfer_for_several_invoices_is_one_row_of_the_queue_and_one_decision(at_desk):
    first, second = transfer_for_two()
    desk = at_desk.get(reverse("admin:billing_desk"))
    [row] = desk.context["rows"]
    assert (row.confirmation, row.comparison.claimed, row.comparison.words) == (first, 300_000, "Pas")
    assert "2 tagihan, satu transfer" in desk.content.decode()
    assert at_desk.get(page_of(second)).url == page_of(first)
    html = at_desk.get(page_of(first)).content.decode()
    assert first.invoice.number in html
    assert second.invoice.number in html
    response = accept(at_desk, first, "300.000")
    assert told(response) == [f"Rp300.000 diterima untuk {first.invoice}, {second.invoice}."]
    assert [Invoice.objects.get(pk=one.invoice_id).status for one in (first, second)] == ["paid", "paid"]
    assert Payment.objects.get().amount == 300_000


def test_c4_bulk_leaves_a_transfer_for_several_invoices_to_be_looked_at(at_desk):
    group = transfer_for_two()
    response = at_desk.post(
        reverse("admin:billing_paymentconfirmation_changelist"),
        {"action": "approve_exact", "_selected_action": [one.pk for one in group]},
    )
    assert "satu transfer" in " ".join(told(response))
    assert not Payment.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_for_one_and_three(at_desk, django_assert_num_queries, count):
    for number in range(count):
        waiting_confirmation(sender_name=f"Pengirim {number}", sender_number=str(number))
    at_desk.get(reverse("admin:billing_desk"))
    with django_assert_num_queries(13):
        at_desk.get(reverse("admin:billing_desk"))
