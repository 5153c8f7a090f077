"""What a buyer chose: the configuration of one product, as forms make it, carts keep it and pricing reads it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from accounts import crypto


@dataclass(frozen=True)
class DomainSelection:
    """``way`` is register, transfer, own or subdomain; ``name`` the full name in ASCII (IDNA) form, lower case."""

    way: str
    name: str
    epp_code: str = ""


@dataclass(frozen=True)
class Selection:
    """``options`` by option key: a choice's key (str), yes/no (bool), a quantity (int), or a text (str)."""

    cycle: str
    quantity: int = 1
    options: Mapping[str, str | int | bool] = field(default_factory=dict)
    addons: frozenset[str] = frozenset()
    domain: DomainSelection | None = None

    def to_json(self) -> dict[str, Any]:
        """For a JSON column; the EPP code is encrypted."""
        return {
            "cycle": self.cycle,
            "quantity": self.quantity,
            "options": dict(self.options),
            "addons": sorted(self.addons),
            "domain": self.domain
            and {
                "way": self.domain.way,
                "name": self.domain.name,
                "epp_code": crypto.encrypt(self.domain.epp_code),
            },
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Selection":
        domain = data.get("domain")
        return cls(
            cycle=data["cycle"],
            quantity=data["quantity"],
            options=dict(data["options"]),
            addons=frozenset(data["addons"]),
            domain=domain and DomainSelection(domain["way"], domain["name"], crypto.decrypt(domain["epp_code"])),
        )
