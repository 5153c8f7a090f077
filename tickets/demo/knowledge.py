"""The demo shop's help pages and what it announces."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from tickets.models import Announcement, Article, KnowledgeCategory

# Slug and names.
CATEGORIES = [
    ("pembayaran", "Tagihan dan pembayaran", "Invoices and payments"),
    ("hosting", "Hosting dan domain", "Hosting and domains"),
    ("akun", "Akun dan anggota", "Account and members"),
]

PAY_ID = """\
1. Buka **Tagihan** di area klien, lalu pilih tagihan yang belum dibayar.
2. Transfer jumlah yang tertulis ke salah satu rekening kami. Isi nomor tagihan sebagai **berita transfer**.
3. Unggah bukti transfer di halaman tagihan, atau buka tiket ke *Penagihan* dengan bukti terlampir.

Pembayaran kami periksa pada jam kerja. Setelah diterima, layanan diaktifkan dan Anda mendapat email.
"""
PAY_EN = """\
1. Open **Invoices** in the client area and choose the unpaid one.
2. Transfer the exact amount to one of our accounts. Give the invoice number as the **remark of the transfer**.
3. Upload the proof of transfer on the invoice's page, or open a ticket to *Billing Support* with the proof attached.

We verify payments during office hours. Once it is received, the service is activated and you get an email.
"""
REJECTED_ID = """\
Konfirmasi paling sering ditolak karena:

- gambar buram atau terpotong,
- jumlahnya tidak sama dengan tagihan,
- uangnya belum masuk, misalnya karena transfer dikirim di luar jam kliring.

Alasannya tertulis di halaman tagihan dan di email. Anda dapat langsung mengirim konfirmasi lagi.
"""
REJECTED_EN = """\
Confirmations are most often rejected because

- the picture is blurred or cut off,
- the amount is not the invoice's,
- the money has not come in yet, for example because it was sent outside clearing hours.

The reason is given on the invoice's page and in the email. You can send another confirmation at once.
"""
DNS_ID = """\
Arahkan domain Anda ke server kami dengan dua *nameserver* yang tertulis di halaman layanan.

| Jenis | Nama | Isi |
|---|---|---|
| A | @ | alamat IP di halaman layanan |
| CNAME | www | nama domain Anda |

Perubahan DNS terlihat di seluruh dunia dalam beberapa menit sampai 24 jam.
"""
DNS_EN = """\
Point your domain to our server with the two name servers given on the service's page.

| Type | Name | Content |
|---|---|---|
| A | @ | the IP address on the service's page |
| CNAME | www | your domain name |

Changes of DNS are seen all over the world within minutes up to 24 hours.
"""
SLOW_ID = """\
Sebelum membuka tiket, coba tiga hal:

1. buka situs di jendela penyamaran,
2. bandingkan dengan jaringan lain, misalnya data seluler,
3. lihat pengumuman di halaman depan area klien.

Bila masih lambat, kirim tangkapan layar dan jam kejadiannya ke **Dukungan Teknis**.
"""
SLOW_EN = """\
Before you open a ticket, try three things:

1. open the site in a private window,
2. compare with another network, such as mobile data,
3. look at the announcements on the home page of the client area.

If it is still slow, send a screenshot and the time at which it happened to **Technical Support**.
"""
MEMBERS_ID = """\
Pemilik dan admin dapat mengundang rekan di halaman **Anggota**. Setiap anggota punya satu peran:

- **Keuangan** membayar dan mengonfirmasi pembayaran,
- **Teknis** melihat detail login layanan,
- **Pembaca** hanya melihat.

Undangan berlaku tujuh hari.
"""
MEMBERS_EN = """\
Owners and admins can invite colleagues on the **Members** page. Each member has one role:

- **Billing** pays and confirms payments,
- **Technical** sees the services' login details,
- **Viewer** only looks.

An invitation is good for seven days.
"""

# Category, slug, titles, texts, published.
ARTICLES = [
    ("pembayaran", "cara-membayar", "Cara membayar tagihan", "How to pay an invoice", PAY_ID, PAY_EN, True),
    (
        "pembayaran",
        "konfirmasi-ditolak",
        "Mengapa konfirmasi pembayaran saya ditolak?",
        "Why was my payment confirmation rejected?",
        REJECTED_ID,
        REJECTED_EN,
        True,
    ),
    (
        "hosting",
        "mengarahkan-domain",
        "Mengarahkan domain ke hosting",
        "Pointing a domain to hosting",
        DNS_ID,
        DNS_EN,
        True,
    ),
    ("hosting", "situs-lambat", "Situs saya lambat", "My site is slow", SLOW_ID, SLOW_EN, True),
    ("akun", "mengundang-anggota", "Mengundang rekan kerja", "Inviting colleagues", MEMBERS_ID, MEMBERS_EN, True),
    ("akun", "ganti-pemilik", "Mengganti pemilik akun", "", "Konsep: menunggu persetujuan.", "", False),
]


@transaction.atomic
def load() -> None:
    for sort, (slug, name_id, name_en) in enumerate(CATEGORIES):
        KnowledgeCategory.objects.get_or_create(
            slug=slug, defaults={"name_id": name_id, "name_en": name_en, "sort": sort}
        )
    for sort, (category, slug, title_id, title_en, body_id, body_en, published) in enumerate(ARTICLES):
        Article.objects.get_or_create(
            category=KnowledgeCategory.objects.get(slug=category),
            slug=slug,
            defaults={
                "title_id": title_id,
                "title_en": title_en,
                "body_id": body_id,
                "body_en": body_en,
                "published": published,
                "sort": sort,
            },
        )
    Announcement.objects.get_or_create(
        title_id="Pemeliharaan jaringan hari Minggu",
        defaults={
            "title_en": "Network maintenance on Sunday",
            "body_id": "Minggu dini hari, pukul 01.00–03.00 WIB, layanan hosting dapat terputus paling lama **5 menit**.",
            "body_en": "On Sunday night, from 01:00 to 03:00 WIB, hosting may be interrupted for at most **5 minutes**.",
            "starts_at": timezone.now() - timedelta(hours=2),
            "ends_at": timezone.now() + timedelta(days=14),
            "audience": Announcement.Audience.CUSTOMERS,
        },
    )
