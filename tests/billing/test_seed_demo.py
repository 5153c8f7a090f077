"""The demo shop, whole."""

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import demo
from accounts.models import Membership, Shop, User
from accounts.roles import Role
from billing.models import (
    Invoice,
    LedgerCheck,
    Order,
    PaymentAttempt,
    PaymentConfirmation,
    PriceChange,
    Retention,
    Service,
    ServiceTransfer,
)
from catalog.models import Promotion
from config.providers import Midtrans
from onboarding.models import Appointment, Case, Change, Document, ProductRole, Rating, Template
from tickets.models import Article, Message, StaffNote, Ticket

pytestmark = pytest.mark.django_db


MODELS = (
    User,
    Order,
    Invoice,
    PriceChange,
    Retention,
    ServiceTransfer,
    Service,
    PaymentConfirmation,
    Ticket,
    Message,
    StaffNote,
    Article,
)
ONBOARDING = (Template, ProductRole, Case, Appointment, Document, Change, Rating)


def counts() -> dict[type, int]:
    return {model: model.objects.count() for model in (*MODELS, *ONBOARDING)}


def test_the_demo_has_every_state_and_loading_it_again_changes_nothing(client, transactional_db):
    call_command("seed_demo", verbosity=0)

    for model in (Order, Invoice, Service, PaymentConfirmation, Ticket, Case):
        assert set(model.objects.values_list("status", flat=True)) == set(model.Status.values)
    written = Invoice.objects.filter(kind=Invoice.Kind.MANUAL)
    assert set(written.values_list("status", flat=True)) == {"draft", "unpaid"}
    by_qris = Invoice.objects.filter(payment_method__gateway="qris")
    assert set(by_qris.values_list("confirmations__status", flat=True)) == {None, "submitted"}
    assert LedgerCheck.objects.get().count == 0
    assert any(invoice.is_overdue for invoice in Invoice.objects.all())
    assert any(invoice.is_partially_paid for invoice in Invoice.objects.all())
    assert Service.objects.filter(activation_due_since__isnull=False).exists()
    assert set(Ticket.objects.values_list("rating", flat=True)) == {None, 0, 1}
    assert Ticket.objects.breaching().exists()
    assert Ticket.objects.exclude(merged_into=None).exists()
    assert Ticket.objects.filter(customer=None).exists()
    assert set(Case.objects.values_list("turn", flat=True)) == set(Case.Turn.values)
    assert set(Case.objects.filter(turn="customer").values_list("turn_action", flat=True)) == {
        "sign",
        "pay",
        "requirements",
    }
    assert set(Membership.objects.values_list("role", flat=True)) == set(Role.values)
    for promotion in Promotion.objects.all():
        held = promotion.redemptions.exclude(status="released").count() + promotion.retentions.count()
        assert promotion.uses == held
    assert PriceChange.objects.to_come().exists()
    assert ServiceTransfer.objects.to_answer(timezone.now()).exists()
    assert Invoice.objects.filter(early=True).exists()
    issued = Invoice.objects.issued().order_by("sequence")
    assert [invoice.issued_on for invoice in issued] == sorted(invoice.issued_on for invoice in issued)

    for group, _name, address in demo.STAFF:
        assert User.objects.get(email=address).groups.filter(name=group).exists()
    call_command("verify_ledger", verbosity=0)

    before = counts()
    Shop.objects.update(name="Toko Saya")
    call_command("seed_demo", verbosity=0)

    assert counts() == before
    assert Shop.objects.get().name == "Toko Saya"
    for _who, address, password in demo.sign_ins():
        assert client.login(email=address, password=password), address


def test_production_is_not_given_people_with_a_known_password(settings):
    settings.PRODUCTION = True

    with pytest.raises(CommandError):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_with_a_providers_keys_the_demo_shows_payments_through_it(settings, transactional_db):
    settings.MIDTRANS = Midtrans("SB-Mid-server-demo", "http://127.0.0.1:9/midtrans", "http://127.0.0.1:9/snap")
    call_command("seed_demo", verbosity=0)
    shown = PaymentAttempt.objects.order_by("pk").values_list("gateway", "status", "invoice__status", "job")
    assert list(shown) == [
        ("midtrans_snap", "paid", "paid", ""),
        ("midtrans_va", "expired", "unpaid", ""),
        ("midtrans_va", "review", "unpaid", ""),
    ]
    assert LedgerCheck.objects.get().count == 0
