"""How Jurnal and Talenta are introduced: stages with their teams, questions, roles; and who the customer meets."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from catalog.models import Product
from onboarding import standard
from onboarding.models import ProductRole, RequirementField, StaffContact, StageKey, Template, TemplateStage

# Sales meets the customer, quotes and looks after the payment; then a specialist takes over (M7).
SALES_STAGES = (StageKey.INITIAL_CALL, StageKey.SALES_MEETING, StageKey.QUOTATION, StageKey.INVOICE_PAYMENT)
SALES, SPECIALISTS = "Penjualan", "PIC"

Kind = RequirementField.Kind


@dataclass(frozen=True)
class Question:
    """``label`` and ``help`` in Indonesian and English; ``choices`` one per line."""

    key: str
    kind: str
    label: tuple[str, str]
    help: tuple[str, str] = ("", "")
    choices: str = ""
    required: bool = True


# Role, names, whether it sees the onboarding and signs (M1b).
Role = tuple[str, tuple[str, str], bool]

JURNAL_ROLES: Sequence[Role] = [
    ("owner", ("Owner", "Owner"), True),
    ("ultimate", ("Ultimate", "Ultimate"), True),
    ("accountant", ("Accountant", "Accountant"), False),
    ("sales", ("Sales", "Sales"), False),
]
TALENTA_ROLES: Sequence[Role] = [
    ("super_admin", ("Super Admin", "Super Admin"), True),
    ("admin", ("Admin", "Admin"), True),
    ("employee", ("Karyawan", "Employee"), False),
]

JURNAL_QUESTIONS = [
    Question("start_date", Kind.DATE, ("Tanggal mulai pencatatan di Jurnal", "First day of bookkeeping in Jurnal")),
    Question(
        "current_system",
        Kind.CHOICE,
        ("Pencatatan saat ini", "How you keep your books today"),
        choices="Lembar kerja | Spreadsheets\nPerangkat lunak lain | Other software\nBelum ada | None yet",
    ),
    Question("transactions", Kind.NUMBER, ("Jumlah transaksi per bulan", "Transactions per month")),
    Question(
        "tax_invoices",
        Kind.YES_NO,
        ("Apakah perusahaan Anda PKP?", "Is your company registered for VAT (PKP)?"),
        ("PKP menerbitkan faktur pajak lewat e-Faktur.", "If so, it issues tax invoices through e-Faktur."),
    ),
    Question(
        "opening_balances",
        Kind.LONG_TEXT,
        ("Saldo awal yang perlu dipindahkan", "Opening balances to bring along"),
        ("Contoh: kas, bank, piutang, utang, persediaan.", "Such as cash, bank, receivables, payables, inventory."),
    ),
    Question("branches", Kind.TEXT, ("Cabang atau gudang", "Branches or warehouses"), required=False),
]
TALENTA_QUESTIONS = [
    Question("employees", Kind.NUMBER, ("Jumlah karyawan", "Number of employees")),
    Question("first_payroll", Kind.DATE, ("Penggajian pertama di Talenta", "First payroll in Talenta")),
    Question(
        "attendance",
        Kind.CHOICE,
        ("Cara absensi", "How attendance is recorded"),
        choices="Ponsel | Phone\nMesin sidik jari | Fingerprint machine\nKeduanya | Both",
    ),
    Question("overtime", Kind.YES_NO, ("Apakah lembur dibayar?", "Is overtime paid?")),
    Question(
        "allowances",
        Kind.LONG_TEXT,
        ("Tunjangan dan potongan", "Allowances and deductions"),
        ("Satu per baris, dengan cara hitungnya.", "One per line, with how each is computed."),
    ),
    Question(
        "approval",
        Kind.TEXT,
        ("Siapa yang menyetujui cuti?", "Who approves leave?"),
        ("Contoh: atasan langsung, lalu HR.", "Such as the direct manager, then HR."),
        required=False,
    ),
]

# Address, title, telephone (from the range of numbers that nobody has).
CONTACTS = [
    ("penjualan@nusa.example", ("Konsultan penjualan", "Sales consultant"), "+628000000101"),
    ("pic@nusa.example", ("Spesialis implementasi", "Implementation specialist"), "+628000000102"),
    ("spesialis@nusa.example", ("Spesialis HR dan penggajian", "HR and payroll specialist"), "+628000000103"),
]


def product(slug: str) -> Product:
    return Product.objects.get(group__slug="mekari", slug=slug)


@transaction.atomic
def load() -> None:
    _load_product(product("jurnal"), JURNAL_ROLES, JURNAL_QUESTIONS)
    _load_product(product("talenta"), TALENTA_ROLES, TALENTA_QUESTIONS)
    for address, (title_id, title_en), number in CONTACTS:
        person = User.objects.filter(email=address).first()
        if person is not None:
            fields = {"title_id": title_id, "title_en": title_en, "phone": number, "whatsapp": number}
            StaffContact.objects.get_or_create(user=person, defaults=fields)


def _load_product(of: Product, roles: Sequence[Role], questions: Sequence[Question]) -> None:
    template, is_new = Template.objects.get_or_create(product=of)
    if not is_new:
        return
    teams = {name: Group.objects.filter(name=name).first() for name in (SALES, SPECIALISTS)}
    for row in standard.stages():
        team = teams[SALES if row["key"] in SALES_STAGES else SPECIALISTS]
        TemplateStage.objects.create(template=template, pic_group=team, **row)
    for sort, question in enumerate(questions):
        RequirementField.objects.create(
            template=template,
            key=question.key,
            kind=question.kind,
            label_id=question.label[0],
            label_en=question.label[1],
            help_id=question.help[0],
            help_en=question.help[1],
            choices=question.choices,
            required=question.required,
            sort=sort,
        )
    for sort, (key, (name_id, name_en), opens) in enumerate(roles):
        ProductRole.objects.get_or_create(
            product=of,
            key=key,
            defaults={
                "name_id": name_id, "name_en": name_en, "sees_tracker": opens, "signs": opens, "sort": sort,
            },
        )  # fmt: skip
