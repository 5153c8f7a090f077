"""The staff's reports: revenue, recurring revenue with what was won and lost, and what customers owe.

Each is a table with a chart of the same numbers, and the table as CSV. Those that read years of lines are kept for some
minutes, and say from when they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import spreadsheets
from billing.admin import charts
from billing.downloads import as_file
from billing.reports import months, receivables, recurring, revenue
from catalog.cycles import Cycle
from catalog.money import total_of

PERMISSION = "billing.see_reports"
KEPT_SECONDS = 600
MONTHS_SHOWN = 12


class PeriodForm(forms.Form):
    """Which months, and whether to compute them anew."""

    until = forms.CharField(
        label=_("Sampai bulan"),
        required=False,
        widget=forms.DateInput(attrs={"type": "month", "placeholder": "2026-12", "class": "vTextField"}),
    )
    months = forms.TypedChoiceField(
        label=_("Banyaknya bulan"),
        choices=[(number, str(number)) for number in (6, 12, 24, 36)],
        coerce=int,
    )
    anew = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, str]) -> None:
        """What is not asked for is the last year until now."""
        super().__init__({"until": f"{timezone.localdate():%Y-%m}", "months": MONTHS_SHOWN, **asked})

    def clean_until(self) -> date:
        try:
            return date.fromisoformat(f"{self.cleaned_data['until'].strip()}-01")
        except ValueError as error:
            raise forms.ValidationError(_("Isi bulan seperti 2026-12.")) from error

    @property
    def wanted(self) -> Sequence[date]:
        """After ``is_valid``."""
        return months.ending_with(self.cleaned_data["until"], self.cleaned_data["months"])


@dataclass(frozen=True)
class Kept:
    rows: Any
    at: datetime


def _kept(name: str, form: PeriodForm, compute: Callable[[Sequence[date]], Any]) -> Kept:
    """What was computed a few minutes ago, unless the form asks for it anew."""
    key = f"report:{name}:{form.cleaned_data['until']}:{form.cleaned_data['months']}"
    found = None if form.cleaned_data["anew"] else cache.get(key)
    if found is None:
        found = Kept(compute(form.wanted), timezone.now())
        cache.set(key, found, KEPT_SECONDS)
    return found


def month_words(month: date) -> str:
    """``Nov 26``, for under a bar."""
    return f"{date_format(month, 'M')} {month:%y}"


def urls(site: admin.AdminSite) -> list:
    view = site.admin_view
    return [
        path("reports/", view(overview), name="reports"),
        path("reports/revenue/", view(of_revenue), name="report_revenue"),
        path("reports/recurring/", view(of_recurring), name="report_recurring"),
        path("reports/receivables/", view(of_receivables), name="report_receivables"),
    ]


def _require(request: HttpRequest) -> None:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied


def _page(request: HttpRequest, template: str, title: str, *, status: int = 200, **context) -> HttpResponse:
    shown = {**admin.site.each_context(request), "title": title, "query": request.GET.urlencode(), **context}
    return TemplateResponse(request, f"admin/billing/reports/{template}.html", shown, status=status)


def _as_csv(name: str, rows: Sequence[Sequence[spreadsheets.Cell]]) -> HttpResponse:
    return as_file(spreadsheets.as_csv(rows), f"{name}.csv", spreadsheets.CONTENT_TYPE)


def _asks_for_csv(request: HttpRequest) -> bool:
    return request.GET.get("as") == "csv"


def overview(request: HttpRequest) -> HttpResponse:
    """The newest numbers of each report, and the way to it."""
    _require(request)
    form = PeriodForm({})
    form.is_valid()
    earned, running = _kept("revenue", form, revenue.recognised), _kept("recurring", form, recurring.by_month)
    owed = receivables.by_age(timezone.localdate())
    context = {
        "earned": earned.rows[-1],
        "running": running.rows[-1],
        "before": running.rows[-2],
        "owed": total_of(one.amount for one in owed),
        "overdue": total_of(one.amount for one in owed if one.age in receivables.OVERDUE),
        "overdue_invoices": sum(one.invoices for one in owed if one.age in receivables.OVERDUE),
        "at": earned.at,
    }
    return _page(request, "overview", gettext("Laporan"), **context)


def of_revenue(request: HttpRequest) -> HttpResponse:
    _require(request)
    title, form = gettext("Pendapatan per bulan"), PeriodForm(request.GET.dict())
    if not form.is_valid():
        return _page(request, "revenue", title, form=form, status=422)
    kept = _kept("revenue", form, revenue.recognised)
    rows: Sequence[revenue.MonthRevenue] = kept.rows
    if _asks_for_csv(request):
        heading = [_("Bulan"), _("Dari tagihan lunas"), _("Dari tagihan terbuka"), _("Nota kredit"), _("Pendapatan")]
        return _as_csv(
            f"revenue-{form.cleaned_data['until']:%Y-%m}",
            [
                list(map(str, heading)),
                *[[f"{one.month:%Y-%m}", one.paid, one.unpaid, -one.credited, one.total] for one in rows],
            ],
        )
    chart = charts.stacked(
        title,
        [month_words(one.month) for one in rows],
        [
            charts.Series(gettext("Lunas"), "main", [one.paid for one in rows]),
            charts.Series(gettext("Belum dibayar"), "second", [one.unpaid for one in rows]),
            charts.Series(gettext("Nota kredit"), "bad", [-one.credited for one in rows]),
        ],
    )
    totals = revenue.MonthRevenue(
        rows[0].month,
        *(total_of(getattr(one, name) for one in rows) for name in ("paid", "unpaid", "credited")),
    )
    return _page(request, "revenue", title, form=form, rows=rows, totals=totals, chart=chart, at=kept.at)


def of_recurring(request: HttpRequest) -> HttpResponse:
    _require(request)
    title, form = gettext("Pendapatan berulang"), PeriodForm(request.GET.dict())
    if not form.is_valid():
        return _page(request, "recurring", title, form=form, status=422)
    kept = _kept("recurring", form, recurring.by_month)
    rows: Sequence[recurring.MonthRecurring] = kept.rows
    if _asks_for_csv(request):
        return _as_csv(f"recurring-{form.cleaned_data['until']:%Y-%m}", _recurring_table(rows))
    labels = [month_words(one.month) for one in rows]
    cycles: Sequence[recurring.CycleSize] = _kept("cycles", form, lambda _wanted: recurring.by_cycle()).rows
    context = {
        "chart": charts.stacked(
            gettext("MRR pada akhir bulan"), labels, [charts.Series("MRR", "main", [one.closing.mrr for one in rows])]
        ),
        "moves": charts.stacked(
            gettext("MRR yang bertambah dan hilang"),
            labels,
            [
                charts.Series(gettext("Bertambah"), "good", [one.won.mrr for one in rows]),
                charts.Series(gettext("Hilang"), "bad", [-one.lost.mrr for one in rows]),
            ],
        ),
        "cycles": [(Cycle(one.cycle).label, one) for one in cycles],
    }
    return _page(request, "recurring", title, form=form, rows=rows, at=kept.at, **context)


def _recurring_table(rows: Sequence[recurring.MonthRecurring]) -> list[list[spreadsheets.Cell]]:
    heading = [
        _("Bulan"), _("Layanan awal"), _("Bertambah"), _("Hilang"), _("Layanan akhir"), _("Hilang, persen"),
        _("MRR awal"), _("MRR bertambah"), _("MRR hilang"), _("MRR akhir"), _("MRR hilang, persen"),
    ]  # fmt: skip
    return [
        list(map(str, heading)),
        *[
            [
                f"{one.month:%Y-%m}",
                one.opening.services,
                one.won.services,
                one.lost.services,
                one.closing.services,
                one.lost_services_percent,
                one.opening.mrr,
                one.won.mrr,
                one.lost.mrr,
                one.closing.mrr,
                one.lost_mrr_percent,
            ]
            for one in rows
        ],
    ]


def of_receivables(request: HttpRequest) -> HttpResponse:
    """Always of now: open invoices are found by an index."""
    _require(request)
    title, today = gettext("Piutang menurut umur"), timezone.localdate()
    if _asks_for_csv(request):
        return _as_csv(f"receivables-{today}", _receivables_table(today))
    rows = receivables.by_age(today)
    chart = charts.stacked(
        title,
        [str(one.age.words) for one in rows],
        [charts.Series(gettext("Sisa tagihan"), "main", [one.amount for one in rows])],
    )
    invoices, amount = sum(one.invoices for one in rows), total_of(one.amount for one in rows)
    return _page(request, "receivables", title, rows=rows, chart=chart, invoices=invoices, amount=amount, today=today)


def _receivables_table(today: date) -> list[list[spreadsheets.Cell]]:
    """Every open invoice, the oldest first."""
    heading = [
        _("Nomor tagihan"), _("Pelanggan"), _("Terbit"), _("Jatuh tempo"), _("Hari lewat tempo"), _("Total"), _("Sisa"),
    ]  # fmt: skip
    invoices = receivables.open_invoices().select_related("customer").order_by("due_on", "pk")
    return [
        list(map(str, heading)),
        *[
            [
                one.number,
                one.customer.name,
                one.issued_on,
                one.due_on,
                max((today - one.due_on).days, 0),
                one.total,
                one.balance,
            ]
            for one in invoices.iterator(chunk_size=2_000)
        ],
    ]
