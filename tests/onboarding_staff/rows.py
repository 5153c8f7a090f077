"""Rows that the staff's pages of onboarding show."""

from datetime import timedelta
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from accounts.models import User
from billing import uploads
from onboarding import contacts, pics, progress, settling
from onboarding.models import Appointment, Case, StaffContact
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


def at_stage(key: str, **fields) -> Case:
    """A running case that came to that stage; ``fields`` are columns that differ."""
    case = fields.pop("case", None) or factories.onboarding_case()
    admin = factories.onboarding_admin()
    for stage in case.stages.all():
        if stage.key == key:
            break
        progress.satisfy(case=case, completion=stage.completion, actor=admin, stage=stage)
    if fields:
        Case.objects.filter(pk=case.pk).update(**fields)
    case.refresh_from_db()
    return case


def meeting(case: Case, *, hours: float = 24, kind: str = "meeting", **fields) -> Appointment:
    """Scheduled to begin in ``hours``, for the current stage; a bare row, settled."""
    starts_at = (timezone.now() + timedelta(hours=hours)).replace(microsecond=0)
    stage = fields.pop("stage", None) or case.stages.get(status="current")
    given = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=1), "link": "https://rapat.example/1"}
    made = Appointment.objects.create(case=case, stage=stage, kind=kind, **{"title": "Demo produk", **given, **fields})
    settling.settle(case)
    return made


def pic_of(case: Case, *permissions: str, key: str = "", **fields) -> User:
    """Somebody who looks after the current stage, or the one with that key."""
    person = factories.onboarding_pic("onboarding.view_case", *permissions, **fields)
    stage = case.stages.get(key=key) if key else case.stages.get(status="current")
    pics.replace(stage, person, None)
    settling.settle(case)
    return person
