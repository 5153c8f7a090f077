"""The staff's pages in a real browser: the strict policy holds on all of them, and the desk is worked from the keyboard."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import User
from billing.models import PaymentConfirmation, StatementLine
from tests import factories
from tests.acceptance.conftest import SCREENS
from tests.acceptance.visitor import Visitor
from tests.billing import shop
from tests.staff.desk import service_to_activate, superuser, waiting_confirmation

pytestmark = pytest.mark.django_db(transaction=True)

Status = PaymentConfirmation.Status


@pytest.fixture
def at_work(chromium, live_server, screen, monkeypatch):
    """A browser in which a member of staff is signed in."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    context = chromium.new_context(
        viewport=SCREENS[screen], locale="id-ID", base_url=live_server.url, reduced_motion="reduce"
    )
    context.set_default_timeout(30_000)

    def sign_in(person: User) -> Visitor:
        client = Client()
        client.force_login(person)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        return Visitor(context, base_url=live_server.url, language="id")

    yield sign_in
    context.close()


def page_of(confirmation: PaymentConfirmation) -> str:
    return reverse("admin:billing_desk_confirmation", args=[confirmation.pk])


def test_the_shops_own_staff_pages_have_no_finding(at_work):
    confirmation, service = waiting_confirmation(), service_to_activate()
    visitor = at_work(superuser())
    for address in [
        reverse("admin:index"),
        reverse("admin:billing_desk"),
        page_of(confirmation),
        reverse("admin:billing_activations"),
        reverse("admin:billing_activate", args=[service.pk]),
        reverse("admin:billing_invoice_press", args=[confirmation.invoice_id, "cancel"]),
        reverse("admin:accounts_outboxemail_previews"),
        reverse("admin:health"),
    ]:
        visitor.visit(address)


def test_the_policy_holds_on_every_kind_of_admin_page(at_work):
    """Without axe, which brings styles of its own."""
    confirmation = waiting_confirmation()
    person = superuser()
    visitor = at_work(person)
    for address in [
        reverse("admin:billing_invoice_changelist"),
        reverse("admin:billing_invoice_change", args=[confirmation.invoice_id]),
        reverse("admin:billing_paymentconfirmation_changelist"),
        reverse("admin:billing_order_change", args=[confirmation.invoice.order_id]),
        reverse("admin:billing_paymentmethod_changelist"),
        reverse("admin:billing_termsversion_add"),
        reverse("admin:catalog_product_changelist"),
        reverse("admin:catalog_product_add"),
        reverse("admin:accounts_user_change", args=[person.pk]),
        reverse("admin:accounts_customer_change", args=[confirmation.invoice.customer_id]),
        reverse("admin:accounts_shop_change", args=[1]),
        reverse("admin:accounts_outboxemail_changelist"),
        reverse("admin:accounts_outboxemail_preview", args=["billing/confirmation_received", "id"]),
        reverse("admin:auth_group_changelist"),
    ]:
        visitor.page.goto(address)
        visitor.page.wait_for_load_state("networkidle")
        assert visitor.complaints == []


def test_k3_the_desk_is_worked_from_the_keyboard(at_work):
    first, second = waiting_confirmation(), waiting_confirmation(sender_name="Lain", sender_number="7")
    third = waiting_confirmation(sender_name="Lagi", sender_number="8")
    # The same picture three times is a warning, and with a warning "a" leads to the amount in place of accepting.
    for proof in [*second.proofs.all(), *third.proofs.all()]:
        proof.sent_sha256 = f"{proof.pk}"
        proof.save()
    visitor = at_work(factories.staff("billing.verify_payment"))
    page = visitor.page
    page.goto(page_of(first))
    page.keyboard.press("n")
    page.wait_for_url(f"**{page_of(second)}")
    page.keyboard.press("p")
    page.wait_for_url(f"**{page_of(first)}")
    page.keyboard.press("a")
    page.wait_for_url(f"**{page_of(second)}")
    assert PaymentConfirmation.objects.get(pk=first.pk).status == Status.APPROVED
    page.keyboard.press("r")
    expect(page.locator("[name=preset]").first).to_be_focused()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Tolak dan kirim alasannya").click()
    page.wait_for_url(f"**{page_of(third)}")
    assert PaymentConfirmation.objects.get(pk=second.pk).status == Status.REJECTED
    assert visitor.complaints == []


def sent(minutes: int, **fields) -> PaymentConfirmation:
    confirmation = waiting_confirmation(**fields)
    at = timezone.now() - timedelta(minutes=minutes)
    PaymentConfirmation.objects.filter(pk=confirmation.pk).update(submitted_at=at)
    return confirmation


def test_u3_a_statement_is_imported_and_the_queue_worked_from_the_keyboard(at_work, tmp_path):
    proven = sent(40, sender_name="Budi Santoso")
    short = sent(30, total=90_000, sender_name="Anna Dewi", proofs=[shop.picture("red")])
    missing = sent(20, total=70_000, sender_name="Citra Lestari", proofs=[shop.picture("blue")])
    day = f"{timezone.localdate():%d/%m/%Y}"
    rows = ["TRSF BUDI SANTOSO;150000 CR", "TRSF ANNA DEWI;89000 CR", "SETORAN TUNAI;1234 CR"]
    statement = tmp_path / "mutasi.csv"
    statement.write_text("\n".join(["Tanggal;Keterangan;Jumlah;Saldo", *(f"{day};{row};0" for row in rows)]))
    visitor = at_work(factories.staff("billing.verify_payment"))
    page = visitor.page

    visitor.visit(reverse("admin:billing_statement_upload"))
    page.locator("[name=file]").set_input_files(statement)
    visitor.press("Unggah dan lihat")
    visitor.press("Catat dan cocokkan")
    expect(page).to_have_url(re.compile(f"{reverse('admin:billing_desk')}$"))
    expect(page.locator(".pay-rows tbody tr")).to_have_count(4)

    page.keyboard.press("n")
    page.wait_for_url(f"**{page_of(proven)}")
    visitor.sees("Terbukti")
    visitor.check()
    page.keyboard.press("a")
    page.wait_for_url(f"**{page_of(short)}")
    visitor.check()
    # Another amount than the customer said: the key accepts nothing, the amount is asked for.
    page.keyboard.press("a")
    expect(page.locator("#id_amount")).to_be_focused()
    visitor.press("Terima dengan mutasi ini")
    expect(page).to_have_url(re.compile(f"{page_of(missing)}$"))
    line = reverse("admin:billing_line_review", args=[StatementLine.objects.get(amount=1_234).pk])
    page.keyboard.press("j")
    page.wait_for_url(f"**{line}")
    visitor.check()
    page.keyboard.press("k")
    page.wait_for_url(f"**{page_of(missing)}")
    page.keyboard.press("r")
    expect(page.locator("[name=preset]").first).to_be_focused()
    page.keyboard.press("Space")
    visitor.press("Tolak dan kirim alasannya")
    expect(page).to_have_url(re.compile(f"{line}$"))
    page.keyboard.press("r")
    page.keyboard.type("Setoran kas sendiri")
    visitor.press("Abaikan")
    visitor.sees("Semua konfirmasi pembayaran sudah diputuskan")

    stands = [PaymentConfirmation.objects.get(pk=one.pk).status for one in (proven, short, missing)]
    assert stands == [Status.APPROVED, Status.APPROVED, Status.REJECTED]
    assert sorted(StatementLine.objects.values_list("amount", "status")) == [
        (1_234, "ignored"),
        (89_000, "assigned"),
        (150_000, "assigned"),
    ]


def test_keys_do_nothing_while_staff_types_or_has_switched_them_off(at_work):
    first, _second = waiting_confirmation(), waiting_confirmation(sender_name="Lain", sender_number="7")
    visitor = at_work(factories.staff("billing.verify_payment"))
    page = visitor.page
    page.goto(page_of(first))
    page.locator("#id_amount").focus()
    page.keyboard.press("n")
    page.get_by_label("Pintasan keyboard").uncheck()
    page.locator("h1").click()
    page.keyboard.press("n")
    expect(page).to_have_url(f"{page.url}")
    assert page.url.endswith(page_of(first))
