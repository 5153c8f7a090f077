"""How the demo shop is paid, and what its customers agree to."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from billing import qris
from billing.demo import online
from billing.models import BankAccount, PaymentMethod, TermsVersion

# Bank, number, holder: invented.
ACCOUNTS = [
    ("BCA", "012 345 6789", "PT Nusa Layanan Digital"),
    ("Mandiri", "137 00 1234567 8", "PT Nusa Layanan Digital"),
    ("BNI", "098 765 4321", "PT Nusa Layanan Digital"),
]
# Of no acquirer that exists, so that nobody is paid by it.
QRIS_CODE = qris.build(
    {
        "00": "01",
        "01": "11",
        "26": "0016ID.CO.CONTOH.WWW01189360000000000000000215NUSALAYANANDIGI0303UMI",
        "51": "0014ID.CO.QRIS.WWW0215ID10000000000000303UMI",
        "52": "7372",
        "53": "360",
        "58": "ID",
        "59": "NUSA LAYANAN DIGITAL",
        "60": "SLEMAN",
        "61": "55281",
        "62": "0703A01",
    }
)

TERMS_ID = """\
Dengan memesan layanan, Anda menyetujui ketentuan berikut.

## Pemesanan dan pembayaran
1. Harga yang berlaku adalah harga yang tampil saat Anda menyelesaikan pesanan. PPN ditambahkan sesuai peraturan.
2. Tagihan dibayar paling lambat pada tanggal jatuh temponya. Pesanan yang tidak dibayar dibatalkan setelah diberitahukan.
3. Pembayaran dengan transfer diverifikasi pada jam kerja. Cantumkan nomor tagihan sebagai berita transfer.

## Layanan
1. Layanan diaktifkan setelah pembayaran diterima penuh, kecuali ditentukan lain pada produknya.
2. Anda bertanggung jawab atas isi yang Anda simpan dan atas kerahasiaan detail login Anda.
3. Layanan tidak boleh dipakai untuk hal yang melanggar hukum Republik Indonesia.

## Perpanjangan dan pengakhiran
1. Layanan berulang diperpanjang tiap siklus. Tagihannya terbit sebelum jatuh tempo.
2. Anda dapat mengakhiri layanan kapan saja untuk akhir siklus berjalan.
3. Pengembalian dana hosting berlaku dalam 30 hari pertama. Pendaftaran domain tidak dapat dikembalikan.

## Data pribadi
Data Anda dipakai untuk menyediakan layanan dan menagihnya, dan tidak dijual kepada pihak lain.
"""

TERMS_EN = """\
By ordering a service you agree to the following.

## Ordering and paying
1. The price is the one shown when you complete the order. VAT (PPN) is added as the law requires.
2. An invoice is paid by its due date. An order that is not paid is cancelled after a notice.
3. Transfers are verified during office hours. Give the invoice number as the transfer's remark.

## Services
1. A service is activated once it is paid in full, unless its product says otherwise.
2. You are responsible for what you store and for keeping your login details to yourself.
3. A service must not be used for what breaks the law of the Republic of Indonesia.

## Renewal and ending
1. Recurring services renew each cycle. Their invoice is issued before it is due.
2. You may end a service at any time for the end of the current cycle.
3. Hosting can be refunded within the first 30 days. Domain registrations cannot.

## Personal data
Your data serves to provide and bill the service, and is not sold to anyone.
"""


@transaction.atomic
def load() -> None:
    transfer, is_new = PaymentMethod.objects.get_or_create(
        gateway="bank_transfer",
        defaults={
            "name_id": "Transfer bank",
            "name_en": "Bank transfer",
            "hint_id": "Transfer ke rekening kami, lalu unggah buktinya di halaman tagihan.",
            "hint_en": "Transfer to our account, then upload the proof on the invoice's page.",
        },
    )
    if is_new:
        for sort, (bank, number, holder) in enumerate(ACCOUNTS):
            BankAccount.objects.get_or_create(
                bank=bank, number=number, defaults={"method": transfer, "holder": holder, "sort": sort}
            )
    _load_qris()
    online.load_methods()
    TermsVersion.objects.get_or_create(
        slug="ketentuan-layanan",
        version="1.0",
        defaults={
            "title_id": "Ketentuan Layanan",
            "title_en": "Terms of Service",
            "body_id": TERMS_ID,
            "body_en": TERMS_EN,
            "published_at": datetime(2026, 1, 1, tzinfo=timezone.get_default_timezone()),
        },
    )


def _load_qris() -> None:
    by_code, is_new = PaymentMethod.objects.get_or_create(
        gateway="qris",
        defaults={
            "name_id": "QRIS",
            "hint_id": "Pindai kode dengan aplikasi bank atau dompet digital, lalu unggah buktinya di halaman tagihan.",
            "hint_en": "Scan a code with your banking or e-wallet app, then upload the proof on the invoice's page.",
            "sort": 1,
        },
    )
    if is_new:
        code = qris.read(QRIS_CODE)
        told = {"bank": f"QRIS {code.acquirer}", "number": code.nmid, "holder": code.merchant}
        BankAccount.objects.get_or_create(**told, defaults={"method": by_code, "qris_payload": code.text, "sort": 10})
