"""How a customer of a bank pays to a virtual account, by ATM, mobile and internet banking.

The menus are named as the banks name them, in Indonesian whatever the page's language.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

# Bank code → way → the path through its menus.
_MENUS: Mapping[str, Sequence[tuple[str, str]]] = {
    "bca": (
        ("ATM BCA", "Transaksi Lainnya › Transfer › Ke Rek BCA Virtual Account"),
        ("BCA mobile", "m-BCA › m-Transfer › BCA Virtual Account"),
        ("KlikBCA", "Transfer Dana › Transfer ke BCA Virtual Account"),
    ),
    "bni": (
        ("ATM BNI", "Menu Lain › Transfer › Rekening Tabungan › Virtual Account Billing"),
        ("BNI Mobile Banking", "Transfer › Virtual Account Billing"),
        ("BNI Internet Banking", "Transaksi › Transfer › Virtual Account Billing"),
    ),
    "bri": (
        ("ATM BRI", "Transaksi Lain › Pembayaran › Lainnya › BRIVA"),
        ("BRImo", "BRIVA › Pembayaran Baru"),
        ("Internet Banking BRI", "Pembayaran › BRIVA"),
    ),
    "permata": (
        ("ATM Permata", "Transaksi Lainnya › Pembayaran › Pembayaran Lainnya › Virtual Account"),
        ("PermataMobile X", "Bayar Tagihan › Virtual Account"),
        ("PermataNet", "Pembayaran › Pembayaran Tagihan › Virtual Account"),
    ),
    "mandiri": (
        ("ATM Mandiri", "Bayar/Beli › Lainnya › Lainnya › Multipayment"),
        ("Livin’ by Mandiri", "Bayar › Buat Pembayaran Baru › Multipayment"),
        ("Mandiri Internet Banking", "Pembayaran › Multipayment"),
    ),
}


@dataclass(frozen=True)
class Way:
    """One way of paying at the customer's bank, step by step."""

    name: str
    steps: Sequence[str]


def of(channel: str, facts: Mapping[str, str], amount: str) -> list[Way]:
    """The ways of a bank to pay to ``facts``; ``amount`` is shown as it stands on the page. None for a bank not known."""
    return [Way(name, _steps(menus, facts, amount)) for name, menus in _MENUS.get(channel, ())]


def _steps(menus: str, facts: Mapping[str, str], amount: str) -> list[str]:
    number = _("Masukkan nomor virtual account %(number)s.") % {"number": facts["number"]}
    if "biller_code" in facts:
        number = _("Masukkan kode perusahaan %(biller)s, lalu nomor tagihan %(number)s.") % {
            "biller": facts["biller_code"],
            "number": facts["number"],
        }
    return [
        _("Masuk, lalu pilih %(menus)s.") % {"menus": menus},
        number,
        _("Periksa nama dan jumlahnya: tepat %(amount)s.") % {"amount": amount},
        _("Bayar, dan simpan buktinya. Tidak perlu dikirim: kami tahu sendiri."),
    ]
