"""The steps that several scenarios share."""

from io import BytesIO
from pathlib import Path

from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import expect

from accounts.models import User
from billing.models import PaymentMethod
from tests.acceptance.visitor import Visitor

BUYER = {
    "account-name": "Sari Wulandari",
    "account-email": "sari@kenanga.example",
    "account-password": "melati-putih-73",
}
COMPANY = {
    "billing-name": "PT Kenanga Raya",
    "billing-phone": "0812 3456 7890",
    "billing-address": "Jl. Kenanga 8",
    "billing-city": "Sleman",
    "billing-postal_code": "55281",
    "billing-billing_email": "keuangan@kenanga.example",
}


def sign_in(visitor: Visitor, person: User) -> None:
    """The browser as it is after the person signed in; signing in itself has tests of its own."""
    client = Client()
    client.force_login(person)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    visitor.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": visitor.base_url}])


def put_hosting_in_the_cart(visitor: Visitor, *, domain: str = "kenanga.example.com") -> None:
    """Cloud Bisnis for a month with an own domain: Rp85.000 before tax."""
    visitor.visit("/store/cloud-hosting/bisnis/")
    visitor.choose("cycle", "monthly")
    visitor.choose("domain", "own")
    visitor.fill("own_name", domain)
    visitor.press("Lanjutkan")


def fill_in_company(visitor: Visitor) -> None:
    visitor.choose("billing-kind", "company")
    for name, value in COMPANY.items():
        visitor.fill(name, value)
    visitor.page.locator("[name=billing-province]").select_option("DI Yogyakarta")


def complete_order_as_newcomer(visitor: Visitor, *, method: PaymentMethod | None = None, **buyer: str) -> None:
    """From the cart to the invoice, as somebody who has no account yet; paid by ``method``, or the first that is offered."""
    visitor.visit("/cart/checkout/")
    for name, value in (BUYER | buyer).items():
        visitor.fill(name, value)
    fill_in_company(visitor)
    if method is None:
        visitor.page.locator("[name=payment_method]").first.check()
    else:
        visitor.choose("payment_method", str(method.pk))
    visitor.page.locator("[name=terms]").check()
    visitor.press("Selesaikan Pesanan")


def picture(folder: Path) -> Path:
    """A proof of transfer as a phone would save it."""
    path = folder / "bukti-transfer.png"
    content = BytesIO()
    Image.new("RGB", (600, 900), "#e8eef7").save(content, "PNG")
    path.write_bytes(content.getvalue())
    return path


def confirm_payment(visitor: Visitor, proof: Path) -> None:
    """ "Konfirmasi Pembayaran" on the invoice page that is open."""
    visitor.fill("sender_bank", "BCA")
    visitor.fill("sender_name", "PT Kenanga Raya")
    visitor.page.locator("[name=proofs]").set_input_files(proof)
    # Sent with its progress shown; the page changes when the upload is through.
    visitor.find_button("Kirim konfirmasi").click()
    expect(visitor.page.locator("#waiting-title")).to_be_visible()
    visitor.check()
