"""The configure page's form, built from what a product offers."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.texts import validate_one_line
from catalog import domains
from catalog.models import Option, Product
from catalog.offers import OptionOffer, ProductOffer
from catalog.selection import DomainSelection, Selection

LONGEST_TEXT = 250

# Names that the form uses itself; an option with such a key gets a prefix.
OWN_NAMES = frozenset(
    {
        "cycle", "quantity", "addons", "promo", "domain", "action", "shown_cycle", "csrfmiddlewaretoken",
        "register_name", "register_extension", "transfer_name", "epp_code", "own_name", "subdomain_name",
    }
)  # fmt: skip

DOMAIN_NAME_FIELDS = {
    "register": "register_name",
    "transfer": "transfer_name",
    "own": "own_name",
    "subdomain": "subdomain_name",
}

WHOLE_NUMBER = {"invalid": _("Isi angka bulat, contoh: 5."), "required": _("Isi angka, contoh: 5.")}


def field_name(key: str) -> str:
    """How an option is called in the form and in links: ``users`` in ``?users=25``."""
    return f"option-{key}" if key in OWN_NAMES else key


class YesNoField(forms.BooleanField):
    """Absent, ``0`` and ``false`` are no: a plain checkbox widget would read the link's ``?backup=0`` as yes."""

    widget = forms.TextInput


def _field(option: OptionOffer) -> forms.Field:
    """Reads the type only: minimum, step, allowed choices and texts are checked by the one function that prices them."""
    if option.kind == Option.Kind.QUANTITY:
        return forms.IntegerField(label=option.name, required=False, error_messages=WHOLE_NUMBER)
    if option.kind == Option.Kind.YES_NO:
        return YesNoField(label=option.name, required=False)
    return forms.CharField(label=option.name, required=False, max_length=LONGEST_TEXT, validators=[validate_one_line])


class ConfigureForm(forms.Form):
    """Reads a configuration of one product; ``selection`` is what was read, as far as it could be.

    ``data`` are a post's or a link's values. It says nothing about prices and limits: ``catalog.pricing`` does, for forged
    posts as well, and ``refuse`` puts what it found beside the fields.
    """

    cycle = forms.CharField(label=_("Siklus penagihan"), max_length=12, error_messages={"required": _("Pilih siklus.")})
    addons = forms.Field(label=_("Layanan tambahan"), required=False, widget=forms.SelectMultiple)
    promo = forms.CharField(label=_("Kode promo"), required=False, max_length=30)

    def __init__(self, offer: ProductOffer, data: Any) -> None:
        super().__init__(data)
        self.offer = offer
        if offer.quantity_mode != Product.Quantity.NONE:
            self.fields["quantity"] = forms.IntegerField(label=_("Jumlah"), error_messages=WHOLE_NUMBER)
        for option in offer.options:
            self.fields[field_name(option.key)] = _field(option)
        if offer.domain_ways:
            self._add_domain_fields()

    @property
    def chosen_cycle(self) -> str:
        """The cycle whose prices the page shows, also while another field is wrong."""
        wanted = self.data.get("cycle")
        return wanted if wanted in self.offer.prices else self.offer.cycles[0]

    def _add_domain_fields(self) -> None:
        ways = [(way, way) for way in self.offer.domain_ways]
        self.fields["domain"] = forms.ChoiceField(
            label=_("Domain"), choices=ways, error_messages={"required": _("Pilih cara domain.")}
        )
        for name, length in {
            "register_name": 253,
            "register_extension": 30,
            "transfer_name": 253,
            "epp_code": 100,
            "own_name": 253,
            "subdomain_name": 63,
        }.items():
            self.fields[name] = forms.CharField(
                label=_("Nama domain"), required=False, max_length=length, validators=[validate_one_line]
            )

    def clean_cycle(self) -> str:
        if self.cleaned_data["cycle"] not in self.offer.prices:
            raise ValidationError(_("Pilih siklus penagihan yang ditawarkan untuk produk ini."))
        return self.cleaned_data["cycle"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "domain" in self.fields and cleaned.get("domain"):
            self.domain = self._clean_domain(cleaned)
        return cleaned

    domain: DomainSelection | None = None

    def _clean_domain(self, cleaned: Mapping[str, Any]) -> DomainSelection | None:
        way = cleaned["domain"]
        field = DOMAIN_NAME_FIELDS[way]
        typed = cleaned.get(field, "").strip().rstrip(".")
        if not typed:
            return None
        if way == "register":
            typed = self._with_extension(typed, cleaned.get("register_extension", ""))
        elif way == "subdomain" and not typed.endswith(f".{self.offer.subdomain_of}"):
            typed = f"{typed}.{self.offer.subdomain_of}"
        try:
            name = domains.parse(typed)
        except ValidationError as error:
            self.add_error(field, error)
            return None
        return DomainSelection(way, name, cleaned.get("epp_code", "").strip() if way == "transfer" else "")

    def _with_extension(self, typed: str, extension: str) -> str:
        """A name typed with one of the shop's extensions means that one; otherwise the chosen one is added."""
        known = [offer.extension for offer in self.offer.extensions if offer.register is not None]
        if domains.split_extension(typed.lower(), known):
            return typed
        return f"{typed}{extension if extension in known else known[0]}" if "." not in typed and known else typed

    def selection(self) -> Selection:
        """What was chosen. Call it after ``is_valid``; a field that could not be read is left out or as on a fresh page."""
        cleaned = self.cleaned_data
        options = {}
        for option in self.offer.options:
            value = cleaned.get(field_name(option.key))
            if value is not None and (value != "" or option.kind == Option.Kind.TEXT):
                options[option.key] = value
        return Selection(
            cycle=cleaned.get("cycle", self.chosen_cycle),
            quantity=cleaned.get("quantity", 1),
            options=options,
            addons=frozenset(cleaned.get("addons") or ()),
            domain=self.domain,
        )

    def refuse(self, problems: Mapping[str, Any]) -> None:
        """Put what pricing refused beside the fields it is about."""
        for problem, message in problems.items():
            field = self.field_of(problem)
            # What could not even be read has been said already.
            if field is None or field not in self.errors:
                self.add_error(field, message)

    def keep_errors_of(self, fields: Collection[str]) -> None:
        """Forget what is wrong with fields that nobody has filled in yet: a page just opened accuses nobody."""
        for field in set(self.errors) - set(fields):
            del self.errors[field]

    def field_of(self, problem: str) -> str | None:
        """``option:users`` is the field ``users``; a domain's is where its name is typed."""
        kind, _colon, key = problem.partition(":")
        if kind == "option":
            name = field_name(key)
        elif kind == "addon":
            name = "addons"
        elif kind == "domain":
            name = DOMAIN_NAME_FIELDS.get(self.cleaned_data.get("domain", ""), "domain")
        else:
            name = kind
        return name if name in self.fields else None


# Data for the form from elsewhere: the product's own defaults, an item of the cart, a link


def default_data(offer: ProductOffer, cycle: str = "") -> dict[str, Any]:
    """What an untouched page has chosen: the shortest cycle, the smallest amounts, the first of each choice."""
    cycle = cycle if cycle in offer.prices else offer.cycles[0]
    data: dict[str, Any] = {"cycle": cycle, "quantity": "1"}
    for option in offer.options:
        if option.offered(cycle):
            data[field_name(option.key)] = _default(option, cycle)
    if offer.domain_ways:
        data["domain"] = offer.domain_ways[0]
    return data


def _default(option: OptionOffer, cycle: str) -> str:
    if option.kind == Option.Kind.QUANTITY:
        return str(_smallest(option))
    if option.kind == Option.Kind.CHOICE and option.required:
        return option.choices_in(cycle)[0].key
    return ""


def _smallest(option: OptionOffer) -> int:
    """What is included anyway, where it can be chosen, else the minimum."""
    fits = option.included > option.minimum and (option.included - option.minimum) % option.step == 0
    return option.included if fits and option.included <= (option.maximum or option.included) else option.minimum


def data_of(offer: ProductOffer, selection: Selection) -> dict[str, Any]:
    """An item of the cart as the form shows it for editing."""
    data: dict[str, Any] = {"cycle": selection.cycle, "quantity": str(selection.quantity)}
    for key, value in selection.options.items():
        data[field_name(key)] = {True: "1", False: ""}.get(value, value) if isinstance(value, bool) else str(value)
    data["addons"] = sorted(selection.addons)
    if selection.domain:
        data.update(_domain_data(offer, selection.domain))
    return data


def _domain_data(offer: ProductOffer, domain: DomainSelection) -> Iterator[tuple[str, str]]:
    name = domain.name
    if domain.way == "subdomain":
        name = name.removesuffix(f".{offer.subdomain_of}")
    if domain.way == "register":
        found = domains.split_extension(name, [extension.extension for extension in offer.extensions])
        if found:
            name = found[0]
            yield "register_extension", found[1]
    if domain.way == "transfer":
        yield "epp_code", domain.epp_code
    yield "domain", domain.way
    yield DOMAIN_NAME_FIELDS[domain.way], name
