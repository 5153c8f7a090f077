"""The inbox: saved views with their counts, what is due first on top, kept up to date while it is open."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.contrib.admin import ModelAdmin
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.functional import Promise as LazyText
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.promises import Promise
from tickets import promises
from tickets.admin.lookup import require_look
from tickets.models import Department, Ticket

PAGE_SIZE = 50
_OPEN = ~Q(status=Ticket.Status.CLOSED)
_DUE_FIRST = (F("answer_due_at").asc(nulls_last=True), "-priority", "-last_message_at", "-pk")
_CALM = _("Tidak ada tiket di sini.")


@dataclass(frozen=True)
class View:
    """A saved view: which of the person's tickets it holds. Those that are not ``counted`` hold everything."""

    label: LazyText
    holds: Callable[[User, datetime], Q]
    calm: LazyText = _CALM
    tone: str = "info"
    counted: bool = True
    order: tuple = _DUE_FIRST


VIEWS: Mapping[str, View] = {
    "waiting": View(
        _("Menunggu jawaban"), lambda user, now: Q(answer_due_at__isnull=False), _("Semua pelanggan sudah dijawab.")
    ),
    "breaching": View(
        _("Melewati janji"), lambda user, now: Q(answer_due_at__lt=now), _("Tidak ada janji yang terlewat."), "danger"
    ),
    "mine": View(_("Milik saya"), lambda user, now: _OPEN & Q(assignee=user)),
    "unassigned": View(_("Belum ditugaskan"), lambda user, now: _OPEN & Q(assignee=None), tone="warning"),
    "open": View(_("Semua yang terbuka"), lambda user, now: _OPEN),
    "all": View(_("Semua"), lambda user, now: Q(), counted=False, order=("-last_message_at", "-pk")),
}
FIRST_VIEW = "waiting"


class InboxForm(forms.Form):
    """What the address asks for; what it asks for in vain is left out."""

    view = forms.ChoiceField(choices=[(key, view.label) for key, view in VIEWS.items()], required=False)
    department = forms.SlugField(required=False)
    q = forms.CharField(max_length=100, required=False)
    p = forms.IntegerField(min_value=1, max_value=100_000, required=False)
    seen = forms.CharField(max_length=64, required=False)

    def asked(self, departments: list[Department]) -> "Asked":
        self.is_valid()
        given = self.cleaned_data
        chosen = next((one for one in departments if one.slug == given.get("department")), None)
        return Asked(
            view=given.get("view") or FIRST_VIEW,
            department=chosen,
            words=given.get("q", ""),
            page=given.get("p") or 1,
            seen=given.get("seen", ""),
        )


@dataclass(frozen=True)
class Asked:
    view: str
    department: Department | None
    words: str
    page: int
    seen: str

    def address(self, **changes: str) -> str:
        """The inbox's address with something asked differently; another view or department begins on its first page."""
        query = {"view": self.view, "department": self.department.slug if self.department else "", "q": self.words}
        return reverse("admin:tickets_inbox", query={key: value for key, value in (query | changes).items() if value})


@dataclass(frozen=True)
class Tab:
    label: str | LazyText
    address: str
    current: bool
    count: int | None = None
    tone: str = "info"


@dataclass(frozen=True)
class Row:
    ticket: Ticket
    promise: Promise | None


class InboxPages(ModelAdmin):
    """Adds the inbox to the admin of tickets."""

    def get_urls(self) -> list:
        return [path("inbox/", self.admin_site.admin_view(self.inbox), name="tickets_inbox"), *super().get_urls()]

    def inbox(self, request: HttpRequest) -> HttpResponse:
        """The page; or its list alone where the page asks for it, and nothing (204) if it shows that already."""
        require_look(request)
        departments = list(Department.objects.for_staff(request.user))
        asked = InboxForm(request.GET).asked(departments)
        listing = _listing(request.user, asked, departments)
        part = render_to_string("admin/tickets/_inbox.html", listing, request)
        digest = hashlib.sha256(part.encode()).hexdigest()[:16]
        if request.htmx and asked.seen == digest:
            response = HttpResponse(status=204)
        else:
            response = self._answer(request, asked, {**listing, "part": part, "digest": digest})
        patch_vary_headers(response, ["HX-Request"])
        return response

    def _answer(self, request: HttpRequest, asked: Asked, context: dict) -> HttpResponse:
        context["live"] = asked.address(p=str(asked.page), seen=context["digest"])
        if request.htmx:
            return TemplateResponse(request, "admin/tickets/_inbox_live.html", context)
        context |= {**self.admin_site.each_context(request), "title": gettext("Tiket"), "opts": self.model._meta}
        return TemplateResponse(request, "admin/tickets/inbox.html", context)


def _listing(user: User, asked: Asked, departments: list[Department]) -> dict:
    now = timezone.now()
    counts = _counts(user, now)
    page = _page(user, asked, counts, now)
    return {
        "asked": asked,
        "view": VIEWS[asked.view],
        "tabs": _tabs(asked, counts),
        "departments": _departments(asked, counts, departments) if len(departments) > 1 else [],
        "page": page,
        "rows": [Row(one, promises.of_ticket(one, now)) for one in page],
        "previous": asked.address(p=str(page.number - 1)) if page.has_previous() else "",
        "following": asked.address(p=str(page.number + 1)) if page.has_next() else "",
    }


def _counts(user: User, now: datetime) -> dict[int, dict[str, int]]:
    """By department, how much each counted view holds, in one query over what is open."""
    wanted = {key: Count("pk", filter=view.holds(user, now)) for key, view in VIEWS.items() if view.counted}
    rows = Ticket.objects.for_staff(user).filter(_OPEN).order_by().values("department").annotate(**wanted)
    return {row.pop("department"): row for row in rows}


def _count(counts: dict[int, dict[str, int]], view: str, department: Department | None) -> int:
    if department is not None:
        return counts.get(department.pk, {}).get(view, 0)
    return sum(row[view] for row in counts.values())


def _tabs(asked: Asked, counts: dict[int, dict[str, int]]) -> list[Tab]:
    return [
        Tab(
            label=view.label,
            address=asked.address(view=key),
            current=key == asked.view,
            count=_count(counts, key, asked.department) if view.counted else None,
            tone=view.tone,
        )
        for key, view in VIEWS.items()
    ]


def _departments(asked: Asked, counts: dict[int, dict[str, int]], departments: list[Department]) -> list[Tab]:
    counted = asked.view if VIEWS[asked.view].counted else "open"
    everywhere = Tab(_("Semua departemen"), asked.address(department=""), asked.department is None)
    return [
        everywhere,
        *(
            Tab(one.name, asked.address(department=one.slug), one == asked.department, _count(counts, counted, one))
            for one in departments
        ),
    ]


def _page(user: User, asked: Asked, counts: dict[int, dict[str, int]], now: datetime) -> Page:
    view = VIEWS[asked.view]
    tickets = Ticket.objects.for_staff(user).unmerged().filter(view.holds(user, now))
    if asked.department:
        tickets = tickets.filter(department=asked.department)
    if asked.words:
        tickets = tickets.filter(_found(asked.words))
    tickets = tickets.select_related("department", "customer", "opened_by", "assignee")
    paginator = Paginator(tickets.order_by(*view.order), PAGE_SIZE)
    if view.counted and not asked.words:
        # Counted for the tab already.
        paginator.count = _count(counts, asked.view, asked.department)
    return paginator.get_page(asked.page)


def _found(words: str) -> Q:
    """By number, subject, and who asks."""
    return (
        Q(number__icontains=words)
        | Q(subject__icontains=words)
        | Q(customer__name__icontains=words)
        | Q(opened_by__name__icontains=words)
        | Q(opened_by__email__icontains=words)
    )
