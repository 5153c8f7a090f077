"""What a change changes, in both languages: kept with it, shown on pages and in emails."""

from collections.abc import Iterator, Mapping

from django.utils import translation

from accounts.texts import Text
from billing import provisioning
from billing.changes import quotes
from billing.changes.quotes import ChangeQuote
from catalog import pricing
from catalog.configuration import YES
from catalog.cycles import Cycle

Words = dict[str, str]
NOTHING = Text("–", "–")


def of(quote: ChangeQuote) -> list[Words]:
    """Each thing that becomes another, as {"name_id", "name_en", "before_id", … "after_en"}; empty where nothing does."""
    return list(_all(quote))


def _all(quote: ChangeQuote) -> Iterator[Words]:
    service = quote.service
    if quote.offer.id != service.product_id:
        yield _entry(Text("Paket", "Plan"), Text.of(service, "name"), quote.offer.name)
    if quote.selection.cycle != service.cycle:
        yield _entry(Text("Siklus penagihan", "Billing cycle"), _cycle(service.cycle), _cycle(quote.selection.cycle))
    if quote.selection.quantity != service.quantity:
        yield _entry(Text("Jumlah", "Quantity"), Text(str(service.quantity)), Text(str(quote.selection.quantity)))
    yield from _options(quote)
    for part in quote.parts:
        if part.what == quotes.ADDED:
            yield _entry(part.name, NOTHING, YES)
        elif part.what == quotes.ENDED:
            yield _entry(part.name, YES, NOTHING)


def _options(quote: ChangeQuote) -> Iterator[Words]:
    before = {one["key"]: one for one in quote.service.configuration if one["key"] != "domain"}
    after = {one["key"]: one for one in provisioning.snapshot(pricing.Item(quote.offer, quote.selection))}
    for key, entry in after.items():
        was = _value(before.get(key))
        if was != _value(entry):
            yield _entry(_name(entry), was, _value(entry))
    for key, entry in before.items():
        if key not in after:
            yield _entry(_name(entry), _value(entry), NOTHING)


def _name(entry: Mapping[str, str]) -> Text:
    return Text(entry["name_id"], entry["name_en"])


def _value(entry: Mapping[str, str] | None) -> Text:
    return Text(entry["value_id"], entry["value_en"]) if entry else NOTHING


def _cycle(cycle: str) -> Text:
    label = Cycle(cycle).label
    with translation.override("id"):
        indonesian = str(label)
    with translation.override("en"):
        return Text(indonesian, str(label))


def _entry(name: Text, before: Text, after: Text) -> Words:
    return {
        "name_id": name.id,
        "name_en": name.en,
        "before_id": before.id,
        "before_en": before.en,
        "after_id": after.id,
        "after_en": after.en,
    }
