"""The parts that every page is made of, seen by a browser: both themes, scripts on and off, and the ways of signing in."""

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import settings as django_settings
from django.test import Client
from playwright.sync_api import expect

from accounts.models import User
from tests import factories
from tests.acceptance.visitor import Visitor

PASSWORD = "kuda-laut-berenang-42"


@pytest.fixture
def language() -> str:
    return "id"


@pytest.fixture
def screen() -> str:
    return "phone"


@pytest.fixture
def shop(live_server, settings) -> str:
    """The shop without its demo data: nothing here is about what it sells."""
    settings.BASE_URL = live_server.url
    return live_server.url


@pytest.fixture
def person(shop) -> User:
    owner = factories.user(password=PASSWORD, name="Rina Wijaya")
    factories.customer(owner, name="PT Sinar Abadi Sentosa")
    return owner


def _enter(visitor: Visitor, user: User, shop: str) -> None:
    """Signed in by a session made beforehand."""
    client = Client()
    client.force_login(user)
    name = django_settings.SESSION_COOKIE_NAME
    visitor.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": shop}])


def _sign_in(visitor: Visitor, user: User) -> None:
    visitor.page.goto("/accounts/login/")
    visitor.page.locator("#id_login").fill(user.email)
    visitor.page.locator("#id_password").fill(PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url("**/client/")


def _visit_guarded(visitor: Visitor, path: str) -> None:
    """A page that asks for the password once more, even of those who have just signed in."""
    visitor.visit(path)
    visitor.page.locator("#id_password").fill(PASSWORD)
    visitor.page.keyboard.press("Enter")
    visitor.page.wait_for_url(f"**{path}")
    visitor.check()


@pytest.mark.parametrize("screen", ["wide", "phone"])
@pytest.mark.parametrize("language", ["id", "en"])
def test_every_component_holds_in_both_themes(visitor, shop, language, screen):
    _enter(visitor, factories.staff(), shop)
    for theme in ("light", "dark"):
        visitor.visit(f"/admin/styleguide/?theme={theme}")


def test_the_style_guide_reads_without_scripts(make_visitor, shop):
    visitor = make_visitor(scripts=False)
    _enter(visitor, factories.staff(), shop)
    visitor.visit("/admin/styleguide/")
    # What needs scripts is not offered.
    expect(visitor.page.locator("[data-theme-toggle]")).to_be_hidden()


def test_the_theme_is_remembered(visitor):
    visitor.page.emulate_media(color_scheme="light")
    visitor.visit("/accounts/login/")
    visitor.page.locator("[data-theme-toggle]").click()
    visitor.page.reload()
    expect(visitor.page.locator("html")).to_have_attribute("data-theme", "dark")
    colour = visitor.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert colour == "rgb(15, 19, 24)"
    visitor.check()


def test_the_language_changes_and_the_page_stays(visitor, language):
    visitor.visit("/accounts/signup/?next=/client/")
    other = {"id": "en", "en": "id"}[language]
    menu = visitor.page.locator("details.menu.phone-only summary")
    if menu.is_visible():
        menu.click()
    visitor.page.locator(f'.language button[value="{other}"]').filter(visible=True).click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", other)
    assert visitor.page.url.endswith("/accounts/signup/?next=/client/")


def test_a_slider_and_its_number_stay_together(visitor, shop):
    _enter(visitor, factories.staff(), shop)
    visitor.page.goto("/admin/styleguide/")
    number, slider = visitor.page.locator("#sample_storage"), visitor.page.locator('[data-sync="sample_storage"]')
    number.fill("1200")
    expect(slider).to_have_value("1200")
    slider.focus()
    visitor.page.keyboard.press("ArrowRight")
    expect(number).to_have_value("1250")


def test_a_copy_button_copies_and_says_so(visitor, shop):
    _enter(visitor, factories.staff(), shop)
    visitor.page.goto("/admin/styleguide/")
    button = visitor.page.locator("[data-copy]").first
    button.click()
    expect(button).to_have_attribute("data-copied", "")
    expect(visitor.page.locator("#live")).to_have_text(f"{visitor.say('Tersalin')}: 3607500")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == "3607500"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_wrong_password_is_told_on_top(make_visitor, person, scripts):
    visitor = make_visitor(scripts=scripts)
    visitor.visit("/accounts/login/")
    visitor.page.locator("#id_login").fill(person.email)
    visitor.page.locator("#id_password").fill("bukan-ini")
    visitor.page.locator("#id_password").press("Enter")
    summary = visitor.page.locator("[data-error-summary]")
    expect(summary).to_be_visible()
    assert visitor.page.title().startswith(visitor.say("Kesalahan:"))
    if scripts:
        expect(summary).to_be_focused()
    visitor.check()


def test_a_typed_password_can_be_shown(visitor):
    visitor.visit("/accounts/login/")
    field = visitor.page.locator("#id_password")
    field.fill("rahasia")
    visitor.page.locator("[data-reveal]").click()
    expect(field).to_have_attribute("type", "text")


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/",
        "/accounts/email/",
        "/accounts/password/change/",
        "/accounts/sessions/",
        "/accounts/2fa/webauthn/",
        "/accounts/logout/",
    ],
)
def test_the_pages_of_signing_in_wear_the_shop_s_templates(visitor, person, path):
    _sign_in(visitor, person)
    visitor.visit(path)
    expect(visitor.page.locator("header.topbar")).to_be_visible()


def test_an_authenticator_app_guards_the_next_sign_in(visitor, make_visitor, person):
    _sign_in(visitor, person)
    _visit_guarded(visitor, "/accounts/2fa/totp/activate/")
    expect(visitor.page.locator("svg.qr")).to_be_visible()
    secret = visitor.page.locator("code").first.text_content()
    visitor.page.locator("#id_code").fill(_code(secret))
    visitor.page.locator("main form .button-primary").click()
    visitor.page.wait_for_url("**/recovery-codes/**")
    visitor.check()

    again = make_visitor()
    again.page.goto("/accounts/login/")
    again.page.locator("#id_login").fill(person.email)
    again.page.locator("#id_password").fill(PASSWORD)
    again.page.keyboard.press("Enter")
    again.page.wait_for_url("**/2fa/authenticate/")
    again.check()


def _code(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_a_passkey_signs_in_without_a_password(visitor, make_visitor, person):
    devices = visitor.context.new_cdp_session(visitor.page)
    devices.send("WebAuthn.enable")
    devices.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    _sign_in(visitor, person)
    _visit_guarded(visitor, "/accounts/2fa/webauthn/add/")
    visitor.page.locator("#id_passwordless").check()
    visitor.page.locator("#mfa_webauthn_add").click()
    visitor.page.wait_for_url("**/recovery-codes/**")
    visitor.context.clear_cookies()
    visitor.visit("/accounts/login/")
    visitor.page.locator("#passkey_login").click()
    visitor.page.wait_for_url("**/client/")
    visitor.check()
