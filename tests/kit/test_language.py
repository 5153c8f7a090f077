"""Third parties' pages speak Indonesian to Indonesians: their own translations, and locale/id where those fall short."""

import re

import pytest
from django.urls import reverse
from django.utils.html import strip_tags

ENGLISH = re.compile(
    r"\b(the|your|you|please|password|sign|address|security|key|and|this|with|name|remember|is)\b", re.I
)
GUESTS = [
    "account_login",
    "account_signup",
    "account_reset_password",
    "account_reset_password_done",
    "account_email_verification_sent",
    "account_inactive",
]
MEMBERS = [
    "account_logout",
    "account_email",
    "account_set_password",
    "account_reauthenticate",
    "usersessions_list",
    "mfa_index",
    "mfa_list_webauthn",
]


def _english_words(response, status: int = 200) -> set[str]:
    assert response.status_code == status
    page = response.content.decode().split("<main")[1].split("</main>")[0]
    visible = strip_tags(re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL))
    return {word.lower() for word in ENGLISH.findall(visible)}


@pytest.mark.parametrize("page", GUESTS)
def test_the_way_in_speaks_indonesian(client, db, page):
    assert _english_words(client.get(reverse(page))) == set()


@pytest.mark.parametrize("page", MEMBERS)
def test_the_security_pages_speak_indonesian(signed_in, owner, page):
    if page != "account_set_password":
        owner.set_password("kuda-laut-berenang-42")
        owner.save()
        signed_in.force_login(owner)
    assert _english_words(signed_in.get(reverse(page))) == set()


def test_mistakes_at_the_door_are_told_in_indonesian(client, db):
    empty = client.post(reverse("account_login"), {"login": "", "password": ""})
    wrong = client.post(reverse("account_login"), {"login": "a@example.com", "password": "salah"})
    weak = client.post(reverse("account_signup"), {"email": "bukan-email", "password1": "12345"})
    assert [_english_words(response, status=422) for response in (empty, wrong, weak)] == [set(), set(), set()]
    assert "Isi bagian ini." in empty.content.decode()
    assert "Email atau kata sandi salah." in wrong.content.decode()
