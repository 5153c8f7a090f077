"""Template tags every page uses; a builtin, so no page loads it."""

from django import forms, template
from django.forms import BoundField
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


@register.filter
def startswith(text: str, beginning: str) -> bool:
    return text.startswith(beginning)


@register.filter
def widget_kind(field: BoundField) -> str:
    """How ``forms/field.html`` lays a field out: checkbox, choices, file, password, plain, or one line in a frame."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        return "checkbox"
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return "choices"
    if isinstance(widget, forms.FileInput):
        return "file"
    if isinstance(widget, forms.PasswordInput):
        return "password"
    if isinstance(widget, forms.Textarea | forms.MultiWidget | forms.SelectMultiple):
        return "plain"
    return "line"


@register.filter
def first_input_id(field: BoundField) -> str:
    """The id that a link to the field leads to: of a group of choices its first."""
    return f"{field.auto_id}_0" if widget_kind(field) == "choices" else field.auto_id
