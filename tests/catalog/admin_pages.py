"""Filling in the admin's pages as a browser would."""

from decimal import Decimal

from django.urls import reverse

from catalog.models import Price


def page(name: str, *args) -> str:
    return reverse(f"admin:catalog_{name}", args=args)


def typed(response) -> dict[str, str]:
    """What a browser would post of an admin page as it is."""
    data = {}
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is True:
                data[bound.html_name] = "on"
            elif value is not None and value is not False:
                data[bound.html_name] = value
    return data


def submit(client, address: str, **changes):
    return client.post(address, {**typed(client.get(address)), **changes})


def problems(response) -> dict[str, list[str]]:
    assert response.status_code == 200
    return dict(response.context["adminform"].form.errors)


def prices_of(**owner) -> dict[str, tuple[Decimal, Decimal]]:
    return {row.cycle: (row.amount, row.setup_fee) for row in Price.objects.filter(**owner)}
