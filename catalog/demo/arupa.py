"""Arupa Backup 365: plans with sliders for storage and users, the customer's Microsoft 365 domain, and two add-ons."""

from catalog.demo.rows import Options, addon, group, product, yearly
from catalog.models import Option, Product

BY_STAFF = Product.Activation.BY_STAFF


def load() -> None:
    backup = group(
        "arupa-backup-365",
        ("Arupa Backup 365", "Arupa Backup 365"),
        (
            "Cadangan email, OneDrive, dan SharePoint Microsoft 365 Anda.",
            "Backup of your Microsoft 365 mail, OneDrive and SharePoint.",
        ),
        sort=50,
    )
    capacity = _capacity()
    addons = [_managed_service(), _setup_installation()]
    plans = [
        ("dasar", ("Backup 365 Dasar", "Backup 365 Basic"), 250_000, ("1 kali sehari", "once a day"), 30),
        ("bisnis", ("Backup 365 Bisnis", "Backup 365 Business"), 450_000, ("3 kali sehari", "three times a day"), 90),
        ("enterprise", ("Backup 365 Enterprise", "Backup 365 Enterprise"), 950_000, ("setiap jam", "every hour"), 365),
    ]
    for sort, (slug, name, monthly, often, days) in enumerate(plans):
        product(
            backup,
            slug,
            name,
            ("Penyimpanan dan pengguna sesuai kebutuhan.", "Storage and users as you need them."),
            [
                (f"Cadangan {often[0]}", f"Backup {often[1]}"),
                (f"Disimpan {days} hari", f"Kept for {days} days"),
                ("Email, OneDrive, SharePoint, Teams", "Mail, OneDrive, SharePoint, Teams"),
                ("Pemulihan per berkas", "Restores file by file"),
                ("Pusat data di Indonesia", "Data centre in Indonesia"),
            ],
            prices={"monthly": monthly, "annually": yearly(monthly)},
            options=[capacity.group],
            addons=addons,
            sort=sort,
            featured=slug == "bisnis",
            activation=BY_STAFF,
        )


def _capacity() -> Options:
    options = Options(("Kapasitas cadangan", "Backup capacity"), sort=50)
    options.quantity(
        "storage",
        ("Penyimpanan", "Storage"),
        ("GB", "GB"),
        prices={"monthly": 500, "annually": 5_100},
        minimum=100,
        maximum=5_000,
        step=100,
    )
    options.quantity(
        "users",
        ("Pengguna", "Users"),
        ("akun", "accounts"),
        prices={"monthly": 12_000, "annually": 122_400},
        minimum=5,
        maximum=300,
    )
    options.text(
        "office365-domain",
        ("Domain Office 365", "Office 365 domain"),
        text_rule=Option.TextRule.DOMAIN,
        example="perusahaan.co.id",
        help_id="Domain Microsoft 365 milik perusahaan Anda.",
        help_en="Your company's Microsoft 365 domain.",
    )
    return options


def _managed_service():
    return addon(
        "managed-service",
        ("Managed Service", "Managed Service"),
        (
            "Tim kami memantau pencadangan setiap hari dan menguji pemulihan tiap bulan.",
            "We watch the backups every day and test a restore every month.",
        ),
        prices={"monthly": 750_000, "annually": yearly(750_000)},
        activation=BY_STAFF,
        pph23=True,
    )


def _setup_installation():
    return addon(
        "setup-installation",
        ("Setup Installation", "Setup Installation"),
        (
            "Penyiapan awal, penghubungan tenant, dan pencadangan pertama oleh teknisi.",
            "First set-up, connecting the tenant, and the first backup by a technician.",
        ),
        prices={"one_time": 1_500_000},
        activation=BY_STAFF,
        sort=1,
        pph23=True,
    )
