"""A payment confirmed by a message: the transfer's fields beside the message's."""

from collections.abc import Mapping
from types import MappingProxyType

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from billing.confirmations import Transfer
from billing.forms import ConfirmationForm
from billing.models import Invoice
from catalog.money import format_money
from tickets.forms.messages import MessageForm


class TransferForm(ConfirmationForm):
    """The transfer that a message may confirm; its proofs are the message's attachments. Left alone, it says nothing."""

    field_order = ["amount", "bank_account", "sender_bank", "sender_name", "sender_number", "transferred_on"]

    def __init__(self, *args, invoice: Invoice, initial: Mapping = MappingProxyType({}), **kwargs) -> None:
        super().__init__(
            *args,
            invoice=invoice,
            # Filled in by the customer: an amount says that money was sent (K6).
            initial={"amount": None, **initial},
            prefix="transfer",
            empty_permitted=True,
            use_required_attribute=False,
            **kwargs,
        )
        for name in set(self.fields) - set(self.field_order):
            del self.fields[name]
        amount, account = self.fields["amount"], self.fields["bank_account"]
        amount.help_text = _("Sisa tagihan %(balance)s. Kosongkan bila Anda hanya bertanya.") % {
            "balance": format_money(invoice.balance, invoice.currency)
        }
        account.initial = next((value for value, _label in account.choices), None)

    def _offer_withholding(self, invoice: Invoice) -> None:
        """Whoever keeps tax back confirms on the invoice's page, which takes the slip as well."""

    @property
    def transfer(self) -> Transfer | None:
        """What was filled in; ``None`` where nothing was."""
        return Transfer(**self.cleaned_data) if self.has_changed() else None


class MessageForms:
    """What a page sends as one form: a message or new ticket and, where a payment can be confirmed, the transfer."""

    def __init__(self, message: MessageForm, transfer: TransferForm | None) -> None:
        self.message = message
        self.transfer = transfer

    @property
    def parts(self) -> list[forms.Form]:
        return [form for form in (self.message, self.transfer) if form is not None]

    def is_valid(self) -> bool:
        """Every part is looked at, so that everything wrong is said at once."""
        problems = [form for form in self.parts if not form.is_valid()]
        return not problems

    def refuse(self, error: ValidationError | str) -> None:
        """Say what a service refused, at the fields that it names; without any, above the form."""
        by_field = getattr(error, "error_dict", {None: error})
        for field, problems in by_field.items():
            field = {"proofs": "files"}.get(field, field)
            form = next((one for one in self.parts if field in one.fields), None)
            (form or self.message).add_error(field if form else None, problems)

    @property
    def errors(self) -> dict:
        return {form.add_prefix(name): found for form in self.parts for name, found in form.errors.items()}

    @property
    def non_field_errors(self) -> list[str]:
        return [error for form in self.parts for error in form.non_field_errors()]

    @property
    def visible_fields(self) -> list[forms.BoundField]:
        return [field for form in self.parts for field in form.visible_fields()]

    @property
    def hidden_fields(self) -> list[forms.BoundField]:
        return [field for form in self.parts for field in form.hidden_fields()]
