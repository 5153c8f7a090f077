"""Secrets at rest: encrypted with keys from the environment, never with one from the database."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings


class CannotDecrypt(Exception):
    """The text was encrypted with a key that is no longer configured, or was changed."""


def _box() -> MultiFernet:
    keys = [hashlib.sha256(key.encode()).digest() for key in settings.FIELD_ENCRYPTION_KEYS]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def encrypt(text: str) -> str:
    """The text, unreadable without ``FIELD_ENCRYPTION_KEY``; an empty one stays empty."""
    return _box().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """What ``encrypt`` was given. Raises ``CannotDecrypt``."""
    if not token:
        return ""
    try:
        return _box().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise CannotDecrypt("this text was encrypted with another FIELD_ENCRYPTION_KEY") from error
