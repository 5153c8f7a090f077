"""A customer opens a ticket (Q2, Q3)."""

import uuid

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts import limits
from tests import factories
from tests.billing.shop import picture, place, unpaid_invoice
from tests.tickets.conftest import NOW
from tests.tickets.desk import emails, fresh, open_one, text_file, told
from tickets import opening
from tickets.models import Attachment, Message, Ticket
from tickets.refusals import NotAllowed, TooMany

pytestmark = pytest.mark.django_db


def nothing_is_left() -> bool:
    rows = Ticket.objects.exists() or Message.objects.exists() or Attachment.objects.exists()
    folders = default_storage.listdir("")[0] if default_storage.exists("") else []
    files = default_storage.listdir("tickets")[1] if "tickets" in folders else []
    return not rows and not files and emails("ticket_opened") == []


@time_machine.travel(NOW, tick=False)
def test_a_ticket_waits_for_the_department_with_its_promise(customer, owner, support):
    ticket = open_one(customer, support)
    message = ticket.messages.get()
    assert (ticket.status, ticket.opened_by, ticket.customer, ticket.department) == ("open", owner, customer, support)
    assert (message.author, message.from_staff, message.channel) == (owner, False, "web")
    assert (ticket.message_count, ticket.last_message_at, ticket.last_customer_message_at) == (1, NOW, NOW)
    assert (ticket.waiting_since, ticket.answer_due_at) == (NOW, NOW.replace(hour=12))
    assert ticket.resolution_due_at is not None
    assert [(event.kind, event.to_status, event.actor) for event in ticket.events.all()] == [("created", "open", owner)]


def test_the_number_is_made_of_letters_that_nobody_mixes_up(customer, support):
    numbers = {open_one(customer, support).number for _count in range(5)}
    assert len(numbers) == 5
    assert all(len(number) == 10 and not set(number[2:]) & set("01ILO") for number in numbers)


def test_the_same_form_sent_again_shows_the_first_ticket(customer, support):
    key = uuid.uuid4()
    first = open_one(customer, support, submission_key=key, files=[picture()])
    again = open_one(customer, support, submission_key=key, files=[picture()])
    assert (again, Ticket.objects.count(), Message.objects.count()) == (first, 1, 1)
    assert len(default_storage.listdir("tickets")[1]) == 1
    assert told("ticket_opened") == [first.opened_by]


def test_anothers_key_opens_nobody_elses_ticket(customer, support, stranger):
    key = uuid.uuid4()
    first = open_one(customer, support, submission_key=key)
    assert opening.find(key, stranger) is None
    assert opening.find(key, first.opened_by) == first


def test_the_departments_default_assignee_gets_it(customer, support, support_staff):
    support.default_assignee = support_staff
    support.save()
    assert open_one(customer, support).assignee == support_staff
    support_staff.is_active = False
    support_staff.save()
    assert open_one(customer, fresh(support)).assignee is None


def test_q2_service_and_invoice_are_the_customers_own(customer, support, stranger):
    theirs = unpaid_invoice(stranger.customers.get())
    service = theirs.order.services.get()
    with pytest.raises(ValidationError) as refusal:
        open_one(customer, support, service=service, invoice=theirs)
    assert set(refusal.value.message_dict) == {"service", "invoice"}
    assert nothing_is_left()


def test_q2_what_was_just_ordered_can_be_asked_about(customer, support, owner):
    order = place(customer, factories.product())
    ticket = open_one(customer, support, service=order.services.get(), invoice=order.invoice)
    assert (ticket.service, ticket.invoice) == (order.services.get(), order.invoice)


def test_a_technician_cannot_name_an_invoice_that_the_role_does_not_see(customer, support, technician):
    with pytest.raises(ValidationError) as refusal:
        open_one(customer, support, technician, invoice=unpaid_invoice(customer))
    assert set(refusal.value.message_dict) == {"invoice"}
    assert nothing_is_left()


def test_a_viewer_and_a_stranger_open_nothing(customer, support, viewer, stranger):
    for person in (viewer, stranger):
        with pytest.raises(NotAllowed):
            open_one(customer, support, person)
    assert nothing_is_left()


def test_a_person_without_a_customer_asks_where_everybody_may(support):
    person = factories.user()
    ticket = open_one(None, support, person)
    assert (ticket.customer, ticket.opened_by) == (None, person)
    assert told("ticket_opened") == [person]


@pytest.mark.parametrize("fields", [{"audience": "customers"}, {"active": False}])
def test_a_department_that_is_not_offered_takes_no_ticket(support, fields):
    type(support).objects.filter(pk=support.pk).update(**fields)
    with pytest.raises(ValidationError) as refusal:
        open_one(None, fresh(support), factories.user())
    assert set(refusal.value.message_dict) == {"department"}
    assert nothing_is_left()


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"subject": "  "}, "subject"),
        ({"subject": "a\nb"}, "subject"),
        ({"subject": "x" * 151}, "subject"),
        ({"body": " \x00 "}, "body"),
        ({"body": "x" * 20_001}, "body"),
        ({"priority": 9}, "priority"),
    ],
)
def test_what_cannot_be_taken_is_named(customer, support, fields, named):
    with pytest.raises(ValidationError) as refusal:
        open_one(customer, support, **fields)
    assert set(refusal.value.message_dict) == {named}
    assert nothing_is_left()


def test_a_body_keeps_its_lines_and_loses_what_no_page_shows(customer, support):
    ticket = open_one(customer, support, body="  satu\r\ndua\x00\x1b\tigabelas\rtiga  ")
    assert ticket.messages.get().body == "satu\ndua\tigabelas\ntiga"


def test_q3_pictures_documents_and_logs_are_stored_under_random_names(customer, support):
    ticket = open_one(customer, support, files=[picture(name="layar.png"), text_file("galat.log")])
    kept = list(ticket.messages.get().attachments.all())
    assert [(one.name, one.content_type) for one in kept] == [("layar.png", "image/png"), ("galat.log", "text/plain")]
    for one in kept:
        assert one.file.name.startswith("tickets/")
        assert "galat" not in one.file.name
        assert one.file.size == one.size


@pytest.mark.parametrize(
    "files",
    [
        [picture(name=f"{number}.png") for number in range(6)],
        [SimpleUploadedFile("arsip.zip", b"PK\x03\x04" + b"\x00" * 40)],
        [SimpleUploadedFile("gambar.png", b"bukan gambar")],
        [SimpleUploadedFile("catatan.txt", b"teks dengan \x1b[31mwarna")],
        [SimpleUploadedFile("catatan.txt", "é".encode("latin-1"))],
        [SimpleUploadedFile("halaman.html", b"<script>alert(1)</script>")],
        [picture(), SimpleUploadedFile("besar.txt", b"a" * (10 * 1024 * 1024 + 1))],
    ],
    ids=["six", "archive", "not a picture", "control characters", "not UTF-8", "a page", "more than 10 MB"],
)
def test_q3_other_files_are_refused_and_nothing_is_kept(customer, support, files):
    with pytest.raises(ValidationError) as refusal:
        open_one(customer, support, files=files)
    assert set(refusal.value.message_dict) == {"files"}
    assert nothing_is_left()


def test_the_limit_stops_an_eager_sender_and_leaves_nothing(customer, support, monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "ticket", limits.Limit(1, 3600))
    first = open_one(customer, support)
    with pytest.raises(TooMany):
        open_one(customer, support, files=[picture()])
    assert list(Ticket.objects.all()) == [first]
    assert default_storage.listdir("")[0] == [] or default_storage.listdir("tickets")[1] == []
