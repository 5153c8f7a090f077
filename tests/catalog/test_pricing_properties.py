"""What holds for every configuration, promotion and tax rule, not only for the examples (RULES P, D, T)."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from catalog.cycles import Cycle
from catalog.pricing import TaxTerms, quote
from catalog.selection import Selection
from tests.catalog.offers import addon, item, offer, option, promotion

CYCLES = [Cycle.MONTHLY.value, Cycle.ANNUALLY.value]
money = st.integers(0, 5_000_000)
price = st.tuples(money, money)
tax_rules = st.one_of(
    st.none(),
    st.sampled_from([TaxTerms("PPN", Decimal(12), 11, 12), TaxTerms("PPN", Decimal(11))]),
    st.integers(0, 30).map(lambda rate: TaxTerms("Pajak", Decimal(rate))),
)


@st.composite
def items(draw, pk: int = 1):
    """A product with an option of each priced kind and two add-ons, configured in order."""
    options = (
        option("quantity", "users", prices={cycle: draw(price) for cycle in CYCLES}, included=draw(st.integers(0, 9))),
        option("yes_no", "backup", prices={cycle: draw(price) for cycle in CYCLES}),
        option("choice", "os", choices={name: {cycle: draw(price) for cycle in CYCLES} for name in ("a", "b")}),
    )
    addons = (
        addon("care", {cycle: draw(price) for cycle in CYCLES}, pk=10 * pk, taxable=draw(st.booleans())),
        addon("install", {"one_time": draw(price)}, pk=10 * pk + 1),
    )
    made = offer(
        {cycle: draw(price) for cycle in CYCLES},
        pk=pk,
        options=options,
        addons=addons,
        taxable=draw(st.booleans()),
        quantity_mode=draw(st.sampled_from(["separate", "multiple"])),
    )
    values = {
        "users": draw(st.integers(0, 50)),
        "backup": draw(st.booleans()),
        "os": draw(st.sampled_from(["a", "b"])),
    }
    return item(
        made,
        draw(st.sampled_from(CYCLES)),
        quantity=draw(st.integers(1, 5)),
        options=values,
        addons=draw(st.sets(st.sampled_from(["care", "install"]))),
    )


orders = st.tuples(items(1), items(2)).map(list)


@st.composite
def promotions(draw):
    kind = draw(st.sampled_from(["percent", "fixed", "price_override", "free_setup"]))
    return promotion(
        kind,
        draw(st.integers(0, 100) if kind == "percent" else money),
        includes_setup=draw(st.booleans()),
        recurring=draw(st.booleans()),
        product_ids=draw(st.sets(st.sampled_from([1, 2, 3]), max_size=2)),
        addon_ids=draw(st.sets(st.sampled_from([10, 11, 20]), max_size=2)),
        cycles=draw(st.sets(st.sampled_from(CYCLES), max_size=1)),
    )


quotes = given(orders, st.none() | promotions(), tax_rules, st.booleans())


@quotes
def test_nothing_is_negative_and_lines_sum_to_totals(order, promo, tax, inclusive):
    quoted = quote(order, promotion=promo, tax=tax, tax_inclusive=inclusive)

    for line in quoted.lines:
        assert 0 <= line.discount <= line.amount
        assert 0 <= line.recurring_discount <= line.recurring_amount
    assert quoted.subtotal == sum(line.amount for line in quoted.lines)
    assert quoted.discount == sum(line.discount for line in quoted.lines)
    assert quoted.total == quoted.subtotal - quoted.discount + quoted.tax
    assert quoted.net == sum(priced.due_today for priced in quoted.items)
    assert min(quoted.tax, quoted.net, quoted.total) >= 0
    for renewal in quoted.recurring:
        lines = [line for line in quoted.lines if line.cycle == renewal.cycle]
        assert renewal.net == sum(line.recurring_net for line in lines)
        assert renewal.tax >= 0


@quotes
def test_every_amount_is_whole_rupiah(order, promo, tax, inclusive):
    quoted = quote(order, promotion=promo, tax=tax, tax_inclusive=inclusive)

    amounts = [quoted.tax, quoted.tax_base, *(renewal.total for renewal in quoted.recurring)]
    for line in quoted.lines:
        amounts += [line.unit_price, line.amount, line.discount, line.recurring_amount, line.recurring_discount]
    assert all(amount == amount.to_integral_value() for amount in amounts)


@quotes
def test_d3_a_discount_touches_only_what_the_promotion_covers(order, promo, tax, inclusive):
    quoted = quote(order, promotion=promo, tax=tax, tax_inclusive=inclusive)

    for line in quoted.lines:
        if line.discount or line.recurring_discount:
            assert promo.covers(order[line.item], line.belongs_to)
            assert promo.covers_cycle(order[line.item], line.belongs_to)
        if line.discount and line.kind == "setup":
            assert promo.includes_setup or promo.kind == "free_setup"
        if line.recurring_discount:
            assert promo.recurring
            assert line.recurring


@given(orders, st.integers(0, 50_000_000), st.booleans(), tax_rules)
def test_d3_a_fixed_amount_is_taken_exactly_or_as_far_as_there_is_something_to_take_it_from(order, value, setup, tax):
    full = quote(order, tax=tax)
    quoted = quote(order, promotion=promotion("fixed", value, includes_setup=setup), tax=tax)

    assert quoted.discount == min(value, full.subtotal if setup else full.subtotal - full.setup)


@quotes
def test_the_order_of_options_and_addons_is_irrelevant(order, promo, tax, inclusive):
    turned = [
        replace(
            one,
            selection=Selection(
                cycle=one.selection.cycle,
                quantity=one.selection.quantity,
                options=dict(reversed(one.selection.options.items())),
                addons=frozenset(sorted(one.selection.addons, reverse=True)),
            ),
        )
        for one in order
    ]
    first = quote(order, promotion=promo, tax=tax, tax_inclusive=inclusive)
    assert quote(turned, promotion=promo, tax=tax, tax_inclusive=inclusive).lines == first.lines


@given(orders, st.none() | promotions(), tax_rules.filter(bool))
def test_t4_inclusive_prices_total_what_was_shown_and_exclusive_ones_their_net(order, promo, tax):
    shown = quote(order, promotion=promo, tax=None)
    inclusive = quote(order, promotion=promo, tax=tax, tax_inclusive=True)
    exclusive = quote(order, promotion=promo, tax=tax)

    assert inclusive.total == shown.total
    assert exclusive.net == shown.total
    assert [renewal.total for renewal in inclusive.recurring] == [renewal.net for renewal in shown.recurring]


@given(orders, tax_rules.filter(bool))
def test_t4_the_net_of_inclusive_prices_is_rounded_once(order, tax):
    shown = quote(order)
    taxable = sum(line.amount for line in shown.lines if line.taxable)
    inclusive = quote(order, tax=tax, tax_inclusive=True)

    net = sum(line.amount for line in inclusive.lines if line.taxable)
    share = 1 + tax.effective_rate
    assert abs(Fraction(net) * share - Fraction(taxable)) <= share / 2


@given(orders, promotions(), tax_rules)
def test_p1_a_promotion_never_makes_anything_dearer(order, promo, tax):
    assert quote(order, promotion=promo, tax=tax).total <= quote(order, tax=tax).total


@given(items(), st.integers(1, 7))
def test_p5_shares_of_separate_services_sum_exactly(one, count):
    for line in quote([one], promotion=promotion("percent", 33, recurring=True)).lines:
        columns = [sum(column) for column in zip(*line.shares(count), strict=True)]
        assert columns == [line.amount, line.discount, line.recurring_amount, line.recurring_discount]
