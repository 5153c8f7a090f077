"""Fetch and authorise: another customer's object is not found (404), one's own in the wrong role is refused (403)."""

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.models import Customer, Membership, User
from accounts.roles import ALLOWED, Ability


def membership(user: User | AnonymousUser, customer: Customer) -> Membership | None:
    if not user.is_authenticated:
        return None
    return Membership.objects.filter(user=user, customer=customer).first()


def may(user: User | AnonymousUser, customer: Customer, ability: Ability) -> bool:
    """Whether the person's role at the customer allows it; someone who is no member may nothing."""
    found = membership(user, customer)
    return found is not None and found.role in ALLOWED[ability]


def require(user: User | AnonymousUser, customer: Customer, ability: Ability) -> None:
    """Raises ``PermissionDenied`` (403) unless the person's role at the customer has the ability."""
    if not may(user, customer, ability):
        raise PermissionDenied(ability.label)
