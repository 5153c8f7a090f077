"""Appointments made by the services, with sensible defaults; people who see and who work."""

import uuid
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.models import Customer, OutboxEmail, User
from accounts.roles import Role
from catalog.models import Product
from onboarding import appointments
from onboarding.models import Appointment, Case, Change, MemberRole, ProductRole
from tests import factories
from tests.onboarding import journey

MAKASSAR = ZoneInfo("Asia/Makassar")
# A Monday, in office hours.
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Asia/Jakarta"))
# 09.00 WITA on the Tuesday of the week after.
START = datetime(2026, 12, 1, 9, 0, tzinfo=MAKASSAR)


def pic(**fields) -> User:
    return factories.staff("onboarding.work_on_case", "onboarding.see_all_cases", **{"name": "Dewi Pratiwi", **fields})


def open_case(customer: Customer | None = None, product: Product | None = None, key: str = "initial_call") -> Case:
    """A case that the customer's owner may follow and sign in."""
    customer = customer or factories.customer(factories.user())
    product = product or journey.product_with_roles()
    if not product.onboarding_roles.exists():
        role(product, "owner", sees_tracker=True)
    owner = customer.users.first()
    if not MemberRole.objects.filter(membership__user=owner, product=product).exists():
        journey.give(customer, owner, product, "owner")
    return journey.case_at(key, customer, product)


def role(product: Product, key: str, *, sees_tracker: bool = False) -> ProductRole:
    return ProductRole.objects.create(product=product, key=key, name_id=key.title(), sees_tracker=sees_tracker)


def follower(case: Case, **fields) -> User:
    """A colleague whose role in the product sees the tracker, as the owner's does."""
    person = factories.member(case.customer, factories.user(**fields), Role.VIEWER).user
    journey.give(case.customer, person, case.product, "ultimate")
    return person


def bystander(case: Case) -> User:
    """A colleague whose role in the product sees nothing of it."""
    member = factories.member(case.customer, role=Role.ADMIN)
    journey.give(case.customer, member.user, case.product, "accountant")
    return member.user


def details(case: Case, stage_key: str = "initial_call", starts_at: datetime = START, **fields) -> dict:
    return {
        "case": case,
        "stage": case.stages.get(key=stage_key),
        "kind": Appointment.Kind.CALL,
        "title": "Panggilan awal",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
        "time_zone": "Asia/Makassar",
        "link": "https://rapat.example/abc",
        "key": uuid.uuid4(),
        **fields,
    }


def agree(case: Case, actor: User, stage_key: str = "initial_call", starts_at: datetime = START, **fields):
    return appointments.schedule(actor=actor, **details(case, stage_key, starts_at, **fields))


def emails(template: str = "changed") -> list[OutboxEmail]:
    return list(OutboxEmail.objects.filter(template=f"onboarding/{template}").order_by("pk"))


def changes(case: Case) -> list[str]:
    return list(case.changes.order_by("pk").values_list("kind", flat=True))


def events(appointment: Appointment) -> list[str]:
    return list(appointment.events.order_by("pk").values_list("kind", flat=True))


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def leave(case: Case) -> None:
    """What waits in the outbox has been sent: the next change is an email of its own."""
    OutboxEmail.objects.filter(customer=case.customer).update(attempts=1)


def last_change(case: Case) -> Change:
    return case.changes.order_by("-pk").first()
