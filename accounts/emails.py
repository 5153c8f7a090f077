"""The emails of accounts: confirmation of an address, invitations, and what allauth tells people."""

from accounts import crypto, outbox


@outbox.email("accounts/confirm_email", secrets=["secret"], sample=lambda: {"name": "Sari", "secret": "", "signup": 1})
def confirm_email(*, name: str, secret: str, signup: int, reveal: bool) -> outbox.Content:
    return outbox.Content({"name": name, "link": _secret(secret, reveal), "signup": bool(signup)})


def _secret(encrypted: str, reveal: bool) -> str:
    return crypto.decrypt(encrypted) if reveal else outbox.MASK
