"""The shop's own QRIS code with the invoice's amount in it; the customer confirms the payment and staff verifies."""

from dataclasses import replace
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from billing import bank_accounts, qris
from billing.gateways.bank_transfer import BankTransfer
from billing.gateways.base import Instructions
from billing.models import BankAccount, Invoice, PaymentMethod


class Qris(BankTransfer):
    code = "qris"
    name = _("QRIS milik toko")
    is_slow = False
    confirmation_labels = {
        "bank_account": _("Dibayar ke"),
        "amount": _("Jumlah yang dibayar"),
        "sender_bank": _("Bank atau dompet digital"),
        "sender_name": _("Nama pemilik akun"),
        "sender_number": _("Nomor rekening atau ponsel"),
        "transferred_on": _("Tanggal bayar"),
        "proofs": _("Bukti bayar"),
    }
    sender_bank_hint = _("Contoh: BCA, GoPay, OVO")

    def is_ready(self, method: PaymentMethod) -> bool:
        """Without a code the page would have nothing to scan. One query: what is chosen now is paid later."""
        return method.bank_accounts.filter(active=True).exclude(qris_payload="").exists()

    def refusal(self, amount: Decimal, currency: str) -> str:
        return qris.refusal(amount, currency)

    def instructions(self, invoice: Invoice) -> Instructions:
        """The bill number in the code is the invoice's number, as the remark of a transfer is."""
        asked = super().instructions(invoice)
        scan = scan_of(asked.accounts[0], asked) if asked.accounts else None
        return replace(asked, scan=scan)

    def accounts(self, method_id: int | None) -> tuple[BankAccount, ...]:
        """The first only: two codes beside each other would be scanned both. What was paid to another can be confirmed."""
        return tuple(one for one in bank_accounts.of_method(method_id) if one.code)[:1]


def scan_of(account: BankAccount, asked: Instructions) -> qris.Scan:
    return qris.Scan(account.code, asked.amount, asked.currency, asked.reference)
