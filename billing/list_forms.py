"""The forms that choose what a list shows, read from the query string."""

from django import forms
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from billing.forms import DayInput
from billing.models import Invoice, PaymentConfirmation


class InvoiceFilterForm(forms.Form):
    """The invoice list's filter, from the query string; what is not understood filters nothing."""

    STATES = [
        ("", _("Semua")),
        ("open", _("Belum dibayar")),
        ("overdue", _("Lewat jatuh tempo")),
        ("waiting", _("Menunggu verifikasi")),
        ("paid", _("Lunas")),
        ("cancelled", _("Dibatalkan")),
    ]

    state = forms.ChoiceField(label=_("Status"), choices=STATES, required=False)
    kind = forms.ChoiceField(label=_("Jenis"), choices=[("", _("Semua")), *Invoice.Kind.choices], required=False)
    first = forms.DateField(label=_("Terbit dari"), required=False, widget=DayInput)
    last = forms.DateField(label=_("Terbit sampai"), required=False, widget=DayInput)
    number = forms.CharField(
        label=_("Nomor tagihan atau PO"),
        required=False,
        max_length=60,
        validators=[validate_one_line],
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )

    def apply(self, invoices: QuerySet[Invoice]) -> QuerySet[Invoice]:
        self.full_clean()
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if "number" in given:
            text = given["number"].strip()
            invoices = invoices.filter(Q(number__icontains=text) | Q(po_number__icontains=text))
        if "kind" in given:
            invoices = invoices.filter(kind=given["kind"])
        if "first" in given:
            invoices = invoices.filter(issued_on__gte=given["first"])
        if "last" in given:
            invoices = invoices.filter(issued_on__lte=given["last"])
        return self._in_state(invoices, given["state"]) if "state" in given else invoices

    def _in_state(self, invoices: QuerySet[Invoice], state: str) -> QuerySet[Invoice]:
        unpaid = invoices.filter(status=Invoice.Status.UNPAID)
        return {
            "open": unpaid,
            "overdue": unpaid.filter(due_on__lt=timezone.localdate()),
            "waiting": unpaid.filter(confirmations__status=PaymentConfirmation.Status.SUBMITTED),
            "paid": invoices.filter(status=Invoice.Status.PAID),
            "cancelled": invoices.filter(status__in=[Invoice.Status.CANCELLED, Invoice.Status.REFUNDED]),
        }[state]


class PeriodForm(forms.Form):
    """From which day to which, from the query string; without either this month until today."""

    first = forms.DateField(label=_("Dari"), widget=DayInput)
    last = forms.DateField(label=_("Sampai"), widget=DayInput)

    def __init__(self, data: QueryDict) -> None:
        today = timezone.localdate()
        given = {"first": today.replace(day=1).isoformat(), "last": today.isoformat()}
        super().__init__(given | {name: data[name] for name in given if data.get(name)})

    def clean(self) -> dict:
        cleaned = super().clean()
        first, last = cleaned.get("first"), cleaned.get("last")
        if first and last and first > last:
            self.add_error("last", _("Isi tanggal akhir yang sama dengan atau setelah tanggal awal."))
        return cleaned
