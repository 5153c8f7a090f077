"""Template tags every page uses; a builtin, so no page loads it."""

import functools
import re

from django import forms, template
from django.conf import settings
from django.forms import BoundField
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from accounts import dates
from accounts.middleware import active_membership
from accounts.roles import ALLOWED, Ability
from catalog import money
from catalog.markdown import render as render_markdown
from config import devices, shell
from config.badges import Badge, badge_for_staff, badge_of

register = template.Library()


@register.simple_tag
@functools.cache
def icon(name: str):
    """An icon of the sprite, decoration only: the words beside it say what it means. The same on every page, so kept."""
    return format_html(
        '<svg class="icon" width="20" height="20" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def page_head():
    return shell.head()


@register.simple_tag(takes_context=True)
def topbar(context):
    return shell.topbar(context["request"], context["csrf_token"])


@register.simple_tag(takes_context=True)
def side(context):
    return shell.side(context["request"])


@register.simple_tag
def order_steps(current):
    return shell.order_steps(current)


@register.simple_tag
def page_foot():
    return shell.foot()


@register.simple_tag(takes_context=True)
def ticket_address(context, **asked):
    """Where the visitor asks by a ticket that ``asked`` fills in; empty for guests and for roles that may not."""
    request = context.get("request")
    if request is None or not hasattr(request, "user") or not request.user.is_authenticated:
        return ""
    membership = active_membership(request)
    if membership and membership.role not in ALLOWED[Ability.OPEN_TICKETS]:
        return ""
    query = urlencode({name: value for name, value in asked.items() if value})
    return reverse("tickets:new") + (f"?{query}" if query else "")


@register.simple_tag
def badge(thing):
    """The status of an invoice, order, service, ticket, onboarding and so on, in words on a soft colour."""
    return _tag(badge_of(thing))


@register.simple_tag
def staff_badge(thing):
    """The state that is stored, such as a ticket's, for staff."""
    return _tag(badge_for_staff(thing))


def _tag(found: Badge):
    return format_html('<span class="tag{}">{}</span>', f" tag-{found.tone}" if found.tone else "", found.label)


@register.filter
def rupiah(amount):
    """``Rp1.250.000`` (RULES MO2)."""
    return money.format_money(amount)


@register.filter
def markdown(text):
    """A text that staff wrote in Markdown, as safe HTML."""
    return render_markdown(str(text))


@register.filter
def message_text(text):
    """A message of a ticket, as safe HTML: Markdown, but lines end where their writer ended them."""
    return render_markdown(str(text), is_message=True)


def _of_a_date(write):
    """A filter for dates that may be missing: nothing is written as nothing."""
    return register.filter(write.__name__, lambda value: write(value) if value else "")


for _write in (
    dates.long_date,
    dates.full_date,
    dates.short_date,
    dates.clock,
    dates.long_moment,
    dates.short_moment,
    dates.relative_days,
):
    _of_a_date(_write)


@register.filter
def day_span(period) -> str:
    """From the first to the last day of what has both."""
    return dates.day_span(period.first, period.last)


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


@register.filter
def said_of(error: str, field: BoundField) -> str:
    """An error as the summary says it: one that names nothing, such as "fill this in", is told with its field's label."""
    return f"{field.label}: {error}" if error == _("This field is required.") else error


@register.filter
def bare(field: BoundField) -> BoundField:
    """A field of allauth's without the attributes it should not have: placeholders that repeat the label, inline style.

    A label that its form leaves to the field's name, in English, is translated by locale/id.
    """
    for attribute in ("placeholder", "style"):
        field.field.widget.attrs.pop(attribute, None)
    if not field.field.label and field.label:
        field.label = _(field.label)
    return field


@register.filter
def as_group(field: BoundField):
    """The field as ``forms/field.html`` lays it out, after other filters."""
    return field.as_field_group()


@register.filter
def is_trap(field: BoundField) -> bool:
    """Whether this is the field that only robots fill in."""
    return field.name == settings.ACCOUNT_SIGNUP_FORM_HONEYPOT_FIELD


@register.simple_tag
def qr_code(svg: str):
    """A QR code that a library drew as SVG, without its XML frame: nothing but the box and the path is taken over."""
    box = re.search(r'viewBox="([\d. ]+)"', svg)
    path = re.search(r' d="([MmHhVvLlZz\d., -]+)"', svg)
    return format_html(
        '<svg class="qr" viewBox="{}" role="img" aria-label="{}"><path d="{}"/></svg>', box[1], _("Kode QR"), path[1]
    )


register.filter("device", devices.name_of)
register.filter("device_icon", devices.icon_of)
