"""Texts that staff write in Indonesian and English, and text fields that refuse what people cannot see."""

import unicodedata
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def speaks_english() -> bool:
    return (get_language() or "id").startswith("en")


class Bilingual:
    """Reads ``<name>_id`` or ``<name>_en`` by the active language; an empty one falls back to the other.

    >>> class Product(models.Model):
    ...     name_id = models.CharField(max_length=120)
    ...     name_en = models.CharField(max_length=120, blank=True)
    ...     name = Bilingual()
    """

    def __set_name__(self, owner: type, name: str) -> None:
        self.fields = {"id": f"{name}_id", "en": f"{name}_en"}

    def __get__(self, instance, owner: type | None = None):
        if instance is None:
            return self
        wanted, other = ("en", "id") if speaks_english() else ("id", "en")
        return getattr(instance, self.fields[wanted]) or getattr(instance, self.fields[other])


def validate_one_line(value: str) -> None:
    """Refuse what ``CharField`` lets through: line breaks, control characters, and names nobody can see.

    Raises ``ValidationError`` for CR, LF, U+2028/2029, NUL and other control characters, lone surrogates, and a value whose
    every character is invisible.
    """
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value):
        raise ValidationError(_("Isi dalam satu baris, tanpa karakter kendali."), code="control_character")
    if value and all(unicodedata.category(char) in {"Cf", "Zs", "Mn"} for char in value):
        raise ValidationError(_("Isi dengan huruf atau angka yang terlihat."), code="invisible")


@dataclass(frozen=True)
class Text:
    """A text in both languages; written out, it is the active language's, or the other where that one is empty."""

    id: str
    en: str = ""

    @classmethod
    def of(cls, instance, name: str) -> "Text":
        """The two fields ``<name>_id`` and ``<name>_en`` of a model instance."""
        return cls(getattr(instance, f"{name}_id"), getattr(instance, f"{name}_en"))

    def __str__(self) -> str:
        return (self.en or self.id) if speaks_english() else (self.id or self.en)
