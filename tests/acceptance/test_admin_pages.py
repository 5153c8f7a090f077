"""The staff's admin in a real browser: no list and no form has a finding, and a product is made without knowing the code."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.http import HttpRequest
from django.test import RequestFactory
from django.urls import reverse
from playwright.sync_api import Page, expect

from accounts.models import User
from billing import gateways, provider_refunds, refunds
from billing.attempts import reports
from billing.gateways.base import Report, State
from billing.models import GatewayMessage
from catalog.models import Choice, Product, Promotion
from config.providers import Midtrans
from tests import factories
from tests.acceptance.conftest import SCREENS
from tests.acceptance.steps import sign_in
from tests.acceptance.visitor import Visitor
from tests.accounts.invited import invite
from tests.billing_attempts.pretend import invoice_by
from tests.catalog.admin_pages import prices_of

pytestmark = pytest.mark.django_db(transaction=True)


class AxeOfTheAdmin(Axe):
    """Reads no stylesheet again: Django's import each other, which axe would answer with inline styles of its own."""

    def run(self, page: Page) -> AxeResults:
        return super().run(page, options={"preload": False})


@pytest.fixture
def at_work(chromium, live_server, monkeypatch):
    """Open a browser in which somebody of the staff is signed in."""
    monkeypatch.setattr("accounts.outbox.nudge", lambda _email_id: None)
    monkeypatch.setattr("accounts.outbox.tell_worker", lambda *_arguments: None)
    monkeypatch.setattr("tests.acceptance.visitor.Axe", AxeOfTheAdmin)
    contexts = []

    def open_for(person: User, *, screen: str = "wide", theme: str = "light") -> Visitor:
        context = chromium.new_context(
            viewport=SCREENS[screen],
            color_scheme=theme,
            locale="id-ID",
            base_url=live_server.url,
            reduced_motion="reduce",
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        visitor = Visitor(context, base_url=live_server.url, language="id")
        sign_in(visitor, person)
        return visitor

    yield open_for
    for context in contexts:
        context.close()


@pytest.fixture
def demo_shop(shop) -> User:
    """Every kind of row that staff may open; returns the superuser."""
    call_command("seed_demo", verbosity=0)
    owner = User.objects.get(email="sari@sinarkopi.example")
    invite(owner.customers.get(), owner, email="rekan@contoh.example")
    factories.cart_item(owner=owner)
    return User.objects.get(email="admin@nusa.example")


def member_of(group: str) -> User:
    person = factories.staff(name=f"Staf {group}")
    person.groups.add(Group.objects.get(name=group))
    return person


def _seen_by(person: User) -> Iterator[tuple[str, admin.ModelAdmin, HttpRequest]]:
    """The models that the person may see: the beginning of their pages' names, and who answers them."""
    request = RequestFactory().get("/")
    request.user = person
    for model, pages in admin.site._registry.items():
        if pages.has_view_permission(request):
            yield f"admin:{model._meta.app_label}_{model._meta.model_name}", pages, request


def lists_for(person: User) -> Iterator[str]:
    for name, _pages, _request in _seen_by(person):
        yield reverse(f"{name}_changelist")


def rows_for(person: User) -> Iterator[str]:
    """The newest row's page of each model."""
    for name, pages, request in _seen_by(person):
        newest = pages.get_queryset(request).order_by("-pk").first()
        if newest:
            yield reverse(f"{name}_change", args=[newest.pk])


def empty_forms_for(person: User) -> Iterator[str]:
    for name, pages, request in _seen_by(person):
        if pages.has_add_permission(request):
            yield reverse(f"{name}_add")


@pytest.mark.drawing
@pytest.mark.parametrize(
    ("pages", "screen", "theme"),
    [(lists_for, "phone", "dark"), (rows_for, "wide", "light"), (empty_forms_for, "phone", "dark")],
)
def test_no_list_and_no_form_of_the_admin_has_a_finding(demo_shop, at_work, pages, screen, theme):
    visitor = at_work(demo_shop, screen=screen, theme=theme)
    for address in pages(demo_shop):
        visitor.visit(address)


@pytest.mark.drawing
def test_what_readers_see_of_the_admin_has_no_finding(demo_shop, at_work):
    person = member_of("Penjualan")
    visitor = at_work(person)
    for address in rows_for(person):
        visitor.visit(address)


@pytest.mark.drawing
def test_forms_that_come_back_with_mistakes_have_no_finding(demo_shop, at_work):
    visitor = at_work(demo_shop)
    for name in ("product", "option", "promotion", "taxrule", "domainextension", "addon", "optiongroup"):
        visitor.visit(reverse(f"admin:catalog_{name}_add"))
        visitor.page.locator("[name=_save]").first.click()
        expect(visitor.page.locator(".errornote")).to_be_visible()
        visitor.check()


@pytest.fixture
def through_midtrans(settings):
    """50.000 of credit that came through Midtrans, of which a part was sent back, and an attempt to be reviewed."""
    settings.MIDTRANS = Midtrans("SB-Mid-server-kunci", "http://127.0.0.1:9", "http://127.0.0.1:9")
    customer = factories.customer(factories.user())
    paid, odd = (invoice_by(gateways.named("midtrans_snap"), customer).payment_attempts.get() for _number in range(2))
    facts = {"currency": "IDR", "channel": "gopay"}
    reports.apply(odd, Report(State.PAID, Decimal(149_000), transaction_id="t-1", **facts))
    reports.take(paid, Report(State.PAID, Decimal(200_000), transaction_id="t-2", **facts), actor=None)
    for direction, outcome, body in (("out", "answered", b'{"status_code":"200"}'), ("in", "accepted", b"a" * 3_000)):
        GatewayMessage.objects.create(
            provider="midtrans", attempt=odd, direction=direction, kind="status", outcome=outcome, received=body,
            http_status=200, url="https://api.sandbox.midtrans.com/v2/status",
        )  # fmt: skip
    sent = provider_refunds.send_back(
        received=paid.received.get(),
        amount=Decimal(20_000),
        reason="Batal",
        cause="test",
        actor=factories.staff(refunds.PAY),
    )
    return odd, paid, sent


@pytest.mark.drawing
@pytest.mark.parametrize(("screen", "theme"), [("wide", "light"), ("phone", "dark")])
def test_payments_through_providers_have_no_finding(shop, at_work, through_midtrans, screen, theme):
    odd, paid, sent = through_midtrans
    visitor = at_work(member_of("Keuangan"), screen=screen, theme=theme)
    for address in (
        reverse("admin:index"),
        reverse("admin:billing_paymentattempt_changelist"),
        reverse("admin:billing_paymentattempt_press", args=[odd.pk, "dismiss"]),
        reverse("admin:billing_paymentattempt_change", args=[paid.pk]),
        reverse("admin:billing_invoice_change", args=[paid.invoice_id]),
        reverse("admin:billing_gatewaymessage_changelist"),
        reverse("admin:billing_gatewaymessage_change", args=[odd.messages.last().pk]),
        reverse("admin:billing_providerrefund_changelist"),
        reverse("admin:billing_providerrefund_change", args=[sent.pk]),
        reverse("admin:billing_creditaccount_press", args=[paid.invoice.customer_id, "send-back"]),
    ):
        visitor.visit(address)
    visitor.page.goto(reverse("admin:billing_paymentattempt_change", args=[odd.pk]))
    for summary in visitor.page.locator("details.exchange summary").all():
        summary.click()
    visitor.check()


def save(visitor: Visitor) -> None:
    with visitor.page.expect_navigation():
        visitor.page.locator("[name=_save]").first.click()
    expect(visitor.page.locator(".errornote")).to_have_count(0)


def test_an_administrator_makes_a_product_with_all_that_belongs_to_it(shop, at_work):
    """Everything is typed in words: addresses and keys fill themselves in."""
    visitor = at_work(member_of("Administrator"))
    page = visitor.page

    page.goto(reverse("admin:catalog_product_add"))
    page.get_by_label("Kelompok:", exact=True).select_option(label="Cloud Hosting")
    page.get_by_label("Nama (Indonesia):").press_sequentially("Server Uji")
    page.locator("[name=price_monthly]").fill("150.000")
    page.locator("[name=setup_monthly]").fill("Rp 50.000")
    page.locator("[name=price_annually]").fill("1500000")
    page.get_by_label("Tersembunyi").check()
    save(visitor)
    product = Product.objects.get(name_id="Server Uji")
    assert product.slug == "server-uji"
    assert prices_of(product=product) == {"monthly": (150_000, 50_000), "annually": (1_500_000, 0)}

    page.goto(reverse("admin:catalog_optiongroup_add"))
    page.get_by_label("Nama (Indonesia):").fill("Sistem server uji")
    page.get_by_role("checkbox", name="Server Uji").check()
    row = page.locator("#options-0")
    row.locator("[name$=name_id]").press_sequentially("Sistem operasi")
    row.locator("[name$=kind]").select_option("choice")
    save(visitor)
    page.locator("#result_list").get_by_role("link", name="Sistem server uji").click()
    page.get_by_role("link", name="Sistem operasi: Harga dan aturan").click()
    row = page.locator("#choices-0")
    row.locator("[name$=name_id]").press_sequentially("Windows Server")
    row.locator("[name$=price_monthly]").fill("99.000")
    save(visitor)
    windows = Choice.objects.get(key="windows-server")
    assert windows.option.key == "sistem-operasi"
    assert prices_of(choice=windows) == {"monthly": (99_000, 0)}

    page.goto(reverse("admin:catalog_addon_add"))
    page.get_by_label("Nama (Indonesia):").press_sequentially("Pasang awal")
    page.locator("[name=price_one_time]").fill("250.000")
    page.get_by_role("checkbox", name="Server Uji").check()
    save(visitor)
    assert product.addons.get().key == "pasang-awal"

    page.goto(reverse("admin:catalog_promotion_add"))
    page.get_by_label("Kode:").fill("uji10")
    page.get_by_label("Nama (Indonesia):").fill("Hemat 10 %")
    page.get_by_label("Jenis:").select_option(label="Persen")
    page.get_by_label("Nilai:").fill("10")
    page.locator(".field-products").get_by_role("checkbox", name="Server Uji").check()
    save(visitor)
    assert list(Promotion.objects.get(code="UJI10").products.all()) == [product]

    page.goto(reverse("admin:catalog_product_change", args=[product.pk]))
    with visitor.context.expect_page() as opened:
        page.get_by_role("link", name="Pratinjau", exact=True).click()
    expect(opened.value.get_by_role("heading", name="Server Uji")).to_be_visible()
    opened.value.close()

    with page.expect_navigation():
        page.get_by_role("button", name="Salin produk ini").click()
    copy = Product.objects.get(slug="server-uji-salinan")
    expect(page).to_have_url(f"{shop}{reverse('admin:catalog_product_change', args=[copy.pk])}")
    assert copy.hidden
    assert prices_of(product=copy) == prices_of(product=product)
    assert list(copy.option_groups.all()) == list(product.option_groups.all())
    assert visitor.complaints == []
