"""The PICs' cards: numbers are kept international, photos harmless, and a replaced photo is gone."""

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from billing import ledger, orphans, uploads
from onboarding import contacts
from onboarding.models import StaffContact
from tests import factories
from tests.onboarding_staff import rows

pytestmark = pytest.mark.django_db

EDIT = ("onboarding.view_staffcontact", "onboarding.change_staffcontact", "onboarding.add_staffcontact")


@pytest.fixture
def at_work(client):
    client.force_login(factories.staff(*EDIT))
    return client


def press(client, contact: StaffContact, button: str, **given):
    return client.post(reverse("admin:onboarding_staffcontact_press", args=[contact.pk, button]), given)


def stored() -> list[str]:
    return default_storage.listdir("contacts")[1]


def test_a_card_is_made_with_numbers_as_people_type_them(at_work):
    person = factories.staff(name="Dewi Pratiwi")
    given = {"user": person.pk, "title_id": "Spesialis", "title_en": "", "phone": "0812 3456 7890", "whatsapp": ""}
    assert at_work.post(reverse("admin:onboarding_staffcontact_add"), given).status_code == 302
    made = person.contact
    assert (made.phone, made.whatsapp, made.title_id) == ("+6281234567890", "", "Spesialis")


def test_only_staff_without_a_card_is_offered(at_work):
    carded, customer = rows.contact().user, factories.user()
    free = factories.staff(name="Bebas")
    form = at_work.get(reverse("admin:onboarding_staffcontact_add")).context["adminform"].form
    offered = set(form.fields["user"].queryset)
    assert free in offered
    assert not offered & {carded, customer}


def test_a_photo_is_shown_and_replaced_without_leaving_the_old_one(at_work, django_capture_on_commit_callbacks):
    contact = rows.contact()
    for colour in ("#336699", "#993366"):
        with django_capture_on_commit_callbacks(execute=True):
            answer = press(at_work, contact, "photo", photo=rows.picture(colour=colour))
        assert answer.status_code == 302
        contact.refresh_from_db()
    assert stored() == [contact.photo.name.removeprefix("contacts/")]
    shown = at_work.get(reverse("admin:onboarding_staffcontact_photo", args=[contact.pk]))
    assert (shown["Content-Type"], len(b"".join(shown.streaming_content))) == ("image/png", contact.photo_size)


def test_what_is_no_picture_is_refused_and_changes_nothing(at_work):
    contact = rows.contact(photo=True)
    before = contact.photo.name
    answer = press(at_work, contact, "photo", photo=SimpleUploadedFile("foto.png", b"%PDF-1.7", "image/png"))
    contact.refresh_from_db()
    assert (answer.status_code, contact.photo.name, len(stored())) == (422, before, 1)


def test_a_removed_photo_is_gone(at_work, django_capture_on_commit_callbacks):
    contact = rows.contact(photo=True)
    with django_capture_on_commit_callbacks(execute=True):
        press(at_work, contact, "no-photo")
    contact.refresh_from_db()
    assert (contact.photo.name, contact.photo_sha256, stored()) == ("", "", [])
    # There is none to remove any more.
    press(at_work, contact, "no-photo")
    assert at_work.get(reverse("admin:onboarding_staffcontact_photo", args=[contact.pk])).status_code == 404


def test_v9_a_photo_is_kept_as_it_was_sent_and_is_no_orphan():
    contact = rows.contact()
    contacts.set_photo(contact=contact, photo=uploads.accept(rows.picture(colour="#336699")))
    assert [breach for breach in ledger.verify() if breach.rule == "V9"] == []
    later = timezone.now() + timedelta(days=2)
    assert orphans.remove_orphans(later).removed == 0
    with default_storage.open(contact.photo.name, "wb") as file:
        file.write(b"something else")
    assert [breach.rule for breach in ledger.verify() if breach.rule == "V9"] == ["V9"]
