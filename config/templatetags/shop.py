"""Template tags every page uses; a builtin, so no page loads it."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html

from catalog import money

register = template.Library()


@register.simple_tag
def icon(name: str):
    """An icon of the sprite, decoration only: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" width="20" height="20" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


@register.filter
def rupiah(amount):
    """``Rp1.250.000`` (RULES MO2)."""
    return money.format_money(amount)
