"""Products as the shop sells them, and a cart to put them in."""

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from catalog.cycles import Cycle
from catalog.models import DomainExtension, Product
from tests import factories


def configure_address(product: Product, name: str = "cart:configure") -> str:
    return reverse(name, args=[product.group.slug, product.slug])


def catalog_changed() -> None:
    """What staff's edits do to the processes' memory, which here has no commit to wait for."""
    caches["process"].clear()


@pytest.fixture
def backup(db) -> Product:
    """Arupa's plan: storage and users by sliders, a domain text, add-ons, two cycles, PPN."""
    factories.ppn()
    plan = factories.product(
        name_id="Backup 365 Bisnis",
        prices={Cycle.MONTHLY: (450_000, 50_000), Cycle.ANNUALLY: 4_590_000},
    )
    factories.quantity_option(
        plan,
        key="storage",
        name_id="Penyimpanan",
        unit_id="GB",
        minimum=100,
        maximum=5000,
        step=50,
        prices={Cycle.MONTHLY: 500, Cycle.ANNUALLY: 5100},
    )
    factories.quantity_option(
        plan, key="users", minimum=5, maximum=300, prices={Cycle.MONTHLY: 12_000, Cycle.ANNUALLY: 122_400}
    )
    factories.text_option(plan, key="office_domain", example="perusahaan.co.id")
    factories.addon(plan, key="managed", name_id="Managed Service", prices={Cycle.MONTHLY: 750_000})
    factories.addon(plan, key="installation", name_id="Setup Installation", prices={Cycle.ONE_TIME: 1_500_000})
    return plan


BACKUP = {
    "cycle": "monthly",
    "storage": "500",
    "users": "25",
    "office_domain": "perusahaan.co.id",
    "addons": ["managed", "installation"],
}
"""450.000 + 50.000 setup + 500 × 500 + 25 × 12.000 + 750.000 + 1.500.000 = 3.300.000, PPN 363.000."""


@pytest.fixture
def hosting(db) -> Product:
    """Netdigi's plan with every way of a domain, a choice, a yes/no and a free text."""
    DomainExtension.objects.create(
        extension=".co.id", register_price=350_000, transfer_price=350_000, renew_price=350_000
    )
    DomainExtension.objects.create(
        extension=".com", register_price=180_000, transfer_price=190_000, renew_price=200_000, sort=1
    )
    plan = factories.product(
        prices={Cycle.MONTHLY: 50_000, Cycle.ANNUALLY: 510_000},
        domain_register=True,
        domain_transfer=True,
        domain_own=True,
        subdomain_of="situsku.id",
    )
    factories.choice_option(
        plan,
        key="os",
        choices={
            "ubuntu": {Cycle.MONTHLY: 0, Cycle.ANNUALLY: 0},
            "windows": {Cycle.MONTHLY: 200_000},
        },
    )
    factories.yes_no_option(plan, key="backup", prices={Cycle.MONTHLY: 25_000, Cycle.ANNUALLY: 255_000})
    return plan


@pytest.fixture
def shop(db):
    """What a checkout needs besides products: a way to pay, and terms."""
    factories.ppn()
    factories.terms()
    return factories.bank_account().method


@pytest.fixture
def client_class() -> type[Client]:
    """For a second browser."""
    return Client


@pytest.fixture
def ready(client, backup, shop):
    """A guest with the backup plan in the cart."""
    client.post(configure_address(backup), BACKUP)
    return client


@pytest.fixture
def known(signed_in, backup, shop):
    """A signed-in owner with the backup plan in the cart."""
    signed_in.post(configure_address(backup), BACKUP)
    return signed_in
