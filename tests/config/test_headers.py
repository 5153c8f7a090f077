"""What every page tells browsers and caches (RELIABILITY, access), whoever asks and whatever the answer is."""

import pytest
from django.urls import reverse

PRIVATE = ["account_login", "client-home", "accounts:members", "billing:invoices", "billing:services", "cart:review"]


@pytest.mark.parametrize(
    "address", ["/", "/store/", "/client/", "/cart/", "/accounts/login/", "/admin/", "/tidak/ada/"]
)
def test_every_answer_carries_the_strict_policy(signed_in, address):
    headers = signed_in.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]


@pytest.mark.parametrize("name", PRIVATE)
def test_no_cache_keeps_a_private_page(signed_in, name):
    assert "no-store" in signed_in.get(reverse(name)).headers["Cache-Control"]


def test_no_cache_keeps_a_page_of_the_staff(client, admin_user):
    client.force_login(admin_user)
    assert "no-store" in client.get(reverse("admin:accounts_user_changelist")).headers["Cache-Control"]
