"""Which cases a member of staff may open: the lookup is the check."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.models import User
from onboarding import access
from onboarding.models import Case

LOOK = "onboarding.view_case"


def may_look(user: User) -> bool:
    return user.has_perm(LOOK) or user.has_perm(access.WORK)


def require_look(request: HttpRequest, *, to_work: bool = False) -> None:
    """Raises ``PermissionDenied``."""
    if not (request.user.has_perm(access.WORK) if to_work else may_look(request.user)):
        raise PermissionDenied


def require_permission(request: HttpRequest, *permissions: str) -> None:
    if not all(request.user.has_perm(name) for name in permissions):
        raise PermissionDenied


def find(request: HttpRequest, case_id: int, *, to_work: bool = False) -> Case:
    """A case of the person or the person's team. Raises ``PermissionDenied``, and ``Http404`` for others'."""
    require_look(request, to_work=to_work)
    return access.find_for_staff(request.user, case_id)


def page_of(case: Case) -> str:
    """The address of the case's page in the admin."""
    return reverse("admin:onboarding_work", args=[case.pk])


def way_back(request: HttpRequest, otherwise: str) -> str:
    """Where the form was, if that is a page of this site."""
    back = request.POST.get("back") or request.GET.get("back") or ""
    return back if url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}) else otherwise
