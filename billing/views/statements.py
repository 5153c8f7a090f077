"""The statement of account: on a page, as PDF for the books, as CSV for a spreadsheet."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.roles import Ability
from billing import pdf, statements
from billing.downloads import as_file
from billing.list_forms import PeriodForm
from billing.views.lookups import acting_for

AS_PDF, AS_CSV = "pdf", "csv"


@require_safe
def statement(request: HttpRequest, form_of: str = "") -> HttpResponse:
    customer = acting_for(request, Ability.SEE_INVOICES)
    form = PeriodForm(request.GET)
    if customer is None or not form.is_valid():
        status = 200 if customer is None else 422
        return render(request, "billing/statement.html", {"form": form, "customer": customer}, status=status)
    found = statements.of(customer, form.cleaned_data["first"], form.cleaned_data["last"])
    if form_of == AS_CSV:
        return as_file(statements.as_csv(found), f"{statements.name_of(found)}.csv", "text/csv; charset=utf-8")
    if form_of == AS_PDF:
        return as_file(pdf.of_statement(found), f"{statements.name_of(found)}.pdf", "application/pdf")
    return render(request, "billing/statement.html", {"form": form, "customer": customer, "statement": found})
