"""Tax rules, domain prices, and a promotion code of every kind and for every refusal."""

from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from catalog.models import Addon, DomainExtension, Product, Promotion, TaxRule

# Extension, register, transfer, renew, requirements.
EXTENSIONS = [
    (".com", 175_000, 185_000, 195_000, ("", "")),
    (".id", 225_000, 225_000, 250_000, ("KTP", "An ID card")),
    (".co.id", 290_000, 290_000, 300_000, ("NIB dan NPWP perusahaan", "Company registration and tax number")),
    (".my.id", 15_000, 15_000, 18_000, ("KTP", "An ID card")),
    (".web.id", 50_000, 50_000, 55_000, ("KTP", "An ID card")),
    (".or.id", 50_000, 50_000, 55_000, ("Akta organisasi", "The organisation's deed")),
    (".sch.id", 50_000, 50_000, 55_000, ("Surat kepala sekolah", "A letter of the headteacher")),
    (".net", 195_000, 205_000, 215_000, ("", "")),
    (".org", 185_000, 195_000, 205_000, ("", "")),
]


def load_taxes_and_domains() -> None:
    TaxRule.objects.get_or_create(
        name="PPN", valid_from=date(2022, 4, 1), defaults={"rate": 11, "code": "01", "valid_to": date(2024, 12, 31)}
    )
    TaxRule.objects.get_or_create(
        name="PPN",
        valid_from=date(2025, 1, 1),
        defaults={"rate": 12, "base_numerator": 11, "base_denominator": 12, "code": "04"},
    )
    for sort, (extension, register, transfer, renew, requirements) in enumerate(EXTENSIONS):
        DomainExtension.objects.get_or_create(
            extension=extension,
            defaults={
                "register_price": register,
                "transfer_price": transfer,
                "renew_price": renew,
                "requirements_id": requirements[0],
                "requirements_en": requirements[1],
                "sort": sort,
            },
        )


def _day(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=timezone.get_default_timezone())


def load_promotions() -> None:
    kinds = Promotion.Kind
    _promotion("HEMAT10", ("Hemat 10 %", "10 % off"), kinds.PERCENT, 10)
    _promotion(
        "SETIA15", ("Setia 15 %", "Loyal 15 %"), kinds.PERCENT, 15, recurring=True, renewals=2, audience="existing"
    )
    _promotion("BARU25", ("Pelanggan baru 25 %", "Newcomer 25 %"), kinds.PERCENT, 25, audience="new", max_uses=500)
    _promotion("POTONG50", ("Potongan Rp50.000", "Rp50.000 off"), kinds.FIXED, 50_000, once_per_customer=True)
    _promotion("GRATISSETUP", ("Gratis biaya setup", "Free setup"), kinds.FREE_SETUP, 0)
    _promotion(
        "BISNIS699",
        ("Cloud Bisnis setahun Rp699.000", "A year of Cloud Business for Rp699.000"),
        kinds.PRICE_OVERRIDE,
        699_000,
        cycles=["annually"],
        products=Product.objects.filter(group__slug="cloud-hosting", slug="bisnis"),
    )
    _promotion(
        "ARUPA20",
        ("Backup 365 hemat 20 % selamanya", "20 % off Backup 365 for ever"),
        kinds.PERCENT,
        20,
        recurring=True,
        products=Product.objects.filter(group__slug="arupa-backup-365"),
        addons=Addon.objects.filter(key="managed-service"),
    )
    _promotion(
        "TAMBAHTUR",
        ("Hosting tur setengah harga", "Tour hosting at half price"),
        kinds.PERCENT,
        50,
        products=Product.objects.filter(group__slug="virtual-tour", slug="hosting-tur"),
        requires=Product.objects.filter(group__slug="virtual-tour", slug="tur-360"),
    )
    _promotion(
        "TETAP20", ("Tetap bersama kami", "Stay with us"), kinds.PERCENT, 20, recurring=True, renewals=3, retention=True
    )
    _promotion("LEBARAN2025", ("Lebaran 2025", "Eid 2025"), kinds.PERCENT, 30, ends_at=_day(2025, 4, 30))
    _promotion("SEGERA", ("Promo berikutnya", "The next promotion"), kinds.PERCENT, 40, starts_at=_day(2030, 1, 1))
    _promotion("HABIS", ("Kuota habis", "Used up"), kinds.PERCENT, 90, max_uses=0)


def _promotion(code: str, name: tuple[str, str], kind: str, value: int, **fields) -> None:
    links = {link: fields.pop(link) for link in ("products", "addons", "requires") if link in fields}
    fields |= {"name_id": name[0], "name_en": name[1], "kind": kind, "value": Decimal(value)}
    made, is_new = Promotion.objects.get_or_create(code=code, defaults=fields)
    if is_new:
        for link, rows in links.items():
            getattr(made, link).set(rows)
