"""The demo shop's catalog."""

import pytest
from django.utils import timezone

from catalog import demo, offers, promotions, tax
from catalog.lines import Item
from catalog.models import Addon, Choice, Option, Price, Product, ProductGroup, Promotion, TaxRule
from catalog.pricing import quote
from catalog.promotions import GUEST, PromotionRefused
from catalog.selection import DomainSelection, Selection

pytestmark = pytest.mark.django_db


def test_loading_again_changes_nothing_and_keeps_what_staff_edited():
    demo.load()
    models = (ProductGroup, Product, Option, Choice, Addon, Price, Promotion, TaxRule)
    before = {model: list(model.objects.order_by("pk").values()) for model in models}
    Product.objects.filter(slug="talenta").update(name_id="Talenta baru", retired=True)
    Price.objects.filter(product__slug="jurnal", cycle="monthly").delete()

    demo.load()

    assert {model: model.objects.count() for model in models} == {
        **{model: len(rows) for model, rows in before.items()},
        Price: len(before[Price]) - 1,
    }
    assert Product.objects.get(slug="talenta").name_id == "Talenta baru"


def test_the_demo_holds_the_groups_and_plans_of_three_companies():
    demo.load()

    assert list(ProductGroup.objects.values_list("name_id", flat=True)) == [
        "Cloud Hosting",
        "Server Maintenance",
        "Desain Digital",
        "Virtual Tour",
        "Arupa Backup 365",
        "Mekari",
    ]
    assert Product.objects.filter(group__slug="cloud-hosting").count() == 3
    assert Product.objects.filter(group__slug="arupa-backup-365").count() == 3
    assert set(Product.objects.filter(group__slug="mekari").values_list("slug", flat=True)) == {"jurnal", "talenta"}


def simplest(offer, cycle) -> Selection:
    """The least that can be ordered: minimum quantities, first choices, a domain of one's own."""
    options = {}
    for option in offer.options:
        if not option.required:
            continue
        if option.kind == Option.Kind.QUANTITY and option.offered(cycle):
            options[option.key] = option.minimum
        elif option.kind == Option.Kind.CHOICE:
            options[option.key] = option.choices_in(cycle)[0].key
        elif option.kind == Option.Kind.TEXT:
            options[option.key] = option.example
    domain = DomainSelection("own", "perusahaan.co.id") if offer.requires_domain else None
    addons = frozenset(addon.key for addon in offer.addons if addon.cycle_for(cycle))
    return Selection(cycle=cycle, options=options, addons=addons, domain=domain)


def test_every_plan_can_be_ordered_in_every_cycle_that_it_is_sold_in():
    demo.load()
    terms = tax.in_force(timezone.localdate())

    for offer in offers.load(Product.objects.values_list("pk", flat=True)).values():
        assert offer.cycles
        for cycle in offer.cycles:
            assert quote([Item(offer, simplest(offer, cycle))], tax=terms).total > 0


def test_arupas_worked_example_costs_what_its_sliders_say():
    demo.load()
    product = Product.objects.get(group__slug="arupa-backup-365", slug="bisnis")
    offer = offers.load([product.pk])[product.pk]
    selection = Selection(
        cycle="monthly",
        options={"storage": 500, "users": 25, "office365-domain": "perusahaan.co.id"},
        addons=frozenset({"managed-service", "setup-installation"}),
    )
    quoted = quote([Item(offer, selection)], tax=tax.in_force(timezone.localdate()))

    assert (quoted.net, quoted.tax, quoted.total) == (3_250_000, 357_500, 3_607_500)


@pytest.mark.parametrize(
    ("code", "condition"),
    [
        ("LEBARAN2025", "expired"),
        ("SEGERA", "not_yet"),
        ("HABIS", "used_up"),
        ("ARUPA20", "not_these_products"),
        ("SETIA15", "existing_only"),
        ("BISNIS699", "cycle"),
    ],
)
def test_the_demo_has_a_code_for_every_refusal(code, condition):
    demo.load()
    product = Product.objects.get(group__slug="cloud-hosting", slug="bisnis")
    item = Item(offers.load([product.pk])[product.pk], Selection(cycle="monthly"))

    with pytest.raises(PromotionRefused) as refused:
        promotions.check(code, items=[item], buyer=GUEST, now=timezone.now())
    assert refused.value.condition == condition
