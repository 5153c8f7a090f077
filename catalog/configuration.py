"""Reading one configured product: every choice is checked against the offer (P3–P6) and becomes priced lines.

Nothing here trusts the form that a selection came from: a forged option, value, cycle or domain is a problem with words.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from accounts.texts import Text, validate_one_line
from catalog import domains
from catalog.cycles import Cycle
from catalog.lines import Described, Item, Line
from catalog.models import Option, Product
from catalog.money import ZERO
from catalog.offers import AddonOffer, OptionOffer, PriceTag
from catalog.selection import DomainSelection

MAX_QUANTITY = 999
MAX_UNITS = 1_000_000
MAX_TEXT = 200
# Beyond it no real order lies, and the money columns end not far above.
MAX_AMOUNT = Decimal(10) ** 12

# Domains are bought by the year.
DOMAIN_CYCLE = Cycle.ANNUALLY.value

YES, NO = Text("Ya", "Yes"), Text("Tidak", "No")


class _Reader:
    """Reads one item; ``lines`` hold what is in order, ``problems`` what is not."""

    def __init__(self, index: int, item: Item) -> None:
        self.index = index
        self.offer = item.offer
        self.selection = item.selection
        self.lines: list[Line] = []
        self.problems: dict[str, str] = {}
        self.described: list[Described] = []

    def read(self) -> "_Reader":
        if self.selection.cycle not in self.offer.prices:
            self.problems["cycle"] = _("Pilih siklus penagihan yang ditawarkan untuk %(product)s: %(cycles)s.") % {
                "product": self.offer.name,
                "cycles": ", ".join(str(Cycle(cycle).label) for cycle in self.offer.cycles) or "–",
            }
            return self
        self._read_quantity()
        self._add(
            kind="product",
            key="product",
            label=self.offer.name,
            tag=self.offer.prices[self.selection.cycle],
            cycle=self.selection.cycle,
            quantity=self.quantity,
        )
        self._read_options()
        self._read_addons()
        self._read_domain()
        return self

    @property
    def services(self) -> int:
        """How many services this becomes: setup fees and add-ons are charged for each (P5)."""
        return self.quantity if self.offer.quantity_mode == Product.Quantity.SEPARATE else 1

    def _add(self, *, kind: str, key: str, label: Text, tag: PriceTag, cycle: str, quantity: int, **fields) -> None:
        """The line of a price, and one for its setup fee where it has one."""
        amount = tag.amount * quantity
        if max(amount, tag.setup_fee * self.services) > MAX_AMOUNT:
            self.problems[key if kind in {"option", "addon"} else "quantity"] = _(
                "Jumlah ini terlalu besar untuk dipesan di sini. Kurangi jumlahnya atau hubungi kami."
            )
            return
        defaults = {
            "item": self.index,
            "taxable": self.offer.taxable,
            "pph23": self.offer.pph23,
            "detail": Text(""),
            "recurring_amount": ZERO if cycle == Cycle.ONE_TIME else amount,
        }
        line = Line(
            **{**defaults, **fields},
            kind=kind,
            key=key,
            label=label,
            cycle=cycle,
            quantity=quantity,
            unit_price=tag.amount,
            amount=amount,
        )
        self.lines.append(line)
        if tag.setup_fee:
            self._add_setup(line, tag.setup_fee)

    def _add_setup(self, of: Line, fee: Decimal) -> None:
        self.lines.append(
            Line(
                item=self.index,
                kind="setup",
                key=f"setup:{of.key}",
                label=Text(f"Biaya setup {of.label.id}", f"Setup fee: {of.label.en or of.label.id}"),
                detail=Text(""),
                cycle=Cycle.ONE_TIME.value,
                quantity=self.services,
                unit_price=fee,
                amount=fee * self.services,
                taxable=of.taxable,
                pph23=of.pph23,
            )
        )

    def _read_quantity(self) -> None:
        quantity = self.selection.quantity
        self.quantity = 1
        if not _is_number(quantity) or not 1 <= quantity <= MAX_QUANTITY:
            self.problems["quantity"] = _("Isi jumlah antara 1 dan %(most)d.") % {"most": MAX_QUANTITY}
        elif quantity > 1 and self.offer.quantity_mode == Product.Quantity.NONE:
            self.problems["quantity"] = _("Produk ini dipesan satu per satu. Isi jumlah 1.")
        elif quantity > 1 and self.offer.quantity_mode == Product.Quantity.SEPARATE and self.offer.requires_domain:
            self.problems["quantity"] = _("Setiap layanan memakai domainnya sendiri. Isi jumlah 1, lalu pesan lagi.")
        else:
            self.quantity = quantity

    # Options

    def _read_options(self) -> None:
        readers = {
            Option.Kind.CHOICE: self._read_choice,
            Option.Kind.YES_NO: self._read_yes_no,
            Option.Kind.QUANTITY: self._read_units,
            Option.Kind.TEXT: self._read_text,
        }
        for option in self.offer.options:
            readers[option.kind](option, self.selection.options.get(option.key))
        for key in self.selection.options.keys() - {option.key for option in self.offer.options}:
            self.problems[f"option:{key}"] = _("Pilihan ini tidak ada pada produk ini. Hapus, lalu coba lagi.")

    def _refuse(self, option: OptionOffer, message: str, **values: object) -> None:
        self.problems[f"option:{option.key}"] = message % {"name": option.name, **values}

    def _not_in_cycle(self, option: OptionOffer, what: Text) -> None:
        message = _("%(what)s tidak ditawarkan untuk siklus %(cycle)s. Pilih yang lain.")
        self._refuse(option, message, what=what, cycle=Cycle(self.selection.cycle).label)

    def _add_option(self, option: OptionOffer, tag: PriceTag, detail: Text, units: int = 1) -> None:
        self.described.append(Described(option.key, option.name, detail))
        self._add(
            kind="option",
            key=f"option:{option.key}",
            label=option.name,
            detail=detail,
            tag=tag,
            cycle=self.selection.cycle,
            quantity=units * self.quantity,
        )

    def _read_choice(self, option: OptionOffer, value: object) -> None:
        if value in (None, ""):
            if option.required and option.offered(self.selection.cycle):
                self._refuse(option, _("Pilih %(name)s."))
            return
        choice = option.choice(value)
        if choice is None:
            self._refuse(option, _("Pilih salah satu %(name)s yang tersedia."))
        elif self.selection.cycle not in choice.prices:
            self._not_in_cycle(option, choice.name)
        else:
            self._add_option(option, choice.prices[self.selection.cycle], choice.name)

    def _read_yes_no(self, option: OptionOffer, value: object) -> None:
        """No is an answer too, so ``required`` asks nothing of it."""
        if value not in (None, True, False):
            self._refuse(option, _("Centang atau kosongkan %(name)s."))
        elif value and self.selection.cycle not in option.prices:
            self._not_in_cycle(option, option.name)
        elif value:
            self._add_option(option, option.prices[self.selection.cycle], YES)

    def _read_units(self, option: OptionOffer, value: object) -> None:
        if value is None:
            if option.required and option.offered(self.selection.cycle):
                self._refuse(option, _("Isi jumlah %(name)s."))
            return
        problem = _units_problem(option, value)
        if problem:
            self._refuse(option, problem, least=option.minimum, most=_most(option), step=option.step)
        elif self.selection.cycle not in option.prices:
            self._not_in_cycle(option, option.name)
        else:
            self._add_units(option, int(value))

    def _add_units(self, option: OptionOffer, units: int) -> None:
        if not units:
            # None of it is a choice to show, but nothing to bill.
            self.described.append(Described(option.key, option.name, _units_text(option, units)))
            return
        billable = max(0, units - option.included)
        tag = option.prices[self.selection.cycle]
        if not billable:
            # Its setup fee is for units beyond those that the product includes.
            tag = PriceTag(tag.amount, ZERO)
        self._add_option(option, tag, _units_text(option, units), billable)

    def _read_text(self, option: OptionOffer, value: object) -> None:
        if value in (None, ""):
            if option.required:
                self._refuse(option, _("Isi %(name)s%(example)s."), example=_example(option))
            return
        try:
            text = _clean_text(option, value)
        except ValidationError as error:
            self.problems[f"option:{option.key}"] = error.messages[0]
        else:
            self.described.append(Described(option.key, option.name, Text(text)))

    # Add-ons and domain

    def _read_addons(self) -> None:
        for addon in self.offer.addons:
            if addon.key in self.selection.addons:
                self._read_addon(addon)
        for key in self.selection.addons - {addon.key for addon in self.offer.addons}:
            self.problems[f"addon:{key}"] = _("Layanan tambahan ini tidak ada pada produk ini. Hapus, lalu coba lagi.")

    def _read_addon(self, addon: AddonOffer) -> None:
        cycle = addon.cycle_for(self.selection.cycle)
        if cycle is None:
            self.problems[f"addon:{addon.key}"] = _(
                "%(addon)s tidak ditawarkan untuk siklus %(cycle)s. Hapus centangnya atau pilih siklus lain."
            ) % {"addon": addon.name, "cycle": Cycle(self.selection.cycle).label}
            return
        self._add(
            kind="addon",
            key=f"addon:{addon.key}",
            label=addon.name,
            tag=addon.prices[cycle],
            cycle=cycle,
            quantity=self.services,
            taxable=addon.taxable,
            pph23=addon.pph23,
        )

    def _read_domain(self) -> None:
        domain = self.selection.domain
        try:
            if domain is None:
                if self.offer.requires_domain:
                    raise ValidationError(_("Pilih domain untuk layanan ini."))
            elif domain.way not in self.offer.domain_ways:
                raise ValidationError(_("Pilih salah satu cara domain yang ditawarkan."))
            else:
                name = domains.parse(domain.name)
                _DOMAIN_WAYS[domain.way](self, name, domain)
                self.described.append(Described("domain", Text("Domain"), Text(name)))
        except ValidationError as error:
            self.problems["domain"] = error.messages[0]

    def _extension_price(self, name: str, prices: Mapping[str, Decimal | None]) -> tuple[str, Decimal]:
        sold = [extension for extension, price in prices.items() if price is not None]
        parts = domains.split_extension(name, sold)
        if parts is None:
            offered = ", ".join(sold) or "–"
            raise ValidationError(_("Pilih nama dengan ekstensi yang kami layani: %(all)s."), params={"all": offered})
        label, extension = parts
        if "." in label:
            raise ValidationError(
                _("Isi nama tanpa subdomain, contoh: perusahaan%(extension)s."), params={"extension": extension}
            )
        return extension, prices[extension]

    def _register(self, name: str, domain: DomainSelection) -> None:
        extension, price = self._extension_price(name, {one.extension: one.register for one in self.offer.extensions})
        self._add_domain(Text(f"Pendaftaran domain {name}", f"Domain registration {name}"), extension, price)

    def _transfer(self, name: str, domain: DomainSelection) -> None:
        extension, price = self._extension_price(name, {one.extension: one.transfer for one in self.offer.extensions})
        epp_code = domain.epp_code.strip()
        if not epp_code or len(epp_code) > MAX_TEXT:
            raise ValidationError(_("Isi kode EPP dari registrar lama domain Anda."))
        validate_one_line(epp_code)
        self._add_domain(Text(f"Transfer domain {name}", f"Domain transfer {name}"), extension, price)

    def _add_domain(self, label: Text, extension: str, price: Decimal) -> None:
        self._add(
            kind="domain",
            key="domain",
            label=label,
            tag=PriceTag(price, ZERO),
            cycle=DOMAIN_CYCLE,
            quantity=1,
            taxable=True,
            pph23=False,
            recurring_amount=self.offer.extension(extension).renew,
        )

    def _own(self, name: str, domain: DomainSelection) -> None:
        """A name that the buyer has already costs nothing."""

    def _subdomain(self, name: str, domain: DomainSelection) -> None:
        label = name.removesuffix(f".{self.offer.subdomain_of}")
        if label == name or "." in label:
            raise ValidationError(
                _("Isi satu nama di bawah %(parent)s, contoh: tokosaya.%(parent)s."),
                params={"parent": self.offer.subdomain_of},
            )
        if label in domains.RESERVED_LABELS:
            raise ValidationError(_("Nama ini tidak tersedia. Pilih nama lain."))


_DOMAIN_WAYS: dict[str, Callable[[_Reader, str, DomainSelection], None]] = {
    "register": _Reader._register,
    "transfer": _Reader._transfer,
    "own": _Reader._own,
    "subdomain": _Reader._subdomain,
}


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _most(option: OptionOffer) -> int:
    return MAX_UNITS if option.maximum is None else option.maximum


def _units_problem(option: OptionOffer, value: object) -> str:
    """What is wrong with a quantity (P3), as a message with the names least, most and step; empty where nothing is."""
    if not _is_number(value):
        return _("Isi %(name)s dengan angka bulat.")
    if not option.minimum <= value <= _most(option):
        return _("Isi %(name)s antara %(least)d dan %(most)d.")
    if (value - option.minimum) % option.step:
        return _("Isi %(name)s mulai %(least)d dengan kelipatan %(step)d.")
    return ""


def _units_text(option: OptionOffer, units: int) -> Text:
    indonesian = f"{units} {option.unit.id}".strip()
    english = f"{units} {option.unit.en or option.unit.id}".strip()
    if option.included:
        indonesian += f" ({option.included} sudah termasuk)"
        english += f" ({option.included} included)"
    return Text(indonesian, english)


def _example(option: OptionOffer) -> str:
    return _(", contoh: %(example)s") % {"example": option.example} if option.example else ""


def _clean_text(option: OptionOffer, value: object) -> str:
    """The text as it is kept. Raises ``ValidationError`` where it breaks the option's rule."""
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        raise ValidationError(_("Isi dengan teks, paling banyak %(most)d karakter.") % {"most": MAX_TEXT})
    text = value.strip()
    validate_one_line(text)
    if option.text_rule == Option.TextRule.DOMAIN:
        return domains.parse(text)
    if option.text_rule == Option.TextRule.EMAIL:
        try:
            validate_email(text)
        except ValidationError:
            raise ValidationError(_("Isi alamat email, contoh: nama@perusahaan.co.id")) from None
    if option.text_rule == Option.TextRule.PATTERN and not re.fullmatch(option.pattern, text):
        raise ValidationError(
            _("Isi %(name)s sesuai bentuknya%(example)s.") % {"name": option.name, "example": _example(option)}
        )
    return text


def read(items: Sequence[Item]) -> Iterator[tuple[list[Line], dict[str, str]]]:
    """For each item its undiscounted lines and its problems."""
    for index, item in enumerate(items):
        reader = _Reader(index, item).read()
        yield reader.lines, reader.problems


def describe(item: Item) -> tuple[Described, ...]:
    """What was configured, in the order of the configure page: options, texts, domain."""
    return tuple(_Reader(0, item).read().described)
