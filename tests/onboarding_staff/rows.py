"""Rows that the staff's pages of onboarding show."""

from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from billing import uploads
from onboarding import contacts
from onboarding.models import StaffContact
from tests import factories


def picture(name: str = "foto.png", *, colour: str = "#336699") -> SimpleUploadedFile:
    content = BytesIO()
    Image.new("RGB", (60, 60), colour).save(content, "PNG")
    return SimpleUploadedFile(name, content.getvalue(), "image/png")


def contact(*, photo: bool = False, **fields) -> StaffContact:
    if "user" not in fields:
        fields["user"] = factories.staff(name="Dewi Pratiwi")
    made = StaffContact.objects.create(**{"title_id": "Spesialis", "phone": "+6281234567890", **fields})
    if photo:
        contacts.set_photo(contact=made, photo=uploads.accept(picture()))
    return made
