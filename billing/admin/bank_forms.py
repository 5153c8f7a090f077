"""What staff fills in about bank statements: the file, its columns, and whose money a line is."""

from collections.abc import Sequence
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Customer
from billing.bank import settling, tables
from billing.forms import RupiahField
from billing.models import BankAccount, Invoice, StatementLine
from catalog.money import ZERO, format_money, total_of


class AccountForm(forms.Form):
    account = forms.ModelChoiceField(
        label=_("Rekening"), queryset=BankAccount.objects.filter(active=True), empty_label=None
    )


class UploadForm(AccountForm):
    file = forms.FileField(
        label=_("Berkas mutasi"),
        help_text=_("CSV dari BCA, Mandiri, BNI, BRI atau bank lain, MT940, atau CAMT.053. Paling besar 5 MB."),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.sta,.940,.mt940,.xml"}),
    )


class ColumnsForm(forms.Form):
    """Which column of a CSV file says what; kept for the account's next file."""

    date = forms.ChoiceField(label=_("Tanggal"))
    text = forms.MultipleChoiceField(label=_("Keterangan"), widget=forms.CheckboxSelectMultiple)
    payer = forms.ChoiceField(label=_("Nama pengirim"), required=False)
    amount = forms.ChoiceField(
        label=_("Jumlah"), required=False, help_text=_("Satu kolom untuk uang masuk dan keluar.")
    )
    direction = forms.ChoiceField(label=_("Penanda masuk atau keluar"), required=False)
    credit = forms.ChoiceField(label=_("Uang masuk"), required=False, help_text=_("Bila kolomnya sendiri."))
    debit = forms.ChoiceField(label=_("Uang keluar"), required=False)
    balance = forms.ChoiceField(label=_("Saldo"), required=False)
    bank_id = forms.ChoiceField(
        label=_("Nomor dari bank"), required=False, help_text=_("Hanya bila setiap mutasi punya nomornya sendiri.")
    )

    def __init__(self, *args, table: tables.Table, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        headings = list(dict.fromkeys(name for name in table.headings if name))
        for name, field in self.fields.items():
            nothing = [] if name == "text" else [("", "–")]
            field.choices = [*nothing, *((heading, heading) for heading in headings)]

    def clean(self) -> dict:
        cleaned = super().clean()
        if bool(cleaned.get("amount")) == bool(cleaned.get("credit")):
            raise ValidationError(_("Pilih kolom jumlah, atau kolom uang masuk dan uang keluar."))
        return cleaned

    @property
    def columns(self) -> tables.Columns:
        return tables.Columns(**{**self.cleaned_data, "text": tuple(self.cleaned_data["text"])})


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Alasan"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))


class AssignForm(forms.Form):
    """How much of a line goes to which invoice, and how much to whose credit."""

    def __init__(
        self,
        *args,
        line: StatementLine,
        invoices: Sequence[Invoice],
        customers: Sequence[Customer],
        **kwargs,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.line = line
        self.invoices = {f"invoice_{one.pk}": one for one in invoices}
        self.customers = {f"credit_{one.pk}": one for one in customers}
        for name, invoice in self.invoices.items():
            label = gettext("%(invoice)s, %(customer)s") % {"invoice": invoice, "customer": invoice.customer}
            self.fields[name] = RupiahField(label=label, required=False)
        for name, customer in self.customers.items():
            label = gettext("Kredit %(customer)s") % {"customer": customer}
            self.fields[name] = RupiahField(label=label, required=False)

    def clean(self) -> dict:
        cleaned = super().clean()
        for name, invoice in self.invoices.items():
            if (cleaned.get(name) or ZERO) > invoice.balance:
                words = gettext("Tagihan ini hanya kurang %(amount)s. Sisanya menjadi kredit.")
                self.add_error(name, words % {"amount": format_money(invoice.balance, invoice.currency)})
        if not self.errors and self.left:
            words = gettext("Bagikan tepat %(amount)s; selisihnya %(left)s.")
            amounts = {"amount": format_money(self.line.amount), "left": format_money(self.left)}
            raise ValidationError(words % amounts)
        return cleaned

    @property
    def left(self) -> Decimal:
        return self.line.amount - total_of(amount for amount in self.cleaned_data.values() if amount)

    @property
    def parts(self) -> list[settling.Part]:
        amounts = {name: amount for name, amount in self.cleaned_data.items() if amount}
        to_invoices = [
            settling.Part(invoice.customer, amounts[name], (invoice,))
            for name, invoice in self.invoices.items()
            if name in amounts
        ]
        to_credit = [
            settling.Part(customer, amounts[name]) for name, customer in self.customers.items() if name in amounts
        ]
        return [*to_invoices, *to_credit]


def first_split(line: StatementLine, invoice: Invoice) -> dict[str, Decimal]:
    """The whole line to one invoice; what it does not need to its customer's credit."""
    to_invoice = min(line.amount, invoice.balance)
    return {f"invoice_{invoice.pk}": to_invoice, f"credit_{invoice.customer_id}": line.amount - to_invoice or None}
