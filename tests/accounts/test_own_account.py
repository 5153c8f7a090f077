"""What people do with their own account: change the address, see and end their sessions; and how often each door opens."""

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from accounts import limits
from accounts.models import OutboxEmail
from tests import factories
from tests.accounts.invited import invite
from tests.accounts.test_sign_in import PASSWORD, is_signed_in, link_in, sign_in

NEW = "sari.baru@example.com"


@pytest.fixture
def sari(db):
    return factories.user(email="sari@example.com", password=PASSWORD, name="Sari Dewi")


@pytest.fixture
def at_home(client, sari):
    sign_in(client, sari.email)
    return client


def ask_for(client: Client, email: str):
    """The password is asked for first, and what was sent goes on by itself afterwards."""
    first = client.post(reverse("account_email"), {"action_add": "", "email": email})
    assert first.headers["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email=email, verified=False).exists()
    return client.post(first.headers["Location"], {"password": PASSWORD})


def test_a_new_address_counts_once_the_link_sent_to_it_was_followed(at_home, sari):
    ask_for(at_home, NEW)
    sari.refresh_from_db()
    assert sari.email == "sari@example.com"
    assert not is_signed_in_with(NEW)

    link = link_in(OutboxEmail.objects.get(template="accounts/confirm_email", to=NEW))
    at_home.post(link.removeprefix(django_settings.BASE_URL))

    sari.refresh_from_db()
    assert sari.email == NEW
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [(NEW, True, True)]
    assert is_signed_in_with(NEW)
    assert OutboxEmail.objects.filter(to="sari@example.com", template="accounts/security_notice").exists()


def is_signed_in_with(email: str) -> bool:
    browser = Client()
    sign_in(browser, email)
    return is_signed_in(browser)


def test_asking_for_somebody_elses_address_does_not_tell_that_it_is_taken(at_home, sari):
    factories.user(email="budi@example.com")
    known = ask_for(at_home, "budi@example.com")
    at_home.logout()
    sign_in(at_home, sari.email)
    unknown = ask_for(at_home, "siapa@example.com")
    assert (known.status_code, known.headers["Location"]) == (unknown.status_code, unknown.headers["Location"])
    assert not EmailAddress.objects.filter(user=sari, email="budi@example.com", verified=True).exists()


def test_people_see_where_they_are_signed_in_and_end_the_other_sessions(at_home, sari):
    elsewhere, other = (
        Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/605"}),
        factories.user(password=PASSWORD),
    )
    sign_in(elsewhere, sari.email)
    elsewhere.get(reverse("accounts:profile"))
    stranger = Client()
    sign_in(stranger, other.email)
    page = reverse("usersessions_list")
    assert len(at_home.get(page).context["sessions"]) == 2

    at_home.post(page)

    assert at_home.get(reverse("accounts:profile")).status_code == 200
    assert elsewhere.get(reverse("accounts:profile")).status_code == 302
    assert stranger.get(reverse("accounts:profile")).status_code == 200
    assert UserSession.objects.filter(user=sari).count() == 1


def test_reset_mails_for_one_address_have_an_end(sari):
    statuses = [
        Client()
        .post(reverse("account_reset_password"), {"email": sari.email}, REMOTE_ADDR=f"203.0.113.{n}")
        .status_code
        for n in range(8)
    ]
    assert statuses == [302] * 5 + [429] * 3
    assert OutboxEmail.objects.filter(template="accounts/reset_password").count() == 5


@pytest.mark.parametrize(("guesses", "comes_in"), [(1, True), (6, False)])
def test_codes_of_a_second_factor_cannot_be_guessed_without_end(client, sari, guesses, comes_in):
    TOTP.activate(sari, secret := generate_totp_secret())
    sign_in(client, sari.email)
    right = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    wrong = "000000" if right != "000000" else "111111"
    for _guess in range(guesses):
        client.post(reverse("mfa_authenticate"), {"code": wrong})
    client.post(reverse("mfa_authenticate"), {"code": right})
    assert is_signed_in(client) == comes_in


def test_the_admins_door_counts_the_same_wrong_passwords(client, sari):
    for _try in range(5):
        sign_in(client, sari.email, "salah sama sekali")
    page = client.get(reverse("admin:login"), follow=True)
    assert page.redirect_chain[-1][0].startswith(reverse("account_login"))
    client.post(reverse("admin:login"), {"username": sari.email, "password": PASSWORD})
    assert not is_signed_in(client)


def test_links_of_invitations_cannot_be_guessed_without_end(client, customer, owner, monkeypatch):
    _invitation, token = invite(customer, owner)
    monkeypatch.setitem(limits.LIMITS, "invitation", limits.Limit(3, 600))
    for _guess in range(3):
        assert client.get(reverse("accounts:invitation", args=["salah"])).status_code == 404
    assert client.get(reverse("accounts:invitation", args=[token])).status_code == 429
    assert client.get(reverse("accounts:invitation", args=[token]), REMOTE_ADDR="203.0.113.9").status_code == 200
