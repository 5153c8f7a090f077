"""Moving a demo order and everything that belongs to it into the past, day for day."""

from collections.abc import Iterable
from datetime import timedelta

from django.db import models

from billing import instalments
from billing.models import Order, Refund, TaxInvoice

# What is promised to customers, and how long proofs and rows take, stays as far apart as it was.
_ORDER = ("created_at", "terms_accepted_at")
_INVOICE = ("created_at", "issued_on", "due_on", "paid_at")
_SERVICE = ("created_at", "activation_due_since", "activated_at", "ended_at", "next_due", "renews_from", "suspended_at")
_CONFIRMATION = ("submitted_at", "decided_at", "transferred_on")
_PAYMENT = ("received_on", "recorded_at")
_CREDIT_NOTE = ("created_at", "issued_on")
_REFUND = ("paid_on", "recorded_at")
_TAX_INVOICE = ("requested_at", "issued_on", "filed_at", "refused_at")
_EVENT = ("at",)


def move_into_the_past(order: Order, by: timedelta) -> None:
    invoices = instalments.parts_of(order)
    services = order.services.all()
    confirmations = [one for invoice in invoices for one in invoice.confirmations.all()]
    allocations = [one for invoice in invoices for one in invoice.allocations.all()]
    # A payment that went back has several allocations, and is moved once.
    payments = {allocation.payment_id: allocation.payment for allocation in allocations}.values()
    for rows, fields in (
        ([order], _ORDER),
        (invoices, _INVOICE),
        *((invoice.lines.all(), ("period_start", "period_end")) for invoice in invoices),
        (services, _SERVICE),
        (confirmations, _CONFIRMATION),
        (allocations, ("created_at",)),
        (payments, _PAYMENT),
        *((invoice.credit_notes.all(), _CREDIT_NOTE) for invoice in invoices),
        (Refund.objects.filter(credit_note__invoice__in=invoices), _REFUND),
        (TaxInvoice.objects.filter(invoice__in=invoices), _TAX_INVOICE),
        (order.events.all(), _EVENT),
        *((invoice.events.all(), _EVENT) for invoice in invoices),
        *((service.events.all(), _EVENT) for service in services),
        *((confirmation.events.all(), _EVENT) for confirmation in confirmations),
        *((payment.credit_entries.all(), ("created_at",)) for payment in payments),
    ):
        _shift(rows, fields, by)


def _shift(rows: Iterable[models.Model], fields: Iterable[str], by: timedelta) -> None:
    for row in rows:
        model = type(row)
        fresh = model._base_manager.get(pk=row.pk)
        changes = {name: value - by for name in fields if (value := getattr(fresh, name)) is not None}
        model._base_manager.filter(pk=row.pk).update(**changes)
