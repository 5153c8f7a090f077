"""Rows for tests, made as the shop makes them: plain functions with sensible defaults."""

import itertools
import uuid
from datetime import timedelta
from decimal import Decimal

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Customer, Membership, User
from accounts.roles import Role
from billing.demo.methods import QRIS_CODE
from billing.models import BankAccount, PaymentMethod, TermsVersion
from cart.models import Cart, CartItem
from catalog.cycles import Cycle
from catalog.models import Addon, Choice, Option, OptionGroup, Price, Product, ProductGroup, Promotion, TaxRule
from catalog.selection import Selection
from onboarding import opening, standard
from onboarding.models import Case, ProductRole, RequirementField, Template, TemplateStage
from tickets.models import Department, Message, Ticket

_numbers = itertools.count(1)


def user(*, verified: bool = True, **fields) -> User:
    """A person who confirmed their address, unless ``verified`` is false."""
    number = next(_numbers)
    defaults = {"email": f"orang{number}@example.com", "name": f"Orang {number}"}
    made = User.objects.create_user(**{**defaults, **fields})
    EmailAddress.objects.create(user=made, email=made.email, primary=True, verified=verified)
    return made


def staff(*permissions: str, **fields) -> User:
    """A member of staff with the named permissions, such as ``billing.verify_payment``."""
    from django.contrib.auth.models import Permission

    person = user(**{"is_staff": True, **fields})
    for name in permissions:
        app_label, codename = name.split(".")
        person.user_permissions.add(Permission.objects.get(content_type__app_label=app_label, codename=codename))
    return person


def customer(owner: User | None = None, *, role: str = Role.OWNER, **fields) -> Customer:
    number = next(_numbers)
    defaults = {
        "kind": Customer.Kind.COMPANY,
        "name": f"PT Contoh {number}",
        "billing_email": f"keuangan{number}@example.com",
        "phone": "+628123456789",
        "address": "Jl. Kenanga 8",
        "city": "Sleman",
        "province": "DI Yogyakarta",
        "postal_code": "55281",
    }
    made = Customer.objects.create(**{**defaults, **fields})
    if owner is not None:
        member(made, owner, role)
    return made


def member(of: Customer, person: User | None = None, role: str = Role.VIEWER) -> Membership:
    return Membership.objects.create(customer=of, user=person or user(), role=role)


def group(**fields) -> ProductGroup:
    number = next(_numbers)
    return ProductGroup.objects.create(**{"slug": f"kelompok-{number}", "name_id": f"Kelompok {number}", **fields})


def product(*, prices: dict[str, str | int | tuple] | None = None, **fields) -> Product:
    """A product; ``prices`` by cycle, each an amount or (amount, setup fee). Monthly 150.000 unless given."""
    number = next(_numbers)
    defaults = {"slug": f"produk-{number}", "name_id": f"Produk {number}", "name_en": f"Product {number}"}
    if "group" not in fields:
        defaults["group"] = group()
    made = Product.objects.create(**{**defaults, **fields})
    set_prices(prices or {Cycle.MONTHLY: 150_000}, product=made)
    return made


def set_prices(prices: dict[str, str | int | tuple], **owner) -> None:
    for cycle, amount in prices.items():
        amount, setup = amount if isinstance(amount, tuple) else (amount, 0)
        Price.objects.create(cycle=cycle, amount=Decimal(amount), setup_fee=Decimal(setup), **owner)


def quantity_option(for_product: Product, *, prices: dict, key: str = "users", **fields) -> Option:
    defaults = {"name_id": "Pengguna", "name_en": "Users", "unit_id": "akun", "unit_en": "accounts"}
    made = _option(for_product, key=key, kind=Option.Kind.QUANTITY, **{**defaults, **fields})
    set_prices(prices, option=made)
    return made


def choice_option(for_product: Product, *, choices: dict[str, dict], key: str = "os", **fields) -> Option:
    """``choices`` by choice key: prices by cycle."""
    made = _option(for_product, key=key, kind=Option.Kind.CHOICE, **{"name_id": "Sistem", **fields})
    for choice_key, prices in choices.items():
        choice = Choice.objects.create(option=made, key=choice_key, name_id=choice_key.title())
        set_prices(prices, choice=choice)
    return made


def yes_no_option(for_product: Product, *, prices: dict, key: str = "backup", **fields) -> Option:
    made = _option(
        for_product, key=key, kind=Option.Kind.YES_NO, **{"name_id": "Cadangan", "required": False, **fields}
    )
    set_prices(prices, option=made)
    return made


def text_option(for_product: Product, *, key: str = "office_domain", **fields) -> Option:
    defaults = {"name_id": "Domain Office 365", "text_rule": Option.TextRule.DOMAIN}
    return _option(for_product, key=key, kind=Option.Kind.TEXT, **{**defaults, **fields})


def _option(for_product: Product, **fields) -> Option:
    number = next(_numbers)
    option_group = OptionGroup.objects.create(name_id=f"Opsi {number}")
    option_group.products.add(for_product)
    return Option.objects.create(group=option_group, **fields)


def addon(for_product: Product, *, prices: dict, key: str | None = None, **fields) -> Addon:
    number = next(_numbers)
    made = Addon.objects.create(**{"key": key or f"tambahan-{number}", "name_id": f"Tambahan {number}", **fields})
    made.products.add(for_product)
    set_prices(prices, addon=made)
    return made


def promotion(**fields) -> Promotion:
    number = next(_numbers)
    defaults = {"code": f"PROMO{number}", "name_id": "Promo", "kind": Promotion.Kind.PERCENT, "value": Decimal(10)}
    return Promotion.objects.create(**{**defaults, **fields})


def ppn(**fields) -> TaxRule:
    """PPN as in force since 2025: 12 % on 11/12 of the price."""
    defaults = {"rate": 12, "base_numerator": 11, "base_denominator": 12, "valid_from": "2025-01-01", "code": "04"}
    return TaxRule.objects.create(**{**defaults, **fields})


def bank_transfer(**fields) -> PaymentMethod:
    return PaymentMethod.objects.create(**{"gateway": "bank_transfer", "name_id": "Transfer bank", **fields})


def bank_account(method: PaymentMethod | None = None, **fields) -> BankAccount:
    number = next(_numbers)
    defaults = {"bank": "BCA", "number": f"123 456 {number:04}", "holder": "PT Langganan Demo"}
    return BankAccount.objects.create(method=method or bank_transfer(), **{**defaults, **fields})


def qris_account(method: PaymentMethod | None = None, **fields) -> BankAccount:
    """An account that is paid by scanning the demo shop's code."""
    method = method or PaymentMethod.objects.create(gateway="qris", name_id="QRIS")
    defaults = {"bank": "QRIS CONTOH", "number": "ID1000000000000", "holder": "NUSA LAYANAN DIGITAL"}
    return BankAccount.objects.create(method=method, **{**defaults, "qris_payload": QRIS_CODE, **fields})


def terms(**fields) -> TermsVersion:
    number = next(_numbers)
    defaults = {
        "version": f"1.{number}",
        "title_id": "Ketentuan Layanan",
        "title_en": "Terms of Service",
        "body_id": "Isi ketentuan.",
        "published_at": timezone.now(),
    }
    return TermsVersion.objects.create(**{**defaults, **fields})


def cart_item(of: Product | None = None, owner: User | None = None, **selection) -> CartItem:
    """A product in somebody's cart: a guest's unless an owner is given."""
    cart = Cart.objects.get_or_create(user=owner)[0] if owner else Cart.objects.create()
    chosen = Selection(**{"cycle": Cycle.MONTHLY, **selection})
    return CartItem.objects.create(cart=cart, product=of or product(), selection=chosen.to_json())


def department(*staff_members: User, **fields) -> Department:
    """Monday to Friday from 8 to 17 in Jakarta, an answer within 120 minutes; ``staff_members`` work there."""
    number = next(_numbers)
    defaults = {"slug": f"departemen-{number}", "name_id": f"Departemen {number}", "name_en": f"Department {number}"}
    made = Department.objects.create(**{**defaults, **fields})
    made.refresh_from_db()
    made.staff.add(*staff_members)
    return made


def ticket(of: Customer | None, opener: User | None = None, **fields) -> Ticket:
    """A bare row that waits for an answer, without messages or history; ``tickets.opening`` makes real ones."""
    number = next(_numbers)
    defaults = {"subject": f"Pertanyaan {number}", "opened_by": opener or (of and of.users.first())}
    if "department" not in fields:
        defaults["department"] = department()
    now = timezone.now()
    if fields.get("status", "open") in {"open", "customer_reply"}:
        defaults |= {"waiting_since": now, "answer_due_at": now + timedelta(hours=2), "last_customer_message_at": now}
    if fields.get("status") == "closed":
        defaults["closed_at"] = now
    return Ticket.objects.create(customer=of, **{**defaults, **fields})


def message(of: Ticket, author: User | None = None, **fields) -> Message:
    """A bare row: the ticket's own columns are left as they are."""
    return Message.objects.create(
        **{"ticket": of, "author": author or of.opened_by, "body": "Mohon bantuan.", **fields}
    )


def onboarding_template(product: Product | None = None, *, stages: list[dict] | None = None, **fields) -> Template:
    """The standard eight stages, or ``stages``: the columns of each; a question for the requirement form."""
    made = Template.objects.create(product=product or globals()["product"](), **fields)
    for sort, row in enumerate(standard.stages() if stages is None else stages):
        defaults = {"name_id": str(row["key"]).replace("_", " ").capitalize()}
        TemplateStage.objects.create(template=made, **{**defaults, **row, "sort": sort})
    RequirementField.objects.create(template=made, key="employees", kind="number", label_id="Jumlah karyawan")
    return made


def product_role(of: Product, key: str, *, sees_tracker: bool = True, signs: bool = True, **fields) -> ProductRole:
    defaults = {"name_id": key.replace("_", " ").title(), "sort": of.onboarding_roles.count()}
    return ProductRole.objects.create(
        product=of, key=key, sees_tracker=sees_tracker, signs=signs, **{**defaults, **fields}
    )


def onboarding_case(
    of: Customer | None = None, owner: User | None = None, product: Product | None = None, **fields
) -> Case:
    """Opened by hand, before any order, by staff who may do everything; its product has a template and a role that the
    customer's owners get. ``fields`` are columns that differ.
    """
    if of is None:
        of = customer(owner or user())
    elif owner is not None:
        Membership.objects.get_or_create(customer=of, user=owner, defaults={"role": Role.OWNER})
    product = product or globals()["product"]()
    if not Template.objects.filter(product=product).exists():
        onboarding_template(product)
    if not product.onboarding_roles.exists():
        product_role(product, "owner")
    made = opening.open_by_hand(customer=of, product=product, actor=onboarding_admin(), key=uuid.uuid4())
    if fields:
        Case.objects.filter(pk=made.pk).update(**fields)
        made.refresh_from_db()
    return made


def onboarding_admin(**fields) -> User:
    """Staff who may open, move back, stop and see every case; no PIC, so that cases they open have none."""
    names = ("add_case", "move_back_case", "stop_case", "see_all_cases")
    return staff(*(f"onboarding.{name}" for name in names), **fields)


def onboarding_pic(*permissions: str, team: Group | None = None, **fields) -> User:
    """Staff who work on the cases of their own and of their ``team``."""
    person = staff("onboarding.work_on_case", "onboarding.stop_case", *permissions, **fields)
    if team is not None:
        person.groups.add(team)
    return person
