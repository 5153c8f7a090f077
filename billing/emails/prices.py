"""The emails of announced prices: what a renewal costs from which day on, and that it stays as it is after all."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import dates, outbox
from accounts.roles import Ability
from billing.emails.about import link, sample
from billing.models import PriceChange
from catalog.money import format_money


@outbox.email(
    "billing/price_announced",
    sample=sample(PriceChange.objects.all, change_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def price_announced(*, change_id: int, reveal: bool) -> outbox.Content:
    change = _change(change_id)
    facts = [
        (pgettext("satu layanan", "Layanan"), str(change.service)),
        (_("Harga sekarang"), format_money(change.old_net, change.currency)),
        (_("Harga baru"), format_money(change.new_net, change.currency)),
        (_("Berlaku untuk periode mulai"), dates.full_date(change.effective_from)),
    ]
    if change.service.taxable:
        facts.append((_("Pajak"), _("Belum termasuk PPN.")))
    if change.note:
        facts.append((_("Alasan"), change.note))
    return _content(change, facts)


@outbox.email(
    "billing/price_withdrawn",
    sample=sample(lambda: PriceChange.objects.filter(cancelled_at__isnull=False), change_id="pk"),
    ability=Ability.SEE_SERVICES,
)
def price_withdrawn(*, change_id: int, reveal: bool) -> outbox.Content:
    change = _change(change_id)
    facts = [
        (pgettext("satu layanan", "Layanan"), str(change.service)),
        (_("Harga tetap"), format_money(change.service.recurring_net, change.currency)),
    ]
    return _content(change, facts)


def _change(change_id: int) -> PriceChange:
    return PriceChange.objects.select_related("service__customer").get(pk=change_id)


def _content(change: PriceChange, facts: list[tuple[str, str]]) -> outbox.Content:
    service = change.service
    context = {"change": change, "service": service, "customer": service.customer, "facts": facts}
    return outbox.Content({**context, "link": link(service.get_absolute_url())})
