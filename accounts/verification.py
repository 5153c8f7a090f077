"""Asking people to confirm that an email address is theirs; ordering works before they do."""

import uuid

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.urls import reverse

from accounts import crypto, outbox
from accounts.models import OutboxEmail, User


def ask(address: EmailAddress, *, signup: bool = False) -> OutboxEmail:
    """Queue the mail with the link that confirms ``address``."""
    key = EmailConfirmationHMAC(address).key
    return outbox.enqueue(
        key=f"address:{address.pk}:confirm:{uuid.uuid4().hex}",
        to=address.email,
        template="accounts/confirm_email",
        arguments={
            "name": address.user.get_short_name(),
            "secret": crypto.encrypt(outbox.absolute(reverse("account_confirm_email", args=[key]))),
            "signup": int(signup),
        },
        language=address.user.language,
        user=address.user,
    )


def is_confirmed(user: User) -> bool:
    """Whether the address that the person signs in with is theirs for certain."""
    return EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
