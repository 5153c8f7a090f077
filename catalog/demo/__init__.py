"""The demo shop's catalog: what three companies sell, with invented prices.

``load`` may run again at any time: it makes what is missing and leaves what is there, so staff's edits stay.
"""

from django.db import transaction

from catalog import snapshots
from catalog.demo import arupa, conditions, mekari, netdigi, plans


@transaction.atomic
def load() -> None:
    conditions.load_taxes_and_domains()
    netdigi.load()
    arupa.load()
    mekari.load()
    plans.load()
    conditions.load_promotions()
    snapshots.forget()
