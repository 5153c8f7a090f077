"""What happened, in words for customers: the lines of emails, digests and of the tracker's news.

Made of what customers see on their pages. The histories of staff, with their notes and reasons, are not read here.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts import dates
from accounts.models import User
from onboarding import signing
from onboarding.models import Appointment, Case, Change, Document, Stage
from onboarding.tracker import with_company

Kind = Change.Kind
# What a reader should learn first, where several things changed at once.
WEIGHT = (
    Kind.STOPPED,
    Kind.REOPENED,
    Kind.LIVE,
    Kind.OPENED,
    Kind.SIGNATURE_REFUSED,
    Kind.DOCUMENT,
    Kind.REQUIREMENTS_ASKED,
    Kind.UNPAID,
    Kind.PAID,
    Kind.RECEIVED,
    Kind.SIGNED,
    Kind.CANCELLED,
    Kind.RESCHEDULED,
    Kind.SCHEDULED,
    Kind.MISSED,
    Kind.STAGE,
    Kind.UPDATE,
    Kind.REQUIREMENTS,
    Kind.APPOINTMENT_DONE,
    Kind.PIC,
    Kind.WITHDRAWN,
    Kind.DUE,
)
_RELATED = ("case", "stage", "appointment__case", "document__quotation", "update__author")


@dataclass(frozen=True)
class News:
    """``title`` is one line; ``details`` are short facts; ``body`` is Markdown that staff wrote for the customer.

    ``meeting`` is where an appointment takes place online.
    """

    kind: str
    title: str
    at: datetime
    details: tuple[str, ...] = ()
    body: str = ""
    meeting: str = ""


def with_everything(changes: QuerySet[Change]) -> QuerySet[Change]:
    """The changes with what their words are made of, in one query."""
    before = Change.objects.filter(document=OuterRef("document"), kind=Kind.DOCUMENT, pk__lt=OuterRef("pk"))
    return changes.select_related(*_RELATED).annotate(is_renewal=Exists(before))


def of_changes(changes: Iterable[Change]) -> list[News]:
    """Of changes read by ``with_everything``, in their order.

    Of several about the same appointment, document or stage only the last: it says how things stand.
    """
    last: dict[object, Change] = {}
    for change in changes:
        subject = _subject(change)
        last.pop(subject, None)
        last[subject] = change
    return [of(change) for change in last.values()]


def latest(case: Case, limit: int, stages: Iterable[Stage] = ()) -> list[News]:
    """The case's last changes, newest first; ``stages`` are those that were read already, with their people."""
    newest = list(with_everything(case.changes).order_by("-at", "-pk")[:limit])
    known = {stage.pk: stage for stage in stages}
    for change in newest:
        change.stage = known.get(change.stage_id, change.stage)
    return of_changes(reversed(newest))[::-1]


def weightiest(news: Iterable[News]) -> News:
    return min(news, key=lambda one: WEIGHT.index(Kind(one.kind)))


def of(change: Change) -> News:
    title, details = _WORDS[Kind(change.kind)](change)
    body = change.update.body if change.update else ""
    meeting = change.appointment.link if change.kind in (Kind.SCHEDULED, Kind.RESCHEDULED) else ""
    return News(change.kind, title, change.at, tuple(line for line in details if line), body, meeting)


def _subject(change: Change) -> object:
    if change.appointment_id:
        return "appointment", change.appointment_id
    if change.document_id:
        return "document", change.document_id
    if change.update_id:
        return "update", change.update_id
    return change.kind, change.stage_id


Words = tuple[str, tuple[str, ...]]


def _opened(change: Change) -> Words:
    return _("Onboarding dimulai"), (_("Di halamannya Anda melihat apa yang sudah terjadi dan apa yang berikutnya."),)


def _stage(change: Change) -> Words:
    stage = change.stage
    words = {
        Stage.Status.CURRENT: _("Tahap sekarang: %(stage)s"),
        Stage.Status.DONE: _("Tahap %(stage)s selesai"),
        Stage.Status.SKIPPED: _("Tahap %(stage)s dilewati"),
        Stage.Status.UPCOMING: _("Tahap %(stage)s menunggu giliran"),
    }
    target = ""
    if stage.status == Stage.Status.CURRENT and stage.due_on:
        target = _("Target selesai: %(day)s.") % {"day": dates.full_date(stage.due_on)}
    return words[Stage.Status(stage.status)] % {"stage": with_company(stage.name)}, (target,)


def _pic(change: Change) -> Words:
    """Who it is now; the stage's, where the change names one."""
    person = pic_of(change.stage) if change.stage else change.case.pic
    if person is None:
        return _("PIC Anda sedang kami tentukan"), ()
    title = _("PIC Anda sekarang: %(name)s") % {"name": name_of(person)}
    stage = _("Untuk tahap %(stage)s.") % {"stage": with_company(change.stage.name)} if change.stage else ""
    return title, (stage,)


def _appointment(words: Callable[[], str], *, with_place: bool = False) -> Callable[[Change], Words]:
    def tell(change: Change) -> Words:
        appointment = change.appointment
        return words() % {"title": appointment.title}, (appointment.when, appointment.place if with_place else "")

    return tell


def _held(change: Change) -> Words:
    appointment = change.appointment
    return _("%(title)s selesai") % {"title": appointment.title}, (appointment.when, appointment.outcome)


def _missed(change: Change) -> Words:
    appointment = change.appointment
    title = _("%(title)s tidak terlaksana") % {"title": appointment.title}
    return title, (appointment.when, _("PIC Anda menghubungi Anda untuk waktu yang baru."))


def _due(change: Change) -> Words:
    stage = change.stage
    if stage.due_on is None:
        return _("Tahap %(stage)s tanpa target tanggal") % {"stage": with_company(stage.name)}, ()
    words = _("Target tahap %(stage)s: %(day)s")
    return words % {"stage": with_company(stage.name), "day": dates.full_date(stage.due_on)}, ()


def _document(change: Change) -> Words:
    document = change.document
    if document.status != Document.Status.SENT:
        words = _("Versi baru: %(title)s") if change.is_renewal else _("Dokumen baru: %(title)s")
        return words % {"title": document.title}, ()
    title = _("Dokumen menunggu tanda tangan: %(title)s") % {"title": document.title}
    quotation = getattr(document, "quotation", None)
    until = _("Berlaku sampai %(day)s.") % {"day": dates.full_date(quotation.valid_until)} if quotation else ""
    return title, (until,)


def _refused(change: Change) -> Words:
    document = change.document
    return _("Perlu ditandatangani lagi: %(title)s") % {"title": document.title}, (signing.refusal_words(document),)


def _of_document(words: Callable[[], str], *, moment: str = "") -> Callable[[Change], Words]:
    def tell(change: Change) -> Words:
        at = getattr(change.document, moment) if moment else None
        return words() % {"title": change.document.title}, (dates.full_date(at) if at else "",)

    return tell


def _update(change: Change) -> Words:
    return _("Kabar dari %(name)s") % {"name": name_of(change.update.author)}, ()


def _live(change: Change) -> Words:
    live_at = change.case.live_at
    words = _("Aktif sejak %(day)s.") % {"day": dates.full_date(live_at)} if live_at else ""
    return _("Sudah live dan siap dipakai"), (words,)


def _stopped(change: Change) -> Words:
    at = change.case.stopped_at or change.at
    return _("Onboarding berhenti"), (_("Berhenti sejak %(day)s.") % {"day": dates.full_date(at)},)


def _plain(words: Callable[[], str], details: Callable[[], str] = str) -> Callable[[Change], Words]:
    return lambda change: (words(), (details(),))


_WORDS: dict[str, Callable[[Change], Words]] = {
    Kind.OPENED: _opened,
    Kind.STAGE: _stage,
    Kind.PIC: _pic,
    Kind.SCHEDULED: _appointment(lambda: _("Jadwal baru: %(title)s"), with_place=True),
    Kind.RESCHEDULED: _appointment(lambda: _("Waktu baru: %(title)s"), with_place=True),
    Kind.CANCELLED: _appointment(lambda: _("Dibatalkan: %(title)s")),
    Kind.APPOINTMENT_DONE: _held,
    Kind.MISSED: _missed,
    Kind.DUE: _due,
    Kind.DOCUMENT: _document,
    Kind.WITHDRAWN: _of_document(lambda: _("Dokumen ditarik: %(title)s")),
    Kind.SIGNED: _of_document(lambda: _("Ditandatangani: %(title)s"), moment="signed_at"),
    Kind.RECEIVED: _of_document(lambda: _("Tanda tangan diterima: %(title)s"), moment="received_at"),
    Kind.SIGNATURE_REFUSED: _refused,
    Kind.PAID: _plain(lambda: _("Tagihan lunas"), lambda: _("Pembayaran Anda sudah kami terima.")),
    Kind.UNPAID: _plain(lambda: _("Pembayaran ditarik kembali"), lambda: _("Tagihannya kembali menunggu pembayaran.")),
    Kind.REQUIREMENTS_ASKED: _plain(lambda: _("Formulir kebutuhan siap diisi")),
    Kind.REQUIREMENTS: _plain(lambda: _("Formulir kebutuhan sudah dikirim")),
    Kind.UPDATE: _update,
    Kind.LIVE: _live,
    Kind.STOPPED: _stopped,
    Kind.REOPENED: _plain(lambda: _("Onboarding dilanjutkan")),
}


def pic_of(stage: Stage) -> User | None:
    """The stage's PIC: whose assignment is open."""
    return next((one.pic for one in stage.assignments.all() if one.ended_at is None), None)


def name_of(person: User | None) -> str:
    """A person's name and never their address, which an account without a name would show."""
    return (person and person.name) or _("Tim kami")


def appointments_in(changes: Iterable[Change]) -> list[Appointment]:
    """Each appointment whose time was agreed, changed or called off, once: what calendars should learn."""
    kinds = {Kind.SCHEDULED, Kind.RESCHEDULED, Kind.CANCELLED}
    found = {one.appointment_id: one.appointment for one in changes if one.kind in kinds}
    return list(found.values())
