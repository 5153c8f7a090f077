"""What a case's customer is shown: its stages with their facts, its people, appointments, documents and news.

Read only, in few queries; never what staff notes for itself (``InternalNote``, reasons in events).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property

from django.db.models import Prefetch, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import dates
from accounts.models import Shop, User
from billing.models import Invoice
from catalog.money import format_money
from onboarding import turns
from onboarding.models import Appointment, Case, Document, PicAssignment, Stage, StageKey

DOCUMENTS_SHOWN = 6


def with_company(text: str) -> str:
    """A stage's text for its readers: ``{company}`` is the shop's name (M4)."""
    return text.replace("{company}", Shop.current().name)


@dataclass(frozen=True)
class Step:
    """A stage as its customer sees it. ``number`` counts the stages that were not skipped."""

    stage: Stage
    number: int
    appointments: Sequence[Appointment] = ()
    documents: Sequence[Document] = ()
    assignments: Sequence[PicAssignment] = ()
    invoice: Invoice | None = None
    submitted_at: datetime | None = None
    sees_invoices: bool = False
    stopped: bool = False

    @property
    def kind(self) -> str:
        """How the list of steps draws it."""
        return {Stage.Status.DONE: "done", Stage.Status.CURRENT: "now"}.get(self.stage.status, "next")

    @property
    def is_current(self) -> bool:
        return self.stage.status == Stage.Status.CURRENT

    @property
    def is_skipped(self) -> bool:
        return self.stage.status == Stage.Status.SKIPPED

    @property
    def is_where_it_stopped(self) -> bool:
        return self.is_current and self.stopped

    @property
    def assignment(self) -> PicAssignment | None:
        return next((one for one in self.assignments if one.ended_at is None), None)

    @property
    def person(self) -> User | None:
        """Who looks after it; of a stage that is over, who did last."""
        last = self.assignment or (self.assignments[-1] if self.kind == "done" and self.assignments else None)
        return last and last.pic

    @property
    def past_assignments(self) -> list[PicAssignment]:
        return [one for one in self.assignments if one.ended_at]

    @property
    def held(self) -> list[Appointment]:
        """Its appointments but for those that were called off."""
        return [one for one in self.appointments if one.status != Appointment.Status.CANCELLED]

    @property
    def when(self) -> str:
        """The date that says most of it: reached, expected by, or planned to begin."""
        if self.stage.done_at:
            return dates.full_date(self.stage.done_at)
        if self.is_skipped:
            return ""
        if self.is_where_it_stopped:
            return ""
        if self.is_current:
            if not self.stage.due_on:
                return _("Sejak %(date)s") % {"date": dates.long_date(self.stage.entered_at)}
            due = f"{dates.long_date(self.stage.due_on)} ({dates.relative_days(self.stage.due_on)})"
            return _("Target %(date)s") % {"date": due}
        if self.held:
            with timezone.override(self.held[0].zone):
                return _("Mulai %(date)s") % {"date": dates.long_date(self.held[0].starts_at)}
        return _("Perkiraan %(date)s") % {"date": dates.long_date(self.stage.due_on)} if self.stage.due_on else ""

    @property
    def facts(self) -> list[str]:
        return [*self._of_appointments(), *self._of_documents(), *self._of_requirement(), *self._of_invoice()]

    def _of_appointments(self) -> Iterable[str]:
        sessions = [one for one in self.held if one.kind == Appointment.Kind.TRAINING]
        if sessions:
            yield sessions_words(sum(one.status == Appointment.Status.DONE for one in sessions), len(sessions))
        for one in self.held:
            if one.kind != Appointment.Kind.TRAINING:
                missed = one.status == Appointment.Status.MISSED
                words = one.when if one.title == self.stage.name else f"{one.title}: {one.when}"
                yield f"{words} ({one.get_status_display().lower()})" if missed else words

    def _of_documents(self) -> Iterable[str]:
        waiting = [one for one in self.documents if one.needs_signature and one.status != Document.Status.WITHDRAWN]
        for one in waiting:
            if words := signing_words(one):
                yield words if len(waiting) == 1 else f"{one.title}: {words}"

    def _of_requirement(self) -> Iterable[str]:
        if self.submitted_at:
            yield _("Formulir kebutuhan dikirim %(date)s.") % {"date": dates.long_date(self.submitted_at)}

    def _of_invoice(self) -> Iterable[str]:
        if self.invoice is None or not self.sees_invoices:
            return
        known = {
            "number": self.invoice.number,
            "amount": format_money(self.invoice.total, self.invoice.currency),
            "date": dates.long_date(self.invoice.due_on),
        }
        if self.invoice.status == Invoice.Status.PAID:
            yield _("%(number)s sebesar %(amount)s lunas.") % known
        elif self.invoice.status == Invoice.Status.UNPAID:
            yield _("%(number)s sebesar %(amount)s, jatuh tempo %(date)s.") % known


def sessions_words(done: int, count: int) -> str:
    if not done:
        return ngettext("{count} sesi terjadwal.", "{count} sesi terjadwal.", count).format(count=count)
    return ngettext(
        "{done} dari {count} sesi pelatihan selesai.", "{done} dari {count} sesi pelatihan selesai.", count
    ).format(done=done, count=count)


def signing_words(document: Document) -> str:
    """The three dates (ON2): ``Dikirim 6 November 2026, ditandatangani 9 November 2026, diterima …``."""
    parts = [
        (_("dikirim %(date)s"), document.sent_at),
        (_("ditandatangani %(date)s"), document.signed_at),
        (_("diterima %(date)s"), document.received_at),
    ]
    words = ", ".join(text % {"date": dates.long_date(at)} for text, at in parts if at)
    return f"{words[0].upper()}{words[1:]}." if words else ""


@dataclass(frozen=True)
class Turn:
    """What is waited for, as the page says it first (ON7)."""

    title: str
    icon: str
    url: str
    label: str
    due_on: date | None
    estimate: str


@dataclass
class Journey:
    """How far a case came: one query, or none where its stages were prefetched."""

    case: Case

    @cached_property
    def steps(self) -> list[Step]:
        steps, number = [], 0
        for stage in self._stages():
            number += stage.status != Stage.Status.SKIPPED
            steps.append(self._step(stage, number))
        return steps

    def _stages(self) -> Iterable[Stage]:
        return self.case.stages.all()

    def _step(self, stage: Stage, number: int) -> Step:
        return Step(stage, number)

    @cached_property
    def current(self) -> Step | None:
        return next((step for step in self.steps if step.is_current), None)

    @property
    def reached(self) -> list[Step]:
        """How far it came."""
        return [step for step in self.steps if step.stage.entered_at or step.stage.done_at]

    @property
    def counted(self) -> list[Step]:
        """The stages that the customer goes through."""
        return [step for step in self.steps if not step.is_skipped]

    @property
    def done_count(self) -> int:
        return sum(step.kind == "done" for step in self.steps)

    @property
    def percent(self) -> int:
        return round(100 * self.done_count / len(self.counted)) if self.counted else 0

    @property
    def live_expected_on(self) -> date | None:
        """The day on which the product is expected to go live, while that is ahead."""
        ahead = (step.stage for step in self.steps if step.stage.key == StageKey.GO_LIVE and step.kind != "done")
        return next((stage.due_on for stage in ahead), None)


@dataclass
class Tracker(Journey):
    """A case with everything of its page, each part read once, when it is asked for."""

    sees_invoices: bool = False
    now: datetime = field(default_factory=timezone.now)

    @cached_property
    def appointments(self) -> list[Appointment]:
        return list(self.case.appointments.all())

    @cached_property
    def documents(self) -> list[Document]:
        """All but those that were taken back, the newest first."""
        return list(self.case.documents.exclude(status=Document.Status.WITHDRAWN))

    @cached_property
    def invoice(self) -> Invoice | None:
        """That of the order which the case is about, whether the person may see it or not."""
        if self.case.service is None:
            return None
        found = Invoice.objects.issued().filter(order=self.case.service.order_id)
        return found.with_awaiting_verification().first()

    def _stages(self) -> Iterable[Stage]:
        """Kept on the case with their people, for whatever else the page asks of it."""
        people = Prefetch("assignments", PicAssignment.objects.select_related("pic__contact"))
        prefetch_related_objects([self.case], Prefetch("stages", Stage.objects.prefetch_related(people)))
        return self.case.stages.all()

    def _step(self, stage: Stage, number: int) -> Step:
        appointments = [one for one in self.appointments if one.stage_id == stage.pk]
        stage.is_planned = any(one.status == Appointment.Status.SCHEDULED for one in appointments)
        requirement = getattr(self.case, "requirement", None)
        asks = stage.key == StageKey.REQUIREMENT_GATHERING and requirement is not None
        return Step(
            stage=stage,
            number=number,
            appointments=appointments,
            documents=[one for one in self.documents if one.stage_id == stage.pk],
            assignments=list(stage.assignments.all()),
            invoice=self.invoice if stage.key == StageKey.INVOICE_PAYMENT else None,
            submitted_at=requirement.submitted_at if asks else None,
            sees_invoices=self.sees_invoices,
            stopped=self.case.status == Case.Status.STOPPED,
        )

    @property
    def sessions(self) -> list[Appointment]:
        return [one for one in self._held if one.kind == Appointment.Kind.TRAINING]

    @property
    def sessions_done(self) -> int:
        return sum(one.status == Appointment.Status.DONE for one in self.sessions)

    @property
    def meetings(self) -> list[Appointment]:
        """Calls and meetings that are still to come."""
        kinds = {Appointment.Kind.CALL, Appointment.Kind.MEETING}
        scheduled = [one for one in self._held if one.status == Appointment.Status.SCHEDULED]
        return [one for one in scheduled if one.kind in kinds and one.ends_at > self.now]

    @property
    def reviews(self) -> list[Appointment]:
        return [one for one in self._held if one.kind in Appointment.REVIEWS]

    @property
    def _held(self) -> list[Appointment]:
        return [one for one in self.appointments if one.status != Appointment.Status.CANCELLED]

    @property
    def next_appointment(self) -> Appointment | None:
        """The next that is held, of whichever kind."""
        ahead = (one for one in self._held if one.status == Appointment.Status.SCHEDULED and one.ends_at > self.now)
        return next(ahead, None)

    @property
    def documents_shown(self) -> list[Document]:
        return self.documents[:DOCUMENTS_SHOWN]

    @cached_property
    def turn(self) -> Turn:
        """What the case's row says is waited for; an invoice is opened only by who may see it."""
        action = turns.action_of(self.case)
        icon, label = {
            turns.SIGN: ("edit", _("Buka dokumen")),
            turns.PAY: ("receipt", _("Buka tagihan")),
            turns.REQUIREMENTS: ("file-text", _("Isi formulir")),
        }.get(action.key, ("clock", ""))
        hidden = action.key == turns.PAY and not self.sees_invoices
        url = "" if hidden else action.url
        return Turn(action.title, icon, url, label, action.due_on, action.estimate)
