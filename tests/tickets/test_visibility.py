"""Who sees which ticket: owner, colleagues by role, strangers, staff by department."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.models import Membership
from accounts.roles import Role
from tests import factories
from tests.billing.shop import place, unpaid_invoice
from tests.tickets.desk import answer, ask, fresh, open_one
from tickets import access, arranging, reading
from tickets.models import Department, Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(customer):
    return factories.member(customer, role=Role.ADMIN).user


def seen_by(person) -> set[Ticket]:
    return set(Ticket.objects.visible_to(person))


@pytest.fixture
def tickets(customer, owner, technician, bookkeeper, support, billing):
    """One of each kind, by name."""
    order = place(customer, factories.product())
    return {
        "owners": open_one(customer, support, owner),
        "technicians": open_one(customer, support, technician),
        "bookkeepers": open_one(customer, support, bookkeeper),
        "payments": open_one(customer, billing, owner),
        "service": open_one(customer, support, owner, service=order.services.get()),
        "service_invoice": open_one(
            customer, support, owner, service=order.services.get(), invoice=unpaid_invoice(customer)
        ),
    }


def test_owner_and_admin_see_all(tickets, owner, admin):
    assert seen_by(owner) == seen_by(admin) == set(tickets.values())


def test_billing_sees_its_own_and_what_is_about_payments(tickets, bookkeeper):
    assert seen_by(bookkeeper) == {tickets["bookkeepers"], tickets["payments"]}


def test_technical_sees_its_own_and_what_is_about_services_but_no_invoices(tickets, technician):
    assert seen_by(technician) == {tickets["technicians"], tickets["service"]}


def test_a_viewer_and_a_stranger_see_nothing(tickets, viewer, stranger):
    assert seen_by(viewer) == seen_by(stranger) == set()


def test_whoever_wrote_in_a_ticket_sees_it(tickets, viewer):
    factories.message(tickets["owners"], viewer)
    assert seen_by(viewer) == {tickets["owners"]}


def test_what_became_about_an_invoice_is_hidden_from_who_sees_none_but_not_from_its_opener(
    tickets, technician, owner, support_staff, customer
):
    ask(tickets["service"], technician)
    invoice = unpaid_invoice(customer)
    for name in ("service", "technicians"):
        ticket = fresh(tickets[name])
        arranging.link(ticket=ticket, service=ticket.service, invoice=invoice, actor=support_staff)
    assert seen_by(technician) == {tickets["technicians"]}
    answer(tickets["service"], support_staff)
    assert technician not in {email.user for email in technician.emails.filter(template="tickets/ticket_replied")}


def test_who_is_no_member_any_more_sees_nothing(tickets, technician, owner):
    Membership.objects.filter(user=technician).delete()
    assert seen_by(technician) == set()
    assert not access.may_reply(technician, tickets["technicians"])


def test_a_ticket_without_a_customer_is_its_openers(support, owner):
    person = factories.user()
    ticket = open_one(None, support, person)
    assert seen_by(person) == {ticket}
    assert ticket not in seen_by(owner)


def test_another_customers_ticket_is_not_found_and_the_own_in_the_wrong_role_is_refused(
    tickets, owner, viewer, stranger
):
    number = tickets["owners"].number
    assert access.find(owner, number.lower()) == tickets["owners"]
    with pytest.raises(PermissionDenied):
        access.find(viewer, number)
    for person in (stranger, factories.staff("tickets.answer_ticket")):
        with pytest.raises(Http404):
            access.find(person, number)


def test_staff_sees_its_departments(tickets, support_staff, billing_staff, support, billing):
    nobodys = factories.staff("tickets.view_ticket")
    chief = factories.staff("tickets.view_ticket", "tickets.see_all_departments")
    assert set(Ticket.objects.for_staff(billing_staff)) == {tickets["payments"]}
    assert set(Ticket.objects.for_staff(support_staff)) == set(tickets.values()) - {tickets["payments"]}
    assert set(Ticket.objects.for_staff(nobodys)) == set()
    assert set(Ticket.objects.for_staff(chief)) == set(tickets.values())
    assert set(Department.objects.for_staff(support_staff)) == {support}
    assert set(Department.objects.for_staff(chief)) == {support, billing}


def test_the_visible_tickets_take_one_query(tickets, bookkeeper, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(Ticket.objects.visible_to(bookkeeper).with_unread(bookkeeper)) == 2


# What was read


def unread_of(person) -> set[Ticket]:
    return set(Ticket.objects.visible_to(person).with_unread(person).filter(unread=True))


def test_an_answer_is_unread_until_it_is_seen_by_each_person(customer, owner, admin, support, support_staff):
    ticket = open_one(customer, support, owner)
    assert unread_of(owner) == set()
    first = answer(ticket, support_staff)
    assert unread_of(owner) == unread_of(admin) == {ticket}
    assert reading.first_unseen(ticket=ticket, user=owner) == first
    reading.mark_seen(ticket=ticket, user=owner, until=first.created_at)
    assert (unread_of(owner), unread_of(admin)) == (set(), {ticket})
    assert reading.first_unseen(ticket=ticket, user=owner) is None
    second = answer(ticket, support_staff, body="Satu lagi.")
    assert unread_of(owner) == {ticket}
    assert reading.first_unseen(ticket=ticket, user=owner) == second


def test_what_was_seen_never_goes_back(customer, owner, support, support_staff):
    ticket = open_one(customer, support, owner)
    first, second = answer(ticket, support_staff), answer(ticket, support_staff, body="Lagi")
    reading.mark_seen(ticket=ticket, user=owner, until=second.created_at)
    reading.mark_seen(ticket=ticket, user=owner, until=first.created_at)
    assert reading.seen_until(ticket=ticket, user=owner) == second.created_at
    assert unread_of(owner) == set()
