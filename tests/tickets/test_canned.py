"""Replies at hand: a fixed list of placeholders, filled in the customer's language."""

import pytest
from django.core.exceptions import ValidationError

from tests import factories
from tests.billing.shop import place
from tests.tickets.desk import open_one
from tickets import canned, texts
from tickets.models import CannedReply

pytestmark = pytest.mark.django_db

EVERYTHING = "|".join(f"{{{name}}}" for name in texts.PLACEHOLDERS)


def reply(**fields) -> CannedReply:
    return CannedReply.objects.create(**{"title": "Salam", "body_id": EVERYTHING, **fields})


def test_q4_every_placeholder_is_filled_in(customer, owner, support, support_staff):
    order = place(customer, factories.product(name_id="Hosting Bisnis"))
    ticket = open_one(customer, support, service=order.services.get(), invoice=order.invoice)
    assert canned.fill(reply(), ticket, support_staff).split("|") == [
        owner.name,
        ticket.number,
        "Hosting Bisnis",
        order.invoice.number,
        "Rp150.000",
        "Damar Dukungan",
        "Langganan",
    ]


def test_q4_what_a_ticket_does_not_have_is_left_out(support, support_staff):
    person = factories.user(name="Budi")
    ticket = open_one(None, support, person)
    assert canned.fill(reply(), ticket, support_staff) == f"Budi|{ticket.number}||||Damar Dukungan|Langganan"


def test_a_reply_speaks_the_tickets_language(customer, support, support_staff):
    both = reply(body_id="Terima kasih", body_en="Thank you")
    english = open_one(customer, support, language="en")
    assert canned.fill(both, english, support_staff) == "Thank you"
    assert canned.fill(reply(body_id="Halo"), english, support_staff) == "Halo"


def test_what_a_customer_typed_is_not_filled_in_again(customer, support, support_staff, owner):
    owner.name = "{toko} {email}"
    owner.save()
    assert (
        canned.fill(reply(body_id="Yth. {nama}"), open_one(customer, support), support_staff) == "Yth. {toko} {email}"
    )


@pytest.mark.parametrize("body", ["Halo {nama_lengkap}", "{settings} dan {nama}", "{0}"])
def test_a_placeholder_that_nobody_fills_in_is_refused(body):
    for field in ("body_id", "body_en"):
        written = CannedReply(**{"title": "Salah", "body_id": "Halo", field: body})
        with pytest.raises(ValidationError) as refusal:
            written.full_clean()
        assert set(refusal.value.message_dict) == {field}
    assert "{jumlah_tagihan}" in str(refusal.value)


def test_other_braces_stay_what_they_are(customer, support, support_staff):
    code = reply(body_id="```\nserver { listen 80; }\n```")
    code.full_clean()
    assert canned.fill(code, open_one(customer, support), support_staff) == code.body_id


def test_a_department_has_its_own_replies_and_those_for_all(customer, support, billing):
    everywhere, ours = reply(title="A"), reply(title="B", department=support)
    reply(title="C", department=billing)
    reply(title="D", active=False)
    assert list(canned.fitting(open_one(customer, support))) == [everywhere, ours]
