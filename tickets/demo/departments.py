"""Who answers in the demo shop, what they have at hand, and when nobody works."""

from datetime import date

from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts import groups
from accounts.models import Holiday, User
from tickets.models import CannedReply, Department, EscalationRule, Priority

GENERAL, BILLING, SUPPORT, SALES = "umum", "billing", "dukungan-teknis", "penjualan"

# Its fields, and the beginnings of the addresses of who works there.
DEPARTMENTS = [
    (
        {
            "slug": GENERAL,
            "legacy_number": 1,
            "name_id": "Umum",
            "name_en": "General",
            "description_id": "Pertanyaan yang tidak cocok di departemen lain.",
            "description_en": "Questions that fit nowhere else.",
            "first_answer_minutes": 240,
            "resolution_minutes": 1080,
        },
        ["dukungan", "admin"],
    ),
    (
        {
            "slug": BILLING,
            "legacy_number": 2,
            "name_id": "Penagihan",
            "name_en": "Billing Support",
            "description_id": "Tagihan, pembayaran, dan faktur pajak. Konfirmasi pembayaran juga di sini.",
            "description_en": "Invoices, payments and tax invoices. Payments are confirmed here as well.",
            "handles_payments": True,
            "first_answer_minutes": 120,
            "resolution_minutes": 540,
        },
        ["keuangan"],
    ),
    (
        {
            "slug": SUPPORT,
            "legacy_number": 4,
            "name_id": "Dukungan Teknis",
            "name_en": "Technical Support",
            "description_id": "Gangguan dan pertanyaan teknis tentang layanan Anda.",
            "description_en": "Faults of your services, and technical questions about them.",
            "audience": Department.Audience.CUSTOMERS,
            "handles_services": True,
            "first_answer_minutes": 60,
            "resolution_minutes": 480,
            "closes": "20:00",
            "days": "1,2,3,4,5,6",
        },
        ["dukungan"],
    ),
    (
        {
            "slug": SALES,
            "legacy_number": 3,
            "name_id": "Penjualan",
            "name_en": "Sales",
            "description_id": "Sebelum memesan: paket, harga, dan penawaran.",
            "description_en": "Before you order: plans, prices and quotations.",
            "handles_orders": True,
            "first_answer_minutes": 120,
        },
        ["penjualan", "dukungan"],
    ),
]

GREETING_ID = """\
Halo {nama},

terima kasih sudah menghubungi {toko}. Kami sedang memeriksa tiket {nomor_tiket}.

Salam,
{staf}
"""
GREETING_EN = """\
Hello {nama},

thank you for contacting {toko}. We are looking into ticket {nomor_tiket}.

Regards,
{staf}
"""
PROOF_ID = """\
Halo {nama},

tagihan {tagihan} sebesar **{jumlah_tagihan}** belum kami terima. Mohon lampirkan bukti transfernya di tiket ini.
"""
PROOF_EN = """\
Hello {nama},

we have not received **{jumlah_tagihan}** for invoice {tagihan}. Please attach the proof of transfer to this ticket.
"""

# Title, department (empty: all), texts.
REPLIES = [
    ("Salam pembuka", "", GREETING_ID, GREETING_EN),
    ("Minta bukti transfer", BILLING, PROOF_ID, PROOF_EN),
    (
        "Minta tangkapan layar",
        SUPPORT,
        "Mohon kirim tangkapan layar galatnya dan jam kejadiannya, supaya kami dapat memeriksa {layanan}.",
        "Please send a screenshot of the error and the time at which it appeared, so that we can look into {layanan}.",
    ),
    (
        "Sudah diperbaiki",
        SUPPORT,
        "{layanan} sudah berjalan normal kembali. Mohon dicoba; balas tiket ini bila masih ada kendala.",
        "{layanan} works normally again. Please try it, and reply to this ticket if anything is left.",
    ),
]

HOLIDAYS = [(8, 17, "Hari Kemerdekaan Republik Indonesia"), (1, 1, "Tahun Baru Masehi")]


@transaction.atomic
def load() -> None:
    for sort, (fields, people) in enumerate(DEPARTMENTS):
        department, is_new = Department.objects.get_or_create(
            slug=fields["slug"], defaults={**fields, "sort": sort, "time_zone": timezone.get_default_timezone_name()}
        )
        if is_new:
            department.staff.add(*User.objects.filter(email__in=[f"{name}@nusa.example" for name in people]))
    for sort, (title, slug, body_id, body_en) in enumerate(REPLIES):
        department = Department.objects.filter(slug=slug).first()
        CannedReply.objects.get_or_create(
            title=title,
            defaults={"department": department, "body_id": body_id, "body_en": body_en, "sort": sort},
        )
    EscalationRule.objects.get_or_create(
        name="Terlalu lama menunggu",
        defaults={
            "waiting_minutes": 480,
            "set_priority": Priority.URGENT,
            "notify_group": Group.objects.filter(name=groups.ADMINISTRATOR).first(),
        },
    )
    today = timezone.localdate()
    for month, day, name in HOLIDAYS:
        year = today.year if (month, day) > (today.month, today.day) else today.year + 1
        Holiday.objects.get_or_create(date=date(year, month, day), defaults={"name": name})
