"""Transfer to one of the shop's bank accounts; the customer confirms it and staff verifies."""

from django.utils.translation import gettext_lazy as _

from billing import bank_accounts, transfer_codes
from billing.gateways.base import Gateway, Instructions
from billing.models import BankAccount, Invoice


class BankTransfer(Gateway):
    code = "bank_transfer"
    name = _("Transfer bank")
    supports_confirmation = True
    is_slow = True

    def instructions(self, invoice: Invoice) -> Instructions:
        """The remittance text ("berita") is the invoice's number (A8)."""
        accounts = self.accounts(invoice.payment_method_id)
        code = transfer_codes.code_for(invoice, accounts)
        return Instructions(
            amount=invoice.balance + code,
            currency=invoice.currency,
            reference=invoice.number,
            accounts=accounts,
            code=code,
        )

    def accounts(self, method_id: int | None) -> tuple[BankAccount, ...]:
        """Those to choose from, in staff's order."""
        return tuple(bank_accounts.of_method(method_id))
