"""Members' roles in a product: the first ones come by themselves, the others from the customer's owners (ON3)."""

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import membership as membership_of
from accounts.models import Customer, CustomerEvent, Membership, User
from accounts.roles import Role
from catalog.models import Product
from onboarding.models import MemberRole, ProductRole
from onboarding.refusals import NotAllowed


def may_give(user: User, customer: Customer) -> bool:
    """Only owners give roles."""
    found = membership_of(user, customer)
    return found is not None and found.role == Role.OWNER


@transaction.atomic
def give(*, membership: Membership, product: Product, role: ProductRole | None, actor: User) -> None:
    """Give a member a role in the product in place of the one they had, or ``None``: none. The same again does nothing.

    Raises ``NotAllowed`` for who is not an owner of the membership's customer.
    """
    if not may_give(actor, membership.customer):
        raise NotAllowed(_("Hanya pemilik yang memberi peran. Minta pemilik perusahaan Anda."))
    if role is not None and role.product_id != product.pk:
        raise ValueError(f"role {role.pk} is not of product {product.pk}")
    given = MemberRole.objects.filter(membership=membership, product=product)
    before = given.select_related("role").first()
    if (before and before.role) == role:
        return
    if role is None:
        given.delete()
    else:
        MemberRole.objects.update_or_create(membership=membership, product=product, defaults={"role": role})
    detail = {
        "user": membership.user_id,
        "email": membership.user.email,
        "product": product.pk,
        "was": before.role.name_id if before else "",
        "became": role.name_id if role else "",
    }
    CustomerEvent.objects.create(customer=membership.customer, actor=actor, kind="product_role_changed", detail=detail)


def first_role(product: Product) -> ProductRole | None:
    """What who subscribes becomes: the product's first role that signs."""
    return ProductRole.objects.filter(product=product, signs=True).order_by("sort", "pk").first()


@transaction.atomic
def give_first(customer: Customer, product: Product, extra_user: User | None = None) -> None:
    """Give the customer's owners, and ``extra_user`` if they are a member, the product's first role that signs.

    Who has a role in the product keeps it; a product without such a role gives none.
    """
    role = first_role(product)
    if role is None:
        return
    members = Membership.objects.filter(customer=customer).select_related("user").order_by("pk")
    for member in members:
        if member.role == Role.OWNER or (extra_user is not None and member.user_id == extra_user.pk):
            MemberRole.objects.get_or_create(membership=member, product=product, defaults={"role": role})
