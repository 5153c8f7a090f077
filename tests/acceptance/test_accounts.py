"""People at a browser: their own pages, their members, and an invitation."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import OutboxEmail
from accounts.roles import Role
from tests import factories
from tests.acceptance.visitor import Visitor
from tests.accounts.invited import invite

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD = "kata sandi panjang"


@pytest.fixture
def sari():
    person = factories.user(email="sari@example.com", password=PASSWORD, name="Sari Wulandari")
    factories.customer(person, name="PT Sinar Kopi Nusantara")
    return person


def sign_in(visitor: Visitor, email: str = "sari@example.com") -> None:
    visitor.visit(reverse("account_login"))
    visitor.page.locator("[name=login]").fill(email)
    visitor.page.locator("[name=password]").fill(PASSWORD)
    visitor.page.locator("main form:has([name=password]) button[type=submit]").first.click()
    visitor.page.wait_for_url(re.compile("/client/"))


@pytest.mark.parametrize(("language", "screen"), [("id", "wide"), ("en", "phone")])
def test_the_pages_of_people_and_members_hold_what_every_page_promises(sari, make_visitor, language):
    sari.language = language
    sari.save()
    customer = sari.customers.get()
    factories.member(customer, role=Role.ADMIN)
    factories.customer(sari)
    invite(customer, sari, email="alamat.yang.panjang.sekali@perusahaan-besar-sekali.example")
    email = OutboxEmail.objects.create(
        key="seen", to=sari.email, user=sari, template="accounts/security_notice", status="sent",
        sent_at=timezone.now(), subject="Kata sandi Anda diubah", text_body="https://example.com/" + "panjang" * 20,
    )  # fmt: skip
    visitor = make_visitor()
    sign_in(visitor)
    for name in ("profile", "customer", "members", "switch-customer", "emails"):
        visitor.visit(reverse(f"accounts:{name}"))
    visitor.visit(reverse("accounts:email", args=[email.pk]))


@pytest.mark.parametrize(("language", "screen"), [("id", "phone")])
def test_an_invited_person_signs_up_without_scripts_and_joins(sari, make_visitor):
    customer = sari.customers.get()
    _invitation, token = invite(customer, sari, email="budi@example.com", role=Role.BILLING)
    visitor = make_visitor(scripts=False)
    visitor.visit(reverse("accounts:invitation", args=[token]))
    visitor.press("Buat akun")
    visitor.page.locator("[name=name]").fill("Budi Santoso")
    expect(visitor.page.locator("[name=email]")).to_have_value("budi@example.com")
    visitor.page.locator("[name=password1]").fill(PASSWORD)
    visitor.page.locator("main form:has([name=password1]) button[type=submit]").first.click()
    visitor.press("Terima undangan")
    visitor.sees("Anda sekarang anggota PT Sinar Kopi Nusantara.")
    assert customer.memberships.get(role=Role.BILLING).user.email == "budi@example.com"
