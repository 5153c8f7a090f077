"""Which sent emails a person may read again."""

from django.db.models import Q, QuerySet

from accounts import outbox
from accounts.models import Membership, OutboxEmail, User
from accounts.roles import ALLOWED


def readable_by(user: User, membership: Membership | None) -> QuerySet[OutboxEmail]:
    """The person's own emails, and the customer's as far as the role sees what they are about; newest first."""
    mine = Q(user=user, customer=None)
    if membership is not None:
        seen = [email.template for email in outbox.all_registered() if membership.role in ALLOWED[email.ability]]
        mine |= Q(customer=membership.customer_id, template__in=seen)
    return OutboxEmail.objects.filter(mine, status=OutboxEmail.Status.SENT).order_by("-created_at", "-pk")
