"""What staff types into an invoice: its lines, free or from the catalog, and what stands around them."""

from collections.abc import Iterable
from datetime import timedelta
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Shop
from accounts.texts import validate_one_line
from billing import payments, paymethods
from billing.editing import Content, WrittenLine
from billing.forms import RowField
from billing.models import Invoice
from catalog import tax
from catalog.forms import RupiahField
from catalog.models import Price
from catalog.money import format_money

MOST_LINES = 50
LONGEST_NOTES = 2_000


def _date_field(label: str, **more) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        **more,
    )


class LineForm(forms.Form):
    description = forms.CharField(label=_("Uraian"), max_length=300, validators=[validate_one_line])
    detail = forms.CharField(label=_("Rincian"), max_length=300, required=False, validators=[validate_one_line])
    quantity = forms.IntegerField(label=_("Jumlah"), min_value=1, max_value=100_000, initial=1)
    unit_price = RupiahField(label=_("Harga satuan (neto)"))
    period_start = _date_field(_("Periode mulai"))
    period_end = _date_field(_("Periode sampai"))
    taxable = forms.BooleanField(label=_("Kena PPN"), required=False, initial=True)
    pph23 = forms.BooleanField(label=_("Objek PPh 23"), required=False)

    def clean(self) -> dict:
        cleaned = super().clean()
        start, end = cleaned.get("period_start"), cleaned.get("period_end")
        if (start is None) != (end is None):
            self.add_error("period_end", _("Isi awal dan akhir periode, atau kosongkan keduanya."))
        elif start and start > end:
            self.add_error("period_end", _("Akhir periode harus pada atau sesudah awalnya."))
        if not self.errors and cleaned["quantity"] * cleaned["unit_price"] >= payments.LARGEST / 100:
            self.add_error("unit_price", _("Jumlah baris ini terlalu besar."))
        return cleaned

    @property
    def line(self) -> WrittenLine:
        """After ``is_valid``."""
        return WrittenLine(**self.cleaned_data)


class LinesOnPage:
    """The lines in their order, each a form under a number of its own: as posted, or as the draft has them."""

    def __init__(self, forms_by_number: Iterable[tuple[str, LineForm]]) -> None:
        self.rows = list(forms_by_number)[:MOST_LINES]

    @classmethod
    def of(cls, invoice: Invoice) -> "LinesOnPage":
        names = LineForm.base_fields
        lines = [{name: getattr(line, name) for name in names} for line in invoice.lines.all()]
        return cls((str(number), _filled(str(number), line)) for number, line in enumerate(lines or [{}]))

    @classmethod
    def posted(cls, data: QueryDict, invoice: Invoice) -> "LinesOnPage":
        """With the lines that are to be added, and without the one that is to be removed."""
        numbers = [one for one in dict.fromkeys(data.getlist("line")) if one.isdecimal() and len(one) < 9]
        rows = [(one, LineForm(data, prefix=f"line-{one}")) for one in numbers if one != data.get("remove")]
        following = max(map(int, numbers), default=-1) + 1
        for number, values in enumerate(_added(data, invoice), start=following):
            rows.append((str(number), _filled(str(number), values)))
        return cls(rows)

    @cached_property
    def lines(self) -> list[WrittenLine]:
        """Those that are in order."""
        return [form.line for _number, form in self.rows if form.is_valid()]

    @property
    def is_valid(self) -> bool:
        return len(self.lines) == len(self.rows)

    def blame_nothing(self) -> None:
        """A page on which somebody is still typing accuses nobody."""
        for _number, form in self.rows:
            if form.is_bound:
                form.errors.clear()


def _filled(number: str, values: dict[str, Any]) -> LineForm:
    """Bound, so that what it holds is priced; an empty line is not."""
    prefix = f"line-{number}"
    if not values:
        return LineForm(prefix=prefix)
    fields = LineForm.base_fields
    data = {
        f"{prefix}-{name}": fields[name].prepare_value(value) for name, value in values.items() if value is not None
    }
    return LineForm({name: value for name, value in data.items() if value is not False}, prefix=prefix)


def _added(data: QueryDict, invoice: Invoice) -> list[dict[str, Any]]:
    if data.get("action") == "add-line":
        return [{}]
    chosen = data.get("price", "")
    if data.get("action") != "add-price" or not chosen.isdecimal():
        return []
    price = prices().filter(pk=chosen).first()
    if price is None:
        return []
    with translation.override(invoice.language):
        return _lines_of(price)


def _lines_of(price: Price) -> list[dict[str, Any]]:
    """The price and its setup fee as lines. Where the catalog's prices include the tax it is taken out (T4)."""
    product = price.product
    terms = tax.in_force(timezone.localdate()) if product.taxable and Shop.current().prices_include_tax else None
    amounts = [(str(product.name), price.amount)]
    if price.setup_fee:
        amounts.append((gettext("Biaya setup %(product)s") % {"product": product.name}, price.setup_fee))
    return [
        {
            "description": description,
            "detail": str(price.get_cycle_display()),
            "quantity": 1,
            "unit_price": terms.net_of(amount, price.currency) if terms else amount,
            "taxable": product.taxable,
            "pph23": product.pph23,
        }
        for description, amount in amounts
    ]


def prices():
    """What the catalog sells, by group."""
    sold = Price.objects.filter(product__retired=False, currency="IDR").select_related("product__group")
    return sold.order_by("product__group__sort", "product__group", "product__sort", "product", "pk")


def price_label(price: Price) -> str:
    return f"{price.product.name}, {price.get_cycle_display()}: {format_money(price.amount, price.currency)}"


class AroundForm(forms.Form):
    """What is on the invoice beside its lines. ``seen`` is the version of the draft that the page shows."""

    prefix = "around"
    seen = forms.IntegerField(widget=forms.HiddenInput)
    payment_method = RowField(label=_("Metode pembayaran"))
    due_on = _date_field(_("Jatuh tempo"))
    po_number = forms.CharField(label=_("Nomor PO"), max_length=60, required=False, validators=[validate_one_line])
    notes = forms.CharField(
        label=_("Catatan di tagihan"),
        required=False,
        max_length=LONGEST_NOTES,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Dibaca pelanggan, juga di PDF."),
    )

    def __init__(self, *args, invoice: Invoice, seen: int, **kwargs) -> None:
        initial = {name: getattr(invoice, name) for name in ("payment_method_id", "due_on", "po_number", "notes")}
        initial["payment_method"] = initial.pop("payment_method_id")
        super().__init__(*args, initial={**initial, "seen": seen, **kwargs.pop("initial", {})}, **kwargs)
        self.fields["payment_method"].offer(paymethods.active())
        days = Shop.current().invoice_due_days
        usual = timezone.localdate() + timedelta(days=days)
        self.fields["due_on"].help_text = _("Kosong: %(days)d hari setelah terbit.") % {"days": days}
        self.fields["due_on"].widget.attrs.update({"min": timezone.localdate().isoformat(), "placeholder": str(usual)})

    @classmethod
    def as_typed(cls, data: QueryDict, **more) -> "AroundForm":
        """With what was typed so far, of which nothing is wrong yet."""
        typed = {name: data[f"{cls.prefix}-{name}"] for name in cls.base_fields if f"{cls.prefix}-{name}" in data}
        return cls(initial=typed, **more)

    def clean_due_on(self):
        day = self.cleaned_data["due_on"]
        if day and day < timezone.localdate():
            raise ValidationError(_("Pilih hari ini atau sesudahnya."))
        return day

    def content(self, lines: list[WrittenLine]) -> Content:
        """After ``is_valid``."""
        given = self.cleaned_data
        return Content(lines, given["payment_method"], given["due_on"], given["po_number"], given["notes"])
