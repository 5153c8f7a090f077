"""Sign-up, sign-in, reset: one answer for known and unknown addresses, limits, sessions, language."""

from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings as django_settings
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from accounts import crypto
from accounts.adapter import _MAILS
from accounts.emails import NOTICES
from accounts.models import OutboxEmail, User
from tests import factories

PASSWORD = "kata sandi panjang"
NEW_PASSWORD = "kata sandi yang lain"


@pytest.fixture
def sari(db):
    return factories.user(email="sari@example.com", password=PASSWORD, name="Sari Dewi")


def sign_up(client, email, **changes):
    fields = {"name": "Budi", "email": email, "password1": PASSWORD}
    return client.post(reverse("account_signup"), {**fields, **changes})


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post(reverse("account_login"), {"login": email, "password": password}, **extra)


def is_signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def answer(response) -> tuple:
    """All that a visitor sees of an answer, but for the address they typed."""
    page = response.content.decode()
    return (
        response.status_code,
        response.headers.get("Location"),
        [m.message for m in get_messages(response.wsgi_request)],
        page,
    )


def link_in(mail: OutboxEmail) -> str:
    return crypto.decrypt(mail.arguments["secret"])


@pytest.mark.django_db
def test_signing_up_makes_an_account_that_is_confirmed_by_the_mails_link(client):
    client.cookies[django_settings.LANGUAGE_COOKIE_NAME] = "en"
    response = sign_up(client, "Budi@Example.com")
    assert response.headers["Location"] == reverse("account_email_verification_sent")
    budi = User.objects.get()
    assert (budi.email, budi.name, budi.language) == ("budi@example.com", "Budi", "en")
    mail = OutboxEmail.objects.get()
    assert (mail.template, mail.to, mail.language, mail.user) == ("accounts/confirm_email", budi.email, "en", budi)
    path = link_in(mail).removeprefix(django_settings.BASE_URL)
    client.get(path)
    client.post(path)
    assert EmailAddress.objects.get().verified
    assert is_signed_in(client)


@pytest.mark.django_db
def test_a_known_and_an_unknown_address_get_one_answer_at_sign_up(sari):
    known, unknown = (answer(sign_up(Client(), email)) for email in ("sari@example.com", "baru@example.com"))
    assert known[:2] == unknown[:2]
    assert [m.replace("sari@", "baru@") for m in known[2]] == unknown[2]
    assert User.objects.filter(email="sari@example.com").get().name == "Sari Dewi"
    assert dict(OutboxEmail.objects.values_list("to", "template")) == {
        "sari@example.com": "accounts/account_exists",
        "baru@example.com": "accounts/confirm_email",
    }


@pytest.mark.django_db
def test_a_password_typed_at_sign_up_does_not_tell_either(sari):
    """Signing in with what was just typed: the new account must be confirmed first, the known one has another password."""
    first, second = Client(), Client()
    sign_up(first, "sari@example.com", password1=NEW_PASSWORD)
    sign_up(second, "baru@example.com", password1=NEW_PASSWORD)
    for client, email in ((Client(), "sari@example.com"), (Client(), "baru@example.com")):
        sign_in(client, email, NEW_PASSWORD)
        assert not is_signed_in(client)


@pytest.mark.django_db
def test_a_known_and_an_unknown_address_get_one_answer_at_reset(sari):
    answers = []
    for email in ("sari@example.com", "tidak-ada@example.com"):
        response = Client().post(reverse("account_reset_password"), {"email": email})
        answers.append(answer(response))
    assert answers[0] == answers[1]
    assert dict(OutboxEmail.objects.values_list("to", "template")) == {
        "sari@example.com": "accounts/reset_password",
        "tidak-ada@example.com": "accounts/unknown_account",
    }


@pytest.mark.django_db
def test_a_wrong_password_and_an_unknown_address_get_one_answer_at_sign_in(sari):
    errors = [
        sign_in(Client(), email, "salah sama sekali").context["form"].errors
        for email in ("sari@example.com", "tidak-ada@example.com")
    ]
    assert errors[0] == errors[1]


@pytest.mark.django_db
def test_mails_link_to_the_shops_address_whatever_host_was_asked(client, sari, settings):
    settings.ALLOWED_HOSTS = ["*"]
    client.post(reverse("account_reset_password"), {"email": "sari@example.com"}, headers={"host": "evil.example"})
    assert link_in(OutboxEmail.objects.get()).startswith(f"{settings.BASE_URL}/accounts/password/reset/key/")


@pytest.mark.django_db
def test_a_reset_link_works_once_and_ends_other_sessions(client, sari):
    elsewhere = Client()
    sign_in(elsewhere, "sari@example.com")
    client.post(reverse("account_reset_password"), {"email": "sari@example.com"})
    path = link_in(OutboxEmail.objects.get(template="accounts/reset_password")).removeprefix(django_settings.BASE_URL)
    form = client.get(path, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert sign_in(Client(), "sari@example.com", NEW_PASSWORD).status_code == 302
    assert elsewhere.get(reverse("accounts:profile")).status_code == 302
    assert Client().get(path).status_code == 200, "the link leads to the page that says it was used"
    sari.refresh_from_db()
    assert sari.check_password(NEW_PASSWORD)


@pytest.mark.django_db
def test_changing_the_password_ends_other_sessions_and_keeps_this_one(client, sari):
    elsewhere = Client()
    for one in (client, elsewhere):
        sign_in(one, "sari@example.com")
    client.post(
        reverse("account_change_password"),
        {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
    )
    assert client.get(reverse("accounts:profile")).status_code == 200
    assert elsewhere.get(reverse("accounts:profile")).status_code == 302
    notice = OutboxEmail.objects.get(template="accounts/security_notice")
    assert (notice.to, notice.arguments["notice"]) == ("sari@example.com", "password_changed")


@pytest.mark.django_db
def test_the_session_key_changes_at_sign_in_and_its_content_stays(client, sari):
    session = client.session
    session["kept"] = "yes"
    session.save()
    client.cookies[django_settings.SESSION_COOKIE_NAME] = before = session.session_key
    sign_in(client, "sari@example.com")
    assert client.session.session_key != before
    assert client.session["kept"] == "yes"


@pytest.mark.django_db
def test_signing_in_brings_the_accounts_language(client, sari):
    User.objects.update(language="en")
    sign_in(client, "sari@example.com")
    assert client.cookies[django_settings.LANGUAGE_COOKIE_NAME].value == "en"


@pytest.mark.django_db
def test_the_sixth_wrong_password_for_an_address_is_not_even_tried(client, sari):
    for _ in range(5):
        sign_in(client, "sari@example.com", "salah sama sekali")
    sign_in(client, "sari@example.com")
    assert not is_signed_in(client)


@pytest.mark.django_db
def test_limits_by_address_count_visitors_behind_the_proxy_apart(sari, settings):
    settings.TRUSTED_PROXIES = 1

    def knock(visitor: str) -> int:
        headers = {"X-Forwarded-For": f"6.6.6.6, {visitor}"}
        return Client().post(reverse("account_signup"), {"email": "x"}, headers=headers).status_code

    assert {knock("203.0.113.1") for _ in range(20)} == {422}
    assert knock("203.0.113.1") == 429
    assert knock("203.0.113.2") == 422


@pytest.mark.django_db
@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "/\\evil.example"]
)
def test_next_leads_to_local_pages_only(client, sari, target):
    response = client.post(
        reverse("account_login"), {"login": "sari@example.com", "password": PASSWORD, "next": target}
    )
    assert response.headers["Location"] == reverse("client-home")


@pytest.mark.django_db
def test_staff_without_a_customer_start_at_their_own_desk(client):
    factories.staff(email="staf@example.com", password=PASSWORD)

    response = client.post(reverse("account_login"), {"login": "staf@example.com", "password": PASSWORD})

    assert response.headers["Location"] == reverse("admin:index")


@pytest.mark.django_db
def test_a_sign_up_writes_only_what_its_form_asks(client):
    every_field = {field.name: "1" for field in User._meta.get_fields()}
    sign_up(client, **{**every_field, "name": "Budi", "email": "budi@example.com"})
    budi = User.objects.get()
    assert (budi.is_staff, budi.is_superuser, budi.is_active, budi.language) == (False, False, True, "id")
    assert not budi.groups.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["Budi\nBcc: x@example.com", "a\u2028b", "\u200b"])
def test_a_name_at_sign_up_is_one_visible_line(client, name):
    assert sign_up(client, "budi@example.com", name=name).context["form"].errors.keys() == {"name"}
    assert User.objects.count() == 0


def test_every_mail_of_allauth_has_one_of_ours():
    templates = Path(allauth.__file__).parent / "templates"
    prefixes = {
        str(path.relative_to(templates)).removesuffix("_message.txt")
        for app in ("account", "mfa")
        for path in (templates / app / "email").glob("*_message.txt")
    } - {"account/email/base"}
    assert {prefix for prefix in prefixes if prefix not in _MAILS and prefix.rpartition("/")[2] not in NOTICES} == set()


@pytest.mark.django_db
def test_whoever_ordered_before_confirming_can_ask_for_the_link_again(client):
    person = factories.user(verified=False)
    client.force_login(person)
    assert 'name="action_send"' in client.get(reverse("account_email")).content.decode()
    client.post(reverse("account_email"), {"action_send": "", "email": person.email})
    assert OutboxEmail.objects.get().template == "accounts/confirm_email"
