"""Cases at several stages, of customers of every kind: begun by an order of billing's demo, or by hand for a lead."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from accounts import demo as people
from accounts.models import Customer, Membership
from billing import ordering
from billing.demo import orders
from catalog.selection import Selection
from onboarding import member_roles, opening
from onboarding.demo import steps
from onboarding.demo.past import move_into_the_past
from onboarding.demo.products import product
from onboarding.demo.steps import PIC, SALES, SPECIALIST, Kind, Step
from onboarding.models import Case, ProductRole

NAMESPACE = uuid.UUID("b5e4f8a2-0a3c-4d53-8c63-4f0a2a4f9e11")
SARI, ARIF, RINA, ALEX = (
    "sari@sinarkopi.example",
    "arif@batiklestari.example",
    "rina@contoh.example",
    "alex@island.example",
)
CALL, SALES_CALL = "initial_call", "Panggilan awal"

# How many days ago, and what happened then.
Then = tuple[int, Step]


@dataclass(frozen=True)
class Story:
    """Whose onboarding of what, since how many days, and how it went. ``order`` names a story of billing's demo; without
    one it is opened by hand, for a lead.
    """

    key: str
    customer: dict
    product: str
    days_ago: int
    then: Sequence[Then]
    order: str = ""


TALENTA_ANSWERS = {
    "employees": "60",
    "first_payroll": "2026-12-25",
    "attendance": "Ponsel",
    "overtime": "yes",
    "allowances": "Transport: Rp25.000 per hari hadir\nMakan: Rp20.000 per hari hadir",
    "approval": "Atasan langsung, lalu HR",
}

STORIES = [
    # Live, with reviews (M10).
    Story(
        "talenta-live",
        people.BATIK,
        "talenta",
        45,
        [
            (44, steps.assign(SALES)),
            (44, steps.meet(SALES, CALL, SALES_CALL, -42, 10, kind=Kind.CALL)),
            (41, steps.held(SALES, SALES_CALL, "Kebutuhan: penggajian dan absensi untuk 60 karyawan.")),
            (41, steps.meet(SALES, "sales_meeting", "Demo Talenta", -39, 13)),
            (37, steps.assign(SPECIALIST, "requirement_gathering")),
            (37, steps.held(SALES, "Demo Talenta", "Fitur absensi lewat ponsel cocok untuk toko.")),
            (35, steps.fill_in(ARIF, TALENTA_ANSWERS, submit=True)),
            (34, steps.sign(ARIF, "urd")),
            (33, steps.meet(SPECIALIST, "training", "Sesi 1: Data karyawan", -29, 9, kind=Kind.TRAINING, hours=2)),
            (33, steps.meet(SPECIALIST, "training", "Sesi 2: Penggajian", -26, 9, kind=Kind.TRAINING, hours=2)),
            (32, steps.share(
                SPECIALIST, "Materi sesi 1", "materi-sesi-1.txt",
                "Data karyawan: jabatan, kontrak, BPJS.\nLatihan: tambahkan tiga karyawan.\n",
                session="Sesi 1: Data karyawan",
            )),
            (28, steps.held(SPECIALIST, "Sesi 1: Data karyawan", "60 karyawan sudah diunggah.")),
            (24, steps.held(SPECIALIST, "Sesi 2: Penggajian", "Perhitungan bulan lalu sama dengan manual.")),
            (22, steps.rate(ARIF, "training", 5, "Pelatihnya sabar dan contohnya dari toko kami sendiri.")),
            (21, steps.go_live(SPECIALIST)),
            (20, steps.rate(ARIF, "go_live", 4, "Lancar, hanya mesin sidik jari perlu diatur ulang.")),
            (19, steps.meet(
                SPECIALIST, "post_activation", "Adoption review", -6, 10, kind=Kind.ADOPTION_REVIEW,
            )),
            (19, steps.meet(
                SPECIALIST, "post_activation", "Business review kuartal 1", 40, 10, kind=Kind.BUSINESS_REVIEW,
            )),
            (3, steps.held(
                SPECIALIST, "Adoption review", "54 dari 60 karyawan absen lewat ponsel. Cuti masih dicatat di kertas."
            )),
        ],
        order="talenta-live",
    ),
    # In training, in English, in another time zone.
    Story(
        "talenta-training",
        people.ENGLISH,
        "talenta",
        30,
        [
            (29, steps.assign(SALES)),
            (29, steps.meet(SALES, CALL, "Initial call", -27, 10, kind=Kind.CALL)),
            (25, steps.held(SALES, "Initial call", "Payroll for 25 employees in two villas.")),
            (24, steps.skip(SALES, "Sudah memakai Talenta di perusahaan sebelumnya.")),
            (24, steps.assign(SPECIALIST)),
            (20, steps.fill_in(
                ALEX,
                TALENTA_ANSWERS | {
                    "employees": "25", "overtime": "no", "approval": "Villa manager",
                    "allowances": "Service charge: shared equally each month",
                },
                submit=True,
            )),
            (19, steps.sign(ALEX, "urd")),
            (18, steps.meet(SPECIALIST, "training", "Session 1: Employee data", -6, 9, kind=Kind.TRAINING, hours=2)),
            (18, steps.meet(SPECIALIST, "training", "Session 2: Attendance", 1, 9, kind=Kind.TRAINING, hours=2)),
            (18, steps.meet(
                SPECIALIST, "training", "Session 3: Payroll", 5, 13, kind=Kind.TRAINING, hours=2, place="Kantor Badung",
            )),
            (3, steps.held(SPECIALIST, "Session 1: Employee data", "All 25 employees are in.")),
            (2, steps.write(SPECIALIST, "Please bring **last month's timesheets** to session 2.")),
        ],
        order="talenta-training",
    ),
    # The customer's turn: the requirement form is half filled in.
    Story(
        "jurnal-requirements",
        people.COFFEE,
        "jurnal",
        21,
        [
            (20, steps.assign(SALES)),
            (20, steps.meet(SALES, CALL, SALES_CALL, -18, 10, kind=Kind.CALL)),
            (15, steps.held(SALES, SALES_CALL, "Persediaan biji kopi di dua gudang.")),
            (15, steps.meet(SALES, "sales_meeting", "Demo Jurnal", -10, 14)),
            (7, steps.assign(PIC, "requirement_gathering")),
            (4, steps.held(SALES, "Demo Jurnal")),
            (2, steps.write(PIC, "Formulir kebutuhan sudah dibuka. Isi sebisanya, **sisanya kita bahas bersama**.")),
            (1, steps.fill_in(SARI, {"transactions": "350", "current_system": "Lembar kerja"})),
            (1, steps.note(PIC, "Gudang kedua belum pasti ikut. Tanyakan saat membahas URD.")),
        ],
        order="jurnal-requirements",
    ),
    # Just ordered: nobody looks after it yet.
    Story("talenta-new", people.COFFEE, "talenta", 1, [], order="awaiting-activation"),
    # A call is agreed for tomorrow.
    Story(
        "jurnal-call",
        people.PERSON,
        "jurnal",
        2,
        [
            (1, steps.assign(SALES)),
            (1, steps.meet(SALES, CALL, SALES_CALL, 1, 10, kind=Kind.CALL)),
        ],
        order="partially-paid",
    ),
    # A lead that decided against it during the first call (M1c).
    Story(
        "jurnal-stopped",
        people.BATIK,
        "jurnal",
        16,
        [
            (15, steps.meet(SALES, CALL, SALES_CALL, -13, 10, kind=Kind.CALL)),
            (10, steps.stop(SALES, "Anggaran tahun ini sudah habis. Hubungi lagi di bulan Maret.")),
            (10, steps.held(SALES, SALES_CALL)),
        ],
    ),
    # A quotation waits to be signed (M5).
    Story(
        "talenta-quotation",
        people.PERSON,
        "talenta",
        12,
        [
            (11, steps.meet(SALES, CALL, SALES_CALL, -9, 10, kind=Kind.CALL)),
            (7, steps.held(SALES, SALES_CALL)),
            (6, steps.skip(SALES, "Demo sudah ditonton di pameran.")),
            (3, steps.quote(SALES, Selection(cycle="monthly", options={"employees": 10, "recruitment": False}), 17)),
        ],
    ),
    # Signed today: the order and its invoice are there, and wait to be paid (M6).
    Story(
        "jurnal-payment",
        people.ENGLISH,
        "jurnal",
        14,
        [
            (13, steps.meet(SALES, CALL, "Initial call", -11, 10, kind=Kind.CALL)),
            (8, steps.held(SALES, "Initial call", "Books for two companies, in English.")),
            (8, steps.meet(SALES, "sales_meeting", "Jurnal demo", -6, 15)),
            (3, steps.held(SALES, "Jurnal demo")),
            (2, steps.quote(SALES, Selection(cycle="annually", options={"package": "plus", "users": 5}), 16)),
            (0, steps.sign(ALEX, "quotation")),
        ],
    ),
]  # fmt: skip

# Customer, product, member's address, role: who may and may not follow the onboarding.
ROLES = [
    (people.COFFEE, "jurnal", "adi@sinarkopi.example", "ultimate"),
    (people.COFFEE, "jurnal", "dewi@sinarkopi.example", "accountant"),
    (people.COFFEE, "talenta", "tia@sinarkopi.example", "employee"),
]


def load() -> None:
    """Tell every story that was not told yet."""
    for story in STORIES:
        if _found(story) is None:
            with transaction.atomic():
                _tell(story)
    for fields, slug, address, key in ROLES:
        _give(fields, slug, address, key)


def _customer(fields: dict) -> Customer:
    return Customer.objects.get(name=fields["name"])


def _key(story: Story) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, story.key)


def _found(story: Story) -> Case | None:
    if not story.order:
        return Case.objects.filter(submission_key=_key(story)).first()
    return Case.objects.filter(service__order__checkout_key=orders.key_of(story.order)).first()


def _tell(story: Story) -> None:
    case = _open(story)
    left = story.days_ago
    for days_ago, step in story.then:
        move_into_the_past(case, timedelta(days=left - days_ago))
        left = days_ago
        case = Case.objects.get(pk=case.pk)
        step(case, timedelta(days=days_ago))
    move_into_the_past(case, timedelta(days=left))
    _paid_when_it_was(case)


def _open(story: Story) -> Case:
    if not story.order:
        return opening.open_by_hand(
            customer=_customer(story.customer),
            product=product(story.product),
            actor=steps.staff(SALES),
            key=_key(story),
        )
    order = ordering.find(orders.key_of(story.order))
    [case] = opening.open_for_order(order=order, actor=order.placed_by)
    return case


def _paid_when_it_was(case: Case) -> None:
    """Orders of billing's demo were moved into the past before their case was opened."""
    case.refresh_from_db()
    if case.service and case.service.order.invoice.paid_at:
        paid = case.stages.filter(key="invoice_payment", status="done")
        paid.update(done_at=case.service.order.invoice.paid_at)


def _give(fields: dict, slug: str, address: str, key: str) -> None:
    """Only who has no role yet: what was changed since stays."""
    member = Membership.objects.get(customer=_customer(fields), user__email=address)
    of = product(slug)
    if not member.product_roles.filter(product=of).exists():
        role = ProductRole.objects.get(product=of, key=key)
        member_roles.give(membership=member, product=of, role=role, actor=steps.person(SARI))
