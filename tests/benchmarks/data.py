"""A large shop: 200 products, 20,000 customers, 100,000 invoices, 100,000 services, and its help desk."""

import uuid
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from accounts.models import Customer, Membership, User
from accounts.roles import Role
from billing.models import Invoice, InvoiceLine, Order, Service, TermsVersion
from catalog import snapshots
from catalog.cycles import Cycle
from catalog.models import Product
from tests import factories
from tests.benchmarks import onboarding, tickets
from tests.benchmarks.batches import in_batches

GROUPS, PRODUCTS_EACH = 20, 10
CUSTOMERS, INVOICES = 20_000, 100_000
# The first customer has many, so that a page whose work grows with its rows is seen.
OF_THE_FIRST = 1_000
NET, TAX = Decimal(150_000), Decimal(16_500)


def fill() -> None:
    """Fill an empty database; one that was filled before stays as it is."""
    if Invoice.objects.exists():
        return
    with connection.cursor() as cursor:
        # The shop's own limits are for requests; making thousands of rows takes longer.
        cursor.execute("SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0; SET lock_timeout = 0")
    _catalog()
    _people()
    _documents()
    tickets.fill()
    onboarding.fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    snapshots.forget()


def _catalog() -> None:
    factories.ppn()
    for number in range(GROUPS):
        group = factories.group(slug=f"kelompok-{number}")
        for position in range(PRODUCTS_EACH):
            product = factories.product(
                group=group,
                slug=f"produk-{position}",
                features_id="\n".join(f"Fitur {feature}" for feature in range(5)),
                prices={Cycle.MONTHLY: 150_000, Cycle.QUARTERLY: (420_000, 50_000), Cycle.ANNUALLY: 1_500_000},
            )
            prices = {Cycle.MONTHLY: 12_000, Cycle.QUARTERLY: 35_000, Cycle.ANNUALLY: 120_000}
            factories.quantity_option(product, prices=prices, minimum=1, maximum=300)
            factories.choice_option(product, choices={"debian": prices, "ubuntu": prices})
            factories.yes_no_option(product, prices=prices)
            factories.addon(product, prices=prices)


def _people() -> None:
    in_batches(User(email=f"orang{n}@example.com", name=f"Orang {n}", password="!") for n in range(CUSTOMERS))
    in_batches(
        Customer(
            name=f"PT Contoh {n}",
            kind=Customer.Kind.COMPANY,
            billing_email=f"keuangan{n}@example.com",
            phone="+628123456789",
            address="Jl. Kenanga 8",
            city="Sleman",
            province="DI Yogyakarta",
            postal_code="55281",
        )
        for n in range(CUSTOMERS)
    )
    pairs = zip(User.objects.order_by("pk"), Customer.objects.order_by("pk"), strict=True)
    in_batches(Membership(user=user, customer=customer, role=Role.OWNER) for user, customer in pairs)


def _documents() -> None:
    method = factories.bank_account().method
    terms = factories.terms()
    customers = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    owners = [customers[0] if n < OF_THE_FIRST else customers[n % CUSTOMERS] for n in range(INVOICES)]
    in_batches(_orders(owners, method.pk, terms))
    orders = list(Order.objects.order_by("pk").values_list("pk", flat=True))
    products = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    in_batches(_services(owners, orders, products))
    in_batches(_invoices(owners, orders, method.pk))
    invoices = Invoice.objects.order_by("pk").values_list("pk", flat=True)
    services = Service.objects.order_by("pk").values_list("pk", flat=True)
    in_batches(
        InvoiceLine(
            invoice_id=invoice,
            service_id=service,
            kind="product",
            description="Produk",
            unit_price=NET,
            amount=NET,
        )
        for invoice, service in zip(list(invoices), list(services), strict=True)
    )


def _orders(owners: list[int], method: int, terms: TermsVersion) -> Iterable[Order]:
    now = timezone.now()
    for owner in owners:
        yield Order(
            customer_id=owner,
            status=Order.Status.ACTIVE,
            checkout_key=uuid.uuid4(),
            payment_method_id=method,
            terms=terms,
            terms_accepted_at=now,
        )


def _services(owners: list[int], orders: list[int], products: list[int]) -> Iterable[Service]:
    now = timezone.now()
    for number, (owner, order) in enumerate(zip(owners, orders, strict=True)):
        yield Service(
            customer_id=owner,
            order_id=order,
            product_id=products[number % len(products)],
            name_id=f"Produk {number % len(products)}",
            status=Service.Status.ACTIVE,
            activation=Product.Activation.ON_PAYMENT,
            activated_at=now,
            cycle=Cycle.MONTHLY,
            recurring_net=NET,
            anchor_day=1,
            next_due=date(2030, 1, 1),
        )


def _invoices(owners: list[int], orders: list[int], method: int) -> Iterable[Invoice]:
    now, today = timezone.now(), timezone.localdate()
    for number, (owner, order) in enumerate(zip(owners, orders, strict=True), start=1):
        # One in ten is still to be paid.
        paid = number % 10 != 0
        yield Invoice(
            customer_id=owner,
            order_id=order,
            status=Invoice.Status.PAID if paid else Invoice.Status.UNPAID,
            number=f"INV/2026/01/{number:06}",
            slug=f"inv-2026-01-{number:06}",
            period="2026",
            sequence=number,
            payment_method_id=method,
            subtotal=NET,
            tax=TAX,
            total=NET + TAX,
            amount_paid=NET + TAX if paid else 0,
            paid_at=now if paid else None,
            tax_name="PPN",
            tax_rate=12,
            tax_base_numerator=11,
            tax_base_denominator=12,
            tax_base=Decimal(137_500),
            buyer={"name": "PT Contoh", "address_lines": ["Jl. Kenanga 8"], "email": "keuangan@example.com"},
            seller={"name": "PT Langganan Demo", "address_lines": ["Jl. Contoh 1"]},
            issued_on=today - timedelta(days=number % 700),
            due_on=today + timedelta(days=3),
        )
