import pytest
from allauth.account.models import EmailAddress

from accounts import people
from accounts.models import Customer, CustomerEvent, Membership, OutboxEmail, User
from accounts.roles import Role
from tests import factories

COMPANY = {
    "kind": Customer.Kind.COMPANY,
    "name": "PT Kenanga",
    "billing_email": "keuangan@kenanga.example",
    "phone": "+628123456789",
    "address": "Jl. Kenanga 8",
    "city": "Sleman",
    "province": "DI Yogyakarta",
    "postal_code": "55281",
}


def create(**changes):
    fields = {
        "email": "Sari@Kenanga.example",
        "password": "kata sandi panjang",
        "name": "Sari Dewi",
        "language": "en",
        "customer": COMPANY,
    }
    return people.create_account(**{**fields, **changes})


@pytest.mark.django_db
def test_a_new_account_owns_its_customer_and_is_asked_to_confirm_its_address():
    user, customer = create()
    assert (user.email, user.name, user.language) == ("sari@kenanga.example", "Sari Dewi", "en")
    assert user.check_password("kata sandi panjang")
    assert list(Membership.objects.values_list("user", "customer", "role")) == [(user.pk, customer.pk, Role.OWNER)]
    assert customer.language == "en"
    address = EmailAddress.objects.get()
    assert (address.email, address.verified, address.primary) == ("sari@kenanga.example", False, True)
    mail = OutboxEmail.objects.get()
    assert (mail.to, mail.template, mail.language, mail.user) == (address.email, "accounts/confirm_email", "en", user)
    assert list(CustomerEvent.objects.values_list("customer", "actor", "kind")) == [(customer.pk, user.pk, "created")]


@pytest.mark.django_db
@pytest.mark.parametrize("spelling", ["sari@kenanga.example", "SARI@KENANGA.EXAMPLE", " sari@kenanga.example "])
def test_a_taken_address_is_refused_and_nothing_is_made(spelling):
    factories.user(email="sari@kenanga.example")
    with pytest.raises(people.EmailTaken):
        create(email=spelling)
    assert (User.objects.count(), Customer.objects.count(), OutboxEmail.objects.count()) == (1, 0, 0)


@pytest.mark.django_db
def test_an_address_that_another_person_confirmed_as_a_second_one_is_taken_too():
    person = factories.user()
    EmailAddress.objects.create(user=person, email="sari@kenanga.example", verified=True)
    with pytest.raises(people.EmailTaken):
        create()
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_a_customer_takes_its_own_data_only():
    with pytest.raises(TypeError, match="separate_invoices"):
        people.create_customer(owner=factories.user(), **COMPANY, separate_invoices=True)
    assert Customer.objects.count() == 0
