"""A customer's own data, changed by its people; every change leaves a line of history."""

from django.db import transaction

from accounts.models import Customer, CustomerEvent, User
from accounts.people import CUSTOMER_FIELDS

# How a customer wants to be invoiced.
SETTINGS = ("separate_invoices", "credit_pays_renewals")


@transaction.atomic
def update(*, customer: Customer, actor: User, **fields) -> Customer:
    """Write the given ``CUSTOMER_FIELDS`` and ``SETTINGS``; history keeps old and new values.

    Any other field raises ``TypeError``.
    """
    unknown = set(fields) - {*CUSTOMER_FIELDS, *SETTINGS}
    if unknown:
        raise TypeError(f"not a customer's own data: {', '.join(sorted(unknown))}")
    kept = Customer.objects.select_for_update().get(pk=customer.pk)
    changes = {name: [getattr(kept, name), value] for name, value in fields.items() if getattr(kept, name) != value}
    if changes:
        for name, (_old, value) in changes.items():
            setattr(kept, name, value)
        kept.save(update_fields=list(changes))
        CustomerEvent.objects.create(customer=kept, actor=actor, kind="updated", detail=changes)
    return kept
