"""Orders, invoices, payments and services in every state, each made by the services that make real ones.

Every story has a checkout key of its own, so that it happens once. Afterwards its rows are moved into the past: that is the
only thing here that no service does.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from accounts import demo as people
from accounts.models import Customer, User
from billing import ordering
from billing.demo import changing, online, running, steps
from billing.demo.past import move_into_the_past
from billing.instalments import Instalment
from billing.models import Order, PaymentMethod, Service, TermsVersion
from catalog.models import Product
from catalog.selection import DomainSelection, Selection

NAMESPACE = uuid.UUID("6f6d3c52-2f0e-4c2b-9f39-8b6f1f6f3f11")
# From the range for documentation (RFC 5737).
IP_ADDRESS = "203.0.113.7"

# Group and product slug, and what was chosen.
Wanted = tuple[str, str, Selection]
Step = Callable[[Order], None]


@dataclass(frozen=True)
class Story:
    """What somebody ordered some days ago, and what happened then, in order."""

    key: str
    customer: dict
    items: Sequence[Wanted]
    days_ago: int
    then: Sequence[Step] = ()
    code: str = ""
    notes: str = ""
    buyer: str = field(default="")
    po_number: str = ""
    plan: Sequence[Instalment] = ()
    gateway: str = "bank_transfer"


def _hosting(plan: str, cycle: str, domain: DomainSelection, *, storage: int = 0, addons=()) -> Wanted:
    options = {"location": "jakarta", "storage": storage, "daily-backup": bool(storage)}
    selection = Selection(cycle=cycle, options=options, addons=frozenset(addons), domain=domain)
    return "cloud-hosting", plan, selection


def _backup(plan: str, *, storage: int, users: int, domain: str, addons=()) -> Wanted:
    options = {"storage": storage, "users": users, "office365-domain": domain}
    return "arupa-backup-365", plan, Selection(cycle="monthly", options=options, addons=frozenset(addons))


def _maintenance(plan: str, cycle: str, servers: int) -> Wanted:
    return "server-maintenance", plan, Selection(cycle=cycle, options={"servers": servers, "system": "linux"})


def _design(piece: str, *, express: bool = False) -> Wanted:
    return "desain-digital", piece, Selection(cycle="one_time", options={"revisions": 3, "express": express})


def _talenta(employees: int, cycle: str = "monthly") -> Wanted:
    return "mekari", "talenta", Selection(cycle=cycle, options={"employees": employees, "recruitment": True})


def _jurnal(cycle: str = "annually") -> Wanted:
    return "mekari", "jurnal", Selection(cycle=cycle, options={"package": "plus", "users": 5})


STORIES = [
    # Introduced by a team after they were paid: the demo's onboardings go on with these.
    Story("talenta-live", people.BATIK, [_talenta(60, "annually")], 45, [steps.confirm, steps.approve]),
    Story("talenta-training", people.ENGLISH, [_talenta(25, "annually")], 30, [steps.confirm, steps.approve]),
    Story(
        "jurnal-requirements",
        people.COFFEE,
        [_jurnal()],
        21,
        [steps.confirm, steps.approve, steps.ask_for_tax_invoice, steps.refuse_tax_invoice],
    ),
    Story(
        "hosting-paid",
        people.COFFEE,
        [_hosting("bisnis", "annually", DomainSelection("register", "sinarkopi.id"), storage=50)],
        20,
        [steps.confirm, steps.approve, steps.activate_all, steps.ask_for_tax_invoice, steps.file_tax_invoice],
        code="HEMAT10",
        notes="Mohon diaktifkan sebelum akhir pekan.",
    ),
    Story(
        "hosting-ended",
        people.BATIK,
        [_hosting("pemula", "monthly", DomainSelection("subdomain", "batiklama.situsku.id"))],
        19,
        [steps.confirm, steps.approve, steps.suspend, steps.terminate],
    ),
    Story(
        "maintenance-suspended",
        people.BATIK,
        [_maintenance("dasar", "monthly", 1)],
        18,
        [steps.confirm, steps.approve, steps.activate_all, steps.suspend],
    ),
    Story(
        "backup-active",
        people.COFFEE,
        [
            _backup(
                "bisnis",
                storage=500,
                users=25,
                domain="sinarkopi.example",
                addons=("managed-service", "setup-installation"),
            )
        ],
        16,
        [steps.confirm, steps.approve, steps.activate_all, steps.ask_for_tax_invoice],
    ),
    Story(
        "design-completed",
        people.BATIK,
        [_design("logo")],
        15,
        [steps.confirm, steps.approve, steps.complete_all, steps.credit_a_part],
    ),
    Story("tour-refunded", people.PERSON, [_design("landing-page")], 14, [steps.pay_in_full, steps.refund_by_bank]),
    Story(
        "written-off", people.BATIK, [_design("landing-page")], 14, [steps.pay_in_full, steps.bounce, steps.write_off]
    ),
    Story("bounced", people.BATIK, [_design("logo")], 14, [steps.pay_in_full, steps.bounce]),
    Story("order-cancelled", people.PERSON, [_jurnal()], 13, [steps.cancel]),
    Story("order-fraud", people.PERSON, [_maintenance("kritis", "monthly", 5)], 12, [steps.mark_fraud]),
    Story(
        "instalments",
        people.ENGLISH,
        [_maintenance("kritis", "annually", 2)],
        8,
        [steps.confirm, steps.approve, steps.activate_all],
        po_number="PO/ISL/2026/118",
        plan=[Instalment(50, 3), Instalment(30, 33), Instalment(20, 63)],
    ),
    Story(
        "overdue",
        people.BATIK,
        [_hosting("korporat", "quarterly", DomainSelection("own", "batiklestari.example"))],
        6,
    ),
    # Paid, or about to be, by the tickets of the demo's help desk.
    Story("paid-by-ticket", people.PERSON, [_design("logo")], 3),
    Story("confirmed-by-ticket", people.BATIK, [_maintenance("dasar", "annually", 1)], 3),
    Story("partially-paid", people.PERSON, [_jurnal()], 2, [steps.pay_half]),
    Story("overpaid", people.ENGLISH, [_maintenance("menengah", "annually", 2)], 2, [steps.pay_too_much]),
    Story(
        "rejected",
        people.BATIK,
        [_backup("dasar", storage=200, users=10, domain="batiklestari.example")],
        2,
        [steps.confirm, steps.reject],
    ),
    Story(
        "withdrawn",
        people.PERSON,
        [_hosting("pemula", "annually", DomainSelection("transfer", "rinamaharani.com", "EPP-CONTOH"))],
        1,
        [steps.confirm, steps.withdraw],
    ),
    Story("awaiting-activation", people.COFFEE, [_talenta(40)], 1, [steps.confirm, steps.approve], buyer="dewi"),
    Story(
        "awaiting-verification",
        people.COFFEE,
        [_maintenance("menengah", "monthly", 3), _design("identitas", express=True)],
        1,
        [steps.confirm],
        buyer="dewi",
    ),
    Story(
        "awaiting-verification-short",
        people.ENGLISH,
        [_hosting("bisnis", "monthly", DomainSelection("own", "island.example"))],
        0,
        [steps.confirm_too_little],
    ),
    Story("together-first", people.BATIK, [_design("logo")], 0),
    Story("together-second", people.BATIK, [_design("identitas")], 0, [steps.confirm_with_the_one_before]),
    # Changed on the day they were ordered, so that nothing of it has to be moved into the past.
    Story(
        "upgraded",
        people.ENGLISH,
        [_hosting("pemula", "annually", DomainSelection("own", "archipelago.example"))],
        0,
        [steps.pay_in_full, steps.activate_all, changing.upgrade_and_pay],
    ),
    Story(
        "upgrade-to-pay",
        people.BATIK,
        [_hosting("bisnis", "monthly", DomainSelection("own", "tokobatik.example"))],
        0,
        [steps.pay_in_full, steps.activate_all, changing.upgrade],
    ),
    Story(
        "unpaid",
        people.COFFEE,
        [_hosting("pemula", "annually", DomainSelection("register", "kopisinar.co.id"), addons=("site-migration",))],
        0,
    ),
    Story("qris-awaiting-verification", people.PERSON, [_design("logo")], 0, [steps.confirm], gateway="qris"),
    Story("qris-unpaid", people.PERSON, [_design("identitas")], 0, gateway="qris"),
]


def key_of(story: str) -> uuid.UUID:
    """The checkout key of a story, by which its order is found."""
    return uuid.uuid5(NAMESPACE, story)


# Only where the shop has a provider's keys.
ONLINE = [
    Story("online-paid", people.PERSON, [_design("logo")], 0, [online.pay], gateway="midtrans_snap"),
    Story("online-expired", people.PERSON, [_design("logo")], 0, [online.let_expire], gateway="midtrans_va"),
    Story("online-differs", people.PERSON, [_design("identitas")], 0, [online.pay_too_little], gateway="midtrans_va"),
]


def load() -> None:
    """Tell every story that was not told yet, oldest first, so that invoice numbers follow the calendar."""
    for story in [*STORIES, *(ONLINE if online.is_open() else [])]:
        key = key_of(story.key)
        if ordering.find(key) is None:
            with transaction.atomic():
                _tell(story, key)
    steps.charge_late_fee(Order.objects.get(checkout_key=key_of("bounced")).invoice)
    steps.add_funds(Customer.objects.filter(name=people.COFFEE["name"]).first())
    running.load(*(_service(story) for story in ("hosting-paid", "backup-active")))


def _service(story: str) -> Service:
    return Service.objects.select_related("customer", "order").get(order__checkout_key=key_of(story), parent=None)


def _tell(story: Story, key: uuid.UUID) -> None:
    customer = Customer.objects.get(name=story.customer["name"])
    order = ordering.place_order(
        actor=_buyer(customer, story.buyer),
        customer=customer,
        items=[(_product(group, slug).pk, selection) for group, slug, selection in story.items],
        promotion_code=story.code,
        payment_method=PaymentMethod.objects.get(gateway=story.gateway),
        terms=TermsVersion.current(),
        ip_address=IP_ADDRESS,
        notes=story.notes,
        po_number=story.po_number,
        plan=story.plan,
        checkout_key=key,
        language=customer.language,
        expected_total=None,
    )
    for step in story.then:
        order.invoice.refresh_from_db()
        step(order)
    move_into_the_past(order, timedelta(days=story.days_ago))


def _buyer(customer: Customer, name: str) -> User:
    members = User.objects.filter(memberships__customer=customer).order_by("memberships__pk")
    return members.filter(email__startswith=name).first()


def _product(group: str, slug: str) -> Product:
    return Product.objects.get(group__slug=group, slug=slug)
