"""Who may see and do what with a case: members by their role in the product (ON3), staff by permission and team."""

from django.db.models import Exists, OuterRef
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import User
from billing.models import PaymentConfirmation
from onboarding.models import Case
from onboarding.refusals import NotAllowed

WORK = "onboarding.work_on_case"
MOVE_BACK = "onboarding.move_back_case"
STOP = "onboarding.stop_case"
OPEN = "onboarding.add_case"
_SHOWN = ("customer", "product", "service", "pic__contact", "requirement")
_SHOWN_TO_STAFF = ("team", "quotation", "service__order__invoice")


class WrongRole(Exception):
    """The case is the person's company's, and their role in its product does not see it (M1b): ``case``."""

    def __init__(self, case: Case) -> None:
        self.case = case
        super().__init__(case.number)


def find(user: User, number: str) -> Case:
    """A case for its customer's page: others' are not found, one's own in the wrong role gets the page that says so.

    Raises ``Http404`` and ``WrongRole``. Views use ``onboarding.views.lookups.of_case``, which answers both.
    """
    case = get_object_or_404(Case.objects.of_members(user).select_related(*_SHOWN), number=number.upper())
    if not may_see(user, case):
        raise WrongRole(case)
    return case


def may_see(user: User, case: Case) -> bool:
    return Case.objects.visible_to(user).filter(pk=case.pk).exists()


def may_sign(user: User, case: Case) -> bool:
    """Whether the person's role in the case's product signs, as a member of its customer."""
    return user.is_active and Case.objects.signable_by(user).filter(pk=case.pk).exists()


def require_sign(user: User, case: Case) -> None:
    """Raises ``NotAllowed``."""
    if not may_sign(user, case):
        raise NotAllowed(_("Peran Anda di produk ini tidak boleh menandatangani dokumen."))


def find_for_staff(user: User, pk: int) -> Case:
    """A case that the member of staff works on, or of their team, or any with ``see_all_cases``. Raises ``Http404``.

    In the same query: quotation, order and invoice, and whether a payment of it ``awaits_verification``.
    """
    if not (user.is_active and user.is_staff):
        raise Http404
    submitted = PaymentConfirmation.objects.waiting().filter(invoice__order=OuterRef("service__order"))
    cases = Case.objects.for_staff(user).select_related(*_SHOWN, *_SHOWN_TO_STAFF)
    return get_object_or_404(cases.annotate(awaits_verification=Exists(submitted)), pk=pk)


def may_work(user: User, case: Case) -> bool:
    """As staff: with the permission, on a case of their own or of their team."""
    return (
        user.is_active
        and user.is_staff
        and user.has_perm(WORK)
        and Case.objects.for_staff(user).filter(pk=case.pk).exists()
    )


def require_work(user: User, case: Case) -> None:
    """Raises ``NotAllowed`` unless the member of staff may change the case."""
    if not may_work(user, case):
        raise NotAllowed(_("Anda tidak mengerjakan onboarding ini."))


def require_move_back(user: User, case: Case) -> None:
    """Raises ``NotAllowed``."""
    require_work(user, case)
    if not user.has_perm(MOVE_BACK):
        raise NotAllowed(_("Anda tidak boleh mengembalikan tahap. Minta administrator."))


def require_stop(user: User, case: Case) -> None:
    """Raises ``NotAllowed``."""
    require_work(user, case)
    if not user.has_perm(STOP):
        raise NotAllowed(_("Anda tidak boleh menghentikan atau membuka lagi onboarding. Minta administrator."))


def require_open(user: User) -> None:
    """Raises ``NotAllowed``."""
    if not (user.is_active and user.is_staff and user.has_perm(OPEN)):
        raise NotAllowed(_("Anda tidak boleh membuka onboarding."))
