"""What the database refuses whatever the code does, and what staff's forms refuse."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from tests import factories
from tests.billing.shop import unpaid_invoice
from tickets.models import Announcement, Article, ArticleVote, EscalationRule, KnowledgeCategory, Message, Ticket

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("only_a_closed_ticket_has_its_time", {"closed_at": timezone.now()}),
        (
            "only_a_closed_ticket_has_its_time",
            {"status": "closed", "waiting_since": None, "answer_due_at": None},
        ),
        ("an_open_ticket_that_waits_has_its_promise", {"answer_due_at": None}),
        ("an_open_ticket_that_waits_has_its_promise", {"status": "closed", "closed_at": timezone.now()}),
        ("a_rating_has_its_time", {"rating": 1}),
        ("ticket_priority_is_known", {"priority": 5}),
    ],
)
def test_a_ticket_is_never_half_changed(customer, name, changes):
    ticket = factories.ticket(customer)
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(**changes)


def test_a_merged_ticket_is_closed(customer):
    ticket, other = factories.ticket(customer), factories.ticket(customer)
    with pytest.raises(IntegrityError, match="a_merged_ticket_is_closed"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(merged_into=other)


def test_without_a_customer_there_is_no_invoice(customer):
    ticket = factories.ticket(None, factories.user())
    with pytest.raises(IntegrityError, match="services_and_invoices_are_a_customers"), transaction.atomic():
        Ticket.objects.filter(pk=ticket.pk).update(invoice=unpaid_invoice(customer))


def test_the_system_has_no_author(customer):
    with pytest.raises(IntegrityError, match="the_system_has_no_author"), transaction.atomic():
        factories.message(factories.ticket(customer), channel="system")


def test_one_message_for_each_email_and_form(customer):
    ticket = factories.ticket(customer)
    factories.message(ticket, email_message_id="<a@b>")
    factories.message(ticket)
    factories.message(ticket)
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.message(ticket, email_message_id="<a@b>")
    assert Message.objects.count() == 3


def test_an_escalation_does_something():
    rule = EscalationRule(name="Diam", waiting_minutes=60)
    with pytest.raises(ValidationError, match="sedikitnya satu"):
        rule.full_clean()
    rule.set_priority = 4
    rule.full_clean()


def test_an_article_is_voted_on_once_by_each_reader():
    category = KnowledgeCategory.objects.create(slug="email", name_id="Email")
    article = Article.objects.create(category=category, slug="akun", title_id="Akun", body_id="Isi")
    person = factories.user()
    ArticleVote.objects.create(article=article, user=person, helpful=True)
    ArticleVote.objects.create(article=article, session_hash="a" * 64, helpful=False)
    for same in ({"user": person}, {"session_hash": "a" * 64}, {}):
        with pytest.raises(IntegrityError), transaction.atomic():
            ArticleVote.objects.create(article=article, helpful=True, **same)
    assert (str(article), article.get_absolute_url()) == ("Akun", "/help/email/akun/")


def test_announcements_show_while_they_run_to_those_they_are_for():
    now = timezone.now()
    hour = timezone.timedelta(hours=1)
    texts = {"body_id": "Isi"}
    for_all = Announcement.objects.create(title_id="Semua", starts_at=now - hour, **texts)
    for_customers = Announcement.objects.create(
        title_id="Pelanggan", starts_at=now - hour, ends_at=now + hour, audience="customers", **texts
    )
    Announcement.objects.create(title_id="Nanti", starts_at=now + hour, **texts)
    Announcement.objects.create(title_id="Lewat", starts_at=now - 2 * hour, ends_at=now - hour, **texts)
    assert set(Announcement.objects.current(has_customer=True)) == {for_all, for_customers}
    assert list(Announcement.objects.current(has_customer=False)) == [for_all]
