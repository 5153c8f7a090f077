"""Form fields and forms of the catalog: how staff type prices, cycles and what a promotion takes off."""

from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from catalog import pricetables
from catalog.cycles import Cycle
from catalog.models import Addon, Option, OptionGroup, Product, Promotion
from catalog.money import ZERO, AmountError, format_money, parse_rupiah
from catalog.offers import PriceTag

# What fits into a MoneyField before its cents.
MOST_DIGITS = 12


class RupiahField(forms.Field):
    """An amount from zero up, as people type it in either language (MO3)."""

    widget = forms.TextInput
    default_error_messages = {"invalid": _("Isi jumlah dalam rupiah, angka saja, contoh: 150.000.")}

    def widget_attrs(self, widget: forms.Widget) -> dict:
        return {"inputmode": "numeric", "autocomplete": "off", "maxlength": 25, "size": 12}

    def prepare_value(self, value):
        return format_money(value).removeprefix("Rp") if isinstance(value, Decimal) else value

    def to_python(self, value) -> Decimal | None:
        if value in self.empty_values:
            return None
        try:
            amount = value if isinstance(value, Decimal) else parse_rupiah(str(value))
        except AmountError as error:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if amount.adjusted() >= MOST_DIGITS:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return amount


class RowForm(forms.ModelForm):
    """A row of a table: the column's heading says to the eye what a field is, ``aria-label`` says it to everybody."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            cycle = name.removeprefix("setup_")
            label = f"{field.label}: {Cycle(cycle).label}" if name == setup_field(cycle) else field.label
            field.widget.attrs["aria-label"] = label


def price_field(cycle: str) -> str:
    return f"price_{cycle}"


def setup_field(cycle: str) -> str:
    return f"setup_{cycle}"


def price_fields(cycles=Cycle.values) -> dict[str, RupiahField]:
    """Two fields for each cycle, by name: the price and the setup fee."""
    fields = {}
    for cycle in cycles:
        label = Cycle(cycle).label
        fields[price_field(cycle)] = RupiahField(label=label, required=False)
        fields[setup_field(cycle)] = RupiahField(label=_("Biaya setup"), required=False)
    return fields


class PricedForm(forms.ModelForm):
    """A model form with a price table; ``save_prices`` writes it once the row itself is saved."""

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.cycles = [cycle for cycle in Cycle.values if price_field(cycle) in self.fields]
        if self.instance.pk:
            for cycle, tag in pricetables.read(self.instance).items():
                self.initial[price_field(cycle)] = tag.amount
                self.initial[setup_field(cycle)] = tag.setup_fee or None

    def clean(self) -> dict:
        cleaned = super().clean()
        for cycle in self.cycles:
            if cleaned.get(setup_field(cycle)) and cleaned.get(price_field(cycle)) is None:
                message = _("Isi juga harganya (0 untuk gratis). Tanpa harga, siklus ini tidak ditawarkan.")
                self.add_error(price_field(cycle), message)
        return cleaned

    def table(self) -> dict[str, PriceTag | None]:
        """What was typed, by cycle; ``None`` for what is not offered."""
        table = {}
        for cycle in self.cycles:
            amount = self.cleaned_data[price_field(cycle)]
            setup_fee = self.cleaned_data[setup_field(cycle)] or ZERO
            table[cycle] = None if amount is None else PriceTag(amount, setup_fee)
        return table

    def save_prices(self) -> None:
        pricetables.write(self.instance, self.table())


# A row for every cycle there is.
FullyPricedForm = type("FullyPricedForm", (PricedForm,), price_fields())


class ProductForm(FullyPricedForm):
    option_groups = forms.ModelMultipleChoiceField(
        label=_("Kelompok opsi"),
        queryset=OptionGroup.objects.all(),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    addons = forms.ModelMultipleChoiceField(
        label=_("Layanan tambahan"),
        queryset=Addon.objects.filter(retired=False),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["option_groups"] = list(self.instance.option_groups.values_list("pk", flat=True))
            self.initial["addons"] = list(self.instance.addons.filter(retired=False).values_list("pk", flat=True))

    def clean_option_groups(self):
        groups = self.cleaned_data["option_groups"]
        refuse_twin_keys(groups)
        return groups

    def clean(self) -> dict:
        cleaned = super().clean()
        if not self.errors and not cleaned.get("hidden") and not any(self.table().values()):
            message = _("Isi paling sedikit satu harga, atau centang “tersembunyi” selama produk disiapkan.")
            self.add_error(price_field(Cycle.MONTHLY), message)
        return cleaned

    def save_links(self) -> None:
        """Options and add-ons; a retired add-on stays linked, for it may come back."""
        self.instance.option_groups.set(self.cleaned_data["option_groups"])
        retired = self.instance.addons.filter(retired=True)
        self.instance.addons.set([*self.cleaned_data["addons"], *retired])


def refuse_twin_keys(groups) -> None:
    """A product's options are told apart by their keys. Raises ``ValidationError`` where two groups share one."""
    seen: dict[str, Option] = {}
    for option in Option.objects.filter(group__in=groups).select_related("group"):
        twin = seen.setdefault(option.key, option)
        if twin is not option:
            raise ValidationError(
                _("“%(one)s” dan “%(other)s” sama-sama berisi opsi dengan kunci %(key)s. Pilih salah satu."),
                params={"one": twin.group, "other": option.group, "key": option.key},
            )


class OptionForm(FullyPricedForm):
    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if "group" in self.fields:
            self.fields["group"].label = _("Kelompok opsi")

    def clean(self) -> dict:
        cleaned = super().clean()
        refuse_twin(self, cleaned.get("group"), cleaned.get("key"))
        return cleaned


class OptionRowForm(RowForm):
    """A row of the table of a group's options."""

    def clean(self) -> dict:
        cleaned = super().clean()
        refuse_twin(self, self.instance.group if self.instance.group_id else None, cleaned.get("key"))
        return cleaned


def refuse_twin(form: forms.ModelForm, group: OptionGroup | None, key: str | None) -> None:
    """Add an error to the form of an option whose key another option of the same product has."""
    if not group or not key:
        return
    products = Product.objects.filter(option_groups=group)
    twins = Option.objects.filter(key=key, group__products__in=products).exclude(pk=form.instance.pk)
    twin = twins.exclude(group=group).first()
    if twin:
        message = _("Kunci ini sudah dipakai opsi “%(option)s” pada produk yang sama. Isi kunci lain.")
        form.add_error("key", ValidationError(message, params={"option": twin}))


class ChoiceForm(RowForm, PricedForm):
    """A row of the table of an option's choices; its price columns are added for the cycles that are sold."""


class AddonForm(FullyPricedForm):
    """An add-on with its prices."""


class PromotionForm(forms.ModelForm):
    value = forms.CharField(
        label=_("Nilai"),
        required=False,
        help_text=_("Persen (contoh: 10 atau 12,5), potongan dalam rupiah, atau harga khusus per satuan."),
    )
    cycles = forms.MultipleChoiceField(
        label=_("Siklus"),
        choices=Cycle.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("Kosong: semua siklus."),
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["value"] = written_value(self.instance)

    def clean(self) -> dict:
        cleaned = super().clean()
        self._clean_value(cleaned)
        starts, ends = cleaned.get("starts_at"), cleaned.get("ends_at")
        if starts and ends and ends <= starts:
            self.add_error("ends_at", _("Isi waktu berakhir yang lebih lambat daripada waktu mulai."))
        if cleaned.get("renewals") is not None and not cleaned.get("recurring"):
            self.add_error("renewals", _("Centang “berulang”, atau kosongkan jumlah perpanjangan."))
        uses, most = self.instance.uses, cleaned.get("max_uses")
        if most is not None and most < uses:
            message = _("Kode ini sudah dipakai %(uses)d kali. Isi angka itu atau lebih.")
            self.add_error("max_uses", ValidationError(message, params={"uses": uses}))
        return cleaned

    def _clean_value(self, cleaned: dict) -> None:
        kind, typed = cleaned.get("kind"), cleaned.get("value", "").strip()
        if kind == Promotion.Kind.FREE_SETUP:
            cleaned["value"] = ZERO
        elif kind == Promotion.Kind.PERCENT:
            self._put_value(cleaned, _percent(typed), _("Isi persen lebih dari 0 sampai 100, contoh: 10 atau 12,5."))
        elif kind:
            self._put_value(cleaned, _rupiah(typed), _("Isi jumlah dalam rupiah, contoh: 50.000."))

    def _put_value(self, cleaned: dict, value: Decimal | None, message: str) -> None:
        if value is None:
            self.add_error("value", message)
        else:
            cleaned["value"] = value


def written_value(promotion: Promotion) -> str:
    """``12,5`` for a percentage, ``50.000`` for an amount: as it is typed."""
    if promotion.kind == Promotion.Kind.PERCENT:
        return f"{promotion.value.normalize():f}".replace(".", ",")
    return format_money(promotion.value).removeprefix("Rp")


def _percent(typed: str) -> Decimal | None:
    try:
        value = Decimal(typed.removesuffix("%").strip().replace(",", "."))
    except InvalidOperation:
        return None
    return value if value.is_finite() and 0 < value <= 100 and value == round(value, 2) else None


def _rupiah(typed: str) -> Decimal | None:
    try:
        value = parse_rupiah(typed)
    except AmountError:
        return None
    return value if value.adjusted() < MOST_DIGITS else None
