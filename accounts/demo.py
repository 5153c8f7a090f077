"""The demo shop's people: staff of each group, customers and their members. Names, numbers and addresses are invented.

Everyone signs in with the same known password, so this is for a demo shop only.
"""

from collections.abc import Sequence
from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction
from django.utils import timezone

from accounts import people
from accounts.models import Customer, Membership, Shop, User
from accounts.roles import Role

PASSWORD = "langganan-demo"  # noqa: S105 - printed when the demo starts, and refused in production

# Group, name, address; the first is a superuser.
STAFF = [
    ("Administrator", "Ayu Administrator", "admin@nusa.example"),
    ("Penjualan", "Panji Penjualan", "penjualan@nusa.example"),
    ("Keuangan", "Kirana Keuangan", "keuangan@nusa.example"),
    ("Dukungan", "Damar Dukungan", "dukungan@nusa.example"),
    ("PIC", "Putri Pendamping", "pic@nusa.example"),
    ("PIC", "Satria Spesialis", "spesialis@nusa.example"),
]

SHOP = {
    "name": "Nusa Layanan",
    "legal_name": "PT Nusa Layanan Digital",
    "address": "Jl. Melati Raya 12, Sleman, DI Yogyakarta 55281",
    "npwp": "0900000000000000",
    "email": "halo@nusa.example",
    "phone": "+62274000000",
}

COFFEE = {
    "kind": Customer.Kind.COMPANY,
    "name": "PT Sinar Kopi Nusantara",
    "npwp": "0900000000000001",
    "billing_email": "keuangan@sinarkopi.example",
    "phone": "+622740000001",
    "address": "Jl. Kenanga 8",
    "city": "Sleman",
    "province": "DI Yogyakarta",
    "postal_code": "55281",
}
BATIK = {
    "kind": Customer.Kind.COMPANY,
    "name": "CV Batik Lestari",
    "billing_email": "tagihan@batiklestari.example",
    "phone": "+622710000002",
    "address": "Jl. Cempaka 21",
    "city": "Surakarta",
    "province": "Jawa Tengah",
    "postal_code": "57111",
}
PERSON = {
    "kind": Customer.Kind.PERSON,
    "name": "Rina Maharani",
    "billing_email": "rina@contoh.example",
    "phone": "+628000000003",
    "address": "Jl. Anggrek 3",
    "city": "Denpasar",
    "province": "Bali",
    "postal_code": "80111",
}
ENGLISH = {
    "kind": Customer.Kind.COMPANY,
    "name": "PT Island Ventures",
    "billing_email": "accounts@island.example",
    "phone": "+623610000004",
    "address": "Jl. Dahlia 45",
    "city": "Badung",
    "province": "Bali",
    "postal_code": "80361",
    "language": "en",
}

# Customer, owner, and the other members with their roles.
CUSTOMERS = [
    (
        COFFEE,
        ("Sari Wulandari", "sari@sinarkopi.example"),
        [
            (Role.ADMIN, "Adi Nugraha", "adi@sinarkopi.example"),
            (Role.BILLING, "Dewi Anggraini", "dewi@sinarkopi.example"),
            (Role.TECHNICAL, "Bagus Prakoso", "bagus@sinarkopi.example"),
            (Role.VIEWER, "Tia Lestari", "tia@sinarkopi.example"),
        ],
    ),
    # Dewi keeps the books of both companies and switches between them.
    (
        BATIK,
        ("Arif Hidayat", "arif@batiklestari.example"),
        [(Role.BILLING, "Dewi Anggraini", "dewi@sinarkopi.example")],
    ),
    (PERSON, ("Rina Maharani", "rina@contoh.example"), []),
    (ENGLISH, ("Alex Morgan", "alex@island.example"), []),
]

# Somebody who asks before ordering: an account without a customer.
PROSPECT = ("Gita Prameswari", "gita@contoh.example")


@transaction.atomic
def load() -> None:
    """Make who is missing; who is there keeps the password, the groups and the roles that they have."""
    _load_shop()
    for number, (group, name, email) in enumerate(STAFF):
        _load_staff(group, name, email, superuser=number == 0)
    for fields, owner, members in CUSTOMERS:
        _load_customer(fields, owner, members)
    _person(*PROSPECT)


def sign_ins() -> Sequence[tuple[str, str, str]]:
    """(who, address, password) of the people that the demo was made with."""
    staff = [(f"Staf: {group}", email, PASSWORD) for group, _name, email in STAFF]
    owners = [(f"Pelanggan: {fields['name']}", owner[1], PASSWORD) for fields, owner, _members in CUSTOMERS]
    members = [
        (f"{fields['name']}: {Role(role).label}", email, PASSWORD)
        for fields, _owner, people_of in CUSTOMERS[:1]
        for role, _name, email in people_of
    ]
    return [*staff, *owners, *members, ("Belum menjadi pelanggan", PROSPECT[1], PASSWORD)]


def _load_shop() -> None:
    """Only a shop that nobody has named yet."""
    shop = Shop.current()
    if shop.name == Shop._meta.get_field("name").default:
        for name, value in SHOP.items():
            setattr(shop, name, value)
        shop.save()


def _person(name: str, email: str, **fields) -> tuple[User, bool]:
    """The person with a confirmed address, and whether they were made now."""
    user = User.objects.filter(email=email).first()
    if user:
        return user, False
    user = User.objects.create_user(email, PASSWORD, name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user, True


def _load_staff(group: str, name: str, email: str, *, superuser: bool) -> None:
    user, is_new = _person(name, email, is_staff=True, is_superuser=superuser)
    if is_new:
        user.groups.add(*Group.objects.filter(name=group))


def _load_customer(fields: dict, owner: tuple[str, str], members: list[tuple[str, str, str]]) -> None:
    if Customer.objects.filter(name=fields["name"]).exists():
        return
    person, _is_new = _person(*owner, language=fields.get("language", "id"))
    customer = people.create_customer(owner=person, **fields)
    Customer.objects.filter(pk=customer.pk).update(created_at=timezone.now() - timedelta(days=60))
    for role, name, email in members:
        member, _is_new = _person(name, email)
        Membership.objects.create(customer=customer, user=member, role=role)
