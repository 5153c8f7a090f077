"""One table of statuses for every page."""

from datetime import timedelta

import pytest
from django.template import engines
from django.utils import timezone, translation

from accounts.models import Invitation, OutboxEmail
from billing.models import Invoice, Order, PaymentConfirmation, Service
from config.badges import BADGES, badge_for_staff, badge_of
from onboarding.models import Appointment, Case, Document, Requirement, Stage
from tickets.models import Ticket

TODAY = timezone.localdate


def _invoice(**fields) -> Invoice:
    return Invoice(**{"status": "unpaid", "due_on": TODAY() + timedelta(days=3), "total": 1000, **fields})


def _label(thing) -> str:
    return str(badge_of(thing).label)


ONBOARDING = [Appointment, Case, Document, Requirement, Stage]


@pytest.mark.parametrize("model", [Invoice, Order, Service, PaymentConfirmation, OutboxEmail, Ticket, *ONBOARDING])
def test_every_stored_status_has_a_badge(model):
    assert set(model.Status.values) - set(BADGES[model]) == set()


def test_every_tone_is_one_that_the_stylesheet_knows():
    tones = {badge.tone for table in BADGES.values() for badge in table.values()}
    assert tones == {"", "success", "info", "warning", "danger"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "Belum Dibayar"),
        ({"amount_paid": 400}, "Dibayar Sebagian"),
        ({"due_on": TODAY() - timedelta(days=1)}, "Lewat Jatuh Tempo"),
        ({"due_on": TODAY()}, "Belum Dibayar"),
        ({"status": "paid"}, "Lunas"),
        ({"status": "cancelled"}, "Dibatalkan"),
    ],
)
def test_i1_what_is_derived_from_an_invoice_is_shown(fields, expected):
    invoice = _invoice(**fields)
    invoice.awaiting_verification = False
    assert _label(invoice) == expected


def test_i1_a_submitted_confirmation_goes_before_the_due_date():
    invoice = _invoice(due_on=TODAY() - timedelta(days=1))
    invoice.awaiting_verification = True
    assert _label(invoice) == "Menunggu Verifikasi"


def test_a_pending_service_says_whether_it_waits_for_the_customer_or_for_us():
    assert _label(Service(status="pending")) == "Menunggu pembayaran"
    assert _label(Service(status="pending", activation_due_since=timezone.now())) == "Menunggu aktivasi"


def test_an_annotated_list_of_invoices_costs_no_query_for_each_badge(customer, django_assert_num_queries):
    for number in range(3):
        Invoice.objects.create(
            customer=customer, status="unpaid", number=f"INV/{number}", slug=f"inv-{number}",
            issued_on=TODAY(), due_on=TODAY(), subtotal=1000, total=1000,
        )  # fmt: skip
    with django_assert_num_queries(1):
        labels = [_label(invoice) for invoice in Invoice.objects.with_awaiting_verification()]
    assert labels == ["Belum Dibayar"] * 3


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, "Menunggu jawaban"),
        ({"accepted_at": timezone.now()}, "Diterima"),
        ({"revoked_at": timezone.now()}, "Dibatalkan"),
        ({"expires_at": timezone.now() - timedelta(seconds=1)}, "Kedaluwarsa"),
    ],
)
def test_an_invitation_says_what_became_of_it(fields, expected):
    assert _label(Invitation(**{"expires_at": timezone.now() + timedelta(days=1), **fields})) == expected


@pytest.mark.parametrize(
    ("status", "for_the_customer", "for_staff"),
    [
        ("open", "Menunggu kami", "Baru"),
        ("customer_reply", "Menunggu kami", "Balasan pelanggan"),
        ("in_progress", "Menunggu kami", "Dikerjakan"),
        ("on_hold", "Menunggu kami", "Ditahan"),
        ("answered", "Menunggu Anda", "Dijawab"),
        ("closed", "Selesai", "Selesai"),
    ],
)
def test_a_ticket_says_to_the_customer_whose_turn_it_is_and_to_staff_what_it_is(status, for_the_customer, for_staff):
    ticket = Ticket(status=status)
    assert (_label(ticket), str(badge_for_staff(ticket).label)) == (for_the_customer, for_staff)


@pytest.mark.parametrize(
    ("fields", "for_the_customer", "for_staff"),
    [
        ({"status": "done"}, "Selesai", "Selesai"),
        ({"status": "done", "completion": "document_signed"}, "Ditandatangani", "Selesai"),
        ({"status": "done", "completion": "invoice_paid"}, "Lunas", "Selesai"),
        ({"status": "current", "completion": "invoice_paid"}, "Berjalan", "Berjalan"),
        ({"status": "upcoming"}, "Belum mulai", "Belum mulai"),
        ({"status": "skipped", "completion": "document_signed"}, "Dilewati", "Dilewati"),
    ],
)
def test_a_stage_says_to_the_customer_what_was_reached_with_it(fields, for_the_customer, for_staff):
    stage = Stage(**fields)
    assert (_label(stage), str(badge_for_staff(stage).label)) == (for_the_customer, for_staff)


def test_a_stage_that_has_its_appointments_already_is_planned():
    stage = Stage(status="upcoming")
    stage.is_planned = True
    assert _label(stage) == "Terjadwal"


def test_the_tag_writes_the_words_on_their_colour():
    written = engines["django"].from_string("{% badge thing %}").render({"thing": Service(status="suspended")})
    assert written == '<span class="tag tag-warning">Ditangguhkan</span>'


def test_a_badge_speaks_the_language_of_the_page():
    with translation.override("id"):
        assert _label(Order(status="active")) == "Aktif"
