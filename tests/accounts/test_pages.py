"""The pages under /client/ about people, customers, members and their emails."""

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import customers, limits
from accounts.models import Customer, CustomerEvent, Invitation, Membership, OutboxEmail
from accounts.roles import ALLOWED, Ability, Role
from tests import factories
from tests.accounts.invited import invite
from tests.accounts.test_forms import FIELDS

COMPANY = {**FIELDS, "kind": "company", "name": "PT Kenanga Baru"}


def browser_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def messages_of(response) -> list[str]:
    return [message.message for message in get_messages(response.wsgi_request)]


def row_of(customer) -> dict:
    return Customer.objects.filter(pk=customer.pk).values().get()


@pytest.mark.django_db
def test_a_person_changes_name_and_language(signed_in, owner):
    response = signed_in.post(reverse("accounts:profile"), {"name": "Sari Dewi", "language": "en"})
    assert response.headers["Location"] == reverse("accounts:profile")
    owner.refresh_from_db()
    assert (owner.name, owner.language) == ("Sari Dewi", "en")
    assert response.cookies["django_language"].value == "en"


@pytest.mark.django_db
@pytest.mark.parametrize("verified", [True, False])
def test_an_unconfirmed_address_is_said_on_the_profile(verified):
    person = factories.user(verified=verified)
    page = browser_of(person).get(reverse("accounts:profile")).content.decode()
    assert ("belum dikonfirmasi" in page) is not verified


@pytest.mark.django_db
def test_a_profile_takes_no_other_field_of_the_account(signed_in, owner):
    before = type(owner).objects.values().get(pk=owner.pk)
    every_field = {field.name: "1" for field in owner._meta.get_fields()}
    signed_in.post(reverse("accounts:profile"), {**every_field, "name": "Sari Dewi", "language": "en"})
    after = type(owner).objects.values().get(pk=owner.pk)
    assert {name for name in before if before[name] != after[name]} == {"name", "language"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "fields"), [("accounts:profile", {"name": "", "language": "id"}), ("accounts:customer", {"name": ""})]
)
def test_a_wrong_form_answers_422_with_the_mistakes_first(signed_in, url, fields):
    response = signed_in.post(reverse(url), fields)
    page = response.content.decode()
    assert response.status_code == 422
    assert "<title>Kesalahan:" in page
    assert "data-error-summary" in page


@pytest.mark.django_db
def test_a_customers_data_changes_with_a_line_of_history(signed_in, customer, owner):
    old = customer.name
    response = signed_in.post(reverse("accounts:customer"), COMPANY)
    assert response.headers["Location"] == reverse("accounts:profile")
    customer.refresh_from_db()
    assert (customer.name, customer.phone, customer.city) == ("PT Kenanga Baru", "+6281234567890", "Sleman")
    event = CustomerEvent.objects.get()
    assert (event.actor, event.kind, event.detail["name"]) == (owner, "updated", [old, "PT Kenanga Baru"])
    assert "city" not in event.detail


@pytest.mark.django_db
def test_a_customers_form_writes_no_other_field(signed_in, customer):
    before = row_of(customer)
    every_field = {field.name: "1" for field in Customer._meta.get_fields()}
    signed_in.post(reverse("accounts:customer"), {**every_field, **COMPANY})
    changed = {name for name, value in row_of(customer).items() if value != before[name]}
    assert changed <= set(FIELDS) | {*customers.SETTINGS}
    assert Membership.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", sorted(set(Role) - ALLOWED[Ability.EDIT_CUSTOMER]))
def test_a_lesser_role_reads_the_customers_data_but_changes_nothing(customer, role):
    client = browser_of(factories.member(customer, role=role).user)
    before = row_of(customer)
    assert customer.name in client.get(reverse("accounts:profile")).content.decode()
    assert client.post(reverse("accounts:customer"), COMPANY).status_code == 403
    assert row_of(customer) == before


@pytest.mark.django_db
def test_somebody_without_a_customer_is_led_to_make_one(client, db):
    person = factories.user()
    client.force_login(person)
    page = client.get(reverse("accounts:members")).content.decode()
    assert reverse("accounts:customer") in page
    client.post(reverse("accounts:customer"), COMPANY)
    assert list(person.memberships.values_list("customer__name", "role")) == [("PT Kenanga Baru", Role.OWNER)]


@pytest.mark.django_db
def test_a_person_switches_between_customers_of_their_own_only(client, customer, owner):
    other, foreign = factories.customer(owner), factories.customer(factories.user())
    client.force_login(owner)
    switch = reverse("accounts:switch-customer")
    assert foreign.name not in client.get(switch).content.decode()
    assert client.post(switch, {"customer": foreign.pk}).status_code == 404
    assert client.get(reverse("accounts:members")).context["mine"].customer == customer
    client.post(switch, {"customer": other.pk})
    assert client.get(reverse("accounts:members")).context["mine"].customer == other


@pytest.mark.django_db
@pytest.mark.parametrize(("number", "offered"), [(1, False), (2, True)])
def test_the_home_page_offers_the_switch_to_people_of_several_customers(signed_in, owner, number, offered):
    for _index in range(number - 1):
        factories.customer(owner)
    home = signed_in.get(reverse("client-home")).content.decode().partition("<main")[2]
    assert (reverse("accounts:switch-customer") in home) == offered


@pytest.mark.django_db
def test_the_members_page_shows_the_table_of_roles_and_no_buttons_to_those_who_may_not(customer):
    page = browser_of(factories.member(customer).user).get(reverse("accounts:members")).content.decode()
    assert all(str(ability.label) in page for ability in Ability)
    assert reverse("accounts:invite") not in page
    assert page.count("<form") == page.count('action="/language/"') + page.count("/logout/")
    assert page.count("/remove/") == 1


@pytest.mark.django_db
def test_inviting_by_the_page_queues_one_mail_and_says_so(signed_in, customer):
    response = signed_in.post(reverse("accounts:invite"), {"email": "Budi@Example.com", "role": "billing"})
    assert messages_of(response) == ["Undangan dikirim ke budi@example.com."]
    assert Invitation.objects.get().customer == customer
    assert OutboxEmail.objects.get().to == "budi@example.com"


@pytest.mark.django_db
def test_the_answer_does_not_tell_whether_the_invited_person_has_an_account(signed_in):
    factories.user(email="known@example.com")
    answers = [
        signed_in.post(reverse("accounts:invite"), {"email": f"{name}@example.com", "role": "billing"})
        for name in ("known", "strange")
    ]
    assert {(one.status_code, one.headers["Location"]) for one in answers} == {(302, reverse("accounts:members"))}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"email": "no address", "role": "viewer"}, "email"),
        ({"email": "budi@example.com\nBcc: x@example.com", "role": "viewer"}, "email"),
        ({"email": "budi@example.com", "role": "king"}, "role"),
    ],
)
def test_a_wrong_invitation_is_refused_at_its_field_and_sends_nothing(signed_in, fields, wrong):
    response = signed_in.post(reverse("accounts:invite"), fields)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [wrong]
    assert (Invitation.objects.count(), OutboxEmail.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_too_many_invitations_in_an_hour_are_refused(signed_in, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "invite", limits.Limit(1, 3600))
    codes = [
        signed_in.post(reverse("accounts:invite"), {"email": f"x{n}@example.com", "role": "viewer"}).status_code
        for n in range(2)
    ]
    assert codes == [302, 422]
    assert Invitation.objects.count() == 1


@pytest.mark.django_db
def test_roles_change_and_members_go_by_the_page(signed_in, customer):
    member = factories.member(customer)
    signed_in.post(reverse("accounts:member-role", args=[member.pk]), {"role": "technical"})
    member.refresh_from_db()
    assert member.role == Role.TECHNICAL
    signed_in.post(reverse("accounts:member-remove", args=[member.pk]))
    assert not Membership.objects.filter(pk=member.pk).exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "question"), [("member", "Keluarkan Adi Nugraha?"), ("owner", "Keluar dari PT Kopi?")])
def test_the_page_asks_before_a_member_goes_and_asking_changes_nothing(signed_in, customer, owner, who, question):
    Customer.objects.update(name="PT Kopi")
    member = factories.member(customer, factories.user(name="Adi Nugraha"))
    people = {"member": member, "owner": owner.memberships.get()}
    address = reverse("accounts:member-remove", args=[people[who].pk])
    assert address in signed_in.get(reverse("accounts:members")).content.decode()
    assert question in signed_in.get(address).content.decode()
    assert customer.memberships.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("url", "fields"), [("accounts:member-role", {"role": "viewer"}), ("accounts:member-remove", {})]
)
def test_the_page_says_why_the_last_owner_stays(signed_in, owner, url, fields):
    mine = owner.memberships.get()
    response = signed_in.post(reverse(url, args=[mine.pk]), fields)
    assert messages_of(response) == ["Pelanggan harus punya pemilik. Jadikan orang lain pemilik dahulu."]
    mine.refresh_from_db()
    assert mine.role == Role.OWNER


@pytest.mark.django_db
def test_anybody_may_leave_but_not_remove_others(customer, owner):
    member = factories.member(customer)
    client = browser_of(member.user)
    assert client.post(reverse("accounts:member-remove", args=[owner.memberships.get().pk])).status_code == 403
    client.post(reverse("accounts:member-remove", args=[member.pk]))
    assert list(customer.memberships.values_list("user", flat=True)) == [owner.pk]


@pytest.mark.django_db
def test_an_invited_person_signs_up_and_becomes_a_member(customer, owner, client):
    _invitation, token = invite(customer, owner)
    page = reverse("accounts:invitation", args=[token])
    assert customer.name in client.get(page).content.decode()
    fields = {"name": "Budi", "email": "budi@example.com", "password1": "kata sandi panjang", "next": page}
    # The link came by mail to this address: no second mail asks to confirm it.
    assert client.post(reverse("account_signup"), fields).headers["Location"] == page
    response = client.post(page)
    assert response.headers["Location"] == reverse("client-home")
    budi = customer.memberships.get(role=Role.BILLING).user
    assert budi.email == "budi@example.com"
    assert budi.emailaddress_set.get().verified


@pytest.mark.django_db
def test_a_guest_who_accepts_is_sent_to_sign_in_and_comes_back(customer, owner, client):
    _invitation, token = invite(customer, owner)
    page = reverse("accounts:invitation", args=[token])
    assert client.post(page).headers["Location"] == f"{reverse('account_login')}?next={page}"


@pytest.mark.django_db
def test_somebody_else_cannot_accept_and_is_told_whose_it_is(customer, owner):
    _invitation, token = invite(customer, owner)
    client = browser_of(factories.user())
    response = client.post(reverse("accounts:invitation", args=[token]))
    assert response.status_code == 422
    assert "budi@example.com" in response.content.decode()
    assert customer.memberships.count() == 1


@pytest.mark.django_db
def test_accepting_makes_the_new_customer_the_active_one(customer, owner):
    budi = factories.user(email="budi@example.com")
    factories.customer(budi)
    _invitation, token = invite(customer, owner)
    client = browser_of(budi)
    client.post(reverse("accounts:invitation", args=[token]))
    assert client.get(reverse("accounts:members")).context["mine"].customer == customer


def sent(*, template="accounts/security_notice", **fields) -> OutboxEmail:
    number = OutboxEmail.objects.count()
    return OutboxEmail.objects.create(
        key=f"test:{number}",
        to="x@example.com",
        template=template,
        status=OutboxEmail.Status.SENT,
        sent_at=timezone.now(),
        subject=f"Subjek {number}",
        text_body="Isi <b>polos</b> https://example.com/x",
        **fields,
    )


@pytest.mark.django_db
def test_people_read_their_own_emails_and_their_customers_by_role(customer, owner):
    technical = factories.member(customer, role=Role.TECHNICAL).user
    mine, ours, theirs = sent(user=owner), sent(customer=customer), sent(customer=factories.customer())
    sent(user=technical)
    OutboxEmail.objects.create(key="waiting", to="x@example.com", template=ours.template, customer=customer)
    listed = browser_of(owner).get(reverse("accounts:emails")).context["page_obj"].object_list
    assert set(listed) == {mine, ours}
    client = browser_of(technical)
    assert ours not in client.get(reverse("accounts:emails")).context["page_obj"].object_list
    for email in (mine, ours, theirs):
        assert client.get(reverse("accounts:email", args=[email.pk])).status_code == 404


@pytest.mark.django_db
def test_an_email_is_shown_as_text_that_cannot_act(signed_in, customer):
    page = signed_in.get(reverse("accounts:email", args=[sent(customer=customer).pk])).content.decode()
    assert "Isi &lt;b&gt;polos&lt;/b&gt;" in page
    assert 'href="https://example.com/x"' in page


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_emails_cost_the_same_queries_however_many(signed_in, customer, rows, django_assert_num_queries):
    for _ in range(rows):
        sent(customer=customer)
    signed_in.get(reverse("accounts:emails"))
    with django_assert_num_queries(4):
        signed_in.get(reverse("accounts:emails"))


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_members_cost_the_same_queries_however_many(signed_in, customer, owner, rows, django_assert_num_queries):
    for number in range(rows):
        factories.member(customer)
        invite(customer, owner, email=f"x{number}@example.com")
    signed_in.get(reverse("accounts:members"))
    with django_assert_num_queries(5):
        signed_in.get(reverse("accounts:members"))


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [1, 3])
def test_switching_costs_the_same_queries_however_many(signed_in, owner, rows, django_assert_num_queries):
    for _ in range(rows):
        factories.customer(owner)
    signed_in.get(reverse("accounts:switch-customer"))
    with django_assert_num_queries(3):
        signed_in.get(reverse("accounts:switch-customer"))
