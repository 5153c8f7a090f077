"""Putting a change into effect: the service becomes what was asked for, once; its next due date and anchor day stay."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from accounts.models import User
from billing import lifecycle, notices, provisioning, transitions
from billing.changes import quotes, stocks
from billing.changes.selections import ENDED, Family
from billing.models import PriceChange, Service, ServiceChange, ServiceComponent
from billing.provisioning import Share
from catalog import kept_offers, pricing
from catalog.money import total_of
from catalog.pricing import Line
from catalog.selection import Selection

RUNNING = (Service.Status.ACTIVE, Service.Status.SUSPENDED)


def apply(change: ServiceChange, family: Family, actor: User | None) -> bool:
    """Make the change real, in a transaction that holds the service and its parts; false where that was done before.

    A service that ended meanwhile stays as it is: the change is cancelled, and the history says so.
    """
    service = family.service
    runs = service.status in RUNNING
    done = {"applied_at": timezone.now()} if runs else {"cancelled_at": timezone.now()}
    if not ServiceChange.objects.open().filter(pk=change.pk).update(**done):
        return False
    if not runs:
        stocks.release(change)
        transitions.remark(service, "change_not_applied", actor=actor, note=summary(change))
        return False
    change.refresh_from_db()
    stocks.move(change, service)
    _Application(change, family, actor).run()
    # A price that was announced for the old configuration is none for the new one.
    PriceChange.objects.to_come().filter(service=service).update(cancelled_at=timezone.now())
    transitions.remark(service, "changed", actor=actor, note=summary(change))
    notices.change_applied(change)
    return True


def summary(change: ServiceChange) -> str:
    """What changes, in one line for the history."""
    return "; ".join(f"{one['name_id']}: {one['before_id']} → {one['after_id']}" for one in change.words)


class _Application:
    def __init__(self, change: ServiceChange, family: Family, actor: User | None) -> None:
        self.change = change
        self.service = family.service
        self.actor = actor
        [self.offer] = kept_offers.from_json(change.offered).values()
        # The domain is kept with the service; it has no part in the change.
        self.selection = replace(Selection.from_json(change.selection), domain=None)
        self.item = pricing.Item(self.offer, self.selection)
        day = timezone.localdate(change.requested_at)
        self.lines = quotes.lines_of(family, self.offer, self.selection, day)

    def run(self) -> None:
        acts = {quotes.CHANGED: self._change, quotes.ADDED: self._add, quotes.ENDED: self._end}
        for part in self.change.parts:
            acts[part["what"]](part, self.lines.get(part["key"], ()))
        self.change.save(update_fields=["parts"])
        self.service.refresh_from_db()

    def _change(self, part: dict, lines: Sequence[Line]) -> None:
        service = self.service if part["key"] == "product" else Service.objects.get(pk=part["service"])
        renewing = [line for line in lines if line.recurring]
        discount = quotes.discount_of(service, part["key"], self.item, renewing)
        price = {
            "cycle": renewing[0].cycle,
            "recurring_net": total_of(line.recurring_amount for line in renewing),
            "recurring_discount": discount,
        }
        if service.recurring_discount and not discount:
            price |= {"promotion": None, "discounted_renewals_left": None}
        columns = self._product_columns() if service is self.service else self._due_together()
        Service.objects.filter(pk=service.pk).update(**price, **columns, renewed_on=None)
        self._price(service, renewing)

    def _product_columns(self) -> dict:
        offer, configured = self.offer, provisioning.snapshot(self.item)
        domain = [entry for entry in self.service.configuration if entry["key"] == "domain"]
        return {
            "product": self.change.product_id,
            "name_id": offer.name.id,
            "name_en": offer.name.en,
            "configuration": [*configured, *domain],
            "selection": self.change.selection,
            "quantity": self.selection.quantity,
            "taxable": offer.taxable,
            "pph23": offer.pph23,
            "activation": offer.activation,
        }

    def _due_together(self) -> dict:
        """What has the service's cycle is due with it."""
        due = self.service.next_due
        return {"anchor_day": self.service.anchor_day, "next_due": due, "renews_from": due}

    def _price(self, service: Service, lines: Sequence[Line]) -> None:
        """The parts of its renewal price, anew."""
        service.components.all().delete()
        shares = [
            Share(line, line.quantity, line.amount, line.discount, line.recurring_amount, line.recurring_discount)
            for line in lines
        ]
        ServiceComponent.objects.bulk_create(provisioning.component(service, share) for share in shares)

    def _add(self, part: dict, lines: Sequence[Line]) -> None:
        """An add-on joins the service; it starts by its own rule, as if ordered and paid."""
        [line] = [line for line in lines if line.kind == "addon"]
        child = provisioning.addon_service(self.offer, line)
        child.parent, child.order, child.customer = self.service, self.service.order, self.service.customer
        child.currency, child.recurring_net = self.service.currency, line.recurring_amount
        if line.recurring:
            for name, value in self._due_together().items():
                setattr(child, name, value)
        child.save()
        transitions.began(child, actor=self.actor)
        if line.recurring:
            self._price(child, [line])
        part["service"] = child.pk
        lifecycle.start_added(service=child, actor=self.actor)

    def _end(self, part: dict, lines: Sequence[Line]) -> None:
        child = Service.objects.get(pk=part["service"])
        if child.status not in ENDED:
            lifecycle.end_part(service=child, actor=self.actor, note=summary(self.change))
