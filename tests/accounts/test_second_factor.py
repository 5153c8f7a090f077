"""Second factors: kept encrypted, demanded of staff where the shop says so."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.urls import reverse

from tests import factories

PASSWORD = "kata sandi panjang"


@pytest.fixture
def clerk(db):
    return factories.staff(email="staf@example.com", password=PASSWORD)


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_staff_without_a_second_factor_are_sent_to_set_one_up(client, clerk, settings):
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(clerk)
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[0] == (reverse("mfa_index"), 302)
    assert "verifikasi dua langkah" in response.content.decode().lower()


def test_staff_with_a_second_factor_come_in(client, clerk, settings):
    settings.STAFF_MFA_REQUIRED = True
    TOTP.activate(clerk, SECRET)
    client.force_login(clerk)
    assert client.get(reverse("admin:index")).status_code == 200


def test_recovery_codes_alone_are_no_second_factor(client, clerk, settings):
    settings.STAFF_MFA_REQUIRED = True
    Authenticator.objects.create(user=clerk, type=Authenticator.Type.RECOVERY_CODES, data={})
    client.force_login(clerk)
    assert client.get(reverse("admin:index")).status_code == 302


def test_a_shop_may_leave_it_to_its_staff(client, clerk, settings):
    settings.STAFF_MFA_REQUIRED = False
    client.force_login(clerk)
    assert client.get(reverse("admin:index")).status_code == 200


def test_customers_are_not_asked(client, settings, db):
    settings.STAFF_MFA_REQUIRED = True
    client.force_login(factories.user())
    assert client.get(reverse("accounts:profile")).status_code == 200


def test_the_secret_is_not_readable_in_the_database(clerk):
    TOTP.activate(clerk, SECRET)
    assert SECRET not in str(list(Authenticator.objects.values()))
    assert TOTP(Authenticator.objects.get()).validate_code(code_for(SECRET))


def test_signing_in_asks_for_the_code_and_the_admin_goes_the_same_way(client, clerk, settings):
    settings.STAFF_MFA_REQUIRED = True
    TOTP.activate(clerk, SECRET)
    door = client.get(reverse("admin:index"), follow=True).redirect_chain[-1][0]
    assert door.startswith(reverse("account_login"))
    response = client.post(door, {"login": clerk.email, "password": PASSWORD})
    assert response.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session
    response = client.post(response.headers["Location"], {"code": code_for(SECRET)})
    assert response.headers["Location"] == reverse("admin:index")
    assert client.get(reverse("admin:index")).status_code == 200
