"""Documents, quotations and requirement forms for tests, made by the services."""

import io
import uuid
from datetime import timedelta

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from pypdf import PdfReader

from accounts.models import User
from billing import uploads
from billing.models import PaymentMethod
from billing.uploads import AcceptedFile
from catalog.selection import Selection
from onboarding import documents, papers, quoting, requirements, signing
from onboarding.models import Case, Document, DocumentVersion, Quotation, Requirement, Signature
from tests import factories
from tests.billing.shop import picture

FIELDS = [
    {"key": "employees", "kind": "number", "label_id": "Jumlah karyawan", "label_en": "Employees", "help_id": "",
     "help_en": "", "choices": "", "required": True},
    {"key": "starts_on", "kind": "date", "label_id": "Mulai dipakai", "label_en": "Starts on", "help_id": "",
     "help_en": "", "choices": "", "required": True},
    {"key": "payroll", "kind": "choice", "label_id": "Penggajian", "label_en": "Payroll", "help_id": "", "help_en": "",
     "choices": "Bulanan | Monthly\nMingguan | Weekly", "required": True},
    {"key": "import_data", "kind": "yes_no", "label_id": "Data lama dipindahkan", "label_en": "Move old data",
     "help_id": "", "help_en": "", "choices": "", "required": True},
    {"key": "contact", "kind": "text", "label_id": "Narahubung", "label_en": "Contact", "help_id": "Nama lengkap",
     "help_en": "Full name", "choices": "", "required": True},
    {"key": "wishes", "kind": "long_text", "label_id": "Catatan", "label_en": "Wishes", "help_id": "", "help_en": "",
     "choices": "", "required": False},
]  # fmt: skip

ANSWERS = {
    "employees": "25",
    "starts_on": "2026-12-01",
    "payroll": "Bulanan",
    "import_data": "yes",
    "contact": "Sari Dewi",
    "wishes": "",
}


def paper(words: str = "Kontrak", name: str = "kontrak.pdf") -> AcceptedFile:
    """A small file that is taken for a PDF where nobody looks into it."""
    return papers.as_file(name, b"%PDF-1.7\n" + words.encode())


def sent_picture(colour: str = "white") -> AcceptedFile:
    """A photo of the signed paper."""
    return uploads.accept(picture(colour, "ditandatangani.png"))


def share(case: Case, actor: User | None = None, *, words: str = "Kontrak", key: str = "", **fields) -> Document:
    """With ``key`` it belongs to that stage; it needs a signature unless said otherwise."""
    stage = case.stages.get(key=key) if key else None
    defaults = {"kind": "contract", "title": "Kontrak layanan", "needs_signature": True, "stage": stage}
    return documents.share(case=case, file=paper(words), actor=actor, **{**defaults, **fields})


def sign(document: Document, signer: User, **fields) -> Signature:
    defaults = {"version": documents.newest_version(document).number, "name": "Sari Dewi", "ip_address": "192.0.2.7"}
    return signing.sign_by_name(document=fresh(document), signer=signer, **{**defaults, **fields})


def send_signed(document: Document, signer: User, **fields) -> Signature:
    defaults = {
        "version": documents.newest_version(document).number,
        "name": "Sari Dewi",
        "ip_address": "192.0.2.7",
        "file": sent_picture(),
    }
    return signing.sign_by_upload(document=fresh(document), signer=signer, **{**defaults, **fields})


def newer(document: Document, actor: User, words: str = "Kontrak, versi baru", **fields) -> DocumentVersion:
    defaults = {"seen": documents.newest_version(document).number}
    return documents.add_version(document=fresh(document), file=paper(words), actor=actor, **{**defaults, **fields})


def quote(case: Case, actor: User, *, key: uuid.UUID | None = None, **fields) -> Quotation:
    defaults = {
        "items": [(case.product_id, Selection(cycle="monthly"))],
        "payment_method": PaymentMethod.objects.first() or factories.bank_account().method,
        "valid_until": timezone.localdate() + timedelta(days=14),
    }
    proposal = quoting.Proposal(**{**defaults, **fields})
    return quoting.make(case=fresh(case), proposal=proposal, actor=actor, key=key or uuid.uuid4())


def revise(quotation: Quotation, actor: User, *, seen: int | None = None, **fields) -> Quotation:
    defaults = {
        "items": quoting.choices(quotation),
        "payment_method": quotation.payment_method,
        "valid_until": quotation.valid_until,
    }
    seen = documents.newest_version(quotation.document).number if seen is None else seen
    proposal = quoting.Proposal(**{**defaults, **fields})
    return quoting.revise(quotation=fresh(quotation), proposal=proposal, actor=actor, seen=seen)


def form_of(case: Case, **fields) -> Requirement:
    return Requirement.objects.create(case=case, **{"fields": FIELDS, **fields})


def submit(requirement: Requirement, actor: User, **answers) -> Document:
    return requirements.submit(
        requirement=requirement, answers={**ANSWERS, **answers}, actor=actor, seen=requirement.saved_at
    )


def fresh(thing):
    return type(thing).objects.get(pk=thing.pk)


def upload(content: bytes, name: str = "kontrak.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def words_of(version: DocumentVersion) -> str:
    """What a version's PDF says."""
    with version.file.open("rb") as file:
        pages = PdfReader(io.BytesIO(file.read())).pages
        return " ".join(" ".join(page.extract_text() for page in pages).split())


def stored(folder: str = "documents") -> int:
    """How many files lie in the storage."""
    from django.core.files.storage import default_storage

    try:
        return len(default_storage.listdir(f"onboarding/{folder}")[1])
    except FileNotFoundError:
        return 0


def kinds(case: Case) -> list[str]:
    """What its customer was told, in order."""
    return list(case.changes.order_by("pk").values_list("kind", flat=True))
