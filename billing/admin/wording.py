"""Words that several staff pages say in the same way."""

from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User

# Events that change no state, by their kind; a change of state is told by the state it led to.
KINDS = {
    "change_cancelled": gettext_lazy("Perubahan dibatalkan"),
    "change_not_applied": gettext_lazy("Perubahan tidak dapat diterapkan"),
    "changed": gettext_lazy("Diubah"),
    "created": gettext_lazy("Dibuat"),
    "difference_accepted": gettext_lazy("Uang yang masuk dicatat"),
    "activation_due": gettext_lazy("Menunggu aktivasi staf"),
    "cancel_warned": gettext_lazy("Diperingatkan akan dibatalkan"),
    "credited": gettext_lazy("Dikoreksi dengan nota kredit"),
    "edited": gettext_lazy("Konsep ditulis ulang"),
    "end_requested": gettext_lazy("Diminta berhenti"),
    "end_withdrawn": gettext_lazy("Permintaan berhenti ditarik"),
    "late_fee_charged": gettext_lazy("Denda keterlambatan ditagihkan"),
    "login_details_changed": gettext_lazy("Detail login diganti"),
    "login_details_seen": gettext_lazy("Detail login dilihat"),
    "money_after_cancel": gettext_lazy("Uang masuk setelah dibatalkan"),
    "paid_again": gettext_lazy("Dibayar sekali lagi"),
    "partially_paid": gettext_lazy("Dibayar sebagian"),
    "pay_link_revoked": gettext_lazy("Tautan pembayaran dicabut"),
    "pay_link_shared": gettext_lazy("Tautan pembayaran dibagikan"),
    "payment_method_changed": gettext_lazy("Metode pembayaran diganti"),
    "released": gettext_lazy("Pembayaran dipindahkan ke kredit"),
    "price_announced": gettext_lazy("Perubahan harga diumumkan"),
    "price_withdrawn": gettext_lazy("Perubahan harga ditarik"),
    "renewed_early": gettext_lazy("Diperpanjang lebih awal"),
    "retained": gettext_lazy("Tetap berlangganan dengan potongan"),
    "po_number_changed": gettext_lazy("Nomor PO diubah"),
    "repriced": gettext_lazy("Harga perpanjangan diubah"),
    "tax_invoice_filed": gettext_lazy("Faktur pajak diunggah"),
    "tax_invoice_refused": gettext_lazy("Faktur pajak ditolak"),
    "tax_invoice_requested": gettext_lazy("Faktur pajak diminta"),
    "tax_withheld": gettext_lazy("PPh 23 dipotong"),
    "transfer_offered": gettext_lazy("Ditawarkan kepada pelanggan lain"),
    "transfer_declined": gettext_lazy("Tawaran pemindahan ditolak"),
    "transfer_withdrawn": gettext_lazy("Tawaran pemindahan ditarik"),
    "transfer_expired": gettext_lazy("Tawaran pemindahan lewat waktu"),
    "transferred": gettext_lazy("Dipindahkan"),
    "payment_reversed": gettext_lazy("Pembayaran dibatalkan"),
}
# The relations by which an event names its owner.
_OWNERS = ("order", "invoice", "service", "confirmation", "line", "attempt", "provider_refund")


def who_and_when(who: User | None, at: datetime) -> str:
    """Such as "oleh Budi pada 21-11-2026 14.05.12": the seconds matter where two people decide at once."""
    return _("oleh %(who)s pada %(when)s") % {
        "who": who or _("sistem"),
        "when": f"{timezone.localtime(at):%d-%m-%Y %H.%M.%S}",
    }


def what_happened(event: models.Model) -> str:
    """An event of an order, invoice, service or confirmation, for people."""
    if event.kind in KINDS:
        return str(KINDS[event.kind])
    owner = next(field.related_model for field in event._meta.fields if field.name in _OWNERS)
    return str(dict(owner.Status.choices).get(event.to_status, event.kind))
