"""Mekari: Jurnal for the books, Talenta for the people; both are introduced by a team after ordering."""

from catalog.demo.rows import Options, addon, group, product, yearly
from catalog.models import Product

BY_STAFF = Product.Activation.BY_STAFF


def load() -> None:
    mekari = group(
        "mekari",
        ("Mekari", "Mekari"),
        ("Perangkat lunak untuk keuangan dan karyawan.", "Software for your books and your people."),
        sort=60,
    )
    training = addon(
        "on-site-training",
        ("Pelatihan di kantor Anda", "Training at your office"),
        ("Satu hari dengan pelatih kami, hingga 20 peserta.", "A day with our trainer, up to 20 people."),
        prices={"one_time": 3_500_000},
        activation=BY_STAFF,
        pph23=True,
    )
    product(
        mekari,
        "jurnal",
        ("Jurnal", "Jurnal"),
        ("Akuntansi daring untuk usaha yang tumbuh.", "Online accounting for growing firms."),
        [
            ("Laporan keuangan seketika", "Financial reports at once"),
            ("Faktur dan rekonsiliasi bank", "Invoices and bank reconciliation"),
            ("e-Faktur dan e-Bupot", "Indonesian e-tax documents"),
            ("Pendampingan hingga siap pakai", "Guided until you go live"),
        ],
        prices={"monthly": 499_000, "annually": yearly(499_000)},
        options=[_jurnal_options().group],
        addons=[training],
        activation=BY_STAFF,
    )
    product(
        mekari,
        "talenta",
        ("Talenta", "Talenta"),
        ("Penggajian, absensi, dan cuti dalam satu tempat.", "Payroll, attendance and leave in one place."),
        [
            ("Hitung gaji, PPh 21, dan BPJS", "Payroll with tax and social security"),
            ("Absensi lewat ponsel", "Attendance by phone"),
            ("Pengajuan cuti dan lembur", "Leave and overtime requests"),
            ("Pendampingan hingga siap pakai", "Guided until you go live"),
        ],
        prices={"monthly": (350_000, 1_000_000), "annually": yearly(350_000)},
        options=[_talenta_options().group],
        addons=[training],
        sort=1,
        featured=True,
        activation=BY_STAFF,
    )


def _jurnal_options() -> Options:
    options = Options(("Paket Jurnal", "Jurnal package"), sort=60)
    options.choice(
        "package",
        ("Paket", "Package"),
        {
            "essentials": (("Essentials", "Essentials"), {"monthly": 0, "annually": 0}),
            "plus": (("Plus (persediaan)", "Plus (inventory)"), {"monthly": 250_000, "annually": yearly(250_000)}),
            "enterprise": (("Enterprise (multi-cabang)", "Enterprise (branches)"), {"annually": yearly(900_000)}),
        },
        as_radio=True,
        help_id="Enterprise hanya untuk langganan tahunan.",
        help_en="Enterprise comes with yearly billing only.",
    )
    options.quantity(
        "users",
        ("Pengguna", "Users"),
        ("akun", "accounts"),
        prices={"monthly": 75_000, "annually": yearly(75_000)},
        minimum=1,
        included=3,
    )
    return options


def _talenta_options() -> Options:
    options = Options(("Karyawan", "Employees"), sort=61)
    options.quantity(
        "employees",
        ("Jumlah karyawan", "Employees"),
        ("orang", "people"),
        prices={"monthly": 25_000, "annually": yearly(25_000)},
        minimum=10,
        maximum=1_000,
        step=5,
        included=10,
    )
    options.yes_no(
        "recruitment",
        ("Modul rekrutmen", "Recruitment module"),
        prices={"monthly": 200_000, "annually": yearly(200_000)},
    )
    return options
