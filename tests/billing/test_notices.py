import pytest

from billing import notices
from billing.models import Invoice
from tests import factories
from tests.billing.shop import emails, place

pytestmark = pytest.mark.django_db


def test_the_billing_address_and_the_person_who_ordered_are_told_each_in_their_language():
    person = factories.user(language="en")
    customer = factories.customer(person, language="id")
    place(customer, factories.product())
    assert {(mail.to, mail.language, mail.user) for mail in emails("order_received")} == {
        (customer.billing_email, "id", None),
        (person.email, "en", person),
    }
    assert {mail.customer for mail in emails("order_received")} == {customer}


def test_one_address_is_told_once_whatever_its_case():
    person = factories.user(email="sama@example.com")
    customer = factories.customer(person, billing_email="Sama@Example.com")
    place(customer, factories.product())
    assert [(mail.to, mail.user) for mail in emails("order_received")] == [("sama@example.com", person)]


def test_a_person_who_may_no_longer_sign_in_is_not_told(customer, owner):
    order = place(customer, factories.product())
    owner.is_active = False
    owner.save()
    assert [one.address for one in notices.recipients(customer, owner)] == [customer.billing_email]
    assert order.placed_by == owner


def test_an_event_told_twice_is_one_email_for_each(customer):
    order = place(customer, factories.product())
    notices.order_received(order, Invoice.objects.get())
    assert len(emails("order_received")) == 2
