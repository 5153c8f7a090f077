"""What staff fills in for a quotation: its items, each with the shop's own form, and its terms."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from billing import paymethods
from billing.forms import RowField
from catalog import controls, offers, pricing
from catalog.configure_form import ConfigureForm, data_of, default_data
from catalog.cycles import Cycle
from catalog.models import Product
from catalog.offers import ProductOffer
from catalog.promotions import MAX_CODE
from onboarding.models import Quotation
from onboarding.quoting import Proposal, choices

DAYS_VALID = 14
MOST_ITEMS = 20
LONGEST_NOTE = 2000


class TermsForm(forms.Form):
    """``key`` names this one writing; ``seen`` is the version on top of which it is written."""

    prefix = "terms"
    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    seen = forms.IntegerField(widget=forms.HiddenInput, required=False)
    payment_method = RowField(label=_("Metode pembayaran"))
    valid_until = forms.DateField(
        label=_("Berlaku sampai"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Sampai hari itu pelanggan memesan dengan harga ini, apa pun yang berubah di katalog."),
    )
    promotion_code = forms.CharField(
        label=_("Kode promo"),
        required=False,
        max_length=MAX_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    note = forms.CharField(
        label=_("Catatan untuk pelanggan"),
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Tercetak di penawaran."),
    )

    def __init__(self, *args, quotation: Quotation | None, seen: int | None, **kwargs) -> None:
        initial = {"valid_until": timezone.localdate() + timedelta(days=DAYS_VALID), "seen": seen}
        if quotation:
            still = max(quotation.valid_until, timezone.localdate())
            initial |= {
                "payment_method": quotation.payment_method_id,
                "valid_until": still if still == quotation.valid_until else initial["valid_until"],
                "promotion_code": quotation.promotion_code,
                "note": quotation.note,
            }
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        self.fields["payment_method"].offer(paymethods.active())
        self.fields["valid_until"].widget.attrs["min"] = timezone.localdate().isoformat()

    @classmethod
    def as_typed(cls, data: QueryDict, **more) -> "TermsForm":
        """With what was typed so far, which nobody has sent yet: nothing of it is wrong."""
        typed = {name: data[f"{cls.prefix}-{name}"] for name in cls.base_fields if f"{cls.prefix}-{name}" in data}
        return cls(initial=typed, **more)

    def proposal(self, items) -> Proposal:
        """After ``is_valid``."""
        given = self.cleaned_data
        return Proposal(items, given["payment_method"], given["valid_until"], given["promotion_code"], given["note"])


@dataclass
class EditedItem:
    """A product of the quotation on the page. Its fields' names begin with ``prefix``."""

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
    """The items in their order, read from what was posted, from a quotation, or from a product to begin with."""

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
    def of(cls, quotation: Quotation | None, product: Product) -> "ItemsOnPage":
        if quotation is None:
            return cls([("0", product.pk, None)])
        chosen = choices(quotation)
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
