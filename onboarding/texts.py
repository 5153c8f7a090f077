"""Texts that people write: as pages, emails and databases take them."""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

LONGEST_BODY = 20_000


def clean_body(body: str) -> str:
    """The text without what no page or database takes. Raises ``ValidationError`` for the field ``body``."""
    lines = body.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(char for char in lines if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cs"}).strip()
    if not text:
        raise ValidationError({"body": _("Tulis isinya.")})
    if len(text) > LONGEST_BODY:
        raise ValidationError(
            {"body": _("Tulisan terlalu panjang: paling banyak %(most)d huruf.") % {"most": LONGEST_BODY}}
        )
    return text
