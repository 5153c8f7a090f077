"""Netdigi: hosting with domains, server maintenance, design by the piece, virtual tours."""

from catalog.demo.rows import Options, addon, group, product, yearly
from catalog.models import Product

BY_STAFF = Product.Activation.BY_STAFF
HOSTING_CYCLES = ("monthly", "quarterly", "annually", "biennially")


def load() -> None:
    _cloud_hosting()
    _server_maintenance()
    _digital_design()
    _virtual_tour()


def _every_cycle(monthly: int, *, setup: int = 0) -> dict[str, tuple[int, int]]:
    """Quarterly 5 %, yearly 15 %, two-yearly 20 % less; the setup fee is for those who pay by the month."""
    return {
        "monthly": (monthly, setup),
        "quarterly": (monthly * 3 * 95 // 100 // 100 * 100, 0),
        "annually": (yearly(monthly), 0),
        "biennially": (2 * yearly(monthly, saving=20), 0),
    }


def _cloud_hosting() -> None:
    hosting = group(
        "cloud-hosting",
        ("Cloud Hosting", "Cloud Hosting"),
        ("Hosting cepat di Indonesia, lengkap dengan domain Anda.", "Fast hosting in Indonesia, with your own domain."),
        sort=10,
    )
    capacity = Options(("Kapasitas hosting", "Hosting capacity"), sort=10)
    capacity.quantity(
        "storage",
        ("Penyimpanan tambahan", "Extra storage"),
        ("GB", "GB"),
        prices=_every_cycle(2_000),
        maximum=200,
        step=10,
        required=False,
    )
    capacity.choice(
        "location",
        ("Lokasi server", "Server location"),
        {
            "jakarta": (("Jakarta", "Jakarta"), dict.fromkeys(HOSTING_CYCLES, 0)),
            "singapura": (("Singapura", "Singapore"), _every_cycle(10_000)),
        },
        as_radio=True,
    )
    capacity.yes_no(
        "daily-backup",
        ("Cadangan harian", "Daily backup"),
        prices=_every_cycle(15_000),
        help_id="Disimpan 14 hari, dapat dipulihkan sendiri.",
        help_en="Kept for 14 days, restored by yourself.",
    )
    migration = addon(
        "site-migration",
        ("Migrasi situs", "Site migration"),
        ("Tim kami memindahkan situs dan email dari hosting lama.", "We move your site and mail from the old host."),
        prices={"one_time": 150_000},
        activation=BY_STAFF,
        pph23=True,
    )
    premium_ssl = addon(
        "premium-ssl",
        ("SSL premium", "Premium SSL"),
        ("Sertifikat tervalidasi organisasi untuk satu domain.", "An organisation-validated certificate for a domain."),
        prices=_every_cycle(65_000),
        activation=BY_STAFF,
    )
    plans = [
        ("pemula", ("Cloud Pemula", "Cloud Starter"), ("Untuk situs pertama Anda.", "For your first site."), 35_000, 5),
        (
            "bisnis",
            ("Cloud Bisnis", "Cloud Business"),
            ("Untuk toko dan perusahaan.", "For shops and firms."),
            85_000,
            25,
        ),
        (
            "korporat",
            ("Cloud Korporat", "Cloud Corporate"),
            ("Untuk situs yang ramai.", "For busy sites."),
            225_000,
            100,
        ),
    ]
    for sort, (slug, name, tagline, monthly, storage) in enumerate(plans):
        sites = ("1 situs", "1 site") if storage == 5 else ("Situs tanpa batas", "Unlimited sites")
        product(
            hosting,
            slug,
            name,
            tagline,
            [
                (f"{storage} GB NVMe", f"{storage} GB NVMe"),
                sites,
                ("SSL gratis dan pembaruan otomatis", "Free SSL, renewed by itself"),
                (f"{storage * 2} akun email", f"{storage * 2} mailboxes"),
                ("Cadangan mingguan", "Weekly backup"),
            ],
            prices=_every_cycle(monthly, setup=25_000 if storage == 5 else 0),
            options=[capacity.group],
            addons=[migration, premium_ssl],
            sort=sort,
            featured=slug == "bisnis",
            domain_register=True,
            domain_transfer=True,
            domain_own=True,
            subdomain_of="situsku.id",
            description_id="Semua paket memakai panel kendali berbahasa Indonesia dan **garansi uang kembali 30 hari**.",
            description_en="Every plan comes with a control panel and a **30-day money-back guarantee**.",
        )


def _server_maintenance() -> None:
    maintenance = group(
        "server-maintenance",
        ("Server Maintenance", "Server Maintenance"),
        ("Server Anda dijaga, diperbarui, dan dilaporkan.", "Your servers watched, patched and reported on."),
        sort=20,
    )
    scope = Options(("Cakupan", "Scope"), sort=20)
    per_server = {"monthly": 450_000, "annually": yearly(450_000)}
    scope.quantity(
        "servers",
        ("Jumlah server", "Servers"),
        ("server", "servers"),
        prices=per_server,
        minimum=1,
        maximum=20,
        included=1,
    )
    scope.choice(
        "system",
        ("Sistem operasi", "Operating system"),
        {
            "linux": (("Linux", "Linux"), {"monthly": 0, "annually": 0}),
            "windows": (("Windows Server", "Windows Server"), {"monthly": 250_000, "annually": yearly(250_000)}),
        },
    )
    audit = addon(
        "security-audit",
        ("Audit keamanan", "Security audit"),
        ("Pemeriksaan menyeluruh dengan laporan tertulis.", "A thorough check with a written report."),
        prices={"one_time": 2_500_000},
        activation=BY_STAFF,
        pph23=True,
    )
    plans = [
        ("dasar", ("Pemeliharaan Dasar", "Basic Care"), 750_000, ("8 jam kerja", "8 office hours")),
        ("menengah", ("Pemeliharaan Menengah", "Standard Care"), 1_500_000, ("4 jam kerja", "4 office hours")),
        ("kritis", ("Pemeliharaan Kritis", "Critical Care"), 3_500_000, ("30 menit, 24 jam", "30 minutes, 24 hours")),
    ]
    for sort, (slug, name, monthly, response) in enumerate(plans):
        product(
            maintenance,
            slug,
            name,
            ("Per bulan, termasuk satu server.", "By the month, one server included."),
            [
                (f"Waktu tanggap {response[0]}", f"Response within {response[1]}"),
                ("Pembaruan keamanan setiap minggu", "Security updates every week"),
                ("Pemantauan 24 jam", "Monitoring around the clock"),
                ("Laporan bulanan", "Monthly report"),
            ],
            prices={"monthly": (monthly, 500_000), "annually": yearly(monthly)},
            options=[scope.group],
            addons=[audit],
            sort=sort,
            featured=slug == "menengah",
            activation=BY_STAFF,
            pph23=True,
            # Paid from the first of the month on; who comes after the twentieth pays the next month with it.
            proration_day=1 if slug == "kritis" else None,
            proration_cutoff=20 if slug == "kritis" else None,
        )


def _digital_design() -> None:
    design = group(
        "desain-digital",
        ("Desain Digital", "Digital Design"),
        ("Sekali bayar, hasilnya milik Anda.", "Paid once, yours to keep."),
        sort=30,
    )
    work = Options(("Pengerjaan", "The work"), sort=30)
    work.quantity(
        "revisions",
        ("Putaran revisi", "Rounds of revision"),
        ("kali", "rounds"),
        prices={"one_time": 250_000},
        minimum=2,
        maximum=10,
        included=2,
    )
    work.yes_no("express", ("Pengerjaan kilat (3 hari)", "Express (3 days)"), prices={"one_time": 750_000})
    work.text(
        "brief-email",
        ("Email penanggung jawab", "Contact email"),
        text_rule="email",
        required=False,
        example="nama@perusahaan.co.id",
    )
    pieces = [
        ("logo", ("Desain Logo", "Logo Design"), 1_500_000, ("3 konsep awal", "3 first concepts")),
        (
            "identitas",
            ("Paket Identitas", "Brand Identity"),
            4_500_000,
            ("Logo, kartu nama, kop surat", "Logo and cards"),
        ),
        (
            "landing-page",
            ("Landing Page", "Landing Page"),
            3_500_000,
            ("Satu halaman, responsif", "One responsive page"),
        ),
    ]
    for sort, (slug, name, price, feature) in enumerate(pieces):
        product(
            design,
            slug,
            name,
            ("Dikerjakan desainer kami.", "Made by our designers."),
            [
                feature,
                ("2 putaran revisi termasuk", "2 rounds of revision included"),
                ("Berkas sumber diserahkan", "Source files handed over"),
            ],
            prices={"one_time": price},
            options=[work.group],
            sort=sort,
            activation=BY_STAFF,
            quantity_mode=Product.Quantity.SEPARATE,
            pph23=True,
        )


def _virtual_tour() -> None:
    tours = group(
        "virtual-tour",
        ("Virtual Tour", "Virtual Tour"),
        ("Ajak pengunjung berkeliling tempat Anda dari mana saja.", "Show people around from wherever they are."),
        sort=40,
    )
    shots = Options(("Titik foto", "Photo points"), sort=40)
    shots.quantity(
        "points",
        ("Titik foto 360°", "360° photo points"),
        ("titik", "points"),
        prices={"one_time": 175_000},
        minimum=5,
        maximum=60,
        included=5,
    )
    product(
        tours,
        "tur-360",
        ("Tur 360", "360 Tour"),
        ("Pemotretan di tempat Anda.", "Photographed at your place."),
        [
            ("5 titik foto termasuk", "5 photo points included"),
            ("Denah interaktif", "Interactive floor plan"),
            ("Siap tampil di situs Anda", "Ready for your website"),
        ],
        prices={"one_time": 2_500_000},
        options=[shots.group],
        activation=BY_STAFF,
        pph23=True,
    )
    product(
        tours,
        "hosting-tur",
        ("Hosting Tur", "Tour Hosting"),
        ("Tempat tur Anda, dengan statistik kunjungan.", "A home for your tour, with visitor statistics."),
        [("Tur tanpa batas", "Unlimited tours"), ("Domain sendiri", "Your own domain"), ("Statistik", "Statistics")],
        prices={"monthly": 150_000, "annually": yearly(150_000)},
        sort=1,
        quantity_mode=Product.Quantity.MULTIPLE,
        domain_own=True,
        subdomain_of="turku.id",
    )
    product(
        tours,
        "tur-drone",
        ("Tur Udara (drone)", "Aerial Tour (drone)"),
        ("Jadwal musim ini sudah penuh.", "This season is fully booked."),
        [("Foto dan video udara", "Aerial photo and video"), ("Pilot berizin", "Licensed pilot")],
        prices={"one_time": 7_500_000},
        sort=2,
        stock=0,
        activation=BY_STAFF,
        pph23=True,
    )
