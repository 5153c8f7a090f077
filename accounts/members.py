"""Who acts for a customer: roles are changed and taken away, and one owner always remains."""

from django.db import transaction

from accounts.models import Customer, CustomerEvent, Membership, User
from accounts.roles import Role


class LastOwner(Exception):
    """A customer without an owner would be nobody's: the last one cannot be removed or given another role."""


class NotYourRole(Exception):
    """Only owners may make owners, or change and remove one."""


@transaction.atomic
def change_role(*, membership: Membership, role: Role, actor: User) -> Membership:
    """Give a member another role. Raises ``LastOwner``, ``NotYourRole``, ``Membership.DoesNotExist`` if it is gone."""
    owners = _lock_owners(membership.customer)
    kept = Membership.objects.select_for_update().get(pk=membership.pk)
    _check_owners_matter(actor, owners, kept.role == Role.OWNER or role == Role.OWNER)
    if kept.role == role:
        return kept
    if kept.role == Role.OWNER and len(owners) == 1:
        raise LastOwner(kept)
    detail = {"user": kept.user_id, "from": kept.role, "to": role}
    kept.role = role
    kept.save(update_fields=["role"])
    CustomerEvent.objects.create(customer=kept.customer, actor=actor, kind="role_changed", detail=detail)
    return kept


@transaction.atomic
def remove(*, membership: Membership, actor: User) -> None:
    """End a membership; everyone may end their own. Raises ``LastOwner``, ``NotYourRole``.

    Removing a member who is already gone does nothing.
    """
    owners = _lock_owners(membership.customer)
    kept = Membership.objects.select_for_update().filter(pk=membership.pk).first()
    if kept is None:
        return
    _check_owners_matter(actor, owners, kept.role == Role.OWNER)
    if kept.role == Role.OWNER and len(owners) == 1:
        raise LastOwner(kept)
    detail = {"user": kept.user_id, "role": kept.role}
    customer = kept.customer
    kept.delete()
    CustomerEvent.objects.create(customer=customer, actor=actor, kind="member_removed", detail=detail)


def _lock_owners(customer: Customer) -> list[int]:
    """The users who own the customer, which stays so until the transaction ends: changes of members wait for each other.

    The lock is on the customer's row: owners' rows of their own would be locked too late.
    On SQLite the transaction itself is the lock (IMMEDIATE).
    """
    Customer.objects.select_for_update().get(pk=customer.pk)
    return list(Membership.objects.filter(customer=customer, role=Role.OWNER).values_list("user_id", flat=True))


def _check_owners_matter(actor: User, owners: list[int], about_an_owner: bool) -> None:
    if about_an_owner and actor.pk not in owners:
        raise NotYourRole(actor)
