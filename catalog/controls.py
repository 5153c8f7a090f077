"""How the configure page shows a form's fields: each option with its price in the chosen cycle."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from accounts.texts import Text
from catalog import domains
from catalog.configure_form import ConfigureForm, field_name
from catalog.cycles import PER
from catalog.models import Option
from catalog.offers import AddonOffer, ExtensionOffer, OptionOffer, PriceTag


@dataclass(frozen=True)
class Control:
    """An input of the page. ``price`` is for one unit, or for yes."""

    name: str
    value: str
    errors: list[str]
    option: OptionOffer
    price: PriceTag | None
    per: str
    choices: tuple["ChoiceControl", ...] = ()

    @property
    def template(self) -> str:
        kind = "radio" if self.option.kind == Option.Kind.CHOICE and self.option.as_radio else self.option.kind
        return f"catalog/controls/{kind}.html"

    @property
    def id(self) -> str:
        return f"id_{self.name}"

    @property
    def input_type(self) -> str:
        return "email" if self.option.text_rule == Option.TextRule.EMAIL else "text"

    @property
    def checked(self) -> bool:
        return self.value not in {"", "0", "false", "False"}


@dataclass(frozen=True)
class ChoiceControl:
    key: str
    name: Text
    price: PriceTag
    selected: bool


@dataclass(frozen=True)
class AddonControl:
    addon: AddonOffer
    price: PriceTag
    per: str
    checked: bool


@dataclass(frozen=True)
class ExtensionControl:
    """An extension of the shop with the name that was typed, and what the registrar says of it."""

    extension: ExtensionOffer
    name: str
    availability: domains.Availability | None
    selected: bool

    @property
    def price(self) -> Decimal:
        return self.extension.register


@dataclass(frozen=True)
class Extensions:
    found: tuple[ExtensionControl, ...]

    @property
    def common_availability(self) -> domains.Availability | None:
        """What the registrar says of every name, said once."""
        answers = {one.availability for one in self.found}
        return answers.pop() if len(answers) == 1 else None


def option_groups(form: ConfigureForm) -> list[tuple[Text, list[Control]]]:
    """The cards of options that the chosen cycle offers."""
    groups = []
    for group in form.offer.option_groups:
        controls = [_control(form, option) for option in group.options if option.offered(form.chosen_cycle)]
        if controls:
            groups.append((group.name, controls))
    return groups


def _control(form: ConfigureForm, option: OptionOffer) -> Control:
    name = field_name(option.key)
    value = str(form.data.get(name) or "")
    cycle = form.chosen_cycle
    return Control(
        name=name,
        value=value,
        errors=form.errors.get(name, []),
        option=option,
        price=option.prices.get(cycle),
        per=PER[cycle],
        choices=tuple(
            ChoiceControl(choice.key, choice.name, choice.prices[cycle], choice.key == value)
            for choice in option.choices_in(cycle)
        ),
    )


def addons(form: ConfigureForm) -> list[AddonControl]:
    """The add-ons that the chosen cycle offers, with the cycle that each would have (P6)."""
    ticked = set(form["addons"].value() or ())
    found = []
    for addon in form.offer.addons:
        cycle = addon.cycle_for(form.chosen_cycle)
        if cycle:
            found.append(AddonControl(addon, addon.prices[cycle], PER[cycle], addon.key in ticked))
    return found


def extensions(form: ConfigureForm, *, search: bool = False) -> Extensions:
    """The extensions that can be registered; after a search with the typed name and its availability."""
    typed = str(form.data.get("register_name") or "").strip().lower()
    sold = [extension for extension in form.offer.extensions if extension.register is not None]
    label, _dot, _rest = typed.partition(".")
    split = domains.split_extension(typed, [extension.extension for extension in sold])
    wanted = split[1] if split else form.data.get("register_extension") or (sold[0].extension if sold else "")
    return Extensions(
        tuple(
            ExtensionControl(extension, name, found, extension.extension == wanted)
            for extension, (name, found) in zip(sold, _searched(label, sold, search), strict=True)
        )
    )


def _searched(
    label: str, sold: list[ExtensionOffer], search: bool
) -> Iterator[tuple[str, domains.Availability | None]]:
    registrar = domains.registrar() if search and label else None
    for extension in sold:
        name = f"{label}{extension.extension}" if registrar else extension.extension
        yield name, registrar.availability(name) if registrar else None


def domain_prices(form: ConfigureForm) -> dict[str, Decimal | None]:
    """The lowest price of a name to register and to transfer; ``None`` where nothing is offered."""
    offered = form.offer.extensions
    return {
        "register": min((one.register for one in offered if one.register is not None), default=None),
        "transfer": min((one.transfer for one in offered if one.transfer is not None), default=None),
    }
