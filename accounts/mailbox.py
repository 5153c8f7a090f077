"""Which sent emails a person may read again."""

from django.db.models import Q, QuerySet

from accounts import outbox
from accounts.models import Membership, OutboxEmail, User
from accounts.roles import ALLOWED


def readable_by(user: User, membership: Membership | None) -> QuerySet[OutboxEmail]:
    """The person's own emails, and the customer's as far as the role sees what they are about; newest first."""
    mine = Q(user=user, customer=None)
    if membership is not None:
        emails = outbox.all_registered()
        seen = [email.template for email in emails if email.ability and membership.role in ALLOWED[email.ability]]
        own = [email.template for email in emails if email.addressee and email.readable is None]
        readable = Q(template__in=seen) | Q(template__in=own, user=user)
        for email in emails:
            if email.addressee and email.readable is not None:
                readable |= Q(template=email.template, user=user) & email.readable(user)
        mine |= Q(customer=membership.customer_id) & readable
    return OutboxEmail.objects.filter(mine, status=OutboxEmail.Status.SENT).order_by("-created_at", "-pk")
