"""Konfirmasi Pembayaran by its form: from the invoice page and from the menu."""

import errno
from datetime import timedelta

import pytest
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from accounts import limits
from accounts.roles import Role
from billing.models import PaymentConfirmation
from tests import factories
from tests.billing import shop
from tests.billing_pages.shop import confirmation_fields, pay


def send(client, invoice, **changes):
    return client.post(reverse("billing:invoice-confirm", args=[invoice.slug]), confirmation_fields(invoice, **changes))


def test_k1_what_was_typed_arrives_with_its_proof(signed_in, owner, invoice):
    response = send(signed_in, invoice, amount="Rp 150.000,00", note="Dari kas kecil")
    assert response.url == invoice.get_absolute_url()
    sent = PaymentConfirmation.objects.get()
    assert (sent.invoice, sent.submitted_by, sent.amount, sent.note) == (invoice, owner, 150_000, "Dari kas kecil")
    assert sent.proofs.get().name == "bukti.png"


def test_k1_up_to_three_proofs(signed_in, invoice):
    send(signed_in, invoice, proofs=[shop.picture(name=f"bukti-{number}.png") for number in range(3)])
    assert PaymentConfirmation.objects.get().proofs.count() == 3


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount": "12.50"}, "amount"),
        ({"amount": "0"}, "amount"),
        ({"amount": "banyak"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"amount": "9" * 20}, "amount"),
        ({"transferred_on": (timezone.localdate() + timedelta(days=2)).isoformat()}, "transferred_on"),
        ({"transferred_on": "kemarin"}, "transferred_on"),
        ({"sender_bank": ""}, "sender_bank"),
        ({"sender_name": "Baris\u2028dua"}, "sender_name"),
        ({"bank_account": "999999"}, "bank_account"),
        ({"proofs": []}, "proofs"),
        ({"proofs": [SimpleUploadedFile("bukti.png", b"<html>")]}, "proofs"),
        ({"proofs": [SimpleUploadedFile("bukti.exe", b"MZ")]}, "proofs"),
    ],
)
def test_k1_a_refused_form_names_the_field_keeps_what_was_typed_and_changes_nothing(signed_in, invoice, changes, field):
    response = send(signed_in, invoice, note="Catatan saya", **changes)
    html = response.content.decode()
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert "<title>Kesalahan:" in html
    assert f'href="#id_{field}"' in html
    assert "Catatan saya" in html
    assert not PaymentConfirmation.objects.exists()


def test_k1_four_proofs_are_too_many(signed_in, invoice):
    response = send(signed_in, invoice, proofs=[shop.picture() for _ in range(4)])
    assert response.status_code == 422
    assert not PaymentConfirmation.objects.exists()


def test_k1_an_account_that_staff_closed_is_not_offered(signed_in, invoice, account):
    account.active = False
    account.save()
    assert send(signed_in, invoice).status_code == 422


def test_k2_pressing_twice_sends_once_and_shows_the_same_page(signed_in, invoice):
    first, second = send(signed_in, invoice), send(signed_in, invoice)
    assert first.url == second.url
    assert PaymentConfirmation.objects.count() == 1


def test_a_paid_invoice_takes_no_confirmation(signed_in, invoice):
    fields = confirmation_fields(invoice)
    pay(invoice)
    response = signed_in.post(reverse("billing:invoice-confirm", args=[invoice.slug]), fields)
    assert response.status_code == 422
    assert PaymentConfirmation.objects.count() == 1


def test_k2_the_customer_takes_it_back_and_can_send_again(signed_in, invoice):
    send(signed_in, invoice)
    first = PaymentConfirmation.objects.get()
    signed_in.post(reverse("billing:withdraw", args=[first.pk]))
    first.refresh_from_db()
    assert first.status == PaymentConfirmation.Status.WITHDRAWN
    send(signed_in, invoice)
    assert PaymentConfirmation.objects.filter(status="submitted").count() == 1


def test_a_decided_confirmation_is_not_taken_back(signed_in, invoice):
    pay(invoice)
    decided = PaymentConfirmation.objects.get()
    html = signed_in.post(reverse("billing:withdraw", args=[decided.pk]), follow=True).content.decode()
    decided.refresh_from_db()
    assert decided.status == PaymentConfirmation.Status.APPROVED
    assert "sudah diputuskan" in html


@pytest.mark.parametrize(("role", "status"), [(Role.BILLING, 302), (Role.VIEWER, 403), (None, 404)])
def test_who_may_confirm(client, customer, invoice, role, status):
    person = factories.member(customer, role=role).user if role else factories.user()
    client.force_login(person)
    assert send(client, invoice).status_code == status
    assert PaymentConfirmation.objects.exists() == (status == 302)


def test_n5_the_menu_leads_straight_to_the_only_unpaid_invoice(signed_in, invoice):
    response = signed_in.get(reverse("billing:confirm"))
    assert response.url == f"{invoice.get_absolute_url()}#confirm"


def test_n5_the_menu_offers_the_unpaid_invoices(signed_in, customer, account):
    open_ones = [shop.unpaid_invoice(customer), shop.unpaid_invoice(customer)]
    paid = pay(shop.unpaid_invoice(customer))
    html = signed_in.get(reverse("billing:confirm")).content.decode()
    assert all(f"{one.get_absolute_url()}#confirm" in html for one in open_ones)
    assert paid.number not in html


def test_a_proof_is_a_download_that_runs_nowhere(signed_in, invoice):
    proof = shop.confirm(invoice).proofs.get()
    response = signed_in.get(reverse("billing:proof", args=[proof.pk]))
    assert response.headers["Content-Disposition"] == 'attachment; filename="bukti.png"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response.headers["Cache-Control"]
    assert b"".join(response).startswith(b"\x89PNG")


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 200), (Role.TECHNICAL, 403), (None, 404)])
def test_who_may_read_a_proof(client, customer, invoice, role, status):
    proof = shop.confirm(invoice).proofs.get()
    client.force_login(factories.member(customer, role=role).user if role else factories.user())
    assert client.get(reverse("billing:proof", args=[proof.pk])).status_code == status


def test_uploads_are_limited(signed_in, invoice, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "upload", limits.Limit(1, 600))
    send(signed_in, invoice, amount="")
    response = send(signed_in, invoice)
    assert response.status_code == 422
    assert "Terlalu banyak unggahan" in response.content.decode()
    assert not PaymentConfirmation.objects.exists()


@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "No space left on device"), RuntimeError("an error of the storage's own")]
)
def test_a_full_disk_is_told_kindly_and_keeps_what_was_typed(signed_in, invoice, monkeypatch, failure):
    def fail(*_arguments):
        raise failure

    monkeypatch.setattr(FileSystemStorage, "_save", fail)
    response = send(signed_in, invoice, note="Catatan saya")
    html = response.content.decode()
    assert response.status_code == 422
    assert "Berkas belum dapat disimpan karena gangguan di pihak kami" in html
    assert "Catatan saya" in html
    assert not PaymentConfirmation.objects.exists()
