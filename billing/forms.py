"""The forms of billing's pages. They read and check what people type; services do the rest."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts import dates
from accounts.models import Shop
from accounts.texts import validate_one_line
from billing import (
    bank_accounts,
    cancellations,
    confirmations,
    early,
    gateways,
    instalments,
    paymethods,
    transfer_codes,
    withholding,
)
from billing.models import BankAccount, CancellationRequest, Invoice, Service
from catalog.money import AmountError, format_money, parse_rupiah

# Browsers offer these in the file dialogue; what is accepted is decided by the content.
PROOF_TYPES = "image/jpeg,image/png,image/webp,application/pdf"
# What fits into a MoneyField: digits before the cents.
MOST_DIGITS = 14


class RupiahField(forms.Field):
    """An amount as people type it in either language (MO3)."""

    widget = forms.TextInput
    prefix = "Rp"
    default_error_messages = {
        "invalid": _("Isi jumlah dalam rupiah, angka saja, contoh: 3.607.500."),
        "not_positive": _("Isi jumlah lebih dari nol."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {"inputmode": "numeric", "autocomplete": "off", "maxlength": 25}

    def prepare_value(self, value):
        return format_money(value).removeprefix("Rp") if isinstance(value, Decimal) else value

    def to_python(self, value) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            amount = parse_rupiah(str(value))
        except AmountError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if amount <= 0:
            raise ValidationError(self.error_messages["not_positive"], code="not_positive")
        if amount.adjusted() >= MOST_DIGITS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return amount


class PlanField(forms.CharField):
    """The parts in which an order is paid, as ``instalments.parse`` reads them; the cleaned value is the plan."""

    def __init__(self, **kwargs) -> None:
        defaults = {
            "label": _("Dibayar bertahap"),
            "required": False,
            "max_length": 120,
            "help_text": _(
                "Persen tiap termin, contoh: 50, 30, 20. Termin pertama jatuh tempo seperti tagihan biasa, yang berikutnya "
                "setiap 30 hari; hari lain ditulis setelah titik dua, contoh: 50:0, 30:14, 20:45."
            ),
        }
        super().__init__(**(defaults | kwargs))

    def clean(self, value) -> list[instalments.Instalment]:
        try:
            return instalments.parse(super().clean(value), first_due_in_days=Shop.current().invoice_due_days)
        except instalments.CannotRead as error:
            raise ValidationError(str(error), code="invalid") from error


class DayInput(forms.DateInput):
    """A day as browsers let people choose it."""

    input_type = "date"

    def __init__(self, attrs: dict | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; the cleaned value is their list."""

    widget = FilesInput

    def __init__(self, *args, most: int, **kwargs) -> None:
        self.most = most
        super().__init__(*args, **kwargs)

    def clean(self, data, initial=None) -> list:
        files = list(data) if isinstance(data, list | tuple) else [data] if data else []
        if not files:
            # The field's own message for a missing file.
            super().clean(None, initial)
            return []
        if len(files) > self.most:
            raise ValidationError(
                _("Kirim paling banyak %(most)d berkas."), code="too_many", params={"most": self.most}
            )
        return [super(FilesField, self).clean(file, initial) for file in files]


class RowField(forms.TypedChoiceField):
    """One of a few rows, read by one query however often the choices are asked for; the cleaned value is the row."""

    def offer(self, rows: Iterable[Model]) -> None:
        by_pk = {str(row.pk): row for row in rows}
        self.choices = [(pk, str(row)) for pk, row in by_pk.items()]
        self.coerce = by_pk.__getitem__


class TransferForm(forms.Form):
    """A transfer that the customer made (K1)."""

    bank_account = RowField(label=_("Transfer ke"))
    amount = RupiahField(label=_("Jumlah yang ditransfer"), help_text=_("Angka saja, contoh 3.607.500"))
    sender_bank = forms.CharField(
        label=_("Bank pengirim"),
        max_length=60,
        validators=[validate_one_line],
        help_text=_("Contoh: BCA, Mandiri, BRI"),
    )
    sender_name = forms.CharField(label=_("Nama pengirim"), max_length=120, validators=[validate_one_line])
    sender_number = forms.CharField(
        label=_("Nomor rekening pengirim"),
        max_length=40,
        required=False,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    transferred_on = forms.DateField(label=_("Tanggal transfer"), widget=DayInput)
    proofs = FilesField(
        label=_("Bukti transfer"),
        most=confirmations.MOST_PROOFS,
        widget=FilesInput(attrs={"accept": PROOF_TYPES}),
        help_text=_("JPG, PNG, WebP, atau PDF. 1–3 berkas, masing-masing paling besar 5 MB."),
        error_messages={"required": _("Lampirkan bukti transfer: foto, tangkapan layar, atau PDF.")},
    )
    note = forms.CharField(
        label=_("Catatan"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args, invoices: Sequence[Invoice], **kwargs) -> None:
        today = timezone.localdate()
        initial = {
            "amount": transfer_codes.asked_for(invoices),
            "transferred_on": today,
            "sender_name": invoices[0].buyer.get("name", ""),
        }
        super().__init__(*args, initial=initial | kwargs.pop("initial", {}), **kwargs)
        accounts = transfer_accounts(invoices[0])
        self.fields["bank_account"].offer(accounts)
        self.fields["transferred_on"].widget.attrs["max"] = today.isoformat()
        if accounts and accounts[0].method_id == invoices[0].payment_method_id:
            self._speak_of(gateways.for_method(accounts[0].method))

    def _speak_of(self, gateway: gateways.Gateway) -> None:
        for name, label in gateway.confirmation_labels.items():
            self.fields[name].label = label
        if gateway.sender_bank_hint:
            self.fields["sender_bank"].help_text = gateway.sender_bank_hint

    def clean_transferred_on(self):
        day = self.cleaned_data["transferred_on"]
        if day > timezone.localdate():
            raise ValidationError(_("Tanggal transfer tidak boleh di masa depan."), code="future")
        return day


class AddFundsForm(forms.Form):
    """How much credit somebody wants to buy, and how they pay for it."""

    amount = RupiahField(label=_("Jumlah"))
    payment_method = RowField(label=_("Cara bayar"))

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        shop = Shop.current()
        self.fields["payment_method"].offer(paymethods.offered())
        self.fields["amount"].help_text = _("Antara %(least)s dan %(most)s.") % {
            "least": format_money(shop.add_funds_minimum),
            "most": format_money(shop.add_funds_maximum),
        }


class ConfirmationForm(TransferForm):
    """A transfer for one invoice, "Konfirmasi Pembayaran"; companies may keep PPh 23 back of it (T6)."""

    withholds = forms.BooleanField(required=False)
    withholding_slips = FilesField(
        label=_("Bukti potong PPh 23"),
        most=confirmations.MOST_PROOFS,
        required=False,
        widget=FilesInput(attrs={"accept": PROOF_TYPES}),
        help_text=_("Hanya bila Anda memotong PPh 23."),
    )
    field_order = (
        "bank_account",
        "amount",
        "sender_bank",
        "sender_name",
        "sender_number",
        "transferred_on",
        "proofs",
        "withholds",
        "withholding_slips",
        "note",
    )

    def __init__(self, *args, invoice: Invoice, **kwargs) -> None:
        super().__init__(*args, invoices=[invoice], **kwargs)
        self._offer_withholding(invoice)

    def _offer_withholding(self, invoice: Invoice) -> None:
        """Companies may keep PPh 23 back (T6); nobody else is asked about it."""
        withheld = withholding.claimable(invoice)
        rest = invoice.balance - withheld
        if withheld and rest:
            self.say_withheld(format_money(withheld, invoice.currency), format_money(rest, invoice.currency))
        else:
            del self.fields["withholds"], self.fields["withholding_slips"]

    def say_withheld(self, withheld: str, rest: str) -> None:
        self.fields["withholds"].label = _("Kami memotong PPh 23 sebesar %(withheld)s") % {"withheld": withheld}
        self.fields["withholds"].help_text = _("Transfer %(rest)s, lalu lampirkan bukti potongnya.") % {"rest": rest}


def transfer_accounts(invoice: Invoice) -> Sequence[BankAccount]:
    """Where money for the invoice may have gone: the active accounts, those of its own method first."""
    confirmed = {code for code, gateway in gateways.registry.items() if gateway.supports_confirmation}
    accounts = [one for one in bank_accounts.active() if one.method.gateway in confirmed]
    return sorted(accounts, key=lambda account: account.method_id != invoice.payment_method_id)


class ConfirmWhichForm(forms.Form):
    """Which invoice a payment was for: the menu's confirmation begins with it."""

    invoice = forms.ModelChoiceField(
        label=_("Tagihan"), queryset=Invoice.objects.none(), to_field_name="slug", empty_label=None
    )

    def __init__(self, *args, invoices: QuerySet[Invoice], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["invoice"].queryset = invoices


class PoNumberForm(forms.Form):
    """The buyer's own number for an invoice; empty takes it away."""

    po_number = forms.CharField(
        label=_("Nomor PO"), required=False, max_length=60, validators=[validate_one_line], widget=forms.TextInput
    )


class SeveralInvoicesForm(forms.Form):
    """Which invoices one transfer pays (C4), by their names in addresses."""

    invoice = forms.ModelMultipleChoiceField(queryset=Invoice.objects.none(), to_field_name="slug")

    def __init__(self, data: QueryDict, *, invoices: QuerySet[Invoice]) -> None:
        super().__init__(data)
        self.fields["invoice"].queryset = invoices

    def chosen(self) -> list[Invoice]:
        """The most urgent first; none where the choice cannot be understood."""
        return list(self.cleaned_data["invoice"]) if self.is_valid() else []


class PaymentMethodForm(forms.Form):
    """Another way of paying an invoice."""

    payment_method = RowField(label=_("Metode pembayaran"), widget=forms.RadioSelect)

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["payment_method"].offer(paymethods.active())


class ChannelForm(forms.Form):
    """The bank of a virtual account; whether it is offered is for ``attempts.begin`` to say."""

    channel = forms.CharField(max_length=20, required=False)


class EndServiceForm(forms.Form):
    """When and why a customer ends a service; each choice says its day."""

    when = forms.ChoiceField(label=_("Kapan layanan berhenti?"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=_("Mengapa Anda berhenti?"), choices=[("", _("Pilih alasan")), *CancellationRequest.Reason.choices]
    )
    comment = forms.CharField(
        label=_("Keterangan"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Apa yang dapat kami perbaiki?"),
    )

    def __init__(self, *args, service: Service, **kwargs) -> None:
        super().__init__(*args, initial={"when": CancellationRequest.When.PERIOD_END}, **kwargs)
        today = timezone.localdate()
        self.fields["when"].choices = [
            (value, f"{label}: {dates.full_date(cancellations.last_day(service, value, today) - timedelta(days=1))}")
            for value, label in CancellationRequest.When.choices
        ]


class RenewEarlyForm(forms.Form):
    """For how many periods; each choice says until when and what it costs."""

    periods = forms.TypedChoiceField(label=_("Perpanjang sampai"), coerce=int)

    def __init__(self, *args, offers: Sequence[early.Offer], currency: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["periods"].choices = [
            (offer.periods, f"{dates.long_date(offer.last)}: {format_money(offer.total, currency)}") for offer in offers
        ]


class StayForm(forms.Form):
    """Which offer to stay is taken: the one that the page showed."""

    promotion = forms.IntegerField(min_value=1)


class OfferTransferForm(forms.Form):
    """Who is asked to take a service over."""

    email = forms.EmailField(
        label=_("Email penerima"),
        max_length=254,
        validators=[validate_one_line],
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("Penerima membuka tautan di email itu, masuk, lalu setuju atau menolak."),
    )


class AnswerTransferForm(forms.Form):
    """For which of the person's customers the service is taken."""

    customer = RowField(label=_("Terima untuk"))

    def __init__(self, *args, customers: Iterable[Model], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["customer"].offer(customers)
