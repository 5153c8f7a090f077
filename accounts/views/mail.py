"""Emails that the shop sent, for people to read again."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts import mailbox
from accounts.middleware import active_membership

PAGE_SIZE = 20


@require_safe
def emails(request: HttpRequest) -> HttpResponse:
    found = mailbox.readable_by(request.user, active_membership(request))
    page = Paginator(found.defer("text_body", "html_body", "arguments", "last_error"), PAGE_SIZE)
    return render(request, "accounts/emails.html", {"page_obj": page.get_page(request.GET.get("page"))})


@require_safe
def email(request: HttpRequest, pk: int) -> HttpResponse:
    """One email as text: its HTML is made for mail programs and would not be let through the page's policy."""
    found = get_object_or_404(mailbox.readable_by(request.user, active_membership(request)), pk=pk)
    return render(request, "accounts/email.html", {"email": found})
