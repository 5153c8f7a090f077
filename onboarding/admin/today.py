"""What waits for the person today: appointments, overdue turns, documents to look at, and cases that nobody looks after."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from onboarding import access, agenda
from onboarding.admin.lookup import page_of, require_look
from onboarding.admin.wording import moment_of, turn_words
from onboarding.models import Appointment, Case

MOST_SHOWN = 20


@dataclass(frozen=True)
class Row:
    """``appointment`` is one that can be marked at once."""

    case: Case
    title: str
    detail: str
    url: str
    side: str = ""
    tone: str = ""
    appointment: Appointment | None = None


@dataclass(frozen=True)
class Part:
    """``more`` tells how many are not shown."""

    key: str
    icon: str
    title: str
    calm: str
    tone: str
    rows: Sequence[Row]
    more: bool = False


class TodayPages(ModelAdmin):
    """Adds the list of today's work to the admin of cases."""

    def get_urls(self) -> list:
        return [path("today/", self.admin_site.admin_view(self.today), name="onboarding_today"), *super().get_urls()]

    def today(self, request: HttpRequest) -> HttpResponse:
        require_look(request)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Onboarding hari ini"),
            "opts": self.model._meta,
            "parts": parts(request.user),
            "may_work": request.user.has_perm(access.WORK),
        }
        return TemplateResponse(request, "admin/onboarding/today.html", context)


def parts(user: User) -> list[Part]:
    return [make(user) for make in _PARTS]


def _appointments(user: User) -> Part:
    now = timezone.now()
    rows = [
        Row(
            case=one.case,
            title=one.title,
            detail=f"{one.case.customer.name} · {one.case.name}",
            url=reverse("admin:onboarding_meeting", args=[one.case_id, one.pk]),
            side=moment_of(one),
            tone="warning" if one.ends_at < now else "info",
            appointment=one,
        )
        for one in agenda.appointments_today(user).select_related("case__customer")[: MOST_SHOWN + 1]
    ]
    return _part(
        "appointments", "calendar", _("Jadwal hari ini"), _("Tidak ada jadwal sampai malam ini."), "info", rows
    )


def _overdue(user: User) -> Part:
    rows = [
        _of_case(case, turn_words(case) or _("Tahap melewati targetnya."), case.turn_due_on or case.stage_due_on)
        for case in agenda.overdue(user).select_related("customer")[: MOST_SHOWN + 1]
    ]
    return _part("overdue", "clock", _("Melewati tenggat"), _("Tidak ada yang terlambat."), "danger", rows)


def _unassigned(user: User) -> Part:
    rows = [
        _of_case(case, _("Belum ada PIC."), case.stage_due_on)
        for case in agenda.unassigned(user).select_related("customer")[: MOST_SHOWN + 1]
    ]
    return _part(
        "unassigned", "user-plus", _("Belum ada PIC"), _("Semua onboarding tim Anda punya PIC."), "warning", rows
    )


def _to_receive(user: User) -> Part:
    rows = [
        Row(
            case=one.case,
            title=one.title,
            detail=f"{one.case.customer.name} · {one.case.name}",
            url=f"{page_of(one.case)}#document-{one.pk}",
            side=one.signed_at,
            tone="info",
        )
        for one in agenda.to_receive(user).select_related("case__customer")[: MOST_SHOWN + 1]
    ]
    return _part(
        "receive",
        "file-text",
        _("Tanda tangan untuk diperiksa"),
        _("Semua tanda tangan sudah diperiksa."),
        "info",
        rows,
    )


def _paid_but_stopped(user: User) -> Part:
    rows = [
        _of_case(case, _("Dibayar sesudah berhenti: buka lagi, atau kembalikan uangnya."), None)
        for case in agenda.paid_but_stopped(user).select_related("customer")[: MOST_SHOWN + 1]
    ]
    return _part(
        "paid-stopped",
        "alert-triangle",
        _("Dibayar, padahal sudah berhenti"),
        _("Tidak ada pembayaran untuk onboarding yang berhenti."),
        "danger",
        rows,
    )


def _of_case(case: Case, detail: str, day) -> Row:
    return Row(case, f"{case.customer.name} · {case.name}", detail, page_of(case), side=day or "")


def _part(key: str, icon: str, title: str, calm: str, tone: str, rows: list[Row]) -> Part:
    return Part(key, icon, title, calm, tone, rows[:MOST_SHOWN], more=len(rows) > MOST_SHOWN)


_PARTS: Sequence[Callable[[User], Part]] = (_appointments, _overdue, _to_receive, _unassigned, _paid_but_stopped)
