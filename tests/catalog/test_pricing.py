"""What a configured product costs (RULES P, D, T)."""

from decimal import Decimal

import pytest

from catalog.pricing import TaxTerms, describe, preview, quote, settle
from tests.catalog.offers import PPN, addon, extension, item, offer, option, promotion, users


def amounts(quoted) -> dict[str, Decimal]:
    return {line.key: line.amount for line in quoted.lines}


def discounts(quoted) -> dict[str, Decimal]:
    return {line.key: line.discount for line in quoted.lines if line.discount}


def p9():
    plan = offer({"monthly": (150_000, 50_000)}, options=(users(12_500),))
    return item(plan, options={"users": 10})


def test_p9_first_payment_and_renewal_of_the_worked_example():
    quoted = quote([p9()], promotion=promotion(recurring=True), tax=PPN)

    assert amounts(quoted) == {"product": 150_000, "setup:product": 50_000, "option:users": 125_000}
    assert (quoted.subtotal, quoted.setup, quoted.discount) == (325_000, 50_000, 27_500)
    assert (quoted.net, quoted.tax, quoted.total) == (297_500, 32_725, 330_225)
    [renewal] = quoted.recurring
    assert (renewal.cycle, renewal.net, renewal.tax, renewal.total) == ("monthly", 247_500, 27_225, 274_725)


def test_d2_a_promotion_that_does_not_recur_leaves_the_renewal_at_its_full_price():
    quoted = quote([p9()], promotion=promotion(), tax=PPN)

    assert quoted.discount == 27_500
    assert [renewal.net for renewal in quoted.recurring] == [275_000]


def test_p2_due_today_counts_one_time_addons_and_setup_that_renewals_do_not():
    plan = offer(
        {"monthly": (100_000, 20_000)},
        addons=(
            addon("managed", {"monthly": (75_000, 10_000)}, pk=1),
            addon("install", {"one_time": 500_000}, pk=2),
        ),
    )
    quoted = quote([item(plan, addons={"managed", "install"})])

    assert quoted.total == 100_000 + 20_000 + 75_000 + 10_000 + 500_000
    assert [(total.cycle, total.net) for total in quoted.recurring] == [("monthly", 175_000)]
    [priced] = quoted.items
    assert (priced.due_today, priced.recurring) == (705_000, 175_000)


def test_p3_none_of_an_option_is_described_but_makes_no_line():
    plan = offer(options=(users((12_500, 99_000)),))
    none_of_it = item(plan, options={"users": 0})

    assert [line.key for line in quote([none_of_it]).lines] == ["product"]
    assert [(one.key, one.value.id) for one in describe(none_of_it)] == [("users", "0 akun")]


def test_p3_only_units_beyond_the_included_ones_are_charged():
    plan = offer(options=(users((12_500, 99_000), included=5, minimum=1),))

    assert amounts(quote([item(plan, options={"users": 8})]))["option:users"] == 37_500
    within = quote([item(plan, options={"users": 5})])
    assert amounts(within) == {"product": 150_000, "option:users": 0}


def test_p3_a_yes_and_a_choice_cost_what_their_cycle_says():
    plan = offer(
        {"monthly": 100_000, "annually": 1_000_000},
        options=(
            option("yes_no", "backup", prices={"annually": 60_000}),
            option("choice", "os", choices={"linux": {"annually": 0}, "windows": {"annually": (240_000, 15_000)}}),
        ),
    )
    quoted = quote([item(plan, "annually", options={"backup": True, "os": "windows"})])

    assert amounts(quoted) == {
        "product": 1_000_000,
        "option:backup": 60_000,
        "option:os": 240_000,
        "setup:option:os": 15_000,
    }


def test_p5_separate_services_pay_setup_and_addons_each_and_one_service_times_n_pays_them_once():
    prices = {"monthly": (100_000, 20_000)}
    managed = (addon("managed", {"monthly": 50_000}),)
    separate = offer(prices, quantity_mode="separate", addons=managed)
    multiple = offer(prices, quantity_mode="multiple", addons=managed)

    assert quote([item(separate, quantity=3, addons={"managed"})]).total == 3 * (100_000 + 20_000 + 50_000)
    assert quote([item(multiple, quantity=3, addons={"managed"})]).total == 3 * 100_000 + 20_000 + 50_000


def test_p5_a_line_of_separate_services_is_shared_out_to_the_rupiah():
    plan = offer({"monthly": 33_333}, quantity_mode="separate")
    [line] = quote([item(plan, quantity=3)], promotion=promotion(recurring=True)).lines

    shares = line.shares(3)
    assert line.discount == 10_000
    assert shares == [
        (33_333, 3_334, 33_333, 3_334),
        (33_333, 3_333, 33_333, 3_333),
        (33_333, 3_333, 33_333, 3_333),
    ]


def test_p6_an_addon_takes_the_products_cycle_where_it_has_a_price_for_it_else_one_time():
    plan = offer(
        {"monthly": 100_000, "annually": 1_000_000},
        addons=(addon("care", {"annually": 300_000, "one_time": 90_000}),),
    )
    [monthly] = [line for line in quote([item(plan, addons={"care"})]).lines if line.kind == "addon"]
    [annual] = [line for line in quote([item(plan, "annually", addons={"care"})]).lines if line.kind == "addon"]

    assert (monthly.cycle, monthly.amount, monthly.recurring) == ("one_time", 90_000, False)
    assert (annual.cycle, annual.amount, annual.recurring) == ("annually", 300_000, True)


def domain_plan(**fields):
    return offer(
        domain_ways=("register", "transfer", "own", "subdomain"),
        subdomain_of="situsku.id",
        extensions=(
            extension(".id", register=220_000, transfer=230_000, renew=250_000),
            extension(".co.id", register=290_000, renew=300_000),
        ),
        **fields,
    )


def with_domain(way: str, name: str, epp_code: str = "", plan=None):
    from catalog.selection import DomainSelection

    return item(plan or domain_plan(), domain=DomainSelection(way, name, epp_code))


def test_a_registered_domain_is_a_yearly_line_that_renews_at_its_renewal_price():
    quoted = quote([with_domain("register", "Toko-Saya.ID")], tax=PPN)

    domain = quoted.lines[-1]
    assert (domain.kind, domain.cycle, domain.amount, domain.recurring_amount) == (
        "domain",
        "annually",
        220_000,
        250_000,
    )
    assert str(domain.label) == "Pendaftaran domain toko-saya.id"
    assert [(total.cycle, total.net) for total in quoted.recurring] == [("monthly", 150_000), ("annually", 250_000)]


def test_the_longest_extension_prices_a_domain_and_a_transfer_needs_its_code():
    assert quote([with_domain("register", "toko.co.id")]).total == 150_000 + 290_000
    assert quote([with_domain("transfer", "toko.id", "EPP-1")]).total == 150_000 + 230_000


def test_own_domains_and_free_subdomains_cost_nothing():
    assert quote([with_domain("own", "perusahaan.example")]).total == 150_000
    assert quote([with_domain("subdomain", "toko.situsku.id")]).total == 150_000


def test_t2_tax_is_rounded_once_for_all_lines():
    plan = offer({"monthly": 105})
    quoted = quote([item(plan), item(plan), item(plan)], tax=PPN)

    # Line by line, 11.55 would round to 12 three times.
    assert quoted.tax == 35


def test_t3_exclusive_tax_and_the_printed_base():
    quoted = quote([item(offer({"monthly": 149_500}))], tax=PPN)

    assert (quoted.tax_base, quoted.tax, quoted.total) == (137_042, 16_445, 165_945)


@pytest.mark.parametrize(("gross", "net", "tax"), [(15_000, 13_514, 1_486), (333_000, 300_000, 33_000)])
def test_t4_inclusive_prices_are_taken_apart(gross, net, tax):
    quoted = quote([item(offer({"monthly": gross}))], tax=PPN, tax_inclusive=True)

    assert (quoted.net, quoted.tax, quoted.total) == (net, tax, gross)
    [renewal] = quoted.recurring
    assert (renewal.net, renewal.tax, renewal.total) == (net, tax, gross)


def test_t4_the_net_lines_of_inclusive_prices_sum_to_the_total_that_was_shown():
    plan = offer({"monthly": (15_000, 5_000)}, options=(users(1_001),))
    quoted = quote([item(plan, options={"users": 7})], promotion=promotion(), tax=PPN, tax_inclusive=True)

    shown = 15_000 + 5_000 + 7_007 - 1_500 - 701
    assert quoted.total == shown
    assert sum(line.amount for line in quoted.lines) - sum(line.discount for line in quoted.lines) + quoted.tax == shown


def test_what_is_not_taxable_carries_no_tax():
    plan = offer({"monthly": 100_000}, taxable=False, addons=(addon("care", {"monthly": 50_000}),))

    assert quote([item(plan, addons={"care"})], tax=PPN).tax == 5_500
    inclusive = quote([item(plan, addons={"care"})], tax=PPN, tax_inclusive=True)
    assert (inclusive.total, inclusive.tax) == (150_000, 4_955)


def test_t1_without_a_rule_in_force_there_is_no_tax():
    assert quote([item(offer())], tax=None).total == 150_000
    assert quote([item(offer())], tax=None, tax_inclusive=True).total == 150_000


def test_the_tax_label_names_the_effective_rate():
    assert PPN.label == "PPN 11%"
    assert TaxTerms("PPN", Decimal("1.1")).label == "PPN 1.1%"


def test_settle_sums_ready_lines_as_a_quote_does():
    quoted = quote([p9()], promotion=promotion(recurring=True), tax=PPN)

    assert settle(quoted.lines, tax=PPN) == quoted.settlement


# Promotions


def test_d3_a_percentage_leaves_setup_alone_unless_flagged():
    plan = offer({"monthly": (100_000, 50_000)})

    assert quote([item(plan)], promotion=promotion()).discount == 10_000
    assert quote([item(plan)], promotion=promotion(includes_setup=True)).discount == 15_000


def test_d3_a_fixed_amount_is_taken_once_per_order_and_spread_by_largest_remainder():
    plan = offer({"monthly": 100})
    quoted = quote([item(plan), item(plan), item(plan)], promotion=promotion("fixed", 100))

    assert [line.discount for line in quoted.lines] == [34, 33, 33]
    assert quoted.discount == 100


def test_d3_a_discount_never_makes_a_total_negative():
    quoted = quote([item(offer({"monthly": (10_000, 5_000)}))], promotion=promotion("fixed", 1_000_000), tax=PPN)

    assert (quoted.discount, quoted.net) == (10_000, 5_000)
    everything = quote([item(offer())], promotion=promotion("percent", 100), tax=PPN)
    assert everything.total == 0


def test_d1_a_price_override_sets_the_products_own_price_for_each_piece():
    plan = offer({"monthly": 100_000}, quantity_mode="multiple", options=(users(1_000),))
    quoted = quote([item(plan, quantity=2, options={"users": 3})], promotion=promotion("price_override", 60_000))

    assert discounts(quoted) == {"product": 80_000}
    assert quoted.total == 2 * 60_000 + 2 * 3_000


def test_d1_a_price_override_never_raises_the_price_and_says_so():
    quoted = quote([item(offer({"monthly": 50_000}))], promotion=promotion("price_override", 60_000))

    assert quoted.total == 50_000
    assert quoted.promotion_discounts_nothing


def test_d1_free_setup_removes_setup_fees_and_nothing_else():
    plan = offer({"monthly": (100_000, 50_000)}, addons=(addon("care", {"monthly": (20_000, 7_000)}),))
    quoted = quote([item(plan, addons={"care"})], promotion=promotion("free_setup", 0, recurring=True))

    assert discounts(quoted) == {"setup:product": 50_000, "setup:addon:care": 7_000}
    assert [total.net for total in quoted.recurring] == [120_000]


def test_d1_a_promotion_for_products_leaves_other_products_and_addons_alone():
    care = (addon("care", {"monthly": 20_000}, pk=9),)
    first, second = offer(pk=1, addons=care), offer(pk=2)
    items = [item(first, addons={"care"}), item(second)]

    assert [line.discount for line in quote(items, promotion=promotion(product_ids={1})).lines] == [15_000, 0, 0]
    assert [line.discount for line in quote(items, promotion=promotion(addon_ids={9})).lines] == [0, 2_000, 0]


def test_d1_a_promotion_for_a_cycle_discounts_only_what_is_billed_in_it():
    plan = offer({"monthly": 100_000, "annually": 1_000_000}, addons=(addon("install", {"one_time": 500_000}),))
    yearly = promotion(cycles={"annually"})

    assert quote([item(plan)], promotion=yearly).promotion_discounts_nothing
    assert discounts(quote([item(plan, "annually", addons={"install"})], promotion=yearly)) == {"product": 100_000}


def test_domains_are_never_discounted():
    quoted = quote([with_domain("register", "toko.id")], promotion=promotion("percent", 50, recurring=True))

    assert discounts(quoted) == {"product": 75_000}
    assert [total.net for total in quoted.recurring] == [75_000, 250_000]


def test_d2_a_recurring_fixed_amount_is_spread_over_what_recurs():
    plan = offer(
        {"monthly": 100_000},
        addons=(addon("care", {"monthly": 50_000}, pk=1), addon("install", {"one_time": 150_000}, pk=2)),
    )
    quoted = quote([item(plan, addons={"care", "install"})], promotion=promotion("fixed", 30_000, recurring=True))

    assert discounts(quoted) == {"product": 10_000, "addon:care": 5_000, "addon:install": 15_000}
    assert [line.recurring_discount for line in quoted.lines] == [20_000, 10_000, 0]


def test_d5_a_code_that_discounts_something_does_not_say_that_it_discounts_nothing():
    assert not quote([item(offer())], promotion=promotion()).promotion_discounts_nothing
    assert not quote([item(offer())]).promotion_discounts_nothing


# What pages need besides


def test_a_preview_prices_what_is_in_order_and_says_what_is_not():
    plan = domain_plan(options=(users(12_500, minimum=1, maximum=10),))
    shown = preview(item(plan, options={"users": 11}))

    assert shown.quote.total == 150_000
    assert shown.problems.keys() == {"option:users", "domain"}


def test_a_preview_without_a_cycle_has_no_price():
    assert preview(item(offer(), "annually")).quote is None


def test_describe_lists_what_was_configured_for_people():
    plan = offer(options=(users(12_500, included=5), option("text", "domain365", text_rule="domain")))
    described = describe(item(plan, options={"users": 8, "domain365": "Contoh.CO.ID"}))

    assert [(one.key, one.value.id, one.value.en) for one in described] == [
        ("users", "8 akun (5 sudah termasuk)", "8 accounts (5 included)"),
        ("domain365", "contoh.co.id", ""),
    ]
