"""What a configuration is refused for (RULES P3–P6); none of it depends on the form that sent it."""

import pytest

from catalog.pricing import ConfigurationError, quote
from catalog.selection import DomainSelection
from tests.catalog.offers import addon, extension, item, offer, option, users


def problems(configured) -> dict[str, str]:
    with pytest.raises(ConfigurationError) as refused:
        quote([configured])
    return refused.value.problems


@pytest.mark.parametrize("cycle", ["annually", "one_time", "weekly", ""])
def test_p4_a_cycle_without_a_price_is_not_offered_and_never_free(cycle):
    assert problems(item(offer(), cycle)) == {
        "cycle": "Pilih siklus penagihan yang ditawarkan untuk Produk 1: Bulanan."
    }


def test_p4_a_forged_choice_without_a_price_for_the_cycle_is_refused():
    plan = offer(options=(option("choice", "os", choices={"linux": {"monthly": 0}, "windows": {"annually": 1}}),))

    assert problems(item(plan, options={"os": "windows"})) == {
        "option:os": "Windows tidak ditawarkan untuk siklus Bulanan. Pilih yang lain."
    }


def test_p4_a_forged_yes_quantity_or_addon_without_a_price_for_the_cycle_is_refused():
    plan = offer(
        options=(
            option("yes_no", "backup", prices={"annually": 1}),
            option("quantity", "disk", prices={"annually": 1}),
        ),
        addons=(addon("care", {"annually": 1}),),
    )
    found = problems(item(plan, options={"backup": True, "disk": 0}, addons={"care"}))

    assert found.keys() == {"option:backup", "option:disk", "addon:care"}


def test_p4_an_option_that_the_cycle_does_not_offer_is_not_asked_for():
    plan = offer(options=(option("choice", "os", choices={"linux": {"annually": 1}}),))

    assert quote([item(plan)]).total == 150_000


@pytest.mark.parametrize("value", ["mac", 7, True, ["linux"]])
def test_p3_an_unknown_choice_is_refused(value):
    plan = offer(options=(option("choice", "os", choices={"linux": {"monthly": 0}}),))

    assert problems(item(plan, options={"os": value})) == {"option:os": "Pilih salah satu Os yang tersedia."}


def test_p3_a_required_choice_quantity_and_text_must_be_given():
    plan = offer(
        options=(
            option("choice", "os", choices={"linux": {"monthly": 0}}),
            users(1),
            option("text", "domain365", required=True, example="contoh.co.id"),
        )
    )
    assert problems(item(plan)) == {
        "option:os": "Pilih Os.",
        "option:users": "Isi jumlah Users.",
        "option:domain365": "Isi Domain365, contoh: contoh.co.id.",
    }


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (4, "Isi Users antara 5 dan 50."),
        (51, "Isi Users antara 5 dan 50."),
        (-5, "Isi Users antara 5 dan 50."),
        (12, "Isi Users mulai 5 dengan kelipatan 5."),
        ("10", "Isi Users dengan angka bulat."),
        (True, "Isi Users dengan angka bulat."),
        (10.0, "Isi Users dengan angka bulat."),
    ],
)
def test_p3_a_quantity_outside_its_range_or_off_its_step_is_refused(value, message):
    plan = offer(options=(users(12_500, minimum=5, maximum=50, step=5),))

    assert problems(item(plan, options={"users": value})) == {"option:users": message}


def test_p3_the_step_counts_from_the_minimum():
    plan = offer(options=(users(100, minimum=3, maximum=13, step=5),))

    assert quote([item(plan, options={"users": 13})]).total == 150_000 + 1_300
    assert "option:users" in problems(item(plan, options={"users": 10}))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        ("domain", "bukan domain"),
        ("domain", "localhost"),
        ("email", "nama@"),
        ("pattern", "ABC"),
        ("none", "dua\nbaris"),
        ("none", "x" * 201),
        ("none", 12),
    ],
)
def test_p3_a_text_that_breaks_its_rule_is_refused(rule, text):
    plan = offer(options=(option("text", "note", text_rule=rule, pattern="[a-z]{3}"),))

    assert problems(item(plan, options={"note": text})).keys() == {"option:note"}


@pytest.mark.parametrize(
    ("rule", "text"),
    [("domain", "contoh.co.id"), ("email", "a@contoh.co.id"), ("pattern", "abc"), ("none", "apa saja")],
)
def test_p3_a_text_costs_nothing(rule, text):
    plan = offer(options=(option("text", "note", text_rule=rule, pattern="[a-z]{3}"),))

    assert [line.key for line in quote([item(plan, options={"note": text})]).lines] == ["product"]


def test_unknown_options_and_addons_are_refused():
    assert problems(item(offer(), options={"gratis": True}, addons={"bonus"})).keys() == {
        "option:gratis",
        "addon:bonus",
    }


@pytest.mark.parametrize("quantity", [0, -1, 1_000, True, "2", 10**30])
def test_p5_a_quantity_must_be_a_sensible_number(quantity):
    assert problems(item(offer(quantity_mode="multiple"), quantity=quantity)).keys() == {"quantity"}


def test_p5_a_product_sold_one_by_one_has_no_quantity():
    assert problems(item(offer(), quantity=2)) == {"quantity": "Produk ini dipesan satu per satu. Isi jumlah 1."}


def test_an_amount_beyond_any_real_order_is_refused_before_it_reaches_the_database():
    plan = offer({"monthly": 10**10}, quantity_mode="multiple", options=(users(10**7),))

    assert problems(item(plan, quantity=999, options={"users": 1})).keys() == {"quantity"}
    assert problems(item(plan, options={"users": 1_000_000})).keys() == {"option:users"}


# Domains


def hosting(**fields):
    ways = ("register", "transfer", "own", "subdomain")
    extensions = (extension(".id", register=220_000, renew=250_000), extension(".com", transfer=150_000, renew=180_000))
    return offer(**{"domain_ways": ways, "subdomain_of": "situsku.id", "extensions": extensions, **fields})


@pytest.mark.parametrize(
    ("way", "name", "message"),
    [
        ("register", "toko.com", "Pilih nama dengan ekstensi yang kami layani: .id."),
        ("register", "www.toko.id", "Isi nama tanpa subdomain, contoh: perusahaan.id."),
        ("transfer", "toko.com", "Isi kode EPP dari registrar lama domain Anda."),
        ("own", "https://toko.id/", "Isi nama domain, contoh: perusahaan.co.id"),
        ("own", "", "Isi nama domain, contoh: perusahaan.co.id"),
        ("subdomain", "toko.id", "Isi satu nama di bawah situsku.id, contoh: tokosaya.situsku.id."),
        ("subdomain", "a.b.situsku.id", "Isi satu nama di bawah situsku.id, contoh: tokosaya.situsku.id."),
        ("subdomain", "www.situsku.id", "Nama ini tidak tersedia. Pilih nama lain."),
        ("gift", "toko.id", "Pilih salah satu cara domain yang ditawarkan."),
    ],
)
def test_a_domain_that_cannot_be_ordered_says_what_to_do(way, name, message):
    assert problems(item(hosting(), domain=DomainSelection(way, name))) == {"domain": message}


def test_a_product_that_needs_a_domain_asks_for_one_and_one_that_needs_none_refuses_it():
    assert problems(item(hosting())) == {"domain": "Pilih domain untuk layanan ini."}
    assert problems(item(offer(), domain=DomainSelection("own", "toko.id"))).keys() == {"domain"}


def test_separate_services_do_not_share_a_domain():
    configured = item(hosting(quantity_mode="separate"), quantity=2, domain=DomainSelection("own", "toko.id"))

    assert problems(configured).keys() == {"quantity"}


def test_the_error_names_the_item_that_is_wrong():
    with pytest.raises(ConfigurationError) as refused:
        quote([item(offer()), item(offer(), "annually")])
    assert refused.value.item == 1
