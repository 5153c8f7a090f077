"""Several configured products on one page, each with the shop's own form: how staff writes orders and quotations."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.http import QueryDict

from catalog import controls, offers, pricing
from catalog.configure_form import ConfigureForm, data_of, default_data
from catalog.cycles import Cycle
from catalog.models import Product
from catalog.offers import ProductOffer
from catalog.selection import Selection

MOST_ITEMS = 20


def products():
    """What can be put on the page, by group."""
    return Product.objects.orderable().filter(prices__isnull=False).distinct().select_related("group")


@dataclass
class EditedItem:
    """A product on the page. Its fields' names begin with ``prefix``."""

    number: str
    form: ConfigureForm

    @property
    def offer(self) -> ProductOffer:
        return self.form.offer

    @property
    def prefix(self) -> str:
        return f"item-{self.number}-"

    @property
    def cycles(self) -> list[tuple[str, str]]:
        return [(cycle, Cycle(cycle).label) for cycle in self.offer.cycles]

    @cached_property
    def option_groups(self) -> list:
        return controls.option_groups(self.form)

    @cached_property
    def addons(self) -> list:
        return controls.addons(self.form)

    def read(self) -> pricing.Item:
        """What is chosen; what is wrong with it stands in the form."""
        self.form.is_valid()
        item = pricing.Item(self.offer, self.form.selection())
        self.form.refuse(pricing.preview(item).problems)
        return item

    @property
    def problems(self) -> list[str]:
        return [str(error) for errors in self.form.errors.values() for error in errors]


class ItemsOnPage:
    """The items in their order, read from what was posted, from what was chosen before, or from a product to begin with."""

    def __init__(self, rows: Iterable[tuple[str, int, Mapping[str, Any] | None]]) -> None:
        """Each row is a number, a product id, and its fields' values; ``None`` is the product's own defaults."""
        rows = list(rows)[:MOST_ITEMS]
        found = offers.load({product_id for _number, product_id, _data in rows})
        self.items = [
            EditedItem(number, ConfigureForm(found[pk], default_data(found[pk]) if data is None else data))
            for number, pk, data in rows
            if pk in found and found[pk].cycles
        ]

    @classmethod
    def posted(cls, data: QueryDict) -> "ItemsOnPage":
        """With the item that is to be added, and without the one that is to be removed."""
        numbers = [one for one in data.getlist("item") if one.isdecimal() and one != data.get("remove")]
        rows = [(one, _product_id(data, one), _fields_of(data, one)) for one in dict.fromkeys(numbers)]
        added = data.get("add", "")
        if data.get("action") == "add" and added.isdecimal():
            following = max((int(one) for one in data.getlist("item") if one.isdecimal()), default=-1) + 1
            rows.append((str(following), int(added), None))
        return cls(rows)

    @classmethod
    def starting_with(cls, product_id: int) -> "ItemsOnPage":
        """One item as the product's page opens."""
        return cls([("0", product_id, None)])

    @classmethod
    def of(cls, chosen: Iterable[tuple[int, Selection]]) -> "ItemsOnPage":
        chosen = list(chosen)
        found = offers.load({product_id for product_id, _selection in chosen})
        return cls(
            (str(number), pk, default_data(found[pk], selection.cycle) | data_of(found[pk], selection))
            for number, (pk, selection) in enumerate(chosen)
            if pk in found and found[pk].cycles
        )

    def read(self) -> list[pricing.Item]:
        return [item.read() for item in self.items]

    @property
    def is_valid(self) -> bool:
        """After ``read``."""
        return not any(item.form.errors for item in self.items)

    @property
    def chosen(self) -> list[tuple[int, Selection]]:
        """After ``read``: each product with what is chosen of it, as a cart keeps them."""
        return [(item.offer.id, item.form.selection()) for item in self.items]

    def blame_nothing(self) -> None:
        """A page just opened accuses nobody of what was not filled in yet."""
        for item in self.items:
            item.form.keep_errors_of([])


def _product_id(data: QueryDict, number: str) -> int:
    posted = data.get(f"item-{number}-product", "")
    return int(posted) if posted.isdecimal() and len(posted) < 16 else 0


def _fields_of(data: QueryDict, number: str) -> dict[str, Any]:
    prefix = f"item-{number}-"
    names = [name for name in data if name.startswith(prefix)]
    return {
        name.removeprefix(prefix): data.getlist(name) if name == f"{prefix}addons" else data[name] for name in names
    }
