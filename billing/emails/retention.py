"""The email to who stays: what each renewal costs less, and for how long."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts import outbox
from accounts.roles import Ability
from billing.emails.about import link, sample
from billing.models import Retention
from catalog.money import format_money


@outbox.email(
    "billing/retention_accepted",
    sample=sample(Retention.objects.all, retention_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def retention_accepted(*, retention_id: int, reveal: bool) -> outbox.Content:
    service = Retention.objects.select_related("service__customer").get(pk=retention_id).service
    facts = [
        (pgettext("satu layanan", "Layanan"), str(service)),
        (_("Potongan per perpanjangan"), format_money(service.recurring_discount, service.currency)),
        (_("Berlaku untuk"), _how_long(service.discounted_renewals_left)),
    ]
    context = {"service": service, "customer": service.customer, "facts": facts}
    return outbox.Content({**context, "link": link(service.get_absolute_url())})


def _how_long(renewals: int | None) -> str:
    if renewals is None:
        return _("semua perpanjangan")
    return ngettext("%(count)d perpanjangan", "%(count)d perpanjangan", renewals) % {"count": renewals}
