"""A customer's tickets."""

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.roles import Ability
from billing.views.lookups import abilities_at
from tickets.forms.lists import TicketFilterForm
from tickets.models import Ticket

PER_PAGE = 20


@require_safe
def tickets(request: HttpRequest) -> HttpResponse:
    """Those of the customer that the person acts for, and the person's own without a customer; unread first."""
    of_customer = Q(customer=request.customer.pk) if request.customer else Q()
    mine = Ticket.objects.visible_to(request.user).filter(of_customer | Q(customer=None))
    form = TicketFilterForm(request.GET)
    found = form.apply(mine.unmerged().with_unread(request.user)).select_related("department", "service", "invoice")
    page = Paginator(found.order_by("-unread", "-last_message_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "filter": form,
        "filtered": any(form.cleaned_data.values()),
        "page_obj": page,
        "may_open": may_open(request),
    }
    return render(request, "tickets/tickets.html", context)


def may_open(request: HttpRequest) -> bool:
    """Whoever has no customer yet may ask too."""
    return not request.customer or Ability.OPEN_TICKETS in abilities_at(request, request.customer.pk)
