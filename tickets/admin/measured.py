"""How fast each department really is, against what it promises (K7)."""

from dataclasses import dataclass

from django.contrib.admin import ModelAdmin
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext

from accounts.promises import MOST_MEASURED
from tickets import promises
from tickets.admin.lookup import require_look
from tickets.models import Department, Ticket


@dataclass(frozen=True)
class Row:
    department: Department
    measured: promises.Measured
    waiting: int
    late: int
    rated: int
    good: int

    @property
    def answer_tone(self) -> str:
        return _tone(self.measured.first_answer, self.department.first_answer_minutes)

    @property
    def resolution_tone(self) -> str:
        return _tone(self.measured.resolution, self.department.resolution_minutes)

    @property
    def good_percent(self) -> int:
        return round(100 * self.good / self.rated)


def _tone(usual: int | None, promised: int) -> str:
    if usual is None:
        return ""
    return "success" if usual <= promised else "danger"


class MeasuredPages(ModelAdmin):
    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [path("measured/", view(self.measured), name="tickets_measured"), *super().get_urls()]

    def measured(self, request: HttpRequest) -> HttpResponse:
        require_look(request)
        departments = list(Department.objects.for_staff(request.user))
        measured = promises.measured_by_department(departments)
        counts = _counts(departments)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Waktu jawab per departemen"),
            "opts": self.model._meta,
            "rows": [Row(one, measured[one.pk], **counts.get(one.pk, _NOTHING)) for one in departments],
            "most": MOST_MEASURED,
        }
        return TemplateResponse(request, "admin/tickets/measured.html", context)


_NOTHING = {"waiting": 0, "late": 0, "rated": 0, "good": 0}


def _counts(departments: list[Department]) -> dict[int, dict[str, int]]:
    waiting = Q(answer_due_at__isnull=False)
    rows = (
        Ticket.objects.filter(department__in=departments)
        .filter(waiting | Q(rating__isnull=False))
        .order_by()
        .values("department")
        .annotate(
            waiting=Count("pk", filter=waiting),
            late=Count("pk", filter=Q(answer_due_at__lt=timezone.now())),
            rated=Count("pk", filter=Q(rating__isnull=False)),
            good=Count("pk", filter=Q(rating=Ticket.Rating.GOOD)),
        )
    )
    return {row.pop("department"): row for row in rows}
