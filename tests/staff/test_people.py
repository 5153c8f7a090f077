"""Who may make and change whom (RELIABILITY, access): rights are a superuser's, and nobody gives them to themselves."""

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, Permission
from django.urls import reverse

from accounts import invitations
from accounts.models import OutboxEmail, User
from accounts.roles import Role
from tests import factories

pytestmark = pytest.mark.django_db
EVERY_RIGHT = {"is_staff": "on", "is_superuser": "on", "is_active": "on"}


def page_of(person: User) -> str:
    return reverse("admin:accounts_user_change", args=[person.pk])


def rights_of(person: User) -> tuple:
    person = User.objects.get(pk=person.pk)
    return person.is_staff, person.is_superuser, person.groups.count(), person.user_permissions.count()


@pytest.fixture
def administrator(db):
    person = factories.staff(name="Adi Administrator")
    person.groups.add(Group.objects.get(name="Administrator"))
    return person


@pytest.fixture
def as_administrator(client, administrator):
    client.force_login(administrator)
    return client


def every_right() -> dict:
    groups = Group.objects.values_list("pk", flat=True)
    return {**EVERY_RIGHT, "groups": list(groups), "user_permissions": [Permission.objects.first().pk]}


def test_nobody_but_a_superuser_gives_rights_to_themselves(as_administrator, administrator):
    before = rights_of(administrator)
    response = as_administrator.post(page_of(administrator), {"name": "Adi", "language": "id", **every_right()})
    assert response.status_code == 403
    assert rights_of(administrator) == before


@pytest.mark.parametrize(
    "fields", [{"is_staff": True}, {"is_superuser": True}, {"is_staff": True, "is_superuser": True}]
)
def test_staff_accounts_are_not_an_administrators_to_change(as_administrator, fields):
    colleague = factories.user(name="Rekan", **fields)
    before = rights_of(colleague)
    assert as_administrator.post(page_of(colleague), {"name": "Lain", "language": "id"}).status_code == 403
    colleague.refresh_from_db()
    assert (colleague.name, colleague.is_active, rights_of(colleague)) == ("Rekan", True, before)


def test_an_administrator_changes_a_customers_person_but_gives_no_rights(as_administrator):
    person = factories.user(name="Sari")
    sent = {"name": "Sari Wulandari", "language": "en", "email": "diambil@example.com", **every_right()}
    response = as_administrator.post(page_of(person), {**sent, **_empty_inline()})
    assert response.status_code == 302
    email = person.email
    person.refresh_from_db()
    assert (person.name, person.language, person.email) == ("Sari Wulandari", "en", email)
    assert rights_of(person) == (False, False, 0, 0)


def _empty_inline() -> dict:
    return {f"memberships-{name}": 0 for name in ("TOTAL_FORMS", "INITIAL_FORMS")}


def test_an_administrator_adds_a_person_without_rights(as_administrator):
    address = reverse("admin:accounts_user_add")
    as_administrator.post(address, {"email": "Baru@Example.com", "name": "Baru", "language": "id", **every_right()})
    made = User.objects.get(email="baru@example.com")
    assert rights_of(made) == (False, False, 0, 0)
    assert not made.has_usable_password()


def test_a_superuser_adds_staff_who_choose_their_own_password(boss):
    group = Group.objects.get(name="Keuangan")
    address = reverse("admin:accounts_user_add")
    sent = {"email": "dewi@example.com", "name": "Dewi", "language": "id", "is_staff": "on", "groups": [group.pk]}
    assert boss.post(address, sent).status_code == 302
    made = User.objects.get(email="dewi@example.com")
    assert made.is_staff
    assert made.has_perm("billing.verify_payment")
    assert list(OutboxEmail.objects.filter(to="dewi@example.com").values_list("status", flat=True)) == ["queued"]


def test_a_second_account_with_the_same_address_is_refused(boss):
    factories.user(email="sari@example.com")
    response = boss.post(
        reverse("admin:accounts_user_add"), {"email": "SARI@example.com", "name": "", "language": "id"}
    )
    assert "Sudah ada akun dengan email ini" in response.content.decode()
    assert User.objects.filter(email__iexact="sari@example.com").count() == 1


def test_a_superuser_cannot_lock_themselves_out(boss, superuser):
    boss.post(page_of(superuser), {"name": "Ratna", "language": "id", **_empty_inline()})
    superuser.refresh_from_db()
    assert (superuser.is_active, superuser.is_staff, superuser.is_superuser) == (True, True, True)


def test_the_password_link_is_emailed_only_by_post_and_not_for_staff_accounts(as_administrator):
    person, colleague = factories.user(), factories.user(is_staff=True)
    address = reverse("admin:accounts_user_password_link", args=[person.pk])
    as_administrator.get(address)
    assert OutboxEmail.objects.count() == 0
    as_administrator.post(address)
    assert OutboxEmail.objects.get().to == person.email
    refused = as_administrator.post(reverse("admin:accounts_user_password_link", args=[colleague.pk]))
    assert (refused.status_code, OutboxEmail.objects.count()) == (403, 1)


def test_accounts_are_closed_not_deleted(boss):
    person = factories.user()
    assert boss.post(reverse("admin:accounts_user_delete", args=[person.pk]), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=person.pk).exists()


def test_only_a_superuser_takes_away_a_second_factor(client, boss, administrator):
    person = factories.user()
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    address = reverse("admin:accounts_user_press", args=[person.pk, "reset-second-factor"])
    client.force_login(administrator)
    assert (client.post(address).status_code, Authenticator.objects.count()) == (403, 1)
    client.force_login(User.objects.get(is_superuser=True))
    assert (client.post(address).status_code, Authenticator.objects.count()) == (302, 0)


def test_staff_without_a_second_factor_is_led_to_it_where_the_shop_demands_it(client, settings):
    settings.STAFF_MFA_REQUIRED = True
    person = factories.staff("billing.verify_payment")
    client.force_login(person)
    assert client.get(reverse("admin:billing_desk")).url == reverse("mfa_index")
    Authenticator.objects.create(user=person, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert client.get(reverse("admin:billing_desk")).status_code == 200


def test_built_in_groups_are_the_codes(boss):
    group = Group.objects.get(name="Keuangan")
    address = reverse("admin:auth_group_change", args=[group.pk])
    assert boss.post(address, {"name": "Lain", "permissions": []}).status_code == 403
    own = Group.objects.create(name="Gudang")
    assert boss.post(reverse("admin:auth_group_change", args=[own.pk]), {"name": "Gudang 2"}).status_code == 302


def test_an_administrator_makes_no_groups(as_administrator):
    assert as_administrator.get(reverse("admin:auth_group_add")).status_code == 403


def test_a_customers_change_by_staff_is_kept_in_its_history(as_administrator, administrator):
    customer = factories.customer(name="PT Lama")
    page = reverse("admin:accounts_customer_change", args=[customer.pk])
    fields = [
        "kind",
        "name",
        "npwp",
        "nik",
        "billing_email",
        "phone",
        "language",
        "address",
        "city",
        "province",
        "postal_code",
        "credit_pays_renewals",
    ]
    sent = {**{name: getattr(customer, name) for name in fields}, "name": "PT Baru"}
    inlines = {
        f"{prefix}-{name}": 0
        for prefix in ("memberships", "invitations", "events")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    assert as_administrator.post(page, {**sent, **inlines}).status_code == 302
    event = customer.events.get()
    assert (event.actor, event.kind, event.detail) == (
        administrator,
        "edited_by_staff",
        {"name": ["PT Lama", "PT Baru"]},
    )


def test_the_shops_settings_open_at_once(as_administrator):
    response = as_administrator.get(reverse("admin:accounts_shop_changelist"))
    assert response.url == reverse("admin:accounts_shop_change", args=[1])


def test_staff_revokes_an_open_invitation(as_administrator, administrator):
    customer = factories.customer(factories.user())
    invitation = invitations.invite(
        customer=customer, email="rekan@example.com", role=Role.VIEWER, actor=customer.users.get()
    )
    as_administrator.post(reverse("admin:accounts_invitation_press", args=[invitation.pk, "revoke"]))
    invitation.refresh_from_db()
    assert not invitation.is_open
    assert customer.events.filter(kind="invitation_revoked", actor=administrator).count() == 1
