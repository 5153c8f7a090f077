"""Everything that happened to a service, in one line of time: its own events and its parts', its invoices, credit notes and
changes, and what the apps above add with ``also()``.

One query says which rows stand on a page, and one for each kind of row reads them, however long the history is.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.paginator import Page, Paginator
from django.db import models
from django.db.models import F, IntegerField, Q, Value

from accounts.models import User
from billing.models import CreditNote, Invoice, InvoiceEvent, Service, ServiceChange, ServiceEvent

PAGE_SIZE = 25


@dataclass(frozen=True)
class Source:
    """``rows`` are a service's as far as the person may know of them, ``moment`` names the column that says when."""

    key: str
    model: type[models.Model]
    rows: Callable[[Service, User], models.QuerySet]
    moment: str
    related: Sequence[str] = ()


@dataclass(frozen=True)
class Happening:
    at: datetime
    key: str
    row: models.Model


def _own_events(service: Service, user: User) -> models.QuerySet:
    return ServiceEvent.objects.filter(Q(service=service) | Q(service__parent=service))


def _invoice_events(service: Service, user: User) -> models.QuerySet:
    """Issued, paid, open again, cancelled: of every invoice that names the service."""
    if not user.has_perm("billing.view_invoice"):
        return InvoiceEvent.objects.none()
    told = InvoiceEvent.objects.exclude(to_status__in=["", Invoice.Status.DRAFT])
    return told.filter(invoice__in=Invoice.objects.filter(lines__service=service))


def _credit_notes(service: Service, user: User) -> models.QuerySet:
    if not user.has_perm("billing.view_invoice"):
        return CreditNote.objects.none()
    return CreditNote.objects.filter(pk__in=CreditNote.objects.filter(lines__invoice_line__service=service))


def _changes(service: Service, user: User) -> models.QuerySet:
    return ServiceChange.objects.filter(service=service)


_SOURCES: dict[str, Source] = {
    source.key: source
    for source in (
        Source("event", ServiceEvent, _own_events, "at", ("actor", "service")),
        Source("invoice", InvoiceEvent, _invoice_events, "at", ("actor", "invoice")),
        Source("credit_note", CreditNote, _credit_notes, "created_at", ("issued_by", "invoice")),
        Source("change", ServiceChange, _changes, "requested_at", ("requested_by", "invoice", "product")),
    )
}


def also(source: Source) -> None:
    """Let rows of another app stand in the histories."""
    if source.key in _SOURCES:
        raise ValueError(f"histories have {source.key} already")
    _SOURCES[source.key] = source


def page_of(service: Service, user: User, number: str | int | None, size: int = PAGE_SIZE) -> Page:
    """A page of ``Happening``s, the newest first."""
    first, *others = [_keys(source, service, user) for source in _SOURCES.values()]
    everything = first.union(*others, all=True).order_by("-moment", "-row")
    page = Paginator(everything, size).get_page(number)
    page.object_list = list(_read(list(page.object_list)))
    return page


def _keys(source: Source, service: Service, user: User) -> models.QuerySet:
    key = Value(source.key, output_field=models.CharField())
    rows = source.rows(service, user).order_by()
    named = rows.annotate(moment=F(source.moment), source=key, row=models.ExpressionWrapper(F("pk"), IntegerField()))
    return named.values_list("moment", "source", "row")


def _read(keys: Sequence[tuple[datetime, str, int]]) -> Iterable[Happening]:
    wanted: dict[str, list[int]] = {}
    for _moment, key, pk in keys:
        wanted.setdefault(key, []).append(pk)
    found = {key: _rows(_SOURCES[key], ids) for key, ids in wanted.items()}
    return [Happening(moment, key, found[key][pk]) for moment, key, pk in keys]


def _rows(source: Source, ids: Sequence[int]) -> Mapping[int, models.Model]:
    return source.model._default_manager.select_related(*source.related).in_bulk(ids)
