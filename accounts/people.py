"""Accounts and customers: who is made, with whom as the owner."""

from allauth.account.models import EmailAddress
from django.db import IntegrityError, transaction

from accounts import verification
from accounts.models import Customer, CustomerEvent, Membership, User
from accounts.roles import Role

CUSTOMER_FIELDS = (
    "kind",
    "name",
    "npwp",
    "nik",
    "billing_email",
    "phone",
    "address",
    "city",
    "province",
    "postal_code",
    "language",
)


class EmailTaken(Exception):
    """Someone has an account with this address. The page must not say so to whoever typed it."""


@transaction.atomic
def create_account(*, email: str, password: str, name: str, language: str, customer: dict) -> tuple[User, Customer]:
    """A person with a customer of their own, and a mail in the outbox that asks to confirm the address.

    ``customer`` holds ``CUSTOMER_FIELDS``, cleaned by ``accounts.forms.CustomerForm``. Raises ``EmailTaken``.
    """
    email = email.strip().lower()
    if EmailAddress.objects.filter(email__iexact=email, verified=True).exists():
        raise EmailTaken(email)
    try:
        with transaction.atomic():
            user = User.objects.create_user(email, password, name=name, language=language)
    except IntegrityError as error:
        raise EmailTaken(email) from error
    address = EmailAddress.objects.create(user=user, email=email, primary=True, verified=False)
    made = create_customer(owner=user, **{"language": language, **customer})
    verification.ask(address, signup=True)
    return user, made


@transaction.atomic
def create_customer(*, owner: User, **fields) -> Customer:
    """A customer whose owner is ``owner``. ``fields`` are ``CUSTOMER_FIELDS``; any other raises ``TypeError``."""
    unknown = set(fields) - set(CUSTOMER_FIELDS)
    if unknown:
        raise TypeError(f"not a customer's own data: {', '.join(sorted(unknown))}")
    customer = Customer.objects.create(**fields)
    Membership.objects.create(customer=customer, user=owner, role=Role.OWNER)
    CustomerEvent.objects.create(customer=customer, actor=owner, kind="created")
    return customer


def update_person(*, user: User, name: str, language: str) -> None:
    """What a person says about themselves."""
    User.objects.filter(pk=user.pk).update(name=name, language=language)
