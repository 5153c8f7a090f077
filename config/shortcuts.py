"""The staff's short cuts at the head of every page, each with how much waits behind it."""

from dataclasses import dataclass

from django.db.models import Func, IntegerField, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import JobRun, User
from billing.models import PaymentConfirmation, Service
from onboarding import agenda
from tickets.models import Ticket


@dataclass(frozen=True)
class Link:
    label: str
    url: str
    count: int = 0
    tone: str = "info"


def links(user: User) -> list[Link]:
    """The header's short cuts, each with how much waits there; one query for all of them."""
    found = [Link(_("Hari ini"), reverse("admin:index"))]
    counts = _counts(user)
    if "verify" in counts:
        found.append(Link(_("Verifikasi"), reverse("admin:billing_desk"), counts["verify"]))
    if "tickets" in counts:
        found.append(Link(_("Tiket"), reverse("admin:tickets_inbox"), counts["tickets"]))
    if "activate" in counts:
        found.append(Link(_("Aktivasi"), reverse("admin:billing_activations"), counts["activate"]))
    if "onboarding" in counts:
        found.append(Link(_("Onboarding"), reverse("admin:onboarding_board"), counts["onboarding"], "warning"))
    if user.has_perm("accounts.view_outboxemail"):
        found.append(Link(_("Email"), reverse("admin:accounts_outboxemail_changelist")))
    if "wrong" in counts:
        found.append(Link(_("Sistem"), reverse("admin:health"), counts["wrong"], "danger"))
    return found


def _counts(user: User) -> dict[str, int]:
    """How much waits at each door that is open to the person."""
    wanted: dict[str, QuerySet] = {}
    if user.has_perm("billing.verify_payment"):
        wanted["verify"] = PaymentConfirmation.objects.waiting()
    if user.has_perm("tickets.view_ticket") or user.has_perm("tickets.answer_ticket"):
        wanted["tickets"] = Ticket.objects.for_staff(user).waiting()
    if user.has_perm("billing.change_service"):
        wanted["activate"] = Service.objects.filter(activation_due_since__isnull=False)
    if user.has_perm("onboarding.view_case") or user.has_perm("onboarding.work_on_case"):
        wanted["onboarding"] = agenda.overdue(user)
    if user.has_perm("accounts.view_shop"):
        wanted["wrong"] = JobRun.objects.filter(succeeded=False)
    if not wanted:
        return {}
    return User.objects.filter(pk=user.pk).values(**{name: _how_many(rows) for name, rows in wanted.items()}).get()


def _how_many(rows: QuerySet) -> Subquery:
    """``COUNT`` as a plain function: an aggregate would group the rows, and count none of them as nothing."""
    counted = rows.order_by().annotate(how_many=Func("pk", function="COUNT", output_field=IntegerField()))
    return Subquery(counted.values("how_many"))
