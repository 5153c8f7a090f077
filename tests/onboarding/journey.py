"""A case as its customer meets it, made of bare rows: eight stages, one of them current."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.core.files.base import ContentFile

from accounts.models import Customer, User
from catalog.models import Product
from onboarding.models import (
    Appointment,
    Case,
    Document,
    MemberRole,
    PicAssignment,
    ProductRole,
    StaffContact,
    Stage,
    StageKey,
)  # fmt: skip
from tests import factories

JAKARTA = ZoneInfo("Asia/Jakarta")
# A picture of one dot.
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e3660000000049454e44ae426082"
)
START = datetime(2026, 11, 2, 9, 0, tzinfo=JAKARTA)

# Key, name, English, text, completion.
STAGES = [
    (StageKey.INITIAL_CALL, "Panggilan awal", "Initial call", "PIC menghubungi Anda.", "events_done"),
    (StageKey.SALES_MEETING, "Pertemuan dengan tim {company}", "Meeting with {company}", "Demo produk.", "events_done"),
    (StageKey.QUOTATION, "Penawaran", "Quotation", "Tanda tangani penawaran.", "document_signed"),
    (StageKey.INVOICE_PAYMENT, "Pembayaran tagihan", "Invoice payment", "Bayar tagihan.", "invoice_paid"),
    (StageKey.REQUIREMENT_GATHERING, "Pengumpulan kebutuhan", "Requirement gathering", "Isi formulir.", "document_signed"),
    (StageKey.TRAINING, "Sesi pelatihan", "Training session", "Sesi untuk admin dan karyawan.", "events_done"),
    (StageKey.GO_LIVE, "Go live", "Go live", "Produk siap dipakai.", "service_active"),
    (StageKey.POST_ACTIVATION, "Pasca-aktivasi", "Post-activation", "Review berkala.", "by_hand"),
]  # fmt: skip


def product_with_roles(**fields) -> Product:
    """Owner and Ultimate see and sign, Accountant does neither."""
    made = factories.product(**{"name_id": "Jurnal Plus", "name_en": "Jurnal Plus", **fields})
    for sort, (key, opens) in enumerate({"owner": True, "ultimate": True, "accountant": False}.items()):
        ProductRole.objects.create(
            product=made, key=key, name_id=key.title(), sees_tracker=opens, signs=opens, sort=sort
        )
    return made


def give(customer: Customer, person: User, product: Product, key: str) -> MemberRole:
    role = ProductRole.objects.get(product=product, key=key)
    return MemberRole.objects.create(membership=customer.memberships.get(user=person), product=product, role=role)


def case_at(key: str, customer: Customer, product: Product, **fields) -> Case:
    """A case whose stages before ``key`` were done a day after each other; every later one is expected by its day."""
    defaults = {"name_id": product.name_id, "name_en": product.name_en, "stage_key": key, "opened_at": START}
    made = Case.objects.create(customer=customer, product=product, **{**defaults, **fields})
    place = [row[0] for row in STAGES].index(key)
    for number, (stage_key, name_id, name_en, text, completion) in enumerate(STAGES):
        status = "done" if number < place else "current" if number == place else "upcoming"
        Stage.objects.create(
            case=made, key=stage_key, name_id=name_id, name_en=name_en, text_id=text, completion=completion,
            sort=number, status=status, entered_at=START + timedelta(days=number) if number <= place else None,
            done_at=START + timedelta(days=number + 1) if number < place else None,
            due_on=date(2026, 11, 10) + timedelta(days=5 * number),
        )  # fmt: skip
    return made


def assign(case: Case, person: User, *, key: str = "", since: datetime = START, until: datetime | None = None) -> None:
    stage = case.stages.get(key=key or case.stage_key)
    PicAssignment.objects.create(stage=stage, pic=person, started_at=since, ended_at=until)
    if until is None and stage.key == case.stage_key:
        Case.objects.filter(pk=case.pk).update(pic=person)
        case.refresh_from_db()


def contact(person: User, **fields) -> StaffContact:
    defaults = {"title_id": "PIC Implementasi", "title_en": "Implementation PIC", "phone": "+6281234567890"}
    return StaffContact.objects.create(user=person, **{"whatsapp": "+6281234567890", **defaults, **fields})


def appointment(case: Case, key: str, starts_at: datetime, *, hours: int = 2, **fields) -> Appointment:
    defaults = {"kind": "training", "title": "Sesi 1: Pengaturan data", "link": "https://meet.example.com/abc"}
    return Appointment.objects.create(
        case=case, stage=case.stages.get(key=key), starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours),
        **{**defaults, **fields},
    )  # fmt: skip


def document(case: Case, key: str, **fields) -> Document:
    defaults = {"kind": "other", "title": "Panduan", "status": "shared"}
    return Document.objects.create(case=case, stage=case.stages.get(key=key), **{**defaults, **fields})


def contact_with_photo(person: User) -> StaffContact:
    made = contact(person, photo_type="image/png", photo_size=len(PIXEL))
    made.photo.save("foto.png", ContentFile(PIXEL))
    return made
