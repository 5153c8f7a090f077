"""What is due, what a customer has with the shop, and the texts they agreed to."""

from django.contrib.auth.decorators import login_not_required
from django.db.models import F, Sum, Window
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.roles import Ability
from billing import ahead, payments
from billing.models import CreditEntry, Payment, Refund, TermsVersion
from billing.views.lookups import abilities_at, acting_for, are_several, open_invoices
from catalog import markdown
from catalog.money import ZERO

SHOWN = 10


@require_safe
def billing_overview(request: HttpRequest) -> HttpResponse:
    customer = acting_for(request, Ability.SEE_INVOICES)
    due_in_all = Window(Sum(F("total") - F("amount_credited") - F("amount_paid")))
    rows = list(open_invoices(customer).annotate(due_in_all=due_in_all)[: SHOWN + 1])
    coming = ahead.expected(customer, timezone.localdate()) if customer else []
    context = {
        "coming": coming,
        "coming_total": ahead.total(coming),
        "coming_days": ahead.DAYS,
        "unpaid": rows[:SHOWN],
        "several": are_several(request, rows[:SHOWN]),
        "more": len(rows) > SHOWN,
        "due_now": rows[0].due_in_all if rows else ZERO,
        "credit": payments.credit_balance(customer) if customer else ZERO,
        "payments": Payment.objects.filter(customer=customer).select_related("method", "reversal")[:SHOWN],
        "credit_entries": CreditEntry.objects.filter(customer=customer).order_by("-pk")[:SHOWN],
        "refunds": Refund.objects.filter(customer=customer)[:SHOWN],
        "may_add": customer is not None and Ability.PAY in abilities_at(request, customer.pk),
        "can_confirm": customer is not None and Ability.CONFIRM in abilities_at(request, customer.pk),
    }
    return render(request, "billing/overview.html", context)


@login_not_required
@require_safe
def terms(request: HttpRequest, slug: str, version: str = "") -> HttpResponse:
    """The text in force, or an older version of it: what a customer agreed to can always be read again."""
    published = TermsVersion.objects.filter(slug=slug, published_at__lte=timezone.now()).order_by(
        "-published_at", "-pk"
    )
    found = get_object_or_404(published, version=version) if version else published.first()
    if found is None:
        raise Http404
    context = {
        "terms": found,
        "body": markdown.render(found.body),
        "versions": published.only("slug", "version", "published_at"),
        "is_current": not version or published.first() == found,
    }
    return render(request, "billing/terms.html", context)
