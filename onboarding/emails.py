"""The emails of onboarding; the words stand in ``templates/email/onboarding/`` and ``onboarding.news``.

They are built when they are sent: what comes next, and whose turn it is, is as of then.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import BigIntegerField, CharField, Exists, OuterRef, Q
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import dates, outbox
from accounts.models import OutboxEmail, User
from onboarding import calendars, news, notices, ratings, turns
from onboarding.models import Appointment, Case, Change, DigestEntry, Document
from onboarding.tracker import with_company


def _sees_case(user: User) -> Q:
    """Emails are read again by those who see the tracker still (ON3)."""
    case_id = Cast(KeyTextTransform("case_id", OuterRef("arguments")), BigIntegerField())
    return Q(Exists(Case.objects.visible_to(user).filter(pk=case_id)))


def _sees_every_case(user: User) -> Q:
    key = Cast(KeyTextTransform("digest", OuterRef("arguments")), CharField())
    hidden = DigestEntry.objects.filter(sent_with=key).exclude(change__case__in=Case.objects.visible_to(user))
    return Q(~Exists(hidden))


def _email(template: str, readable):
    """Registered for its addressee only; the last one is the sample."""

    def sample() -> outbox.Arguments | None:
        last = OutboxEmail.objects.filter(template=template).order_by("-pk").first()
        return last and last.arguments

    return outbox.email(template, sample=sample, ability=None, addressee=True, readable=readable)


@_email("onboarding/changed", _sees_case)
def changed(*, case_id: int, user_id: int, change_id: int, reveal: bool) -> outbox.Content:
    """A change, and those that came with it."""
    case, person = _case(case_id), User.objects.get(pk=user_id)
    changes = list(news.with_everything(notices.told_in_one(change_id)))
    lines = news.of_changes(changes)
    first = news.weightiest(lines)
    appointments = news.appointments_in(changes)
    attachments = (*_calendars(appointments, person), *_quotations(changes, reveal))
    subjects = ratings.open_subjects(case)
    context = {
        "case": case,
        "headline": first.title,
        "preheader": _preheader(lines),
        "more": len(lines) - 1,
        "news": lines,
        "alone": len(lines) == 1,
        "turn": _turn(case),
        "facts": _facts(case),
        "calendar_names": [one.name for one in attachments if one.content_type == calendars.CONTENT_TYPE],
        "rates": bool(subjects),
        "rate_link": subjects and outbox.absolute(reverse("onboarding:rate", args=[case.number, subjects[0]])),
        "link": outbox.absolute(case.get_absolute_url()),
    }
    return outbox.Content(context, attachments, headers=_thread(case))


@_email("onboarding/reminder", _sees_case)
def reminder(*, case_id: int, user_id: int, appointment_id: int, reveal: bool) -> outbox.Content:
    """Of tomorrow's appointment; one that was called off before its email left says so."""
    case = _case(case_id)
    appointment = Appointment.objects.select_related("case", "stage").get(pk=appointment_id)
    is_on = appointment.status == Appointment.Status.SCHEDULED
    words = _("Pengingat: %(title)s %(day)s") if is_on else _("%(title)s: %(status)s")
    values = {"title": appointment.title, "day": appointment.days_until, "status": appointment.get_status_display()}
    pic = news.pic_of(appointment.stage) or case.pic
    facts = [(_("Onboarding"), case.name), (_("Waktu"), appointment.when)]
    if where := appointment.place or appointment.link:
        facts.append((_("Tempat") if appointment.place else _("Tautan rapat"), where))
    if pic:
        facts.append((_("PIC"), news.name_of(pic)))
    context = {
        "case": case,
        "appointment": appointment,
        "headline": words % values,
        "is_on": is_on,
        "materials": _materials(appointment),
        "facts": facts,
        "link": outbox.absolute(reverse("onboarding:schedule", args=[case.number])),
    }
    return outbox.Content(context, headers=_thread(case))


@_email("onboarding/digest", _sees_every_case)
def digest(*, user_id: int, digest: str, day: str, reveal: bool) -> outbox.Content:
    """What changed since the last one, case by case, as far as the person still sees it."""
    person = User.objects.get(pk=user_id)
    told = Change.objects.filter(digest_entries__sent_with=digest, digest_entries__user=person)
    readable = told.filter(case__in=Case.objects.visible_to(person)).order_by("pk")
    changes = list(news.with_everything(readable))
    by_case: dict[int, list[Change]] = {}
    for change in changes:
        by_case.setdefault(change.case_id, []).append(change)
    parts = [
        {
            "case": (case := _case(case_id)),
            "news": news.of_changes(of_case),
            "turn": _turn(case),
            "link": outbox.absolute(case.get_absolute_url()),
        }
        for case_id, of_case in by_case.items()
    ]
    attachments = _calendars(news.appointments_in(changes), person)
    context = {
        "day": date.fromisoformat(day),
        "parts": parts,
        "preheader": _preheader([one for part in parts for one in part["news"]]),
        "calendar_names": [one.name for one in attachments],
    }
    return outbox.Content(context, attachments)


def _case(case_id: int) -> Case:
    return Case.objects.select_related("customer", "product", "service", "pic").get(pk=case_id)


def _preheader(lines: Iterable[news.News]) -> str:
    return ". ".join(line.rstrip(".") for one in lines for line in (one.title, *one.details, one.body) if line)[:150]


@dataclass(frozen=True)
class _Turn:
    words: str
    details: str = ""
    link: str = ""


def _turn(case: Case) -> _Turn | None:
    """Whose turn it is now (ON7)."""
    if case.turn == Case.Turn.NOBODY:
        return None
    action = turns.action_of(case)
    if case.turn == Case.Turn.US:
        return _Turn(_("Giliran kami: %(action)s") % {"action": action.title}) if action.title else None
    due = _("Tenggat %(day)s.") % {"day": dates.full_date(action.due_on)} if action.due_on else ""
    words = _("Giliran Anda: %(action)s") % {"action": action.title}
    details = " ".join(part for part in (due, action.estimate) if part)
    return _Turn(words, details, outbox.absolute(action.url) if action.url else "")


def _facts(case: Case) -> list[tuple[str, str]]:
    facts = [(_("Onboarding"), case.name), (_("Nomor"), case.number)]
    stage = case.stages.filter(key=case.stage_key).first()
    if stage and case.status != Case.Status.STOPPED:
        facts.append((_("Tahap"), with_company(stage.name)))
    if case.pic and case.status != Case.Status.STOPPED:
        facts.append((_("PIC"), news.name_of(case.pic)))
    scheduled = case.appointments.filter(status=Appointment.Status.SCHEDULED, ends_at__gt=timezone.now())
    coming = scheduled.order_by("starts_at").first()
    if coming:
        facts.append((coming.title, coming.when))
    return facts


def _calendars(appointments: Iterable[Appointment], person: User) -> tuple[outbox.Attachment, ...]:
    return tuple(
        outbox.Attachment(
            calendars.file_name(one),
            calendars.of_appointment(one, calendars.method_of(one), person),
            calendars.CONTENT_TYPE,
        )
        for one in appointments
    )


def _quotations(changes: Iterable[Change], reveal: bool) -> tuple[outbox.Attachment, ...]:
    """The newest version of each quotation that waits to be signed; the copy that is kept needs no second one."""
    if not reveal:
        return ()
    documents = {one.document_id: one.document for one in changes if one.kind == Change.Kind.DOCUMENT}
    return tuple(
        _file_of(document)
        for document in documents.values()
        if document.kind == Document.Kind.QUOTATION and document.status == Document.Status.SENT
    )


def _file_of(document: Document) -> outbox.Attachment:
    version = document.versions.order_by("-number").first()
    with default_storage.open(version.file.name) as file:
        return outbox.Attachment(version.name, file.read(), version.content_type)


def _materials(appointment: Appointment) -> list[str]:
    shown = appointment.materials.exclude(status=Document.Status.WITHDRAWN)
    return list(shown.values_list("title", flat=True))


def _thread(case: Case) -> dict[str, str]:
    """All emails of a case are one thread."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    root = f"<{case.number.lower()}@{domain}>"
    return {"References": root, "In-Reply-To": root}
