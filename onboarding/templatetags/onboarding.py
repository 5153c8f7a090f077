"""What onboarding's pages say in words."""

import phonenumbers
from django import template

from accounts.models import User
from onboarding import tracker

register = template.Library()

register.filter("company_name", tracker.with_company)


@register.filter
def phone_number(value: str) -> str:
    """``+6281234567890`` as people here write it, ``0812-3456-7890``; other countries' with their code."""
    try:
        number = phonenumbers.parse(value, "ID")
    except phonenumbers.NumberParseException:
        return value
    national = number.country_code == phonenumbers.country_code_for_region("ID")
    form = phonenumbers.PhoneNumberFormat.NATIONAL if national else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


@register.filter
def initials(person: User) -> str:
    """``DP`` for Dewi Pratiwi."""
    words = person.get_full_name().split()
    return "".join(word[0] for word in words[:2]).upper()


@register.filter
def digits_only(value: str) -> str:
    """For ``https://wa.me/``: a telephone number without its plus sign and spaces."""
    return "".join(char for char in value if char.isdigit())
