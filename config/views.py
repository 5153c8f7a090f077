"""Pages made of several apps, health, language, and the pages that say what went wrong."""

import logging
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST, require_safe

from accounts import languages
from accounts.middleware import memberships_of
from accounts.roles import Ability
from billing import todo as money_todo
from billing.models import Service
from billing.views.lookups import abilities_at, acting_for
from config import logs
from onboarding import todo as onboarding_todo
from tickets import todo as ticket_todo
from tickets.models import Announcement

logger = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = 5
TODO_SHOWN = 5
ONBOARDINGS_SHOWN = onboarding_todo.MOST - 1
TICKETS_SHOWN = ticket_todo.MOST - 1
SERVICES_SHOWN = 8
ANNOUNCEMENTS_SHOWN = 3


@require_safe
def client_home(request: HttpRequest) -> HttpResponse:
    """What needs doing first, then the services."""
    customer = acting_for(request, Ability.SEE_SERVICES)
    announcements = Announcement.objects.current(has_customer=customer is not None)[:ANNOUNCEMENTS_SHOWN]
    tickets = ticket_todo.todo_list(request.user, customer)
    known = {
        "customer": customer,
        "announcements": announcements,
        "acts_for_several": len(memberships_of(request)) > 1,
        "tickets": tickets[:TICKETS_SHOWN],
        "more_tickets": len(tickets) > TICKETS_SHOWN,
    }
    if customer is None:
        return render(request, "config/client_home.html", known)
    allowed = abilities_at(request, customer.pk)
    sees_invoices = Ability.SEE_INVOICES in allowed
    todo = money_todo.todo_list(customer, can_pay=Ability.PAY in allowed) if sees_invoices else []
    journeys = onboarding_todo.running(request.user, customer)
    context = {
        **known,
        "onboarding_tasks": onboarding_todo.tasks(journeys)[:ONBOARDINGS_SHOWN],
        "journeys": journeys[:ONBOARDINGS_SHOWN],
        "more_journeys": len(journeys) > ONBOARDINGS_SHOWN,
        "todo": todo[:TODO_SHOWN],
        "more_invoices": len(todo) > TODO_SHOWN,
        "sees_invoices": sees_invoices,
        "services": Service.objects.filter(customer=customer, parent=None)[:SERVICES_SHOWN],
    }
    return render(request, "config/client_home.html", context)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """Cheap enough for a load balancer to ask every second: this process answers and its database does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return JsonResponse({"status": "ok"})


@login_not_required
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Remember the language in a cookie, and for signed-in people in their account, and go back to the same page."""
    language = request.POST.get("language", "")
    next_page = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(
        next_page, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        next_page = "/"
    response = redirect(next_page)
    if check_for_language(language) and language in dict(settings.LANGUAGES):
        languages.remember(response, language)
        if request.user.is_authenticated and request.user.language != language:
            request.user.language = language
            request.user.save(update_fields=["language"])
    return response


def _problem(request: HttpRequest, name: str, status: int) -> HttpResponse:
    return render(request, f"errors/{name}.html", status=status)


@login_not_required
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if not hasattr(request, "user"):
        # Turned away before anybody was recognised: asked for under a name that is not the shop's.
        request.user, request.session = AnonymousUser(), SessionStore()
    return _problem(request, "400", 400)


@login_not_required
def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, "403", 403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    logger.warning("A form came without its token: %s", reason)
    return _problem(request, "csrf", 403)


@login_not_required
def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _problem(request, "404", 404)


def _lost_the_database(error: BaseException | None) -> bool:
    """Whether it is, or came of, a lost connection or lock: what fails next, such as the rollback, may hide it."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False


@login_not_required
def server_error(request: HttpRequest) -> HttpResponse:
    """A lost database or lock is a passing fault: say so, and when to try again."""
    if _lost_the_database(sys.exc_info()[1]):
        response = HttpResponse(status=503, content_type="text/html; charset=utf-8")
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    else:
        response = HttpResponse(status=500, content_type="text/html; charset=utf-8")
    # Static on purpose: a template that needs the database would fail as the page did.
    from django.template.loader import get_template

    response.write(get_template(f"errors/{response.status_code}.html").render({"request_id": logs.request_id.get()}))
    return response
