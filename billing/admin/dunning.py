"""Who is late with paying, on one page: by customer, with what happens next, and as CSV."""

from collections.abc import Sequence

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts import spreadsheets
from billing import dunning
from billing.admin.reports import PERMISSION
from billing.downloads import as_file
from billing.reports.receivables import OVERDUE, Age
from catalog.money import total_of

PAGE_SIZE = 25
EXPORTED_AT_ONCE = 500


class AgeForm(forms.Form):
    age = forms.TypedChoiceField(
        label=_("Umur"),
        required=False,
        choices=[("", _("Semua")), *[(age.key, age.words) for age in OVERDUE]],
        coerce={age.key: age for age in OVERDUE}.__getitem__,
        empty_value=None,
    )


def urls(site: admin.AdminSite) -> list:
    return [path("dunning/", site.admin_view(overview), name="dunning")]


def overview(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    form, today = AgeForm(request.GET), timezone.localdate()
    age: Age | None = form.cleaned_data["age"] if form.is_valid() else None
    in_debt = dunning.customers_in_debt(today, age)
    if request.GET.get("as") == "csv":
        name = f"dunning-{today}.csv"
        return as_file(spreadsheets.as_csv(_table(in_debt, today, age)), name, spreadsheets.CONTENT_TYPE)
    totals = list(in_debt)
    page = Paginator(totals, PAGE_SIZE).get_page(request.GET.get("p"))
    context = {
        **admin.site.each_context(request),
        "title": gettext("Penagihan yang terlambat"),
        "form": form,
        "ages": [("", _("Semua")), *[(one.key, one.words) for one in OVERDUE]],
        "chosen": age.key if age else "",
        "page": page,
        "debtors": dunning.debtors([one["customer"] for one in page], today, age),
        "customers": len(totals),
        "amount": total_of(one["owed"] for one in totals),
    }
    return TemplateResponse(request, "admin/billing/dunning.html", context)


def _table(in_debt, today, age: Age | None) -> list[Sequence[spreadsheets.Cell]]:
    """One row for each invoice."""
    heading = [
        _("Pelanggan"), _("Email tagihan"), _("Telepon"), _("Nomor tagihan"), _("Jatuh tempo"), _("Hari lewat tempo"),
        _("Sisa"), _("Pengingat terakhir"), _("Menunggu verifikasi"), _("Langkah berikutnya"), _("Tanggal langkah"),
    ]  # fmt: skip
    rows: list[Sequence[spreadsheets.Cell]] = [list(map(str, heading))]
    ids = [one["customer"] for one in in_debt]
    for start in range(0, len(ids), EXPORTED_AT_ONCE):
        for debtor in dunning.debtors(ids[start : start + EXPORTED_AT_ONCE], today, age):
            rows += [_row(debtor, one) for one in debtor.invoices]
    return rows


def _row(debtor: dunning.Debtor, late: dunning.LateInvoice) -> list[spreadsheets.Cell]:
    customer, invoice = debtor.customer, late.invoice
    following = late.steps[0] if late.steps else None
    return [
        customer.name,
        customer.billing_email,
        customer.phone,
        invoice.number,
        invoice.due_on,
        late.days,
        invoice.balance,
        late.last_reminder,
        gettext("ya") if late.waits else gettext("tidak"),
        str(following.words) if following else None,
        following.on if following else None,
    ]
