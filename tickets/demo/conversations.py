"""Tickets in every state, of people of every kind; each has a form's key of its own, so that it is opened once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db import transaction

from accounts import demo as people
from accounts.models import Customer
from billing.confirmations import Transfer
from billing.demo import orders
from billing.demo import steps as billing_steps
from billing.models import BankAccount, Invoice, Order, Service
from tickets import opening, payments
from tickets.demo import steps
from tickets.demo.departments import BILLING, GENERAL, SALES, SUPPORT
from tickets.demo.past import move_into_the_past
from tickets.demo.steps import Step
from tickets.models import Department, Priority, Ticket

NAMESPACE = uuid.UUID("2f0f0f1c-6f86-4a53-9d6b-0f1c5b0f7a11")
SARI, ADI, DEWI, BAGUS = (f"{name}@sinarkopi.example" for name in ("sari", "adi", "dewi", "bagus"))
ARIF, RINA, ALEX = "arif@batiklestari.example", "rina@contoh.example", "alex@island.example"
SUPPORTER, BOOKKEEPER = "dukungan", "keuangan"

# How long after what came before, and what happened then.
Turn = tuple[timedelta, Step]


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def _days(count: int) -> timedelta:
    return timedelta(days=count)


@dataclass(frozen=True)
class Story:
    """Who asked what, how it went on, and how long ago the last of it was. ``order`` names a story of billing's demo."""

    key: str
    opener: str
    customer: dict | None
    department: str
    subject: str
    body: str
    then: Sequence[Turn] = ()
    ago: timedelta = timedelta()
    order: str = ""
    about: Sequence[str] = ()
    priority: int = Priority.NORMAL
    files: Sequence[str] = field(default_factory=tuple)
    pays: bool = False


def key_of(story: str) -> uuid.UUID:
    return uuid.uuid5(NAMESPACE, story)


STORIES = [
    Story(
        "renewed-certificate",
        SARI,
        people.COFFEE,
        SUPPORT,
        "Sertifikat SSL kedaluwarsa",
        "Peramban memperingatkan bahwa sertifikat **sinarkopi.id** kedaluwarsa. Mohon diperbarui.",
        [
            (_minutes(35), steps.answer(SUPPORTER, "Sertifikat sudah kami perbarui. Mohon dicoba lagi.")),
            (_minutes(20), steps.ask(SARI, "Sudah normal, terima kasih banyak!")),
            (_minutes(10), steps.close(SUPPORTER)),
            (_minutes(90), steps.rate(SARI, good=True, comment="Cepat sekali.")),
        ],
        _days(12),
        order="hosting-paid",
        about=["service"],
    ),
    Story(
        "slow-answer",
        ARIF,
        people.BATIK,
        SUPPORT,
        "Server lambat sejak pagi",
        "Halaman admin toko kami perlu lebih dari 20 detik untuk terbuka.",
        [
            (_minutes(340), steps.answer(SUPPORTER, "Maaf menunggu. Proses cadangan yang macet sudah kami hentikan.")),
            (_minutes(60), steps.close_as_customer(ARIF)),
            (_minutes(2), steps.rate(ARIF, good=False, comment="Jawabannya terlalu lama.")),
        ],
        _days(9),
        order="maintenance-suspended",
        about=["service"],
        priority=Priority.HIGH,
    ),
    Story(
        "tax-invoice",
        DEWI,
        people.COFFEE,
        BILLING,
        "Faktur pajak bulan lalu",
        "Mohon kirim faktur pajak untuk tagihan ini, NPWP sudah kami lengkapi di profil.",
        [
            (_minutes(50), steps.take(BOOKKEEPER)),
            (_minutes(5), steps.note(BOOKKEEPER, "Menunggu nomor seri dari bagian pajak, perkiraan besok.")),
            (_minutes(1), steps.status(BOOKKEEPER, Ticket.Status.ON_HOLD)),
        ],
        _days(1),
        order="backup-active",
        about=["invoice"],
    ),
    Story(
        "backup-failed",
        BAGUS,
        people.COFFEE,
        SUPPORT,
        "Pencadangan gagal sejak semalam",
        "Sejak semalam status pencadangan **gagal** untuk 3 akun. Log terlampir.\n\n- akun1@sinarkopi.example\n"
        "- akun2@sinarkopi.example\n- akun3@sinarkopi.example",
        [
            (_minutes(25), steps.note(SUPPORTER, "Token tenant kedaluwarsa, sama seperti kasus bulan lalu.")),
            (
                _minutes(3),
                steps.answer(
                    SUPPORTER,
                    "Terima kasih. Token akses tenant kedaluwarsa. Mohon setujui ulang di halaman layanan, "
                    "lalu kami jalankan pencadangan manual.",
                ),
            ),
        ],
        _minutes(70),
        order="backup-active",
        about=["service"],
        priority=Priority.HIGH,
        files=["log"],
    ),
    Story(
        "more-accounts",
        ADI,
        people.COFFEE,
        SALES,
        "Menambah 15 akun pencadangan",
        "Kami akan menambah 15 karyawan bulan depan. Bagaimana cara menambah akun, dan berapa biayanya?",
        [
            (
                _minutes(45),
                steps.answer("dukungan", "Tentu. Akun dapat ditambah kapan saja; biayanya dihitung per bulan."),
            ),
            (_minutes(30), steps.see(ADI)),
            (_minutes(5), steps.ask(ADI, "Apakah ada potongan untuk pembayaran tahunan?")),
        ],
        _minutes(40),
        order="backup-active",
        about=["service"],
    ),
    Story(
        "move-mailboxes",
        ALEX,
        people.ENGLISH,
        SUPPORT,
        "Moving our mailboxes",
        "We would like to move 12 mailboxes from our old provider. Could you do this over a weekend?",
        [
            (
                _minutes(30),
                steps.answer(
                    SUPPORTER,
                    "Yes, we can. We have started to copy the mailboxes and will report when they are in step.",
                    Ticket.Status.IN_PROGRESS,
                ),
            ),
        ],
        _minutes(200),
    ),
    Story(
        "site-down",
        SARI,
        people.COFFEE,
        SUPPORT,
        "Situs tidak dapat dibuka",
        "Situs kami menampilkan *502 Bad Gateway* sejak pagi ini. Mohon segera dibantu.",
        [],
        _minutes(15),
        order="hosting-paid",
        about=["service"],
        priority=Priority.URGENT,
    ),
    Story(
        "site-down-again",
        ADI,
        people.COFFEE,
        SUPPORT,
        "sinarkopi.id mati",
        "Rekan kami mungkin sudah melapor: sinarkopi.id tidak dapat dibuka.",
        [(_minutes(6), steps.merge_into(SUPPORTER, key_of("site-down")))],
        order="hosting-paid",
        about=["service"],
    ),
    Story(
        "forgotten",
        RINA,
        people.PERSON,
        GENERAL,
        "Mengganti alamat penagihan",
        "Saya pindah kota. Di mana saya mengganti alamat di tagihan?",
        [],
        _days(4),
    ),
    Story(
        "paid-by-ticket",
        RINA,
        people.PERSON,
        BILLING,
        "Konfirmasi pembayaran",
        "Saya sudah transfer sesuai tagihan, bukti terlampir.",
        [(_minutes(30), steps.approve(BOOKKEEPER))],
        order="paid-by-ticket",
        about=["invoice"],
        pays=True,
    ),
    Story(
        "confirmed-by-ticket",
        DEWI,
        people.BATIK,
        BILLING,
        "Sudah transfer lewat BCA",
        "Terlampir bukti transfer untuk tagihan ini. Mohon diverifikasi.",
        ago=_minutes(20),
        order="confirmed-by-ticket",
        about=["invoice"],
        pays=True,
    ),
    Story(
        "proof-without-form",
        SARI,
        people.COFFEE,
        BILLING,
        "Bukti transfer",
        "Ini bukti transfer kami untuk tagihan terakhir.",
        ago=_minutes(25),
        order="unpaid",
        about=["invoice"],
        files=["proof"],
    ),
    Story(
        "before-ordering",
        people.PROSPECT[1],
        None,
        SALES,
        "Paket untuk toko daring kecil",
        "Saya baru mulai berjualan. Paket mana yang cocok untuk sekitar 50 produk?",
        ago=_minutes(50),
    ),
]


def load() -> None:
    for story in STORIES:
        if not Ticket.objects.filter(submission_key=key_of(story.key)).exists():
            with transaction.atomic():
                _tell(story)


def _tell(story: Story) -> None:
    ticket = _open(story)
    for pause, step in story.then:
        move_into_the_past(ticket, pause)
        ticket.refresh_from_db()
        step(ticket)
        ticket.refresh_from_db()
    move_into_the_past(ticket, story.ago)


def _open(story: Story) -> Ticket:
    customer = story.customer and Customer.objects.get(name=story.customer["name"])
    actor = steps.person(story.opener)
    invoice, service = _related(story)
    question = opening.Question(
        customer=customer,
        department=Department.objects.get(slug=story.department),
        subject=story.subject,
        language=actor.language,
        priority=story.priority,
        service=service,
        invoice=invoice,
    )
    fields = {"actor": actor, "question": question, "body": story.body, "submission_key": key_of(story.key)}
    if story.pays:
        proof = billing_steps.proof(invoice, invoice.total)
        return payments.open_with_confirmation(**fields, transfer=_transfer(invoice), files=[proof])
    return opening.open_ticket(**fields, files=[_file(kind, story) for kind in story.files])


def _related(story: Story) -> tuple[Invoice | None, Service | None]:
    if not story.order:
        return None, None
    order = Order.objects.select_related("invoice").get(checkout_key=orders.key_of(story.order))
    service = order.services.filter(parent=None).order_by("pk").first() if "service" in story.about else None
    return order.invoice if "invoice" in story.about else None, service


def _file(kind: str, story: Story):
    if kind == "log":
        return steps.log_file()
    invoice, _service = _related(story)
    return billing_steps.proof(invoice, invoice.total)


def _transfer(invoice: Invoice) -> Transfer:
    return Transfer(
        bank_account=BankAccount.objects.order_by("sort")[0],
        sender_bank="Bank Contoh",
        sender_number="0001112223",
        sender_name=invoice.buyer["name"][:120],
        transferred_on=invoice.issued_on,
        amount=invoice.total,
    )
