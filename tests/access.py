"""The form of the access rows: what each kind of visitor gets from an address.

Each app lists its addresses in ``tests/<app>/access_rows.py`` as ``ROWS``::

    ROWS = [
        public("catalog:group", make=lambda world: {"group_slug": factories.group().slug}),
        signed_in("accounts:profile"),
        Row(
            "billing:invoice",
            make=lambda world: {"slug": make_invoice(world.customer).slug},
            lesser_role=Role.TECHNICAL,
            anonymous=LOGIN, stranger=404, lesser=403, staff=404, allowed=200,
        ),
        Row(
            "cart:add", method="post", data=lambda world: {"product": factories.product().pk},
            anonymous=302, stranger=302, lesser=302, staff=302, allowed=302,
        ),
        staff_only("admin:billing_payments_to_verify", "billing.verify_payment"),
    ]

``make`` gets the ``World`` and returns the address's arguments, a dictionary; ``data`` likewise the form's fields; ``query``
the query string's. They are called anew for each visitor, after the rows of the world exist. The expected value is a status,
or ``LOGIN``: sent to the sign-in page with the way back. More rows for one address are welcome (another method, another
state).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from accounts.models import Customer, User
from accounts.roles import Role
from tests import factories

LOGIN = "login"
PASSWORD = "kata-sandi-uji"
VISITORS = ("anonymous", "stranger", "lesser", "staff", "allowed")

Status = int | str


class World:
    """One customer and the five people who may come to its pages."""

    def __init__(self, row: "Row") -> None:
        self._row = row

    @cached_property
    def owner(self) -> User:
        return factories.user(password=PASSWORD)

    @cached_property
    def customer(self) -> Customer:
        return factories.customer(self.owner)

    def visitor(self, kind: str) -> User | None:
        """Who comes: ``None`` is somebody who is not signed in."""
        if kind == "anonymous":
            return None
        return {"stranger": self._stranger, "lesser": self._lesser, "staff": self._staff, "allowed": self._allowed}[
            kind
        ]()

    def _stranger(self) -> User:
        """The owner of another company."""
        person = factories.user(password=PASSWORD)
        factories.customer(person)
        return person

    def _lesser(self) -> User:
        return factories.member(self.customer, factories.user(password=PASSWORD), self._row.lesser_role).user

    def _staff(self) -> User:
        """Staff who have some permission, but not the one that this page asks for."""
        return factories.staff("auth.view_permission", password=PASSWORD)

    def _allowed(self) -> User | None:
        if self._row.permissions:
            return factories.staff(*self._row.permissions, password=PASSWORD)
        if self._row.superuser:
            return factories.user(is_staff=True, is_superuser=True, password=PASSWORD)
        return self.owner


def _nothing(world: World) -> Mapping[str, object]:
    return {}


@dataclass(frozen=True, kw_only=True)
class Row:
    url: str = field(kw_only=False)
    anonymous: Status
    stranger: Status
    lesser: Status
    staff: Status
    allowed: Status
    make: Callable[[World], Mapping[str, object]] = _nothing
    data: Callable[[World], Mapping[str, object]] = _nothing
    query: Callable[[World], Mapping[str, object]] = _nothing
    method: str = "get"
    lesser_role: Role = Role.VIEWER
    permissions: tuple[str, ...] = ()
    superuser: bool = False

    def __str__(self) -> str:
        return self.url if self.method == "get" else f"{self.url} {self.method}"

    def expected(self, visitor: str) -> Status:
        return getattr(self, visitor)


def public(url: str, *, status: Status = 200, **more) -> Row:
    """The same for everybody."""
    return Row(url, anonymous=status, stranger=status, lesser=status, staff=status, allowed=status, **more)


def signed_in(url: str, *, status: Status = 200, **more) -> Row:
    """For everybody who is signed in, about themselves."""
    return Row(
        url,
        **{"anonymous": LOGIN, "stranger": status, "lesser": status, "staff": status, "allowed": status, **more},
    )


def members_only(url: str, *, lesser: Status = 200, **more) -> Row:
    """A thing of one customer: not found for others, by role for its members."""
    return Row(url, **{"anonymous": LOGIN, "stranger": 404, "staff": 404, "lesser": lesser, "allowed": 200, **more})


def staff_only(url: str, *permissions: str, status: Status = 200, **more) -> Row:
    """A page of the admin, for staff with these permissions; without any named, for superusers."""
    return Row(
        url,
        **{
            "anonymous": LOGIN,
            "stranger": 403,
            "lesser": 403,
            "staff": 403,
            "allowed": status,
            "permissions": permissions,
            "superuser": not permissions,
            **more,
        },
    )
