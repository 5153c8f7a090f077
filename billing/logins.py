"""A service's login details, for those who may see them."""

from accounts import crypto
from accounts.models import User
from billing import transitions
from billing.models import Service


def reveal(*, service: Service, actor: User) -> str:
    """The details in clear text; that they were looked at is kept, what they are is not (S8). Raises ``CannotDecrypt``."""
    details = crypto.decrypt(service.login_details_encrypted)
    transitions.remark(service, "login_details_seen", actor=actor)
    return details
